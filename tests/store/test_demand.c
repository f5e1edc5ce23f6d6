#include "store/demand.h"

#include <criterion/criterion.h>

#define SECOND INT64_C(1000000000)
#define MS     INT64_C(1000000)

Test(demand, begins_at_1)
{
    struct demand demand = {0};
    cr_expect_eq(demand_size(&demand, 0, 1000000), 1);
}

Test(demand, doubles_while_a_block_lasts_a_millisecond_up_to_131072)
{
    static const int64_t sizes[] = {1,    2,    4,    8,    16,    32,    64,    128,    256,   512,
                                    1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 131072};
    struct demand demand = {0};
    int64_t now = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++, now += MS) {
        int64_t size = demand_size(&demand, now, INT64_MAX);
        cr_assert_eq(size, sizes[i], "block %zu has %lld", i, (long long)size);
        demand_granted(&demand, now, size);
    }
}

Test(demand, settles_at_what_is_used_up_in_a_second)
{
    struct demand demand = {.size = 500, .granted = 500, .at_ns = 0};
    cr_expect_eq(demand_size(&demand, SECOND, INT64_MAX), 500);
    demand_granted(&demand, SECOND, 500);
    cr_expect_eq(demand_size(&demand, 3 * SECOND / 2, INT64_MAX), 1000);
}

Test(demand, shrinks_at_once_when_a_block_of_1000_lasted_100_seconds)
{
    struct demand demand = {.size = 1000, .granted = 1000, .at_ns = 0};
    cr_expect_eq(demand_size(&demand, 100 * SECOND, INT64_MAX), 10);
}

Test(demand, of_one_a_second_or_less_is_1)
{
    struct demand demand = {0};
    for (int64_t now = 0; now < 100 * SECOND; now += SECOND + 1) {
        cr_assert_eq(demand_size(&demand, now, INT64_MAX), 1);
        demand_granted(&demand, now, 1);
    }
}

Test(demand, is_at_most_a_64th_of_what_is_left)
{
    struct demand demand = {.size = 100000, .granted = 100000, .at_ns = 0};
    cr_expect_eq(demand_size(&demand, SECOND, 6400), 100);
    cr_expect_eq(demand_size(&demand, SECOND, 64), 1);
    cr_expect_eq(demand_size(&demand, SECOND, 0), 1);
}

Test(demand, does_not_grow_by_asking_without_being_granted)
{
    struct demand demand = {0};
    for (int i = 0; i < 100; i++)
        cr_assert_eq(demand_size(&demand, i, INT64_MAX), 1);
}

Test(demand, survives_a_grant_of_int64_and_a_clock_that_stands_still)
{
    struct demand demand = {.size = 100};
    demand_granted(&demand, 5, INT64_MAX);
    cr_expect_eq(demand_size(&demand, 5, INT64_MAX), 200);
}
