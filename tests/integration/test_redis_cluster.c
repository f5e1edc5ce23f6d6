/*
 * Redis Cluster: seqd finds the primary of each sequence, and again when that is another one. No
 * value is handed out twice, and all that works with one Redis works here.
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

static struct node *start_on(const struct redis_cluster *cluster)
{
    struct node *node = node_start(NULL, FLAGS("--redis", cluster->url, TIMEOUT));
    node_wait_ready(node);
    return node;
}

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
    const struct node *nodes[2] = {start_on(cluster), start_on(cluster)};
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

/* ---- administration ---- */

ServiceTest(redis_cluster, sequences_are_created_altered_renamed_and_dropped)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster), *other = start_on(cluster);
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    const char *b = redis_cluster_name_at(cluster, 1, "b");
    char body[128];
    snprintf(body, sizeof body, "{'name': '%s', 'start': 10, 'owned_by': 't.c', 'cache': 10}", a);
    create(node, body);
    expect_problem(post(node, body, "/v1/sequences"), 409, "sequence_exists", "42P07", NULL);
    cr_assert_eq(nextval(node, a), 10);
    cr_assert_eq(nextval(other, a), 20);
    setval(node, a, 100, true);
    EVENTUALLY(nextval(other, a) > 100, 5000);
    expect(post(node, "{'value': 500}", "/v1/sequences/%s/advance", a), 200);
    expect(patch(node, "{'increment': 5}", "/v1/sequences/%s", a), 200);
    cr_assert_eq(nextval(node, a), 505);
    /* To another slot: the numbers go on, and nothing is left behind. */
    snprintf(body, sizeof body, "{'name': '%s', 'owned_by': 't.d', 'max_value': 100000}", b);
    struct reply *renamed = expect(patch(node, body, "/v1/sequences/%s", a), 200);
    cr_assert_str_eq(reply_text(renamed, "owned_by"), "t.d");
    cr_assert_eq(reply_integer(renamed, "max_value"), 100000);
    expect_problem(try_nextval(node, a), 404, "sequence_not_found", "42P01", NULL);
    EVENTUALLY(try_nextval(other, a)->status == 404, 5000);
    cr_assert_gt(nextval(node, b), 505);
    cr_assert_gt(nextval(other, b), 510);
    struct reply *list = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(reply_size(list, "sequences"), 1, "%s", list->body);
    cr_assert_str_eq(reply_text(list, "sequences.0.name"), b);
    struct reply *owned = sql(node, "SELECT pg_get_serial_sequence('t', 'd')");
    cr_assert_not_null(strstr(reply_text(owned, "results.0.rows.0.0"), b), "%s", owned->body);
    expect_problem(try_sql(node, "SELECT pg_get_serial_sequence('t', 'c')"), 404,
                   "sequence_not_found", "42P01", NULL);
    /* The old name is free, and the new one is not. */
    snprintf(body, sizeof body, "{'name': '%s'}", a);
    create(node, body);
    snprintf(body, sizeof body, "{'name': '%s'}", b);
    expect_problem(patch(node, body, "/v1/sequences/%s", a), 409, "sequence_exists", "42P07", NULL);
    cr_assert_eq(nextval(node, a), 1);
    expect(drop(node, "/v1/sequences/%s", b), 204);
    expect(drop(node, "/v1/sequences/%s", a), 204);
    expect_problem(drop(node, "/v1/sequences/%s", a), 404, "sequence_not_found", NULL, NULL);
    cr_assert_eq(reply_size(expect(get(node, "/v1/sequences"), 200), "sequences"), 0);
}

