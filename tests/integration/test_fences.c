/*
 * Strict changes: after the reply no node hands out a number of before the change, be it
 * busy, stopped and continued, killed, or new. And the roster of nodes.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(fences, .timeout = 60);

enum { NODES = 3, OLD_MAX = 999999, CLIENTS = 6, REPLY_MS = 20000 };

#define SEQUENCE "/v1/sequences/a"

/* All hold a block of 1000, from below OLD_MAX. */
static void start_nodes(const struct redis *redis, struct node *nodes[NODES],
                        const char *const *flags)
{
    for (int i = 0; i < NODES; i++) {
        nodes[i] = node_start_ready(redis, flags);
    }
    create(nodes[0], "{'name': 'a', 'cache': 1000}");
    for (int i = 0; i < NODES; i++) {
        cr_assert_eq(nextval(nodes[i], "a"), 1 + 1000 * i);
    }
}

static void expect_nothing_old(struct node *nodes[NODES], int64_t above)
{
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < NODES; i++) {
            const int64_t value = nextval(nodes[i], "a");
            cr_assert_gt(value, above, "node %d handed out %" PRId64, i, value);
        }
    }
}

/* SIGSTOP takes a moment to stop all threads. */
static void stop_now(const struct node *node)
{
    int status;
    node_pause(node);
    cr_assert_eq(waitpid(node->pid, &status, WUNTRACED), node->pid);
    cr_assert(WIFSTOPPED(status));
}

static json_t *listed(const struct reply *list, const struct node *node)
{
    size_t i;
    json_t *entry;
    json_array_foreach(reply_member(list, "nodes"), i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "address")), node->address) == 0) {
            return entry;
        }
    }
    return NULL;
}

static json_t *in_roster(const struct node *asked, const struct node *node)
{
    return listed(expect(get(asked, "/v1/nodes"), 200), node);
}

static bool is_live(const struct node *asked, const struct node *node)
{
    return json_is_true(json_object_get(in_roster(asked, node), "live"));
}

/* 504, and it names this node and no other. */
static void expect_incomplete(struct reply *reply, const struct node *missing)
{
    expect_problem(reply, 504, "fence_incomplete", "57014", NULL);
    cr_assert_eq(json_array_size(reply_member(reply, "nodes")), 1, "%s", reply->body);
    cr_assert_str_eq(reply_text(reply, "nodes.0.address"), missing->address);
    cr_assert_not_null(strstr(reply_text(reply, "detail"), "the change was made"));
    cr_assert_not_null(strstr(reply_text(reply, "detail"), missing->address));
    cr_assert_not_null(strstr(reply_text(reply, "detail"), reply_text(reply, "nodes.0.id")));
}

ServiceTest(fences, a_strict_setval_leaves_no_old_number_with_3_nodes_in_100_rounds)
{
    struct node *nodes[NODES];
    int64_t took_ms = 0;
    start_nodes(redis_start(NULL), nodes, NULL);
    for (int64_t round = 1; round <= 100; round++) {
        char body[64];
        snprintf(body, sizeof body, "{'value': %" PRId64 "}", 1000000 * round);
        struct reply *reply =
            expect(post(nodes[round % NODES], body, SEQUENCE "/setval?fence=strict"), 200);
        cr_assert_eq(reply_integer(reply, "value"), 1000000 * round);
        took_ms += reply->took_ms;
        for (int i = 0; i < NODES; i++) {
            const int64_t value = nextval(nodes[i], "a");
            cr_assert_gt(value, 1000000 * round, "node %d, round %" PRId64 ": %" PRId64, i, round,
                         value);
        }
    }
    cr_log_info("a strict setval took %" PRId64 " us", took_ms * 1000 / 100);
}

ServiceTest(fences, patch_advance_and_delete_can_be_strict_too)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    expect(patch(nodes[0], "{'restart': 1000000}", SEQUENCE "?fence=strict"), 200);
    expect_nothing_old(nodes, OLD_MAX);
    struct reply *reply =
        expect(post(nodes[1], "{'value': 2000000}", SEQUENCE "/advance?fence=strict"), 200);
    cr_assert(reply_boolean(reply, "advanced"));
    expect_nothing_old(nodes, 2000000);
    expect(drop(nodes[2], SEQUENCE "?fence=strict"), 204);
    for (int i = 0; i < NODES; i++) {
        expect_problem(try_nextval(nodes[i], "a"), 404, "sequence_not_found", "42P01", NULL);
    }
}

