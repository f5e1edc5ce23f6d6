/* Clients that record what they are told: see client.h. */
#include "tests/chaos/client.h"

#include "tests/chaos/http.h"
#include "tests/chaos/record.h"
#include "tests/differential/random.h"
#include "tests/process/process.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSED_PAUSE_MS = 20, STREAM = 100, SET_MOST = 1000000000 };

struct client {
    const struct load *load;
    const struct habit *habit;
    char session[16];
    pthread_t thread;
    struct http http;
    struct random random;
    FILE *file;
    struct record record; /* of the request at hand */
    const char *sequence;
    int64_t requests;
    atomic_llong given; /* replies with values */
    atomic_llong streak;
    bool connected_once;
};

struct load {
    struct load_options options;
    struct client *clients;
    atomic_bool stop, calm;
    pthread_t watch;
    atomic_llong stall_ns;
};

/* ---- recording ---- */

static void record(struct client *client, const char *generation, const char *code)
{
    if (client->record.count == 0)
        atomic_store(&client->streak, 0);
    const struct record_names names = {client->sequence, generation, code};
    if (!record_write(client->file, &client->record, &names))
        die("cannot write the history");
}

static void record_run(struct client *client, json_int_t from, json_int_t to, json_int_t count,
                       const struct http_reply *reply, const char *code)
{
    client->record.from = from;
    client->record.to = to;
    atomic_fetch_add(&client->given, 1);
    atomic_fetch_add(&client->streak, 1);
    client->record.count = count > 0 && count <= UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    record(client, reply->generation, code);
}

/* False when the body is not what it should be. */
static bool record_values(struct client *client, json_t *body, const struct http_reply *reply,
                          const char *code)
{
    json_int_t value, count, increment, first, last;
    json_t *ranges, *range;
    size_t i;
    if (json_unpack(body, "{s:I!}", "value", &value) == 0) {
        record_run(client, value, value, 1, reply, code);
        return client->record.op != OP_RANGE;
    }
    if (json_unpack(body, "{s:I, s:I, s:o!}", "count", &count, "increment", &increment, "ranges",
                    &ranges) != 0 ||
        client->record.op != OP_RANGE || json_array_size(ranges) == 0)
        return false;
    client->record.increment = increment;
    json_array_foreach(ranges, i, range)
    {
        if (json_unpack(range, "{s:I, s:I, s:I!}", "first", &first, "last", &last, "count",
                        &count) != 0)
            return false;
        record_run(client, first, last, count, reply, code);
    }
    return true;
}

static void record_reply(struct client *client, const struct http_reply *reply)
{
    const int64_t took = client->record.t_complete - client->record.t_invoke;
    const char *late = took > client->load->options.patience_ms * 1000000 ? "late" : "";
    const char *code = "invalid_body";
    json_t *body = json_loadb(reply->body, reply->body_length, JSON_REJECT_DUPLICATES, NULL);
    client->record.status = (uint16_t)reply->status;
    client->record.flags = reply->retry_after ? RECORD_RETRY_AFTER : 0;
    if (reply->status != 200) {
        json_unpack(body, "{s:s}", "code", &code);
        record(client, reply->generation, code);
    } else if (!record_values(client, body, reply, late)) {
        record(client, reply->generation, code);
    }
    json_decref(body);
}

static void record_nothing(struct client *client, const char *code)
{
    client->record.t_complete = now_ns();
    record(client, "", code);
}

/* ---- asking ---- */

static bool connected(struct client *client)
{
    const struct load_options *options = &client->load->options;
    if (client->http.fd >= 0)
        return true;
    client->record.connection += client->connected_once;
    client->connected_once = true;
    return http_open(&client->http, options->ports[client->record.node]);
}

static bool ask(struct client *client)
{
    char path[128], body[64];
    const uint8_t op = client->record.op;
    snprintf(path, sizeof path, "/v1/sequences/%s/%s", client->sequence, record_op_names[op]);
    if (op == OP_RANGE)
        snprintf(body, sizeof body, "{\"count\": %u}", client->record.asked);
    else
        snprintf(body, sizeof body, "{\"value\": %u}", 1 + random_below(&client->random, SET_MOST));
    return http_send(&client->http, op == OP_CURRVAL ? "GET" : "POST", path,
                     op == OP_RANGE || op == OP_SETVAL ? body : NULL);
}

static uint8_t choose_op(struct client *client)
{
    const struct habit *habit = client->habit;
    const unsigned at = random_below(&client->random, 100);
    const unsigned currval = habit->range_percent + habit->currval_percent;
    if (at < habit->range_percent)
        return OP_RANGE;
    if (at < currval)
        return OP_CURRVAL;
    return at < currval + habit->setval_percent && !atomic_load(&client->load->calm) ? OP_SETVAL
                                                                                     : OP_NEXTVAL;
}

