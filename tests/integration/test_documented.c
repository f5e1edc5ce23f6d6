/*
 * What every operation refuses in the same way, so that each documented reply is seen:
 * the harness records them, and they are compared with openapi/openapi.yaml.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(documented, .timeout = 60);

#define SEQUENCE "/v1/sequences/a"
#define SERIALS  "/v1/tables/t/serials"

enum { JSON_MAX = 64 * 1024, SQL_MAX = 1024 * 1024 };

static const struct {
    const char *method, *path;
    const char *body; /* a good one; NULL: it takes none */
    bool chooses;     /* looks at Accept */
} operations[] = {
    {"GET", "/v1/sequences", NULL, true},
    {"POST", "/v1/sequences", "{'name': 'b'}", true},
    {"GET", SEQUENCE, NULL, true},
    {"PATCH", SEQUENCE, "{'cache': 5}", true},
    {"DELETE", SEQUENCE, NULL, false},
    {"POST", SEQUENCE "/nextval", "{}", true},
    {"POST", SEQUENCE "/range", "{'count': 2}", true},
    {"POST", "/v1/ranges", "{'ranges': [{'sequence': 'a', 'count': 2}]}", true},
    {"GET", SEQUENCE "/currval", NULL, true},
    {"GET", "/v1/lastval", NULL, true},
    {"POST", SEQUENCE "/setval", "{'value': 5}", true},
    {"POST", SEQUENCE "/advance", "{'value': 5}", true},
    {"POST", "/v1/sql", "{'sql': 'SELECT last_value FROM a'}", true},
    {"POST", SERIALS, "{'column': 'k'}", true},
    {"GET", SERIALS, NULL, true},
    {"DELETE", SERIALS, NULL, false},
    {"GET", "/v1/nodes", NULL, true},
    {"GET", "/livez", NULL, false},
    {"GET", "/readyz", NULL, false},
    {"GET", "/metrics", NULL, false},
    {"GET", "/openapi.yaml", NULL, false},
    {"GET", "/openapi.json", NULL, false},
    {"GET", "/docs", NULL, false},
    {"GET", "/docs/swagger-ui.css", NULL, false},
};
#define OPERATIONS (sizeof operations / sizeof *operations)

static struct call good(size_t i)
{
    return (struct call){
        .method = operations[i].method,
        .path = operations[i].path,
        .body = operations[i].body,
    };
}

ServiceTest(documented, each_of_24_operations_refuses_an_unknown_query_parameter_by_name)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    for (size_t i = 0; i < OPERATIONS; i++) {
        char path[128];
        struct call request = good(i);
        snprintf(path, sizeof path, "%s?colour=red", request.path);
        request.path = path;
        struct reply *reply = call(node, request);
        expect_problem(reply, 400, "invalid_request", "22023", NULL);
        cr_assert_not_null(strstr(reply_text(reply, "detail"), "parameter \"colour\"; known:"));
    }
    cr_assert_eq(nextval(node, "a"), 1, "nothing was consumed, changed or dropped");
}

ServiceTest(documented, each_of_15_operations_refuses_an_accept_that_it_cannot_satisfy)
{
    struct node *node = service_start(NULL);
    size_t refused = 0;
    create(node, "{'name': 'a'}");
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct call request = good(i);
        request.accept = "image/png";
        if (!operations[i].chooses)
            continue;
        expect_problem(call(node, request), 406, "not_acceptable", NULL, NULL);
        refused++;
    }
    cr_assert_eq(refused, 15);
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(documented, each_of_9_bodies_of_another_type_is_415_and_with_a_byte_too_much_413)
{
    struct node *node = service_start(NULL);
    size_t refused = 0;
    char *large = malloc(SQL_MAX + 2);
    create(node, "{'name': 'a'}");
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct call request = good(i);
        if (!request.body)
            continue;
        request.type = "text/csv";
        expect_problem(call(node, request), 415, "unsupported_media_type", NULL, NULL);
        const size_t most = strcmp(request.path, "/v1/sql") == 0 ? SQL_MAX : JSON_MAX;
        memset(large, ' ', most + 1);
        large[most + 1] = '\0';
        request.type = NULL;
        request.body = large;
        expect_problem(call(node, request), 413, "body_too_large", NULL, NULL);
        refused++;
    }
    cr_assert_eq(refused, 9);
    cr_assert_eq(nextval(node, "a"), 1);
    free(large);
}

ServiceTest(documented, the_page_has_a_style_sheet_and_nothing_at_docs_nothing)
{
    struct node *node = service_start(NULL);
    struct reply *reply = expect(get(node, "/docs/swagger-ui.css"), 200);
    cr_assert_gt(reply->length, 10000);
    cr_assert_not_null(strstr(reply_header(reply, "content-type"), "text/css"));
    expect_problem(get(node, "/docs/nothing"), 404, "not_found", NULL, NULL);
}

ServiceTest(documented, a_range_of_1000_laps_is_invalid)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 2, 'cycle': true}");
    expect_problem(post(node, "{'count': 2000}", SEQUENCE "/range"), 422, "invalid_parameter",
                   "22023", "count (2000) covers more than 998 laps of sequence \"a\"");
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(documented, of_3_rows_a_bad_name_and_a_bad_count_fail_alone)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    struct reply *reply =
        expect(post(node,
                    "{'ranges': [{'sequence': '1x', 'count': 1}, {'sequence': 'a', 'count': 0},"
                    " {'sequence': 'a', 'count': 2}]}",
                    "/v1/ranges"),
               200);
    cr_assert_str_eq(reply_text(reply, "results.0.sequence"), "1x");
    cr_assert_str_eq(reply_text(reply, "results.0.error.code"), "invalid_name");
    cr_assert_str_eq(reply_text(reply, "results.1.error.detail"),
                     "count (0) must be between 1 and 1000000000");
    cr_assert_eq(reply_integer(reply, "results.2.ranges.0.first"), 1);
    expect_problem(
        post(node, "{'ranges': [{'sequence': 'a', 'count': 9223372036854775808}]}", "/v1/ranges"),
        422, "value_out_of_bounds", "22003",
        "value \"9223372036854775808\" is out of range for type bigint");
    expect_problem(post(node, "{'ranges': [{'sequence': 'a'}]}", "/v1/ranges"), 400,
                   "invalid_request", "22023", "ranges[0]: member \"count\" is missing");
    cr_assert_eq(nextval(node, "a"), 3);
}

ServiceTest(documented, each_of_17_operations_says_503_when_redis_has_died)
{
    const char *const flags[] = {"--request-timeout-ms", "500", NULL};
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, flags);
    create(node, "{'name': 'old'}");
    nextval_in(node, "old", "s");
    /* The node must ask Redis what the session's last sequence is called now. */
    expect(patch(node, "{'name': 'renamed'}", "/v1/sequences/old"), 200);
    redis_kill(redis);
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct call request = good(i);
        request.session = "s";
        if (strncmp(request.path, "/v1/", 4) != 0)
            continue;
        if (strcmp(request.path, "/v1/ranges") == 0) {
            struct reply *reply = expect(call(node, request), 200);
            cr_assert_str_eq(reply_text(reply, "results.0.error.code"), "store_unavailable");
        } else {
            expect_problem(call(node, request), 503, "store_unavailable", "08006", NULL);
        }
    }
}
