/*
 * Faults that overlap, without threads: children must be started from the main thread
 * (process.h), so each fault runs on a stack of its own and gives way while it waits.
 */
#ifndef TESTS_CHAOS_FIBERS_H
#define TESTS_CHAOS_FIBERS_H

#include <stddef.h>
#include <stdint.h>

enum { FIBERS_MAX = 4 };

struct fiber_task {
    void (*run)(void *closure);
    void *closure;
};

/* Runs all of them, and returns when the last has ended. */
void fibers_run(const struct fiber_task *tasks, size_t count);

/* Lets the others go on for so long; outside of a fiber it only waits. */
void fiber_pause_ms(int64_t ms);

#endif
