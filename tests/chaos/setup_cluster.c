/* A Redis Cluster: see cluster.h. */
#include "tests/chaos/cluster.h"

#include "tests/chaos/fibers.h"
#include "tests/chaos/setup_parts.h"
#include "tests/chaos/strike.h"
#include "tests/process/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 16384,
    START_MS = 30000,
    FAILOVER_MS = 20000,
    SETTLED_MS = 40000,
    HEARD_MS = 5000,
    ID_SIZE = 48
};

/* Where shards begin: so that each has sequences. */
static const int first_slots[SHARDS + 1] = {0, 2500, 13000, SLOTS};

/* ---- asking ---- */

/* True: done. Otherwise that it is not is among the facts, and is why `what` was asked. */
static bool accepted(struct arena *arena, redisReply *reply, const char *what)
{
    const bool good = reply != NULL && reply->type != REDIS_REPLY_ERROR;
    facts_expect(&arena->facts, good, "%s: %s", what, reply == NULL ? "no reply" : reply->str);
    freeReplyObject(reply);
    return good;
}

static void id_of(const struct redis *server, char id[ID_SIZE])
{
    redisReply *reply = redis_ask(server, "CLUSTER MYID");
    if (reply == NULL || reply->type != REDIS_REPLY_STRING)
        die("a server of the cluster does not say who it is; its log is %s/log", server->directory);
    snprintf(id, ID_SIZE, "%s", reply->str);
    freeReplyObject(reply);
}

/* A line of CLUSTER INFO. */
static bool says(const struct redis *server, const char *line)
{
    redisReply *reply = redis_ask(server, "CLUSTER INFO");
    const bool said =
        reply != NULL && reply->type == REDIS_REPLY_STRING && strstr(reply->str, line) != NULL;
    freeReplyObject(reply);
    return said;
}

static bool all_say(struct arena *arena, const char *line)
{
    for (size_t i = 0; i < arena->server_count; i++)
        if (!says(&arena->servers[i], line))
            return false;
    return true;
}

static bool all_met(struct arena *arena)
{
    return all_say(arena, "cluster_known_nodes:6");
}

/* ---- whole ---- */

/* A replica that has just read everything gets what comes next only once it has said so. */
static bool leads_online(const struct redis *server)
{
    redisReply *reply = redis_ask(server, "INFO replication");
    const bool leads = reply != NULL && reply->type == REDIS_REPLY_STRING &&
                       strstr(reply->str, "role:master") != NULL &&
                       strstr(reply->str, "state=online") != NULL;
    freeReplyObject(reply);
    return leads;
}

static bool shard_whole(const struct arena *arena, int shard)
{
    const struct redis *pair[2] = {&arena->servers[shard], &arena->servers[shard + SHARDS]};
    const int first = redis_is(pair[0], "master") ? 0 : 1;
    const struct redis *leader = pair[first], *follower = pair[1 - first];
    if (!leads_online(leader) || redis_info(follower, "replication", "master_port") != leader->port)
        return false;
    const int64_t offset = redis_info(leader, "replication", "master_repl_offset");
    return redis_info(follower, "replication", "slave_repl_offset") >= offset;
}

static bool whole(struct arena *arena)
{
    for (int i = 0; i < SHARDS; i++)
        if (!shard_whole(arena, i))
            return false;
    return all_say(arena, "cluster_state:ok");
}

/* ---- starting ---- */

static void start_server(struct arena *arena)
{
    struct redis *server = server_prepare(arena);
    redis_option(server, "--cluster-enabled", "yes");
    redis_option(server, "--cluster-port", "%d", free_port());
    redis_option(server, "--cluster-node-timeout", "1500");
    redis_option(server, "--cluster-replica-validity-factor", "0");
    redis_option(server, "--cluster-allow-replica-migration", "no");
    redis_start(server);
}

static void give_slots(struct arena *arena, int server)
{
    struct redis *redis = &arena->servers[server];
    accepted(arena, redis_ask(redis, "CLUSTER SET-CONFIG-EPOCH %d", server + 1), "an epoch");
    if (server < SHARDS)
        accepted(arena,
                 redis_ask(redis, "CLUSTER ADDSLOTSRANGE %d %d", first_slots[server],
                           first_slots[server + 1] - 1),
                 "slots");
}

/* Where the bus of the first server is. */
static void introduce(struct arena *arena)
{
    const struct redis *first = &arena->servers[0];
    const char *bus = "";
    for (size_t i = 0; i < first->option_count; i++)
        if (strcmp(first->options[i].name, "--cluster-port") == 0)
            bus = first->options[i].value;
    for (size_t i = 1; i < arena->server_count; i++)
        accepted(arena,
                 redis_ask(&arena->servers[i], "CLUSTER MEET 127.0.0.1 %d %s", first->port, bus),
                 "meeting");
    if (!arena_until(arena, all_met, START_MS))
        die("the servers of the cluster do not find each other");
}

/* It must have heard that its primary is one: until then it refuses. */
static bool all_follow(struct arena *arena)
{
    bool all = true;
    for (int i = 0; i < SHARDS; i++) {
        char id[ID_SIZE];
        id_of(&arena->servers[i], id);
        redisReply *reply = redis_ask(&arena->servers[i + SHARDS], "CLUSTER REPLICATE %s", id);
        all = all && reply != NULL && reply->type == REDIS_REPLY_STATUS;
        freeReplyObject(reply);
    }
    return all;
}

