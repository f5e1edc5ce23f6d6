/*
 * The checker itself must see what it is there for: a duplicate, a value out of
 * bounds or off the grid, a step backwards, an unknown generation.
 */
#include "tests/integration/history.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(history);

static const struct rule up = {{0, "aa"}, 5, 10, 5, 1005, false};
static const struct rule down = {{1, "bb"}, -1, -3, -1000, -1, false};
static const struct rule around = {{2, "cc"}, 1, 1, 1, 5, true};

/* The grants end with a count of 0; "" when nothing is wrong, else the offence. */
static const char *verdict(const struct grant *grants)
{
    static char error[256];
    struct history history = {0};
    history_add_rule(&history, &up);
    history_add_rule(&history, &down);
    history_add_rule(&history, &around);
    for (; grants->count != 0; grants++) {
        history_add_grant(&history, grants);
    }
    error[0] = '\0';
    const bool right = history_check(&history, error, sizeof error);
    cr_assert_eq(right, error[0] == '\0');
    history_free(&history);
    error[strcspn(error, ":")] = '\0';
    return error;
}

static const struct {
    struct grant grants[4];
    const char *verdict;
} cases[] = {
    {{{{0, "aa"}, 1, 5, 25, 3}, {{0, "aa"}, 2, 35, 35, 1}, {{0, "aa"}, 1, 45, 55, 2}}, ""},
    {{{{1, "bb"}, 1, -1, -7, 3}, {{1, "bb"}, 1, -10, -10, 1}}, ""},
    {{{{2, "cc"}, 1, 4, 5, 2}, {{2, "cc"}, 1, 1, 2, 2}, {{2, "cc"}, 2, 4, 4, 1}}, ""},
    {{{{0, "aa"}, 1, 5, 25, 3}, {{0, "aa"}, 2, 25, 25, 1}}, "handed out twice"},
    {{{{0, "aa"}, 1, 15, 15, 1}, {{0, "aa"}, 2, 5, 25, 3}}, "handed out twice"},
    {{{{1, "bb"}, 1, -1, -7, 3}, {{1, "bb"}, 2, -7, -10, 2}}, "handed out twice"},
    {{{{0, "aa"}, 1, 15, 15, 1}, {{0, "aa"}, 1, 5, 5, 1}}, "not onwards on its connection"},
    {{{{1, "bb"}, 1, -4, -4, 1}, {{1, "bb"}, 1, -1, -1, 1}}, "not onwards on its connection"},
    {{{{0, "aa"}, 1, 15, 15, 1}, {{0, "aa"}, 1, 15, 15, 1}}, "not onwards on its connection"},
    {{{{0, "aa"}, 1, 1005, 1015, 2}}, "out of bounds or off the grid"},
    {{{{0, "aa"}, 1, -5, -5, 1}}, "out of bounds or off the grid"},
    {{{{0, "aa"}, 1, 6, 6, 1}}, "out of bounds or off the grid"},
    {{{{0, "aa"}, 1, 5, 25, 2}}, "out of bounds or off the grid"},
    {{{{2, "cc"}, 1, 5, 6, 2}}, "out of bounds or off the grid"},
    {{{{0, "bb"}, 1, 5, 5, 1}}, "unknown generation"},
};

Test(history, each_of_15_histories_gets_its_verdict)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *given = verdict(cases[i].grants);
        cr_assert_str_eq(given, cases[i].verdict, "case %zu: \"%s\", not \"%s\"", i, given,
                         cases[i].verdict);
    }
}
