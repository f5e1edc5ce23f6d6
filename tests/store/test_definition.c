#include "tests/store/definition_rows.h"

#include <string.h>

struct create_row {
    struct options options;
    struct definition definition; /* of a success; start is where it stands, not called */
    const char *detail;           /* of a failure */
};

static void expect_created(const struct create_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct definition definition;
        struct position position;
        struct failure failure = {.code = ERROR_NONE};
        memset(&definition, 0x5a, sizeof definition); /* nothing of before may shine through */
        bool ok = definition_create(&rows[i].options, 1, &definition, &position, &failure);
        cr_assert(ok, "row %zu: %s", i, failure.detail);
        expect_same(i, &definition, &rows[i].definition);
        expect_position(i, position, (struct position){rows[i].definition.start, false});
    }
}

static void expect_refused(const struct create_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct definition definition;
        struct position position;
        struct failure failure = {.code = ERROR_NONE};
        cr_expect_not(definition_create(&rows[i].options, 1, &definition, &position, &failure),
                      "row %zu", i);
        expect_failure(i, &failure, rows[i].detail);
    }
}

#define EXPECT_CREATED(rows) expect_created((rows), sizeof(rows) / sizeof *(rows))
#define EXPECT_REFUSED(rows) expect_refused((rows), sizeof(rows) / sizeof *(rows))

Test(definition, the_3_types_have_postgresqls_names_and_limits)
{
    static const struct {
        const char *name;
        enum seq_type type;
        int64_t min, max;
    } rows[] = {
        {"smallint", TYPE_SMALLINT, -32768, 32767},
        {"integer", TYPE_INTEGER, -2147483648, 2147483647},
        {"bigint", TYPE_BIGINT, MIN, 9223372036854775807},
    };
    for (size_t i = 0; i < 3; i++) {
        enum seq_type type = TYPE_COUNT;
        cr_expect(type_parse(rows[i].name, &type));
        cr_expect_eq(type, rows[i].type);
        cr_expect_str_eq(type_name(rows[i].type), rows[i].name);
        cr_expect_eq(type_min(rows[i].type), rows[i].min);
        cr_expect_eq(type_max(rows[i].type), rows[i].max);
    }
}

Test(definition, other_types_are_no_types_so_int8_is_refused)
{
    static const char *const texts[] = {"",     "int8",    "int",     "BIGINT", "bigint ",
                                        " int", "numeric", "boolean", "text",   "bigserial"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum seq_type type = TYPE_COUNT;
        cr_expect_not(type_parse(texts[i], &type), "%s", texts[i]);
        cr_expect_eq(type, TYPE_COUNT);
    }
}

Test(definition, defaults_ascend_from_1)
{
    static const struct create_row rows[] = {
        {{0}, {TYPE_BIGINT, 1, 1, 1, MAX, 1, false, ""}, NULL},
        {{AS("bigint")}, {TYPE_BIGINT, 1, 1, 1, MAX, 1, false, ""}, NULL},
        {{AS("integer")}, {TYPE_INTEGER, 1, 1, 1, 2147483647, 1, false, ""}, NULL},
        {{AS("smallint")}, {TYPE_SMALLINT, 1, 1, 1, 32767, 1, false, ""}, NULL},
        {{.min_value = NO, .max_value = NO}, {TYPE_BIGINT, 1, 1, 1, MAX, 1, false, ""}, NULL},
    };
    EXPECT_CREATED(rows);
}

Test(definition, defaults_descend_from_minus_1)
{
    static const struct create_row rows[] = {
        {{.increment = GIVEN(-1)}, {TYPE_BIGINT, -1, -1, MIN, -1, 1, false, ""}, NULL},
        {{AS("integer"), .increment = GIVEN(-2)},
         {TYPE_INTEGER, -1, -2, -2147483648, -1, 1, false, ""},
         NULL},
        {{AS("smallint"), .increment = GIVEN(-3), .min_value = NO, .max_value = NO},
         {TYPE_SMALLINT, -1, -3, -32768, -1, 1, false, ""},
         NULL},
    };
    EXPECT_CREATED(rows);
}

Test(definition, start_is_by_default_the_explicit_bound_even_minus_9223372036854775808)
{
    static const struct create_row rows[] = {
        {{.min_value = GIVEN(MIN)}, {TYPE_BIGINT, MIN, 1, MIN, MAX, 1, false, ""}, NULL},
        {{.min_value = GIVEN(5), .max_value = GIVEN(8)},
         {TYPE_BIGINT, 5, 1, 5, 8, 1, false, ""},
         NULL},
        {{.increment = GIVEN(-3), .min_value = GIVEN(-7), .max_value = GIVEN(2)},
         {TYPE_BIGINT, 2, -3, -7, 2, 1, false, ""},
         NULL},
        {{.increment = GIVEN(-1), .max_value = GIVEN(MAX)},
         {TYPE_BIGINT, MAX, -1, MIN, MAX, 1, false, ""},
         NULL},
        {{.increment = GIVEN(-1), .min_value = GIVEN(-2)},
         {TYPE_BIGINT, -1, -1, -2, -1, 1, false, ""},
         NULL},
    };
    EXPECT_CREATED(rows);
}

