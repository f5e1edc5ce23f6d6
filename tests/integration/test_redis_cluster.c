/*
 * Redis Cluster: seqd finds the primary of each sequence, and again when that is another one. No
 * value is handed out twice.
 */
#include "tests/integration/client.h"
#include "tests/integration/redis_cluster.h"
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(redis_cluster, .timeout = 240);

#define TIMEOUT "--request-timeout-ms", "1000", "--redis-timeout-ms", "400"
enum { FAILOVER_MS = 60000, NAMES = 12 };

/* ---- values ---- */

/* Sequences over all primaries, and the last value of each. */
struct taken {
    char names[NAMES][16];
    int64_t last[NAMES];
    int64_t refused;
};

static void create_all(struct taken *taken, const struct node *node)
{
    for (int i = 0; i < NAMES; i++) {
        char body[64];
        snprintf(taken->names[i], sizeof taken->names[i], "s%d", i);
        snprintf(body, sizeof body, "{'name': 's%d', 'cache': %d}", i, i % 2 == 0 ? 1 : 10);
        create(node, body);
        taken->last[i] = 0;
    }
    taken->refused = 0;
}

/* One value of each of them, as far as it is given: each greater than all before. True: all. */
static bool take_each(struct taken *taken, const struct node *node)
{
    bool all = true;
    for (int i = 0; i < NAMES; i++) {
        const struct reply *reply = try_nextval(node, taken->names[i]);
        if (reply->status != 200) {
            cr_assert_eq(reply->status, 503, "%s", reply->what);
            taken->refused++;
            all = false;
            continue;
        }
        const int64_t value = reply_integer(reply, "value");
        cr_assert_gt(value, taken->last[i], "%s: %s", taken->names[i], reply->what);
        taken->last[i] = value;
    }
    return all;
}

static void take_rounds(struct taken *taken, const struct node *node, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        cr_assert(take_each(taken, node));
    }
}

/* How long until every sequence gives values again. */
static void take_until_all(struct taken *taken, const struct node *node, const char *after)
{
    const int64_t begin = now_ms();
    EVENTUALLY(take_each(taken, node), FAILOVER_MS);
    cr_log_info("all give values %" PRId64 " ms after %s; refused: %" PRId64, now_ms() - begin,
                after, taken->refused);
}

ServiceTest(redis_cluster, values_of_200_sequences_over_all_primaries_are_1_2_3)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *nodes[2] = {redis_cluster_node(cluster), redis_cluster_node(cluster)};
    for (int i = 0; i < 200; i++) {
        char body[64];
        snprintf(body, sizeof body, "{'name': 'v%d', 'cache': 1}", i);
        create(nodes[i % 2], body);
    }
    for (int64_t value = 1; value <= 3; value++) {
        for (int i = 0; i < 200; i++) {
            char name[16];
            snprintf(name, sizeof name, "v%d", i);
            cr_assert_eq(nextval(nodes[(i + value) % 2], name), value, "%s", name);
        }
    }
    for (int i = 0; i < CLUSTER_PRIMARIES; i++) {
        cr_assert_gt(redis_cluster_run(cluster, i, FLAGS("DBSIZE")), 50, "server %d", i);
    }
    struct reply *list = expect(get(nodes[0], "/v1/sequences?limit=1000"), 200);
    cr_assert_eq(reply_size(list, "sequences"), 200);
}

/* ---- failovers ---- */

ServiceTest(redis_cluster, after_kill_9_of_a_primary_values_go_on_from_its_replica)
{
    struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
    struct taken taken;
    create_all(&taken, node);
    take_rounds(&taken, node, 20);
    redis_kill(cluster->servers[1]);
    take_until_all(&taken, node, "a primary was killed");
    take_rounds(&taken, node, 20);
    node_wait_ready(node);
    /* It comes back as a replica, and may be promoted again. */
    redis_restart(cluster->servers[1]);
    redis_cluster_wait_replicated(cluster, redis_cluster_replica_of(1));
    take_rounds(&taken, node, 5);
    /* And so what is reserved is on it, too, before it counts. */
    EVENTUALLY(
        (take_each(&taken, node), strstr(get(node, "/readyz")->body, "+ replicas:1") != NULL),
        FAILOVER_MS);
}

static bool is_primary(const struct redis_cluster *cluster, int server)
{
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("ROLE"));
    const bool primary = reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
                         strcmp(reply->element[0]->str, "master") == 0;
    freeReplyObject(reply);
    return primary;
}

/* Asks for it again every 4 s: the primaries vote for a successor at intervals, and one that does
 * not get their votes in time gives up. */
