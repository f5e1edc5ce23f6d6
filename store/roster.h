/*
 * The roster: the nodes that share these sequences, in one hash in Redis. A thread with a
 * connection of its own says every second (or three times a lease) that this node lives,
 * acknowledges the fences of others, and waits for its own (fence.h).
 *
 * What makes a fence good:
 * - A node is in the roster before it reserves its first number: the lane joins on each
 *   connection it makes, before anything else (in a Cluster: waits until this thread has). So
 * whoever holds numbers of before a change is found in the roster after it.
 * - A node acknowledges after it has dropped them, and what is still on its way of them
 *   is not handed out either (sequence_fence).
 * - Lives are judged by Redis' clock alone, from the arrival of a heartbeat; a node's own
 *   lease by its own clock, from before that heartbeat was sent (lease.h). So clocks need
 *   not agree, only run about equally fast; a tenth is allowed for that.
 * - A node whose lease had ended drops everything before it takes a new one: it may
 *   have been given up meanwhile.
 *
 * What it does not promise: without a lease a node that is cut off goes on handing out what
 * it holds. It is waited for as long as it counts as live, and then taken for dead.
 */
#ifndef STORE_ROSTER_H
#define STORE_ROSTER_H

#include "store/counters.h"
#include "store/fence.h"
#include "store/lease.h"
#include "store/redis_link.h"

struct catalog;
struct roster;

struct roster_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    const char *node_address; /* where this node serves HTTP: for people */
    int64_t lease_ms;         /* 0: none */
    int64_t node_timeout_ms;
    struct store_counters *counters;
};

struct roster *roster_create(const struct roster_options *options, struct catalog *catalog);
void roster_start(struct roster *roster);
/* Ends the fences that wait, and takes this node off the roster: when it can no longer
 * hand out anything. */
void roster_stop(struct roster *roster);
void roster_destroy(struct roster *roster);

/* 128 random bits in hex, made at the start. */
const char *roster_id(const struct roster *roster);

/* NULL: this node needs none. */
struct lease *roster_lease(struct roster *roster);

/* One heartbeat over a connection of the caller's, which blocks. False with the reason. */
bool roster_join(struct roster *roster, redisContext *context, char *why, size_t why_size);

/* In a Cluster, where the lanes' connections are to other servers: true when the roster's own
 * thread has entered this node within the last seconds. Any thread. */
bool roster_is_joined(struct roster *roster, char *why, size_t why_size);

/* Looks at redis_epoch now. Any thread. */
void roster_wake(struct roster *roster);

/* What the fence asks for is done here. Any thread; never blocks. */
void roster_acknowledge(struct roster *roster, const char *fence_id);

/* Waits for the others, and calls fence->passed, soon after the deadline at the latest.
 * Any thread; never blocks. */
void roster_fence(struct roster *roster, struct fence *fence);

#endif
