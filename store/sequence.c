#include "store/sequence.h"

#include "store/counters.h"
#include "store/learn.h"
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

void sequence_adopt(struct sequence *sequence, const struct record *record)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    sequence_learn_record(sequence, record);
    sequence_serve(sequence, LEFT_UNKNOWN, &answered);
    pthread_mutex_unlock(&sequence->lock);
    answered_deliver(&answered, NULL);
}

void sequence_forget(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    sequence_drop_held(sequence);
    pthread_mutex_unlock(&sequence->lock);
}

void sequence_retire(struct sequence *sequence)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    sequence->gone = true;
    sequence_drop_held(sequence);
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
        sequence_drop_held(sequence);
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

void sequence_skip(struct sequence *sequence, const char *generation, int64_t next)
{
    struct answered answered = {0};
    pthread_mutex_lock(&sequence->lock);
    if (strcmp(sequence->identity.generation, generation) == 0) {
        if (next > sequence->skipped)
            sequence->skipped = next;
        sequence_withdraw(sequence);
        sequence_drop_skipped(sequence);
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

int64_t sequence_limit(struct sequence *sequence)
{
    pthread_mutex_lock(&sequence->lock);
    int64_t limit = sequence->limit;
    pthread_mutex_unlock(&sequence->lock);
    return limit;
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
