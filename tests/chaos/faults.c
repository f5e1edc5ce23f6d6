/* What is done to the processes, and the table of it: see faults.h. */
#include "tests/chaos/faults.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STALL_MS = 1500, ROUNDS = 3 };

/* ---- seqd ---- */

static void kill_node(struct arena *arena, size_t number)
{
    node_kill(&arena->nodes[number]);
    arena->facts.kills++;
}

static void seqd_killed(struct arena *arena)
{
    for (size_t i = 0; i < NODES; i++) {
        kill_node(arena, i);
        arena_wait(arena, 300);
        node_start(&arena->nodes[i], true);
        arena_wait(arena, 700);
    }
}

static void seqd_terminated(struct arena *arena)
{
    for (size_t i = 0; i < NODES; i++) {
        node_stop(&arena->nodes[i]);
        arena->facts.kills++; /* what can't be returned any more is lost */
        arena_wait(arena, 300);
        node_start(&arena->nodes[i], true);
        arena_wait(arena, 700);
    }
}

static void seqd_stopped(struct arena *arena)
{
    const int64_t from = now_ns();
    node_signal(&arena->nodes[0], SIGSTOP);
    arena_wait(arena, 5000);
    node_signal(&arena->nodes[0], SIGCONT);
    facts_pause(&arena->facts, 0, from, now_ns());
}

static void all_seqd_killed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < NODES; i++) {
            node_signal(&arena->nodes[i], SIGSTOP); /* so that it is one moment for all */
        }
        for (size_t i = 0; i < NODES; i++) {
            kill_node(arena, i);
        }
        for (size_t i = 0; i < NODES; i++) {
            node_start(&arena->nodes[i], true);
        }
        arena_wait(arena, 1500);
    }
}

/* ---- Redis ---- */

/* Kills it, lets `meanwhile` do something to its files, and starts it again. */
static void crash_redis(struct arena *arena, void (*meanwhile)(struct arena *arena))
{
    const int64_t from = now_ns();
    redis_kill(&arena->redis);
    arena->facts.incarnations++;
    if (meanwhile != NULL) {
        meanwhile(arena);
    }
    arena_wait(arena, 300);
    redis_start(&arena->redis);
    facts_outage(&arena->facts, from, now_ns());
}

static void redis_killed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        crash_redis(arena, NULL);
        arena_wait(arena, arena->options->recovery_ms + 1000);
    }
}

static void redis_killed_stalled(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        if (!redis_stall(&arena->redis, STALL_MS)) {
            arena->why_skipped = "strace cannot attach to redis-server";
            return;
        }
        arena_wait(arena, 2500);
        crash_redis(arena, NULL);
        arena_wait(arena, arena->options->recovery_ms + 1000);
    }
}

static void redis_and_owner_killed(struct arena *arena)
{
    if (!redis_stall(&arena->redis, STALL_MS)) {
        arena->why_skipped = "strace cannot attach to redis-server";
        return;
    }
    arena_wait(arena, 2500);
    const int64_t from = now_ns();
    redis_kill(&arena->redis);
    for (size_t i = 0; i < NODES - 1; i++) {
        kill_node(arena, i);
    }
    arena->facts.incarnations++;
    redis_start(&arena->redis);
    facts_outage(&arena->facts, from, now_ns());
    for (size_t i = 0; i < NODES - 1; i++) {
        node_start(&arena->nodes[i], false);
    }
    arena_wait(arena, arena->options->recovery_ms + 1000);
}

static void redis_killed_twice(struct arena *arena)
{
    redis_stall(&arena->redis, STALL_MS);
    arena_wait(arena, 2500);
    crash_redis(arena, NULL);
    arena_wait(arena, 1000);
    crash_redis(arena, NULL);
    arena_wait(arena, arena->options->recovery_ms + 2000);
}

static void redis_stopped(struct arena *arena)
{
    const int64_t from = now_ns();
    redis_signal(&arena->redis, SIGSTOP);
    arena_wait(arena, 5000);
    redis_signal(&arena->redis, SIGCONT);
    facts_outage(&arena->facts, from, now_ns());
    arena_wait(arena, arena->options->recovery_ms);
}

