/*
 * A sequence as one node knows it: the generation, the numbers it holds, the requests
 * that wait, and the reservation under way.
 *
 * Numbers are handed out of the published block (block.h) without a lock. Everything
 * else is under the sequence's lock, which is never held across I/O:
 *
 *   stock    blocks that are reserved but not published, in order;
 *   waiters  tickets that found too little, served in order (group commit: the next
 *            reservation asks for all of them at once);
 *   reserving  at most one reservation per sequence is in flight.
 *
 * While a range waits for more, the published block stays published: a slow Redis
 * never delays a request that the cache can serve. The rest of it goes into the range
 * when the reservation lands.
 *
 * Order: what is handed out here grows. Blocks are used in the order they were
 * reserved; a contiguous range that does not fit behind the numbers held here
 * discards those (a gap), as handing them out later would go back. With `cache: 1`
 * nothing is published: what a cancelled request leaves over is discarded, as other
 * nodes have gone on.
 *
 * A counter or a ceiling that went back (a restored backup, an older replica) means that other
 * nodes may have been given what Redis would reserve now. So the generation stays
 * lost here, however far the counter moves on, until a change begins another one.
 */
#ifndef STORE_SEQUENCE_H
#define STORE_SEQUENCE_H

#include "store/demand.h"
#include "store/name.h"
#include "store/record.h"
#include "store/reservation.h"
#include "store/stock.h"
#include "store/ticket.h"
#include "store/witness.h"

#include <pthread.h>
#include <urcu/rculfhash.h>

struct lease;
struct store_counters;

/* Where a sequence sends its reservations: the lane that owns the connection. */
typedef void reserve_function(void *lane, struct reservation *reservation);

struct sequence_environment {
    reserve_function *reserve;
    void *lane;
    struct store_counters *counters;
    struct witness *witness; /* or NULL */
    struct lease *lease;     /* NULL: none is needed */
};

struct sequence {
    struct cds_lfht_node node; /* catalog.c */
    struct rcu_head rcu;
    struct seq_name name;
    const struct sequence_environment *environment;
    _Atomic int64_t references; /* the catalog's, each waiter's, the reservation's */

    /* Written under the lock (release), read by takers (acquire). */
    _Atomic(struct block *) published;

    pthread_mutex_t lock;
    struct identity identity; /* generation "": not known yet */
    struct progression rule;
    int64_t limit, cache;
    int64_t seen_next;    /* the counter in the newest reply of this generation */
    int64_t held_end;     /* the end of the newest block of this generation */
    int64_t skipped;      /* ordinals before it are not handed out any more */
    int64_t seen_ceiling; /* the highest of this generation that was proved, in any reply */
    bool regressed;       /* Redis went back: nothing more is handed out */
    struct demand demand;
    struct stock stock;
    struct ticket *waiters, *last_waiter;
    int64_t wanted; /* sum of the waiters' counts */
    bool gone;      /* nobody waits here any more: one sequence of a name keeps the order */
    bool reserving;
    bool fenced;   /* what the reservation under way brings is not handed out */
    bool doubted;  /* to be verified after the reservation that is under way */
    bool withheld; /* the stock is kept for the first waiter until the reservation lands */
    struct reservation reservation;
    struct raise raise;        /* of its ceiling: ceiling.c */
    _Atomic int64_t exhausted; /* refused for it, since the start */
};

/* One reference, the caller's. */
struct sequence *sequence_create(const struct seq_name *name,
                                 const struct sequence_environment *environment);
/* False: it is being freed; look again. Inside reader_enter()/reader_leave(). */
bool sequence_acquire(struct sequence *sequence);
void sequence_release(struct sequence *sequence);

/* Takes out of the published block, or nothing. Inside reader_enter()/reader_leave();
 * no wait, and no lock but for the one taker who sets off the next block. The ticket's
 * grant is filled on success. */
bool sequence_take(struct sequence *sequence, struct ticket *ticket);

enum wait_result {
    WAIT_ANSWERED,
    WAIT_QUEUED,
    WAIT_GONE /* it left the catalog, or is about to: look there again */
};

/* Takes what is here, or queues the ticket (with a reference of its own) and sees to a
 * reservation. */
enum wait_result sequence_wait(struct sequence *sequence, struct ticket *ticket);

/* True: the ticket no longer waits and will not be answered. False: it was answered,
 * or is being answered. */
bool sequence_cancel(struct ticket *ticket);

/* The lane is about to send `sequence->reservation`: where nothing is reserved ahead,
 * who began to wait since it was asked for is taken along. */
void sequence_sending(struct sequence *sequence);

/* The lane's answer to `sequence->reservation`. True: the sequence exists no longer, or
 * is not known to exist, and the caller takes it out of the catalog. The reservation's
 * reference is the caller's to drop. */
bool sequence_reserved(struct sequence *sequence, const struct reserve_reply *reply);

/* False: a server that kept its data does not say so of the reservation's generation; the
 * counter or the ceiling went back. */
bool sequence_is_plausible(struct sequence *sequence, const struct reserve_reply *reply);

/* The ordinal at which the present generation ends. */
int64_t sequence_limit(struct sequence *sequence);

/* A change was made: numbers of other generations than `record`'s are dropped, and
 * the next ones are reserved in it. */
void sequence_adopt(struct sequence *sequence, const struct record *record);

/* Drops what is held, whatever Redis says: it was changed from here. */
void sequence_forget(struct sequence *sequence);

/* It was dropped or renamed from here: the same, and those who wait do not find it. */
void sequence_retire(struct sequence *sequence);

/* Somebody says that the generation became `generation`. Word may come late, and the
 * sequence have gone on since: so if it is not the one known here, Redis is asked. */
void sequence_hint(struct sequence *sequence, const char *generation);

/* Drops at once what is held of any other generation, and what is on its way to here: when
 * this returns, no such number is handed out any more. Late word costs a gap. */
void sequence_fence(struct sequence *sequence, const char *generation);

/* Asks Redis whether what is held is still of the current generation, now or, if a
 * reservation is under way that may have been asked too early, right after it. */
void sequence_verify(struct sequence *sequence);

/* Hands out nothing before ordinal `next` of `generation` any more, be it held or on its
 * way. */
void sequence_skip(struct sequence *sequence, const char *generation, int64_t next);

/* Takes the last block held that nobody will hand out any more, for giving it back:
 * false when there is none. The caller frees it. */
bool sequence_surrender(struct sequence *sequence, struct block **block);

/* What it is, for currval: false when not known here. */
bool sequence_identity(struct sequence *sequence, struct identity *identity);

/* Values before the bound that nobody reserved, as far as this node knows; -1 when it
 * cycles or is not known. */
int64_t sequence_remaining(struct sequence *sequence);

#endif
