/*
 * SQL on several nodes of one Redis: what one changes the other follows, though it keeps
 * tables and numbers in memory. It hears of a change by Pub/Sub, so tests poll; once it has
 * heard, nothing of the old is left.
 */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TestSuite(sql_nodes, .timeout = 60);

enum { HEARD_MS = 5000 };

static struct redis *redis;
static struct node *here, *there;

static void start_two(void)
{
    redis = redis_start(NULL);
    here = node_start_ready(redis, NULL);
    there = node_start_ready(redis, NULL);
}

/* What the other node makes of the statement, or its error's message. */
static bool becomes(const char *statement, const char *due)
{
    const struct reply *reply = try_sql(there, statement);
    const char *now =
        reply->status == 200 ? reply_text(reply, "results.0.sql") : reply_text(reply, "detail");
    return strcmp(now, due) == 0;
}

/* CACHE 1, so that each INSERT's number is known. */
static void create_products(void)
{
    sql(here,
        "CREATE TABLE products (id serial, name text);"
        "ALTER SEQUENCE products_id_seq CACHE 1");
}

#define INSERT "INSERT INTO products (name) VALUES ('x')"

ServiceTest(sql_nodes, a_table_created_on_one_node_is_known_on_the_other)
{
    start_two();
    cr_assert(becomes(INSERT, INSERT), "nothing is known of it, and that is remembered");
    create_products();
    EVENTUALLY(becomes("INSERT INTO products VALUES (DEFAULT, 'x')",
                       "INSERT INTO products VALUES (1, 'x')"),
               HEARD_MS);
    cr_assert_str_eq(sql_text(there, INSERT), "INSERT INTO products (name, id) VALUES ('x', 2)");
    cr_assert_str_eq(sql_text(here, INSERT), "INSERT INTO products (name, id) VALUES ('x', 3)");
}

ServiceTest(sql_nodes, a_table_dropped_on_one_node_takes_no_numbers_on_the_other)
{
    start_two();
    create_products();
    EVENTUALLY(!becomes(INSERT, INSERT), HEARD_MS);
    sql(here, "DROP TABLE products");
    EVENTUALLY(becomes(INSERT, INSERT), HEARD_MS);
    expect(get(there, "/v1/tables/products/serials"), 404);
    expect(get(there, "/v1/sequences/products_id_seq"), 404);
}

ServiceTest(sql_nodes, columns_renamed_added_and_dropped_on_one_node_are_so_on_the_other)
{
    start_two();
    create_products();
    EVENTUALLY(!becomes(INSERT, INSERT), HEARD_MS);
    sql(here, "ALTER TABLE products RENAME COLUMN id TO key; SELECT setval('products_id_seq', 10)");
    EVENTUALLY(becomes(INSERT, "INSERT INTO products (name, key) VALUES ('x', 11)"), HEARD_MS);
    sql(here, "ALTER TABLE products ADD COLUMN price int");
    EVENTUALLY(try_sql(there, "INSERT INTO products (key, price) VALUES (1, 2)")->status == 200,
               HEARD_MS);
    sql(here, "ALTER TABLE products DROP COLUMN key");
    EVENTUALLY(becomes(INSERT, INSERT), HEARD_MS);
    expect(get(there, "/v1/sequences/products_id_seq"), 404);
}

ServiceTest(sql_nodes, a_renamed_table_is_known_by_its_new_name_only)
{
    start_two();
    create_products();
    EVENTUALLY(!becomes(INSERT, INSERT), HEARD_MS);
    sql(there, "INSERT INTO goods (name) VALUES ('x')");
    sql(here, "ALTER TABLE products RENAME TO goods; SELECT setval('products_id_seq', 20)");
    EVENTUALLY(becomes(INSERT, INSERT), HEARD_MS);
    EVENTUALLY(becomes("INSERT INTO goods (name) VALUES ('x')",
                       "INSERT INTO goods (name, id) VALUES ('x', 21)"),
               HEARD_MS);
}

ServiceTest(sql_nodes, a_renamed_sequence_serves_its_column_and_a_new_one_of_that_name_does_not)
{
    start_two();
    create_products();
    EVENTUALLY(!becomes(INSERT, INSERT), HEARD_MS);
    sql(here,
        "SELECT setval('products_id_seq', 30); ALTER SEQUENCE products_id_seq RENAME TO ids;"
        "CREATE SEQUENCE products_id_seq START 777 CACHE 1");
    EVENTUALLY(becomes(INSERT, "INSERT INTO products (name, id) VALUES ('x', 31)"), HEARD_MS);
    cr_assert_eq(sql_value(there, "SELECT nextval('products_id_seq')"), 777);
    sql(here, "DROP SEQUENCE ids CASCADE");
    EVENTUALLY(becomes(INSERT, INSERT), HEARD_MS);
}

ServiceTest(sql_nodes, a_sequence_dropped_and_made_again_on_one_node_starts_over_on_the_other)
{
    start_two();
    sql(here, "CREATE SEQUENCE a CACHE 100");
    cr_assert_eq(sql_value(there, "SELECT nextval('a')"), 1);
    sql(here, "DROP SEQUENCE a");
    EVENTUALLY(becomes("INSERT INTO t VALUES (nextval('a'))", "relation \"a\" does not exist"),
               HEARD_MS);
    sql(here, "CREATE SEQUENCE a START 5000 CACHE 100");
    EVENTUALLY(becomes("INSERT INTO t VALUES (nextval('a'))", "INSERT INTO t VALUES (5000)"),
               HEARD_MS);
}

ServiceTest(sql_nodes, an_altered_sequence_gives_the_other_nodes_inserts_its_new_numbers)
{
    start_two();
    sql(here, "CREATE SEQUENCE a CACHE 50");
    cr_assert_eq(sql_value(there, "SELECT nextval('a')"), 1);
    sql(here, "ALTER SEQUENCE a RESTART WITH 1000 INCREMENT BY -10 MINVALUE -50000 MAXVALUE 5000");
    EVENTUALLY(sql_value(there, "SELECT nextval('a')") >= 900, HEARD_MS);
    struct reply *reply = sql(there, "INSERT INTO t VALUES (nextval('a')), (nextval('a'))");
    int64_t first, second;
    cr_assert_eq(sscanf(reply_text(reply, "results.0.sql"),
                        "INSERT INTO t VALUES (%" SCNd64 "), (%" SCNd64 ")", &first, &second),
                 2);
    cr_assert_eq(second, first - 10, "%s", reply->what);
}

ServiceTest(sql_nodes, a_node_that_heard_nothing_for_a_while_forgets_its_tables)
{
    start_two();
    create_products();
    EVENTUALLY(!becomes(INSERT, INSERT), HEARD_MS);
    node_pause(there); /* its subscription is cut, and it learns of that later */
    redis_run(redis, FLAGS("CLIENT", "KILL", "TYPE", "pubsub"));
    sql(here, "DROP TABLE products");
    node_continue(there);
    EVENTUALLY(becomes(INSERT, INSERT), HEARD_MS);
}
