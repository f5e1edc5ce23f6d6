/*
 * SQL while Redis stands still, is gone, or is asked by too many: what is in memory goes on,
 * the rest is 503 in time, and tells which statement it was and what those before it gave.
 */
#include "tests/integration/sql.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

TestSuite(sql_store_down, .timeout = 120);

/* As in test_store_down.c. */
#define TIMEOUT FLAGS("--request-timeout-ms", "500", "--redis-timeout-ms", "400")
enum { ANSWER_MS = 500 + 100 + 900, HEAL_MS = 20000 };

/* The deadline comes first, so that what was asked of the clerk is abandoned. */
#define ABANDONING FLAGS("--request-timeout-ms", "300", "--redis-timeout-ms", "20000")

static void expect_unavailable(struct reply *reply, int64_t statement, size_t results)
{
    expect_problem(reply, 503, "store_unavailable", "08006", NULL);
    cr_assert_not_null(reply_header(reply, "retry-after"), "%s", reply->what);
    cr_assert_leq(reply->took_ms, ANSWER_MS, "%s took %" PRId64 " ms", reply->what, reply->took_ms);
    expect_done_before(reply, statement, results);
}

#define INSERT "INSERT INTO t (v) VALUES ('x')"

/* Blocks of 100 of `a` and of t's serial column, of which 1 is used, on a node that knows t. */
static void prepare(const struct node *node)
{
    sql(node,
        "CREATE SEQUENCE a CACHE 100; CREATE TABLE t (id serial, v text);"
        "ALTER SEQUENCE t_id_seq CACHE 100");
    cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 1);
    cr_assert_str_eq(sql_text(node, INSERT), "INSERT INTO t (v, id) VALUES ('x', 1)");
}

/* 2 to 100, and then none. */
static void use_up_the_blocks(const struct node *node)
{
    for (int i = 2; i <= 98; i++) {
        char due[64];
        snprintf(due, sizeof due, "INSERT INTO t (v, id) VALUES ('x', %d)", i);
        cr_assert_eq(sql_value(node, "SELECT nextval('a')"), i);
        cr_assert_str_eq(sql_text(node, INSERT), due);
    }
    struct reply *reply = try_sql(node, "SELECT nextval('a'); " INSERT
                                        "; SELECT nextval('a');"
                                        "SELECT nextval('a'); " INSERT);
    expect_unavailable(reply, 4, 3);
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.0"), 99);
    cr_assert_str_eq(reply_text(reply, "results.1.sql"), "INSERT INTO t (v, id) VALUES ('x', 99)");
    cr_assert_eq(reply_integer(reply, "results.2.rows.0.0"), 100);
    reply = try_sql(node, "INSERT INTO t (v) VALUES ('x'), ('y')");
    expect_unavailable(reply, 1, 0); /* one number is there, two are wanted */
    cr_assert_str_eq(sql_text(node, INSERT), "INSERT INTO t (v, id) VALUES ('x', 100)");
    expect_unavailable(try_sql(node, INSERT), 1, 0);
}

static const char *const errands[] = {
    "CREATE SEQUENCE b",
    "ALTER SEQUENCE a INCREMENT BY 2",
    "ALTER SEQUENCE a RENAME TO c",
    "DROP SEQUENCE IF EXISTS nothing",
    "SELECT setval('a', 7)",
    "SELECT last_value FROM a",
    "SELECT * FROM pg_sequences",
    "SELECT pg_sequence_last_value('a')",
    "SELECT pg_get_serial_sequence('t', 'id')",
    "SELECT currval('unknown')",
    "SELECT nextval('unknown')",
    "SELECT nextval('a'), nextval('unknown')",
    "INSERT INTO unknown (v) VALUES (1)",
    "INSERT INTO t (v) VALUES (nextval('unknown'))",
    "CREATE TABLE u (id serial, k bigserial)",
    "ALTER TABLE t RENAME COLUMN id TO key",
    "DROP TABLE unknown, unknown2",
};
#define ERRANDS (sizeof errands / sizeof *errands)

