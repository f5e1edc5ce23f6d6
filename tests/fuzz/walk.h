/*
 * What handlers/sql/ does with a text before and after it asks Redis: every statement is
 * parsed, what it means is worked out with made-up answers, and what would be sent back is
 * written.
 */
#ifndef TESTS_FUZZ_WALK_H
#define TESTS_FUZZ_WALK_H

#include "handlers/sql/run.h"

struct walk {
    const char *text, *end;
    struct parser parser;
    struct arena *arena;
    struct statement *statement;
    size_t statements; /* that were fine */
    int64_t characters;
    bool checked; /* what was written, and every failure; or (linear.c) just the work */
};

/* Up to the first statement that cannot be parsed. False: there is one. */
bool walk_text(struct walk *walk, const char *text, size_t size, bool checked);

/* One statement of each kind. */
void walk_select(struct walk *walk);
void walk_sequence(struct walk *walk);
void walk_table(struct walk *walk);
void walk_insert(struct walk *walk);

#endif
