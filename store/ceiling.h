/*
 * The write-ahead ceiling: PostgreSQL's SEQ_LOG_VALS, done over Redis.
 *
 * Redis acknowledges what it can still lose. So ordinals are handed out only below `confirmed`, a
 * ceiling of which it was proved that it survives; `pending` is the one being raised. The reserve
 * script compares the server's identity with the one that wrote them: after a restart or a
 * promotion it goes on at `pending`, past all that anybody can have been given.
 *
 * A thread with a connection of its own raises ceilings: extends `pending`, has it proved
 * (durability.h), then confirms. All that wait are extended together and proved together. It is
 * done ahead, by half a window (window.h); only a reservation that met the ceiling waits.
 */
#ifndef STORE_CEILING_H
#define STORE_CEILING_H

#include "store/counters.h"
#include "store/durability.h"
#include "store/redis_link.h"
#include "store/reservation.h"
#include "store/witness.h"

#include <pthread.h>

struct ceiling;
struct lane;
struct lanes;

struct ceiling_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    struct durability durability;
    int64_t patience_ms; /* how long to try again when Redis is away */
    struct store_counters *counters;
    struct witness *witness; /* or NULL */
    struct lanes *lanes;     /* of a Cluster, where what cannot be raised here is asked again */
    pthread_mutex_t *raises; /* shared with the other ceilings; lasts longer */
};

struct ceiling *ceiling_create(const struct ceiling_options *options);
void ceiling_start(struct ceiling *ceiling, struct lane *lane);
/* Fails what waits, and raises nothing any more; before lane_stop(). */
void ceiling_stop(struct ceiling *ceiling);
/* Looks at redis_epoch now, instead of when there is something to raise. Any thread. */
void ceiling_wake(struct ceiling *ceiling);
void ceiling_destroy(struct ceiling *ceiling);

/* A new connection: what does this server give? False with the reason, when it is not what is
 * asked for: nothing may be reserved there. */
bool ceiling_admits(struct ceiling *ceiling, redisContext *context, char *why, size_t why_size);

/* False: `none`, reservations are bare. Any thread. */
bool ceiling_guards(const struct ceiling *ceiling);

/* What the newest connection was found to give. False: not known yet, or "none". */
bool ceiling_surety(struct ceiling *ceiling, struct surety *surety);

/* The stronger the higher; -1: not known yet. */
int ceiling_rank(struct ceiling *ceiling);

/* "fsync (appendfsync always)"; for people. */
void ceiling_describe(struct ceiling *ceiling, char *text, size_t size);

/* The ceiling that a new generation begins with, which needs no proof; -1: none. */
int64_t ceiling_first(const struct ceiling *ceiling, const struct record *record);

/* A reservation met it, at `counter`: it is queued in the lane again once it is raised, or fails
 * there. False: not any more, the ceiling's thread is stopping. */
bool ceiling_stopped(struct ceiling *ceiling, struct reservation *reservation,
                     const struct reserve_reply *reply);

/* A reservation was granted: is it time for the next window? */
void ceiling_passed(struct ceiling *ceiling, struct reservation *reservation,
                    const struct reserve_reply *reply);

#endif
