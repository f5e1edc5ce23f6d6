/* Faults of a Redis Cluster: its failovers, and slots that move. */
#include "tests/chaos/cluster.h"
#include "tests/chaos/netfilter.h"
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

enum { LAG_MS = 3000, STEP_MS = 300 };

/* With replicas:1 nothing fresh is handed out before the new primary has a replica. */
static void whole_again(struct arena *arena, int64_t from)
{
    cluster_wait_settled(arena);
    strike_outage(arena, from);
    arena_recover(arena);
}

/* ---- failovers ---- */

static void killed(struct arena *arena)
{
    for (int shard = 0; shard < SHARDS; shard++) {
        const int64_t from = now_ns();
        cluster_choose(arena, shard);
        const size_t old = arena->primary;
        strike_redis_kill(arena);
        if (!cluster_wait_failover(arena))
            return;
        redis_start(&arena->servers[old]);
        whole_again(arena, from);
    }
}

/* Before anybody notices: it is the primary again, and its replica follows what it has. */
static void back_at_once(struct arena *arena)
{
    for (int shard = 0; shard < SHARDS; shard++) {
        const int64_t from = now_ns();
        cluster_choose(arena, shard);
        strike_redis_kill(arena);
        redis_start(primary(arena));
        whole_again(arena, from);
    }
}

/* It takes itself for the primary until somebody tells it otherwise. */
static void stopped(struct arena *arena)
{
    for (int shard = 0; shard < SHARDS; shard++) {
        const int64_t from = now_ns();
        cluster_choose(arena, shard);
        const struct redis *old = primary(arena);
        redis_signal(old, SIGSTOP);
        const bool done = cluster_wait_failover(arena);
        arena_wait(arena, 1000);
        redis_signal(old, SIGCONT);
        if (!done)
            return;
        whole_again(arena, from);
    }
}

/* A round in each shard, and back. */
static void asked_to(struct arena *arena, const char *command)
{
    for (int round = 0; round < 2 * SHARDS; round++) {
        const int64_t from = now_ns();
        cluster_choose(arena, round % SHARDS);
        redis_do(&arena->servers[cluster_other(arena)], command);
        if (!cluster_wait_failover(arena))
            return;
        whole_again(arena, from);
    }
}

static void failover(struct arena *arena)
{
    asked_to(arena, "CLUSTER FAILOVER");
}

static void failover_forced(struct arena *arena)
{
    asked_to(arena, "CLUSTER FAILOVER FORCE");
}

static void taken_over(struct arena *arena)
{
    asked_to(arena, "CLUSTER FAILOVER TAKEOVER");
}

/* Its bus is not cut: nobody asks whether it has all, and everybody believes it. */
static void lagging_takes_over(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    for (int shard = 0; shard < SHARDS; shard++) {
        const int64_t from = now_ns();
        cluster_choose(arena, shard);
        const size_t other = cluster_other(arena);
        netfilter_part(arena, 1U << other, 0);
        arena_wait(arena, LAG_MS);
        redis_do(&arena->servers[other], "CLUSTER FAILOVER TAKEOVER");
        const bool done = cluster_wait_failover(arena);
        netfilter_heal();
        if (!done)
            return;
        whole_again(arena, from);
    }
}

/* ---- slots that move ---- */

static void finish_move(struct arena *arena, const struct slot_move *move)
{
    while (slot_move_key(arena, move))
        arena_wait(arena, STEP_MS);
    slot_close(arena, move);
}

static void move_slot(struct arena *arena, const char *sequence, int source, int target)
{
    const int64_t from = now_ns();
    const struct slot_move move = slot_move_between(arena, sequence, source, target);
    slot_open(arena, &move);
    arena_wait(arena, STEP_MS);
    finish_move(arena, &move);
    whole_again(arena, from);
}

static const char *const moving[] = {"thin", "wide", "set", "down"};

static void migrated(struct arena *arena)
{
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        const int home = slot_shard(arena, moving[i]), away = (home + 1) % SHARDS;
        move_slot(arena, moving[i], home, away);
        move_slot(arena, moving[i], away, home);
    }
}

/* The primary that is promoted knows of no move, and of the keys what it was told. The target of
 * one does not take its word for having the slot, and is down: an operator has to give the move
 * up, and begins it again. */
static void struck_moving(struct arena *arena, const char *sequence, int source, int target,
                          int struck)
{
    const int64_t from = now_ns();
    struct slot_move move = slot_move_between(arena, sequence, source, target);
    slot_open(arena, &move);
    slot_move_key(arena, &move);
    arena_wait(arena, STEP_MS);
    cluster_choose(arena, struck);
    const size_t old = arena->primary;
    strike_redis_kill(arena);
    if (!cluster_wait_failover(arena))
        return;
    redis_start(&arena->servers[old]);
    move = slot_move_between(arena, sequence, source, target);
    slot_give_up(arena, &move);
    cluster_wait_settled(arena);
    slot_open(arena, &move);
    finish_move(arena, &move);
    whole_again(arena, from);
}