ServiceTest(sql_store_down,
            with_redis_standing_still_numbers_go_on_to_100_and_17_statements_are_503)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    prepare(node);
    redis_pause(redis);
    sql(node, "SELECT 1; DISCARD ALL; CREATE TABLE no_serial (v int)"); /* ask nobody */
    for (size_t i = 0; i < ERRANDS; i++)
        expect_unavailable(try_sql(node, errands[i]), 1, 0);
    use_up_the_blocks(node);
    redis_continue(redis);
    EVENTUALLY(try_sql(node, "SELECT 1; SELECT * FROM pg_sequences")->status == 200, HEAL_MS);
}

ServiceTest(sql_store_down, with_redis_killed_numbers_go_on_and_after_its_restart_none_comes_again)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, TIMEOUT);
    prepare(node);
    redis_kill(redis);
    use_up_the_blocks(node);
    redis_restart(redis);
    EVENTUALLY(try_sql(node, INSERT)->status == 200, HEAL_MS);
    cr_assert_gt(sql_value(node, "SELECT nextval('a')"), 100);
    cr_assert_gt(sql_value(node, "SELECT nextval('t_id_seq')"), 101);
    cr_assert_gt(sql_value(node_start_ready(redis, NULL), "SELECT nextval('a')"), 101);
}

/* A request on its way, over a connection of its own. */
static void send_sql(struct wire *wire, const struct node *node, const char *text)
{
    char request[1024];
    snprintf(request, sizeof request,
             "POST /v1/sql HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             strlen(text), text);
    wire_open(wire, node);
    cr_assert(wire_send_text(wire, request));
}

static int64_t waiting(const struct node *node)
{
    const char *found =
        strstr(expect(get(node, "/metrics"), 200)->body, "\nseqd_waiting_requests ");
    cr_assert_not_null(found);
    return strtoll(found + sizeof "\nseqd_waiting_requests " - 1, NULL, 10);
}

ServiceTest(sql_store_down, abandoned_errands_of_17_statements_leak_nothing_and_the_node_goes_on)
{
    static struct wire wires[ERRANDS];
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, ABANDONING);
    prepare(node);
    for (int round = 0; round < 3; round++) {
        redis_pause(redis);
        const int64_t start = now_ms();
        for (size_t i = 0; i < ERRANDS; i++)
            send_sql(&wires[i], node, errands[i]);
        for (size_t i = 0; i < ERRANDS; i++) {
            struct wire_reply reply = {0};
            cr_assert_eq(wire_receive(&wires[i], &reply, start + 10000), WIRE_REPLY);
            cr_assert_eq(reply.status, 503, "%s: %.*s", errands[i], (int)reply.body_length,
                         reply.body);
            cr_assert_not_null(memmem(reply.body, reply.body_length, "\"statement\": 1", 14));
            wire_close(&wires[i]);
        }
        cr_assert_leq(now_ms() - start, 300 + 100 + 1400);
        redis_continue(redis);
        EVENTUALLY(waiting(node) == 0 && get(node, "/v1/sequences")->status == 200, HEAL_MS);
    }
    EVENTUALLY(try_sql(node, "SELECT setval('t_id_seq', 5)")->status == 200, HEAL_MS);
    node_stop(node); /* it exits with 0, and ASan has nothing to say */
}

/* For the clerk, or for numbers: of one call, or of a statement's rows. */
static const char *statement_that_waits(size_t i)
{
    static const char *const numbers[] = {
        "SELECT nextval('unknown')",
        "SELECT nextval('a') FROM generate_series(1, 500)",
        "INSERT INTO unserved VALUES (1, nextval('none')), (2, 7)",
    };
    return i % 2 ? errands[i / 2 % ERRANDS] : numbers[i / 2 % 3];
}

