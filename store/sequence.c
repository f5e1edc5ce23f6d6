#include "store/sequence.h"

#include "store/counters.h"
#include "store/lease.h"
#include "store/memory.h"
#include "store/serve.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#ifdef SEES_THREADS
char reclaim_grace, reclaim_table;
#endif

struct sequence *sequence_create(const struct seq_name *name,
                                 const struct sequence_environment *environment)
{
    struct sequence *sequence = must_calloc(1, sizeof *sequence);
    sequence->name = *name;
    sequence->environment = environment;
    atomic_init(&sequence->references, 1);
    pthread_mutex_init(&sequence->lock, NULL);
    return sequence;
}

bool sequence_acquire(struct sequence *sequence)
{
    int64_t references = atomic_load_explicit(&sequence->references, memory_order_relaxed);
    while (references > 0)
        if (atomic_compare_exchange_weak(&sequence->references, &references, references + 1))
            return true;
    return false;
}

static void sequence_free(struct rcu_head *head)
{
    RECLAIM_ACQUIRE(reclaim_grace);
    struct sequence *sequence = caa_container_of(head, struct sequence, rcu);
    assert(!sequence->waiters);
    free(atomic_load(&sequence->published));
    stock_clear(&sequence->stock);
    pthread_mutex_destroy(&sequence->lock);
    free(sequence);
}

void sequence_release(struct sequence *sequence)
{
    if (atomic_fetch_sub(&sequence->references, 1) == 1)
        reclaim(&sequence->rcu, sequence_free);
}

/* Acquire pairs with the release in publish(): who sees the pointer sees the block. */
static struct block *published(struct sequence *sequence)
{
    return atomic_load_explicit(&sequence->published, memory_order_acquire);
}

/* A range that may wrap inside the block is looked at more closely, under the lock. */
static bool may_wrap_badly(const struct progression *rule, const struct ticket *ticket)
{
    return ticket->count > 1 && rule->cycle &&
           (ticket->contiguous || too_many_spans(rule, ticket->count));
}

/* Takes out of the published block, which nobody may free meanwhile: inside
 * reader_enter()/reader_leave(), or under the lock. *marked: the ordinal at the
 * low-water mark is among those taken, as it is for exactly one taker. */
static bool take_published(struct sequence *sequence, struct ticket *ticket, bool *marked)
{
    struct block *block = published(sequence);
    int64_t count = ticket->count, offset;
    if (!block || !lease_holds(sequence->environment->lease) ||
        may_wrap_badly(&block->rule, ticket))
        return false;
    if (!(count == 1 ? block_take_one(block, &offset) : block_take(block, count, &offset)))
        return false;
    grant_add(&ticket->grant, block, block->first + offset, count);
    *marked = offset <= block->low_water && block->low_water - offset < count;
    return true;
}

bool sequence_take(struct sequence *sequence, struct ticket *ticket)
{
    bool marked = false;
    bool taken = take_published(sequence, ticket, &marked);
    if (marked)
        sequence_prefetch(sequence);
    return taken;
}

enum wait_result sequence_wait(struct sequence *sequence, struct ticket *ticket)
{
    struct answered answered = {0};
    bool marked = false;
    pthread_mutex_lock(&sequence->lock);
    if (sequence->gone) {
        pthread_mutex_unlock(&sequence->lock);
        return WAIT_GONE;
    }
    /* The block may have been away for a moment only, to look for a waiter's range. */
    if (!take_published(sequence, ticket, &marked)) {
        waiters_add(sequence, ticket);
        sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    }
    bool waits = ticket->queued;
    pthread_mutex_unlock(&sequence->lock);
    if (waits)
        count(&sequence->environment->counters->waits, 1);
    if (marked)
        sequence_prefetch(sequence);
    answered_deliver(&answered, ticket);
    return waits ? WAIT_QUEUED : WAIT_ANSWERED;
}

bool sequence_cancel(struct ticket *ticket)
{
    struct sequence *sequence = ticket->sequence;
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    bool queued = ticket->queued;
    bool was_first = sequence->waiters == ticket;
    if (queued)
        waiters_remove(sequence, ticket);
    if (queued && was_first) {
        /* What was too little for it, or kept for it, may do for others. */
        sequence->withheld = false;
        sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    }
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
    return queued;
}

