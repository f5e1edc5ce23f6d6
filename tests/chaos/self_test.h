/* R15: whether the checker finds what was put into a good history on purpose. */
#ifndef TESTS_CHAOS_SELF_TEST_H
#define TESTS_CHAOS_SELF_TEST_H

#include <stdbool.h>
#include <stdint.h>

/* Prints a line for each case; false when one is not as it should be. */
bool self_test(void);
/* A good history of that many requests, checked; prints the time and memory it took. */
bool self_test_large(int64_t requests);

#endif