static void killed_moving(struct arena *arena)
{
    for (size_t i = 0; i < 2; i++) {
        const int home = slot_shard(arena, moving[i]), away = (home + 1) % SHARDS;
        struck_moving(arena, moving[i], home, away, home);
        struck_moving(arena, moving[i], away, home, home);
    }
}

/* The keys have left a primary, which sends all that ask for them on; its replica, which has not
 * heard of that, is promoted with the keys as they were. False: it is not. */
static bool move_forgotten(struct arena *arena, const char *sequence)
{
    const int home = slot_shard(arena, sequence);
    cluster_choose(arena, home);
    const size_t old = arena->primary, other = cluster_other(arena);
    netfilter_part(arena, 1U << other, 0);
    const struct slot_move move = slot_move_between(arena, sequence, home, (home + 1) % SHARDS);
    slot_open(arena, &move);
    while (slot_move_key(arena, &move))
        arena_wait(arena, STEP_MS);
    arena_wait(arena, LAG_MS);
    strike_redis_kill(arena);
    const bool done = cluster_wait_failover(arena);
    netfilter_heal();
    if (!done)
        return false;
    redis_start(&arena->servers[old]);
    slot_give_up(arena, &(struct slot_move){move.slot, other, move.to});
    return cluster_wait_settled(arena);
}

static void moves_forgotten(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        const int64_t from = now_ns();
        if (!move_forgotten(arena, moving[i]))
            return;
        whole_again(arena, from);
    }
}

/* One node has not asked for values meanwhile: it has seen no ceiling that is missing then. */
static void move_unseen(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    const int64_t from = now_ns();
    node_signal(&arena->nodes[NODES - 1], SIGSTOP);
    const bool done = move_forgotten(arena, "thin");
    node_signal(&arena->nodes[NODES - 1], SIGCONT);
    strike_pause(arena, NODES - 1, from);
    if (done)
        whole_again(arena, from);
}

/* MIGRATE waits for no replica: the keys are nowhere any more, and an operator has to decide. */
static void keys_lost(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    const char *const sequence = moving[0];
    const int home = slot_shard(arena, sequence), away = (home + 1) % SHARDS;
    strike_unrecoverable(arena);
    cluster_choose(arena, away);
    const size_t old = arena->primary;
    netfilter_part(arena, 1U << cluster_other(arena), 0);
    struct slot_move move = slot_move_between(arena, sequence, home, away);
    slot_open(arena, &move);
    while (slot_move_key(arena, &move))
        continue;
    strike_redis_kill(arena);
    const bool done = cluster_wait_failover(arena);
    netfilter_heal();
    if (!done)
        return;
    redis_start(&arena->servers[old]);
    move = slot_move_between(arena, sequence, home, away);
    slot_give_up(arena, &move);
    cluster_wait_settled(arena);
    snprintf(arena->facts.closed_sequence, NAME_SIZE, "%s", sequence);
    strike_closed(arena);
}

static const struct fault rows[] = {
    {27, "Cluster: a primary killed", &cluster_replica, STRIKES_REDIS, 0, killed, false},
    {27, "Cluster: the same, fsync+replicas:1", &cluster_both, STRIKES_REDIS, 0, killed, false},
    {27, "Cluster: killed and back at once", &cluster_both, STRIKES_REDIS, 0, back_at_once, false},
    {27, "Cluster: SIGSTOP, split brain", &cluster_replica, STRIKES_REDIS, 0, stopped, false},
    {27, "Cluster: FAILOVER", &cluster_replica, STRIKES_REDIS, 0, failover, false},
    {27, "Cluster: FAILOVER FORCE", &cluster_replica, STRIKES_REDIS, 0, failover_forced, false},
    {27, "Cluster: FAILOVER TAKEOVER", &cluster_replica, STRIKES_REDIS, 0, taken_over, true},
    {27, "Cluster: a lagging one takes over", &cluster_replica, STRIKES_REDIS | STRIKES_NETWORK, 0,
     lagging_takes_over, false},
    {27, "Cluster: slots move, key by key", &cluster_replica, STRIKES_REDIS, 0, migrated, false},
    {27, "Cluster: a primary killed in a move", &cluster_replica, STRIKES_REDIS, 0, killed_moving,
     false},
    {27, "Cluster: a replica missed a move", &cluster_replica, STRIKES_REDIS | STRIKES_NETWORK, 0,
     moves_forgotten, false},
    {27, "Cluster: and a seqd missed it, too", &cluster_replica, STRIKES_ALL, 0, move_unseen,
     false},
    {27, "Cluster: the target loses what came", &cluster_replica, STRIKES_ALL, 0, keys_lost, false},
};
const struct fault_table faults_cluster = FAULT_TABLE(rows);
