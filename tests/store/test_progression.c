#include "store/progression.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define MIN INT64_MIN
#define MAX INT64_MAX

static void expect_values(struct progression rule, const int64_t *values, int64_t count)
{
    for (int64_t ordinal = 0; ordinal < count; ordinal++) {
        int64_t value = progression_value(&rule, ordinal);
        cr_expect_eq(value, values[ordinal], "ordinal %" PRId64 " is %" PRId64, ordinal, value);
    }
}

#define EXPECT_VALUES(rule, ...)                                                                   \
    expect_values((rule), (const int64_t[]){__VA_ARGS__},                                          \
                  (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

Test(progression, a_rule_that_does_not_cycle_has_a_limit_up_to_9223372036854775807)
{
    static const struct {
        struct progression rule;
        int64_t limit;
    } rows[] = {
        {{1, 1, 1, 3, false}, 3},          {{3, 1, 1, 3, false}, 1},
        {{1, 100000, 1, 32767, false}, 1}, /* a stride that no smallint can take */
        {{1, 3, 1, 9, false}, 3},          {{1, 3, 1, 10, false}, 4},
        {{1, 3, 1, 11, false}, 4},         {{-1, -1, -3, -1, false}, 3},
        {{-1, -2, -6, -1, false}, 3},      {{-3, -1, -3, -1, false}, 1},
        {{1, 1, 1, MAX, false}, MAX},      {{2, 1, 1, MAX, false}, 9223372036854775806},
        {{0, 1, 0, MAX, false}, MAX}, /* 2^63: one more than int64 holds */
        {{MIN, 1, MIN, MAX, false}, MAX},  {{MAX, -1, MIN, MAX, false}, MAX},
        {{MIN, 2, MIN, MAX, false}, MAX},  {{MIN, 3, MIN, MAX, false}, 6148914691236517206},
        {{-1, -1, MIN, -1, false}, MAX},   {{MAX, 1, 1, MAX, false}, 1},
        {{MIN, -1, MIN, -1, false}, 1},    {{MIN, MAX, MIN, MAX, false}, 3},
        {{MAX, MIN, MIN, MAX, false}, 2},  {{-1, MIN, MIN, MAX, false}, 1},
        {{0, MIN, MIN, MAX, false}, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t limit = progression_limit(&rows[i].rule);
        cr_expect_eq(limit, rows[i].limit, "row %zu: %" PRId64, i, limit);
    }
}

Test(progression, a_cycling_rule_has_the_limit_9223372036854775807)
{
    cr_expect_eq(progression_limit(&(struct progression){3, 1, 1, 3, true}), MAX);
    cr_expect_eq(progression_limit(&(struct progression){-1, -5, -3, -1, true}), MAX);
}

Test(progression, values_step_from_base_to_the_bound_3)
{
    EXPECT_VALUES(((struct progression){1, 1, 1, 3, false}), 1, 2, 3);
    EXPECT_VALUES(((struct progression){-1, -1, -3, -1, false}), -1, -2, -3);
    EXPECT_VALUES(((struct progression){1, 4, 1, 10, false}), 1, 5, 9);
    EXPECT_VALUES(((struct progression){4, -4, -10, 10, false}), 4, 0, -4, -8);
    EXPECT_VALUES(((struct progression){1019, 5, 1, MAX, false}), 1019, 1024);
}

Test(progression, the_widest_stride_goes_from_minus_9223372036854775808_to_9223372036854775806)
{
    EXPECT_VALUES(((struct progression){MIN, MAX, MIN, MAX, false}), MIN, -1, 9223372036854775806);
    EXPECT_VALUES(((struct progression){MAX, MIN, MIN, MAX, false}), MAX, -1);
    EXPECT_VALUES(((struct progression){0, MIN, MIN, MAX, false}), 0, MIN);
    EXPECT_VALUES(((struct progression){MAX, -MAX, MIN, MAX, false}), MAX, 0, -9223372036854775807);
}

Test(progression, far_ordinals_are_exact_beyond_9007199254740993)
{
    static const struct {
        struct progression rule;
        int64_t ordinal, value;
    } rows[] = {
        {{1, 1, 1, MAX, false}, 9007199254740992, 9007199254740993},
        {{1, 1, 1, MAX, false}, 9223372036854775806, MAX},
        {{-1, -1, MIN, -1, false}, 9223372036854775806, -9223372036854775807},
        {{MIN, 1, MIN, MAX, false}, 9223372036854775806, -2},
        {{MAX, -1, MIN, MAX, false}, 9223372036854775806, 1},
        {{MIN, 2, MIN, MAX, false}, 9223372036854775806, 9223372036854775804},
        {{MIN, 3, MIN, MAX, false}, 6148914691236517205, MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = progression_value(&rows[i].rule, rows[i].ordinal);
        cr_expect_eq(value, rows[i].value, "row %zu: %" PRId64, i, value);
    }
}

Test(progression, an_ascending_cycle_goes_on_at_minvalue_5)
{
    EXPECT_VALUES(((struct progression){7, 1, 5, 8, true}), 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5);
    EXPECT_VALUES(((struct progression){8, 1, 5, 8, true}), 8, 5, 6, 7, 8, 5);
    EXPECT_VALUES(((struct progression){5, 3, 5, 9, true}), 5, 8, 5, 8, 5);
    EXPECT_VALUES(((struct progression){6, 3, 5, 9, true}), 6, 9, 5, 8, 5, 8);
    EXPECT_VALUES(((struct progression){7, 100, 5, 9, true}), 7, 5, 5, 5);
}

Test(progression, a_descending_cycle_goes_on_at_maxvalue_2)
{
    EXPECT_VALUES(((struct progression){0, -3, -7, 2, true}), 0, -3, -6, 2, -1, -4, -7, 2, -1);
    EXPECT_VALUES(((struct progression){4, -2, -5, 4, true}), 4, 2, 0, -2, -4, 4, 2);
    EXPECT_VALUES(((struct progression){-7, -3, -7, 2, true}), -7, 2, -1, -4, -7, 2);
}

Test(progression, a_cycle_with_the_widest_strides_stays_within_9223372036854775807)
{
    EXPECT_VALUES(((struct progression){MIN, MAX, MIN, MAX, true}), MIN, -1, 9223372036854775806,
                  MIN, -1, 9223372036854775806, MIN);
    EXPECT_VALUES(((struct progression){5, MAX, MIN, MAX, true}), 5, MIN, -1);
    EXPECT_VALUES(((struct progression){MAX, MIN, MIN, MAX, true}), MAX, -1, MAX, -1);
    EXPECT_VALUES(((struct progression){-1, MIN, MIN, MAX, true}), -1, MAX, -1, MAX);
}

Test(progression, a_lap_of_18446744073709551616_ordinals_is_not_a_lap_of_0)
{
    const struct progression up = {MAX - 1, 1, MIN, MAX, true};
    EXPECT_VALUES(up, 9223372036854775806, MAX, MIN, -9223372036854775807);
    cr_expect_eq(progression_value(&up, 9223372036854775806), -4);
    const struct progression down = {MIN + 1, -1, MIN, MAX, true};
    EXPECT_VALUES(down, -9223372036854775807, MIN, MAX, 9223372036854775806);
    cr_expect_eq(progression_value(&down, 9223372036854775806), 3);
    const struct progression whole = {MIN, 1, MIN, MAX, true};
    cr_expect_eq(progression_value(&whole, 9223372036854775806), -2);
    cr_expect_eq(progression_lap_left(&whole, 0), MAX);
}

Test(progression, far_laps_are_exact_at_ordinal_9223372036854775806)
{
    cr_expect_eq(progression_value(&(struct progression){7, 1, 5, 8, true}, 9223372036854775806),
                 5);
    cr_expect_eq(progression_value(&(struct progression){1, 1, 1, 10, true}, 9223372036854775806),
                 7);
    cr_expect_eq(progression_value(&(struct progression){0, -3, -7, 2, true}, 9223372036854775806),
                 -7);
}

Test(progression, lap_left_counts_the_ordinal_itself_so_it_is_at_least_1)
{
    static const struct {
        struct progression rule;
        int64_t ordinal, left;
    } rows[] = {
        {{1, 1, 1, 5, false}, 0, 5},
        {{1, 1, 1, 5, false}, 4, 1},
        {{1, 2, 1, 6, false}, 1, 2},
        {{-1, -1, -5, -1, false}, 3, 2},
        {{1, 1, 1, MAX, false}, 0, MAX},
        {{1, 1, 1, MAX, false}, 9223372036854775806, 1},
        {{MIN, 1, MIN, MAX, false}, 7, 9223372036854775800},
        {{7, 1, 5, 8, true}, 0, 2},
        {{7, 1, 5, 8, true}, 1, 1},
        {{7, 1, 5, 8, true}, 2, 4},
        {{7, 1, 5, 8, true}, 5, 1},
        {{7, 1, 5, 8, true}, 6, 4},
        {{0, -3, -7, 2, true}, 0, 3},
        {{0, -3, -7, 2, true}, 3, 4},
        {{7, 1, 5, 8, true}, 9223372036854775806, 1}, /* the lap goes on, the ordinals end */
        {{MAX, 1, MIN, MAX, true}, 0, 1},
        {{MAX, 1, MIN, MAX, true}, 1, 9223372036854775806},
        {{MIN, 1, MIN, MAX, true}, 9223372036854775806, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t left = progression_lap_left(&rows[i].rule, rows[i].ordinal);
        cr_expect_eq(left, rows[i].left, "row %zu: %" PRId64, i, left);
    }
}

Test(progression, a_span_ends_with_the_count_or_with_the_lap_so_3_of_5_leave_2)
{
    static const struct {
        struct progression rule;
        int64_t ordinal, count;
        struct span span;
    } rows[] = {
        {{1, 1, 1, 5, true}, 0, 3, {1, 3, 3}}, /* CACHE 3, MAXVALUE 5: 1-3, 4-5, 1-3 */
        {{1, 1, 1, 5, true}, 3, 3, {4, 5, 2}},
        {{1, 1, 1, 5, true}, 5, 3, {1, 3, 3}},
        {{4, -2, -5, 4, true}, 0, 4, {4, -2, 4}},
        {{4, -2, -5, 4, true}, 4, 4, {-4, -4, 1}},
        {{4, -2, -5, 4, true}, 5, 4, {4, -2, 4}},
        {{1, 1, 1, 3, true}, 0, 100, {1, 3, 3}},
        {{1, 1, 1, 3, false}, 0, 3, {1, 3, 3}},
        {{1, 1, 1, 3, false}, 2, 1, {3, 3, 1}},
        {{1, 10, 1, 1000, false}, 2, 5, {21, 61, 5}},
        {{-1, -10, -1000, -1, false}, 2, 5, {-21, -61, 5}},
        {{1, 1, 1, MAX, false}, 0, MAX, {1, MAX, MAX}},
        {{MIN, 1, MIN, MAX, false}, 0, MAX, {MIN, -2, MAX}},
        {{MIN, MAX, MIN, MAX, false}, 0, 3, {MIN, 9223372036854775806, 3}},
        {{MAX, MIN, MIN, MAX, true}, 0, 5, {MAX, -1, 2}},
        {{MIN, 1, MIN, MAX, true}, 9223372036854775806, 1, {-2, -2, 1}},
        {{MAX, 1, MIN, MAX, true}, 0, 9, {MAX, MAX, 1}},
        {{MAX, 1, MIN, MAX, true}, 1, 9, {MIN, -9223372036854775800, 9}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span span = progression_span(&rows[i].rule, rows[i].ordinal, rows[i].count);
        cr_expect_eq(span.first, rows[i].span.first, "row %zu: first %" PRId64, i, span.first);
        cr_expect_eq(span.last, rows[i].span.last, "row %zu: last %" PRId64, i, span.last);
        cr_expect_eq(span.count, rows[i].span.count, "row %zu: count %" PRId64, i, span.count);
    }
}

static void expect_position(struct progression rule, int64_t next, int64_t last_value,
                            bool is_called)
{
    struct position position = progression_position(&rule, next);
    cr_expect_eq(position.last_value, last_value, "%" PRId64, position.last_value);
    cr_expect_eq(position.is_called, is_called);
}

Test(progression, base_is_called_from_next_1_on)
{
    const struct progression rule = {60, 1, 1, 100, false}; /* setval 60 */
    expect_position(rule, 0, 60, false);
    expect_position(rule, 1, 60, true);
    expect_position(rule, 2, 61, true);
    expect_position(rule, 41, 100, true);
    cr_expect_eq(progression_value(&rule, 1), 61); /* after setval(60) */
    cr_expect_eq(progression_value(&rule, 0), 60); /* after setval(60, false) */
}

Test(progression, a_base_on_the_bound_leaves_1_value_when_not_called_and_0_when_called)
{
    const struct progression at_max = {100, 1, 1, 100, false};
    cr_expect_eq(progression_limit(&at_max), 1);
    cr_expect_eq(progression_remaining(&at_max, 0), 1);
    cr_expect_eq(progression_remaining(&at_max, 1), 0);
    expect_position(at_max, 0, 100, false);
    expect_position(at_max, 1, 100, true);
    const struct progression at_min = {MIN, -1, MIN, -1, false};
    expect_position(at_min, 0, MIN, false);
    expect_position(at_min, 1, MIN, true);
    expect_position((struct progression){MAX, 1, 1, MAX, true}, 2, 1, true);
}

Test(progression, the_position_after_blocks_of_3_under_maxvalue_5_is_3_5_3)
{
    const struct progression rule = {1, 1, 1, 5, true};
    expect_position(rule, 3, 3, true);
    expect_position(rule, 5, 5, true);
    expect_position(rule, 8, 3, true);
}

Test(progression, the_position_after_9223372036854775807_ordinals_is_the_last_value)
{
    expect_position((struct progression){1, 1, 1, MAX, false}, MAX, MAX, true);
    expect_position((struct progression){-1, -1, MIN, -1, false}, MAX, -9223372036854775807, true);
}

Test(progression, remaining_counts_down_to_0)
{
    static const struct {
        struct progression rule;
        int64_t next, remaining;
    } rows[] = {
        {{1, 1, 1, 3, false}, 0, 3},           {{1, 1, 1, 3, false}, 2, 1},
        {{1, 1, 1, 3, false}, 3, 0},           {{1, 4, 1, 10, false}, 1, 2},
        {{-1, -2, -6, -1, false}, 1, 2},       {{-1, -2, -6, -1, false}, 3, 0},
        {{1, 1, 1, MAX, false}, 0, MAX},       {{1, 1, 1, MAX, false}, 1, 9223372036854775806},
        {{1, 1, 1, MAX, false}, MAX, 0},       {{0, 1, 0, MAX, false}, 0, MAX}, /* 2^63 */
        {{0, 1, 0, MAX, false}, 1, MAX},       {{0, 1, 0, MAX, false}, 2, 9223372036854775806},
        {{0, 1, 0, MAX, false}, MAX, 1},       {{MIN, 1, MIN, MAX, false}, 0, MAX},
        {{MIN, 1, MIN, MAX, false}, MAX, MAX}, /* 2^63 + 1 */
        {{MIN, MAX, MIN, MAX, false}, 2, 1},   {{MAX, MIN, MIN, MAX, false}, 2, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t remaining = progression_remaining(&rows[i].rule, rows[i].next);
        cr_expect_eq(remaining, rows[i].remaining, "row %zu: %" PRId64, i, remaining);
    }
}

Test(progression, passed_is_the_smallest_next_beyond_a_value_and_0_behind_base)
{
    static const struct {
        struct progression rule;
        int64_t value, passed;
    } rows[] = {
        {{10, 5, 1, 100, false}, 9, 0},
        {{10, 5, 1, 100, false}, MIN, 0},
        {{10, 5, 1, 100, false}, 10, 1},
        {{10, 5, 1, 100, false}, 14, 1},
        {{10, 5, 1, 100, false}, 15, 2},
        {{10, 5, 1, 100, false}, 99, 18},
        {{10, 5, 1, 100, false}, 100, 19},
        {{10, 5, 1, 100, false}, 101, 19},
        {{10, 5, 1, 100, false}, MAX, 19},
        {{-10, -5, -100, -1, false}, -9, 0},
        {{-10, -5, -100, -1, false}, MAX, 0},
        {{-10, -5, -100, -1, false}, -10, 1},
        {{-10, -5, -100, -1, false}, -14, 1},
        {{-10, -5, -100, -1, false}, -15, 2},
        {{-10, -5, -100, -1, false}, MIN, 19},
        {{1, 1, 1, MAX, false}, MAX, MAX},
        {{1, 1, 1, MAX, false}, 9223372036854775806, 9223372036854775806},
        {{MIN, 1, MIN, MAX, false}, MIN, 1},
        {{MIN, 1, MIN, MAX, false}, -2, MAX},
        {{MIN, 1, MIN, MAX, false}, 0, MAX},
        {{MIN, 1, MIN, MAX, false}, MAX, MAX},
        {{MAX, -1, MIN, MAX, false}, MIN, MAX},
        {{MIN, MAX, MIN, MAX, false}, -2, 1},
        {{MIN, MAX, MIN, MAX, false}, -1, 2},
        {{MIN, MAX, MIN, MAX, false}, MAX, 3},
        {{MAX, MIN, MIN, MAX, false}, 0, 1},
        {{MAX, MIN, MIN, MAX, false}, -1, 2},
        {{MAX, MIN, MIN, MAX, false}, MIN, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t passed = progression_passed(&rows[i].rule, rows[i].value);
        cr_expect_eq(passed, rows[i].passed, "row %zu: %" PRId64, i, passed);
    }
}

Test(progression, a_lap_behind_the_first_covers_the_whole_range)
{
    cr_expect_eq(progression_lap_length(&(struct progression){5, 1, 1, 10, true}), 10);
    cr_expect_eq(progression_lap_length(&(struct progression){2, 3, 1, 10, true}), 4);
    cr_expect_eq(progression_lap_length(&(struct progression){5, -4, 1, 10, true}), 3);
    cr_expect_eq(progression_lap_length(&(struct progression){1, 1, 1, INT64_MAX, true}),
                 9223372036854775807);
    cr_expect_eq(progression_lap_length(&(struct progression){0, 1, INT64_MIN, INT64_MAX, true}),
                 9223372036854775807);
}
