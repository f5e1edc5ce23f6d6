/*
 * A Redis Cluster: three primaries with a replica each, real processes, with time-outs that make
 * a failover a matter of two seconds or so. (Several seqd nodes are test_cluster_of_nodes.c.)
 */
#ifndef TESTS_INTEGRATION_REDIS_CLUSTER_H
#define TESTS_INTEGRATION_REDIS_CLUSTER_H

#include "tests/integration/harness.h"

enum { CLUSTER_PRIMARIES = 3, CLUSTER_SERVERS = 6, CLUSTER_SLOT_COUNT = 16384 };

struct redis_cluster {
    struct redis *servers[CLUSTER_SERVERS]; /* the last three begin as replicas of the first */
    char ids[CLUSTER_SERVERS][41];
    char url[192]; /* redis+cluster://:PASSWORD@..., with two seeds */
};

#define CLUSTER_PASSWORD "open-sesame-7"

/* Returns when all slots are covered and each replica follows its primary. `options` (or NULL):
 * for each server, up to 8 words. One of them in a test; lives as long as that. */
struct redis_cluster *redis_cluster_start(const char *const *options);

/* seqd on it, ready, with short time-outs. */
struct node *redis_cluster_node(const struct redis_cluster *cluster);

/* One command at a server; the reply is to be freed. NULL: no answer. */
struct redisReply *redis_cluster_ask(const struct redis_cluster *cluster, int server,
                                     const char *const *words);
/* The same, and it must not be refused; its number, if it is one. */
long long redis_cluster_run(const struct redis_cluster *cluster, int server,
                            const char *const *words);

/* The slot of a sequence, or of what else is in a key's braces. */
int redis_cluster_slot(const struct redis_cluster *cluster, const char *tag);
/* Which running server has the slot, as those that run see it; -1: none. */
int redis_cluster_owner(const struct redis_cluster *cluster, int slot);
/* "PREFIX0", "PREFIX1", ...: the first such name that the server has the slot of. */
const char *redis_cluster_name_at(const struct redis_cluster *cluster, int server,
                                  const char *prefix);
/* The replica of a primary, as it began. */
static inline int redis_cluster_replica_of(int primary)
{
    return primary + CLUSTER_PRIMARIES;
}
/* All that is written so far at this primary is on its replica. */
void redis_cluster_wait_replicated(const struct redis_cluster *cluster, int primary);

/* Of a replica: a primary that has no slots yet. */
void redis_cluster_make_empty_primary(const struct redis_cluster *cluster, int server);

/* The three steps of moving a slot. */
void redis_cluster_open_slot(const struct redis_cluster *cluster, int slot, int from, int to);
/* True: there was a key, and it is moved. */
bool redis_cluster_move_key(const struct redis_cluster *cluster, int slot, int from, int to);
void redis_cluster_close_slot(const struct redis_cluster *cluster, int slot, int from, int to);

#endif
