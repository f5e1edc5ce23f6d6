/* The two parts of a run: statement files, and random episodes. */
#ifndef TESTS_DIFFERENTIAL_RUN_H
#define TESTS_DIFFERENTIAL_RUN_H

#include "tests/differential/tally.h"

#include <stdbool.h>
#include <stdint.h>

struct settings {
    const char *binary; /* seqd; NULL: PostgreSQL only, nothing is compared */
    uint64_t seed;
    long statements; /* random ones */
    long episode;    /* only this one; -1: all */
    int jobs;
    bool rest;
    bool show; /* print every statement and its outcome */
};

/* In a process of its own, so that others go on when seqd dies of it: false then. */
bool run_script(const struct settings *settings, const char *path, struct tally *total);

/* All of them, by `jobs` processes; the tallies are added to `total`. False: one of them
 * could not go on. */
bool run_episodes(const struct settings *settings, struct tally *total);

#endif
