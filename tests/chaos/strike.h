/* What faults do, and wait for: shared by their files. */
#ifndef TESTS_CHAOS_STRIKE_H
#define TESTS_CHAOS_STRIKE_H

#include "tests/chaos/faults.h"

#define FAULT_TABLE(rows)                                                                          \
    {                                                                                              \
        rows, sizeof(rows) / sizeof *(rows)                                                        \
    }

/* ---- time ---- */

/* Waits that long, scaled; overlapping faults go on. */
void arena_wait(const struct arena *arena, int64_t ms);
/* Until it holds; false: it does not in that time, which is not scaled. */
bool arena_until(struct arena *arena, bool (*holds)(struct arena *arena), int64_t ms);
/* Until every client gets values again and again, or that has taken longer than R8 allows. */
void arena_recover(struct arena *arena);

/* ---- what happened ---- */

/* A node, or Redis, was struck from then until now. */
void strike_outage(struct arena *arena, int64_t from);
void strike_pause(struct arena *arena, size_t node, int64_t from);
/* From now on only what nodes hold: an operator has to decide. Waits and watches. */
void strike_closed(struct arena *arena);
/* What clients are told from now on need only be right, not soon. */
void strike_unrecoverable(struct arena *arena);

/* ---- seqd ---- */

void strike_node_kill(struct arena *arena, size_t number);
/* Starts it again; what it had begun to prove for Redis's sake begins anew. */
void strike_node_start(struct arena *arena, size_t number);

/* ---- Redis ---- */

struct redis *primary(struct arena *arena);
/* kill -9 of the primary, counted. */
void strike_redis_kill(struct arena *arena);
/* The same, lets `meanwhile` (or NULL) do something to its files, starts it again. */
void strike_redis_crash(struct arena *arena, void (*meanwhile)(struct arena *arena));
/* Each of its fdatasyncs takes 1.5 s from now on, and that is felt. False: strace can't attach,
 * and the run is skipped. */
bool strike_stall(struct arena *arena);
/* Its last 900 bytes; it does not run. */
void truncate_append_file(struct arena *arena);
/* All replicas of the primary are there again and have what it has. */
bool replicas_whole(struct arena *arena);

/* ---- the network ---- */

/* The proxies of these nodes. */
void strike_proxies(struct arena *arena, int from, int to, const struct proxy_rules *how,
                    bool drop);
/* All proxies lead there from now on, and connections to elsewhere end. */
void strike_lead_to(struct arena *arena, size_t server);

#endif