Test(definition, options_are_kept_as_given_with_start_7)
{
    static const struct create_row rows[] = {
        {{.start = GIVEN(7),
          .min_value = GIVEN(5),
          .max_value = GIVEN(8),
          CYCLE(true),
          .cache = GIVEN(3),
          OWNED_BY("orders.id")},
         {TYPE_BIGINT, 7, 1, 5, 8, 3, true, "orders.id"},
         NULL},
        {{CYCLE(false), .cache = GIVEN(MAX), OWNED_BY("")},
         {TYPE_BIGINT, 1, 1, 1, MAX, MAX, false, ""},
         NULL},
        {{.start = GIVEN(10), .max_value = GIVEN(10), OWNED_BY(NULL)},
         {TYPE_BIGINT, 10, 1, 1, 10, 1, false, ""},
         NULL},
        {{.start = GIVEN(1), .max_value = GIVEN(2), OWNED_BY("shop.orders.id")},
         {TYPE_BIGINT, 1, 1, 1, 2, 1, false, "shop.orders.id"},
         NULL},
    };
    EXPECT_CREATED(rows);
}

Test(definition, increment_is_not_checked_against_the_type_so_smallint_takes_100000)
{
    static const struct create_row rows[] = {
        {{AS("smallint"), .increment = GIVEN(100000)},
         {TYPE_SMALLINT, 1, 100000, 1, 32767, 1, false, ""},
         NULL},
        {{.increment = GIVEN(MAX)}, {TYPE_BIGINT, 1, MAX, 1, MAX, 1, false, ""}, NULL},
        {{.increment = GIVEN(MIN)}, {TYPE_BIGINT, -1, MIN, MIN, -1, 1, false, ""}, NULL},
    };
    EXPECT_CREATED(rows);
}

Test(definition, an_absent_cache_is_the_default_and_auto_is_0)
{
    struct definition definition;
    struct position position;
    struct failure failure;
    cr_assert(definition_create(&(struct options){0}, 32, &definition, &position, &failure));
    cr_expect_eq(definition.cache, 32);
    cr_assert(
        definition_create(&(struct options){0}, CACHE_AUTO, &definition, &position, &failure));
    cr_expect_eq(definition.cache, 0);
    cr_assert(definition_create(&(struct options){.cache_auto = true}, 32, &definition, &position,
                                &failure));
    cr_expect_eq(definition.cache, 0);
    cr_assert(definition_create(&(struct options){.cache = GIVEN(5)}, CACHE_AUTO, &definition,
                                &position, &failure));
    cr_expect_eq(definition.cache, 5);
}

Test(definition, a_column_of_191_bytes_is_kept_whole)
{
    char column[192];
    memset(column, 'c', sizeof column);
    column[63] = column[127] = '.';
    column[191] = '\0';
    struct definition definition;
    struct position position;
    struct failure failure;
    cr_assert(definition_create(&(struct options){OWNED_BY(column)}, 1, &definition, &position,
                                &failure));
    cr_assert_eq(strlen(definition.owned_by), 191);
    cr_assert_str_eq(definition.owned_by, column);
}

Test(definition, wrong_options_are_refused_with_22023)
{
    static const struct create_row rows[] = {
        {.options = {.increment = GIVEN(0)}, .detail = "INCREMENT must not be zero"},
        {.options = {.cache = GIVEN(0)}, .detail = "CACHE (0) must be greater than zero"},
        {.options = {.cache = GIVEN(-5)}, .detail = "CACHE (-5) must be greater than zero"},
        {.options = {.cache = GIVEN(MIN)},
         .detail = "CACHE (-9223372036854775808) must be greater than zero"},
        {.options = {.min_value = GIVEN(5), .max_value = GIVEN(5)},
         .detail = "MINVALUE (5) must be less than MAXVALUE (5)"},
        {.options = {.min_value = GIVEN(6), .max_value = GIVEN(5)},
         .detail = "MINVALUE (6) must be less than MAXVALUE (5)"},
        {.options = {.max_value = GIVEN(0)},
         .detail = "MINVALUE (1) must be less than MAXVALUE (0)"},
        {.options = {.increment = GIVEN(-1), .min_value = GIVEN(0)},
         .detail = "MINVALUE (0) must be less than MAXVALUE (-1)"},
        {.options = {.start = GIVEN(0)},
         .detail = "START value (0) cannot be less than MINVALUE (1)"},
        {.options = {.start = GIVEN(11), .max_value = GIVEN(10)},
         .detail = "START value (11) cannot be greater than MAXVALUE (10)"},
        {.options = {.increment = GIVEN(-1), .start = GIVEN(1)},
         .detail = "START value (1) cannot be greater than MAXVALUE (-1)"},
        {.options = {AS("smallint"), .max_value = GIVEN(32768)},
         .detail = "MAXVALUE (32768) is out of range for sequence data type smallint"},
        {.options = {AS("smallint"), .max_value = GIVEN(-32769)},
         .detail = "MAXVALUE (-32769) is out of range for sequence data type smallint"},
        {.options = {AS("smallint"), .min_value = GIVEN(-32769)},
         .detail = "MINVALUE (-32769) is out of range for sequence data type smallint"},
        {.options = {AS("integer"), .max_value = GIVEN(2147483648)},
         .detail = "MAXVALUE (2147483648) is out of range for sequence data type integer"},
        {.options = {AS("integer"), .min_value = GIVEN(-2147483649)},
         .detail = "MINVALUE (-2147483649) is out of range for sequence data type integer"},
        {.options = {AS("integer"), .min_value = GIVEN(2147483648)},
         .detail = "MINVALUE (2147483648) is out of range for sequence data type integer"},
        {.options = {AS("numeric")},
         .detail = "sequence type must be smallint, integer, or bigint"},
        {.options = {AS("nosuchtype")},
         .detail = "sequence type must be smallint, integer, or bigint"},
        {.options = {AS("")}, .detail = "sequence type must be smallint, integer, or bigint"},
        {.options = {AS(NULL)}, .detail = "sequence type must be smallint, integer, or bigint"},
    };
    EXPECT_REFUSED(rows);
}

