/*
 * Many keep-alive connections driven by one thread, all asking one sequence for its
 * next value: either all at the same moment (rounds) or each again as soon as it was
 * answered (a closed loop). Anything but a 200 fails the test.
 */
#ifndef TESTS_INTEGRATION_CROWD_H
#define TESTS_INTEGRATION_CROWD_H

#include "tests/integration/harness.h"
#include "tests/integration/wire.h"

#include <stddef.h>
#include <stdint.h>

struct crowd {
    int count, epoll;
    struct wire *wires;
    int *pending; /* requests under way, by connection: 0 or 1 */
    char request[256];
    int64_t *values; /* all received since crowd_forget, in order of arrival */
    size_t value_count, value_room;
};

/* Raises this process's limit of open files (its children inherit it). */
void raise_file_limit(void);

void crowd_open(struct crowd *crowd, const struct node *node, int count, const char *name);
void crowd_close(struct crowd *crowd);
void crowd_forget(struct crowd *crowd);

/* One request on every connection, and all replies within `ms`. With `stopped`, the
 * node stands still while they are written, so that all are ready at once. */
void crowd_round(struct crowd *crowd, const struct node *stopped, int ms);
/* A closed loop until `total` requests were sent, or for about `ms`, what comes first;
 * every one of them is answered when this returns. */
void crowd_loop(struct crowd *crowd, size_t total, int ms);

/* Asserts that the values are first, first + 1, ... each once, in any order. */
void crowd_assert_consecutive(struct crowd *crowd, int64_t first);

#endif
