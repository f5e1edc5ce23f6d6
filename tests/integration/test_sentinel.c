/*
 * Redis Sentinel: seqd finds the master by its name, and again when that is another server.
 * No value is handed out twice, as far as the replica that is promoted had all of them.
 */
#include "tests/integration/client.h"
#include "tests/integration/fake_redis.h"
#include "tests/integration/sentinels.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sentinel, .timeout = 120);

#define TIMEOUT "--request-timeout-ms", "500", "--redis-timeout-ms", "400"
enum { FAILOVER_MS = 30000, HEARD_MS = 3000 };

static struct node *start_ready(const struct sentinels *sentinels)
{
    struct node *node =
        node_start(NULL, FLAGS("--redis", sentinels->url, TIMEOUT, "--log-level", "debug"));
    node_wait_ready(node);
    return node;
}

/* 'a' by single values and 'b' by blocks, up to 20 and 20, all of them replicated. */
static void take_forty(const struct sentinels *sentinels, const struct node *node)
{
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 'b', 'cache': 20}");
    for (int64_t value = 1; value <= 20; value++) {
        cr_assert_eq(nextval(node, "a"), value);
        cr_assert_eq(nextval(node, "b"), value);
    }
    sentinels_wait_replicated(sentinels);
}

/* Until 20 more values of each have come: each greater than all before. */
static void take_on(const struct node *node)
{
    int64_t a = 20, b = 20;
    struct reply *reply;
    const int64_t begin = now_ms();
    EVENTUALLY((reply = try_nextval(node, "a"))->status == 200, FAILOVER_MS);
    cr_log_info("a value %" PRId64 " ms after the master's end", now_ms() - begin);
    for (int i = 0; i < 20; i++) {
        int64_t value = reply_integer(reply, "value");
        cr_assert_gt(value, a);
        a = value;
        EVENTUALLY((reply = try_nextval(node, "b"))->status == 200, FAILOVER_MS);
        value = reply_integer(reply, "value");
        cr_assert_gt(value, b);
        b = value;
        EVENTUALLY((reply = try_nextval(node, "a"))->status == 200, FAILOVER_MS);
    }
}

static const char *not_ready_because(const struct node *node, const char *part)
{
    struct reply *ready;
    EVENTUALLY((ready = get(node, "/readyz"))->status == 503 && strstr(ready->body, part) != NULL,
               FAILOVER_MS);
    return ready->body;
}

/* ---- failovers ---- */

ServiceTest(sentinel, after_kill_9_of_the_master_values_go_on_from_the_promoted_replica)
{
    struct sentinels *sentinels = sentinels_start(NULL);
    const struct node *node = start_ready(sentinels);
    cr_assert_eq(sentinels_master(sentinels), 0);
    take_forty(sentinels, node);
    redis_kill(sentinels->servers[0]);
    take_on(node);
    cr_assert_neq(sentinels_master(sentinels), 0);
    create(node, "{'name': 'c', 'cache': 1}");
    cr_assert_eq(nextval(node, "c"), 1);
    node_wait_ready(node);
}

ServiceTest(sentinel, a_master_that_stood_still_and_goes_on_takes_no_reservations_any_more)
{
    struct sentinels *sentinels = sentinels_start(NULL);
    const struct node *node = start_ready(sentinels);
    take_forty(sentinels, node);
    redis_pause(sentinels->servers[0]);
    take_on(node);
    sentinels_wait_master_other_than(sentinels, 0);
    redis_continue(sentinels->servers[0]);
    int64_t last = nextval(node, "a");
    while (sentinels_says_master(sentinels, 0)) {
        const int64_t value = nextval(node, "a");
        cr_assert_gt(value, last);
        last = value;
    }
    cr_assert_eq(nextval(node, "a"), last + 1);
}

ServiceTest(sentinel, on_a_switch_by_hand_connections_to_the_old_master_are_dropped_at_once)
{
    struct sentinels *sentinels = sentinels_start("open-sesame-7");
    const struct node *node = start_ready(sentinels);
    take_forty(sentinels, node);
    cr_assert_geq(sentinels_clients(sentinels, 0), 3);
    sentinels_fail_over(sentinels);
    sentinels_wait_master_other_than(sentinels, 0);
    const int64_t begin = now_ms();
    /* The clerk's is idle, and dropped at its next use. */
    EVENTUALLY(sentinels_clients(sentinels, 0) <= 1, HEARD_MS);
    cr_log_info("no connection to the old master %" PRId64 " ms later", now_ms() - begin);
    cr_assert(sentinels_says_master(sentinels, 0), "it was not the end of the connections");
    cr_assert_eq(node_event_count(node, "master_moved"), 1);
    cr_assert_gt(nextval(node, "a"), 20);
    create(node, "{'name': 'c'}");
    cr_assert_eq(nextval(node, "c"), 1);
    cr_assert_eq(sentinels_clients(sentinels, 0), 0);
    char *log = file_text(node->log);
    cr_assert_null(strstr(log, "open-sesame-7"));
    free(log);
}

