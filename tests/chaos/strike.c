/* What faults share: see strike.h. */
#include "tests/chaos/strike.h"

#include "tests/chaos/fibers.h"
#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    STALL_MS = 1500,
    FELT_MS = 2500,
    POLL_MS = 5,
    CLOSED_MS = 4000,
    FRESH = 6,
    BEYOND_MS = 3000
};

/* ---- time ---- */

void arena_wait(const struct arena *arena, int64_t ms)
{
    fiber_pause_ms(ms * arena->options->scale_percent / 100);
}

bool arena_until(struct arena *arena, bool (*holds)(struct arena *arena), int64_t ms)
{
    const int64_t until = now_ms() + ms;
    while (!holds(arena)) {
        if (now_ms() > until)
            return false;
        fiber_pause_ms(POLL_MS);
    }
    return true;
}

/* All clients: what nodes hold of a sequence may come to its end while it recovers. */
void arena_recover(struct arena *arena)
{
    const int64_t until = now_ms() + arena->setup->proof_ms + BEYOND_MS;
    load_begin_streaks(arena->load);
    while (load_streak(arena->load) < FRESH && now_ms() < until)
        fiber_pause_ms(POLL_MS);
}

/* ---- what happened ---- */

void strike_outage(struct arena *arena, int64_t from)
{
    facts_outage(&arena->facts, from, now_ns());
}

void strike_pause(struct arena *arena, size_t node, int64_t from)
{
    facts_pause(&arena->facts, (uint16_t)node, from, now_ns());
}

void strike_unrecoverable(struct arena *arena)
{
    arena->facts.recovery_ms = 0;
}

void strike_closed(struct arena *arena)
{
    strike_unrecoverable(arena);
    load_calm(arena->load);
    arena->facts.closed.from = now_ns();
    arena_wait(arena, CLOSED_MS);
    arena->facts.closed.to = now_ns();
}

/* ---- seqd ---- */

void strike_node_kill(struct arena *arena, size_t number)
{
    node_kill(&arena->nodes[number]);
    arena->facts.kills++;
}

void strike_node_start(struct arena *arena, size_t number)
{
    const int64_t from = now_ns();
    node_start(&arena->nodes[number], false);
    strike_pause(arena, number, from);
}

/* ---- Redis ---- */

struct redis *primary(struct arena *arena)
{
    return &arena->servers[arena->primary];
}

void strike_redis_kill(struct arena *arena)
{
    redis_kill(primary(arena));
    arena->facts.incarnations++;
    arena->facts.redis_kills++;
}

void strike_redis_crash(struct arena *arena, void (*meanwhile)(struct arena *arena))
{
    const int64_t from = now_ns();
    strike_redis_kill(arena);
    if (meanwhile != NULL)
        meanwhile(arena);
    arena_wait(arena, 100);
    redis_start(primary(arena));
    strike_outage(arena, from);
}

bool strike_stall(struct arena *arena)
{
    if (!redis_stall(primary(arena), STALL_MS)) {
        arena->why_skipped = "strace cannot attach to redis-server";
        return false;
    }
    arena_wait(arena, FELT_MS);
    return true;
}

static bool follows(const struct redis *replica, int64_t offset)
{
    char *text = NULL;
    redisReply *reply = replica->pid == 0 ? NULL : redis_ask(replica, "INFO replication");
    if (reply != NULL && reply->type == REDIS_REPLY_STRING)
        text = strstr(reply->str, "master_link_status:up");
    const bool linked = text != NULL;
    freeReplyObject(reply);
    return linked && redis_info(replica, "replication", "slave_repl_offset") >= offset;
}

/* A replica that has just read everything gets what comes next only once it has said so. */
static int64_t replicas_online(struct arena *arena)
{
    int64_t count = 0;
    redisReply *reply = redis_ask(primary(arena), "INFO replication");
    const char *at = reply != NULL && reply->type == REDIS_REPLY_STRING ? reply->str : NULL;
    while (at != NULL && (at = strstr(at, "state=online")) != NULL) {
        count++;
        at++;
    }
    freeReplyObject(reply);
    return count;
}

bool replicas_whole(struct arena *arena)
{
    if (arena->setup->whole != NULL)
        return arena->setup->whole(arena);
    const int64_t wanted = (int64_t)arena->server_count - 1;
    if (wanted == 0 || replicas_online(arena) < wanted)
        return wanted == 0;
    const int64_t offset = redis_info(primary(arena), "replication", "master_repl_offset");
    for (size_t i = 0; i < arena->server_count; i++)
        if (i != arena->primary && !follows(&arena->servers[i], offset))
            return false;
    return true;
}

/* ---- the network ---- */

void strike_proxies(struct arena *arena, int from, int to, const struct proxy_rules *how, bool drop)
{
    for (int i = from; i < to; i++) {
        proxy_set(arena->proxies[i], how);
        if (drop)
            proxy_drop(arena->proxies[i]);
    }
}

void strike_lead_to(struct arena *arena, size_t server)
{
    char target[64];
    snprintf(target, sizeof target, "127.0.0.1:%d", arena->servers[server].port);
    for (int i = 0; i < arena->proxied; i++) {
        proxy_target(arena->proxies[i], target);
        proxy_drop(arena->proxies[i]);
    }
    arena->primary = server;
}
