/* A run, from the first process to the verdict: one fault, or several at once. */
#ifndef TESTS_CHAOS_ARENA_H
#define TESTS_CHAOS_ARENA_H

#include "tests/chaos/faults.h"

enum { FAULTS_AT_ONCE = 3, TALLIED_MAX = 128 };

struct run {
    const struct fault *faults[FAULTS_AT_ONCE];
    size_t count;
    const struct setup *setup;
    int number;
    uint64_t seed; /* of the clients */
};

/* Of a fault, or of all runs with several. */
struct tallied {
    char name[48];
    int number, runs, failed, skipped;
    int64_t values, repeated, waste, no_fresh_ms, recovery_ms;
};

struct tally {
    int runs, failed, skipped;
    int64_t values, repeated, redis_kills, failovers;
    struct tallied rows[TALLIED_MAX];
    size_t row_count;
};

/* Runs it and prints its line, and the report if a rule failed. */
void arena_run(const struct run *run, const struct chaos_options *options, struct tally *tally);

void tally_print(const struct tally *tally);

/* The history beside a file of facts, again; false if a rule fails. */
bool judge_again(const char *path);

#endif
