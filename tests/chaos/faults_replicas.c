/* Faults of a primary and its replica, which only the fault itself promotes. */
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { SYNC_MS = 20000, LAG_MS = 3000, ROUNDS = 3, PROMPT_ROUNDS = 8, PATH_SIZE = 200 };

/* It is the master from now on, and nodes are led there. */
static void promote(struct arena *arena, size_t server)
{
    freeReplyObject(redis_ask(&arena->servers[server], "REPLICAOF NO ONE"));
    redis_option_drop(&arena->servers[server], "--replicaof");
    arena->facts.incarnations++;
    strike_lead_to(arena, server);
}

static void follow(struct arena *arena, size_t server)
{
    char port[16];
    snprintf(port, sizeof port, "%d", primary(arena)->port);
    redis_option(&arena->servers[server], "--replicaof", "127.0.0.1 %s", port);
    if (arena->servers[server].pid == 0)
        redis_start(&arena->servers[server]);
    else
        freeReplyObject(redis_ask(&arena->servers[server], "REPLICAOF 127.0.0.1 %s", port));
}

static void whole_again(struct arena *arena, int64_t from)
{
    facts_expect(&arena->facts, arena_until(arena, replicas_whole, SYNC_MS),
                 "the replicas do not follow");
    strike_outage(arena, from);
    arena_recover(arena);
}

/* The replica does not hear of the last seconds; numbers that it must know are not handed out. */
static void lagging_promoted(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const size_t old = arena->primary, new = 1 - old;
        const int64_t from = now_ns();
        redis_signal(&arena->servers[new], SIGSTOP);
        arena_wait(arena, LAG_MS);
        strike_redis_kill(arena);
        redis_signal(&arena->servers[new], SIGCONT);
        promote(arena, new);
        follow(arena, old);
        whole_again(arena, from);
    }
}

/* A connection to the first server lives on while that is a replica and then the master again. */
static void there_and_back(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        freeReplyObject(redis_ask(&arena->servers[1], "REPLICAOF NO ONE"));
        freeReplyObject(
            redis_ask(&arena->servers[0], "REPLICAOF 127.0.0.1 %d", arena->servers[1].port));
        char target[64];
        snprintf(target, sizeof target, "127.0.0.1:%d", arena->servers[1].port);
        for (int i = 1; i < NODES; i++) { /* the first node stays where it is */
            proxy_target(arena->proxies[i], target);
            proxy_drop(arena->proxies[i]);
        }
        arena->primary = 1;
        facts_expect(&arena->facts, arena_until(arena, replicas_whole, SYNC_MS),
                     "the first server does not follow");
        arena_wait(arena, 1000);
        freeReplyObject(redis_ask(&arena->servers[0], "REPLICAOF NO ONE"));
        freeReplyObject(
            redis_ask(&arena->servers[1], "REPLICAOF 127.0.0.1 %d", arena->servers[0].port));
        arena->facts.incarnations += 2;
        snprintf(target, sizeof target, "127.0.0.1:%d", arena->servers[0].port);
        for (int i = 1; i < NODES; i++) {
            proxy_target(arena->proxies[i], target);
            proxy_drop(arena->proxies[i]);
        }
        arena->primary = 0;
        whole_again(arena, from);
    }
}

static void forget_files(const struct redis *redis)
{
    char path[PATH_SIZE];
    static const char *const names[] = {"appendonlydir", "dump.rdb"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", redis->directory, names[i]);
        process_run(
            &(struct command){.arguments = ARGUMENTS("rm", "-rf", path), .death_signal = SIGKILL});
    }
}

static void empty_promoted(struct arena *arena)
{
    const size_t new = 1 - arena->primary;
    redis_kill(&arena->servers[new]);
    forget_files(&arena->servers[new]);
    strike_redis_kill(arena);
    redis_option_drop(&arena->servers[new], "--replicaof");
    redis_start(&arena->servers[new]);
    promote(arena, new);
    strike_closed(arena);
}

/* Faster than anybody notices, and its replicas forget with it. What a disk has lost that
 * fsync promised may be the last windows: unique, or nothing. */
static void back_with_less(struct arena *arena)
{
    strike_unrecoverable(arena);
    load_calm(arena->load);
    strike_redis_kill(arena);
    truncate_append_file(arena);
    redis_start(primary(arena));
    arena_until(arena, replicas_whole, SYNC_MS);
    arena_wait(arena, 4000);
}

/* The same with a file that has everything: it must go on. */
static void back_quickly(struct arena *arena)
{
    for (int round = 0; round < PROMPT_ROUNDS; round++) {
        const int64_t from = now_ns();
        strike_redis_kill(arena);
        redis_start(primary(arena));
        whole_again(arena, from);
    }
}

static void replica_attached(struct arena *arena)
{
    char directory[160];
    struct redis *replica = &arena->servers[arena->server_count];
    snprintf(directory, sizeof directory, "%s/replica", arena->directory);
    redis_prepare(replica, directory);
    redis_option(replica, "--replicaof", "127.0.0.1 %d", primary(arena)->port);
    redis_option(replica, "--repl-diskless-sync-delay", "0");
    arena->facts.incarnations++;
    redis_start(replica);
    arena->server_count++;
    facts_expect(&arena->facts, arena_until(arena, replicas_whole, SYNC_MS),
                 "the replica does not follow");
    arena_recover(arena);
}

static const struct fault rows[] = {
    {22, "a lagging replica is promoted", &pair_replica, STRIKES_ALL, NODES, lagging_promoted,
     true},
    {26, "there and back on one connection", &pair_replica, STRIKES_ALL, NODES, there_and_back,
     false},
    {28, "an empty replica is promoted", &pair_both, STRIKES_ALL, NODES, empty_promoted, false},
    {29, "the primary is back, its AOF cut off", &replicas_unwatched, STRIKES_ALL, 0,
     back_with_less, false},
    {29, "the primary is back, replicas resync", &replicas_unwatched, STRIKES_REDIS, 0,
     back_quickly, false},
    {30, "Redis: a first replica attaches", &single_everysec, STRIKES_REDIS, 0, replica_attached,
     false},
};
const struct fault_table faults_replicas = FAULT_TABLE(rows);