/* Under the lock: what is held belongs to the past. */
static void forget(struct sequence *sequence)
{
    sequence_withdraw(sequence);
    stock_discard(sequence);
}

/* Under the lock: nothing is known of it yet but what an earlier process saw. */
static void begin_generation(struct sequence *sequence, const char *generation)
{
    forget(sequence);
    sequence->seen_next = sequence->held_end = sequence->skipped = sequence->seen_ceiling = 0;
    witness_find(sequence->environment->witness, generation, &sequence->held_end,
                 &sequence->seen_ceiling);
    sequence->regressed = false;
    sequence->demand.granted = 0;
    count(&sequence->environment->counters->changes, 1);
}

/* Under the lock. */
static void adopt(struct sequence *sequence, const struct record *record)
{
    if (strcmp(sequence->identity.generation, record->identity.generation) != 0)
        begin_generation(sequence, record->identity.generation);
    sequence->identity = record->identity;
    sequence->rule = record->rule;
    sequence->limit = record->limit;
    sequence->cache = record->definition.cache;
    if (record->has_next && record->next > sequence->seen_next)
        sequence->seen_next = record->next;
}

void sequence_adopt(struct sequence *sequence, const struct record *record)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    adopt(sequence, record);
    sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
}

void sequence_forget(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    forget(sequence);
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_retire(struct sequence *sequence)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    sequence->gone = true;
    forget(sequence);
    waiters_fail_missing(sequence, &answered);
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
}

/* Under the lock. */
static void verify(struct sequence *sequence)
{
    sequence->doubted = sequence->reserving;
    if (!sequence->reserving)
        sequence_reserve(sequence, 0);
}

void sequence_hint(struct sequence *sequence, const char *generation)
{
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) != 0)
        verify(sequence);
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_fence(struct sequence *sequence, const char *generation)
{
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) != 0) {
        forget(sequence);
        /* Redis may have answered before the change what is read only now. */
        sequence->fenced = sequence->reserving;
    }
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_verify(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    verify(sequence);
    pthread_mutex_unlock(&sequence->lock);
}

/* Under the lock; nothing is published. */
static void skip(struct sequence *sequence)
{
    int64_t discarded = stock_skip(&sequence->stock, sequence->skipped);
    count(&sequence->environment->counters->discarded, (uint64_t)discarded);
}

void sequence_skip(struct sequence *sequence, const char *generation, int64_t next)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) == 0) {
        if (next > sequence->skipped)
            sequence->skipped = next;
        sequence_withdraw(sequence);
        skip(sequence);
        sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    }
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
}

bool sequence_surrender(struct sequence *sequence, struct block **block)
{
    pthread_mutex_lock(&sequence->lock);
    sequence_withdraw(sequence);
    *block = stock_pop_last(&sequence->stock);
    pthread_mutex_unlock(&sequence->lock);
    return *block != NULL;
}

/* The counter is below what this node was given, or past the bound: no Redis that kept
 * its data says so. */
static bool regress(struct sequence *sequence)
{
    sequence->regressed = true;
    forget(sequence);
    return false;
}

/* `first` is where the reply's ordinals begin. */
static bool is_plausible(struct sequence *sequence, const struct reserve_reply *reply,
                         int64_t first)
{
    if (first < sequence->held_end || reply->counter > sequence->limit)
        return false;
    if (reply->pending >= 0 && reply->pending < sequence->seen_ceiling)
        return false;
    /* One at which the counter stands may just have been adopted, and be proved by nobody; a
     * pending one is lost when another server takes over before it is proved. */
    if (reply->confirmed > reply->counter && reply->confirmed > sequence->seen_ceiling)
        sequence->seen_ceiling = reply->confirmed;
    return true;
}

bool sequence_is_plausible(struct sequence *sequence, const struct reserve_reply *reply)
{
    pthread_mutex_lock(&sequence->lock);
    bool same = strcmp(sequence->identity.generation, sequence->reservation.generation) == 0;
    bool plausible = !same || is_plausible(sequence, reply, reply->counter);
    pthread_mutex_unlock(&sequence->lock);
    return plausible;
}

int64_t sequence_limit(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    int64_t limit = sequence->limit;
    pthread_mutex_unlock(&sequence->lock);
    return limit;
}

