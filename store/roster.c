#include "store/roster.h"

#include "store/catalog.h"
#include "store/clock.h"
#include "store/cluster.h"
#include "store/log.h"
#include "store/memory.h"
#include "store/record.h"
#include "store/roster_link.h"
#include "store/scripts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BEAT_MAX_NS    (1000 * MS_NS)
#define RETRY_NS       (100 * MS_NS)
#define PRUNE_EVERY_NS (30000 * MS_NS)
#define JOINED_FOR_NS  (5000 * MS_NS)
#define KEPT_MS        "60000" /* how long a node that is gone is still shown */
#define FENCE_SECONDS  "60"    /* how long acknowledgements are kept */
#define TEXT_SIZE      256
#define WHY_SIZE       160
#define LEFT_MIN_MS    10 /* a healthy Redis answers in less */

/* For people, in ASCII. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* What the roster says of this node. For whoever waits for a lease to end it is a tenth
 * longer, as clocks do not run equally fast. */
static char *about(const struct roster_options *options)
{
    char hostname[TEXT_SIZE] = "", address[TEXT_SIZE], started_at[TIME_SIZE];
    gethostname(hostname, sizeof hostname - 1);
    make_printable(hostname);
    snprintf(address, sizeof address, "%s", options->node_address);
    make_printable(address);
    record_time(started_at);
    int64_t lease_ms = options->lease_ms;
    int64_t life_ms = lease_ms > 0 ? lease_ms + lease_ms / 10 + 1 : options->node_timeout_ms;
    json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:I}", "hostname", hostname, "address", address,
                             "started_at", started_at, "lease_ms", (json_int_t)lease_ms, "life_ms",
                             (json_int_t)life_ms);
    char *text = json_dumps(json, 0);
    if (!text)
        abort();
    json_decref(json);
    return text;
}

struct roster *roster_create(const struct roster_options *options, struct catalog *catalog)
{
    struct roster *roster = must_calloc(1, sizeof *roster);
    roster->options = *options;
    roster->options.address.slot = cluster_slot(NODES_TAG);
    roster->catalog = catalog;
    roster->about = about(options);
    record_new_id(roster->id);
    snprintf(roster->nodes_key, sizeof roster->nodes_key, "%.64s" NODES_TAG, options->key_prefix);
    snprintf(roster->channel, sizeof roster->channel, "%.64schanges", options->key_prefix);
    pthread_mutex_init(&roster->renewal, NULL);
    pthread_mutex_init(&roster->lock, NULL);
    bell_init(&roster->bell);
    return roster;
}

void roster_destroy(struct roster *roster)
{
    bell_deinit(&roster->bell);
    pthread_mutex_destroy(&roster->lock);
    pthread_mutex_destroy(&roster->renewal);
    free(roster->about);
    free(roster);
}

const char *roster_id(const struct roster *roster)
{
    return roster->id;
}

struct lease *roster_lease(struct roster *roster)
{
    return roster->options.lease_ms > 0 ? &roster->lease : NULL;
}

/* The server that has the slot, as it is about to move. */
static redisReply *ask_elsewhere(const struct roster *roster, const redisReply *error, int argc,
                                 const char **argv, char *why, size_t why_size)
{
    const struct redis_address *address = &roster->options.address;
    int owner = cluster_owner(address->cluster, address->slot);
    return cluster_ask(address, error->str, owner < 0 ? 0 : owner, &roster->options.timeouts, argc,
                       argv, why, why_size);
}

redisReply *roster_call(const struct roster *roster, redisContext *context,
                        const struct script *script, size_t key_count, const char *const *values,
                        size_t count, char *why, size_t why_size)
{
    const char *argv[16] = {"EVALSHA", script->sha1, key_count == 1 ? "1" : "2"};
    memcpy(argv + 3, values, count * sizeof *argv);
    redisReply *reply = redisCommandArgv(context, (int)count + 3, argv, NULL);
    if (redis_error_is_noscript(reply)) {
        freeReplyObject(reply);
        argv[0] = "EVAL";
        argv[1] = script->source;
        reply = redisCommandArgv(context, (int)count + 3, argv, NULL);
    }
    if (roster->options.address.cluster && redirection_of(reply) == REDIRECTION_ASK) {
        redisReply *error = reply;
        argv[0] = "EVAL";
        argv[1] = script->source;
        reply = ask_elsewhere(roster, error, (int)count + 3, argv, why, why_size);
        freeReplyObject(error);
        if (!reply)
            return NULL;
    }
    if (reply && reply->type != REDIS_REPLY_ERROR)
        return reply;
    snprintf(why, why_size, "%s", reply ? reply->str : context->errstr);
    if (reply)
        freeReplyObject(reply);
    return NULL;
}

