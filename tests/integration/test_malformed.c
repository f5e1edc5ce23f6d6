/*
 * Requests that nobody should send, over a raw socket: each is refused (or the
 * connection closed), none moves a counter, and the server goes on serving.
 *
 * Some refusals are libmicrohttpd's own, whose exact status is not ours to fix.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

TestSuite(malformed, .timeout = 120);

enum {
    REFUSED = 0,   /* any 4xx, 501 or 505, or the connection is closed */
    ANYTHING = -1, /* any answer, or the connection is closed */
    REPLY_MS = 8000
};

struct row {
    const char *what, *request;
    size_t length;
    int status, or_status;
};

#define BYTES(text) (text), sizeof(text) - 1
#define HOST        "Host: localhost\r\n"
#define JSON        "Content-Type: application/json\r\n"
#define END         "\r\n"
#define GET(path)   "GET " path " HTTP/1.1\r\n" HOST END
#define CREATE      "POST /v1/sequences HTTP/1.1\r\n" HOST
#define NEXTVAL     "POST /v1/sequences/a/nextval HTTP/1.1\r\n" HOST
#define A16         "aaaaaaaaaaaaaaaa"

static const struct row rows[] = {
    /* names */
    {"a bad percent sign", BYTES(GET("/v1/sequences/a%zz")), 400, 0},
    {"half a percent sign", BYTES(GET("/v1/sequences/a%2")), 400, 0},
    {"NUL in a name", BYTES(GET("/v1/sequences/a%00b")), 400, 0},
    {"a slash in a name", BYTES(GET("/v1/sequences/a%2fb")), 400, 404},
    {"two dots", BYTES(GET("/v1/sequences/%2e%2e")), 400, 404},
    {"a path upwards", BYTES(GET("/v1/../../etc/passwd")), 404, 400},
    {"a line break in a name", BYTES(GET("/v1/sequences/a%0d%0aX:%201")), 400, 0},
    {"braces, encoded", BYTES(GET("/v1/sequences/%7ba%7d")), 400, 0},
    {"braces", BYTES(GET("/v1/sequences/{a}")), 400, 0},
    {"decoded twice", BYTES(GET("/v1/sequences/%2561")), 400, 0},
    {"64 bytes", BYTES(GET("/v1/sequences/" A16 A16 A16 A16)), 400, 0},
    {"three parts", BYTES(GET("/v1/sequences/a.b.c")), 400, 0},
    {"a digit first", BYTES(GET("/v1/sequences/1a")), 400, 0},
    {"an empty schema", BYTES(GET("/v1/sequences/.a")), 400, 0},
    {"overlong UTF-8", BYTES(GET("/v1/sequences/%c0%af")), 400, 0},
    {"no name", BYTES(GET("/v1/sequences/")), 404, 400},
    /* framing */
    {"two Content-Lengths", BYTES(NEXTVAL "Content-Length: 2\r\nContent-Length: 3\r\n" END "{}x"),
     REFUSED, 0},
    {"the same Content-Length twice",
     BYTES(NEXTVAL "Content-Length: 2\r\nContent-Length: 2\r\n" END "{}"), REFUSED, 0},
    {"a list of Content-Lengths", BYTES(NEXTVAL "Content-Length: 2, 2\r\n" END "{}"), REFUSED, 0},
    {"Transfer-Encoding and Content-Length",
     BYTES(NEXTVAL JSON "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n" END
                        "2\r\n{}\r\n0\r\n\r\n"),
     REFUSED, 0},
    {"an unknown Transfer-Encoding",
     BYTES(NEXTVAL JSON "Transfer-Encoding: gzip, chunked\r\n" END "2\r\n{}\r\n0\r\n\r\n"), REFUSED,
     0},
    {"Transfer-Encoding in 1.0",
     BYTES("POST /v1/sequences/a/nextval HTTP/1.0\r\n" HOST JSON
           "Transfer-Encoding: chunked\r\n" END "2\r\n{}\r\n0\r\n\r\n"),
     REFUSED, 0},
    {"a Content-Length of letters", BYTES(NEXTVAL "Content-Length: two\r\n" END "{}"), REFUSED, 0},
    {"a negative Content-Length", BYTES(NEXTVAL "Content-Length: -2\r\n" END), REFUSED, 0},
    {"a signed Content-Length", BYTES(NEXTVAL "Content-Length: +2\r\n" END "{}"), REFUSED, 0},
    {"a Content-Length past 2^64", BYTES(NEXTVAL "Content-Length: 99999999999999999999\r\n" END),
     REFUSED, 0},
    {"a bad chunk", BYTES(NEXTVAL JSON "Transfer-Encoding: chunked\r\n" END "zz\r\n{}\r\n"),
     REFUSED, 0},
    {"a body of GET",
     BYTES("GET /v1/sequences/a HTTP/1.1\r\n" HOST JSON "Content-Length: 2\r\n" END "{}"), REFUSED,
     0},
    {"no Host", BYTES("POST /v1/sequences/a/nextval HTTP/1.1\r\n\r\n"), REFUSED, 0},
    {"two Hosts", BYTES(NEXTVAL HOST END), REFUSED, 0},
    {"a header without a colon", BYTES("GET /livez HTTP/1.1\r\n" HOST "nonsense\r\n" END), ANYTHING,
     0},
    {"a space before a colon", BYTES(NEXTVAL "Content-Length : 0\r\n" END), REFUSED, 0},
    {"a folded header", BYTES("GET /livez HTTP/1.1\r\n" HOST "X-A: 1\r\n 2\r\n" END), ANYTHING, 0},
    /* sizes and types */
    {"a body of 65537 bytes announced", BYTES(CREATE JSON "Content-Length: 65537\r\n" END), 413, 0},
    {"a body of 9 GB announced", BYTES(CREATE JSON "Content-Length: 9000000000\r\n" END), 413, 0},
    {"another content type",
     BYTES(CREATE "Content-Type: text/plain\r\nContent-Length: 12\r\n" END "{\"name\":\"b\"}"), 415,
     0},
    {"almost the content type",
     BYTES(CREATE "Content-Type: application/jsonx\r\nContent-Length: 12\r\n" END
                  "{\"name\":\"b\"}"),
     415, 0},
    {"no content type", BYTES(CREATE "Content-Length: 12\r\n" END "{\"name\":\"b\"}"), 415, 0},
    {"an unknown Accept", BYTES(NEXTVAL "Accept: image/png\r\nContent-Length: 0\r\n" END), 406, 0},
    /* methods and versions */
    {"an unknown path", BYTES(GET("/v2/sequences")), 404, 0},
    {"the root of nothing", BYTES(GET("/nothing/here")), 404, 0},
    {"a known path's wrong method", BYTES("PUT /v1/sequences HTTP/1.1\r\n" HOST END), 405, 0},
    {"nextval by GET", BYTES(GET("/v1/sequences/a/nextval")), 405, 0},
    {"a method in lower case", BYTES("post /v1/sequences/a/nextval HTTP/1.1\r\n" HOST END), REFUSED,
     0},
    {"an unknown method", BYTES("BREW /v1/sequences HTTP/1.1\r\n" HOST END), REFUSED, 0},
    {"CONNECT", BYTES("CONNECT example.com:443 HTTP/1.1\r\n" HOST END), REFUSED, 0},
    {"TRACE", BYTES("TRACE /v1/sequences/a HTTP/1.1\r\n" HOST END), REFUSED, 0},
    {"HTTP/2's preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), REFUSED, 0},
    {"HTTP/0.9", BYTES("GET /livez\r\n\r\n"), ANYTHING, 0},
    {"a TLS hello", BYTES("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n"), ANYTHING, 0},
    {"bytes", BYTES("\xff\xfe\x00\x01\r\n\r\n"), ANYTHING, 0},
    {"the absolute form", BYTES("GET http://localhost/livez HTTP/1.1\r\n" HOST END), ANYTHING, 0},
};

static bool is_refusal(int status)
{
    return (status >= 400 && status < 500) || status == 501 || status == 505;
}

static void assert_refused(const struct node *node, const struct row *row)
{
    struct wire wire;
    struct wire_reply reply = {0};
    wire_open(&wire, node);
    wire_send(&wire, row->request, row->length);
    const enum wire_result result = wire_receive(&wire, &reply, now_ms() + REPLY_MS);
    cr_assert_neq(result, WIRE_LATE, "%s: neither answered nor closed", row->what);
    if (row->status == REFUSED) {
        cr_assert(result == WIRE_CLOSED || is_refusal(reply.status), "%s: %d", row->what,
                  reply.status);
    } else if (row->status != ANYTHING) {
        cr_assert(result == WIRE_REPLY && reply.status != 0 &&
                      (reply.status == row->status || reply.status == row->or_status),
                  "%s: %d, not %d", row->what, reply.status, row->status);
    }
    wire_close(&wire);
    expect(get(node, "/livez"), 200);
}

ServiceTest(malformed, each_of_52_requests_is_refused_and_the_next_value_is_still_1)
{
    const struct node *node = service_start(FLAGS("--request-timeout-ms", "3000"));
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_refused(node, &rows[i]);
    }
    cr_assert_eq(nextval(node, "a"), 1);
    struct reply *list = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(json_array_size(reply_member(list, "sequences")), 1);
}

