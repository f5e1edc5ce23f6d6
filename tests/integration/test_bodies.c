/*
 * Bodies: strict JSON, members checked by name and type, names by their rule. Sent raw,
 * so that they may hold anything.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(bodies, .timeout = 60);

struct row {
    const char *body;
    size_t length;
    int status;
    const char *code;   /* NULL: any */
    const char *detail; /* a part of it, or NULL */
};

#define BYTES(text) (text), sizeof(text) - 1
#define A16         "aaaaaaaaaaaaaaaa"

static const struct row rows[] = {
    /* not JSON */
    {BYTES(""), 400, NULL, NULL},
    {BYTES("{\"name\": \"a\""), 400, "invalid_json", NULL},
    {BYTES("{'name': 'a'}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\"} x"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\"}{}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\"}\0"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\0b\"}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\\u0000b\"}"), 400, NULL, NULL},
    {BYTES("{\"name\": \"a\", \"name\": \"b\"}"), 400, NULL, NULL},
    {BYTES("{\"name\": \"\xff\"}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"\\ud800\"}"), 400, "invalid_json", NULL},
    {BYTES("\xef\xbb\xbf{\"name\": \"a\"}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\" /* b */}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\",}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\", \"start\": NaN}"), 400, "invalid_json", NULL},
    {BYTES("{\"name\": \"a\", \"start\": 01}"), 400, "invalid_json", NULL},
    {BYTES("null"), 400, NULL, NULL},
    {BYTES("[]"), 400, NULL, NULL},
    {BYTES("\"a\""), 400, NULL, NULL},
    {BYTES("5"), 400, NULL, NULL},
    /* members */
    {BYTES("{}"), 400, "invalid_request", "name"},
    {BYTES("{\"name\": 1}"), 400, "invalid_request", "name"},
    {BYTES("{\"name\": null}"), 400, "invalid_request", "name"},
    {BYTES("{\"name\": \"a\", \"colour\": \"red\"}"), 400, "invalid_request", "colour"},
    {BYTES("{\"name\": \"a\", \"restart\": true}"), 400, "invalid_request", "restart"},
    {BYTES("{\"name\": \"a\", \"start\": 1.0}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": 1e3}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": \"1.0\"}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": \"\"}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": \" 5\"}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": \"+5\"}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": \"0x10\"}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"start\": true}"), 400, "invalid_request", "start"},
    {BYTES("{\"name\": \"a\", \"increment\": [1]}"), 400, "invalid_request", "increment"},
    {BYTES("{\"name\": \"a\", \"min_value\": {}}"), 400, "invalid_request", "min_value"},
    {BYTES("{\"name\": \"a\", \"cache\": \"automatic\"}"), 400, "invalid_request", "cache"},
    {BYTES("{\"name\": \"a\", \"cycle\": 1}"), 400, "invalid_request", "cycle"},
    {BYTES("{\"name\": \"a\", \"cycle\": \"true\"}"), 400, "invalid_request", "cycle"},
    {BYTES("{\"name\": \"a\", \"type\": 8}"), 400, "invalid_request", "type"},
    {BYTES("{\"name\": \"a\", \"owned_by\": 8}"), 400, "invalid_request", "owned_by"},
    {BYTES("{\"name\": \"a\", \"if_not_exists\": \"yes\"}"), 400, "invalid_request",
     "if_not_exists"},
    {BYTES("{\"name\": \"a\", \"start\": 99999999999999999999}"), 422, "value_out_of_bounds", NULL},
    {BYTES("{\"name\": \"a\", \"start\": -9223372036854775809}"), 422, "value_out_of_bounds", NULL},
    /* names */
    {BYTES("{\"name\": \"\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a b\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a{b}\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a:b\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a\\r\\nb\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a.b.c\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \".a\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a.\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"1a\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"-a\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"caf\xc3\xa9\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"" A16 A16 A16 A16 "\"}"), 400, "invalid_name", NULL},
    {BYTES("{\"name\": \"a." A16 A16 A16 A16 "\"}"), 400, "invalid_name", NULL},
};

/* POST /v1/sequences with these bytes: the problem document, to be freed, and its status. */
static json_t *post_bytes(const struct node *node, const char *body, size_t length, int *status)
{
    struct wire wire;
    struct wire_reply reply = {0};
    char head[256];
    snprintf(head, sizeof head,
             "POST /v1/sequences HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n\r\n",
             length);
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire, head) && wire_send(&wire, body, length));
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 10000), WIRE_REPLY, "no reply: %s", body);
    *status = reply.status;
    json_t *document = json_loadb(reply.body, reply.body_length, 0, NULL);
    wire_close(&wire);
    return document;
}

