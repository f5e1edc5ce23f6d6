/*
 * How it computes: distances between int64 values are taken modulo 2^64, where
 * every one of them fits and nothing overflows. A lap over the whole of bigint has
 * 2^64 ordinals, one more than uint64 can count; so a lap is measured by the
 * index of its last ordinal, which always fits. Only the way out to int64
 * saturates.
 */
#include "store/progression.h"

#include <assert.h>

/* Where an ordinal lies: `index` steps behind the value its lap starts with. */
struct place {
    int64_t start;
    uint64_t index, last_index;
};

static bool is_ascending(const struct progression *rule)
{
    return rule->increment > 0;
}

/* |increment|: 2^63 for INT64_MIN. */
static uint64_t stride(const struct progression *rule)
{
    uint64_t increment = (uint64_t)rule->increment;
    return is_ascending(rule) ? increment : 0 - increment;
}

/* How many whole steps lead from one value towards another that does not lie
 * behind it. */
static uint64_t steps_between(const struct progression *rule, int64_t from, int64_t to)
{
    uint64_t distance =
        is_ascending(rule) ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    return distance / stride(rule);
}

/* The index of the last ordinal of a lap that starts with `start`. */
static uint64_t last_index(const struct progression *rule, int64_t start)
{
    return steps_between(rule, start, is_ascending(rule) ? rule->max_value : rule->min_value);
}

/* The sum is taken modulo 2^64: exact, since the caller stays within the bounds. */
static int64_t walk(const struct progression *rule, int64_t from, uint64_t steps)
{
    return (int64_t)((uint64_t)from + steps * (uint64_t)rule->increment);
}

/* index + 1 */
static int64_t saturated_count(uint64_t index)
{
    return index < INT64_MAX ? (int64_t)index + 1 : INT64_MAX;
}

static struct place find_place(const struct progression *rule, int64_t ordinal)
{
    assert(ordinal >= 0 && ordinal < progression_limit(rule));
    uint64_t index = (uint64_t)ordinal;
    uint64_t first_lap = last_index(rule, rule->base);
    if (index <= first_lap)
        return (struct place){rule->base, index, first_lap};

    index -= first_lap + 1; /* no wrap: first_lap < index */
    int64_t start = is_ascending(rule) ? rule->min_value : rule->max_value;
    uint64_t later_lap = last_index(rule, start);
    if (later_lap != UINT64_MAX)
        index %= later_lap + 1;
    return (struct place){start, index, later_lap};
}

int64_t progression_limit(const struct progression *rule)
{
    return rule->cycle ? INT64_MAX : saturated_count(last_index(rule, rule->base));
}

int64_t progression_value(const struct progression *rule, int64_t ordinal)
{
    struct place place = find_place(rule, ordinal);
    return walk(rule, place.start, place.index);
}

int64_t progression_lap_length(const struct progression *rule)
{
    int64_t start = is_ascending(rule) ? rule->min_value : rule->max_value;
    return saturated_count(last_index(rule, start));
}

static int64_t left_at(const struct place *place, int64_t ordinal)
{
    int64_t left = saturated_count(place->last_index - place->index);
    return left < INT64_MAX - ordinal ? left : INT64_MAX - ordinal;
}

int64_t progression_lap_left(const struct progression *rule, int64_t ordinal)
{
    struct place place = find_place(rule, ordinal);
    return left_at(&place, ordinal);
}

struct span progression_span(const struct progression *rule, int64_t ordinal, int64_t count)
{
    assert(count >= 1);
    struct place place = find_place(rule, ordinal);
    assert(count <= progression_limit(rule) - ordinal);
    int64_t left = left_at(&place, ordinal);
    struct span span = {.count = count < left ? count : left};
    span.first = walk(rule, place.start, place.index);
    span.last = walk(rule, span.first, (uint64_t)span.count - 1);
    return span;
}

struct position progression_position(const struct progression *rule, int64_t next)
{
    if (next == 0)
        return (struct position){rule->base, false};
    return (struct position){progression_value(rule, next - 1), true};
}

int64_t progression_remaining(const struct progression *rule, int64_t next)
{
    assert(!rule->cycle && next >= 0 && next <= progression_limit(rule));
    uint64_t last = last_index(rule, rule->base);
    uint64_t handed_out = (uint64_t)next;
    return handed_out > last ? 0 : saturated_count(last - handed_out);
}

int64_t progression_passed(const struct progression *rule, int64_t value)
{
    assert(!rule->cycle);
    if (is_ascending(rule) ? value < rule->base : value > rule->base)
        return 0;
    int64_t passed = saturated_count(steps_between(rule, rule->base, value));
    int64_t limit = progression_limit(rule);
    return passed < limit ? passed : limit;
}