/* ---- things too large ---- */

/* prefix, then `count` times `piece`, then suffix; to be freed. */
static char *repeated(const char *prefix, const char *piece, int count, const char *suffix)
{
    const size_t step = strlen(piece), head = strlen(prefix);
    char *text = malloc(head + step * (size_t)count + strlen(suffix) + 1);
    memcpy(text, prefix, head);
    for (int i = 0; i < count; i++) {
        memcpy(text + head + step * (size_t)i, piece, step);
    }
    memcpy(text + head + step * (size_t)count, suffix, strlen(suffix) + 1);
    return text;
}

ServiceTest(malformed,
            a_header_and_a_uri_of_60000_bytes_and_1000_headers_and_arguments_are_survived)
{
    const struct {
        const char *what, *prefix, *piece, *suffix;
        int count, status;
    } large[] = {
        {"header", "POST /v1/sequences/a/nextval HTTP/1.1\r\n" HOST "X: ", "x", "\r\n\r\n", 60000,
         REFUSED},
        {"uri", "GET /v1/sequences/", "a", " HTTP/1.1\r\n" HOST END, 60000, REFUSED},
        {"headers", "POST /v1/sequences/a/nextval HTTP/1.1\r\n" HOST, "X: 1\r\n", "\r\n", 10000,
         REFUSED},
        {"arguments", "GET /v1/sequences?limit=1", "&a=1", " HTTP/1.1\r\n" HOST END, 1000,
         ANYTHING},
        {"chunks", CREATE JSON "Transfer-Encoding: chunked\r\n\r\n", "4\r\n    \r\n", "0\r\n\r\n",
         17000, 413},
        {"name", "GET /v1/sequences/", "a", " HTTP/1.1\r\n" HOST END, 5000, 400},
    };
    const struct node *node = service_start(FLAGS("--request-timeout-ms", "3000"));
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        char *text = repeated(large[i].prefix, large[i].piece, large[i].count, large[i].suffix);
        const struct row row = {large[i].what, text, strlen(text), large[i].status, 0};
        assert_refused(node, &row);
        free(text);
    }
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(malformed, a_body_of_65536_bytes_is_read_and_one_of_65537_is_not)
{
    const struct node *node = service_start(NULL);
    static char body[65538];
    memset(body, ' ', 65537);
    memcpy(body, "{\"name\": \"a\"}", 13);
    body[65536] = '\0';
    expect(CALL(node, .path = "/v1/sequences", .body = body, .verbatim = true), 201);
    body[65536] = ' ';
    expect_problem(CALL(node, .path = "/v1/sequences", .body = body, .verbatim = true), 413,
                   "body_too_large", NULL, NULL);
}

