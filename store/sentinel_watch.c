#include "store/sentinel_watch.h"

#include "store/bell.h"
#include "store/log.h"
#include "store/memory.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#define PING_EVERY_MS 2000
#define RETRY_MIN_MS  100
#define RETRY_MAX_MS  3200

static const struct redis_timeouts timeouts = {SENTINEL_TIMEOUT_MS, SENTINEL_TIMEOUT_MS};

struct sentinel_watch {
    struct sentinels *sentinels;
    void (*moved)(void *context);
    void *context;
    pthread_t thread;
    struct bell bell;
    atomic_bool stopping; /* set once, before the bell is rung */

    /* The thread's own. */
    redisContext *link;      /* NULL: not subscribed */
    size_t index;            /* of the sentinel */
    bool pinged;             /* and not heard of since */
    int failures;            /* to subscribe, in a row */
    struct server_name last; /* the master as last heard; port 0: never */
};

/* Tells everybody, if that is news. */
static void hear(struct sentinel_watch *watch, const struct server_name *server)
{
    bool known = watch->last.port != 0;
    if (known && watch->last.port == server->port && strcmp(watch->last.host, server->host) == 0)
        return;
    watch->last = *server;
    if (!known)
        return;
    LOG(INFO, "master_moved", LOG_TEXT("master", watch->sentinels->master),
        LOG_TEXT("host", server->host), LOG_NUMBER("port", server->port));
    /* It knows; others may not yet. */
    atomic_store(&watch->sentinels->front, watch->index);
    atomic_fetch_add(&watch->sentinels->epoch, 1);
    watch->moved(watch->context);
}

/* Asks the sentinel that is listened to. False: it is of no use. */
static bool ask(struct sentinel_watch *watch, char *why, size_t why_size)
{
    struct server_name server;
    if (sentinel_ask(watch->sentinels, watch->index, &timeouts, &server, why, why_size) !=
        SENTINEL_NAMED)
        return false;
    hear(watch, &server);
    return true;
}

/* The sentinel that leads a failover says +switch-master last of all, when the replicas
 * follow the new master; +promoted-slave, as soon as that one takes writes. */
static bool subscribe(redisContext *link, char *why, size_t why_size)
{
    redisReply *reply = redisCommand(link, "SUBSCRIBE +switch-master +promoted-slave");
    bool fine = reply && reply->type != REDIS_REPLY_ERROR;
    if (!fine)
        snprintf(why, why_size, "SUBSCRIBE: %s", reply ? reply->str : link->errstr);
    freeReplyObject(reply);
    return fine;
}

static void disconnect(struct sentinel_watch *watch)
{
    redisFree(watch->link);
    watch->link = NULL;
}

/* Subscribes to the next sentinel, and asks it what may have been missed. */
static void connect_next(struct sentinel_watch *watch)
{
    char why[160] = "";
    struct sentinels *sentinels = watch->sentinels;
    watch->index = (watch->index + 1) % sentinels->count;
    watch->pinged = false;
    watch->link = redis_open(&sentinels->at[watch->index], &timeouts, why, sizeof why);
    if (watch->link && !subscribe(watch->link, why, sizeof why))
        disconnect(watch);
    if (watch->link && ask(watch, why, sizeof why)) {
        watch->failures = 0;
        return;
    }
    if (watch->link)
        disconnect(watch); /* it does not watch this master */
    if (++watch->failures == (int)sentinels->count)
        LOG(WARN, "sentinels_unavailable", LOG_TEXT("why", why));
}

/* A message, ["message", channel, text], is read as: ask again. It may be about another
 * master; the second channel's reply to SUBSCRIBE and PING's answer ask nothing. */
static bool read_messages(struct sentinel_watch *watch)
{
    char why[160];
    void *next = NULL;
    bool news = false;
    watch->pinged = false;
    if (redisBufferRead(watch->link) != REDIS_OK)
        return false;
    while (redisGetReplyFromReader(watch->link, &next) == REDIS_OK) {
        redisReply *reply = next;
        if (!reply)
            return !news || ask(watch, why, sizeof why);
        news |= reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
                reply->element[2]->type == REDIS_REPLY_STRING;
        freeReplyObject(reply);
    }
    return false;
}

/* False: there was no answer to the last one, or it cannot be sent. */
static bool ping(struct sentinel_watch *watch)
{
    int done = 0;
    if (watch->pinged)
        return false;
    watch->pinged = true;
    redisAppendCommand(watch->link, "PING");
    while (!done)
        if (redisBufferWrite(watch->link, &done) != REDIS_OK)
            return false;
    return true;
}

static int wait_ms(const struct sentinel_watch *watch)
{
    int rounds = watch->failures / (int)watch->sentinels->count;
    if (watch->link)
        return PING_EVERY_MS;
    return rounds < 5 ? RETRY_MIN_MS << rounds : RETRY_MAX_MS;
}

static void *run(void *argument)
{
    struct sentinel_watch *watch = argument;
    while (!atomic_load(&watch->stopping)) {
        if (!watch->link)
            connect_next(watch);
        struct pollfd fds[2] = {
            {.fd = watch->bell.descriptor, .events = POLLIN},
            {.fd = watch->link ? watch->link->fd : -1, .events = POLLIN},
        };
        int ready = poll(fds, 2, wait_ms(watch));
        if (fds[0].revents)
            bell_heard(&watch->bell);
        if (watch->link &&
            ((fds[1].revents && !read_messages(watch)) || (ready == 0 && !ping(watch))))
            disconnect(watch);
    }
    if (watch->link)
        disconnect(watch);
    return NULL;
}

struct sentinel_watch *sentinel_watch_start(struct sentinels *sentinels,
                                            void (*moved)(void *context), void *context)
{
    struct sentinel_watch *watch = must_calloc(1, sizeof *watch);
    watch->sentinels = sentinels;
    watch->moved = moved;
    watch->context = context;
    watch->index = sentinels->count - 1; /* the next one is the first */
    bell_init(&watch->bell);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0)
        abort();
    pthread_setname_np(watch->thread, "sentinel");
    return watch;
}

void sentinel_watch_stop(struct sentinel_watch *watch)
{
    atomic_store(&watch->stopping, true);
    bell_ring(&watch->bell);
    pthread_join(watch->thread, NULL);
    bell_deinit(&watch->bell);
    free(watch);
}
