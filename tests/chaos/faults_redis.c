/* Faults of the process of a single Redis: killed, stopped, forgetful. */
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stddef.h>

enum { ROUNDS = 3, PROMPT_ROUNDS = 30 };

static void killed(struct arena *arena)
{
    /* Where a proof is a round trip there is time for more. */
    const int rounds = arena->setup == &single_everysec ? ROUNDS : PROMPT_ROUNDS;
    for (int round = 0; round < rounds; round++) {
        strike_redis_crash(arena, NULL);
        arena_recover(arena);
    }
}

static void killed_stalled(struct arena *arena)
{
    for (int round = 0; round < ROUNDS && strike_stall(arena); round++) {
        strike_redis_crash(arena, NULL);
        arena_recover(arena);
    }
}

static void killed_with_owner(struct arena *arena)
{
    if (!strike_stall(arena))
        return;
    const int64_t from = now_ns();
    strike_redis_kill(arena);
    for (size_t i = 0; i < NODES - 1; i++)
        strike_node_kill(arena, i);
    redis_start(primary(arena));
    strike_outage(arena, from);
    for (size_t i = 0; i < NODES - 1; i++)
        strike_node_start(arena, i);
    arena_recover(arena);
}

/* The first node goes on with what it holds, and knows of nothing. */
static void killed_owner_cut_off(struct arena *arena)
{
    if (!strike_stall(arena))
        return;
    const int64_t from = now_ns();
    strike_proxies(arena, 0, 1, &(struct proxy_rules){.blackhole = true}, true);
    strike_redis_crash(arena, NULL);
    for (size_t i = 1; i < NODES; i++) {
        strike_node_kill(arena, i);
        strike_node_start(arena, i);
    }
    arena_wait(arena, 8000);
    strike_proxies(arena, 0, 1, &(struct proxy_rules){0}, true);
    strike_outage(arena, from);
    arena_recover(arena);
}

/* Within one proof's time. */
static void killed_twice(struct arena *arena)
{
    if (!strike_stall(arena))
        return;
    strike_redis_crash(arena, NULL);
    arena_wait(arena, 1000);
    strike_redis_crash(arena, NULL);
    arena_recover(arena);
}

static void stopped(struct arena *arena)
{
    const int64_t from = now_ns();
    redis_signal(primary(arena), SIGSTOP);
    arena_wait(arena, 5000);
    redis_signal(primary(arena), SIGCONT);
    strike_outage(arena, from);
    arena_recover(arena);
}

static bool answers(struct arena *arena)
{
    redisReply *reply = redis_ask(primary(arena), "SET answers 1");
    const bool good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return good;
}

/* Each keeps it for about two seconds, in which it answers nobody, or takes no writes. */
static void busy(struct arena *arena)
{
    static const char loop[] = "local n = 0 for i = 1, 100000000 do n = n + i end return n";
    static const char *const formats[] = {"DEBUG SLEEP %s", "CLIENT PAUSE %s WRITE", "EVAL %s 0"};
    static const char *const arguments[] = {"2", "2000", loop};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const int64_t from = now_ns();
        redisReply *reply = redis_ask(primary(arena), formats[i], arguments[i]);
        facts_expect(&arena->facts, reply == NULL || reply->type != REDIS_REPLY_ERROR, "%s: %s",
                     formats[i], reply == NULL ? "" : reply->str);
        freeReplyObject(reply);
        arena_until(arena, answers, 10000);
        strike_outage(arena, from);
        arena_recover(arena);
    }
    arena->facts.timeouts += NODES * 10;
}

static void scripts_flushed(struct arena *arena)
{
    for (int i = 0; i < 20; i++) {
        freeReplyObject(redis_ask(primary(arena), "SCRIPT FLUSH"));
        freeReplyObject(redis_ask(primary(arena), "FUNCTION FLUSH"));
        arena_wait(arena, 100);
    }
}

static const struct fault rows[] = {
    {5, "Redis: kill -9, everysec", &single_everysec, STRIKES_REDIS, 0, killed, false},
    {5, "Redis: kill -9, always", &single_always, STRIKES_REDIS, 0, killed, true},
    {6, "Redis: kill -9, fdatasync stalled", &single_everysec, STRIKES_REDIS, 0, killed_stalled,
     true},
    {7, "6, and two seqds: kill -9", &single_everysec, STRIKES_REDIS | STRIKES_SEQD, 0,
     killed_with_owner, true},
    {8, "6, with one seqd cut off", &single_everysec, STRIKES_ALL, 1, killed_owner_cut_off, false},
    {9, "Redis: two kills in a row", &single_everysec, STRIKES_REDIS, 0, killed_twice, true},
    {10, "Redis: SIGSTOP", &single_everysec, STRIKES_REDIS, 0, stopped, false},
    {11, "Redis: DEBUG SLEEP, CLIENT PAUSE, busy", &single_always, STRIKES_REDIS, 0, busy, false},
    {38, "Redis: SCRIPT FLUSH", NULL, STRIKES_CLIENTS, 0, scripts_flushed, false},
};
const struct fault_table faults_redis = FAULT_TABLE(rows);
