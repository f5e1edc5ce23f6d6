/*
 * HTTP as clients expect it: methods, content negotiation, persistent and pipelined
 * connections, and clients that are too slow.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(http, .timeout = 60);

enum { REPLY_MS = 10000 };

#define NEXTVAL "POST /v1/sequences/a/nextval HTTP/1.1\r\nHost: localhost\r\n"

/* ---- methods ---- */

static bool lists(const char *allow, const char *method)
{
    const size_t length = strlen(method);
    for (const char *at = allow; (at = strstr(at, method)) != NULL; at += length) {
        const bool starts = at == allow || at[-1] == ' ' || at[-1] == ',';
        if (starts && (at[length] == '\0' || at[length] == ',' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

static const struct {
    const char *path, *wrong, *allowed[6], *not_allowed;
} routes[] = {
    {"/v1/sequences", "PUT", {"GET", "HEAD", "POST", "OPTIONS"}, "DELETE"},
    {"/v1/sequences/a", "POST", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}, "POST"},
    {"/v1/sequences/a/nextval", "GET", {"POST", "OPTIONS"}, "GET"},
    {"/v1/sequences/a/range", "DELETE", {"POST", "OPTIONS"}, "HEAD"},
    {"/v1/ranges", "GET", {"POST", "OPTIONS"}, "PATCH"},
    {"/v1/sequences/a/currval", "POST", {"GET", "HEAD", "OPTIONS"}, "POST"},
    {"/v1/lastval", "POST", {"GET", "HEAD", "OPTIONS"}, "DELETE"},
    {"/v1/sequences/a/setval", "PUT", {"POST", "OPTIONS"}, "PUT"},
    {"/v1/sequences/a/advance", "GET", {"POST", "OPTIONS"}, "GET"},
    {"/livez", "POST", {"GET", "HEAD", "OPTIONS"}, "POST"},
    {"/readyz", "DELETE", {"GET", "HEAD", "OPTIONS"}, "DELETE"},
    {"/metrics", "POST", {"GET", "HEAD", "OPTIONS"}, "POST"},
    {"/openapi.yaml", "POST", {"GET", "HEAD", "OPTIONS"}, "POST"},
    {"/openapi.json", "POST", {"GET", "HEAD", "OPTIONS"}, "POST"},
};

static void assert_allow(const struct reply *reply, const char *const *allowed, const char * not )
{
    const char *allow = reply_header(reply, "allow");
    cr_assert_not_null(allow, "no Allow: %s", reply->what);
    for (; *allowed != NULL; allowed++) {
        cr_assert(lists(allow, *allowed), "%s is not in %s: %s", *allowed, allow, reply->what);
    }
    cr_assert(!lists(allow, not ), "%s is in %s: %s", not, allow, reply->what);
}

ServiceTest(http, each_of_14_paths_answers_405_with_allow_and_options_with_allow)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct reply *reply = CALL(node, .method = routes[i].wrong, .path = routes[i].path);
        expect_problem(reply, 405, "method_not_allowed", NULL, NULL);
        assert_allow(reply, routes[i].allowed, routes[i].not_allowed);
        reply = CALL(node, .method = "OPTIONS", .path = routes[i].path);
        cr_assert(reply->status == 200 || reply->status == 204, "%s", reply->what);
        assert_allow(reply, routes[i].allowed, routes[i].not_allowed);
    }
}

ServiceTest(http, head_answers_wherever_get_does_without_a_body)
{
    static const char *const paths[] = {
        "/v1/sequences", "/v1/sequences/a", "/v1/sequences/nosuch", "/v1/lastval",   "/livez",
        "/readyz",       "/metrics",        "/openapi.yaml",        "/openapi.json",
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct reply *whole = CALL(node, .path = paths[i]);
        struct reply *head = CALL(node, .method = "HEAD", .path = paths[i]);
        cr_assert_eq(head->status, whole->status, "%s %s", head->what, whole->what);
        cr_assert_eq(head->length, 0, "%s", head->what);
        cr_assert_str_eq(reply_header(head, "content-type"), reply_header(whole, "content-type"));
    }
}

ServiceTest(http, an_unknown_path_is_not_found_in_every_method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct reply *reply = CALL(node, .method = methods[i], .path = "/v1/nothing");
        expect_problem(reply, 404, "not_found", NULL, NULL);
    }
    expect_problem(get(node, "/v1/sequences/a/nothing"), 404, "not_found", NULL, NULL);
}

