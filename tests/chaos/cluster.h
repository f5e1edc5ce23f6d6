/*
 * A Redis Cluster, in the setups that have one: three primaries, each with a replica.
 *
 * Servers i and i + 3 are a shard: one of them has its slots, the other one follows.
 * arena->primary is the primary that a fault has chosen to strike.
 */
#ifndef TESTS_CHAOS_CLUSTER_H
#define TESTS_CHAOS_CLUSTER_H

#include "tests/chaos/faults.h"

enum { SHARDS = 3 };

extern const struct setup cluster_replica, cluster_both;

/* arena->primary is the shard's from now on. */
void cluster_choose(struct arena *arena, int shard);
/* The other server of the chosen shard. */
size_t cluster_other(const struct arena *arena);
/* Until that one is the primary; arena->primary is that one then. False: it does not come to it,
 * and that is among the facts. */
bool cluster_wait_failover(struct arena *arena);
/* Until all slots are served, and all replicas have what their primaries have. The same. */
bool cluster_wait_settled(struct arena *arena);

/* ---- a slot moves ---- */

struct slot_move {
    int slot;
    size_t from, to; /* servers */
};

/* Of a sequence, between the primaries of two shards as they are now. */
struct slot_move slot_move_between(struct arena *arena, const char *sequence, int from, int to);
/* The shard that a sequence began in. */
int slot_shard(struct arena *arena, const char *sequence);
/* Its three steps. What is refused is among the facts. */
void slot_open(struct arena *arena, const struct slot_move *move);
/* False: there is no key left to move. */
bool slot_move_key(struct arena *arena, const struct slot_move *move);
/* As if it had not been opened, but keys that were moved stay where they are. */
void slot_give_up(struct arena *arena, const struct slot_move *move);
void slot_close(struct arena *arena, const struct slot_move *move);

#endif
