/* ALTER. What it shares with CREATE, the options' own checks and their order, is
 * tested in test_definition.c. */
#include "tests/store/definition_rows.h"

struct alter_row {
    struct definition before;
    struct position at;
    struct options options;
    struct definition after; /* of a success */
    struct position then;
    const char *detail; /* of a failure */
};

static void expect_altered(const struct alter_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct definition definition = rows[i].before;
        struct position position = rows[i].at;
        struct failure failure = {.code = ERROR_NONE};
        bool ok = definition_alter(&rows[i].options, &definition, &position, &failure);
        if (rows[i].detail != NULL) {
            cr_expect_not(ok, "row %zu", i);
            expect_failure(i, &failure, rows[i].detail);
            continue;
        }
        cr_assert(ok, "row %zu: %s", i, failure.detail);
        expect_same(i, &definition, &rows[i].after);
        expect_position(i, position, rows[i].then);
    }
}

#define EXPECT_ALTERED(rows) expect_altered((rows), sizeof(rows) / sizeof *(rows))

/* The sequences that the rows begin with. */
#define UP                                                                                         \
    {                                                                                              \
        TYPE_BIGINT, 1, 1, 1, MAX, 1, false, ""                                                    \
    }
#define DOWN                                                                                       \
    {                                                                                              \
        TYPE_BIGINT, -1, -1, MIN, -1, 1, false, ""                                                 \
    }
#define INTEGER_UP                                                                                 \
    {                                                                                              \
        TYPE_INTEGER, 1, 1, 1, 2147483647, 1, false, ""                                            \
    }
#define SMALLINT_UP                                                                                \
    {                                                                                              \
        TYPE_SMALLINT, 1, 1, 1, 32767, 1, false, ""                                                \
    }