ServiceTest(sentinel, values_taken_all_through_a_switch_by_hand_never_come_again)
{
    struct sentinels *sentinels = sentinels_start(NULL);
    /* By `auto`, the old master would do without the replicas that have left it already. */
    struct node *node =
        node_start(NULL, FLAGS("--redis", sentinels->url, TIMEOUT, "--durability", "replicas:2"));
    node_wait_ready(node);
    int64_t last = 0;
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    sentinels_wait_replicated(sentinels);
    sentinels_fail_over(sentinels);
    const int64_t until = now_ms() + FAILOVER_MS;
    for (int after = 0; after < 100;) {
        struct reply *reply = try_nextval(node, "a");
        cr_assert_lt(now_ms(), until, "%s", reply->what);
        if (reply->status == 200) {
            const int64_t value = reply_integer(reply, "value");
            cr_assert_gt(value, last);
            last = value;
            after += node_event_count(node, "master_moved") == 1;
        } else {
            expect_problem(reply, 503, "store_unavailable", "08006", NULL);
        }
    }
}

ServiceTest(sentinel, a_dead_sentinel_in_the_list_is_passed_over_and_the_next_one_is_listened_to)
{
    struct sentinels *sentinels = sentinels_start(NULL);
    const struct node *early = start_ready(sentinels);
    create(early, "{'name': 'a', 'cache': 1}");
    sentinels_kill_one(sentinels, 0);
    const struct node *late = start_ready(sentinels);
    cr_assert_eq(nextval(late, "a"), 1);
    sentinels_wait_replicated(sentinels);
    redis_kill(sentinels->servers[0]);
    EVENTUALLY(try_nextval(early, "a")->status == 200, FAILOVER_MS);
    EVENTUALLY(try_nextval(late, "a")->status == 200, FAILOVER_MS);
    EVENTUALLY(node_event_count(early, "master_moved") == 1, HEARD_MS);
    EVENTUALLY(node_event_count(late, "master_moved") == 1, HEARD_MS);
}

/* ---- why it is not ready ---- */

ServiceTest(sentinel, with_a_wrong_name_or_password_readyz_says_which)
{
    struct sentinels *sentinels = sentinels_start("open-sesame-7");
    char url[160];
    const int port = sentinels->sentinels[0].port, master = sentinels->servers[0]->port;
    snprintf(url, sizeof url, "redis+sentinel://:open-sesame-7@127.0.0.1:%d/nosuch", port);
    not_ready_because(node_start(NULL, FLAGS("--redis", url)),
                      "no sentinel knows the master \\\"nosuch\\\"");
    snprintf(url, sizeof url, "redis+sentinel://:wrong-5@127.0.0.1:%d/orders", port);
    const struct node *wrong = node_start(NULL, FLAGS("--redis", url));
    char reason[64];
    snprintf(reason, sizeof reason, "127.0.0.1:%d: WRONGPASS", master);
    not_ready_because(wrong, reason);
    char *log = file_text(wrong->log);
    cr_assert_null(strstr(log, "wrong-5"));
    free(log);
}

ServiceTest(sentinel, sentinels_that_are_silent_refuse_or_are_none_are_named)
{
    struct redis *redis = redis_start(FLAGS("--requirepass", "open-sesame-7"));
    char url[160], reason[128];
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/orders", redis->port);
    snprintf(reason, sizeof reason, "sentinel 127.0.0.1:%d: NOAUTH", redis->port);
    not_ready_because(node_start(NULL, FLAGS("--redis", url)), reason);
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/orders?sentinel-password=%s",
             redis->port, "open-sesame-7");
    snprintf(reason, sizeof reason, "127.0.0.1:%d does not answer as a sentinel: ERR", redis->port);
    not_ready_because(node_start(NULL, FLAGS("--redis", url)), reason);
    const struct redis *nobody = redis_reserve();
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/orders", nobody->port);
    snprintf(reason, sizeof reason, "sentinel 127.0.0.1:%d: Connection refused", nobody->port);
    not_ready_because(node_start(NULL, FLAGS("--redis", url)), reason);
}

/* What SENTINEL GET-MASTER-ADDR-BY-NAME answers. */
static struct fake_redis sentinel_naming(int port, const struct redis *server)
{
    char answer[64];
    snprintf(answer, sizeof answer, "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n%d\r\n", server->port);
    return fake_redis_start(port, answer);
}

ServiceTest(sentinel, a_replica_that_is_named_is_not_taken_until_the_sentinel_names_the_master)
{
    const struct redis *master = redis_start(NULL);
    const struct redis *replica = redis_start(FLAGS("--replicaof", "127.0.0.1", "1"));
    const int port = free_port();
    struct fake_redis sentinel = sentinel_naming(port, replica);
    char url[96], reason[96];
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/orders", port);
    snprintf(reason, sizeof reason, "127.0.0.1:%d: it says that it is a replica", replica->port);
    const struct node *node = node_start(NULL, FLAGS("--redis", url));
    not_ready_because(node, reason);
    fake_redis_stop(&sentinel);
    sentinel_naming(port, master);
    node_wait_ready(node);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(sentinel, news_that_was_missed_while_no_sentinel_was_there_is_caught_up_with)
{
    const struct redis *old = redis_start(NULL), *new = redis_start(NULL);
    const int port = free_port();
    struct fake_redis sentinel = sentinel_naming(port, old);
    char url[96];
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%d/orders", port);
    const struct node *node = node_start(NULL, FLAGS("--redis", url));
    node_wait_ready(node);
    create(node, "{'name': 'a', 'cache': 1}");
    fake_redis_stop(&sentinel);
    sentinel_naming(port, new);
    EVENTUALLY(node_event_count(node, "master_moved") == 1, FAILOVER_MS);
    EVENTUALLY(try_nextval(node, "a")->status != 200, HEARD_MS);
    create(node, "{'name': 'only_in_the_new_one'}");
    cr_assert_eq(redis_run(new, FLAGS("EXISTS", "seqd:{only_in_the_new_one}")), 1);
}
