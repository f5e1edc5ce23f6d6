/*
 * Three nodes on one Redis, 64 clients on keep-alive connections, and an administrator
 * who alters, sets, drops and creates the sequences under their hands: everything
 * that was handed out is kept and checked (history.h). SEQD_VALUES is how many values
 * (default 2,000,000) are handed out at least.
 */
#include "tests/integration/client.h"
#include "tests/integration/history.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cluster, .timeout = 400);

enum {
    NODES = 3,
    CLIENTS = 64,
    SEQUENCES = 5,
    CHANGING = 4,
    CHANGES = 200,
    RUN_MS = 300000,
    REPLY_MS = 20000
};

static const struct {
    const char *name, *create, *increments[2];
    int64_t set_min, set_max;
} sequences[SEQUENCES] = {
    {"auto", "{'name': 'auto'}", {"{'increment': 2}", "{'increment': 1}"}, 1, 1000000},
    {"one", "{'name': 'one', 'cache': 1}", {"{'increment': 3}", "{'increment': 1}"}, 1, 1000000},
    {"ten",
     "{'name': 'ten', 'cache': 10, 'increment': 7, 'start': 100, 'min_value': -1000000000000}",
     {"{'increment': 11}", "{'increment': 7}"},
     -1000000,
     1000000},
    {"down",
     "{'name': 'down', 'increment': -3, 'min_value': -1000000000000, 'max_value': 5}",
     {"{'increment': -5}", "{'increment': -3}"},
     -1000000,
     5},
    /* around: never changed, and not unique by its nature */
    {"around",
     "{'name': 'around', 'type': 'smallint', 'cache': 20, 'cycle': true}",
     {NULL, NULL},
     0,
     0},
};

struct client {
    pthread_t thread;
    int number, slot; /* the slot's node serves it */
    unsigned seed;
    struct wire wire;
    struct history history;
    long replies, refusals;
    char trouble[400]; /* "" or why it stopped */
};

static struct node *_Atomic slots[NODES]; /* written by the main thread only */
static _Atomic int64_t handed_out;        /* by all clients */
static _Atomic bool stopping;             /* set by whoever has seen enough */
static _Atomic bool kills_allowed;        /* a closed connection is opened again */

static int64_t wanted_values(void)
{
    const char *text = getenv("SEQD_VALUES");
    return text != NULL ? strtoll(text, NULL, 10) : 2000000;
}

/* ---- a client ---- */

static int chosen(unsigned *seed, int below)
{
    return rand_r(seed) % below;
}

static bool trouble(struct client *client, const char *what, const struct wire_reply *reply)
{
    const int length = reply == NULL ? 0 : (int)(reply->headers_length + reply->body_length + 2);
    snprintf(client->trouble, sizeof client->trouble, "client %d: %s %.*s", client->number, what,
             length < 300 ? length : 300, reply == NULL ? "" : reply->headers);
    stopping = true;
    return false;
}

static bool add_spans(struct client *client, struct grant grant, const json_t *ranges)
{
    size_t i;
    json_t *range;
    json_array_foreach(ranges, i, range)
    {
        grant.first = json_integer_value(json_object_get(range, "first"));
        grant.last = json_integer_value(json_object_get(range, "last"));
        grant.count = json_integer_value(json_object_get(range, "count"));
        history_add_grant(&client->history, &grant);
        handed_out += grant.count;
    }
    return i > 0;
}

/* Keeps what a 200 has handed out. */
static bool keep(struct client *client, int sequence, const struct wire_reply *reply)
{
    struct grant grant = {.of.sequence = sequence, .connection = client->number, .count = 1};
    if (!wire_header(reply, "seq-generation", grant.of.id, sizeof grant.of.id)) {
        return false;
    }
    json_t *body = json_loadb(reply->body, reply->body_length, 0, NULL);
    const json_t *value = json_object_get(body, "value");
    bool kept = true;
    if (json_is_integer(value)) {
        grant.first = grant.last = json_integer_value(value);
        history_add_grant(&client->history, &grant);
        handed_out++;
    } else {
        kept = add_spans(client, grant, json_object_get(body, "ranges"));
    }
    json_decref(body);
    return kept;
}