Test(definition, owned_by_without_a_column_is_refused_with_1_hint)
{
    static const char *const texts[] = {"foo", "none", "a.b.c.d", "a.", ".", "a b.c", "a.b\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct definition definition;
        struct position position;
        struct failure failure = {.code = ERROR_NONE};
        cr_expect_not(definition_create(&(struct options){OWNED_BY(texts[i])}, 1, &definition,
                                        &position, &failure));
        expect_failure(i, &failure, "invalid OWNED BY option");
        cr_expect_str_eq(failure.hint, "Specify OWNED BY table.column or OWNED BY NONE.");
    }
}

Test(definition, an_owner_too_long_for_the_192_bytes_is_refused_before_it_is_copied)
{
    char column[400];
    memset(column, 'c', sizeof column);
    column[200] = '.';
    column[399] = '\0';
    struct definition definition;
    struct position position;
    struct failure failure;
    cr_assert_not(definition_create(&(struct options){OWNED_BY(column)}, 1, &definition, &position,
                                    &failure));
    cr_assert_str_eq(failure.detail, "invalid OWNED BY option");
}

/* Each row has all the errors of the rows behind it, so each tests that its check
 * comes before all of them. */
Test(definition, of_several_errors_the_first_of_9_checks_is_told)
{
    static const struct create_row rows[] = {
        {.options = {AS("real"), .increment = GIVEN(0), .max_value = GIVEN(-40000),
                     .min_value = GIVEN(40000), .start = GIVEN(-50000), .restart = GIVEN(-60000),
                     .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "sequence type must be smallint, integer, or bigint"},
        {.options = {AS("smallint"), .increment = GIVEN(0), .max_value = GIVEN(-40000),
                     .min_value = GIVEN(40000), .start = GIVEN(-50000), .restart = GIVEN(-60000),
                     .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "INCREMENT must not be zero"},
        {.options = {AS("smallint"), .max_value = GIVEN(-40000), .min_value = GIVEN(40000),
                     .start = GIVEN(-50000), .restart = GIVEN(-60000), .cache = GIVEN(0),
                     OWNED_BY("foo")},
         .detail = "MAXVALUE (-40000) is out of range for sequence data type smallint"},
        {.options = {AS("smallint"), .max_value = GIVEN(-4), .min_value = GIVEN(40000),
                     .start = GIVEN(-50000), .restart = GIVEN(-60000), .cache = GIVEN(0),
                     OWNED_BY("foo")},
         .detail = "MINVALUE (40000) is out of range for sequence data type smallint"},
        {.options = {AS("smallint"), .max_value = GIVEN(-4), .min_value = GIVEN(4),
                     .start = GIVEN(-50000), .restart = GIVEN(-60000), .cache = GIVEN(0),
                     OWNED_BY("foo")},
         .detail = "MINVALUE (4) must be less than MAXVALUE (-4)"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(-50000), .restart = GIVEN(-60000), .cache = GIVEN(0),
                     OWNED_BY("foo")},
         .detail = "START value (-50000) cannot be less than MINVALUE (4)"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(10), .restart = GIVEN(-60000), .cache = GIVEN(0),
                     OWNED_BY("foo")},
         .detail = "START value (10) cannot be greater than MAXVALUE (9)"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(5), .restart = GIVEN(3), .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "RESTART value (3) cannot be less than MINVALUE (4)"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(5), .restart = GIVEN(10), .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "RESTART value (10) cannot be greater than MAXVALUE (9)"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(5), .restart = GIVEN(6), .cache = GIVEN(0), OWNED_BY("foo")},
         .detail = "CACHE (0) must be greater than zero"},
        {.options = {AS("smallint"), .max_value = GIVEN(9), .min_value = GIVEN(4),
                     .start = GIVEN(5), .restart = GIVEN(6), .cache = GIVEN(1), OWNED_BY("foo")},
         .detail = "invalid OWNED BY option"},
    };
    EXPECT_REFUSED(rows);
}
