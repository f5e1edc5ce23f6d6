/*
 * A Redis that has lost what it knew: a sequence never begins at 1 again by itself.
 * Nothing is handed out until someone decides (setval).
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>

TestSuite(store_lost, .timeout = 60);

static void expect_lost(const struct node *node, const char *name)
{
    expect_problem(try_nextval(node, name), 503, "sequence_lost", "XX001", NULL);
}

static void expect_lost_range(const struct node *node)
{
    expect_problem(post(node, "{'count': 5, 'partial': true}", "/v1/sequences/a/range"), 503,
                   "sequence_lost", "XX001", NULL);
}

ServiceTest(store_lost, without_its_counter_a_sequence_stops_on_all_nodes_until_setval_1000)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    cr_assert_eq(redis_run(redis, FLAGS("DEL", "seqd:{a}:next")), 1);
    expect_lost(node, "a");
    expect_lost(node, "a");
    expect_lost_range(node);
    const struct node *other = node_start_ready(redis, NULL);
    expect_lost(other, "a");
    setval(node, "a", 1000, true);
    cr_assert_eq(nextval(node, "a"), 1001);
    cr_assert_eq(nextval(other, "a"), 1002);
}

ServiceTest(store_lost, without_its_definition_a_known_sequence_is_lost_not_new)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(redis_run(redis, FLAGS("DEL", "seqd:{a}")), 1);
    expect_lost(node, "a");
    expect_lost_range(node);
}

ServiceTest(store_lost, after_flushall_known_sequences_are_lost_and_others_unknown)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 'b', 'cache': 10}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "b"), 1);
    redis_run(redis, FLAGS("FLUSHALL"));
    expect_lost(node, "a");
    EVENTUALLY(try_nextval(node, "b")->status == 503, 5000);
    expect_lost(node, "b");
    expect(try_nextval(node, "c"), 404);
    expect(get(node, "/livez"), 200);
}

ServiceTest(store_lost, a_counter_set_back_from_5_to_2_is_noticed_and_3_never_comes_again)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (int64_t value = 1; value <= 5; value++) {
        cr_assert_eq(nextval(node, "a"), value);
    }
    redis_run(redis, FLAGS("SET", "seqd:{a}:next", "2"));
    expect_lost(node, "a");
    expect_lost(node, "a");
    setval(node, "a", 5, true);
    cr_assert_eq(nextval(node, "a"), 6);
}

ServiceTest(store_lost, a_counter_of_another_type_or_text_is_503_and_no_value)
{
    static const char *const counters[] = {"", "x", "-1", "1.5", "9223372036854775808", "1e3"};
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        redis_run(redis, FLAGS("SET", "seqd:{a}:next", counters[i]));
        expect(try_nextval(node, "a"), 503);
    }
    redis_run(redis, FLAGS("DEL", "seqd:{a}:next"));
    redis_run(redis, FLAGS("LPUSH", "seqd:{a}:next", "1"));
    expect(try_nextval(node, "a"), 503);
    expect(get(node, "/livez"), 200);
}

ServiceTest(store_lost, a_restart_of_seqd_does_not_forget_that_the_counter_is_gone)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_run(redis, FLAGS("DEL", "seqd:{a}:next"));
    expect_lost(node, "a");
    node_stop(node);
    node = node_start_ready(redis, NULL);
    expect_lost(node, "a");
}
