/*
 * Redis Cluster: all that changes sequences works as with one Redis, also where it takes several
 * steps, and when those were not all done.
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

TestSuite(redis_cluster_changes, .timeout = 240);

enum { BACK_MS = 60000 };

ServiceTest(redis_cluster_changes, sequences_are_created_altered_renamed_and_dropped)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster), *other = redis_cluster_node(cluster);
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

ServiceTest(redis_cluster_changes, sql_and_tables_work_as_with_one_redis)
{
    const struct node *node = redis_cluster_node(redis_cluster_start(NULL));
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

/* ---- while slots move ---- */

ServiceTest(redis_cluster_changes, a_sequence_is_changed_while_its_slot_is_moved)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
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

/* Its replica would hand out again what the new one does, were it promoted now. */
ServiceTest(redis_cluster_changes, moved_keys_wait_until_the_old_primary_proves_that_they_are_gone)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
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
    EVENTUALLY(try_nextval(node, a)->status == 200, BACK_MS); /* ASK */
    redis_cluster_close_slot(cluster, slot, 0, 2);
    EVENTUALLY(try_nextval(node, a)->status == 200, BACK_MS);
}

ServiceTest(redis_cluster_changes, the_slots_of_the_list_and_of_the_nodes_are_moved)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *nodes[2] = {redis_cluster_node(cluster), redis_cluster_node(cluster)};
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

/* ---- strict changes ---- */

ServiceTest(redis_cluster_changes, after_a_strict_change_no_node_hands_out_old_numbers)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *nodes[3] = {redis_cluster_node(cluster), redis_cluster_node(cluster),
                                   redis_cluster_node(cluster)};
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

ServiceTest(redis_cluster_changes, a_rename_that_was_not_finished_is_finished_by_who_finds_it)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
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

ServiceTest(redis_cluster_changes, a_rename_whose_old_name_is_still_marked_gives_no_number_twice)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
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

ServiceTest(redis_cluster_changes, a_rename_that_was_not_finished_is_undone_when_the_name_is_taken)
{
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    const struct node *node = redis_cluster_node(cluster);
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