static void drop_all(struct sequence *sequence, void *context)
{
    (void)context;
    sequence_fence(sequence, "");
}

/* Redis answered a heartbeat that was sent at `sent_ns`. If the lease had ended by now,
 * others may have stopped waiting for this node before that heartbeat arrived. */
static void renew(struct roster *roster, int64_t sent_ns)
{
    int64_t end_ns = sent_ns + roster->options.lease_ms * MS_NS;
    pthread_mutex_lock(&roster->renewal);
    int64_t old_end_ns = atomic_load_explicit(&roster->lease.end_ns, memory_order_relaxed);
    if (old_end_ns != 0 && lease_clock_ns() >= old_end_ns) {
        count(&roster->options.counters->lease_expiries, 1);
        log_write(LOG_LEVEL_WARN, "lease_had_ended", NULL);
        catalog_visit(roster->catalog, SIZE_MAX, drop_all, NULL);
    }
    if (end_ns > old_end_ns)
        atomic_store_explicit(&roster->lease.end_ns, end_ns, memory_order_release);
    pthread_mutex_unlock(&roster->renewal);
}

static bool beat(struct roster *roster, redisContext *context, bool prune, char *why,
                 size_t why_size)
{
    const char *values[] = {roster->nodes_key, roster->id, prune ? "1" : "", KEPT_MS,
                            roster->about};
    int64_t sent_ns = lease_clock_ns();
    redisReply *reply = roster_call(roster, context, &script_beat, 1, values, 5, why, why_size);
    if (!reply)
        return false;
    freeReplyObject(reply);
    if (roster->options.lease_ms > 0)
        renew(roster, sent_ns);
    return true;
}

bool roster_join(struct roster *roster, redisContext *context, char *why, size_t why_size)
{
    return beat(roster, context, false, why, why_size);
}

bool roster_is_joined(struct roster *roster, char *why, size_t why_size)
{
    int64_t beaten_at_ns = atomic_load(&roster->beaten_at_ns);
    bool joined = beaten_at_ns != 0 && clock_ns() - beaten_at_ns < JOINED_FOR_NS;
    if (!joined)
        snprintf(why, why_size, "this node cannot be entered in the roster of nodes");
    return joined;
}

void roster_wake(struct roster *roster)
{
    bell_ring(&roster->bell);
}

void roster_acknowledge(struct roster *roster, const char *fence_id)
{
    struct acknowledgement *acknowledgement = must_calloc(1, sizeof *acknowledgement);
    snprintf(acknowledgement->fence_id, ID_SIZE, "%s", fence_id);
    pthread_mutex_lock(&roster->lock);
    acknowledgement->next = roster->acknowledgements;
    roster->acknowledgements = acknowledgement;
    pthread_mutex_unlock(&roster->lock);
    bell_ring(&roster->bell);
}

static struct acknowledgement *take_acknowledgements(struct roster *roster)
{
    pthread_mutex_lock(&roster->lock);
    struct acknowledgement *first = roster->acknowledgements;
    roster->acknowledgements = NULL;
    pthread_mutex_unlock(&roster->lock);
    return first;
}

static bool take_replies(redisContext *context, size_t count)
{
    void *reply = NULL;
    while (count-- > 0) {
        if (redisGetReply(context, &reply) != REDIS_OK)
            return false;
        freeReplyObject(reply);
    }
    return true;
}

/* In one write. What gets lost is asked for again. */
static bool send_acknowledgements(struct roster *roster)
{
    size_t commands = 0;
    struct acknowledgement *acknowledgement = take_acknowledgements(roster);
    while (acknowledgement) {
        struct acknowledgement *next = acknowledgement->next;
        if (roster->context) {
            char key[KEY_SIZE];
            snprintf(key, sizeof key, "%.64s" NODES_TAG "fence:%s", roster->options.key_prefix,
                     acknowledgement->fence_id);
            redisAppendCommand(roster->context, "HSET %s %s 1", key, roster->id);
            redisAppendCommand(roster->context, "EXPIRE %s " FENCE_SECONDS, key);
            commands += 2;
            count(&roster->options.counters->fence_acknowledgements, 1);
        }
        free(acknowledgement);
        acknowledgement = next;
    }
    return commands == 0 || take_replies(roster->context, commands);
}