ServiceTest(redis_cluster, sql_and_tables_work_as_with_one_redis)
{
    const struct node *node = start_on(redis_cluster_start(NULL));
    sql(node,
        "CREATE SEQUENCE a START 1000; SELECT nextval('a'), setval('a', 7);"
        "ALTER SEQUENCE a RENAME TO b; ALTER SEQUENCE b SET SCHEMA s; SELECT * FROM s.b;"
        "CREATE SEQUENCE c OWNED BY t.v; CREATE TABLE t (id serial, k int GENERATED ALWAYS AS "
        "IDENTITY, v int); INSERT INTO t (v) VALUES (1), (2);"
        "SELECT pg_get_serial_sequence('t', 'id'); SELECT lastval();"
        "SELECT * FROM pg_sequences; SELECT nextval('c') FROM generate_series(1, 10);");
    cr_assert_eq(sql_value(node, "SELECT nextval('s.b')"), 8);
    cr_assert_str_eq(sql_text(node, "INSERT INTO t (v) VALUES (3)"),
                     "INSERT INTO t (v, id, k) VALUES (3, 3, 3)");
    sql(node,
        "ALTER TABLE t RENAME COLUMN id TO key; ALTER TABLE t ADD COLUMN w int;"
        "ALTER TABLE t DROP COLUMN k; ALTER TABLE t RENAME TO u;"
        "DROP SEQUENCE t_id_seq CASCADE");
    expect(post(node, "{'column': 'w', 'type': 'serial'}", "/v1/tables/u/serials"), 201);
    expect(get(node, "/v1/tables/u/serials"), 200);
    expect_problem(try_sql(node, "CREATE TABLE u (id serial)"), 409, "sequence_exists", "42P07",
                   NULL);
    /* All of them are looked at before the first is dropped. */
    sql(node, "CREATE SEQUENCE x1; CREATE SEQUENCE x2; CREATE SEQUENCE x3");
    expect_problem(try_sql(node, "DROP SEQUENCE x1, x2, nosuch, x3"), 404, "sequence_not_found",
                   "42P01", NULL);
    cr_assert_eq(nextval(node, "x1"), 1);
    sql(node, "DROP SEQUENCE x1, x2, x3, x1; DROP SEQUENCE s.b; DROP SEQUENCE IF EXISTS x1");
    expect(drop(node, "/v1/tables/u/serials"), 204);
    struct reply *list = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(reply_size(list, "sequences"), 0, "%s", list->body);
}

/* ---- failovers ---- */

ServiceTest(redis_cluster, after_kill_9_of_a_primary_values_go_on_from_its_replica)
{
    struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
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
    const struct node *node = start_on(cluster);
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
    const struct node *node = start_on(cluster);
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
    const struct node *node = start_on(cluster), *other = start_on(cluster);
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

ServiceTest(redis_cluster, a_sequence_is_changed_while_its_slot_is_moved)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    char body[64];
    const int slot = redis_cluster_slot(cluster, a);
    snprintf(body, sizeof body, "{'name': '%s', 'cache': 1}", a);
    create(node, body);
    redis_cluster_open_slot(cluster, slot, 0, 2);
    setval(node, a, 100, true);
    while (redis_cluster_move_key(cluster, slot, 0, 2)) {
    }
    setval(node, a, 200, true); /* ASK */
    cr_assert_eq(nextval(node, a), 201);
    expect(patch(node, "{'increment': 10}", "/v1/sequences/%s", a), 200);
    cr_assert_eq(nextval(node, a), 211);
    redis_cluster_close_slot(cluster, slot, 0, 2);
    setval(node, a, 300, true); /* MOVED */
    cr_assert_eq(nextval(node, a), 310);
    expect(drop(node, "/v1/sequences/%s", a), 204);
}

ServiceTest(redis_cluster, slots_are_moved_to_a_server_that_had_none)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
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

/* Its replica would hand out again what the new one does, were it promoted now. */
ServiceTest(redis_cluster, moved_keys_wait_until_the_old_primary_proves_that_they_are_gone)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    char body[64];
    const int slot = redis_cluster_slot(cluster, a);
    snprintf(body, sizeof body, "{'name': '%s', 'cache': 1}", a);
    create(node, body);
    cr_assert_eq(nextval(node, a), 1);
    struct redis *replica = cluster->servers[redis_cluster_replica_of(0)];
    redis_pause(replica);
    redis_cluster_open_slot(cluster, slot, 0, 2);
    while (redis_cluster_move_key(cluster, slot, 0, 2)) {
    }
    for (int i = 0; i < 3; i++) {
        expect(try_nextval(node, a), 503);
    }
    redis_continue(replica);
    EVENTUALLY(try_nextval(node, a)->status == 200, FAILOVER_MS); /* ASK */
    redis_cluster_close_slot(cluster, slot, 0, 2);
    EVENTUALLY(try_nextval(node, a)->status == 200, FAILOVER_MS);
}

