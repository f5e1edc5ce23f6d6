/* Failovers by Redis Sentinel. */
#include "tests/chaos/netfilter.h"
#include "tests/chaos/sentinels.h"
#include "tests/chaos/setup_parts.h"
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stddef.h>

enum { ROUNDS = 3, APART_MS = 5000 };

/* With replicas:2 nothing fresh is handed out before both are there. */
static void whole_again(struct arena *arena, int64_t from)
{
    sentinels_wait_settled(arena);
    strike_outage(arena, from);
    arena_recover(arena);
}

/* As what starts it would: it asks who is the master now. */
static void return_as_replica(struct arena *arena, size_t server)
{
    redis_option_drop(primary(arena), "--replicaof");
    server_follow(arena, server);
    redis_start(&arena->servers[server]);
}

static void killed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        const size_t old = arena->primary;
        strike_redis_kill(arena);
        if (!sentinels_wait_failover(arena))
            return;
        return_as_replica(arena, old);
        whole_again(arena, from);
    }
}

/* It is back as a master, until the sentinels demote it. */
static void killed_back_as_master(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        const size_t old = arena->primary;
        strike_redis_kill(arena);
        if (!sentinels_wait_failover(arena))
            return;
        redis_option_drop(&arena->servers[old], "--replicaof");
        redis_start(&arena->servers[old]);
        whole_again(arena, from);
    }
}

static void killed_stalled(struct arena *arena)
{
    const size_t old = arena->primary;
    if (!strike_stall(arena))
        return;
    const int64_t from = now_ns();
    strike_redis_kill(arena);
    if (!sentinels_wait_failover(arena))
        return;
    return_as_replica(arena, old);
    whole_again(arena, from);
}

static void asked_to(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        freeReplyObject(redis_ask(&arena->sentinels[0], "SENTINEL FAILOVER orders"));
        if (!sentinels_wait_failover(arena))
            return;
        whole_again(arena, from);
    }
}

/* The old master takes itself for one for seconds after it goes on. */
static void stopped(struct arena *arena)
{
    for (int round = 0; round < 2; round++) {
        const int64_t from = now_ns();
        struct redis *old = primary(arena);
        sentinels_publish_every(arena, 1500);
        redis_signal(old, SIGSTOP);
        const bool done = sentinels_wait_failover(arena);
        arena_wait(arena, 1000);
        redis_signal(old, SIGCONT);
        sentinels_publish_every(arena, 500);
        if (!done)
            return;
        whole_again(arena, from);
    }
}

/* The old master and the first node on one side; two servers, the sentinels and two nodes on the
 * other. */
static void apart(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    const int64_t from = now_ns();
    netfilter_part(arena, 1U << arena->primary, 1U);
    const bool done = sentinels_wait_failover(arena);
    arena_wait(arena, APART_MS);
    netfilter_heal();
    if (done)
        whole_again(arena, from);
}

/* The master alone on its side: all nodes hear of the new one. */
static void master_alone(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    const int64_t from = now_ns();
    netfilter_part(arena, 1U << arena->primary, 0);
    const bool done = sentinels_wait_failover(arena);
    netfilter_heal();
    if (done)
        whole_again(arena, from);
}

static const struct fault rows[] = {
    {23, "Sentinel: the master killed", &watched_replicas, STRIKES_REDIS, 0, killed, true},
    {23, "Sentinel: the same, fsync+replicas:2", &watched_both, STRIKES_REDIS, 0, killed, false},
    {23, "Sentinel: killed, back as a master", &watched_both, STRIKES_REDIS, 0,
     killed_back_as_master, false},
    {23, "Sentinel: killed, fdatasync stalled", &watched_replicas, STRIKES_REDIS, 0, killed_stalled,
     false},
    {23, "Sentinel: SENTINEL FAILOVER", &watched_replicas, STRIKES_REDIS, 0, asked_to, false},
    {24, "Sentinel: SIGSTOP, split brain", &watched_replicas, STRIKES_REDIS, 0, stopped, true},
    {24, "Sentinel: the same, fsync+replicas:2", &watched_both, STRIKES_REDIS, 0, stopped, false},
    {25, "Sentinel: master and a seqd cut off", &watched_replicas, STRIKES_REDIS | STRIKES_NETWORK,
     0, apart, true},
    {25, "Sentinel: the master cut off", &watched_both, STRIKES_REDIS | STRIKES_NETWORK, 0,
     master_alone, false},
};
const struct fault_table faults_sentinel = FAULT_TABLE(rows);
