/*
 * currval, lastval and DISCARD by SQL: the session that Seq-Session names is the one that
 * REST has, and a request without it is a session of its own.
 */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>

TestSuite(sql_sessions, .timeout = 60);

#define LASTVAL_UNDEFINED "lastval is not yet defined in this session"
#define CURRVAL_UNDEFINED "currval of sequence \"a\" is not yet defined in this session"

static struct node *start_with_a(const char *const *flags)
{
    struct node *node = service_start(flags);
    create(node, "{'name': 'a', 'cache': 1}");
    return node;
}

static void expect_undefined(struct reply *reply, const char *detail)
{
    expect_problem(reply, 409, "session_undefined", "55000", detail);
}

ServiceTest(sql_sessions, a_batch_is_a_session_of_its_own_that_ends_with_the_request)
{
    struct node *node = start_with_a(NULL);
    struct reply *reply = sql(node, "SELECT nextval('a'); SELECT currval('a'), lastval()");
    cr_assert_eq(reply_integer(reply, "results.1.rows.0.0"), 1);
    cr_assert_eq(reply_integer(reply, "results.1.rows.0.1"), 1);
    expect_undefined(try_sql(node, "SELECT currval('a')"), CURRVAL_UNDEFINED);
    expect_undefined(try_sql(node, "SELECT lastval()"), LASTVAL_UNDEFINED);
    reply = sql(node, "SELECT nextval('a'), currval('a'), lastval()");
    for (int i = 0; i < 3; i++)
        cr_assert_eq(
            json_integer_value(json_array_get(reply_member(reply, "results.0.rows.0"), (size_t)i)),
            2);
    expect_undefined(try_sql(node, "SELECT nextval('a'); DISCARD SEQUENCES; SELECT lastval()"),
                     LASTVAL_UNDEFINED);
}

ServiceTest(sql_sessions, an_insert_defines_currval_for_the_statements_behind_it)
{
    struct node *node = start_with_a(NULL);
    struct reply *reply =
        sql(node,
            "INSERT INTO t VALUES (nextval('a')), (nextval('a')), (nextval('a'));"
            "INSERT INTO u VALUES (currval('a'), lastval());"
            "SELECT nextval('a') FROM generate_series(1, 5); SELECT currval('a'), lastval()");
    cr_assert_str_eq(reply_text(reply, "results.0.sql"), "INSERT INTO t VALUES (1), (2), (3)");
    cr_assert_str_eq(reply_text(reply, "results.1.sql"), "INSERT INTO u VALUES (3, 3)");
    cr_assert_eq(reply_integer(reply, "results.3.rows.0.0"), 8);
    cr_assert_eq(reply_integer(reply, "results.3.rows.0.1"), 8);
}

ServiceTest(sql_sessions, a_named_session_lasts_and_is_the_same_by_rest_and_by_sql)
{
    struct node *node = start_with_a(NULL);
    create(node, "{'name': 'b', 'cache': 1, 'start': 100}");
    cr_assert_eq(sql_value_in(node, "s1", "SELECT nextval('a')"), 1);
    cr_assert_eq(nextval_in(node, "a", "s2"), 2);
    cr_assert_eq(sql_value_in(node, "s1", "SELECT currval('a')"), 1);
    cr_assert_eq(sql_value_in(node, "s2", "SELECT lastval()"), 2);
    sql_in(node, "s1", "INSERT INTO t VALUES (nextval('b'))");
    struct reply *reply = expect(CALL(node, .path = "/v1/lastval", .session = "s1"), 200);
    cr_assert_eq(reply_integer(reply, "value"), 100);
    cr_assert_str_eq(reply_text(reply, "sequence"), "b");
    reply = CALL(node, .path = "/v1/sequences/a/currval", .session = "s1");
    cr_assert_eq(reply_integer(expect(reply, 200), "value"), 1);
    sql_in(node, "s1", "SELECT setval('a', 50)");
    cr_assert_eq(sql_value_in(node, "s1", "SELECT currval('a')"), 50);
    cr_assert_eq(sql_value_in(node, "s1", "SELECT lastval()"), 100, "setval leaves it at b");
}

ServiceTest(sql_sessions, discard_ends_a_session_and_leaves_the_other_sessions_alone)
{
    static const char *const ways[] = {"DISCARD SEQUENCES", "DISCARD ALL"};
    struct node *node = start_with_a(NULL);
    nextval_in(node, "a", "other");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        nextval_in(node, "a", "s1");
        cr_assert_str_eq(reply_text(sql_in(node, "s1", ways[i]), "results.0.command"), ways[i]);
        expect_undefined(try_sql_in(node, "s1", "SELECT currval('a')"), CURRVAL_UNDEFINED);
        expect_undefined(CALL(node, .path = "/v1/lastval", .session = "s1"), LASTVAL_UNDEFINED);
        sql(node, ways[i]);                  /* of the request itself */
        sql_in(node, "never-seen", ways[i]); /* there is none */
        cr_assert_eq(sql_value_in(node, "other", "SELECT currval('a')"), 1);
    }
}

ServiceTest(sql_sessions, what_a_failed_batch_took_before_its_error_is_the_sessions)
{
    struct node *node = start_with_a(NULL);
    struct reply *reply = try_sql_in(node, "s1", "SELECT nextval('a'); SELECT nextval('gone')");
    expect_problem(reply, 404, "sequence_not_found", "42P01", NULL);
    cr_assert_eq(sql_value_in(node, "s1", "SELECT currval('a')"), 1);
    /* One row of two sequences, of which the second is missing: nothing is taken at all. */
    reply = try_sql_in(node, "s1", "INSERT INTO t VALUES (nextval('a'), nextval('gone'))");
    expect_problem(reply, 404, "sequence_not_found", "42P01", NULL);
    cr_assert_eq(sql_value_in(node, "s1", "SELECT currval('a')"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
}

ServiceTest(sql_sessions, two_hundred_batches_do_not_push_out_a_named_session)
{
    struct node *node = start_with_a(FLAGS("--max-sessions", "2"));
    nextval_in(node, "a", "mine");
    for (int i = 0; i < 200; i++)
        sql(node, "SELECT nextval('a'); SELECT currval('a')");
    cr_assert_eq(sql_value_in(node, "mine", "SELECT currval('a')"), 1,
                 "each batch's own session ended with it");
}

ServiceTest(sql_sessions, lastval_follows_a_rename_and_ends_with_a_drop_on_another_node)
{
    struct redis *redis = redis_start(NULL);
    struct node *here = node_start_ready(redis, NULL);
    const struct node *there = node_start_ready(redis, NULL);
    sql(there, "CREATE SEQUENCE a CACHE 1 START 7");
    cr_assert_eq(sql_value_in(here, "s", "SELECT nextval('a')"), 7);
    sql(there, "ALTER SEQUENCE a RENAME TO b");
    EVENTUALLY(try_sql_in(here, "s", "SELECT currval('a')")->status == 404, 5000);
    cr_assert_eq(sql_value_in(here, "s", "SELECT currval('b')"), 7);
    cr_assert_eq(sql_value_in(here, "s", "SELECT lastval()"), 7);
    sql(there, "DROP SEQUENCE b; CREATE SEQUENCE b");
    EVENTUALLY(try_sql_in(here, "s", "SELECT lastval()")->status == 409, 5000);
    struct reply *reply = try_sql_in(here, "s", "SELECT currval('b')");
    expect_undefined(reply, "currval of sequence \"b\" is not yet defined in this session");
}