ServiceTest(redis_cluster, the_slots_of_the_list_and_of_the_nodes_are_moved)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *nodes[2] = {start_on(cluster), start_on(cluster)};
    static const char *const tags[] = {".list", ".nodes"};
    create(nodes[0], "{'name': 'a', 'cache': 100}");
    cr_assert_eq(nextval(nodes[1], "a"), 1);
    for (size_t i = 0; i < 2; i++) {
        const int slot = redis_cluster_slot(cluster, tags[i]);
        const int from = redis_cluster_owner(cluster, slot), to = (from + 1) % CLUSTER_PRIMARIES;
        redis_cluster_open_slot(cluster, slot, from, to);
        while (redis_cluster_move_key(cluster, slot, from, to)) {
        }
        cr_assert_eq(reply_size(expect(get(nodes[0], "/v1/sequences"), 200), "sequences"), 1);
        redis_cluster_close_slot(cluster, slot, from, to);
    }
    create(nodes[0], "{'name': 'b'}");
    cr_assert_eq(reply_size(expect(get(nodes[1], "/v1/sequences"), 200), "sequences"), 2);
    expect(post(nodes[0], "{'value': 1000}", "/v1/sequences/a/setval?fence=strict"), 200);
    cr_assert_eq(reply_size(expect(get(nodes[1], "/v1/nodes"), 200), "nodes"), 2);
}

/* ---- what does not work ---- */

ServiceTest(redis_cluster, without_a_primary_its_slots_answer_503_and_all_others_go_on)
{
    struct redis_cluster *cluster =
        redis_cluster_start(FLAGS("--cluster-require-full-coverage", "no"));
    const struct node *node = start_on(cluster);
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
    const struct node *node = start_on(cluster);
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

/* ---- strict changes ---- */

ServiceTest(redis_cluster, after_a_strict_change_no_node_hands_out_old_numbers)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *nodes[3] = {start_on(cluster), start_on(cluster), start_on(cluster)};
    create(nodes[0], "{'name': 'a', 'cache': 1000}");
    for (int64_t round = 1; round <= 5; round++) {
        char body[64];
        for (int i = 0; i < 3; i++) {
            nextval(nodes[i], "a");
        }
        snprintf(body, sizeof body, "{'value': %" PRId64 "}", round * 1000000);
        expect(post(nodes[round % 3], body, "/v1/sequences/a/setval?fence=strict"), 200);
        for (int i = 0; i < 3; i++) {
            const int64_t value = nextval(nodes[i], "a");
            cr_assert(value > round * 1000000 && value <= round * 1000000 + 3000, "%" PRId64,
                      value);
        }
    }
    expect(patch(nodes[0], "{'name': 'b'}", "/v1/sequences/a?fence=strict"), 200);
    for (int i = 0; i < 3; i++) {
        expect_problem(try_nextval(nodes[i], "a"), 404, "sequence_not_found", "42P01", NULL);
        cr_assert_gt(nextval(nodes[i], "b"), 5000000);
    }
}

/* ---- a rename that was not finished ---- */

static char new_generation[33]; /* that the last mark names */

/* The state that a node leaves which dies after step 1 of a rename from `a` to `b`. */
static void take_out(const struct redis_cluster *cluster, const char *a, const char *b)
{
    char definition[64], mark[96], *generation;
    const int server = redis_cluster_owner(cluster, redis_cluster_slot(cluster, a));
    snprintf(definition, sizeof definition, "seqd:{%s}", a);
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("HGET", definition, "generation"));
    generation = reply->str;
    static int number;
    snprintf(new_generation, sizeof new_generation, "%032d", ++number);
    snprintf(mark, sizeof mark, "%s %s", b, new_generation);
    redis_cluster_run(
        cluster, server,
        FLAGS("HSET", definition, "moving", mark, "left", generation, "dropped", "oid"));
    redis_cluster_run(cluster, server, FLAGS("HDEL", definition, "generation"));
    freeReplyObject(reply);
}

