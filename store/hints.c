#include "store/hints.h"

#include "store/bell.h"
#include "store/clock.h"
#include "store/cluster.h"
#include "store/decimal.h"
#include "store/keys.h"
#include "store/log.h"
#include "store/memory.h"

#include <poll.h>
#include <stdatomic.h>

/* A server that hangs would leave a silent connection: so it is asked. */
#define PING_EVERY_MS 2000
#define RETRY_MS      500

struct hints {
    struct hints_options options;
    struct catalog *catalog;
    struct tables *tables;
    struct roster *roster;
    pthread_t thread;
    struct bell bell;     /* stop, or the master moved */
    atomic_bool stopping; /* set once, before the bell is rung */
    redisContext *context;
    uint64_t epoch; /* of the latest attempt to connect */
    bool pinged;    /* and not heard of since */
    bool was_lost;  /* hints may have been missed */
    int failures;   /* to connect, in a row */
};

/* "!FENCE NAME GENERATION", or with NEXT behind it. What is held of another generation
 * goes at once, without asking Redis; a name that is not known here holds nothing. */
static void hear_fence(struct hints *hints, const char *message)
{
    char fence_id[ID_SIZE], text[NAME_MAX_BYTES + 1], generation[ID_SIZE];
    char next_text[DECIMAL_SIZE + 1] = "";
    struct failure ignored;
    struct seq_name name;
    int64_t next;
    if (sscanf(message, "!%32s %127s %32s %21s", fence_id, text, generation, next_text) < 3 ||
        !name_parse(text, strlen(text), &name, &ignored))
        return;
    struct sequence *sequence = catalog_acquire(hints->catalog, &name);
    if (sequence) {
        sequence_fence(sequence, generation);
        if (decimal_parse(next_text, strlen(next_text), &next) == DECIMAL_OK)
            sequence_skip(sequence, generation, next);
        sequence_release(sequence);
    }
    roster_acknowledge(hints->roster, fence_id);
}

/* "NAME GENERATION", "NAME -" (it is gone), "NAME GENERATION NEXT" (skip to that ordinal);
 * "@NAME": a table changed; or a fence. */
static void hear(struct hints *hints, const char *message)
{
    char generation[ID_SIZE + 1], next_text[DECIMAL_SIZE + 1] = "";
    struct failure ignored;
    struct seq_name name;
    int64_t next;
    size_t length = strcspn(message, " ");
    if (message[0] == '!') {
        hear_fence(hints, message);
        return;
    }
    if (message[0] == '@' && name_parse(message + 1, length - 1, &name, &ignored)) {
        tables_forget(hints->tables, &name);
        return;
    }
    if (!name_parse(message, length, &name, &ignored) ||
        sscanf(message + length, " %33s %21s", generation, next_text) < 1)
        return;
    if (strcmp(generation, "-") == 0)
        tables_forget_all(hints->tables); /* it may be a column's, and have another name now */
    struct sequence *sequence = catalog_acquire(hints->catalog, &name);
    if (!sequence)
        return;
    count(&hints->options.counters->hints, 1);
    if (decimal_parse(next_text, strlen(next_text), &next) == DECIMAL_OK)
        sequence_skip(sequence, generation, next);
    else
        sequence_hint(sequence, generation);
    sequence_release(sequence);
}

static void verify(struct sequence *sequence, void *context)
{
    (void)context;
    sequence_verify(sequence);
}

static bool subscribe(struct hints *hints)
{
    char channel[KEY_SIZE];
    snprintf(channel, sizeof channel, "%.64schanges", hints->options.key_prefix);
    redisReply *reply = redisCommand(hints->context, "SUBSCRIBE %s", channel);
    bool fine = reply && reply->type != REDIS_REPLY_ERROR;
    if (reply)
        freeReplyObject(reply);
    return fine;
}

static void disconnect(struct hints *hints)
{
    redisFree(hints->context);
    hints->context = NULL;
    hints->was_lost = true;
}

