#include "store/learn.h"

#include "store/counters.h"
#include "store/lease.h"
#include "store/serve.h"

#include <string.h>

void sequence_drop_held(struct sequence *sequence)
{
    sequence_withdraw(sequence);
    stock_discard(sequence);
}

/* Nothing is known of it yet but what an earlier process saw. */
static void begin_generation(struct sequence *sequence, const char *generation)
{
    sequence_drop_held(sequence);
    sequence->seen_next = sequence->held_end = sequence->skipped = sequence->seen_ceiling = 0;
    witness_find(sequence->environment->witness, generation, &sequence->held_end,
                 &sequence->seen_ceiling);
    sequence->regressed = false;
    sequence->demand.granted = 0;
    count(&sequence->environment->counters->changes, 1);
}

void sequence_learn_record(struct sequence *sequence, const struct record *record)
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

void sequence_drop_skipped(struct sequence *sequence)
{
    int64_t discarded = stock_skip(&sequence->stock, sequence->skipped);
    count(&sequence->environment->counters->discarded, (uint64_t)discarded);
}

/* The counter is below what this node was given, or past the bound: no Redis that kept
 * its data says so. */
static bool regress(struct sequence *sequence)
{
    sequence->regressed = true;
    sequence_drop_held(sequence);
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
    /* One at which the counter stands may just have been adopted, and be proved by nobody. */
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
    sequence_drop_skipped(sequence); /* what was on its way when others passed it */
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

/* Without a trace of a drop, what this node knew is lost. */
static bool vanish(struct sequence *sequence, struct answered *answered)
{
    bool lost = sequence->identity.oid[0] != '\0';
    if (!lost)
        waiters_fail_missing(sequence, answered);
    return lost;
}

/* Ordinals that were granted, or none. False: they cannot be. */
static bool take_in(struct sequence *sequence, const struct reserve_reply *reply, bool same)
{
    if (same && sequence->reservation.want > 0)
        return stock_up(sequence, reply);
    if (!same)
        count(&sequence->environment->counters->discarded, (uint64_t)sequence->reservation.want);
    return !same || !sequence->regressed; /* and still is in that generation */
}

static void learn(struct sequence *sequence, const struct reserve_reply *reply,
                  struct answered *answered)
{
    bool same = !sequence->fenced &&
                strcmp(sequence->identity.generation, sequence->reservation.generation) == 0;
    bool lost = false, regressed = sequence->regressed;
    int64_t left = LEFT_UNKNOWN;
    sequence->fenced = false;
    switch (reply->outcome) {
    case RESERVE_OK:
        lost = !take_in(sequence, reply, same);
        break;
    case RESERVE_LIMIT:
        lost = same && !learn_limit(sequence, reply, &left);
        break;
    case RESERVE_CEILING: /* not a plausible one: see the lane */
        lost = same && !regress(sequence);
        break;
    case RESERVE_CHANGED:
        sequence_learn_record(sequence, &reply->record);
        break;
    case RESERVE_NONE:
        lost = vanish(sequence, answered);
        break;
    case RESERVE_DROPPED:
        sequence_drop_held(sequence);
        waiters_fail_missing(sequence, answered);
        return;
    case RESERVE_CONDEMNED: /* what was given since may be others', too */
        sequence_drop_held(sequence);
        lost = true;
        break;
    case RESERVE_LOST:
        lost = true;
        break;
    case RESERVE_UNAVAILABLE:
        waiters_fail(sequence, ERROR_STORE_UNAVAILABLE, reply->why, answered);
        break;
    }
    if (lost)
        waiters_fail_lost(sequence, reply->why, answered);
    if (sequence->regressed && !regressed)
        sequence_reserve(sequence, 0); /* condemns it */
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
