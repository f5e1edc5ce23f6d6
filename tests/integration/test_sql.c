/*
 * POST /v1/sql as HTTP: its bodies, what a batch answers, and where an error stands. What
 * the statements mean is compared with PostgreSQL itself in tests/differential.
 */
#include "tests/integration/sql.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sql, .timeout = 60);

enum { SQL_MAX = 1024 * 1024 };

static struct reply *sql_as(const struct node *node, const char *type, const char *body)
{
    return CALL(node, .method = "POST", .path = "/v1/sql", .body = body, .type = type,
                .verbatim = true);
}

ServiceTest(sql, the_statements_of_the_issue_answer_as_documented)
{
    struct node *node = service_start(NULL);
    struct reply *reply = sql(node,
                              "CREATE SEQUENCE user_id_seq START 1000 INCREMENT 1;\n"
                              "INSERT INTO users VALUES (nextval('user_id_seq'), 'Alice');\n"
                              "CREATE TABLE products (id SERIAL PRIMARY KEY, name TEXT);\n"
                              "SELECT currval('user_id_seq');\n"
                              "SELECT setval('user_id_seq', 5000);\n");
    json_t *due = json_pack(
        "{s:[{s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:[s], s:[[i]]}, {s:s, s:[s], s:[[i]]}], s:[]}",
        "results", "command", "CREATE SEQUENCE", "command", "INSERT", "sql",
        "INSERT INTO users VALUES (1000, 'Alice')", "command", "CREATE TABLE", "sql",
        "CREATE TABLE products (id integer NOT NULL PRIMARY KEY, name TEXT)", "command", "SELECT",
        "columns", "currval", "rows", 1000, "command", "SELECT", "columns", "setval", "rows", 5000,
        "notices");
    cr_assert(json_equal(reply->json, due), "%s", reply->body);
    json_decref(due);
    cr_assert_str_eq(reply_header(reply, "content-type"), "application/json");
    cr_assert_eq(sql_value(node, "SELECT nextval('user_id_seq')"), 5001);
    cr_assert_str_eq(reply_text(describe(node, "products_id_seq"), "owned_by"), "products.id");
}

ServiceTest(sql, the_text_comes_in_3_content_types_with_parameters_and_in_any_case)
{
    static const char text[] = "SELECT nextval('a')";
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    static const struct {
        const char *type, *body;
    } rows[] = {
        {"application/sql", text},
        {"text/plain", text},
        {"application/json", "{\"sql\": \"SELECT nextval('a')\"}"},
        {"Application/SQL; charset=utf-8", text},
        {"text/plain;charset=UTF-8", text},
        {"application/json; charset=utf-8", "{\"sql\":\"SELECT\\u0020nextval('a')\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply *reply = expect(sql_as(node, rows[i].type, rows[i].body), 200);
        cr_assert_eq(reply_integer(reply, "results.0.rows.0.0"), (int64_t)i + 1, "%s", reply->what);
    }
}

ServiceTest(sql, no_statement_at_all_is_an_empty_list_of_results)
{
    static const char *const texts[] = {"", " \t\r\n", ";;;", "-- nothing", "/* a /* b */ c */;"};
    struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_assert_str_eq(sql(node, texts[i])->body, "{\"results\": [], \"notices\": []}\n");
    struct reply *reply = expect(sql_as(node, "application/json", "{\"sql\": \"\"}"), 200);
    cr_assert_eq(reply_size(reply, "results"), 0);
    /* An empty body is a text only where it says so. */
    reply = CALL(node, .method = "POST", .path = "/v1/sql");
    expect_problem(reply, 400, "invalid_request", "22023", "member \"sql\" is missing");
}

ServiceTest(sql, bodies_that_are_no_text_are_refused_before_anything_is_done)
{
    static const struct {
        const char *body, *code, *part;
    } rows[] = {
        {"{}", "invalid_request", "member \"sql\" is missing"},
        {"{\"sql\": 5}", "invalid_request", "sql"},
        {"{\"sql\": null}", "invalid_request", "sql"},
        {"{\"sql\": [\"SELECT 1\"]}", "invalid_request", "sql"},
        {"{\"sql\": \"SELECT nextval('a')\", \"args\": []}", "invalid_request", "args"},
        {"{\"sql\": \"SELECT nextval('a')\", \"sql\": \"\"}", "invalid_json", "sql"},
        {"SELECT nextval('a')", "invalid_json", NULL},
        {"{\"sql\": \"SELECT nextval('a')\\u0000\"}", "invalid_json", NULL},
    };
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply *reply = sql_as(node, "application/json", rows[i].body);
        expect_problem(reply, 400, rows[i].code, "22023", NULL);
        cr_assert(!rows[i].part || strstr(reply_text(reply, "detail"), rows[i].part), "%s",
                  reply->what);
        cr_assert_null(json_object_get(reply->json, "statement"), "none was begun");
    }
    static const char *const types[] = {"text/csv",
                                        "application/x-www-form-urlencoded",
                                        "application/sqlx",
                                        "text/plaintext",
                                        "sql",
                                        "*/*"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        expect_problem(sql_as(node, types[i], "SELECT nextval('a')"), 415, "unsupported_media_type",
                       NULL, NULL);
    cr_assert_eq(nextval(node, "a"), 1);
}

/* POST of these bytes, which may hold anything. */
static void expect_refused_bytes(const struct node *node, const char *type, const char *body,
                                 size_t length, const char *part)
{
    struct wire wire;
    struct wire_reply reply = {0};
    char head[256];
    snprintf(head, sizeof head,
             "POST /v1/sql HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
             type, length);
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire, head) && wire_send(&wire, body, length));
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 10000), WIRE_REPLY);
    cr_assert_eq(reply.status, 400, "%.*s", (int)reply.body_length, reply.body);
    cr_assert_not_null(memmem(reply.body, reply.body_length, part, strlen(part)), "%.*s",
                       (int)reply.body_length, reply.body);
    wire_close(&wire);
}