static void truncate_append_file(struct arena *arena)
{
    char path[300];
    redis_append_file(&arena->redis, path, sizeof path);
    FILE *file = fopen(path, "r+");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        die("%s: %s", path, strerror(errno));
    }
    const long length = ftell(file);
    if (ftruncate(fileno(file), length > 900 ? length - 900 : 0) != 0) {
        die("%s: %s", path, strerror(errno));
    }
    fclose(file);
}

static void append_file_truncated(struct arena *arena)
{
    crash_redis(arena, truncate_append_file);
    arena->facts.recovery_ms = 0; /* unique, or nothing */
    arena_wait(arena, arena->options->recovery_ms + 2000);
}

/* The appended files, to or from a copy next to them. */
static void copy_files(const struct arena *arena, const char *from, const char *to)
{
    char source[300], target[300];
    snprintf(source, sizeof source, "%s/%s/.", arena->redis.directory, from);
    snprintf(target, sizeof target, "%s/%s", arena->redis.directory, to);
    process_run(
        &(struct command){.arguments = ARGUMENTS("rm", "-rf", target), .death_signal = SIGKILL});
    process_run(&(struct command){.arguments = ARGUMENTS("cp", "-r", source, target),
                                  .death_signal = SIGKILL});
}

static void restore_files(struct arena *arena)
{
    copy_files(arena, "stale", "appendonlydir");
}

/* From now on only what nodes hold: a block in use and one ahead of each sequence. */
static void expect_closed(struct arena *arena)
{
    arena->facts.recovery_ms = 0; /* not before an operator has decided */
    arena->facts.closed.from = now_ns();
    arena->facts.closed_values = (int64_t)NODES * SEQUENCES * 2 * BLOCK;
    arena_wait(arena, 4000);
    arena->facts.closed.to = now_ns();
}

static void old_files_restored(struct arena *arena)
{
    copy_files(arena, "appendonlydir", "stale");
    arena_wait(arena, 2000);
    crash_redis(arena, restore_files);
    expect_closed(arena);
}

static void everything_deleted(struct arena *arena)
{
    redis_do(&arena->redis, "FLUSHALL");
    expect_closed(arena);
}

static void keys_deleted(struct arena *arena)
{
    redis_do(&arena->redis, "EVAL return(redis.call('DEL',unpack(redis.call('KEYS','seqd:*')))) 0");
    expect_closed(arena);
}

static void scripts_flushed(struct arena *arena)
{
    for (int i = 0; i < 20; i++) {
        redis_do(&arena->redis, "SCRIPT FLUSH");
        redis_do(&arena->redis, "FUNCTION FLUSH");
        arena_wait(arena, 100);
    }
}

static void replica_attached(struct arena *arena)
{
    char directory[160], port[16];
    snprintf(directory, sizeof directory, "%s/replica", arena->directory);
    snprintf(port, sizeof port, "%d", arena->redis.port);
    const char *const options[] = {"--replicaof", "127.0.0.1", port, NULL};
    arena->facts.incarnations++;
    redis_prepare(&arena->replica, directory, options);
    redis_start(&arena->replica);
    arena_wait(arena, 4000);
    arena->replica.options = NULL;
}

/* ---- the connections to Redis ---- */

static void replies_swallowed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        proxy_set(arena->proxy, &(struct proxy_rules){.swallow = true});
        arena_wait(arena, 300);
        proxy_set(arena->proxy, &(struct proxy_rules){0});
        /* What was swallowed must be given up first. */
        facts_outage(&arena->facts, from, now_ns());
        arena->facts.timeouts += NODES * 10;
        arena_wait(arena, arena->options->recovery_ms);
    }
}

static void replies_late(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t from = now_ns();
        proxy_set(arena->proxy, &(struct proxy_rules){.hold = true});
        arena_wait(arena, 1500); /* longer than any timeout of seqd's */
        proxy_set(arena->proxy, &(struct proxy_rules){0});
        facts_outage(&arena->facts, from, now_ns());
        arena->facts.timeouts += NODES * 10;
        arena_wait(arena, arena->options->recovery_ms);
    }
}

