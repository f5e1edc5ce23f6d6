/*
 * What the block cache costs and what it keeps: read from the values handed out and
 * from Redis's own counters (INFO commandstats). The counts of calls are measured on
 * the release binary, SEQD_RELEASE_BINARY (default build/seqd).
 */
#include "tests/integration/client.h"
#include "tests/integration/crowd.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(cache, .timeout = 120);

enum { LONG_MS = 60000 };

static struct node *release_node(const struct redis *redis)
{
    const char *binary = getenv("SEQD_RELEASE_BINARY");
    struct node *node = node_start_as(binary != NULL ? binary : "build/seqd", redis, NULL, NULL);
    node_wait_ready(node);
    return node;
}

ServiceTest(cache, cache_1_with_64_clients_hands_out_1_to_64000_and_one_incrby_serves_5_or_more)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = release_node(redis);
    struct crowd crowd;
    create(node, "{'name': 'a', 'cache': 1}");
    crowd_open(&crowd, node, 64, "a");
    const long long before = redis_calls(redis, "incrby");
    crowd_loop(&crowd, 64000, LONG_MS);
    const long long calls = redis_calls(redis, "incrby") - before;
    cr_assert_eq(crowd.value_count, 64000);
    crowd_assert_consecutive(&crowd, 1);
    cr_assert_gt(calls, 0);
    cr_assert_leq(calls, 64000 / 5, "64000 values took %lld INCRBY", calls);
    crowd_close(&crowd);
}

ServiceTest(cache, cache_100_takes_one_incrby_for_100_values_and_cache_1_one_for_each)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'hundred', 'cache': 100}");
    create(node, "{'name': 'one', 'cache': 1}");
    long long before = redis_calls(redis, "incrby");
    for (int64_t value = 1; value <= 100; value++) {
        cr_assert_eq(nextval(node, "hundred"), value);
    }
    cr_assert_eq(redis_calls(redis, "incrby") - before, 1);
    before = redis_calls(redis, "incrby");
    for (int64_t value = 1; value <= 20; value++) {
        cr_assert_eq(nextval(node, "one"), value);
    }
    cr_assert_eq(redis_calls(redis, "incrby") - before, 20);
}

ServiceTest(cache, auto_under_full_load_takes_fewer_than_50_incrby_a_second)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = release_node(redis);
    struct crowd crowd;
    create(node, "{'name': 'a'}");
    crowd_open(&crowd, node, 64, "a");
    crowd_loop(&crowd, SIZE_MAX, 3000); /* until its blocks have grown */
    crowd_forget(&crowd);
    const long long before = redis_calls(redis, "incrby");
    const int64_t start = now_ms();
    crowd_loop(&crowd, SIZE_MAX, 3000);
    const int64_t took = now_ms() - start;
    const long long calls = redis_calls(redis, "incrby") - before;
    cr_assert_gt(crowd.value_count, 1000);
    cr_assert_lt(calls * 1000 / took, 50, "%zu values in %" PRId64 " ms took %lld INCRBY",
                 crowd.value_count, took, calls);
    crowd_close(&crowd);
}

static void slow_client(const struct node *node, int64_t first, int64_t last)
{
    for (int64_t value = first; value <= last; value++) {
        cr_assert_eq(nextval(node, "a"), value);
        pause_ms(300); /* the client's pace */
    }
}

ServiceTest(cache, a_slow_client_of_an_auto_sequence_gets_1_to_14_without_a_gap_over_a_restart)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a'}");
    slow_client(node, 1, 8);
    node_stop(node);
    node = node_start_ready(redis, NULL);
    slow_client(node, 9, 14);
}

ServiceTest(cache, a_clean_stop_returns_the_rest_of_every_block_so_the_next_are_5001_and_2)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    struct crowd crowd;
    create(node, "{'name': 'auto'}");
    create(node, "{'name': 'hundred', 'cache': 100}");
    crowd_open(&crowd, node, 16, "auto");
    crowd_loop(&crowd, 5000, LONG_MS);
    crowd_assert_consecutive(&crowd, 1);
    crowd_close(&crowd);
    cr_assert_eq(nextval(node, "hundred"), 1);
    node_stop(node);
    node = node_start_ready(redis, NULL);
    cr_assert_eq(nextval(node, "auto"), 5001);
    cr_assert_eq(nextval(node, "hundred"), 2);
}

ServiceTest(cache, a_stop_returns_nothing_where_another_node_has_reserved_behind_it)
{
    struct redis *redis = redis_start(NULL);
    struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'cache': 10}");
    cr_assert_eq(nextval(first, "a"), 1);
    cr_assert_eq(nextval(second, "a"), 11);
    node_stop(first);
    cr_assert_eq(nextval(second, "a"), 12);
    for (int64_t value = 13; value <= 20; value++) {
        cr_assert_eq(nextval(second, "a"), value);
    }
    cr_assert_eq(nextval(second, "a"), 21);
}

ServiceTest(cache,
            a_setval_to_1000000_on_one_node_is_soon_seen_by_another_that_holds_a_block_of_1000)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'cache': 1000}");
    cr_assert_eq(nextval(second, "a"), 1);
    setval(first, "a", 1000000, true);
    int64_t value, stale = 0;
    EVENTUALLY((value = nextval(second, "a"), stale += value <= 1000, value > 1000000), 5000);
    cr_assert_leq(stale, 100, "%" PRId64 " old values were handed out", stale);
    expect(drop(first, "/v1/sequences/a"), 204);
    EVENTUALLY(try_nextval(second, "a")->status == 404, 5000);
    create(first, "{'name': 'a', 'start': 77}");
    EVENTUALLY(try_nextval(second, "a")->status == 200, 5000);
}

static int drain(const struct node *node, int limit)
{
    int values = 0;
    while (values < limit && try_nextval(node, "a")->status == 200) {
        values++;
    }
    return values;
}

ServiceTest(cache, auto_leaves_most_of_what_remains_before_the_bound_1000_to_other_nodes)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'max_value': 1000}");
    cr_assert_eq(drain(first, 500), 500);
    const int others = drain(second, 1001);
    cr_assert_geq(others, 250);
    cr_assert_eq(500 + others + drain(first, 1001), 1000);
    expect(try_nextval(first, "a"), 409);
    expect(try_nextval(second, "a"), 409);
}

static void expect_two(const struct node *node, int64_t first, int round, const char *after)
{
    const int64_t one = nextval(node, "a"), two = nextval(node, "a");
    cr_assert(one == first && two == first + 1,
              "round %d, after %s: %" PRId64 " and %" PRId64 ", not %" PRId64 " and the next",
              round, after, one, two, first);
}

/* Hints of one's own changes come back by Pub/Sub, and may come late. */
ServiceTest(cache, a_late_hint_of_an_older_change_never_discards_the_block_of_a_newer_one)
{
    const struct node *node = service_start(NULL);
    for (int round = 0; round < 300; round++) {
        create(node, "{'name': 'a', 'cache': 100}");
        expect_two(node, 1, round, "the creation");
        setval(node, "a", 1000, true);
        expect_two(node, 1001, round, "setval");
        expect(patch(node, "{'restart': 5}", "/v1/sequences/a"), 200);
        expect_two(node, 5, round, "RESTART");
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}