ServiceTest(sql, bytes_that_are_not_utf8_and_nul_are_refused_wherever_they_stand)
{
#define BYTES(text) text, sizeof(text) - 1
    static const struct {
        const char *body;
        size_t length;
        const char *part; /* of the detail, in JSON */
    } rows[] = {
        {BYTES("SELECT nextval('a'); SELECT '\xff'"), "0xff (byte 30 of the text)"},
        {BYTES("SELECT nextval('a') -- \xc3"), "0xc3 (byte 24 of the text)"},
        {BYTES("SELECT nextval('a') /* \xc0\x80 */"), "0xc0 (byte 24 of the text)"},
        {BYTES("SELECT nextval('a'), '\xed\xa0\x80'"), "0xed (byte 23 of the text)"},
        {BYTES("SELECT nextval('a'), '\xf4\x90\x80\x80'"), "0xf4 (byte 23 of the text)"},
        {BYTES("SELECT nextval('a')\0"), "0x00 (byte 20 of the text)"},
        {BYTES("\0SELECT nextval('a')"), "0x00 (byte 1 of the text)"},
    };
#undef BYTES
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_refused_bytes(node, "application/sql", rows[i].body, rows[i].length, rows[i].part);
        expect_refused_bytes(node, "text/plain", rows[i].body, rows[i].length, "invalid_request");
    }
    cr_assert_eq(nextval(node, "a"), 1, "no statement of them was run");
}

/* A statement, and blanks up to `length` bytes; to be freed. */
static char *padded(const char *statement, size_t length)
{
    char *text = malloc(length + 1);
    memset(text, ' ', length);
    memcpy(text, statement, strlen(statement));
    text[length] = '\0';
    return text;
}

ServiceTest(sql, one_mebibyte_of_text_is_run_and_a_byte_more_is_413)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    char *most = padded("SELECT nextval('a');", SQL_MAX);
    char *more = padded("SELECT nextval('a');", SQL_MAX + 1);
    char *json = padded("{\"sql\": \"SELECT nextval('a')\"}", SQL_MAX);
    cr_assert_eq(sql_value(node, most), 1);
    expect_problem(try_sql(node, more), 413, "body_too_large", NULL,
                   "the body is longer than 1048576 bytes");
    struct reply *reply = expect(sql_as(node, "application/json", json), 200);
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.0"), 2, "the refused one took none");
    /* The other operations keep their 64 KiB. */
    reply = CALL(node, .path = "/v1/sequences", .body = more);
    expect_problem(reply, 413, "body_too_large", NULL, NULL);
    free(most);
    free(more);
    free(json);
}

