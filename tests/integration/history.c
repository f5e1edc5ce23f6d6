/* The checker of what was handed out: see history.h. */
#include "tests/integration/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide; /* no overflow to think of */

static int compare(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

static int by_generation(const struct generation *left, const struct generation *right)
{
    const int sequences = compare(left->sequence, right->sequence);
    return sequences != 0 ? sequences : strcmp(left->id, right->id);
}

/* Makes room for one more. */
static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return items;
    }
    *room = *room == 0 ? 64 : *room * 2;
    return realloc(items, *room * size);
}

void history_add_grant(struct history *history, const struct grant *grant)
{
    history->grants =
        grown(history->grants, history->grant_count, &history->grant_room, sizeof *grant);
    history->grants[history->grant_count++] = *grant;
}

void history_add_rule(struct history *history, const struct rule *rule)
{
    for (size_t i = 0; i < history->rule_count; i++) {
        if (by_generation(&history->rules[i].of, &rule->of) == 0) {
            return;
        }
    }
    history->rules = grown(history->rules, history->rule_count, &history->rule_room, sizeof *rule);
    history->rules[history->rule_count++] = *rule;
}

void history_merge(struct history *to, struct history *from)
{
    for (size_t i = 0; i < from->grant_count; i++) {
        history_add_grant(to, &from->grants[i]);
    }
    history_free(from);
}

void history_free(struct history *history)
{
    free(history->grants);
    free(history->rules);
    *history = (struct history){0};
}

int64_t history_values(const struct history *history)
{
    int64_t values = 0;
    for (size_t i = 0; i < history->grant_count; i++) {
        values += history->grants[i].count;
    }
    return values;
}

static int64_t low(const struct grant *grant)
{
    return grant->first < grant->last ? grant->first : grant->last;
}

static int64_t high(const struct grant *grant)
{
    return grant->first < grant->last ? grant->last : grant->first;
}

static int by_value(const void *a, const void *b)
{
    const struct grant *left = a, *right = b;
    const int generations = by_generation(&left->of, &right->of);
    return generations != 0 ? generations : compare(low(left), low(right));
}

static int by_rule(const void *a, const void *b)
{
    const struct rule *left = a, *right = b;
    return by_generation(&left->of, &right->of);
}

static const struct rule *rule_of(const struct history *history, const struct grant *grant)
{
    const struct rule key = {.of = grant->of};
    return bsearch(&key, history->rules, history->rule_count, sizeof key, by_rule);
}

static bool offence(char *error, size_t size, const char *what, const struct grant *grant)
{
    snprintf(error, size,
             "%s: sequence %d, generation %s, connection %d: %" PRId64 "..%" PRId64 " (%" PRId64
             " values)",
             what, grant->of.sequence, grant->of.id, grant->connection, grant->first, grant->last,
             grant->count);
    return false;
}

/* Bounds, grid and count of one grant. */
static bool fits(const struct rule *rule, const struct grant *grant)
{
    const wide offset = (wide)grant->first - rule->anchor;
    const wide last = (wide)grant->first + (wide)(grant->count - 1) * rule->increment;
    return grant->count >= 1 && low(grant) >= rule->min_value && high(grant) <= rule->max_value &&
           last == grant->last && (rule->cycle || offset % rule->increment == 0);
}

static bool check_each(const struct history *history, char *error, size_t size)
{
    for (size_t i = 0; i < history->grant_count; i++) {
        const struct grant *grant = &history->grants[i];
        const struct rule *rule = rule_of(history, grant);
        if (rule == NULL) {
            return offence(error, size, "unknown generation", grant);
        }
        if (!fits(rule, grant)) {
            return offence(error, size, "out of bounds or off the grid", grant);
        }
    }
    return true;
}

/* Within a connection and generation in the order received: merge sort keeps it. */
static int by_connection(const void *a, const void *b)
{
    const struct grant *left = a, *right = b;
    const int connections = compare(left->connection, right->connection);
    return connections != 0 ? connections : by_generation(&left->of, &right->of);
}

static void sort_stable(struct grant *grants, size_t count)
{
    struct grant *copy = malloc((count + 1) * sizeof *copy);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            const size_t middle = start + width < count ? start + width : count;
            const size_t end = middle + width < count ? middle + width : count;
            size_t left = start, right = middle;
            for (size_t i = start; i < end; i++) {
                const bool take_left =
                    left < middle &&
                    (right >= end || by_connection(&grants[left], &grants[right]) <= 0);
                copy[i] = grants[take_left ? left++ : right++];
            }
        }
        memcpy(grants, copy, count * sizeof *copy);
    }
    free(copy);
}

static bool check_order(struct history *history, char *error, size_t size)
{
    sort_stable(history->grants, history->grant_count);
    for (size_t i = 1; i < history->grant_count; i++) {
        const struct grant *before = &history->grants[i - 1], *grant = &history->grants[i];
        const struct rule *rule = rule_of(history, grant);
        if (by_connection(before, grant) != 0 || rule->cycle) {
            continue;
        }
        if (rule->increment > 0 ? grant->first <= before->last : grant->first >= before->last) {
            return offence(error, size, "not onwards on its connection", grant);
        }
    }
    return true;
}

static bool check_unique(struct history *history, char *error, size_t size)
{
    qsort(history->grants, history->grant_count, sizeof *history->grants, by_value);
    for (size_t i = 1; i < history->grant_count; i++) {
        const struct grant *before = &history->grants[i - 1], *grant = &history->grants[i];
        if (by_generation(&before->of, &grant->of) == 0 && !rule_of(history, grant)->cycle &&
            low(grant) <= high(before)) {
            return offence(error, size, "handed out twice", grant);
        }
    }
    return true;
}

bool history_check(struct history *history, char *error, size_t error_size)
{
    qsort(history->rules, history->rule_count, sizeof *history->rules, by_rule);
    return check_each(history, error, error_size) && check_order(history, error, error_size) &&
           check_unique(history, error, error_size);
}
