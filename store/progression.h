/*
 * A generation of a sequence is an immutable rule from an ordinal (0, 1, 2, ...)
 * to a value. Redis counts ordinals and knows nothing of bounds, directions,
 * strides or cycles: those are the pure functions below.
 *
 *   not cycling: base + ordinal * increment, for ordinals below the limit;
 *   cycling:     the first lap runs from base to the bound, every later lap
 *                from MINVALUE (ascending) or MAXVALUE (descending).
 *
 * `base` is the value that CREATE, setval, RESTART or ALTER set, inside
 * [min_value, max_value]. The counter of a generation begins at 1 when is_called
 * (base counts as handed out) and at 0 when not.
 */
#ifndef STORE_PROGRESSION_H
#define STORE_PROGRESSION_H

#include "store/definition.h"

#include <stdbool.h>
#include <stdint.h>

struct progression {
    int64_t base, increment, min_value, max_value;
    bool cycle;
};

/* Consecutive values with one stride and no wrap inside. */
struct span {
    int64_t first, last;
    int64_t count; /* 1.. */
};

/* How many ordinals the generation has: ordinals 0 .. limit - 1 are valid.
 * INT64_MAX when cycling, and where there are more (only a bigint over the whole
 * range has; 2^63 - 1 values later nobody is there to notice). */
int64_t progression_limit(const struct progression *rule);

/* The value of a valid ordinal (0 <= ordinal < limit, asserted). */
int64_t progression_value(const struct progression *rule, int64_t ordinal);

/* How many ordinals from `ordinal` on (itself included, 1..) lie in its lap, or
 * before the limit when not cycling. Saturates at INT64_MAX - ordinal. */
int64_t progression_lap_left(const struct progression *rule, int64_t ordinal);

/* How many ordinals a lap behind the first has; saturates at INT64_MAX. For cycling
 * rules: no lap is longer, as every other begins further from the bound. */
int64_t progression_lap_length(const struct progression *rule);

/* The first span of the `count` ordinals from `ordinal` on: all of them, or those
 * up to the end of the lap. count >= 1, all ordinals valid. */
struct span progression_span(const struct progression *rule, int64_t ordinal, int64_t count);

/* Where a sequence stands after `next` ordinals were handed out. */
struct position progression_position(const struct progression *rule, int64_t next);

/* Values not handed out yet in the direction of travel, saturated at INT64_MAX.
 * Not for cycling rules. */
int64_t progression_remaining(const struct progression *rule, int64_t next);

/* For `advance`: the number of ordinals handed out at which the rule has reached
 * or passed `value` in the direction of travel: the smallest next so that no ordinal
 * from next on has a value up to `value`. 0 when even base lies beyond `value`;
 * saturates at the limit. Not for cycling rules. */
int64_t progression_passed(const struct progression *rule, int64_t value);

#endif