/* In chunks, whose sum nobody has announced. */
static void expect_chunked(const struct node *node, size_t length, int status)
{
    struct wire wire;
    struct wire_reply reply = {0};
    char size[32], *text = padded("SELECT nextval('a');", length);
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire,
                             "POST /v1/sql HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"));
    for (size_t at = 0; at < length; at += 100000) {
        const size_t chunk = length - at < 100000 ? length - at : 100000;
        snprintf(size, sizeof size, "%zx\r\n", chunk);
        cr_assert(wire_send_text(&wire, size) && wire_send(&wire, text + at, chunk) &&
                  wire_send_text(&wire, "\r\n"));
    }
    cr_assert(wire_send_text(&wire, "0\r\n\r\n"));
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 10000), WIRE_REPLY);
    cr_assert_eq(reply.status, status, "%.*s", (int)reply.body_length, reply.body);
    wire_close(&wire);
    free(text);
}

ServiceTest(sql, the_limit_holds_for_chunked_bodies_too)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    expect_chunked(node, SQL_MAX, 200);
    expect_chunked(node, SQL_MAX + 1, 413);
    cr_assert_eq(nextval(node, "a"), 2);
}

ServiceTest(sql, the_first_error_ends_the_batch_and_tells_what_came_before_it)
{
    struct node *node = service_start(NULL);
    struct reply *reply = try_sql(node,
                                  "CREATE SEQUENCE a;; CREATE SEQUENCE IF NOT EXISTS a;"
                                  "SELECT nextval('a'), 'x'; SELECT nextval('b');"
                                  "SELECT nextval('a'); DROP SEQUENCE a");
    expect_problem(reply, 404, "sequence_not_found", "42P01", "relation \"b\" does not exist");
    expect_done_before(reply, 4, 3);
    cr_assert_str_eq(reply_text(reply, "results.0.command"), "CREATE SEQUENCE");
    cr_assert_eq(reply_integer(reply, "results.2.rows.0.0"), 1);
    cr_assert_str_eq(reply_text(reply, "results.2.rows.0.1"), "x");
    cr_assert_eq(reply_size(reply, "notices"), 1);
    cr_assert_str_eq(reply_text(reply, "notices.0.sqlstate"), "42P07");
    cr_assert_str_eq(reply_text(reply, "notices.0.message"),
                     "relation \"a\" already exists, skipping");
    cr_assert_eq(reply_integer(reply, "position"), 94);
    cr_assert_eq(nextval(node, "a"), 2, "those behind the error were not run");
}

ServiceTest(sql, a_syntax_error_in_statement_3_leaves_1_and_2_done)
{
    struct node *node = service_start(NULL);
    struct reply *reply =
        try_sql(node, "CREATE SEQUENCE a; SELECT nextval('a'); SELCT nextval('a'); SELECT 1");
    expect_problem(reply, 400, "syntax_error", "42601", "syntax error at or near \"SELCT\"");
    expect_done_before(reply, 3, 2);
    cr_assert_eq(nextval(node, "a"), 2);
    reply = try_sql(node, "SELECT nextval('a'); BEGIN; SELECT 1");
    expect_problem(reply, 422, "feature_not_supported", "0A000", NULL);
    expect_done_before(reply, 2, 1);
    reply = try_sql(node, "SELECT nextval('a'); SELECT 'open");
    expect_problem(reply, 400, "syntax_error", "42601", NULL);
    expect_done_before(reply, 2, 1);
}

ServiceTest(sql, positions_count_characters_of_the_whole_text_and_not_bytes)
{
    static const struct {
        const char *text;
        int64_t position;
    } rows[] = {
        {"SELECT nextval('b')", 16},
        {"SELECT 'h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'; SELECT nextval('b')", 31},
        {"-- \xf0\x9f\x98\x80\nSELECT oops", 13},
        {"/* \xe2\x82\xac */ SELECT \"\xc3\xa9\xc3\xa9\".x.y.z.v", 16},
        {"SELECT 1; SELECT 2; S\xc3\xa9LECT", 21},
    };
    struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply *reply = try_sql(node, rows[i].text);
        cr_assert_geq(reply->status, 400, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "position"), rows[i].position, "%s", reply->what);
    }
    /* In JSON an escape is the character that it stands for. */
    struct reply *reply = sql_as(node, "application/json",
                                 "{\"sql\": \"SELECT '\\u00e9\\ud83d\\ude00'; SELECT oops\"}");
    cr_assert_eq(reply_integer(reply, "position"), 21, "%s", reply->what);
}