static void start_cluster(struct arena *arena)
{
    for (int i = 0; i < 2 * SHARDS; i++) {
        start_server(arena);
        give_slots(arena, i);
    }
    introduce(arena);
    if (!arena_until(arena, all_follow, START_MS) || !arena_until(arena, whole, START_MS))
        die("the cluster does not come up");
    snprintf(arena->url, sizeof arena->url, "redis+cluster://127.0.0.1:%d,127.0.0.1:%d",
             arena->servers[1].port, arena->servers[5].port);
}

/* ---- failovers ---- */

void cluster_choose(struct arena *arena, int shard)
{
    const bool first = redis_is(&arena->servers[shard], "master");
    arena->primary = (size_t)(first ? shard : shard + SHARDS);
}

size_t cluster_other(const struct arena *arena)
{
    return (arena->primary + SHARDS) % (2 * (size_t)SHARDS);
}

static bool failed_over(struct arena *arena)
{
    const size_t other = cluster_other(arena);
    if (!redis_is(&arena->servers[other], "master"))
        return false;
    arena->primary = other;
    arena->facts.failovers++;
    arena->facts.incarnations++;
    return true;
}

bool cluster_wait_failover(struct arena *arena)
{
    const bool done = arena_until(arena, failed_over, FAILOVER_MS);
    facts_expect(&arena->facts, done, "no failover in %d ms", FAILOVER_MS);
    return done;
}

bool cluster_wait_settled(struct arena *arena)
{
    const bool done = arena_until(arena, whole, SETTLED_MS);
    facts_expect(&arena->facts, done, "the cluster is not whole in %d ms", SETTLED_MS);
    return done;
}

/* ---- a slot moves ---- */

static int slot_of(struct arena *arena, const char *sequence)
{
    redisReply *reply = redis_ask(&arena->servers[0], "CLUSTER KEYSLOT %s", sequence);
    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER)
        die("the cluster does not say which slot %s has", sequence);
    const int slot = (int)reply->integer;
    freeReplyObject(reply);
    return slot;
}

int slot_shard(struct arena *arena, const char *sequence)
{
    int shard = 0;
    const int slot = slot_of(arena, sequence);
    while (slot >= first_slots[shard + 1])
        shard++;
    return shard;
}

struct slot_move slot_move_between(struct arena *arena, const char *sequence, int from, int to)
{
    const size_t struck = arena->primary;
    struct slot_move move = {.slot = slot_of(arena, sequence)};
    cluster_choose(arena, from);
    move.from = arena->primary;
    cluster_choose(arena, to);
    move.to = arena->primary;
    arena->primary = struck;
    return move;
}

/* Servers hear of each other's changes a moment later, and refuse until then. */
static void set_slot(struct arena *arena, size_t at, int slot, const char *how, size_t which)
{
    char id[ID_SIZE];
    const int64_t until = now_ms() + HEARD_MS;
    id_of(&arena->servers[which], id);
    for (;;) {
        redisReply *reply =
            redis_ask(&arena->servers[at], "CLUSTER SETSLOT %d %s %s", slot, how, id);
        const bool refused = reply == NULL || reply->type == REDIS_REPLY_ERROR;
        if (!refused || now_ms() > until) {
            accepted(arena, reply, how);
            return;
        }
        freeReplyObject(reply);
        fiber_pause_ms(20);
    }
}

void slot_open(struct arena *arena, const struct slot_move *move)
{
    set_slot(arena, move->to, move->slot, "IMPORTING", move->from);
    set_slot(arena, move->from, move->slot, "MIGRATING", move->to);
}

void slot_give_up(struct arena *arena, const struct slot_move *move)
{
    const size_t both[] = {move->to, move->from};
    for (size_t i = 0; i < 2; i++)
        accepted(arena,
                 redis_ask(&arena->servers[both[i]], "CLUSTER SETSLOT %d STABLE", move->slot),
                 "STABLE");
}

/* REPLACE: what a primary that was promoted meanwhile still has is what it goes on with. */
bool slot_move_key(struct arena *arena, const struct slot_move *move)
{
    const struct redis *from = &arena->servers[move->from];
    redisReply *reply = redis_ask(from, "CLUSTER GETKEYSINSLOT %d 1", move->slot);
    const bool any = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1;
    const bool moved =
        any && accepted(arena,
                        redis_ask(from, "MIGRATE 127.0.0.1 %d %s 0 2000 REPLACE",
                                  arena->servers[move->to].port, reply->element[0]->str),
                        "MIGRATE");
    freeReplyObject(reply);
    return moved;
}

void slot_close(struct arena *arena, const struct slot_move *move)
{
    set_slot(arena, move->to, move->slot, "NODE", move->to);
    set_slot(arena, move->from, move->slot, "NODE", move->to);
    arena->facts.incarnations++;
}

/* ---- the table ---- */

enum { FOUND_MS = 2500 }; /* reading the map, connecting, a round trip to a replica */

const struct setup cluster_replica = {.name = "cluster, replicas:1",
                                      .durability = "replicas:1",
                                      .proof_ms = FOUND_MS,
                                      .appendfsync = "everysec",
                                      .replicas = 1,
                                      .whole = whole,
                                      .start = start_cluster};
const struct setup cluster_both = {.name = "cluster, fsync+replicas:1",
                                   .durability = "fsync+replicas:1",
                                   .proof_ms = FOUND_MS,
                                   .appendfsync = "always",
                                   .replicas = 1,
                                   .whole = whole,
                                   .start = start_cluster};