ServiceTest(fences, an_advance_to_what_is_reserved_but_held_skips_it_everywhere)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    struct reply *reply =
        expect(post(nodes[2], "{'value': 2500}", SEQUENCE "/advance?fence=strict"), 200);
    cr_assert_not(reply_boolean(reply, "advanced"));
    expect_nothing_old(nodes, 2500);
}

ServiceTest(fences, a_strict_rename_takes_the_old_name_from_every_node)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    expect(patch(nodes[0], "{'name': 'b'}", SEQUENCE "?fence=strict"), 200);
    for (int i = 0; i < NODES; i++) {
        expect_problem(try_nextval(nodes[i], "a"), 404, "sequence_not_found", "42P01", NULL);
        cr_assert_gt(nextval(nodes[i], "b"), 3000);
    }
}

ServiceTest(fences, fence_bogus_is_400_and_fence_fast_is_the_default)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    expect_problem(post(node, "{'value': 5}", SEQUENCE "/setval?fence=bogus"), 400,
                   "invalid_request", "22023", "fence is fast or strict, not \"bogus\"");
    expect_problem(drop(node, SEQUENCE "?fence="), 400, "invalid_request", "22023",
                   "fence is fast or strict, not \"\"");
    expect_problem(post(node, NULL, SEQUENCE "/nextval?fence=strict"), 400, "invalid_request",
                   "22023", NULL);
    expect(post(node, "{'value': 5}", SEQUENCE "/setval?fence=fast"), 200);
    cr_assert_eq(nextval(node, "a"), 6);
    expect_problem(drop(node, "/v1/sequences/nothing?fence=strict"), 404, "sequence_not_found",
                   "42P01", NULL);
}

ServiceTest(fences, without_a_lease_a_stopped_node_is_named_in_a_504_and_the_change_was_made)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, FLAGS("--request-timeout-ms", "700"));
    stop_now(nodes[2]);
    struct reply *reply = post(nodes[0], "{'value': 1000000}", SEQUENCE "/setval?fence=strict");
    expect_incomplete(reply, nodes[2]);
    cr_assert_lt(reply->took_ms, 1700);
    cr_assert_geq(reply->took_ms, 600);
    cr_assert_eq(reply_integer(describe(nodes[1], "a"), "last_value"), 1000000);
    cr_assert_eq(nextval(nodes[1], "a"), 1000001);
    expect_incomplete(post(nodes[0], "{'value': 2000000}", SEQUENCE "/advance?fence=strict"),
                      nodes[2]);
    expect_incomplete(patch(nodes[0], "{'restart': true}", SEQUENCE "?fence=strict"), nodes[2]);
    expect_incomplete(drop(nodes[0], SEQUENCE "?fence=strict"), nodes[2]);
    node_continue(nodes[2]);
    create(nodes[0], "{'name': 'a', 'start': 5000000, 'cache': 10}");
    expect(post(nodes[0], "{'value': 6000000}", SEQUENCE "/setval?fence=strict"), 200);
    expect_nothing_old(nodes, 6000000);
}

ServiceTest(fences, the_fast_form_does_not_wait_for_a_stopped_node)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    stop_now(nodes[2]);
    cr_assert_lt(setval(nodes[0], "a", 1000000, true)->took_ms, 500);
    node_continue(nodes[2]);
}

ServiceTest(fences, with_a_lease_of_500_ms_a_node_stopped_past_it_hands_out_nothing_old)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, FLAGS("--lease-ms", "500"));
    for (int64_t round = 1; round <= 10; round++) {
        char body[64];
        snprintf(body, sizeof body, "{'value': %" PRId64 "}", 1000000 * round);
        stop_now(nodes[2]);
        struct reply *reply =
            expect(post(nodes[round % 2], body, SEQUENCE "/setval?fence=strict"), 200);
        cr_assert_lt(reply->took_ms, 1200, "%d ms", (int)reply->took_ms);
        node_continue(nodes[2]);
        for (int i = 0; i < 50; i++) {
            reply = try_nextval(nodes[2], "a");
            if (reply->status != 503) {
                cr_assert_gt(reply_integer(expect(reply, 200), "value"), 1000000 * round);
            }
        }
        EVENTUALLY(try_nextval(nodes[2], "a")->status == 200, 5000);
        cr_assert_gt(nextval(nodes[2], "a"), 1000000 * round);
    }
}

