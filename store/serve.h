/*
 * Serving the waiters of a sequence. Everything here is called with the sequence's
 * lock held, but answered_deliver(), which calls out and so must not be.
 */
#ifndef STORE_SERVE_H
#define STORE_SERVE_H

#include "store/sequence.h"

#define LEFT_UNKNOWN (-1)

/* Tickets that got their answer under the lock, to be delivered after it. */
struct answered {
    struct ticket *first, *last;
};

void waiters_add(struct sequence *sequence, struct ticket *ticket);
void waiters_remove(struct sequence *sequence, struct ticket *ticket);

/* Answers every waiter with a failure. */
void waiters_fail(struct sequence *sequence, enum error_code code, const char *why,
                  struct answered *answered);
void waiters_fail_missing(struct sequence *sequence, struct answered *answered);
void waiters_fail_lost(struct sequence *sequence, const char *why, struct answered *answered);

/* Serves waiters in order from what is held, reserves for those that are left,
 * publishes the rest (unless it is withheld, or the cache is 1). `left`: what the reply
 * just received says is left before the bound, or LEFT_UNKNOWN. */
void sequence_serve(struct sequence *sequence, int64_t left, struct answered *answered);

/* Takes the published block's rest back into the stock. */
void sequence_withdraw(struct sequence *sequence);

/* Discards the stock. */
void stock_discard(struct sequence *sequence);

/* Sends the one reservation; none may be under way. */
void sequence_reserve(struct sequence *sequence, int64_t want);

/* The next block, in the background. Takes the lock itself. */
void sequence_prefetch(struct sequence *sequence);

/* Calls every ticket's `answered` but `own`'s. Without the lock. */
void answered_deliver(struct answered *answered, const struct ticket *own);

/* A range over so many laps of a short cycle that its answer would be a book. */
bool too_many_spans(const struct progression *rule, int64_t count);

#endif
