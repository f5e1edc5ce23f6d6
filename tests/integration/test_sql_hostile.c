/*
 * Texts of 1 MiB that are made to hurt: deep, wide, or with so much to do that a quadratic
 * step would take minutes. Each gets an answer, whichever, and other clients and the clerk
 * are not kept from their work. The times are for a slow, instrumented build.
 */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sql_hostile, .timeout = 90);

enum { SQL_MAX = 1024 * 1024, ANSWER_MS = 60000, FREE_MS = 10000 };

/* `unit`, in which # is a number that counts, as often as it fits; to be freed. */
static char *repeated(const char *prefix, const char *unit, const char *suffix)
{
    char *text = malloc(SQL_MAX + 64), piece[256];
    size_t length = (size_t)sprintf(text, "%s", prefix);
    for (int i = 0;; i++) {
        const size_t before = strcspn(unit, "#");
        const size_t size = unit[before] ? (size_t)snprintf(piece, sizeof piece, "%.*s%d%s",
                                                            (int)before, unit, i, unit + before + 1)
                                         : (size_t)snprintf(piece, sizeof piece, "%s", unit);
        if (length + size + strlen(suffix) > SQL_MAX)
            break;
        memcpy(text + length, piece, size + 1);
        length += size;
    }
    memcpy(text + length, suffix, strlen(suffix) + 1);
    return text;
}

static void survive(const char *prefix, const char *unit, const char *suffix)
{
    unsetenv("SEQD_RECORD"); /* 40 MiB that show no reply which other tests do not */
    struct node *node = service_start(NULL);
    char *text = repeated(prefix, unit, suffix);
    sql(node, "CREATE SEQUENCE a; SELECT nextval('a'); CREATE TABLE t (id serial, v int)");
    struct reply *reply = try_sql(node, text);
    cr_assert_neq(reply->status, 0, "%s", node_last_words(node));
    cr_assert_leq(reply->took_ms, ANSWER_MS, "%s took %" PRId64 " ms", reply->what, reply->took_ms);
    EVENTUALLY(get(node, "/v1/sequences/a")->status == 200, FREE_MS);
    expect(get(node, "/livez"), 200);
    expect(try_sql(node, "DROP TABLE t; DROP SEQUENCE a"), 200);
    free(text);
}

#define Hostile(name, prefix, unit, suffix)                                                        \
    ServiceTest(sql_hostile, name)                                                                 \
    {                                                                                              \
        survive(prefix, unit, suffix);                                                             \
    }

