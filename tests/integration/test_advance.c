/*
 * advance where it meets numbers that are held already, and where the range that is left
 * of a cycle is shorter than what is asked.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

TestSuite(advance, .timeout = 60);

static const struct {
    const char *body; /* cache 100; the first value is taken, 100 are held */
    const char *advance;
    int64_t last_value, next;
} held[] = {
    {"{'name': 'a', 'cache': 100}", "{'value': 50}", 100, 51},
    {"{'name': 'a', 'cache': 100, 'max_value': 1000, 'cycle': true}", "{'value': 50}", 100, 51},
    {"{'name': 'a', 'cache': 100, 'increment': 10}", "{'value': 55}", 991, 61},
    {"{'name': 'a', 'cache': 100, 'increment': 10}", "{'value': 51}", 991, 61},
    {"{'name': 'a', 'cache': 100, 'increment': -1}", "{'value': -50}", -100, -51},
    {"{'name': 'a', 'cache': 100, 'increment': -1, 'min_value': -1000, 'cycle': true}",
     "{'value': -50}", -100, -51},
    {"{'name': 'a', 'cache': 100, 'max_value': 1000, 'cycle': true}", "{'value': 100}", 100, 101},
    {"{'name': 'a', 'cache': 100, 'max_value': 1000, 'cycle': true}", "{'value': 1}", 100, 2},
};

ServiceTest(advance, in_each_of_8_held_blocks_nothing_up_to_the_value_is_handed_out_again)
{
    struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        create(node, held[i].body);
        nextval(node, "a");
        struct reply *reply = expect(post(node, held[i].advance, "/v1/sequences/a/advance"), 200);
        cr_assert_eq(reply_integer(reply, "value"), held[i].last_value, "row %zu", i);
        cr_assert_not(reply_boolean(reply, "advanced"));
        cr_assert_eq(nextval(node, "a"), held[i].next, "row %zu", i);
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}

ServiceTest(advance, another_node_skips_what_it_holds_of_a_cycle_up_to_50)
{
    struct redis *redis = redis_start(NULL);
    struct node *one = node_start_ready(redis, NULL), *two = node_start_ready(redis, NULL);
    int64_t value;
    create(one, "{'name': 'a', 'cache': 100, 'max_value': 1000, 'cycle': true}");
    cr_assert_eq(nextval(two, "a"), 1);
    expect(post(one, "{'value': 50}", "/v1/sequences/a/advance"), 200);
    EVENTUALLY((value = nextval(two, "a")) > 50, 5000);
    cr_assert_eq(value, 51);
}

ServiceTest(advance, a_contiguous_partial_range_of_8_in_a_cycle_of_7_is_the_whole_lap)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 7, 'cycle': true}");
    nextval(node, "a");
    expect_problem(post(node, "{'count': 8, 'contiguous': true}", "/v1/sequences/a/range"), 409,
                   "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"a\" (7)");
    struct reply *reply = expect(
        post(node, "{'count': 8, 'contiguous': true, 'partial': true}", "/v1/sequences/a/range"),
        200);
    cr_assert_eq(reply_integer(reply, "count"), 7);
    cr_assert_eq(reply_integer(reply, "ranges.0.first"), 1);
    cr_assert_eq(reply_integer(reply, "ranges.0.last"), 7);
}

ServiceTest(advance, a_request_on_an_idle_connection_right_after_sigterm_is_answered_and_closed)
{
    struct node *node = service_start(NULL);
    struct wire wire;
    struct wire_reply reply;
    static const char request[] = "POST /v1/sequences/a/nextval HTTP/1.1\r\nHost: h\r\n\r\n";
    char connection[16];
    create(node, "{'name': 'a'}");
    wire_open(&wire, node);
    wire_send_text(&wire, request);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 5000), WIRE_REPLY);
    kill(node->pid, SIGTERM);
    EVENTUALLY(node_event_count(node, "stopping") == 1, 5000);
    wire_send_text(&wire, request);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 5000), WIRE_REPLY);
    cr_assert_eq(reply.status, 200);
    cr_assert(wire_header(&reply, "connection", connection, sizeof connection));
    cr_assert_str_eq(connection, "close");
    cr_assert(wire_closed_by(&wire, now_ms() + 5000));
    wire_close(&wire);
}