/* Blocks on nothing for longer than the next fence can wait. */
static struct redis_timeouts timeouts_now(const struct roster *roster, int64_t now_ns)
{
    struct redis_timeouts timeouts = roster->options.timeouts;
    for (const struct fence *fence = roster->fences; fence; fence = fence->following) {
        int64_t left_ms = (fence->deadline_ns - now_ns) / MS_NS;
        timeouts = redis_timeouts_within(&timeouts, left_ms < LEFT_MIN_MS ? LEFT_MIN_MS : left_ms);
    }
    return timeouts;
}

static void disconnect(struct roster *roster, int64_t now_ns)
{
    redis_suspect(&roster->options.address);
    redisFree(roster->context);
    roster->context = NULL;
    roster->retry_at_ns = now_ns + RETRY_NS;
}

/* The lane says what is wrong with Redis; here it is only tried again. */
static void connect_if_due(struct roster *roster, int64_t now_ns)
{
    char why[WHY_SIZE] = "";
    struct redis_timeouts timeouts = timeouts_now(roster, now_ns);
    uint64_t epoch = redis_epoch(&roster->options.address);
    if (roster->epoch != epoch) {
        if (roster->context)
            disconnect(roster, now_ns);
        roster->retry_at_ns = now_ns;
    }
    if (!roster->context && now_ns >= roster->retry_at_ns) {
        roster->epoch = epoch;
        roster->context = redis_open(&roster->options.address, &timeouts, why, sizeof why);
        roster->beat_at_ns = 0;
        roster->retry_at_ns = now_ns + RETRY_NS;
    }
    if (roster->context)
        redisSetTimeout(roster->context,
                        (struct timeval){.tv_sec = timeouts.command_ms / 1000,
                                         .tv_usec = timeouts.command_ms % 1000 * 1000});
}

static bool beat_if_due(struct roster *roster, int64_t now_ns)
{
    char why[WHY_SIZE] = "";
    int64_t third_ns = roster->options.lease_ms * MS_NS / 3;
    bool prune = now_ns >= roster->prune_at_ns;
    if (now_ns < roster->beat_at_ns)
        return true;
    roster->beat_at_ns = now_ns + (third_ns > 0 && third_ns < BEAT_MAX_NS ? third_ns : BEAT_MAX_NS);
    if (!beat(roster, roster->context, prune, why, sizeof why)) {
        if (!roster->silent)
            LOG(WARN, "heartbeat_failed", LOG_TEXT("why", why));
        roster->silent = true;
        return false;
    }
    roster->silent = false;
    atomic_store(&roster->beaten_at_ns, clock_ns());
    if (prune)
        roster->prune_at_ns = now_ns + PRUNE_EVERY_NS;
    return true;
}

static void work(struct roster *roster)
{
    int64_t now_ns = clock_ns();
    fences_collect(roster);
    connect_if_due(roster, now_ns);
    if (roster->context && !(beat_if_due(roster, now_ns) && send_acknowledgements(roster) &&
                             fences_work(roster, now_ns)))
        disconnect(roster, now_ns);
    fences_expire(roster, clock_ns());
}

static bool wait_for_work(struct roster *roster)
{
    int64_t due_ns = fences_due_ns(roster);
    int64_t own_ns = roster->context ? roster->beat_at_ns : roster->retry_at_ns;
    bell_wait(&roster->bell, due_ns < own_ns ? due_ns : own_ns);
    pthread_mutex_lock(&roster->lock);
    bool stopping = roster->stopping;
    pthread_mutex_unlock(&roster->lock);
    return !stopping;
}

/* Not waited for any more: there is nothing left to drop. */
static void leave(struct roster *roster)
{
    redisReply *reply = redisCommand(roster->context, "HDEL %s %s", roster->nodes_key, roster->id);
    if (reply)
        freeReplyObject(reply);
    redisFree(roster->context);
}

static void *run(void *argument)
{
    struct roster *roster = argument;
    rcu_register_thread();
    do
        work(roster);
    while (wait_for_work(roster));
    fences_collect(roster);
    fences_expire(roster, INT64_MAX);
    if (roster->context)
        leave(roster);
    roster->context = NULL;
    send_acknowledgements(roster); /* frees them */
    rcu_unregister_thread();
    return NULL;
}

void roster_start(struct roster *roster)
{
    if (pthread_create(&roster->thread, NULL, run, roster) != 0)
        abort();
    pthread_setname_np(roster->thread, "roster");
}

void roster_stop(struct roster *roster)
{
    pthread_mutex_lock(&roster->lock);
    roster->stopping = true;
    pthread_mutex_unlock(&roster->lock);
    bell_ring(&roster->bell);
    pthread_join(roster->thread, NULL);
}