static bool send_one(struct client *client, int sequence)
{
    char request[512], body[64] = "";
    const bool range = chosen(&client->seed, 3) == 0;
    if (range) {
        snprintf(body, sizeof body, "{\"count\": %d}", 50 + chosen(&client->seed, 451));
    }
    snprintf(request, sizeof request,
             "POST /v1/sequences/%s/%s HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             sequences[sequence].name, range ? "range" : "nextval", strlen(body), body);
    return wire_send_text(&client->wire, request);
}

static bool reconnect(struct client *client)
{
    wire_close(&client->wire);
    client->number += CLIENTS; /* another connection: its order starts afresh */
    while (!stopping && !wire_try_open(&client->wire, slots[client->slot])) {
        pause_ms(5);
    }
    return !stopping;
}

/* One request and what came of it; false when this client is to stop. */
static bool take_one(struct client *client)
{
    const int sequence = chosen(&client->seed, SEQUENCES);
    struct wire_reply reply = {0};
    enum wire_result result = WIRE_CLOSED;
    if (send_one(client, sequence)) {
        result = wire_receive(&client->wire, &reply, now_ms() + REPLY_MS);
    }
    if (result == WIRE_CLOSED && kills_allowed) {
        return reconnect(client);
    }
    if (result != WIRE_REPLY) {
        return trouble(client, result == WIRE_LATE ? "no reply" : "closed", NULL);
    }
    client->replies++;
    if (reply.status == 200) {
        return keep(client, sequence, &reply) || trouble(client, "malformed", &reply);
    }
    client->refusals++;
    return reply.status == 404 || trouble(client, "refused", &reply);
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    if (!wire_try_open(&client->wire, slots[client->slot])) {
        trouble(client, "cannot connect", NULL);
        return NULL;
    }
    while (!stopping && take_one(client)) {
    }
    wire_close(&client->wire);
    return NULL;
}

/* ---- the administrator ---- */

static void learn_rule(struct history *rules, const struct node *node, int sequence)
{
    const struct reply *reply = describe(node, sequences[sequence].name);
    struct rule rule = {
        .of.sequence = sequence,
        .anchor = reply_integer(reply, "last_value"),
        .increment = reply_integer(reply, "increment"),
        .min_value = reply_integer(reply, "min_value"),
        .max_value = reply_integer(reply, "max_value"),
        .cycle = reply_boolean(reply, "cycle"),
    };
    snprintf(rule.of.id, sizeof rule.of.id, "%s", reply_text(reply, "generation"));
    history_add_rule(rules, &rule);
}

/* The `step`-th change: of each sequence in turn, of each kind in turn. */
static void disturb(struct history *rules, int step, unsigned *seed)
{
    const struct node *node = slots[chosen(seed, NODES)];
    const int sequence = step % CHANGING, kind = step / CHANGING % 5;
    const char *name = sequences[sequence].name;
    const int64_t width = sequences[sequence].set_max - sequences[sequence].set_min;
    switch (kind) {
    case 0:
    case 1:
        expect(patch(node, sequences[sequence].increments[kind], "/v1/sequences/%s", name), 200);
        break;
    case 2:
        setval(node, name, sequences[sequence].set_min + chosen(seed, (int)width),
               chosen(seed, 2) == 0);
        break;
    case 3:
        expect(patch(node, "{'restart': true}", "/v1/sequences/%s", name), 200);
        break;
    default:
        expect(drop(node, "/v1/sequences/%s", name), 204);
        create(node, sequences[sequence].create);
    }
    learn_rule(rules, node, sequence);
}

/* ---- the run ---- */

static struct client clients[CLIENTS];

static void start_all(struct redis *redis, struct history *rules)
{
    for (int i = 0; i < NODES; i++) {
        slots[i] = node_start_ready(redis, FLAGS("--threads", "2"));
    }
    for (int i = 0; i < SEQUENCES; i++) {
        create(slots[0], sequences[i].create);
        learn_rule(rules, slots[0], i);
    }
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.number = i, .slot = i % NODES, .seed = (unsigned)i + 1};
        cr_assert_eq(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
}

/* Waits for all clients, asserts that none had trouble, and gathers their histories. */
static void gather(struct history *all)
{
    long replies = 0, refusals = 0;
    stopping = true;
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        replies += clients[i].replies;
        refusals += clients[i].refusals;
    }
    for (int i = 0; i < CLIENTS; i++) {
        cr_assert_str_eq(clients[i].trouble, "");
        history_merge(all, &clients[i].history);
    }
    cr_log_info("%ld replies, %ld of them 404, %" PRId64 " values, %zu generations", replies,
                refusals, history_values(all), all->rule_count);
}

static void check_all(struct history *all, int64_t wanted)
{
    char error[400] = "";
    cr_assert_geq(history_values(all), wanted);
    cr_assert(history_check(all, error, sizeof error), "%s", error);
    history_free(all);
}

static bool enough(int64_t wanted, int64_t until)
{
    cr_assert(now_ms() < until, "%" PRId64 " of %" PRId64 " values in %d ms", handed_out, wanted,
              RUN_MS);
    return stopping || handed_out >= wanted;
}

ServiceTest(cluster, of_2000000_values_by_64_clients_of_3_nodes_none_comes_twice_under_200_changes)
{
    const int64_t wanted = wanted_values(), until = now_ms() + RUN_MS;
    struct history all = {0};
    unsigned seed = 20240501;
    start_all(redis_start(NULL), &all);
    for (int step = 0; !stopping && (step < CHANGES || !enough(wanted, until)); step++) {
        disturb(&all, step, &seed);
        pause_ms(5); /* the administrator's pace */
    }
    gather(&all);
    check_all(&all, wanted);
}

ServiceTest(cluster, of_500000_values_none_comes_twice_when_nodes_are_stopped_killed_and_replaced)
{
    const int64_t wanted = wanted_values() / 4, until = now_ms() + RUN_MS;
    struct history all = {0};
    struct redis *redis = redis_start(NULL);
    kills_allowed = true;
    start_all(redis, &all);
    for (int step = 1; step <= 9; step++) {
        while (!enough(wanted * step / 10, until)) {
            pause_ms(2);
        }
        struct node *victim = slots[step % NODES];
        if (step % 2 == 0) {
            node_pause(victim);
            pause_ms(300); /* how long it stands still */
            node_continue(victim);
        } else {
            slots[step % NODES] = node_start_ready(redis, FLAGS("--threads", "2"));
            node_kill(victim);
        }
    }
    while (!enough(wanted, until)) {
        pause_ms(2);
    }
    gather(&all);
    check_all(&all, wanted);
}
