/* Faults of seqd's processes. */
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <signal.h>
#include <stddef.h>

enum { ROUNDS = 3 };

static void killed(struct arena *arena)
{
    for (size_t i = 0; i < NODES; i++) {
        strike_node_kill(arena, i);
        arena_wait(arena, 300);
        strike_node_start(arena, i);
        arena_wait(arena, 700);
    }
}

static void terminated(struct arena *arena)
{
    for (size_t i = 0; i < NODES; i++) {
        node_stop(&arena->nodes[i]);
        arena->facts.kills++; /* what can't be returned any more is lost */
        arena_wait(arena, 300);
        strike_node_start(arena, i);
        arena_wait(arena, 700);
    }
}

static void stopped(struct arena *arena)
{
    const int64_t from = now_ns();
    node_signal(&arena->nodes[0], SIGSTOP);
    arena_wait(arena, 5000);
    node_signal(&arena->nodes[0], SIGCONT);
    strike_pause(arena, 0, from);
}

static void all_killed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < NODES; i++)
            node_signal(&arena->nodes[i], SIGSTOP); /* so that it is one moment for all */
        for (size_t i = 0; i < NODES; i++)
            strike_node_kill(arena, i);
        for (size_t i = 0; i < NODES; i++)
            strike_node_start(arena, i);
        arena_wait(arena, 1000);
    }
}

static const struct fault rows[] = {
    {1, "seqd: kill -9", NULL, STRIKES_SEQD, 0, killed, false},
    {2, "seqd: SIGTERM", NULL, STRIKES_SEQD, 0, terminated, false},
    {3, "seqd: SIGSTOP", NULL, STRIKES_SEQD, 0, stopped, false},
    {4, "all seqds: kill -9", NULL, STRIKES_SEQD, 0, all_killed, false},
};
const struct fault_table faults_seqd = FAULT_TABLE(rows);
