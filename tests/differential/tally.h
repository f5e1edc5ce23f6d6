/* Counts of what was compared. Lives in memory that all workers share. */
#ifndef TESTS_DIFFERENTIAL_TALLY_H
#define TESTS_DIFFERENTIAL_TALLY_H

#include "tests/differential/differences.h"
#include "tests/differential/outcome.h"

enum { SQLSTATES_MAX = 64 };

struct tally {
    long statements, rows, commands;
    struct {
        char sqlstate[6];
        long count;
    } errors[SQLSTATES_MAX];
    long meant[DIFFERENCES_MAX]; /* by the difference's number */
    long unexpected;
};

/* Zeroed, and shared with processes forked later. */
struct tally *tallies_make(size_t count);
/* One statement, by what PostgreSQL made of it. */
void tally_count(struct tally *tally, const struct outcome *postgres);
void tally_add(struct tally *total, const struct tally *tally);
void tally_print(const struct tally *tally);

#endif
