#include "store/serve.h"

#include "store/clock.h"
#include "store/counters.h"
#include "store/lease.h"
#include "store/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void waiters_add(struct sequence *sequence, struct ticket *ticket)
{
    bool acquired = sequence_acquire(sequence);
    assert(acquired);
    (void)acquired;
    ticket->sequence = sequence;
    ticket->queued = true;
    ticket->next = NULL;
    ticket->previous = sequence->last_waiter;
    if (sequence->last_waiter)
        sequence->last_waiter->next = ticket;
    else
        sequence->waiters = ticket;
    sequence->last_waiter = ticket;
    sequence->wanted += ticket->count;
}

void waiters_remove(struct sequence *sequence, struct ticket *ticket)
{
    if (ticket->previous)
        ticket->previous->next = ticket->next;
    else
        sequence->waiters = ticket->next;
    if (ticket->next)
        ticket->next->previous = ticket->previous;
    else
        sequence->last_waiter = ticket->previous;
    ticket->queued = false;
    sequence->wanted -= ticket->count;
}

static void answer(struct sequence *sequence, struct ticket *ticket, struct answered *answered)
{
    waiters_remove(sequence, ticket);
    ticket->next = NULL;
    if (answered->last)
        answered->last->next = ticket;
    else
        answered->first = ticket;
    answered->last = ticket;
}

void answered_deliver(struct answered *answered, const struct ticket *own)
{
    struct ticket *ticket = answered->first;
    while (ticket) {
        struct ticket *next = ticket->next; /* answered() gives the ticket away */
        if (ticket != own)
            ticket->answered(ticket);
        ticket = next;
    }
}

void ticket_deinit(struct ticket *ticket)
{
    if (ticket->grant.span_count > 0 && ticket->grant.spans != ticket->grant.inline_spans)
        free(ticket->grant.spans);
    ticket->grant.span_count = 0;
    if (ticket->sequence)
        sequence_release(ticket->sequence);
    ticket->sequence = NULL;
}

static void answer_failure(struct sequence *sequence, struct ticket *ticket,
                           struct answered *answered)
{
    memcpy(ticket->failure.sequence, sequence->name.text, sequence->name.length + 1u);
    answer(sequence, ticket, answered);
}

void waiters_fail(struct sequence *sequence, enum error_code code, const char *why,
                  struct answered *answered)
{
    while (sequence->waiters) {
        failure_set(&sequence->waiters->failure, code, "%s", why ? why : "");
        answer_failure(sequence, sequence->waiters, answered);
    }
}

void waiters_fail_missing(struct sequence *sequence, struct answered *answered)
{
    char why[sizeof((struct failure *)0)->detail];
    snprintf(why, sizeof why, "relation \"%s\" does not exist", sequence->name.text);
    waiters_fail(sequence, ERROR_SEQUENCE_NOT_FOUND, why, answered);
}

void waiters_fail_lost(struct sequence *sequence, const char *why, struct answered *answered)
{
    char text[sizeof((struct failure *)0)->detail];
    snprintf(text, sizeof text, "the store lost the state of sequence \"%s\": %s",
             name_bare(&sequence->name), why ? why : "its counter went backwards");
    count(&sequence->environment->counters->lost, 1);
    waiters_fail(sequence, ERROR_SEQUENCE_LOST, text, answered);
}

void sequence_withdraw(struct sequence *sequence)
{
    struct block *block = atomic_load_explicit(&sequence->published, memory_order_relaxed);
    if (!block)
        return;
    atomic_store_explicit(&sequence->published, NULL, memory_order_relaxed);
    int64_t left = block_withdraw(block);
    if (left > 0)
        stock_push_front(&sequence->stock, block_create(&block->identity, &block->rule,
                                                        block->first + block->count - left, left));
    block_retire(block);
}

static bool is_auto(const struct sequence *sequence)
{
    return sequence->cache == CACHE_AUTO;
}

void stock_discard(struct sequence *sequence)
{
    int64_t discarded = stock_clear(&sequence->stock);
    count(&sequence->environment->counters->discarded, (uint64_t)discarded);
}

/* Acquire in published(): whoever sees the pointer sees the block it points to. */
static void publish(struct sequence *sequence)
{
    struct block *block = atomic_load_explicit(&sequence->published, memory_order_relaxed);
    if (block || sequence->withheld)
        return;
    if (sequence->cache == 1) {
        if (!sequence->waiters)
            stock_discard(sequence);
        return;
    }
    if (!(block = stock_pop(&sequence->stock)))
        return;
    if (is_auto(sequence) && block->count >= DEMAND_PREFETCH_FROM)
        block->low_water = block->count - block->count / 4;
    atomic_store_explicit(&sequence->published, block, memory_order_release);
}

