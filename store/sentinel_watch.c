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

/* "NAME OLD_HOST OLD_PORT NEW_HOST NEW_PORT", of any master that the sentinel knows. */
static void hear_switch(struct sentinel_watch *watch, const char *message)
{
    const char *name = watch->sentinels->master;
    struct server_name server;
    size_t length = strlen(name);
    if (strncmp(message, name, length) == 0 && message[length] == ' ' &&
        sscanf(message + length, " %*s %*d %255s %d", server.host, &server.port) == 2)
        hear(watch, &server);
}

static bool subscribe(redisContext *link, char *why, size_t why_size)
{
    redisReply *reply = redisCommand(link, "SUBSCRIBE +switch-master");
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
    struct server_name server;
    struct sentinels *sentinels = watch->sentinels;
    watch->index = (watch->index + 1) % sentinels->count;
    watch->pinged = false;
    watch->link = redis_open(&sentinels->at[watch->index], &timeouts, why, sizeof why);
    if (watch->link && !subscribe(watch->link, why, sizeof why))
        disconnect(watch);
    if (watch->link && sentinel_ask(sentinels, watch->index, &timeouts, &server, why, sizeof why) ==
                           SENTINEL_NAMED) {
        hear(watch, &server);
        watch->failures = 0;
        return;
    }
    if (watch->link)
        disconnect(watch); /* it does not watch this master */
    if (++watch->failures == (int)sentinels->count)
        LOG(WARN, "sentinels_unavailable", LOG_TEXT("why", why));
}

/* A message is ["message", channel, text]; PING's answer is ["pong", ""]. */
static bool read_messages(struct sentinel_watch *watch)
{
    void *next = NULL;
    watch->pinged = false;
    if (redisBufferRead(watch->link) != REDIS_OK)
        return false;
    while (redisGetReplyFromReader(watch->link, &next) == REDIS_OK) {
        redisReply *reply = next;
        if (!reply)
            return true;
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
            reply->element[2]->type == REDIS_REPLY_STRING)
            hear_switch(watch, reply->element[2]->str);
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
