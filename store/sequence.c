#include "store/sequence.h"

#include "store/counters.h"
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
        call_rcu(&sequence->rcu, sequence_free);
}

/* Acquire pairs with the release in publish(): who sees the pointer sees the block. */
static struct block *published(struct sequence *sequence)
{
    return atomic_load_explicit(&sequence->published, memory_order_acquire);
}

bool sequence_take(struct sequence *sequence, int64_t count, struct grant *grant)
{
    struct block *block = published(sequence);
    int64_t offset;
    if (!block || too_many_spans(&block->rule, count))
        return false;
    if (!(count == 1 ? block_take_one(block, &offset) : block_take(block, count, &offset)))
        return false;
    grant_add(grant, block, block->first + offset, count);
    /* Exactly one taker gets the ordinal at the mark. */
    if (offset <= block->low_water && block->low_water - offset < count)
        sequence_prefetch(sequence);
    return true;
}

bool sequence_wait(struct sequence *sequence, struct ticket *ticket)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    waiters_add(sequence, ticket);
    sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    bool waits = ticket->queued;
    pthread_mutex_unlock(&sequence->lock);
    if (waits)
        count(&sequence->environment->counters->waits, 1);
    answered_deliver(&answered, ticket);
    return !waits;
}

bool sequence_cancel(struct ticket *ticket)
{
    struct sequence *sequence = ticket->sequence;
    pthread_mutex_lock(&sequence->lock);
    bool queued = ticket->queued;
    if (queued)
        waiters_remove(sequence, ticket);
    pthread_mutex_unlock(&sequence->lock);
    return queued;
}

/* Under the lock: what is held belongs to the past. */
static void forget(struct sequence *sequence)
{
    sequence_withdraw(sequence);
    int64_t discarded = stock_clear(&sequence->stock);
    count(&sequence->environment->counters->discarded, (uint64_t)discarded);
}

/* Under the lock. */
static void adopt(struct sequence *sequence, const struct record *record, bool drop_held)
{
    bool same = strcmp(sequence->identity.generation, record->identity.generation) == 0;
    if (!same || drop_held)
        forget(sequence);
    if (!same) {
        sequence->seen_next = sequence->held_end = 0;
        sequence->demand.granted = 0;
        count(&sequence->environment->counters->changes, 1);
    }
    sequence->identity = record->identity;
    sequence->rule = record->rule;
    sequence->limit = record->limit;
    sequence->cache = record->definition.cache;
    if (record->has_next && record->next > sequence->seen_next)
        sequence->seen_next = record->next;
}

void sequence_adopt(struct sequence *sequence, const struct record *record, bool drop_held)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    adopt(sequence, record, drop_held);
    sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
}

void sequence_hint(struct sequence *sequence, const char *generation)
{
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) != 0) {
        forget(sequence);
        sequence->identity.generation[0] = '\0';
    }
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_verify(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    if (sequence->identity.generation[0] && !sequence->reserving)
        sequence_reserve(sequence, 0);
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_skip(struct sequence *sequence, const char *generation, int64_t next)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) == 0) {
        sequence_withdraw(sequence);
        int64_t discarded = stock_skip(&sequence->stock, next);
        count(&sequence->environment->counters->discarded, (uint64_t)discarded);
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

/* The ordinals of a granted reservation; false: they go back, which no Redis that
 * kept its data does (a restored backup, an older replica). */
static bool stock_up(struct sequence *sequence, int64_t counter)
{
    const struct reservation *reservation = &sequence->reservation;
    int64_t first = counter - reservation->want;
    if (first < sequence->held_end || counter > sequence->limit)
        return false;
    sequence->held_end = sequence->seen_next = counter;
    count(&sequence->environment->counters->reserved, (uint64_t)reservation->want);
    stock_push(&sequence->stock,
               block_create(&sequence->identity, &sequence->rule, first, reservation->want));
    demand_granted(&sequence->demand, reservation->asked_at_ns, reservation->want);
    return true;
}

/* Under the lock: what the reply says of this sequence. */
static void learn(struct sequence *sequence, const struct reserve_reply *reply,
                  struct answered *answered)
{
    const struct reservation *reservation = &sequence->reservation;
    bool same = strcmp(sequence->identity.generation, reservation->generation) == 0;
    bool lost = false;
    int64_t left = LEFT_UNKNOWN;
    switch (reply->outcome) {
    case RESERVE_OK:
        if (reservation->want > 0 && !same)
            count(&sequence->environment->counters->discarded, (uint64_t)reservation->want);
        else if (reservation->want > 0)
            lost = !stock_up(sequence, reply->counter);
        break;
    case RESERVE_LIMIT:
        if (same) {
            lost = reply->counter < sequence->held_end || reply->counter > sequence->limit;
            left = sequence->limit - reply->counter;
            sequence->seen_next = reply->counter;
        }
        break;
    case RESERVE_CHANGED:
        adopt(sequence, &reply->record, false);
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
    sequence_serve(sequence, left, answered);
}

bool sequence_reserved(struct sequence *sequence, const struct reserve_reply *reply)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    sequence->reserving = false;
    learn(sequence, reply, &answered);
    bool gone = reply->outcome == RESERVE_DROPPED ||
                (reply->outcome == RESERVE_NONE && !sequence->identity.oid[0]);
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
