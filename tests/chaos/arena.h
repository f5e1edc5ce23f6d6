/* A fault's run, from the first process to the verdict. */
#ifndef TESTS_CHAOS_ARENA_H
#define TESTS_CHAOS_ARENA_H

#include "tests/chaos/faults.h"

struct tally {
    int runs, failed, skipped;
    int64_t values, repeated;
};

/* Runs one fault and prints its line, and the report if a rule failed. */
void arena_run(const struct fault *fault, const struct chaos_options *options, int number,
               struct tally *tally);

#endif