ServiceTest(fences, with_a_lease_a_node_without_redis_stops_and_goes_on_when_it_is_back)
{
    const char *const flags[] = {"--lease-ms", "300", "--request-timeout-ms", "400", NULL};
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, flags);
    create(node, "{'name': 'a', 'cache': 1000}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_pause(redis);
    EVENTUALLY(try_nextval(node, "a")->status == 503, 5000);
    expect_problem(try_nextval(node, "a"), 503, "store_unavailable", "08006", NULL);
    redis_continue(redis);
    EVENTUALLY(try_nextval(node, "a")->status == 200, 10000);
    cr_assert_gt(nextval(node, "a"), 1000, "what was held is dropped: it may be stale");
}

ServiceTest(fences, without_a_lease_a_node_without_redis_goes_on)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1000}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_kill(redis);
    pause_ms(1500);
    for (int64_t i = 2; i <= 500; i++) {
        cr_assert_eq(nextval(node, "a"), i);
    }
}

ServiceTest(fences, a_killed_node_with_a_lease_is_waited_for_no_longer_than_that)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, FLAGS("--lease-ms", "600"));
    node_kill(nodes[2]);
    struct reply *reply =
        expect(post(nodes[0], "{'value': 1000000}", SEQUENCE "/setval?fence=strict"), 200);
    cr_assert_lt(reply->took_ms, 1200);
    cr_assert_not(is_live(nodes[0], nodes[2]));
    cr_assert_lt(
        expect(post(nodes[0], "{'value': 5}", SEQUENCE "/setval?fence=strict"), 200)->took_ms, 500);
}

ServiceTest(fences, a_killed_node_without_a_lease_is_waited_for_until_it_is_taken_for_dead)
{
    const char *const flags[] = {"--node-timeout-ms", "3000", "--request-timeout-ms", "500", NULL};
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, flags);
    node_kill(nodes[2]);
    expect_incomplete(post(nodes[0], "{'value': 1000000}", SEQUENCE "/setval?fence=strict"),
                      nodes[2]);
    EVENTUALLY(!is_live(nodes[1], nodes[2]), 8000);
    expect(post(nodes[0], "{'value': 2000000}", SEQUENCE "/setval?fence=strict"), 200);
}

ServiceTest(fences, a_node_that_stopped_cleanly_leaves_the_roster_and_is_not_waited_for)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    cr_assert_not_null(in_roster(nodes[0], nodes[2]));
    node_stop(nodes[2]);
    struct reply *list = expect(get(nodes[0], "/v1/nodes"), 200);
    cr_assert_eq(json_array_size(reply_member(list, "nodes")), 2, "%s", list->body);
    struct reply *reply =
        expect(post(nodes[0], "{'value': 1000000}", SEQUENCE "/setval?fence=strict"), 200);
    cr_assert_lt(reply->took_ms, 500);
}

ServiceTest(fences, the_roster_shows_each_node_with_its_lease_and_whom_was_asked)
{
    struct redis *redis = redis_start(NULL);
    struct node *plain = node_start_ready(redis, NULL);
    struct node *leased = node_start_ready(redis, FLAGS("--lease-ms", "5000"));
    struct reply *list = expect(get(plain, "/v1/nodes"), 200);
    json_t *one = listed(list, plain), *other = listed(list, leased);
    char hostname[256] = "";
    cr_assert_eq(json_array_size(reply_member(list, "nodes")), 2, "%s", list->body);
    cr_assert_eq(strlen(json_string_value(json_object_get(one, "id"))), 32);
    cr_assert_str_neq(json_string_value(json_object_get(one, "id")),
                      json_string_value(json_object_get(other, "id")));
    cr_assert_eq(json_integer_value(json_object_get(one, "lease_ms")), 0);
    cr_assert_eq(json_integer_value(json_object_get(other, "lease_ms")), 5000);
    cr_assert(json_is_true(json_object_get(one, "self")));
    cr_assert(json_is_false(json_object_get(other, "self")));
    cr_assert(json_is_true(json_object_get(one, "live")));
    cr_assert_lt(json_integer_value(json_object_get(one, "last_seen_ms_ago")), 5000);
    cr_assert_eq(gethostname(hostname, sizeof hostname - 1), 0);
    cr_assert_str_eq(json_string_value(json_object_get(one, "hostname")), hostname);
}

