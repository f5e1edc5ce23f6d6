/*
 * SQL for tests: POST /v1/sql, and what its replies hold.
 *
 *     sql(node, "CREATE SEQUENCE a; SELECT nextval('a')");
 *     cr_assert_eq(sql_value(node, "SELECT nextval('a')"), 2);
 *     cr_assert_str_eq(sql_text(node, "INSERT INTO t VALUES (nextval('a'))"),
 *                      "INSERT INTO t VALUES (3)");
 *     expect_problem(try_sql(node, "SELECT nextval('b')"), 404, ...);
 *
 * The text goes as application/sql, as it is.
 */
#ifndef TESTS_INTEGRATION_SQL_H
#define TESTS_INTEGRATION_SQL_H

#include "tests/integration/client.h"

/* Whatever was answered. */
struct reply *try_sql(const struct node *node, const char *text);
struct reply *try_sql_in(const struct node *node, const char *session, const char *text);

/* 200. */
struct reply *sql(const struct node *node, const char *text);
struct reply *sql_in(const struct node *node, const char *session, const char *text);

/* 200 to one statement; its only cell, an integer. */
int64_t sql_value(const struct node *node, const char *text);
int64_t sql_value_in(const struct node *node, const char *session, const char *text);

/* 200 to one statement that goes on to the shard: what it became. */
const char *sql_text(const struct node *node, const char *text);

/* How many elements the array at this path has. */
size_t reply_size(const struct reply *reply, const char *path);

/* A problem's `statement`, and how many results it has of those before. */
void expect_done_before(const struct reply *reply, int64_t statement, size_t results);

#endif