/* The ordinals of a granted reservation; false: they cannot be. */
static bool stock_up(struct sequence *sequence, const struct reserve_reply *reply)
{
    const struct reservation *reservation = &sequence->reservation;
    int64_t counter = reply->counter, first = counter - reservation->want;
    if (!is_plausible(sequence, reply, first))
        return regress(sequence);
    sequence->held_end = sequence->seen_next = counter;
    count(&sequence->environment->counters->reserved, (uint64_t)reservation->want);
    stock_push(&sequence->stock,
               block_create(&sequence->identity, &sequence->rule, first, reservation->want));
    skip(sequence); /* what was on its way when others passed it */
    demand_granted(&sequence->demand, reservation->asked_at_ns, reservation->want);
    return true;
}

/* How many are left before the bound; false: the counter cannot be. */
static bool learn_limit(struct sequence *sequence, const struct reserve_reply *reply, int64_t *left)
{
    if (!is_plausible(sequence, reply, reply->counter))
        return regress(sequence);
    sequence->seen_next = reply->counter;
    *left = sequence->limit - reply->counter;
    return true;
}

/* Under the lock: what the reply says of this sequence. */
static void learn(struct sequence *sequence, const struct reserve_reply *reply,
                  struct answered *answered)
{
    const struct reservation *reservation = &sequence->reservation;
    bool same =
        !sequence->fenced && strcmp(sequence->identity.generation, reservation->generation) == 0;
    bool lost = false;
    int64_t left = LEFT_UNKNOWN;
    sequence->fenced = false;
    switch (reply->outcome) {
    case RESERVE_OK:
        if (!same)
            count(&sequence->environment->counters->discarded, (uint64_t)reservation->want);
        else if (reservation->want > 0)
            lost = !stock_up(sequence, reply);
        else
            lost = sequence->regressed; /* and still is in that generation */
        break;
    case RESERVE_LIMIT:
        lost = same && !learn_limit(sequence, reply, &left);
        break;
    case RESERVE_CEILING: /* not a plausible one: see the lane */
        lost = same && !regress(sequence);
        break;
    case RESERVE_CHANGED:
        adopt(sequence, &reply->record);
        break;
    case RESERVE_NONE:
        /* With no trace of a drop, what this node knew is lost. */
        if (sequence->identity.oid[0])
            lost = true;
        else
            waiters_fail_missing(sequence, answered);
        break;
    case RESERVE_DROPPED:
        forget(sequence);
        waiters_fail_missing(sequence, answered);
        return;
    case RESERVE_LOST:
        lost = true;
        break;
    case RESERVE_UNAVAILABLE:
        waiters_fail(sequence, ERROR_STORE_UNAVAILABLE, reply->why, answered);
        break;
    }
    if (lost)
        waiters_fail_lost(sequence, reply->why, answered);
    if (!lease_holds(sequence->environment->lease))
        waiters_fail(sequence, ERROR_STORE_UNAVAILABLE,
                     "this node's lease has ended, and Redis has not renewed it yet", answered);
    sequence_serve(sequence, left, answered);
}

bool sequence_reserved(struct sequence *sequence, const struct reserve_reply *reply)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    bool doubted = sequence->doubted;
    sequence->reserving = sequence->withheld = sequence->doubted = false;
    if (!sequence->gone)
        learn(sequence, reply, &answered);
    /* Not known yet, and asked in vain: names that nobody has must not pile up. */
    bool gone = sequence->gone || reply->outcome == RESERVE_DROPPED ||
                (!sequence->identity.oid[0] && !sequence->waiters);
    sequence->gone = gone;
    /* Who just said nothing is not asked again: the lane may be stopping. */
    if (doubted && !gone && !sequence->reserving && reply->outcome != RESERVE_UNAVAILABLE)
        sequence_reserve(sequence, 0);
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
    return gone;
}

bool sequence_identity(struct sequence *sequence, struct identity *identity)
{
    pthread_mutex_lock(&sequence->lock);
    *identity = sequence->identity;
    pthread_mutex_unlock(&sequence->lock);
    return identity->oid[0] != '\0';
}

int64_t sequence_remaining(struct sequence *sequence)
{
    int64_t remaining = -1;
    pthread_mutex_lock(&sequence->lock);
    if (sequence->identity.generation[0] && !sequence->rule.cycle)
        remaining = progression_remaining(&sequence->rule, sequence->seen_next);
    pthread_mutex_unlock(&sequence->lock);
    return remaining;
}