static void fail_over(const struct redis_cluster *cluster, int server, const char *how,
                      struct taken *taken, const struct node *node)
{
    const char *const *words =
        how != NULL ? FLAGS("CLUSTER", "FAILOVER", how) : FLAGS("CLUSTER", "FAILOVER");
    const int64_t until = now_ms() + FAILOVER_MS;
    int64_t again = now_ms();
    while (!is_primary(cluster, server)) {
        if (now_ms() >= again) {
            freeReplyObject(redis_cluster_ask(cluster, server, words));
            again = now_ms() + 4000;
        }
        take_each(taken, node);
        cr_assert_lt(now_ms(), until, "no failover: %s", how);
    }
}

ServiceTest(redis_cluster, values_go_on_over_failovers_by_hand_there_and_back)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
    static const char *const ways[] = {NULL, "FORCE", "TAKEOVER", NULL};
    struct taken taken;
    create_all(&taken, node);
    take_rounds(&taken, node, 10);
    for (int i = 0; i < 4; i++) {
        const int to = i % 2 == 0 ? redis_cluster_replica_of(2) : 2;
        fail_over(cluster, to, ways[i], &taken, node);
        take_until_all(&taken, node, ways[i] != NULL ? ways[i] : "CLUSTER FAILOVER");
        take_rounds(&taken, node, 10);
        redis_cluster_wait_replicated(cluster, to);
    }
    node_wait_ready(node);
}

ServiceTest(redis_cluster, a_primary_that_stood_still_and_goes_on_hands_out_nothing_old)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
    struct taken taken;
    create_all(&taken, node);
    take_rounds(&taken, node, 10);
    redis_pause(cluster->servers[0]);
    take_until_all(&taken, node, "a primary stood still");
    redis_continue(cluster->servers[0]);
    take_until_all(&taken, node, "it went on");
    EVENTUALLY((take_each(&taken, node), !is_primary(cluster, 0)), FAILOVER_MS);
    take_until_all(&taken, node, "it was demoted");
    take_rounds(&taken, node, 10);
}

/* ---- slots move ---- */

ServiceTest(redis_cluster, values_go_on_while_slots_are_moved_key_by_key)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster), *other = redis_cluster_node(cluster);
    struct taken taken, theirs;
    create_all(&taken, node);
    theirs = taken;
    for (int i = 0; i < NAMES; i++) {
        const int slot = redis_cluster_slot(cluster, taken.names[i]);
        const int from = redis_cluster_owner(cluster, slot), to = (from + 1) % CLUSTER_PRIMARIES;
        redis_cluster_open_slot(cluster, slot, from, to);
        cr_assert(take_each(&taken, node), "the slot is open");
        bool more = true;
        while (more) {
            more = redis_cluster_move_key(cluster, slot, from, to);
            take_each(&taken, node); /* of its two keys one may be there, and one here */
            take_each(&theirs, other);
        }
        EVENTUALLY(take_each(&taken, node), 5000);
        redis_cluster_close_slot(cluster, slot, from, to);
        EVENTUALLY(take_each(&taken, node), 5000);
        EVENTUALLY(take_each(&theirs, other), 5000);
    }
    take_rounds(&taken, node, 10);
    node_wait_ready(node);
}

ServiceTest(redis_cluster, slots_are_moved_to_a_server_that_had_none)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    const int slot = redis_cluster_slot(cluster, a), to = redis_cluster_replica_of(2);
    char body[64];
    snprintf(body, sizeof body, "{'name': '%s', 'cache': 1}", a);
    create(node, body);
    cr_assert_eq(nextval(node, a), 1);
    redis_cluster_make_empty_primary(cluster, to);
    redis_cluster_open_slot(cluster, slot, 0, to);
    while (redis_cluster_move_key(cluster, slot, 0, to)) {
    }
    struct reply *reply;
    EVENTUALLY((reply = try_nextval(node, a))->status == 200, 5000);
    const int64_t value = reply_integer(reply, "value");
    cr_assert_eq(nextval(node, a), value + 1, "by ASK");
    setval(node, a, 1000, true);
    redis_cluster_close_slot(cluster, slot, 0, to);
    for (int64_t next = 1001; next < 1020; next++) {
        cr_assert_eq(nextval(node, a), next);
    }
    node_wait_ready(node);
}

/* ---- what does not work ---- */