static void replies_cut(struct arena *arena)
{
    enum { CUTS = 200 };
    const int64_t from = now_ns();
    for (int bytes = 1; bytes <= CUTS; bytes++) {
        proxy_set(arena->proxy, &(struct proxy_rules){.cut = true, .cut_after = bytes});
        arena_wait(arena, 25);
    }
    proxy_set(arena->proxy, &(struct proxy_rules){0});
    proxy_drop(arena->proxy);
    facts_outage(&arena->facts, from, now_ns());
    arena->facts.timeouts += NODES * CUTS;
    arena_wait(arena, arena->options->recovery_ms);
}

static void connections_slow(struct arena *arena)
{
    proxy_set(arena->proxy, &(struct proxy_rules){.delay_ms = {20, 50}});
    arena_wait(arena, 4000);
    proxy_set(arena->proxy, &(struct proxy_rules){0});
}

static void connections_refused(struct arena *arena)
{
    static const struct proxy_rules bad[] = {{.refuse = true}, {.blackhole = true}};
    for (size_t i = 0; i < 2; i++) {
        const int64_t from = now_ns();
        proxy_set(arena->proxy, &bad[i]);
        proxy_drop(arena->proxy);
        arena_wait(arena, 3000);
        proxy_set(arena->proxy, &(struct proxy_rules){0});
        proxy_drop(arena->proxy); /* or a black hole would go on for those in it */
        facts_outage(&arena->facts, from, now_ns());
        arena->facts.timeouts += NODES * 10;
        arena_wait(arena, arena->options->recovery_ms);
    }
}

/* The first node goes on with what it holds, and knows of nothing. */
static void redis_killed_owner_cut_off(struct arena *arena)
{
    if (!redis_stall(&arena->redis, STALL_MS)) {
        arena->why_skipped = "strace cannot attach to redis-server";
        return;
    }
    arena_wait(arena, 2500);
    const int64_t from = now_ns();
    proxy_set(arena->proxy, &(struct proxy_rules){.blackhole = true});
    proxy_drop(arena->proxy);
    crash_redis(arena, NULL);
    for (size_t i = 1; i < NODES; i++) {
        kill_node(arena, i);
        node_start(&arena->nodes[i], false);
    }
    arena_wait(arena, 8000);
    proxy_set(arena->proxy, &(struct proxy_rules){0});
    proxy_drop(arena->proxy);
    arena->facts.outage_count--; /* one outage, which ends later */
    facts_outage(&arena->facts, from, now_ns());
    arena_wait(arena, arena->options->recovery_ms + 1000);
}

/* ---- the table ---- */

const struct fault faults[] = {
    {1, "seqd: kill -9", "everysec", 0, seqd_killed},
    {2, "seqd: SIGTERM", "everysec", 0, seqd_terminated},
    {3, "seqd: SIGSTOP", "everysec", 0, seqd_stopped},
    {4, "all seqds: kill -9", "everysec", 0, all_seqd_killed},
    {5, "Redis: kill -9, everysec", "everysec", 0, redis_killed},
    {6, "Redis: kill -9, fdatasync stalled", "everysec", 0, redis_killed_stalled},
    {7, "6, and two seqds: kill -9", "everysec", 0, redis_and_owner_killed},
    {8, "6, with one seqd cut off", "everysec", 1, redis_killed_owner_cut_off},
    {9, "Redis: two kills in a row", "everysec", 0, redis_killed_twice},
    {10, "Redis: SIGSTOP", "everysec", 0, redis_stopped},
    {11, "Redis: slow, 70 ms a round trip", "everysec", NODES, connections_slow},
    {12, "Redis: replies swallowed", "everysec", NODES, replies_swallowed},
    {13, "Redis: replies late", "everysec", NODES, replies_late},
    {14, "Redis: replies cut after 1..200 bytes", "everysec", NODES, replies_cut},
    {15, "Redis: tail of the AOF cut off", "everysec", 0, append_file_truncated},
    {16, "Redis: old AOF restored", "everysec", 0, old_files_restored},
    {18, "Redis: FLUSHALL", "everysec", 0, everything_deleted},
    {18, "Redis: DEL of all keys", "everysec", 0, keys_deleted},
    {30, "Redis: a first replica attaches", "everysec", 0, replica_attached},
    {33, "Redis: refused, then a black hole", "everysec", NODES, connections_refused},
    {38, "Redis: SCRIPT FLUSH", "everysec", 0, scripts_flushed},
};
const size_t fault_count = sizeof faults / sizeof *faults;