/* In a Cluster all servers tell all: best is the one where fences are told (fence.c). */
static redisContext *connect_anywhere(const struct hints *hints, char *why, size_t why_size)
{
    struct redis_address address = hints->options.address;
    redisContext *context = redis_open(&address, &hints->options.timeouts, why, why_size);
    address.slot = -1;
    return context || !address.cluster
               ? context
               : redis_open(&address, &hints->options.timeouts, why, why_size);
}

static void connect_and_subscribe(struct hints *hints)
{
    char why[160] = "";
    hints->pinged = false;
    hints->epoch = redis_epoch(&hints->options.address);
    hints->context = connect_anywhere(hints, why, sizeof why);
    if (hints->context && !subscribe(hints)) {
        snprintf(why, sizeof why, "SUBSCRIBE was refused");
        disconnect(hints);
    }
    if (!hints->context) {
        /* One may be a Redis that is just starting; after the second it is said once. */
        if (++hints->failures == 2)
            LOG(WARN, "hints_unavailable", LOG_TEXT("why", why));
        return;
    }
    hints->failures = 0;
    if (hints->was_lost) {
        catalog_visit(hints->catalog, SIZE_MAX, verify, NULL);
        tables_forget_all(hints->tables);
    }
    hints->was_lost = false;
}

/* A message is ["message", channel, text]; PING's answer is ["pong", ""]. */
static bool read_messages(struct hints *hints)
{
    void *next = NULL;
    hints->pinged = false;
    if (redisBufferRead(hints->context) != REDIS_OK)
        return false;
    while (redisGetReplyFromReader(hints->context, &next) == REDIS_OK) {
        redisReply *reply = next;
        if (!reply)
            return true;
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
            reply->element[2]->type == REDIS_REPLY_STRING)
            hear(hints, reply->element[2]->str);
        freeReplyObject(reply);
    }
    return false;
}

static bool ping(struct hints *hints)
{
    int done = 0;
    if (hints->pinged)
        return false; /* no answer since the last one */
    hints->pinged = true;
    redisAppendCommand(hints->context, "PING");
    while (!done)
        if (redisBufferWrite(hints->context, &done) != REDIS_OK)
            return false;
    return true;
}

static bool master_moved(const struct hints *hints)
{
    return redis_epoch(&hints->options.address) != hints->epoch;
}

static void *run(void *argument)
{
    struct hints *hints = argument;
    rcu_register_thread();
    while (!atomic_load(&hints->stopping)) {
        if (!hints->context)
            connect_and_subscribe(hints);
        struct pollfd fds[2] = {
            {.fd = hints->bell.descriptor, .events = POLLIN},
            {.fd = hints->context ? hints->context->fd : -1, .events = POLLIN},
        };
        int ready = poll(fds, 2, hints->context ? PING_EVERY_MS : RETRY_MS);
        if (fds[0].revents)
            bell_heard(&hints->bell);
        if (!hints->context)
            continue;
        if (master_moved(hints) || (fds[1].revents && !read_messages(hints)) ||
            (ready == 0 && !ping(hints)))
            disconnect(hints);
    }
    if (hints->context)
        disconnect(hints);
    rcu_unregister_thread();
    return NULL;
}

struct hints *hints_start(const struct hints_options *options, struct catalog *catalog,
                          struct tables *tables, struct roster *roster)
{
    struct hints *hints = must_calloc(1, sizeof *hints);
    hints->options = *options;
    hints->options.address.slot = cluster_slot(NODES_TAG);
    hints->catalog = catalog;
    hints->tables = tables;
    hints->roster = roster;
    hints->was_lost = true; /* whatever is said before the first subscription */
    bell_init(&hints->bell);
    if (pthread_create(&hints->thread, NULL, run, hints) != 0)
        abort();
    pthread_setname_np(hints->thread, "hints");
    return hints;
}

void hints_wake(struct hints *hints)
{
    bell_ring(&hints->bell);
}

void hints_stop(struct hints *hints)
{
    atomic_store(&hints->stopping, true);
    bell_ring(&hints->bell);
    pthread_join(hints->thread, NULL);
    bell_deinit(&hints->bell);
    free(hints);
}
