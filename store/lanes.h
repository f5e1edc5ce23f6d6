/*
 * The lanes: one for the one Redis, or one for each primary of a Redis Cluster, with a ceiling
 * beside each.
 *
 * With one server there is nothing in between: sequences queue their reservations in its lane.
 * In a Cluster the reservation goes to the lane of the primary that has the sequence's slot, as
 * far as it is known (cluster.h), and from there:
 *
 *   MOVED        to the named server's lane, which from then on has the slot;
 *   ASK          to the named server's lane, this once, behind an ASKING;
 *   TRYAGAIN     parked, and asked again a moment later;
 *   CLUSTERDOWN  the same, and the lane is down;
 *   no answer    waits in its lane, until the server answers or another one has the slot.
 *
 * What has gone from server to server too often is parked, too. A thread of its own asks again
 * for what is parked, fails what has waited for longer than `patience_ms`, reads the map of the
 * slots when somebody suspects it, and starts the lanes of primaries that are new.
 */
#ifndef STORE_LANES_H
#define STORE_LANES_H

#include "store/ceiling.h"
#include "store/lane.h"
#include "store/sequence.h"

struct lanes;

struct lanes_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    int64_t patience_ms;
    struct durability durability;
    struct store_counters *counters;
    struct witness *witness; /* or NULL */
    /* The map of a Cluster's slots has changed; called by the lanes' thread. */
    void (*moved)(void *context);
    void *context;
};

struct lanes *lanes_create(const struct lanes_options *options);
/* Where sequences send their reservations. */
reserve_function *lanes_reserve_function(struct lanes *lanes, void **lane);
void lanes_start(struct lanes *lanes, struct catalog *catalog, struct roster *roster);
/* `moved` is not called any more. Before lanes_stop(). */
void lanes_stop_watching(struct lanes *lanes);
/* Fails all that waits. No sequence may reserve afterwards. */
void lanes_stop(struct lanes *lanes);
void lanes_destroy(struct lanes *lanes);

/* The master moved: all look at redis_epoch now. Any thread. */
void lanes_wake(struct lanes *lanes);

/* True when every slot has a primary that answers and takes writes; otherwise `why` says why
 * not. */
bool lanes_are_up(struct lanes *lanes, char *why, size_t why_size);

/* The weakest of the servers: for people; and whether none of them is `none`. */
void lanes_describe(struct lanes *lanes, char *text, size_t size);
bool lanes_guard(struct lanes *lanes);

/* What a Cluster's primary was found to give. False: not known yet, or none. */
bool lanes_surety(const struct lanes *lanes, int primary, struct surety *surety);

/* The ceiling that a new generation begins with: ceiling_first. */
int64_t lanes_first_ceiling(const struct lanes *lanes, const struct seq_name *name,
                            const struct record *record);

/* --- For the lanes and ceilings of a Cluster -------------------------------------------- */

/* `error`, as this primary answered: see above. */
void lanes_redirect(struct lanes *lanes, struct reservation *reservation, const redisReply *error,
                    int primary);
/* It could not be made now, for that reason: asked again in a moment. */
void lanes_again(struct lanes *lanes, struct reservation *reservation, const char *why);
/* True: another primary has its slot now, and it has gone there. */
bool lanes_take_back(struct lanes *lanes, struct reservation *reservation, int primary);
bool lanes_has_slots(struct lanes *lanes, int primary);
/* Makes *tag one whose slot the primary has; false: it has none. */
bool lanes_find_tag(struct lanes *lanes, int primary, unsigned *tag);

#endif
