/* Connections to a Cluster's servers. */
#include "store/cluster.h"

#include "store/memory.h"

#include <stdio.h>

/* A server that lets wait for longer than that is passed over: others have the map, too. */
#define REFRESH_TIMEOUT_MS 500

/* The candidates in turn: the primaries that have slots, then the seeds. False: no more. */
static bool candidate(struct cluster *cluster, size_t index, struct server_name *server)
{
    pthread_mutex_lock(&cluster->lock);
    for (size_t i = 0; i < atomic_load(&cluster->count); i++)
        if (cluster->primaries[i].slots > 0 && index-- == 0) {
            *server = cluster->primaries[i].server;
            pthread_mutex_unlock(&cluster->lock);
            return true;
        }
    pthread_mutex_unlock(&cluster->lock);
    if (index < cluster->seed_count)
        *server = cluster->seeds[index];
    return index < cluster->seed_count;
}

static size_t candidates(struct cluster *cluster)
{
    size_t count = 0;
    struct server_name ignored;
    while (candidate(cluster, count, &ignored))
        count++;
    return count;
}

static redisContext *open_primary(const struct redis_address *address, int primary,
                                  const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct server_name server = cluster_server(address->cluster, primary);
    return redis_open_named(address, &server, timeouts, why, why_size);
}

static redisContext *open_any(const struct redis_address *address,
                              const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct server_name server;
    redisContext *context = NULL;
    for (size_t i = 0; !context && candidate(address->cluster, i, &server); i++)
        context = redis_open_named(address, &server, timeouts, why, why_size);
    return context;
}

redisContext *cluster_open(const struct redis_address *address,
                           const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct cluster *cluster = address->cluster;
    int primary = address->slot >= 0 ? cluster_owner(cluster, address->slot) : address->primary;
    redisContext *context = NULL;
    if (primary >= 0)
        context = open_primary(address, primary, timeouts, why, why_size);
    else if (address->slot < 0)
        context = open_any(address, timeouts, why, why_size);
    else if (atomic_load(&cluster->known))
        snprintf(why, why_size, "no primary has slot %d", address->slot);
    else
        snprintf(why, why_size, "the cluster's slots are not known yet");
    if (!context)
        cluster_suspect(cluster);
    return context;
}

/* --- The map -------------------------------------------------------------------------------- */

static bool ask_map(const struct redis_address *address, const struct server_name *server,
                    const struct redis_timeouts *timeouts, struct cluster_map *map, char *why,
                    size_t why_size)
{
    redisContext *context = redis_open_named(address, server, timeouts, why, why_size);
    if (!context)
        return false;
    redisReply *reply = redisCommand(context, "CLUSTER SLOTS");
    bool fine = reply && cluster_map_parse(reply, server, map);
    if (!fine)
        snprintf(why, why_size, "%.60s:%d: CLUSTER SLOTS: %.80s", server->host, server->port,
                 !reply                             ? context->errstr
                 : reply->type == REDIS_REPLY_ERROR ? reply->str
                                                    : "not a map of slots");
    freeReplyObject(reply);
    redisFree(context);
    return fine;
}

/* Another one is the first each time: one that is cut off from the others does not know it. */
bool cluster_refresh(const struct redis_address *address, const struct redis_timeouts *timeouts,
                     bool *changed, char *why, size_t why_size)
{
    struct cluster *cluster = address->cluster;
    const struct redis_timeouts short_ones = redis_timeouts_within(timeouts, REFRESH_TIMEOUT_MS);
    size_t count = candidates(cluster), first = cluster->turn++;
    struct cluster_map *map = must_calloc(1, sizeof *map);
    bool fine = false;
    atomic_store(&cluster->suspected, false); /* what is suspected from now on is asked again */
    for (size_t i = 0; i < count && !fine; i++) {
        struct server_name server = {0};
        if (candidate(cluster, (first + i) % count, &server))
            fine = ask_map(address, &server, &short_ones, map, why, why_size) && map->count > 0;
        if (!fine && !why[0])
            snprintf(why, why_size, "%.60s:%d: no slot has a primary", server.host, server.port);
    }
    if (fine)
        *changed = cluster_adopt(cluster, map);
    free(map);
    return fine;
}

redisReply *cluster_ask(const struct redis_address *address, const char *error, int asked,
                        const struct redis_timeouts *timeouts, int argc, const char **argv,
                        char *why, size_t why_size)
{
    struct cluster *cluster = address->cluster;
    int target = cluster_follow(cluster, error, asked);
    redisContext *context =
        target < 0 ? NULL : open_primary(address, target, timeouts, why, why_size);
    if (!context)
        return NULL;
    redisReply *reply = redisCommand(context, "ASKING");
    freeReplyObject(reply);
    if (reply)
        reply = redisCommandArgv(context, argc, argv, NULL);
    if (!reply)
        snprintf(why, why_size, "ASKING: %s", context->errstr);
    redisFree(context);
    return reply;
}