Hostile(semicolons, "", ";", "") Hostile(comments_that_open, "", "/*",
                                         "") Hostile(comments_that_close, "", "/**/",
                                                     "") Hostile(parentheses, "SELECT ", "(", "")
    Hostile(minus_signs, "SELECT ", "- ",
            "1") Hostile(operators, "INSERT INTO x VALUES (1", "+",
                         ")") Hostile(operators_of_a_select, "SELECT 1 ", "+-",
                                      "1") Hostile(casts_of_casts, "SELECT 1", "::int", "")
        Hostile(casts_inside_of_casts, "SELECT ", "CAST(",
                "1") Hostile(dots, "SELECT a", ".a", "") Hostile(dollars, "SELECT ", "$a", "")
            Hostile(strings_that_go_on, "SELECT ",
                    "'a'\n", "") Hostile(escapes, "SELECT E'", "\\u0041",
                                         "'") Hostile(options, "CREATE SEQUENCE z ", "CACHE 5 ", "")
                Hostile(options_of_a_column, "CREATE TABLE z (i int GENERATED ALWAYS AS IDENTITY (",
                        "CACHE 5 ",
                        "))") Hostile(literals, "SELECT 1", ",1", "")
                    Hostile(literals_of_a_million_rows, "SELECT 1", ",i",
                            " FROM generate_series(1, 1000000) AS i") Hostile(calls, "SELECT 1",
                                                                              ",nextval('a')", "")
                        Hostile(calls_of_other_sequences, "SELECT 1",
                                ",nextval('a#')", "") Hostile(calls_of_a_million_rows, "SELECT 1",
                                                              ",nextval('a')",
                                                              " FROM generate_series(1, 1000000)")
                            Hostile(calls_in_an_insert, "INSERT INTO x VALUES (1", ",nextval('a')",
                                    ")") Hostile(lastvals_in_an_insert,
                                                 "INSERT INTO x VALUES (nextval('a')", ",lastval()",
                                                 ")")
                                Hostile(currvals_in_an_insert,
                                        "SELECT nextval('a'); INSERT INTO x VALUES (1",
                                        ",currval('a')",
                                        ")") Hostile(rows_of_an_insert,
                                                     "INSERT INTO t (v) VALUES (1)", ",(1)",
                                                     "") Hostile(rows_with_calls,
                                                                 "INSERT INTO x VALUES (1)",
                                                                 ",(nextval('a'))", "")
                                    Hostile(columns_of_an_insert, "INSERT INTO t (v",
                                            ",c#", ") VALUES (1)") Hostile(columns_of_a_table,
                                                                           "CREATE TABLE z (v int",
                                                                           ",c# int", ")")
                                        Hostile(
                                            serial_columns_of_a_table, "CREATE TABLE z (v int",
                                            ",c# serial",
                                            ")") Hostile(columns_added_to_a_table,
                                                         "ALTER TABLE t ADD COLUMN x int",
                                                         ",ADD COLUMN c# int",
                                                         "") Hostile(columns_dropped_from_a_table,
                                                                     "ALTER TABLE t DROP COLUMN v",
                                                                     ",DROP COLUMN c#",
                                                                     "") Hostile(sequences_to_drop,
                                                                                 "DROP SEQUENCE a",
                                                                                 ",a#", "")
                                            Hostile(tables_to_drop, "DROP TABLE x", ",t#", "")
                                                Hostile(
                                                    conditions,
                                                    "SELECT * FROM pg_sequences WHERE cache_size=1",
                                                    " AND cache_size=1", "")
                                                    Hostile(orderings,
                                                            "SELECT * FROM pg_sequences ORDER BY 1",
                                                            ",1",
                                                            "") Hostile(statements, "",
                                                                        "SELECT nextval('a');", "")
                                                        Hostile(long_name,
                                                                "SELECT nextval('a') AS ",
                                                                "abcdefgh",
                                                                "") Hostile(long_table_name,
                                                                            "CREATE TABLE ",
                                                                            "abcdefgh",
                                                                            " (id serial)")
                                                            Hostile(
                                                                long_string_for_a_sequence,
                                                                "SELECT nextval('", "abcdefgh",
                                                                "')") Hostile(long_number,
                                                                              "SELECT setval('a', ",
                                                                              "9", ")")
                                                                Hostile(long_string_for_a_number,
                                                                        "SELECT '", "9",
                                                                        "'::bigint")

    /* PostgreSQL: 54011. What the store has of a table must stay readable. */
    ServiceTest(sql_hostile, a_table_that_would_get_a_column_1601_is_as_it_was)
{
    struct node *node = service_start(NULL);
    char *text = malloc(32768);
    size_t length = (size_t)sprintf(text, "CREATE TABLE t (id serial");
    for (int i = 2; i <= 1600; i++)
        length += (size_t)sprintf(text + length, ", c%d int", i);
    sprintf(text + length, ")");
    sql(node, text);
    struct reply *reply = try_sql(node, "ALTER TABLE t ADD COLUMN c1601 int");
    cr_assert_geq(reply->status, 400, "%s", reply->what);
    cr_assert_str_eq(reply_text(reply, "sqlstate"), "54011");
    cr_assert_str_eq(reply_text(reply, "detail"), "tables can have at most 1600 columns");
    cr_assert_str_eq(sql_text(node, "INSERT INTO t (c1600) VALUES (0)"),
                     "INSERT INTO t (c1600, id) VALUES (0, 1)");
    sql(node, "DROP TABLE t");
    expect(get(node, "/v1/sequences/t_id_seq"), 404);
    free(text);
}