ServiceTest(sql, texts_come_back_byte_for_byte_whatever_is_in_them)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    const char *text =
        "INSERT INTO \"T\xc3\xa9\" VALUES ('\"\\\t\r\n\x01\x7f </script> \xf0\x9f\x98\x80 it''s', "
        "E'\\u0041\\'', $q$nextval('a')$q$, nextval('a')) -- \xe2\x82\xac";
    const char *due =
        "INSERT INTO \"T\xc3\xa9\" VALUES ('\"\\\t\r\n\x01\x7f </script> \xf0\x9f\x98\x80 it''s', "
        "E'\\u0041\\'', $q$nextval('a')$q$, 1) -- \xe2\x82\xac";
    cr_assert_str_eq(sql_text(node, text), due);
    struct reply *reply =
        sql(node, "SELECT '\"\\\t\n\x01 \xf0\x9f\x98\x80' AS \"a\"\"\\\xc3\xa9\"");
    cr_assert_str_eq(reply_text(reply, "results.0.rows.0.0"), "\"\\\t\n\x01 \xf0\x9f\x98\x80");
    cr_assert_str_eq(reply_text(reply, "results.0.columns.0"), "a\"\\\xc3\xa9");
}

ServiceTest(sql, with_int64_string_a_bigint_is_a_string_and_nothing_else_is)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'start': 9223372036854775806}");
    static const char text[] =
        "SELECT nextval('a'), 7, 7::smallint, 7::bigint, NULL::bigint, true,"
        " '7'; INSERT INTO t VALUES (nextval('a'));"
        "SELECT currval('a') FROM generate_series(1, 1)";
    struct reply *reply = CALL(node, .method = "POST", .path = "/v1/sql?int64=string", .body = text,
                               .type = "text/plain", .verbatim = true);
    cr_assert_str_eq(reply_text(reply, "results.0.rows.0.0"), "9223372036854775806");
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.1"), 7);
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.2"), 7);
    cr_assert_str_eq(reply_text(reply, "results.0.rows.0.3"), "7");
    cr_assert(reply_null(reply, "results.0.rows.0.4"));
    cr_assert(reply_boolean(reply, "results.0.rows.0.5"));
    cr_assert_str_eq(reply_text(reply, "results.1.sql"),
                     "INSERT INTO t VALUES (9223372036854775807)");
    reply = CALL(node, .method = "POST", .path = "/v1/sql?int64=string",
                 .body = "SELECT last_value FROM a; SELECT max_value FROM pg_sequences",
                 .type = "text/plain");
    cr_assert_str_eq(reply_text(reply, "results.0.rows.0.0"), "9223372036854775807");
    cr_assert_str_eq(reply_text(reply, "results.1.rows.0.0"), "9223372036854775807");
    cr_assert_eq(sql_value(node, "SELECT last_value FROM a"), INT64_MAX, "a number without it");
}

ServiceTest(sql, other_methods_and_parameters_are_refused_and_options_answered)
{
    struct node *node = service_start(NULL);
    expect_problem(get(node, "/v1/sql"), 405, "method_not_allowed", NULL, NULL);
    struct reply *reply = CALL(node, .method = "OPTIONS", .path = "/v1/sql");
    cr_assert_str_eq(reply_header(expect(reply, 204), "allow"), "POST, OPTIONS");
    reply = CALL(node, .path = "/v1/sql?sql=SELECT+1", .body = "SELECT 1", .type = "text/plain");
    expect_problem(reply, 400, "invalid_request", "22023", NULL);
    reply = CALL(node, .path = "/v1/sql", .body = "SELECT 1", .type = "text/plain",
                 .accept = "text/plain");
    expect_problem(reply, 406, "not_acceptable", NULL, NULL);
    reply = CALL(node, .path = "/v1/sql", .body = "SELECT 1", .type = "text/plain",
                 .session = "not a name");
    expect_problem(reply, 400, "invalid_request", NULL, NULL);
}
