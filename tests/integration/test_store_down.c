/*
 * A Redis that stands still, dies, loads, refuses or is not there yet: what is cached
 * goes on, the rest is 503 in time with Retry-After, and all heals by itself.
 */
#include "tests/integration/client.h"
#include "tests/integration/fake_redis.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

TestSuite(store_down, .timeout = 120);

/* A request waits for 500 ms, is answered within 100 more; the rest is for a slow,
 * instrumented build on a busy machine. */
#define TIMEOUT FLAGS("--request-timeout-ms", "500", "--redis-timeout-ms", "400")
enum { ANSWER_MS = 500 + 100 + 900, HEAL_MS = 20000 };

static void expect_unavailable(const struct node *node, const char *name)
{
    struct reply *reply = try_nextval(node, name);
    expect_problem(reply, 503, "store_unavailable", "08006", NULL);
    cr_assert_leq(reply->took_ms, ANSWER_MS, "%s took %" PRId64 " ms", reply->what, reply->took_ms);
    const char *retry = reply_header(reply, "retry-after");
    cr_assert(retry != NULL && atoi(retry) >= 1, "Retry-After: %s", retry);
}

/* /livez is fast as ever, /readyz says that it is Redis. */
static void expect_alive_but_not_ready(const struct node *node)
{
    struct reply *live = expect(get(node, "/livez"), 200), *ready;
    cr_assert_leq(live->took_ms, 400);
    EVENTUALLY((ready = get(node, "/readyz"))->status == 503, 5000);
    cr_assert(strcasestr(ready->body, "redis") != NULL || strcasestr(ready->body, "store") != NULL,
              "%s", ready->body);
    cr_assert_leq(ready->took_ms, ANSWER_MS);
}

/* The next value, once there is one again. */
static int64_t healed(const struct node *node, const char *name)
{
    struct reply *reply;
    EVENTUALLY((reply = try_nextval(node, name))->status == 200, HEAL_MS);
    EVENTUALLY(get(node, "/readyz")->status == 200, HEAL_MS);
    return reply_integer(reply, "value");
}

/* With cache 100: 2..100 of the block go on although there is no Redis; then 503. */
static void use_up_the_block(const struct node *node)
{
    for (int64_t value = 2; value <= 100; value++) {
        struct reply *reply = expect(try_nextval(node, "a"), 200);
        cr_assert_eq(reply_integer(reply, "value"), value);
        cr_assert_leq(reply->took_ms, 400, "%s took %" PRId64 " ms", reply->what, reply->took_ms);
    }
    expect_unavailable(node, "a");
    expect_unavailable(node, "a");
}

ServiceTest(store_down, with_redis_standing_still_2_to_100_are_served_and_then_503_in_500_ms)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    create(node, "{'name': 'a', 'cache': 100}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_pause(redis);
    use_up_the_block(node);
    expect_alive_but_not_ready(node);
    struct reply *reply = get(node, "/v1/sequences/a");
    expect_problem(reply, 503, "store_unavailable", "08006", NULL);
    cr_assert_leq(reply->took_ms, ANSWER_MS);
    reply = post(node, "{'name': 'b'}", "/v1/sequences");
    expect_problem(reply, 503, "store_unavailable", "08006", NULL);
    redis_continue(redis);
    cr_assert_gt(healed(node, "a"), 100);
}

ServiceTest(store_down,
            with_redis_killed_2_to_100_are_served_and_after_its_restart_none_comes_again)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    create(node, "{'name': 'a', 'cache': 100}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_kill(redis);
    use_up_the_block(node);
    expect_alive_but_not_ready(node);
    redis_restart(redis);
    const int64_t value = healed(node, "a");
    cr_assert_gt(value, 100);
    cr_assert_eq(nextval(node, "a"), value + 1);
    const struct node *other = node_start_ready(redis, TIMEOUT);
    cr_assert_gt(nextval(other, "a"), value + 1);
}

ServiceTest(store_down, three_kills_of_redis_in_a_row_give_ever_greater_values)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 'b'}");
    int64_t a = nextval(node, "a"), b = nextval(node, "b");
    for (int i = 0; i < 3; i++) {
        redis_kill(redis);
        expect_unavailable(node, "a");
        redis_restart(redis);
        int64_t value = healed(node, "a");
        cr_assert_gt(value, a);
        a = value;
        value = healed(node, "b");
        cr_assert_gt(value, b);
        b = value;
    }
}

ServiceTest(store_down, a_seqd_started_before_its_redis_listens_answers_503_and_then_serves)
{
    struct redis *redis = redis_reserve();
    const struct node *node = node_start(redis, TIMEOUT);
    expect_unavailable(node, "a");
    expect_alive_but_not_ready(node);
    redis_restart(redis);
    EVENTUALLY(get(node, "/readyz")->status == 200, HEAL_MS);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(store_down, sixty_four_waiting_requests_are_all_answered_503_in_500_ms)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    static struct wire wires[64];
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_pause(redis);
    const int64_t start = now_ms();
    for (int i = 0; i < 64; i++) {
        wire_open(&wires[i], node);
        wire_send_text(&wires[i],
                       "POST /v1/sequences/a/nextval HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Length: 0\r\n\r\n");
    }
    for (int i = 0; i < 64; i++) {
        struct wire_reply reply = {0};
        cr_assert_eq(wire_receive(&wires[i], &reply, start + 5000), WIRE_REPLY);
        cr_assert_eq(reply.status, 503);
    }
    cr_assert_leq(now_ms() - start, ANSWER_MS + 500);
    redis_continue(redis);
    cr_assert_gt(healed(node, "a"), 1);
    for (int i = 0; i < 64; i++) {
        wire_close(&wires[i]);
    }
}

