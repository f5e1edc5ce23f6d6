/* What the tables of CREATE and of ALTER have in common. */
#ifndef TESTS_STORE_DEFINITION_ROWS_H
#define TESTS_STORE_DEFINITION_ROWS_H

#include "store/definition.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define MIN INT64_MIN
#define MAX INT64_MAX

/* The options of a row: {AS("smallint"), .increment = GIVEN(2), .max_value = NO} */
#define GIVEN(number)                                                                              \
    {                                                                                              \
        OPTION_GIVEN, (number)                                                                     \
    }
#define NO                                                                                         \
    {                                                                                              \
        OPTION_NONE, 0                                                                             \
    }
#define AS(text)       .has_type = true, .type_text = (text)
#define CYCLE(on)      .has_cycle = true, .cycle = (on)
#define OWNED_BY(text) .has_owned_by = true, .owned_by = (text)

static inline void expect_same(size_t row, const struct definition *is,
                               const struct definition *want)
{
    cr_expect_eq(is->type, want->type, "row %zu: type %s", row, type_name(is->type));
    cr_expect_eq(is->start, want->start, "row %zu: start %" PRId64, row, is->start);
    cr_expect_eq(is->increment, want->increment, "row %zu: increment", row);
    cr_expect_eq(is->min_value, want->min_value, "row %zu: min %" PRId64, row, is->min_value);
    cr_expect_eq(is->max_value, want->max_value, "row %zu: max %" PRId64, row, is->max_value);
    cr_expect_eq(is->cache, want->cache, "row %zu: cache %" PRId64, row, is->cache);
    cr_expect_eq(is->cycle, want->cycle, "row %zu: cycle", row);
    cr_expect_str_eq(is->owned_by, want->owned_by, "row %zu: owned by %s", row, is->owned_by);
}

static inline void expect_position(size_t row, struct position is, struct position want)
{
    cr_expect_eq(is.last_value, want.last_value, "row %zu: last_value %" PRId64, row,
                 is.last_value);
    cr_expect_eq(is.is_called, want.is_called, "row %zu: is_called", row);
}

static inline void expect_failure(size_t row, const struct failure *failure, const char *detail)
{
    cr_expect_str_eq(failure->detail, detail, "row %zu: %s", row, failure->detail);
    cr_expect_eq(failure->code, ERROR_INVALID_PARAMETER, "row %zu: code", row);
}

#endif
