/* How far above the counter a ceiling is raised. */
#include "store/window.h"

#include <criterion/criterion.h>

#define SECOND INT64_C(1000000000)

TestSuite(window, .timeout = 10);

Test(window, is_a_minute_of_what_is_used)
{
    cr_expect_eq(window_size(1000, SECOND, 1, INT64_MAX), 60000);
    cr_expect_eq(window_size(1000, 60 * SECOND, 1, INT64_MAX), 1000);
}

Test(window, is_at_least_32_and_ten_blocks)
{
    cr_expect_eq(window_size(0, SECOND, 1, INT64_MAX), 32);
    cr_expect_eq(window_size(1, 3600 * SECOND, 50, INT64_MAX), 500);
}

Test(window, is_at_most_a_sixteenth_of_what_is_left_and_at_least_1)
{
    cr_expect_eq(window_size(1000, SECOND, 1, 1600), 100);
    cr_expect_eq(window_size(1000, SECOND, 1, 15), 1);
    cr_expect_eq(window_size(0, SECOND, 1, 0), 1);
}

Test(window, does_not_overflow)
{
    cr_expect_eq(window_size(INT64_MAX, 1, INT64_MAX, INT64_MAX), WINDOW_MAX);
    cr_expect_eq(window_size(-5, -5, -5, INT64_MAX), 32);
}
