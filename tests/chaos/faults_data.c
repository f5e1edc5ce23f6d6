/* Faults of what Redis holds: files that are older, keys that are gone or changed. */
#include "tests/chaos/habits.h"
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAIL = 900, EVICTED_MS = 10000, REFUSED_MS = 3000 };

/* ---- files ---- */

void truncate_append_file(struct arena *arena)
{
    char path[300];
    redis_append_file(primary(arena), path, sizeof path);
    FILE *file = fopen(path, "r+");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        die("%s: %s", path, strerror(errno));
    const long length = ftell(file);
    if (ftruncate(fileno(file), length > TAIL ? length - TAIL : 0) != 0)
        die("%s: %s", path, strerror(errno));
    fclose(file);
}

static void tail_cut_off(struct arena *arena)
{
    strike_unrecoverable(arena); /* unique, or nothing */
    load_calm(arena->load);
    strike_redis_crash(arena, truncate_append_file);
    arena_wait(arena, arena->setup->proof_ms);
}

/* The appended files, to or from a copy next to them. */
static void copy_files(struct arena *arena, const char *from, const char *to)
{
    char source[300], target[300];
    snprintf(source, sizeof source, "%s/%s/.", primary(arena)->directory, from);
    snprintf(target, sizeof target, "%s/%s", primary(arena)->directory, to);
    process_run(
        &(struct command){.arguments = ARGUMENTS("rm", "-rf", target), .death_signal = SIGKILL});
    process_run(&(struct command){.arguments = ARGUMENTS("cp", "-r", source, target),
                                  .death_signal = SIGKILL});
}

static void restore_files(struct arena *arena)
{
    copy_files(arena, "stale", "appendonlydir");
}

static void old_files_restored(struct arena *arena)
{
    copy_files(arena, "appendonlydir", "stale");
    arena_wait(arena, 2000);
    strike_redis_crash(arena, restore_files);
    strike_closed(arena);
}

/* Nobody who still runs knows: what the node noted in its data directory must do. It is alone, as
 * each notes only the ceilings that it raised itself. */
static void old_files_restored_seqd_killed(struct arena *arena)
{
    strike_unrecoverable(arena);
    load_calm(arena->load);
    for (size_t i = 1; i < NODES; i++) {
        node_stop(&arena->nodes[i]);
        arena->facts.kills++;
    }
    copy_files(arena, "appendonlydir", "stale");
    arena_wait(arena, 3000);
    strike_node_kill(arena, 0);
    strike_redis_crash(arena, restore_files);
    strike_node_start(arena, 0);
    arena_wait(arena, 2 * arena->setup->proof_ms);
}

/* A dump.rdb is not read by a server with an append-only file that is not there. */
static void dump_ignored(struct arena *arena)
{
    freeReplyObject(redis_ask(primary(arena), "SAVE"));
    strike_redis_kill(arena);
    redis_option(primary(arena), "--appendonly", "yes");
    redis_start(primary(arena));
    redisReply *reply = redis_ask(primary(arena), "DBSIZE");
    facts_expect(&arena->facts, reply != NULL && reply->integer < 5,
                 "Redis has read its dump after all");
    freeReplyObject(reply);
    strike_closed(arena);
}

/* ---- keys ---- */

static void everything_deleted(struct arena *arena)
{
    redis_do(primary(arena), "FLUSHALL");
    strike_closed(arena);
}

static void keys_deleted(struct arena *arena)
{
    redis_do(primary(arena),
             "EVAL return(redis.call('DEL',unpack(redis.call('KEYS','seqd:*')))) 0");
    strike_closed(arena);
}

static void every_counter(struct arena *arena, const char *format)
{
    char key[100];
    for (size_t i = 0; sequence_names[i] != NULL; i++) {
        snprintf(key, sizeof key, "seqd:{%s}:next", sequence_names[i]);
        freeReplyObject(redis_ask(primary(arena), format, key));
    }
}

static void counters_renamed(struct arena *arena)
{
    every_counter(arena, "RENAME %s elsewhere");
    strike_closed(arena);
}

/* Of the sequence that every node asks for all the time. (A node notices what is behind what it
 * knows itself; one that has reserved little does not know what others had.) */