ServiceTest(sql_store_down, clients_that_hang_up_while_their_statement_waits_are_forgotten)
{
    enum { CLIENTS = 120 };
    static struct wire wires[CLIENTS];
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(
        redis, FLAGS("--redis-timeout-ms", "20000", "--request-timeout-ms", "20000"));
    prepare(node);
    redis_pause(redis);
    for (size_t i = 0; i < CLIENTS; i++)
        send_sql(&wires[i], node, statement_that_waits(i));
    EVENTUALLY(waiting(node) == CLIENTS, 5000);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (i % 3 == 0) /* gone at once, or as usual */
            setsockopt(wires[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        wire_close(&wires[i]);
    }
    redis_continue(redis);
    EVENTUALLY(waiting(node) == 0, HEAL_MS);
    EVENTUALLY(try_sql(node, "SELECT * FROM pg_sequences")->status == 200, HEAL_MS);
    node_stop(node);
}

ServiceTest(sql_store_down, the_third_statement_of_a_batch_that_waits_too_long_leaves_2_results)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, ABANDONING);
    prepare(node);
    redis_pause(redis);
    cr_assert_str_eq(sql_text(node, "INSERT INTO t (v) VALUES (nextval('a'))"),
                     "INSERT INTO t (v, id) VALUES (2, 2)", "two sequences, both with a block");
    struct reply *reply = try_sql(node, "SELECT nextval('a'); " INSERT
                                        "; SELECT setval('a', 1); SELECT nextval('a')");
    expect_unavailable(reply, 3, 2);
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.0"), 3);
    cr_assert_str_eq(reply_text(reply, "detail"), "the store did not answer in 300 ms");
    /* The numbers wait for Redis themselves, in the middle of a batch. */
    reply = try_sql(node, "SELECT 1; SELECT nextval('a') FROM generate_series(1, 500)");
    expect_unavailable(reply, 2, 1);
    redis_continue(redis);
    EVENTUALLY(try_sql(node, "SELECT nextval('a') FROM generate_series(1, 500)")->status == 200,
               HEAL_MS);
}

ServiceTest(sql_store_down,
            with_max_waiting_1_the_second_to_wait_is_overloaded_and_cached_ones_go_on)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node =
        node_start_ready(redis, FLAGS("--max-waiting", "1", "--request-timeout-ms", "10000",
                                      "--redis-timeout-ms", "10000"));
    struct wire wire;
    struct wire_reply answer = {0};
    prepare(node);
    redis_pause(redis);
    send_sql(&wire, node, "SELECT setval('a', 500)");
    EVENTUALLY(waiting(node) == 1, 5000);
    struct reply *reply = try_sql(node, "SELECT 1; SELECT setval('a', 1)");
    expect_problem(reply, 503, "overloaded", "53300", NULL);
    cr_assert_not_null(reply_header(reply, "retry-after"));
    expect_done_before(reply, 2, 1);
    reply = try_sql(node, "SELECT nextval('a') FROM generate_series(1, 500)");
    expect_problem(reply, 503, "overloaded", "53300", NULL);
    cr_assert_str_eq(sql_text(node, INSERT), "INSERT INTO t (v, id) VALUES ('x', 2)");
    redis_continue(redis);
    cr_assert_eq(wire_receive(&wire, &answer, now_ms() + 10000), WIRE_REPLY);
    cr_assert_eq(answer.status, 200, "%.*s", (int)answer.body_length, answer.body);
    wire_close(&wire);
    EVENTUALLY(waiting(node) == 0, 5000);
    cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 501);
}

ServiceTest(sql_store_down, a_stop_lets_a_batch_that_waits_come_to_its_end)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(
        redis, FLAGS("--request-timeout-ms", "10000", "--redis-timeout-ms", "10000"));
    struct wire wire;
    struct wire_reply reply = {0};
    prepare(node);
    redis_pause(redis);
    send_sql(&wire, node, "SELECT setval('a', 500); SELECT nextval('a')");
    EVENTUALLY(waiting(node) == 1, 5000);
    kill(node->pid, SIGTERM);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 300), WIRE_LATE);
    redis_continue(redis);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 10000), WIRE_REPLY);
    cr_assert_eq(reply.status, 200);
    cr_assert_not_null(memmem(reply.body, reply.body_length, "[[501]]", 7), "%.*s",
                       (int)reply.body_length, reply.body);
    wire_close(&wire);
}

ServiceTest(sql_store_down, a_lost_counter_is_sequence_lost_in_sql_too_until_setval)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    sql(node, "CREATE SEQUENCE a CACHE 1; SELECT nextval('a')");
    redis_run(redis, FLAGS("DEL", "seqd:{a}:next"));
    struct reply *reply = try_sql(node, "SELECT 1; INSERT INTO t VALUES (nextval('a'))");
    expect_problem(reply, 503, "sequence_lost", "XX001", NULL);
    expect_done_before(reply, 2, 1);
    cr_assert_null(reply_header(reply, "retry-after"));
    sql(node, "SELECT setval('a', 50)");
    cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 51);
}