static void assert_row(const struct node *node, const struct row *row)
{
    int status = 0;
    json_t *problem = post_bytes(node, row->body, row->length, &status);
    cr_assert_eq(status, row->status, "%s: %d, not %d", row->body, status, row->status);
    const char *code = json_string_value(json_object_get(problem, "code"));
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    cr_assert(code != NULL && detail != NULL, "%s: no code or detail", row->body);
    cr_assert(row->code == NULL || strcmp(code, row->code) == 0, "%s: %s, not %s", row->body, code,
              row->code);
    cr_assert(row->detail == NULL || strstr(detail, row->detail) != NULL, "%s: %s is not named: %s",
              row->body, row->detail, detail);
    json_decref(problem);
}

ServiceTest(bodies, each_of_56_bodies_is_refused_and_nothing_was_created)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(node, &rows[i]);
    }
    struct reply *list = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(json_array_size(reply_member(list, "sequences")), 0, "%s", list->body);
}

ServiceTest(bodies, 20000_brackets_are_refused)
{
    static const char *const pieces[] = {"[", "{\"a\":"};
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < 2; i++) {
        const size_t step = strlen(pieces[i]), count = 20000 / step;
        char *body = malloc(step * count + 1);
        for (size_t k = 0; k < count; k++) {
            memcpy(body + k * step, pieces[i], step + 1);
        }
        int status = 0;
        json_decref(post_bytes(node, body, step * count, &status));
        cr_assert_eq(status, 400);
        free(body);
    }
    expect(get(node, "/livez"), 200);
}

ServiceTest(bodies, good_names_of_1_to_63_bytes_and_other_content_type_spellings_are_taken)
{
    static const char *const names[] = {
        "a",
        "_",
        "A-b$9",
        "a.b",
        A16 A16 A16 "aaaaaaaaaaaaaaa",
        A16 A16 A16 "aaaaaaaaaaaaaaa.b" A16 A16 A16 "aaaaaaaaaaaaaa",
    };
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char body[256];
        snprintf(body, sizeof body, "{'name': '%s'}", names[i]);
        cr_assert_str_eq(reply_text(create(node, body), "name"), names[i]);
        cr_assert_eq(nextval(node, names[i]), 1);
    }
    struct reply *reply = CALL(node, .path = "/v1/sequences", .body = "{'name': 'ct'}",
                               .type = "application/json; charset=utf-8");
    expect(reply, 201);
    reply =
        CALL(node, .path = "/v1/sequences", .body = "{'name': 'ct2'}", .type = "Application/JSON");
    expect(reply, 201);
}

ServiceTest(bodies, nextval_takes_no_body_or_an_empty_object_but_nothing_else)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(reply_integer(expect(post(node, "{}", "/v1/sequences/a/nextval"), 200), "value"),
                 2);
    struct reply *reply = post(node, "{'count': 1}", "/v1/sequences/a/nextval");
    expect_problem(reply, 400, "invalid_request", "22023", NULL);
    cr_assert_not_null(strstr(reply_text(reply, "detail"), "count"), "%s", reply->what);
    expect(post(node, "[]", "/v1/sequences/a/nextval"), 400);
    expect(post(node, "nonsense", "/v1/sequences/a/nextval"), 400);
    cr_assert_eq(nextval(node, "a"), 3);
}

ServiceTest(bodies, the_members_of_patch_setval_and_advance_are_checked_by_name)
{
    static const struct {
        const char *method, *path, *body, *named;
    } calls[] = {
        {"PATCH", "/v1/sequences/a", "{'colour': 1}", "colour"},
        {"PATCH", "/v1/sequences/a", "{'if_not_exists': true}", "if_not_exists"},
        {"PATCH", "/v1/sequences/a", "{'restart': 1.0}", "restart"},
        {"PATCH", "/v1/sequences/a", "{'restart': false}", "restart"},
        {"POST", "/v1/sequences/a/setval", "{}", "value"},
        {"POST", "/v1/sequences/a/setval", "{'value': 1.0}", "value"},
        {"POST", "/v1/sequences/a/setval", "{'value': 'x'}", "value"},
        {"POST", "/v1/sequences/a/setval", "{'value': null}", "value"},
        {"POST", "/v1/sequences/a/setval", "{'value': 1, 'is_called': 1}", "is_called"},
        {"POST", "/v1/sequences/a/setval", "{'value': 1, 'colour': 1}", "colour"},
        {"POST", "/v1/sequences/a/advance", "{}", "value"},
        {"POST", "/v1/sequences/a/advance", "{'value': true}", "value"},
        {"POST", "/v1/sequences/a/advance", "{'value': 1, 'is_called': true}", "is_called"},
        {"POST", "/v1/sequences/a/range", "{'counts': 1}", "count"},
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct reply *reply =
            CALL(node, .method = calls[i].method, .path = calls[i].path, .body = calls[i].body);
        expect_problem(reply, 400, "invalid_request", "22023", NULL);
        cr_assert_not_null(strstr(reply_text(reply, "detail"), calls[i].named), "%s", reply->what);
    }
    cr_assert_eq(nextval(node, "a"), 1);
}
