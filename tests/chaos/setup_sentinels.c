/* A primary, two replicas, and three sentinels that watch them. */
#include "tests/chaos/sentinels.h"

#include "tests/chaos/fibers.h"
#include "tests/chaos/netfilter.h"
#include "tests/chaos/setup_parts.h"
#include "tests/chaos/strike.h"
#include "tests/process/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 20000 };

/* ---- starting ---- */

static void write_configuration(const struct arena *arena, const struct redis *sentinel)
{
    FILE *file = fopen(sentinel->configuration, "w");
    if (file == NULL)
        die("cannot write %s", sentinel->configuration);
    fprintf(file,
            "port %d\nbind 127.0.0.1\ndir %s\n"
            "sentinel monitor orders 127.0.0.1 %d 2\n"
            "sentinel down-after-milliseconds orders 500\n"
            "sentinel failover-timeout orders 3000\n"
            "sentinel parallel-syncs orders 2\n",
            sentinel->port, sentinel->directory, arena->servers[0].port);
    fclose(file);
}

void sentinels_publish_every(struct arena *arena, int period_ms)
{
    for (size_t i = 0; i < arena->sentinel_count; i++)
        freeReplyObject(redis_ask(&arena->sentinels[i],
                                  "SENTINEL DEBUG info-period 200 publish-period %d", period_ms));
}

/* What SENTINEL MASTER says of the master, as a number. */
static int told(const struct redis *sentinel, const char *what)
{
    int number = -1;
    redisReply *reply = redis_ask(sentinel, "SENTINEL MASTER orders");
    for (size_t i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements;
         i += 2)
        if (strcmp(reply->element[i]->str, what) == 0)
            number = (int)strtol(reply->element[i + 1]->str, NULL, 10);
    freeReplyObject(reply);
    return number;
}

static bool all_known(struct arena *arena)
{
    for (size_t i = 0; i < arena->sentinel_count; i++)
        if (told(&arena->sentinels[i], "num-slaves") != arena->setup->replicas ||
            told(&arena->sentinels[i], "num-other-sentinels") != SENTINELS - 1)
            return false;
    return true;
}

static void start_one(struct arena *arena)
{
    char directory[160];
    struct redis *sentinel = &arena->sentinels[arena->sentinel_count];
    snprintf(directory, sizeof directory, "%s/sentinel%zu", arena->directory,
             arena->sentinel_count++);
    redis_prepare(sentinel, directory);
    sentinel->group = SENTINEL_GROUP;
    snprintf(sentinel->configuration, sizeof sentinel->configuration, "%s/conf", directory);
    write_configuration(arena, sentinel);
    redis_start(sentinel);
}

static void start_watched(struct arena *arena)
{
    servers_start(arena);
    for (int i = 0; i < SENTINELS; i++)
        start_one(arena);
    /* Else they ask every 10 s who the replicas are, and tell of themselves every 2 s. */
    sentinels_publish_every(arena, 200);
    if (!arena_until(arena, all_known, START_MS))
        die("the sentinels do not find each other and the replicas");
    sentinels_publish_every(arena, 500);
    snprintf(arena->url, sizeof arena->url,
             "redis+sentinel://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/orders/0",
             arena->sentinels[0].port, arena->sentinels[1].port, arena->sentinels[2].port);
}

/* ---- afterwards ---- */

static int named_by(const struct arena *arena, const struct redis *sentinel)
{
    int named = -1;
    redisReply *reply = redis_ask(sentinel, "SENTINEL GET-MASTER-ADDR-BY-NAME orders");
    for (size_t i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY && i < arena->server_count;
         i++)
        if (arena->servers[i].port == (int)strtol(reply->element[1]->str, NULL, 10))
            named = (int)i;
    freeReplyObject(reply);
    return named;
}

/* All of them name the same one, which says so itself; -1: not now. */
static int agreed(const struct arena *arena)
{
    const int named = named_by(arena, &arena->sentinels[0]);
    for (size_t i = 1; i < arena->sentinel_count; i++)
        if (named_by(arena, &arena->sentinels[i]) != named)
            return -1;
    return named >= 0 && redis_is(&arena->servers[named], "master") ? named : -1;
}

static void moved(struct arena *arena, int to)
{
    arena->primary = (size_t)to;
    arena->facts.failovers++;
    arena->facts.incarnations++;
}

static bool failed_over(struct arena *arena)
{
    const int named = agreed(arena);
    if (named < 0 || (size_t)named == arena->primary)
        return false;
    moved(arena, named);
    return true;
}

bool sentinels_wait_failover(struct arena *arena)
{
    const bool done = arena_until(arena, failed_over, FAILOVER_MS);
    facts_expect(&arena->facts, done, "no failover in %d ms", FAILOVER_MS);
    return done;
}

/* None of them is about to do something with the master. */
static bool at_rest(const struct redis *sentinel)
{
    bool rests = false;
    redisReply *reply = redis_ask(sentinel, "SENTINEL MASTER orders");
    for (size_t i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements;
         i += 2)
        if (strcmp(reply->element[i]->str, "flags") == 0)
            rests = strcmp(reply->element[i + 1]->str, "master") == 0;
    freeReplyObject(reply);
    return rests;
}

/* Two sentinels may each have been elected: then there is one more failover at once. */
static bool settled(struct arena *arena)
{
    failed_over(arena);
    for (size_t i = 0; i < arena->sentinel_count; i++)
        if (!at_rest(&arena->sentinels[i]))
            return false;
    return agreed(arena) == (int)arena->primary && replicas_whole(arena);
}

bool sentinels_wait_settled(struct arena *arena)
{
    const bool done = arena_until(arena, settled, SETTLED_MS);
    facts_expect(&arena->facts, done, "a master does not follow the new one in %d ms", SETTLED_MS);
    return done;
}

/* ---- the table ---- */

enum { FOUND_MS = 2500 }; /* asking sentinels, connecting, a round trip to replicas */

const struct setup watched_replicas = {.name = "sentinels, replicas:2",
                                       .durability = "replicas:2",
                                       .proof_ms = FOUND_MS,
                                       .appendfsync = "everysec",
                                       .replicas = 2,
                                       .start = start_watched};
const struct setup watched_both = {.name = "sentinels, fsync+replicas:2",
                                   .durability = "fsync+replicas:2",
                                   .proof_ms = FOUND_MS,
                                   .appendfsync = "always",
                                   .replicas = 2,
                                   .start = start_watched};