/* ---- the same over and over, longer than a request may take ---- */

static void send_and_leave(const struct node *node, const char *text, bool reset)
{
    struct wire wire;
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    wire_open(&wire, node);
    wire_send_text(&wire, text);
    if (reset) {
        setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    wire_close(&wire);
}

ServiceTest(malformed, broken_off_and_oversized_requests_for_2000_ms_leave_nothing_behind)
{
    char *arguments = repeated("GET /v1/sequences?limit=1", "&a=1", 1000, " HTTP/1.1\r\n" HOST END);
    char *header = repeated("GET /livez HTTP/1.1\r\n" HOST "X: ", "x", 60000, "\r\n\r\n");
    const char *const texts[] = {
        arguments,
        header,
        "GET /livez HTTP/1.1\r\nHost: loc",
        NEXTVAL JSON "Content-Length: 10\r\n" END "{",
        CREATE JSON "Content-Length: 70000\r\n" END "{",
        CREATE JSON "Transfer-Encoding: chunked\r\n" END "5\r\n{",
        NEXTVAL "Content-Length: 0\r\n" END,
        "",
    };
    const struct node *node = service_start(FLAGS("--request-timeout-ms", "200"));
    const int64_t until = now_ms() + 2000;
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; now_ms() < until; i++) {
        const struct row row = {"1000 arguments", arguments, strlen(arguments), ANYTHING, 0};
        send_and_leave(node, texts[i % 8], i % 16 < 8);
        if (i % 8 == 0) {
            assert_refused(node, &row);
        }
        expect(get(node, "/livez"), 200);
        pause_ms(5);
    }
    cr_assert_gt(nextval(node, "a"), 0);
    free(arguments);
    free(header);
}
