/*
 * The store: sequences, as one node offers them. What the handlers call.
 *
 *   numbers    store_take(): from memory, or by a ticket that waits without a thread
 *   sessions   currval and lastval, defined by what store_take() handed out
 *   the rest   jobs for the clerk, who calls administration.h
 *
 * Every thread that calls anything here is registered (store_thread_begin).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/clerk.h"
#include "store/durability.h"
#include "store/fence.h"
#include "store/session.h"

struct store;

struct store_options {
    const char *redis_url;
    const char *key_prefix;
    int64_t connect_timeout_ms, redis_timeout_ms;
    int64_t patience_ms; /* an outage shorter than that is waited for */
    int64_t default_cache;
    int64_t max_sessions, session_timeout_ms;
    struct durability durability;
    const char *witness_dir;  /* where to remember ceilings, if it is there; or NULL */
    bool owns_redis;          /* it stops with this process, and nobody else uses it */
    const char *node_address; /* where this node serves HTTP, as the roster shows it */
    int64_t lease_ms;         /* 0: none */
    int64_t node_timeout_ms;
};

/* NULL with the reason. Connects in the background: Redis need not be there yet. */
struct store *store_start(const struct store_options *options, char *why, size_t why_size);

/* Ends what waits, returns the unused ends of blocks, frees. No other calls any more. */
void store_stop(struct store *store);

void store_thread_begin(void);
void store_thread_end(void);

/* A loop's round: what the calling thread wants from Redis between the two is sent at
 * the end, together. */
void store_round_begin(void);
void store_round_end(void);

/* Takes ticket->count numbers of `name` out of the published block: one atomic
 * operation, nothing to wait for. False: it does not have them. ticket_deinit() in
 * either case, once the ticket is done with. */
bool store_take(struct store *store, const struct seq_name *name, struct ticket *ticket);

/* After that: takes what is held otherwise, or waits for Redis. True: the ticket is
 * answered. False: it waits; see struct ticket. */
bool store_wait(struct store *store, const struct seq_name *name, struct ticket *ticket);

/* True: it no longer waits and will not be answered. */
bool store_cancel(struct ticket *ticket);

/* What is known here of a name, without asking Redis: false when nothing is. */
bool store_identity(struct store *store, const struct seq_name *name, struct identity *identity);

/* The same of a table: a reference for the caller, or NULL when nothing is known of it. False:
 * Redis must be asked. */
bool store_table(struct store *store, const struct seq_name *name, struct table **table);

struct sessions *store_sessions(struct store *store);
void store_submit(struct store *store, struct job *job);
int64_t store_default_cache(const struct store *store);

/* Waits until no other node hands out what `fence` says: roster.h. */
void store_fence(struct store *store, struct fence *fence);
/* This node in the roster. */
const char *store_node_id(const struct store *store);

/* True when Redis answers and takes writes; otherwise `why` says why not. */
bool store_is_ready(struct store *store, char *why, size_t why_size);

/* How sure what Redis acknowledges is, for people: "fsync (appendfsync always)". */
void store_durability(struct store *store, char *text, size_t size);
bool store_is_guarded(const struct store *store); /* not "none" */

const struct store_counters *store_counters(const struct store *store);

/* Calls `visit` with up to `limit` of the sequences known here. */
void store_visit(struct store *store, int64_t limit,
                 void (*visit)(struct sequence *sequence, void *context), void *context);
int64_t store_known_sequences(const struct store *store);

#endif