void sequence_reserve(struct sequence *sequence, int64_t want)
{
    struct reservation *reservation = &sequence->reservation;
    bool acquired = sequence_acquire(sequence);
    assert(acquired && !sequence->reserving);
    (void)acquired;
    sequence->reserving = true;
    memcpy(reservation->generation, sequence->identity.generation, ID_SIZE);
    reservation->sequence = sequence;
    reservation->condemns = sequence->regressed;
    reservation->want = reservation->generation[0] && !sequence->regressed ? want : 0;
    reservation->asked_at_ns = clock_ns();
    sequence->environment->reserve(sequence->environment->lane, reservation);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* `cache: n` means blocks of n, reserved whole. */
static int64_t round_up(int64_t count, int64_t block)
{
    int64_t over = count % block;
    int64_t more = over == 0 ? 0 : block - over;
    return count > INT64_MAX - more ? INT64_MAX : count + more;
}

/* The same from the counter on, where cycles are: a block ends where its lap does. Every lap
 * behind the first is as long as the next. */
static int64_t whole_blocks(const struct sequence *sequence, int64_t count)
{
    const struct progression *rule = &sequence->rule;
    if (!rule->cycle || sequence->seen_next >= sequence->limit)
        return round_up(count, sequence->cache);
    int64_t first = progression_lap_left(rule, sequence->seen_next);
    if (count <= first)
        return smaller(round_up(count, sequence->cache), first);
    int64_t lap = progression_lap_length(rule), rest = count - first;
    int64_t whole = rest / lap * lap; /* no more than rest */
    int64_t last = smaller(round_up(rest - whole, sequence->cache), lap);
    return last > INT64_MAX - first - whole ? INT64_MAX : first + whole + last;
}

/* What is here, as far as nobody takes it meanwhile. */
static int64_t held(const struct sequence *sequence)
{
    struct block *block = atomic_load_explicit(&sequence->published, memory_order_relaxed);
    return (block ? block_left(block) : 0) + sequence->stock.total;
}

/* How much to ask for, so that the head of the queue gets its `needed` at least: for
 * all waiters (group commit), and ahead where the cache allows. What is known of the
 * counter clips it to the bound; a numeric block also ends where a cycle wraps, as in
 * PostgreSQL. */
static int64_t reservation_size(struct sequence *sequence, int64_t needed)
{
    int64_t before_limit = sequence->limit - sequence->seen_next;
    int64_t want = larger(needed, sequence->wanted);
    if (is_auto(sequence)) {
        int64_t left = sequence->rule.cycle ? INT64_MAX : before_limit;
        want = larger(want, demand_size(&sequence->demand, clock_ns(), left));
    } else {
        want = whole_blocks(sequence, larger(needed, sequence->wanted - held(sequence)));
    }
    return larger(needed, smaller(want, before_limit));
}

void sequence_sending(struct sequence *sequence)
{
    struct reservation *reservation = &sequence->reservation;
    pthread_mutex_lock(&sequence->lock);
    if (reservation->want > 0 && !sequence->withheld && !is_auto(sequence) &&
        strcmp(reservation->generation, sequence->identity.generation) == 0)
        reservation->want = reservation_size(sequence, reservation->want);
    pthread_mutex_unlock(&sequence->lock);
}

/* PostgreSQL's text (nextval_internal() in commands/sequence.c). */
static void fail_exhausted(struct sequence *sequence, struct ticket *ticket,
                           struct answered *answered)
{
    bool ascending = sequence->rule.increment > 0;
    failure_set(&ticket->failure, ERROR_SEQUENCE_EXHAUSTED,
                "nextval: reached %s value of sequence \"%s\" (%lld)",
                ascending ? "maximum" : "minimum", name_bare(&sequence->name),
                (long long)(ascending ? sequence->rule.max_value : sequence->rule.min_value));
    count(&sequence->environment->counters->exhausted, 1);
    atomic_fetch_add_explicit(&sequence->exhausted, 1, memory_order_relaxed);
    answer_failure(sequence, ticket, answered);
}

bool too_many_spans(const struct progression *rule, int64_t count)
{
    return count > 1 && rule->cycle && count / progression_lap_length(rule) >= GRANT_SPANS_MAX - 1;
}

/* Fewer will do. */
static void shrink(struct sequence *sequence, struct ticket *ticket, int64_t count)
{
    sequence->wanted -= ticket->count - count;
    ticket->count = count;
}

/* True: the ticket cannot be served whatever Redis says, and is answered. */
static bool refuse(struct sequence *sequence, struct ticket *ticket, struct answered *answered)
{
    if (!sequence->rule.cycle || ticket->count == 1)
        return false;
    int64_t lap_length = progression_lap_length(&sequence->rule);
    if (ticket->contiguous && ticket->count > lap_length) {
        if (!ticket->partial) {
            fail_exhausted(sequence, ticket, answered);
            return true;
        }
        shrink(sequence, ticket, lap_length); /* no more can be in one span */
    }
    if (!too_many_spans(&sequence->rule, ticket->count))
        return false;
    failure_set(&ticket->failure, ERROR_INVALID_PARAMETER,
                "count (%lld) covers more than %d laps of sequence \"%s\"",
                (long long)ticket->count, GRANT_SPANS_MAX - 2, name_bare(&sequence->name));
    failure_hint(&ticket->failure, "Ask for fewer numbers at once.");
    answer_failure(sequence, ticket, answered);
    return true;
}

/* Serves the ticket from what is held. */
static bool serve_held(struct sequence *sequence, struct ticket *ticket)
{
    int64_t discarded = 0;
    bool served = false;
    if (held(sequence) < ticket->count)
        return false;
    sequence_withdraw(sequence);
    if (ticket->contiguous) {
        served = stock_take_contiguous(&sequence->stock, ticket->count, &ticket->grant, &discarded);
        count(&sequence->environment->counters->discarded, (uint64_t)discarded);
    } else if (sequence->stock.total >= ticket->count) {
        stock_take(&sequence->stock, ticket->count, &ticket->grant);
        served = true;
    }
    return served;
}

/* What is enough if nothing is held. A contiguous range does not fit before a wrap that
 * is too near: the rest of that lap comes on top. */
static int64_t fresh_need(const struct sequence *sequence, const struct ticket *ticket)
{
    if (!ticket->contiguous || !sequence->rule.cycle || sequence->seen_next >= sequence->limit)
        return ticket->count;
    int64_t lap_left = progression_lap_left(&sequence->rule, sequence->seen_next);
    return lap_left < ticket->count ? lap_left + ticket->count : ticket->count;
}

/* What the head of the queue needs from Redis, at least, beyond what is held. When the
 * bound is near (`left` known) what is held is withdrawn, so that nobody takes it meanwhile.
 * A numeric cache counts on it all the same, so that blocks are reserved as in PostgreSQL:
 * if others were faster, a second reservation counts on nothing. */
static int64_t shortfall(struct sequence *sequence, const struct ticket *ticket, int64_t left)
{
    bool counts_on_held = !is_auto(sequence) && !ticket->contiguous && !ticket->asked;
    if (left == LEFT_UNKNOWN)
        return counts_on_held ? larger(ticket->count - held(sequence), 1)
                              : fresh_need(sequence, ticket);
    sequence_withdraw(sequence);
    int64_t here = ticket->contiguous ? stock_tail(&sequence->stock) : sequence->stock.total;
    return larger(ticket->count - here, 1);
}

/* The bound is `left` ordinals away, and the ticket needs more than that. */
static void settle(struct sequence *sequence, struct ticket *ticket, int64_t left,
                   struct answered *answered)
{
    int64_t here = sequence->stock.total;
    if (!ticket->partial || here + left == 0) {
        fail_exhausted(sequence, ticket, answered);
        return;
    }
    if (ticket->contiguous && left == 0)
        here = sequence->stock.first->count;
    if (ticket->contiguous && left > 0)
        here = stock_tail(&sequence->stock);
    shrink(sequence, ticket, here + left);
}

void sequence_serve(struct sequence *sequence, int64_t left, struct answered *answered)
{
    struct ticket *ticket;
    if (!lease_holds(sequence->environment->lease)) {
        /* Nothing from memory: it is for Redis to say, and for the reply to see. */
        if (sequence->waiters && !sequence->reserving)
            sequence_reserve(sequence, 0);
        return;
    }
    while ((ticket = sequence->waiters)) {
        bool known = sequence->identity.generation[0] != '\0';
        if (known && refuse(sequence, ticket, answered))
            continue;
        if (known && serve_held(sequence, ticket)) {
            answer(sequence, ticket, answered);
            continue;
        }
        if (sequence->reserving)
            break;
        int64_t needed = shortfall(sequence, ticket, left);
        if (left != LEFT_UNKNOWN && needed > left) {
            settle(sequence, ticket, left, answered);
            continue;
        }
        int64_t want = known ? reservation_size(sequence, needed) : 0;
        ticket->asked |= known;
        sequence->withheld = left != LEFT_UNKNOWN;
        sequence_reserve(sequence, sequence->withheld ? smaller(want, left) : want);
        break;
    }
    publish(sequence);
}

void sequence_prefetch(struct sequence *sequence)
{
    if (!sequence_acquire(sequence))
        return; /* dropped since the number was taken */
    pthread_mutex_lock(&sequence->lock);
    if (!sequence->gone && !sequence->reserving && !sequence->waiters &&
        sequence->stock.total == 0 && sequence->identity.generation[0])
        sequence_reserve(sequence, reservation_size(sequence, 1));
    pthread_mutex_unlock(&sequence->lock);
    sequence_release(sequence);
}
