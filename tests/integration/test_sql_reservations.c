/* What SQL costs Redis: one reservation for each sequence of a statement, however many rows. */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sql_reservations, .timeout = 60);

static struct redis *redis;
static struct node *node;

static void start(void)
{
    redis = redis_start(NULL);
    node = node_start_ready(redis, FLAGS("--durability", "none"));
    sql(node,
        "CREATE SEQUENCE a CACHE 1; CREATE SEQUENCE b CACHE 1;"
        "CREATE TABLE t (id serial, v int); ALTER SEQUENCE t_id_seq CACHE 1");
    sql(node, "INSERT INTO t (v) VALUES (1)"); /* the table is known from now on */
}

/* The statement's reply, and that it took so many INCRBYs. */
static struct reply *sql_for(long long reservations, const char *statement)
{
    const long long before = redis_calls(redis, "incrby");
    struct reply *reply = sql(node, statement);
    cr_assert_eq(redis_calls(redis, "incrby") - before, reservations, "%lld, not %lld: %.100s",
                 redis_calls(redis, "incrby") - before, reservations, statement);
    return reply;
}

/* `head`, and `row` 1000 times. */
static char *thousand_rows(const char *head, const char *row)
{
    char *text = malloc(strlen(head) + 1000 * (strlen(row) + 2) + 1);
    size_t length = (size_t)sprintf(text, "%s", head);
    for (int i = 0; i < 1000; i++)
        length += (size_t)sprintf(text + length, "%s%s", i ? ", " : "", row);
    return text;
}

/* 1000 rows, whose first numbers are first, first + 1, ... */
static void expect_rows(const char *text, int64_t first)
{
    const char *at = strstr(text, "VALUES ");
    int rows = 0;
    for (; at && (at = strchr(at, '(')) != NULL; at++, rows++)
        cr_assert_eq(strtoll(at + 1, NULL, 10), first + rows, "row %d of %.200s", rows, text);
    cr_assert_eq(rows, 1000);
}

ServiceTest(sql_reservations, an_insert_of_1000_rows_takes_one_of_a_call_or_a_serial_column)
{
    start();
    char *text = thousand_rows("INSERT INTO plain VALUES ", "(nextval('a'), 'x')");
    expect_rows(reply_text(sql_for(1, text), "results.0.sql"), 1);
    free(text);
    text = thousand_rows("INSERT INTO t (id) VALUES ", "(DEFAULT)");
    expect_rows(reply_text(sql_for(1, text), "results.0.sql"), 2);
    free(text);
    text = thousand_rows("INSERT INTO t VALUES ", "(DEFAULT)");
    expect_rows(reply_text(sql_for(1, text), "results.0.sql"), 1002);
    free(text);
    text = thousand_rows("INSERT INTO plain VALUES ", "(nextval('b'), nextval('a'), nextval('b'))");
    sql_for(2, text);
    free(text);
    cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 2001);
    cr_assert_eq(sql_value(node, "SELECT nextval('b')"), 2001);
    cr_assert_eq(sql_value(node, "SELECT nextval('t_id_seq')"), 2002);
}

ServiceTest(sql_reservations, a_generate_series_of_10000_rows_takes_one_a_sequence)
{
    start();
    struct reply *reply = sql_for(
        2, "SELECT nextval('a'), nextval('b'), nextval('a') FROM generate_series(1, 10000)");
    cr_assert_eq(reply_size(reply, "results.0.rows"), 10000);
    for (size_t i = 0; i < 10000; i++) {
        const json_t *row = json_array_get(reply_member(reply, "results.0.rows"), i);
        cr_assert_eq(json_integer_value(json_array_get(row, 0)), (int64_t)(2 * i + 1));
        cr_assert_eq(json_integer_value(json_array_get(row, 1)), (int64_t)(i + 1));
        cr_assert_eq(json_integer_value(json_array_get(row, 2)), (int64_t)(2 * i + 2));
    }
    sql_for(0, "SELECT nextval('a') FROM generate_series(1, 0)");
    sql_for(0, "SELECT 1, i FROM generate_series(1, 3) AS i");
}

ServiceTest(sql_reservations, what_fails_or_comes_from_the_block_takes_none)
{
    start();
    sql(node, "CREATE SEQUENCE c CACHE 100; SELECT nextval('c')");
    sql_for(0, "INSERT INTO plain VALUES (nextval('c')), (nextval('c')), (nextval('c'))");
    sql_for(0, "SELECT nextval('c') FROM generate_series(1, 90)");
    cr_assert_eq(sql_value(node, "SELECT nextval('c')"), 95);
    const long long before = redis_calls(redis, "incrby");
    expect(try_sql(node, "INSERT INTO plain VALUES (nextval('a'), nextval('gone'))"), 404);
    expect(try_sql(node, "INSERT INTO t (nope) VALUES (nextval('a'))"), 422);
    expect(try_sql(node, "INSERT INTO plain VALUES (nextval('a')), (1, 2)"), 400);
    expect(try_sql(node, "SELECT nextval('a'), nextval('gone')"), 404);
    expect(try_sql(node, "SELECT nextval('a') FROM generate_series(1, 1000001)"), 422);
    cr_assert_eq(redis_calls(redis, "incrby"), before);
    cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 1);
}

ServiceTest(sql_reservations, a_series_past_the_bound_consumes_nothing)
{
    start();
    sql(node, "CREATE SEQUENCE small MAXVALUE 10 CACHE 1");
    expect_problem(try_sql(node, "SELECT nextval('small') FROM generate_series(1, 11)"), 409,
                   "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"small\" (10)");
    sql_for(1, "SELECT nextval('small') FROM generate_series(1, 10)");
    expect(try_sql(node, "SELECT nextval('small')"), 409);
}