ServiceTest(fences, a_node_that_lost_a_message_is_asked_again)
{
    struct redis *redis = redis_start(NULL);
    struct node *nodes[NODES];
    start_nodes(redis, nodes, NULL);
    redis_run(redis, (const char *const[]){"CLIENT", "KILL", "TYPE", "pubsub", NULL});
    struct reply *reply =
        expect(post(nodes[0], "{'value': 1000000}", SEQUENCE "/setval?fence=strict"), 200);
    cr_assert_lt(reply->took_ms, 1900);
    expect_nothing_old(nodes, 1000000);
}

/* ---- busy clients ---- */

/* What the last strict setval that was answered has set: a request that begins now must
 * get more. */
static _Atomic int64_t set_last;
static _Atomic bool stopping;

struct client {
    pthread_t thread;
    const struct node *node;
    long values, refusals;
    char trouble[200]; /* "" or why it stopped */
};

static bool ask_one(struct client *client, struct wire *wire)
{
    struct wire_reply reply;
    int64_t value, floor = set_last;
    if (!wire_send_text(wire, "POST " SEQUENCE "/nextval HTTP/1.1\r\nHost: h\r\n\r\n") ||
        wire_receive(wire, &reply, now_ms() + REPLY_MS) != WIRE_REPLY) {
        snprintf(client->trouble, sizeof client->trouble, "no reply");
    } else if (reply.status == 503) {
        client->refusals++;
    } else if (reply.status != 200 || sscanf(reply.body, "{\"value\":%" SCNd64, &value) != 1) {
        snprintf(client->trouble, sizeof client->trouble, "status %d: %.*s", reply.status,
                 (int)(reply.body_length < 150 ? reply.body_length : 150), reply.body);
    } else if (value <= floor) {
        snprintf(client->trouble, sizeof client->trouble, "%" PRId64 " after setval to %" PRId64,
                 value, floor);
    } else {
        client->values++;
    }
    return client->trouble[0] == '\0';
}

static void *be_client(void *argument)
{
    struct client *client = argument;
    struct wire wire;
    if (!wire_try_open(&wire, client->node)) {
        snprintf(client->trouble, sizeof client->trouble, "refused");
        return NULL;
    }
    while (!stopping && ask_one(client, &wire)) {
    }
    wire_close(&wire);
    return NULL;
}

/* 2 clients a node hand out while `rounds` strict setvals are made; in every tenth round
 * node 2 is stopped meanwhile, if `stops`. */
static void set_under_load(struct node *nodes[NODES], int rounds, bool stops)
{
    static struct client clients[CLIENTS];
    set_last = 0;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].node = nodes[i % NODES];
        cr_assert_eq(pthread_create(&clients[i].thread, NULL, be_client, &clients[i]), 0);
    }
    for (int64_t round = 1; round <= rounds; round++) {
        char body[64];
        const bool stop = stops && round % 10 == 0;
        snprintf(body, sizeof body, "{'value': %" PRId64 "}", 1000000000 * round);
        if (stop) {
            stop_now(nodes[2]);
        }
        expect(post(nodes[round % (stops ? 2 : NODES)], body, SEQUENCE "/setval?fence=strict"),
               200);
        set_last = 1000000000 * round;
        if (stop) {
            node_continue(nodes[2]);
        }
        pause_ms(2);
    }
    stopping = true;
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        cr_assert_str_eq(clients[i].trouble, "", "client %d: %s", i, clients[i].trouble);
        cr_assert_gt(clients[i].values, 100);
    }
}

ServiceTest(fences, after_each_of_200_strict_setvals_6_busy_clients_get_nothing_old)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, NULL);
    expect(patch(nodes[0], "{'cache': 'auto'}", SEQUENCE), 200);
    set_under_load(nodes, 200, false);
}

ServiceTest(fences, nor_when_a_node_is_stopped_past_its_lease_under_their_hands)
{
    struct node *nodes[NODES];
    start_nodes(redis_start(NULL), nodes, FLAGS("--lease-ms", "300"));
    expect(patch(nodes[0], "{'cache': 'auto'}", SEQUENCE), 200);
    set_under_load(nodes, 100, true);
}