static void counter_lowered(struct arena *arena)
{
    freeReplyObject(redis_ask(primary(arena), "SET %s 1", "seqd:{thin}:next"));
    snprintf(arena->facts.closed_sequence, NAME_SIZE, "thin");
    strike_closed(arena);
}

static void counters_changed_type(struct arena *arena)
{
    every_counter(arena, "DEL %s");
    every_counter(arena, "RPUSH %s 1");
    strike_closed(arena);
}

static void counters_garbled(struct arena *arena)
{
    every_counter(arena, "SET %s nothing");
    strike_closed(arena);
}

/* ---- eviction ---- */

static bool all_evicted(struct arena *arena)
{
    static int junk;
    char key[100];
    int64_t there = 0;
    char padding[513];
    memset(padding, 'x', sizeof padding - 1);
    padding[sizeof padding - 1] = '\0';
    for (int i = 0; i < 200; i++)
        freeReplyObject(redis_ask(primary(arena), "SET junk:%d %s", junk++, padding));
    for (size_t i = 0; sequence_names[i] != NULL; i++) {
        snprintf(key, sizeof key, "seqd:{%s}:next", sequence_names[i]);
        redisReply *reply = redis_ask(primary(arena), "EXISTS %s", key);
        there += reply != NULL ? reply->integer : 1;
        freeReplyObject(reply);
    }
    return there == 0;
}

static void evicted(struct arena *arena)
{
    if (arena_until(arena, all_evicted, EVICTED_MS))
        strike_closed(arena);
    else
        arena->why_skipped = "Redis has not evicted the counters";
}

/* A seqd that is to be sure must not begin with such a server. */
static void refused_at_start(struct arena *arena)
{
    char *reply;
    struct node node;
    const int64_t until = now_ms() + REFUSED_MS;
    node_prepare(&node, arena->options->seqd, arena->directory, NODES, arena->url,
                 ARGUMENTS("--durability", "fsync", "--threads", "1"));
    node_start(&node, false);
    bool ready = false;
    while (now_ms() < until && !ready) {
        ready = node_serves(&node, true);
        arena_wait(arena, 50);
    }
    facts_expect(&arena->facts, !ready, "ready with maxmemory-policy allkeys-random");
    const int status = http_call(node.port, "POST", "/v1/sequences/wide/nextval", NULL, &reply);
    facts_expect(&arena->facts, status == 503, "nextval was answered with %d: %.100s", status,
                 reply);
    free(reply);
    node_stop(&node);
    facts_expect(&arena->facts, node.ended_badly == 0, "it did not end well");
}

static const struct fault rows[] = {
    {15, "Redis: tail of the AOF cut off", &single_everysec, STRIKES_ALL, 0, tail_cut_off, false},
    {15, "Redis: tail of the AOF cut off, always", &single_always, STRIKES_ALL, 0, tail_cut_off,
     false},
    {16, "Redis: old AOF restored", &single_everysec, STRIKES_ALL, 0, old_files_restored, true},
    {16, "the same, and the only seqd killed", &single_always, STRIKES_ALL, 0,
     old_files_restored_seqd_killed, false},
    {17, "Redis: RDB, then appendonly yes", &rdb_only, STRIKES_ALL, 0, dump_ignored, false},
    {18, "Redis: FLUSHALL", &single_everysec, STRIKES_ALL, 0, everything_deleted, true},
    {18, "Redis: DEL of all keys", &single_everysec, STRIKES_ALL, 0, keys_deleted, false},
    {18, "Redis: RENAME of the counters", &single_always, STRIKES_ALL, 0, counters_renamed, false},
    {19, "Redis: counters evicted", &evicting, STRIKES_ALL, 0, evicted, false},
    {19, "Redis: allkeys-*, fsync asked for", &evicting, STRIKES_CLIENTS, 0, refused_at_start,
     false},
    {20, "Redis: a counter set to 1", &single_always, STRIKES_ALL, 0, counter_lowered, false},
    {20, "Redis: counters of another type", &single_always, STRIKES_ALL, 0, counters_changed_type,
     false},
    {20, "Redis: counters not numbers", &single_always, STRIKES_ALL, 0, counters_garbled, false},
};
const struct fault_table faults_data = FAULT_TABLE(rows);
