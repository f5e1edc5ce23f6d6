/*
 * What many clients were given, and whether that can be right: the checker behind
 * the concurrent tests.
 *
 * A grant is one handed-out run of values (nextval: of one), a rule what a
 * generation of a sequence allows. Checked: every grant's generation is known; its
 * values lie inside the bounds and on the grid; no value of a generation was handed
 * out twice; on one connection the values of a generation move strictly onwards.
 * Cycling rules are checked for bounds and grid only.
 */
#ifndef TESTS_INTEGRATION_HISTORY_H
#define TESTS_INTEGRATION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct generation {
    int sequence;
    char id[48];
};

struct grant {
    struct generation of;
    int connection;
    int64_t first, last, count;
};

struct rule {
    struct generation of;
    int64_t anchor; /* any value on the grid */
    int64_t increment, min_value, max_value;
    bool cycle;
};

/* All zero at first. Of one connection, grants are added in the order received. */
struct history {
    struct grant *grants;
    size_t grant_count, grant_room;
    struct rule *rules;
    size_t rule_count, rule_room;
};

void history_add_grant(struct history *history, const struct grant *grant);
/* A generation that is known already stays as it is. */
void history_add_rule(struct history *history, const struct rule *rule);
/* Moves the grants of `from` behind those of `to`. */
void history_merge(struct history *to, struct history *from);
void history_free(struct history *history);

/* False with the first offence in `error`. Sorts the history. */
bool history_check(struct history *history, char *error, size_t error_size);

/* The sum of all counts. */
int64_t history_values(const struct history *history);

#endif