ServiceTest(http, accept_is_honoured_or_answered_406)
{
    static const struct {
        const char *accept;
        int status;
    } rows[] = {
        {"*/*", 200},
        {"application/json", 200},
        {"application/*", 200},
        {"text/plain", 200},
        {"text/html, application/json;q=0.9", 200},
        {"image/png", 406},
        {"text/html", 406},
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply *reply = CALL(node, .method = "POST", .path = "/v1/sequences/a/nextval",
                                   .accept = rows[i].accept);
        cr_assert_eq(reply->status, rows[i].status, "%s: %s", rows[i].accept, reply->what);
    }
    cr_assert_eq(nextval(node, "a"), 6);
}

ServiceTest(http, the_documents_and_the_page_are_served)
{
    const struct node *node = service_start(NULL);
    struct reply *document = expect(get(node, "/openapi.json"), 200);
    cr_assert_eq(strncmp(reply_text(document, "openapi"), "3.", 2), 0);
    reply_member(document, "paths");
    cr_assert_not_null(strstr(expect(get(node, "/openapi.yaml"), 200)->body, "openapi:"));
    struct reply *page = CALL(node, .path = "/docs");
    if (page->status == 301 || page->status == 302 || page->status == 308) {
        page = get(node, "%s", reply_header(page, "location"));
    }
    cr_assert_eq(strncmp(reply_header(expect(page, 200), "content-type"), "text/html", 9), 0);
}

/* ---- connections ---- */

static void expect_value(struct wire *wire, const char *body)
{
    struct wire_reply reply;
    cr_assert_eq(wire_receive(wire, &reply, now_ms() + REPLY_MS), WIRE_REPLY);
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(reply.body_length, strlen(body), "%.*s", (int)reply.body_length, reply.body);
    cr_assert_eq(memcmp(reply.body, body, reply.body_length), 0, "%.*s is not %s",
                 (int)reply.body_length, reply.body, body);
}

/* "1\n" and so on, so that the reply's text is fixed. */
#define PLAIN NEXTVAL "Accept: text/plain\r\nContent-Length: 0\r\n\r\n"

ServiceTest(http, one_connection_serves_1_to_100)
{
    const struct node *node = service_start(NULL);
    struct wire wire;
    create(node, "{'name': 'a', 'cache': 1}");
    wire_open(&wire, node);
    for (int value = 1; value <= 100; value++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%d\n", value);
        cr_assert(wire_send_text(&wire, PLAIN));
        expect_value(&wire, expected);
    }
    wire_close(&wire);
}

ServiceTest(http, two_requests_in_one_write_are_answered_1_and_2_in_order)
{
    const struct node *node = service_start(NULL);
    struct wire wire;
    create(node, "{'name': 'a', 'cache': 1}");
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire, PLAIN PLAIN));
    expect_value(&wire, "1\n");
    expect_value(&wire, "2\n");
    wire_close(&wire);
}

ServiceTest(http, a_request_in_single_bytes_and_a_chunked_body_are_understood)
{
    const struct node *node = service_start(NULL);
    struct wire wire;
    create(node, "{'name': 'a', 'cache': 1}");
    wire_open(&wire, node);
    for (const char *byte = PLAIN; *byte != '\0'; byte++) {
        cr_assert(wire_send(&wire, byte, 1));
    }
    expect_value(&wire, "1\n");
    cr_assert(wire_send_text(&wire,
                             "POST /v1/sequences/a/range HTTP/1.1\r\nHost: localhost\r\n"
                             "Accept: text/plain\r\nContent-Type: application/json\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"
                             "5\r\n{\"cou\r\n8\r\nnt\": 3} \r\n0\r\n\r\n"));
    expect_value(&wire, "2 4\n");
    wire_close(&wire);
}