ServiceTest(redis_cluster, without_a_primary_its_slots_answer_503_and_all_others_go_on)
{
    struct redis_cluster *cluster =
        redis_cluster_start(FLAGS("--cluster-require-full-coverage", "no"));
    const struct node *node = redis_cluster_node(cluster);
    char body[64], *here[3];
    for (int i = 0; i < 3; i++) {
        here[i] = strdup(redis_cluster_name_at(cluster, i, "s"));
        snprintf(body, sizeof body, "{'name': '%s', 'cache': %d}", here[i], i == 1 ? 100 : 1);
        create(node, body);
        cr_assert_eq(nextval(node, here[i]), 1);
    }
    redis_kill(cluster->servers[redis_cluster_replica_of(1)]);
    redis_kill(cluster->servers[1]);
    for (int64_t value = 2; value <= 100; value++) {
        cr_assert_eq(nextval(node, here[1]), value, "what is held");
    }
    struct reply *refused =
        expect_problem(try_nextval(node, here[1]), 503, "store_unavailable", "08006", NULL);
    cr_log_info("%s", reply_text(refused, "detail"));
    struct reply *reply;
    EVENTUALLY((reply = try_nextval(node, here[0]))->status == 200, FAILOVER_MS);
    EVENTUALLY((reply = try_nextval(node, here[2]))->status == 200, FAILOVER_MS);
    struct reply *ready = expect(get(node, "/readyz"), 503);
    char server[32];
    snprintf(server, sizeof server, "127.0.0.1:%d", cluster->servers[1]->port);
    cr_assert_not_null(strstr(ready->body, server), "%s", ready->body);
    for (int i = 0; i < 10; i++) {
        const int64_t begin = now_ms();
        expect_problem(try_nextval(node, here[1]), 503, "store_unavailable", NULL, NULL);
        cr_assert_lt(now_ms() - begin, 1500);
        EVENTUALLY(try_nextval(node, here[0])->status == 200, 5000);
    }
    redis_restart(cluster->servers[1]);
    EVENTUALLY(try_nextval(node, here[1])->status == 200, FAILOVER_MS);
    node_wait_ready(node);
}

ServiceTest(redis_cluster, without_a_majority_what_is_held_goes_on_and_the_reason_is_told)
{
    struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
    char body[64];
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    snprintf(body, sizeof body, "{'name': '%s', 'cache': 1000}", a);
    create(node, body);
    cr_assert_eq(nextval(node, a), 1);
    create(node, "{'name': 'one', 'cache': 1}");
    for (int i = 1; i < CLUSTER_PRIMARIES; i++) {
        redis_kill(cluster->servers[redis_cluster_replica_of(i)]);
        redis_kill(cluster->servers[i]);
    }
    struct reply *ready;
    EVENTUALLY((ready = get(node, "/readyz"))->status == 503 &&
                   strstr(ready->body, "CLUSTERDOWN") != NULL,
               FAILOVER_MS);
    cr_assert_eq(nextval(node, a), 2);
    expect_problem(try_nextval(node, "one"), 503, "store_unavailable", "08006", NULL);
    for (int i = 1; i < CLUSTER_PRIMARIES; i++) {
        redis_restart(cluster->servers[i]);
    }
    EVENTUALLY(try_nextval(node, "one")->status == 200, FAILOVER_MS);
    node_wait_ready(node);
}

static void expect_not_ready(const char *url, const char *part)
{
    struct node *node = node_start(NULL, FLAGS("--redis", url, TIMEOUT));
    struct reply *ready;
    EVENTUALLY((ready = get(node, "/readyz"))->status == 503 && strstr(ready->body, part) != NULL,
               FAILOVER_MS);
    node_stop(node);
}

ServiceTest(redis_cluster, readyz_says_why_a_cluster_cannot_be_used)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    char url[160];
    const int port = cluster->servers[0]->port;
    snprintf(url, sizeof url, "redis+cluster://:wrong-5@127.0.0.1:%d", port);
    expect_not_ready(url, "WRONGPASS");
    snprintf(url, sizeof url, "redis+cluster://127.0.0.1:%d", port);
    expect_not_ready(url, "NOAUTH");
    snprintf(url, sizeof url, "redis://:%s@127.0.0.1:%d", CLUSTER_PASSWORD,
             cluster->servers[1]->port);
    expect_not_ready(url, "MOVED");
    snprintf(url, sizeof url, "redis+cluster://127.0.0.1:%d", redis_start(NULL)->port);
    expect_not_ready(url, "cluster support disabled");
    snprintf(url, sizeof url, "redis+cluster://127.0.0.1:%d", redis_reserve()->port);
    expect_not_ready(url, "Connection refused");
}