Test(definition_alter, nothing_given_changes_nothing_at_42)
{
    static const struct alter_row rows[] = {
        {UP, {42, true}, {0}, UP, {42, true}, NULL},
        {DOWN, {-42, false}, {0}, DOWN, {-42, false}, NULL},
        {{TYPE_SMALLINT, 7, 2, 5, 8, 3, true, "t.c"},
         {7, true},
         {0},
         {TYPE_SMALLINT, 7, 2, 5, 8, 3, true, "t.c"},
         {7, true},
         NULL},
        {{TYPE_BIGINT, 1, 1, 1, MAX, CACHE_AUTO, false, ""},
         {42, true},
         {0},
         {TYPE_BIGINT, 1, 1, 1, MAX, CACHE_AUTO, false, ""},
         {42, true},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, restart_goes_to_start_or_to_the_value_30_and_is_not_called)
{
    static const struct alter_row rows[] = {
        {{TYPE_BIGINT, 10, 1, 1, 100, 1, false, ""},
         {42, true},
         {.restart = NO},
         {TYPE_BIGINT, 10, 1, 1, 100, 1, false, ""},
         {10, false},
         NULL},
        {UP, {42, true}, {.restart = GIVEN(30)}, UP, {30, false}, NULL},
        {UP, {42, true}, {.restart = GIVEN(MAX)}, UP, {MAX, false}, NULL},
        {UP,
         {42, true},
         {.start = GIVEN(7), .restart = NO}, /* to the new start */
         {TYPE_BIGINT, 7, 1, 1, MAX, 1, false, ""},
         {7, false},
         NULL},
        {.before = UP,
         .at = {42, true},
         .options = {.restart = GIVEN(0)},
         .detail = "RESTART value (0) cannot be less than MINVALUE (1)"},
        {.before = {TYPE_BIGINT, 1, 1, 1, 100, 1, false, ""},
         .at = {42, true},
         .options = {.restart = GIVEN(101)},
         .detail = "RESTART value (101) cannot be greater than MAXVALUE (100)"},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, start_alone_leaves_the_position_at_42)
{
    static const struct alter_row rows[] = {
        {UP,
         {42, true},
         {.start = GIVEN(7)},
         {TYPE_BIGINT, 7, 1, 1, MAX, 1, false, ""},
         {42, true},
         NULL},
        {UP,
         {42, false},
         {.start = GIVEN(7)},
         {TYPE_BIGINT, 7, 1, 1, MAX, 1, false, ""},
         {42, false},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, bounds_that_leave_the_position_500_outside_are_refused_as_restart)
{
    static const struct alter_row rows[] = {
        {.before = UP,
         .at = {500, true},
         .options = {.max_value = GIVEN(100)},
         .detail = "RESTART value (500) cannot be greater than MAXVALUE (100)"},
        {.before = {TYPE_BIGINT, 1, 1, 1, MAX, 100, false, ""},
         .at = {100, true}, /* the end of the block, of which 1 was issued */
         .options = {.max_value = GIVEN(50)},
         .detail = "RESTART value (100) cannot be greater than MAXVALUE (50)"},
        {.before = UP,
         .at = {5, true},
         .options = {.min_value = GIVEN(20), .start = GIVEN(30)},
         .detail = "RESTART value (5) cannot be less than MINVALUE (20)"},
        {.before = {TYPE_BIGINT, 10, 1, 1, MAX, 1, false, ""},
         .at = {10, true},
         .options = {.min_value = GIVEN(20)},
         .detail = "START value (10) cannot be less than MINVALUE (20)"},
        {UP,
         {500, true},
         {.max_value = GIVEN(500)},
         {TYPE_BIGINT, 1, 1, 1, 500, 1, false, ""},
         {500, true},
         NULL},
        {UP,
         {500, true},
         {.max_value = GIVEN(100), .restart = NO},
         {TYPE_BIGINT, 1, 1, 1, 100, 1, false, ""},
         {1, false},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, an_increment_of_minus_1_keeps_the_bounds_of_an_ascending_sequence)
{
    static const struct alter_row rows[] = {
        {UP,
         {2, true},
         {.increment = GIVEN(-1)},
         {TYPE_BIGINT, 1, -1, 1, MAX, 1, false, ""},
         {2, true},
         NULL},
        {UP,
         {1019, true},
         {.increment = GIVEN(5)},
         {TYPE_BIGINT, 1, 5, 1, MAX, 1, false, ""},
         {1019, true},
         NULL},
        {.before = {TYPE_BIGINT, 1, -1, 1, MAX, 1, false, ""},
         .at = {1, true},
         .options = {.min_value = NO, .max_value = NO},
         .detail = "START value (1) cannot be greater than MAXVALUE (-1)"},
        {.before = {TYPE_BIGINT, 1, -1, 1, MAX, 1, false, ""},
         .at = {1, true},
         .options = {.min_value = NO, .max_value = NO, .start = GIVEN(-1)},
         .detail = "RESTART value (1) cannot be greater than MAXVALUE (-1)"},
        {{TYPE_BIGINT, 1, -1, 1, MAX, 1, false, ""},
         {1, true},
         {.min_value = NO, .max_value = NO, .start = GIVEN(-1), .restart = NO},
         DOWN,
         {-1, false},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, a_bound_at_the_old_types_limit_follows_the_type_to_9223372036854775807)
{
    static const struct alter_row rows[] = {
        {INTEGER_UP, {42, true}, {AS("bigint")}, UP, {42, true}, NULL},
        {INTEGER_UP, {42, true}, {AS("smallint")}, SMALLINT_UP, {42, true}, NULL},
        {SMALLINT_UP, {42, true}, {AS("integer")}, INTEGER_UP, {42, true}, NULL},
        {UP, {42, true}, {AS("smallint")}, SMALLINT_UP, {42, true}, NULL},
        {{TYPE_INTEGER, -1, -1, -2147483648, -1, 1, false, ""},
         {-9, true},
         {AS("bigint")},
         DOWN,
         {-9, true},
         NULL},
        {{TYPE_SMALLINT, 0, 1, -32768, 32767, 1, false, ""},
         {42, true},
         {AS("integer")},
         {TYPE_INTEGER, 0, 1, -2147483648, 2147483647, 1, false, ""},
         {42, true},
         NULL},
        /* the same type again resets to the same limits */
        {UP, {42, true}, {AS("bigint")}, UP, {42, true}, NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, another_bound_is_kept_by_a_type_so_maxvalue_100_stays)
{
    static const struct alter_row rows[] = {
        {{TYPE_INTEGER, 1, 1, 1, 100, 1, false, ""},
         {42, true},
         {AS("bigint")},
         {TYPE_BIGINT, 1, 1, 1, 100, 1, false, ""},
         {42, true},
         NULL},
        /* the limit of another type than the old one is just a number */
        {{TYPE_BIGINT, 1, 1, 1, 32767, 1, false, ""},
         {42, true},
         {AS("integer")},
         {TYPE_INTEGER, 1, 1, 1, 32767, 1, false, ""},
         {42, true},
         NULL},
        {{TYPE_INTEGER, 1, 1, 1, 2147483647, 1, false, ""},
         {42, true},
         {AS("smallint"), .max_value = GIVEN(99)}, /* the option wins over the reset */
         {TYPE_SMALLINT, 1, 1, 1, 99, 1, false, ""},
         {42, true},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

/* PostgreSQL's reset does not ask for the direction, NO MAXVALUE alone does. */
Test(definition_alter, no_maxvalue_with_a_reset_type_is_the_types_limit_32767_though_descending)
{
    static const struct alter_row rows[] = {
        {{TYPE_INTEGER, 5, -1, -9, 2147483647, 1, false, ""},
         {5, true},
         {AS("smallint"), .max_value = NO},
         {TYPE_SMALLINT, 5, -1, -9, 32767, 1, false, ""},
         {5, true},
         NULL},
        {{TYPE_INTEGER, -5, -1, -9, 100, 1, false, ""},
         {-5, true},
         {AS("smallint"), .max_value = NO},
         {TYPE_SMALLINT, -5, -1, -9, -1, 1, false, ""},
         {-5, true},
         NULL},
        {{TYPE_INTEGER, 5, 1, -2147483648, 9, 1, false, ""},
         {5, true},
         {AS("smallint"), .min_value = NO},
         {TYPE_SMALLINT, 5, 1, -32768, 9, 1, false, ""},
         {5, true},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, a_narrower_type_refuses_what_is_beyond_32767)
{
    static const struct alter_row rows[] = {
        {.before = {TYPE_INTEGER, 1, 1, 1, 100000, 1, false, ""},
         .at = {42, true},
         .options = {AS("smallint")},
         .detail = "MAXVALUE (100000) is out of range for sequence data type smallint"},
        {.before = {TYPE_INTEGER, -1, -1, -100000, -1, 1, false, ""},
         .at = {-42, true},
         .options = {AS("smallint")},
         .detail = "MINVALUE (-100000) is out of range for sequence data type smallint"},
        {{TYPE_INTEGER, 1, 1, 1, 100000, 1, false, ""},
         {42, true},
         {AS("smallint"), .max_value = NO},
         SMALLINT_UP,
         {42, true},
         NULL},
        {.before = {TYPE_INTEGER, 40000, 1, 1, 2147483647, 1, false, ""},
         .at = {40000, false},
         .options = {AS("smallint")},
         .detail = "START value (40000) cannot be greater than MAXVALUE (32767)"},
        {.before = INTEGER_UP,
         .at = {40000, true},
         .options = {AS("smallint")},
         .detail = "RESTART value (40000) cannot be greater than MAXVALUE (32767)"},
        {INTEGER_UP,
         {40000, true},
         {AS("smallint"), .restart = GIVEN(30)},
         SMALLINT_UP,
         {30, false},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, cache_and_cycle_and_owner_change_alone_at_42)
{
    static const struct alter_row rows[] = {
        {UP,
         {42, true},
         {.cache = GIVEN(10)},
         {TYPE_BIGINT, 1, 1, 1, MAX, 10, false, ""},
         {42, true},
         NULL},
        {{TYPE_BIGINT, 1, 1, 1, MAX, 10, false, ""},
         {42, true},
         {.cache_auto = true},
         {TYPE_BIGINT, 1, 1, 1, MAX, CACHE_AUTO, false, ""},
         {42, true},
         NULL},
        {UP, {42, true}, {CYCLE(true)}, {TYPE_BIGINT, 1, 1, 1, MAX, 1, true, ""}, {42, true}, NULL},
        {{TYPE_BIGINT, 1, 1, 1, MAX, 1, true, ""},
         {42, true},
         {CYCLE(false)},
         UP,
         {42, true},
         NULL},
        {UP,
         {42, true},
         {OWNED_BY("t.c")},
         {TYPE_BIGINT, 1, 1, 1, MAX, 1, false, "t.c"},
         {42, true},
         NULL},
        {{TYPE_BIGINT, 1, 1, 1, MAX, 1, false, "t.c"},
         {42, true},
         {OWNED_BY("")},
         UP,
         {42, true},
         NULL},
    };
    EXPECT_ALTERED(rows);
}

Test(definition_alter, wrong_options_are_refused_as_in_create_at_42)
{
    static const struct alter_row rows[] = {
        {.before = UP,
         .at = {42, true},
         .options = {.increment = GIVEN(0)},
         .detail = "INCREMENT must not be zero"},
        {.before = UP,
         .at = {42, true},
         .options = {.cache = GIVEN(0)},
         .detail = "CACHE (0) must be greater than zero"},
        {.before = UP,
         .at = {42, true},
         .options = {AS("text")},
         .detail = "sequence type must be smallint, integer, or bigint"},
        {.before = UP,
         .at = {42, true},
         .options = {OWNED_BY("foo")},
         .detail = "invalid OWNED BY option"},
        {.before = UP,
         .at = {42, true},
         .options = {.max_value = GIVEN(1)},
         .detail = "MINVALUE (1) must be less than MAXVALUE (1)"},
        {.before = UP, /* both START and the position: START first */
         .at = {42, true},
         .options = {.min_value = GIVEN(50)},
         .detail = "START value (1) cannot be less than MINVALUE (50)"},
        {.before = UP, /* the position before CACHE */
         .at = {42, true},
         .options = {.max_value = GIVEN(9), .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "RESTART value (42) cannot be greater than MAXVALUE (9)"},
        {.before = UP, /* CACHE before OWNED BY */
         .at = {42, true},
         .options = {.cache = GIVEN(-1), OWNED_BY("foo")},
         .detail = "CACHE (-1) must be greater than zero"},
    };
    EXPECT_ALTERED(rows);
}
