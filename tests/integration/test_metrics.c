/*
 * The metrics against what really happened: what clients got, and what Redis' own
 * command statistics say.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(metrics, .timeout = 60);

/* The value of a series, written as in the text ("name" or "name{labels}"); -1: none. */
static int64_t metric(const struct node *node, const char *series)
{
    struct reply *reply = expect(get(node, "/metrics"), 200);
    size_t length = strlen(series);
    for (const char *line = reply->body; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, series, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
        if (!*line)
            break;
    }
    return -1;
}

ServiceTest(metrics, values_and_requests_are_those_of_7_nextvals_a_range_of_30_and_a_404)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    for (int i = 0; i < 7; i++)
        nextval(node, "a");
    expect(post(node, "{'count': 30}", "/v1/sequences/a/range"), 200);
    expect(try_nextval(node, "b"), 404);
    cr_assert_eq(metric(node, "seqd_values_total"), 37);
    cr_assert_eq(metric(node, "seqd_http_requests_total{route=\"nextval\",status=\"200\"}"), 7);
    cr_assert_eq(metric(node, "seqd_http_requests_total{route=\"nextval\",status=\"404\"}"), 1);
    cr_assert_eq(metric(node, "seqd_http_requests_total{route=\"reserveRange\",status=\"200\"}"),
                 1);
    cr_assert_eq(metric(node, "seqd_http_request_duration_seconds_count{route=\"nextval\"}"), 8);
    cr_assert_eq(metric(node, "seqd_store_up"), 1);
    cr_assert_eq(metric(node, "seqd_known_sequences"), 1, "b does not exist");
}

ServiceTest(metrics, one_hundred_nextvals_of_cache_100_are_one_incrby_and_99_hits)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 100}");
    long long before = redis_calls(redis, "incrby");
    for (int i = 1; i <= 100; i++)
        cr_assert_eq(nextval(node, "a"), i);
    cr_assert_eq(redis_calls(redis, "incrby") - before, 1);
    cr_assert_eq(metric(node, "seqd_reserved_values_total"), 100);
    cr_assert_eq(metric(node, "seqd_cache_hits_total"), 99);
    cr_assert_eq(metric(node, "seqd_waits_total"), 1);
}

ServiceTest(metrics, an_exhausted_sequence_has_0_remaining_and_2_refusals)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 3, 'cache': 1}");
    nextval(node, "a");
    cr_assert_eq(metric(node, "seqd_sequence_remaining{sequence=\"a\"}"), 2);
    nextval(node, "a");
    nextval(node, "a");
    expect(try_nextval(node, "a"), 409);
    expect(try_nextval(node, "a"), 409);
    cr_assert_eq(metric(node, "seqd_sequence_remaining{sequence=\"a\"}"), 0);
    cr_assert_eq(metric(node, "seqd_sequence_exhausted_total{sequence=\"a\"}"), 2);
    cr_assert_eq(metric(node, "seqd_exhausted_total"), 2);
}

ServiceTest(metrics, of_10_sequences_4_have_series_when_the_cap_is_4)
{
    const char *const flags[] = {"--metrics-sequences", "4", NULL};
    struct node *node = service_start(flags);
    size_t series = 0;
    for (int i = 0; i < 10; i++) {
        char name[8], body[32];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(body, sizeof body, "{'name': '%s'}", name);
        create(node, body);
        nextval(node, name);
    }
    const char *text = expect(get(node, "/metrics"), 200)->body;
    while ((text = strstr(text, "seqd_sequence_remaining{"))) {
        series++;
        text++;
    }
    cr_assert_eq(series, 4);
    cr_assert_eq(metric(node, "seqd_known_sequences"), 10);
}

ServiceTest(metrics, one_request_waits_and_with_max_waiting_1_the_next_are_503_overloaded)
{
    const char *const flags[] = {"--max-waiting", "1", NULL};
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, flags);
    struct wire waiting;
    create(node, "{'name': 'a', 'cache': 1}");
    redis_pause(redis);
    wire_open(&waiting, node);
    wire_send_text(&waiting, "POST /v1/sequences/a/nextval HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(metric(node, "seqd_waiting_requests") == 1, 5000);
    expect_problem(try_nextval(node, "a"), 503, "overloaded", "53300", NULL);
    expect_problem(post(node, "{'ranges': [{'sequence': 'a', 'count': 1}]}", "/v1/ranges"), 503,
                   "overloaded", "53300", NULL);
    expect_problem(get(node, "/v1/sequences/a"), 503, "overloaded", "53300", NULL);
    redis_continue(redis);
    EVENTUALLY(metric(node, "seqd_waiting_requests") == 0, 5000);
    cr_assert_eq(try_nextval(node, "a")->status, 200);
    wire_close(&waiting);
}