ServiceTest(http, connection_close_and_http_1_0_end_the_connection_after_the_reply)
{
    const struct node *node = service_start(NULL);
    struct wire wire;
    create(node, "{'name': 'a', 'cache': 1}");
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire, NEXTVAL "Accept: text/plain\r\nConnection: close\r\n"
                                            "Content-Length: 0\r\n\r\n"));
    expect_value(&wire, "1\n");
    cr_assert(wire_closed_by(&wire, now_ms() + REPLY_MS));
    wire_close(&wire);
    wire_open(&wire, node);
    cr_assert(wire_send_text(&wire,
                             "POST /v1/sequences/a/nextval HTTP/1.0\r\nHost: localhost\r\n"
                             "Accept: text/plain\r\nContent-Length: 0\r\n\r\n"));
    expect_value(&wire, "2\n");
    cr_assert(wire_closed_by(&wire, now_ms() + REPLY_MS));
    wire_close(&wire);
}

ServiceTest(http, a_client_that_goes_away_before_its_reply_disturbs_nobody)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (int i = 0; i < 50; i++) {
        struct wire wire;
        wire_open(&wire, node);
        cr_assert(wire_send_text(&wire, PLAIN PLAIN));
        wire_close(&wire);
    }
    const int64_t value = nextval(node, "a");
    cr_assert(value >= 1 && value <= 101, "%d", (int)value);
    cr_assert_eq(nextval(node, "a") > value, true);
}

/* ---- slow clients ---- */

/* Sends `start`, then one `drip` every 50 ms; true when the server has closed in time. */
static bool closes_on_drip(const struct node *node, const char *start, const char *drip, int ms)
{
    struct wire wire;
    const int64_t until = now_ms() + ms;
    bool closed = false;
    wire_open(&wire, node);
    wire_send_text(&wire, start);
    while (!closed && now_ms() < until) {
        closed = wire_closed_by(&wire, now_ms() + 50);
        if (drip[0] != '\0' && !closed) {
            wire_send_text(&wire, drip);
        }
    }
    wire_close(&wire);
    return closed;
}

ServiceTest(http, with_a_request_timeout_of_500_ms_dripped_headers_bodies_and_silence_are_closed)
{
    static const struct {
        const char *what, *start, *drip;
    } rows[] = {
        {"a request line", "GET /v1/sequences/", "a"},
        {"headers", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "a"},
        {"many headers", "GET /livez HTTP/1.1\r\nHost: localhost\r\n", "X: 1\r\n"},
        {"a body",
         "POST /v1/sequences HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 1000\r\n\r\n",
         " "},
        {"chunks",
         "POST /v1/sequences HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n",
         "1\r\n \r\n"},
        {"half a request, then silence", "POST /v1/sequences HTTP/1.1\r\nHost: loc", ""},
    };
    const struct node *node = service_start(FLAGS("--request-timeout-ms", "500"));
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert(closes_on_drip(node, rows[i].start, rows[i].drip, 4000), "%s: still open",
                  rows[i].what);
        cr_assert_eq(nextval(node, "a"), (int64_t)i + 1);
    }
}

ServiceTest(http, an_idle_connection_is_closed_after_its_1000_ms_but_not_a_busy_one)
{
    const struct node *node = service_start(FLAGS("--idle-timeout-ms", "1000"));
    struct wire idle, busy;
    create(node, "{'name': 'a', 'cache': 1}");
    wire_open(&idle, node);
    wire_open(&busy, node);
    const int64_t start = now_ms();
    for (int value = 1; now_ms() < start + 3000; value++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%d\n", value);
        cr_assert(wire_send_text(&busy, PLAIN), "closed after %d ms", (int)(now_ms() - start));
        expect_value(&busy, expected);
        pause_ms(200);
    }
    cr_assert(wire_closed_by(&idle, start + 8000));
    wire_close(&idle);
    wire_close(&busy);
}

ServiceTest(http, one_hundred_stalled_clients_do_not_delay_the_next_request)
{
    const struct node *node = service_start(FLAGS("--request-timeout-ms", "5000"));
    static struct wire wires[100];
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < 100; i++) {
        wire_open(&wires[i], node);
        wire_send_text(&wires[i],
                       i % 2 == 0 ? "POST /v1/seq" : NEXTVAL "Content-Length: 2\r\n\r\n{");
    }
    for (int64_t value = 1; value <= 20; value++) {
        const int64_t start = now_ms();
        cr_assert_eq(nextval(node, "a"), value);
        cr_assert_lt(now_ms() - start, 1000);
    }
    for (size_t i = 0; i < 100; i++) {
        wire_close(&wires[i]);
    }
}