/* What is asked for next: the seed decides. */
static void choose(struct client *client)
{
    const struct habit *habit = client->habit;
    const uint8_t op = choose_op(client);
    unsigned sequences = 0;
    while (sequences < HABIT_SEQUENCES_MAX && habit->sequences[sequences] != NULL)
        sequences++;
    client->sequence = habit->sequences[random_below(&client->random, sequences)];
    client->record = (struct record){
        .client = client->record.client,
        .node = client->record.node,
        .connection = client->record.connection,
        .op = op,
        .asked = op == OP_RANGE     ? 1 + random_below(&client->random, habit->range_most)
                 : op == OP_NEXTVAL ? 1
                                    : 0,
        .t_invoke = now_ns(),
    };
}

static void request(struct client *client)
{
    struct http_reply reply;
    enum http_result result = HTTP_CLOSED;
    choose(client);
    if (!connected(client)) {
        client->record.asked = 0; /* nothing can have been used up */
        record_nothing(client, "refused");
        pause_ms(REFUSED_PAUSE_MS);
        return;
    }
    const int64_t until = client->record.t_invoke + client->load->options.give_up_ms * 1000000;
    if (ask(client))
        result = http_receive(&client->http, &reply, until);
    client->record.t_complete = now_ns();
    if (result == HTTP_REPLY) {
        record_reply(client, &reply);
        return;
    }
    record_nothing(client, result == HTTP_LATE ? "timeout" : "closed");
    http_close(&client->http);
}

static void *run(void *closure)
{
    struct client *client = closure;
    while (!atomic_load_explicit(&client->load->stop, memory_order_relaxed)) {
        request(client);
        client->requests++;
        nanosleep(&(struct timespec){.tv_nsec = client->habit->pause_us * 1000}, NULL);
    }
    http_close(&client->http);
    return NULL;
}

/* ---- the machine ---- */

/* Sleeps for a moment, again and again: how much longer does that take? */
static void *watch(void *closure)
{
    struct load *load = closure;
    enum { STEP_NS = 5000000 };
    while (!atomic_load(&load->stop)) {
        const int64_t before = now_ns();
        nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
        const int64_t late = now_ns() - before - STEP_NS;
        if (late > atomic_load(&load->stall_ns))
            atomic_store(&load->stall_ns, late);
    }
    return NULL;
}

int64_t load_streak(const struct load *load)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < load->options.clients; i++) {
        const int64_t streak = atomic_load(&load->clients[i].streak);
        least = streak < least ? streak : least;
    }
    return least;
}

void load_begin_streaks(struct load *load)
{
    for (int i = 0; i < load->options.clients; i++)
        atomic_store(&load->clients[i].streak, 0);
}

int64_t load_stall_ms(const struct load *load)
{
    return atomic_load(&load->stall_ns) / 1000000;
}

/* ---- all of them ---- */

static const struct habit *habit_of(const struct load_options *options, int number)
{
    int habit = number / options->nodes;
    while (habit >= HABITS_MAX || options->habits[habit] == NULL)
        habit--;
    return options->habits[habit];
}

static void start_one(struct load *load, int index)
{
    char path[200];
    struct client *client = &load->clients[index];
    const int number = load->options.first + index;
    snprintf(path, sizeof path, "%s/client%d.jsonl", load->options.directory, number);
    snprintf(client->session, sizeof client->session, "s%d", number);
    client->load = load;
    client->habit = habit_of(&load->options, index);
    client->http.fd = -1;
    client->http.session = client->habit->session ? client->session : NULL;
    client->record.client = (uint16_t)number;
    client->record.node = (uint16_t)(number % load->options.nodes);
    client->file = fopen(path, "w");
    random_seed(&client->random, load->options.seed, STREAM + (uint64_t)number);
    if (client->file == NULL || pthread_create(&client->thread, NULL, run, client) != 0)
        die("cannot start a client that writes %s", path);
}

struct load *load_start(const struct load_options *options)
{
    struct load *load = calloc(1, sizeof *load);
    load->options = *options;
    load->clients = calloc((size_t)options->clients, sizeof *load->clients);
    for (int i = 0; i < options->clients; i++)
        start_one(load, i);
    if (pthread_create(&load->watch, NULL, watch, load) != 0)
        die("cannot start a thread");
    return load;
}

int64_t load_given(const struct load *load, const struct habit *habit)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < load->options.clients; i++) {
        const int64_t given = atomic_load(&load->clients[i].given);
        if (load->clients[i].habit == habit && given < least)
            least = given;
    }
    return least;
}

void load_calm(struct load *load)
{
    atomic_store(&load->calm, true);
}

int64_t load_stop(struct load *load)
{
    int64_t requests = 0;
    atomic_store(&load->stop, true);
    pthread_join(load->watch, NULL);
    for (int i = 0; i < load->options.clients; i++) {
        pthread_join(load->clients[i].thread, NULL);
        requests += load->clients[i].requests;
        if (fclose(load->clients[i].file) != 0)
            die("cannot write the history");
    }
    free(load->clients);
    free(load);
    return requests;
}
