/* A run's files, and what the checker says of them. */
#ifndef TESTS_CHAOS_VERDICT_H
#define TESTS_CHAOS_VERDICT_H

#include "tests/chaos/arena.h"

/* Writes the facts beside the histories in the run's directory, judges, prints and adds up. */
void verdict(const struct arena *arena, const struct run *run, struct tally *tally);

#endif