ServiceTest(redis_cluster, a_rename_that_was_not_finished_is_finished_by_who_finds_it)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
    char body[64], path[64];
    static const char *const finders[] = {"GET", "PATCH", "DELETE", "LIST", "CREATE"};
    for (int i = 0; i < 5; i++) {
        char *a = strdup(redis_cluster_name_at(cluster, 0, "a"));
        char *b = strdup(redis_cluster_name_at(cluster, 1, "b"));
        snprintf(body, sizeof body, "{'name': '%s', 'cache': 1, 'owned_by': 't.c'}", a);
        create(node, body);
        for (int64_t value = 1; value <= 5; value++) {
            cr_assert_eq(nextval(node, a), value);
        }
        take_out(cluster, a, b);
        cr_assert_neq(try_nextval(node, a)->status, 200);
        snprintf(path, sizeof path, "/v1/sequences/%s", a);
        if (i == 0) {
            expect(get(node, "%s", path), 404);
        } else if (i == 1) {
            expect(patch(node, "{'increment': 1}", "%s", path), 404);
        } else if (i == 2) {
            expect(drop(node, "%s", path), 404);
        } else if (i == 3) {
            expect(get(node, "/v1/sequences"), 200);
        } else {
            create(node, body);
        }
        cr_assert_eq(nextval(node, b), 6, "%s", finders[i]);
        if (i == 4) {
            cr_assert_eq(nextval(node, a), 1);
            expect(drop(node, "/v1/sequences/%s", a), 204);
        }
        expect_problem(try_nextval(node, a), 404, "sequence_not_found", NULL, NULL);
        struct reply *list = expect(get(node, "/v1/sequences"), 200);
        cr_assert_eq(reply_size(list, "sequences"), 1, "%s: %s", finders[i], list->body);
        cr_assert_str_eq(reply_text(list, "sequences.0.owned_by"), "t.c");
        expect(drop(node, "/v1/sequences/%s", b), 204);
    }
}

/* The state after step 2: `b` is there, in the generation that the mark names. */
static void make_new(const struct redis_cluster *cluster, const char *a, const char *b)
{
    char from[64], to[64], to_next[72];
    const int server = redis_cluster_owner(cluster, redis_cluster_slot(cluster, a));
    const int other = redis_cluster_owner(cluster, redis_cluster_slot(cluster, b));
    snprintf(from, sizeof from, "seqd:{%s}", a);
    snprintf(to, sizeof to, "seqd:{%s}", b);
    snprintf(to_next, sizeof to_next, "seqd:{%s}:next", b);
    redisReply *fields = redis_cluster_ask(cluster, server, FLAGS("HGETALL", from));
    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        redis_cluster_run(cluster, other,
                          FLAGS("HSET", to, fields->element[i]->str, fields->element[i + 1]->str));
    }
    freeReplyObject(fields);
    redis_cluster_run(cluster, other,
                      FLAGS("HDEL", to, "moving", "left", "dropped", "server", "confirmed",
                            "pending", "settled"));
    redis_cluster_run(cluster, other,
                      FLAGS("HSET", to, "generation", new_generation, "born", new_generation));
    redis_cluster_run(cluster, other, FLAGS("SET", to_next, "3"));
}

ServiceTest(redis_cluster, a_rename_whose_old_name_is_still_marked_gives_no_number_twice)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
    char body[64];
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    const char *b = redis_cluster_name_at(cluster, 1, "b");
    for (int dropped = 0; dropped <= 1; dropped++) {
        snprintf(body, sizeof body, "{'name': '%s', 'cache': 1}", a);
        create(node, body);
        setval(node, a, 1, false);
        for (int64_t value = 1; value <= 3; value++) {
            cr_assert_eq(nextval(node, a), value);
        }
        take_out(cluster, a, b);
        make_new(cluster, a, b);
        cr_assert_eq(nextval(node, b), 4);
        if (dropped) {
            expect(drop(node, "/v1/sequences/%s", b), 204);
        }
        expect(get(node, "/v1/sequences/%s", a), 404);
        expect(get(node, "/v1/sequences/%s", b), dropped ? 404 : 200);
        if (!dropped) {
            cr_assert_eq(nextval(node, b), 5);
            expect(drop(node, "/v1/sequences/%s", b), 204);
        }
    }
}

ServiceTest(redis_cluster, a_rename_that_was_not_finished_is_undone_when_the_name_is_taken)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = start_on(cluster);
    char body[64];
    const char *a = redis_cluster_name_at(cluster, 0, "a");
    const char *b = redis_cluster_name_at(cluster, 1, "b");
    snprintf(body, sizeof body, "{'name': '%s', 'cache': 1}", a);
    create(node, body);
    cr_assert_eq(nextval(node, a), 1);
    take_out(cluster, a, b);
    snprintf(body, sizeof body, "{'name': '%s', 'start': 1000}", b);
    create(node, body);
    cr_assert_eq(nextval(node, b), 1000);
    expect(get(node, "/v1/sequences/%s", a), 200);
    cr_assert_eq(nextval(node, a), 2);
    cr_assert_eq(nextval(node, b), 1001);
    cr_assert_eq(reply_size(expect(get(node, "/v1/sequences"), 200), "sequences"), 2);
}