/* ---- a Redis that answers, but not with what was asked for ---- */

static const struct {
    const char *what, *words[5], *undo[5];
} refusals[] = {
    {"READONLY", {"REPLICAOF", "127.0.0.1", "1", NULL}, {"REPLICAOF", "NO", "ONE", NULL}},
    {"NOREPLICAS",
     {"CONFIG", "SET", "min-replicas-to-write", "1", NULL},
     {"CONFIG", "SET", "min-replicas-to-write", "0", NULL}},
    {"OOM", {"CONFIG", "SET", "maxmemory", "1", NULL}, {"CONFIG", "SET", "maxmemory", "0", NULL}},
};

ServiceTest(store_down, a_redis_that_refuses_writes_in_3_ways_is_503_behind_the_block_and_heals)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct redis *redis = redis_start(NULL);
        struct node *node = node_start_ready(redis, TIMEOUT);
        create(node, "{'name': 'a', 'cache': 100}");
        cr_assert_eq(nextval(node, "a"), 1);
        redis_run(redis, refusals[i].words);
        use_up_the_block(node);
        redis_run(redis, refusals[i].undo);
        cr_assert_gt(healed(node, "a"), 100, "%s", refusals[i].what);
        node_stop(node);
    }
}

static const struct {
    const char *answer; /* as fake_redis_start takes it */
    bool error;         /* a Redis error: store_unavailable and nothing else */
} answers[] = {
    {"-LOADING Redis is loading the dataset in memory\r\n", true},
    {"-READONLY You can't write against a read only replica.\r\n", true},
    {"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n", true},
    {"-MISCONF Redis is configured to save RDB snapshots, but it's unable to persist.\r\n", true},
    {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", true},
    {"-BUSY Redis is busy running a script.\r\n", true},
    {"-CLUSTERDOWN The cluster is down\r\n", true},
    {"-NOAUTH Authentication required.\r\n", true},
    {"-ERR max number of clients reached\r\n", true},
    {"", true},
    {NULL, true},
    {"+OK\r\n", false},
    {":1\r\n", false},
    {":99999999999999999999\r\n", false},
    {"$-1\r\n", false},
    {"$5\r\nhello\r\n", false},
    {"$-5\r\n", false},
    {"*0\r\n", false},
    {"*-1\r\n", false},
    {"*3\r\n$2\r\nok\r\n$1\r\n1\r\n$2\r\n-1\r\n", false},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", false},
    {"*1000000000\r\n", false},
    {"garbage\r\n", false},
    {"\x01\x02\x03\r\n\r\n", false},
};

ServiceTest(store_down, after_each_of_24_answers_to_everything_no_value_is_made_up_and_it_heals)
{
    struct redis *redis = redis_reserve();
    const struct node *node = node_start(redis, TIMEOUT);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct fake_redis fake = fake_redis_start(redis->port, answers[i].answer);
        EVENTUALLY(*fake.commands > 0, HEAL_MS);
        struct reply *reply = try_nextval(node, "a");
        cr_assert(reply->status == 503 || (!answers[i].error && reply->status == 404),
                  "answer %zu: %s", i, reply->what);
        cr_assert_leq(reply->took_ms, ANSWER_MS, "answer %zu: %s", i, reply->what);
        expect(get(node, "/livez"), 200);
        fake_redis_stop(&fake);
    }
    redis_restart(redis);
    EVENTUALLY(get(node, "/readyz")->status == 200, HEAL_MS);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(store_down, forgotten_scripts_and_cut_connections_are_not_noticed_by_clients)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (int64_t value = 1; value <= 5; value++) {
        cr_assert_eq(nextval(node, "a"), value);
        redis_run(redis, FLAGS("SCRIPT", "FLUSH"));
    }
    for (int64_t value = 6; value <= 10; value++) {
        cr_assert_eq(nextval(node, "a"), value);
        redis_run(redis, FLAGS("CLIENT", "KILL", "TYPE", "normal"));
        redis_run(redis, FLAGS("CLIENT", "KILL", "TYPE", "pubsub"));
    }
}

ServiceTest(store_down, a_wrong_password_is_503_and_the_right_one_is_never_logged)
{
    struct redis *redis = redis_start(FLAGS("--requirepass", "open-sesame-7"));
    char url[128];
    snprintf(url, sizeof url, "redis://:wrong-5@127.0.0.1:%d/0", redis->port);
    const struct node *wrong = node_start(NULL, FLAGS("--redis", url));
    EVENTUALLY(get(wrong, "/readyz")->status == 503, HEAL_MS);
    expect(try_nextval(wrong, "a"), 503);
    char right_url[128];
    snprintf(right_url, sizeof right_url, "redis://:open-sesame-7@127.0.0.1:%d/0", redis->port);
    const struct node *right =
        node_start_ready(NULL, FLAGS("--redis", right_url, "--log-level", "debug"));
    create(right, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(right, "a"), 1);
    char *log = file_text(right->log), *wrong_log = file_text(wrong->log);
    cr_assert_null(strstr(log, "open-sesame-7"));
    cr_assert_null(strstr(wrong_log, "wrong-5"));
    free(log);
    free(wrong_log);
}
