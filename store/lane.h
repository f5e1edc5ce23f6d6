/*
 * The lane: the thread that owns the connection on which ordinals are reserved.
 *
 * It takes all that is queued, writes it as one pipeline, reads the replies and tells
 * each sequence; what the sequences want next goes out with the next write. Nothing
 * waits for it without a thread of its own: see sequence.h.
 *
 * When the connection fails, what was on its way is asked again on the next one: the
 * old INCRBY may have run, which costs a gap, and never a number twice. While Redis is
 * away for longer than `patience_ms`, reservations fail at once.
 *
 * In a Redis Cluster there is one for each primary (lanes.h). What another server must answer goes
 * back there; so does what waits for a connection to a server that has lost the slot.
 */
#ifndef STORE_LANE_H
#define STORE_LANE_H

#include "store/counters.h"
#include "store/redis_link.h"
#include "store/reservation.h"

struct catalog;
struct ceiling;
struct lane;
struct lanes;
struct roster;

struct lane_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    int64_t patience_ms;
    struct ceiling *ceiling;
    struct store_counters *counters;
    struct lanes *lanes; /* of a Cluster, of which `address` names the primary; or NULL */
};

struct lane *lane_create(const struct lane_options *options);
/* `catalog` is where sequences that are gone are taken out of; in `roster` this node is
 * entered before it reserves anything. */
void lane_start(struct lane *lane, struct catalog *catalog, struct roster *roster);
/* Fails what is queued. No sequence may reserve afterwards. */
void lane_stop(struct lane *lane);
/* After that: fails what others have queued since. */
void lane_drain(struct lane *lane);
void lane_destroy(struct lane *lane);

/* A reserve_function: queues it, never blocks. The reservation stays its sequence's. */
void lane_reserve(void *lane, struct reservation *reservation);

/* Looks at redis_epoch now, instead of at its next reply or probe. Any thread. */
void lane_wake(struct lane *lane);

/* Answers a reservation that was taken out of the lane: it cannot be made. Any thread. */
void lane_fail(struct lane *lane, struct reservation *reservation, const char *why);

/* Tells the sequence, and drops the reservation's reference. Any thread. */
void reservation_answer(struct catalog *catalog, struct reservation *reservation,
                        const struct reserve_reply *reply);

/* True when Redis answers, and takes writes; otherwise `why` says why not. */
bool lane_is_up(struct lane *lane, char *why, size_t why_size);

#endif
