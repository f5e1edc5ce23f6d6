/* One INCRBY on its way, and what came of it. */
#ifndef STORE_RESERVATION_H
#define STORE_RESERVATION_H

#include "store/block.h"
#include "store/record.h"

#include <stddef.h>
#include <stdint.h>

struct sequence;

struct reservation {
    struct reservation *next;  /* the lane's queue */
    struct sequence *sequence; /* with a reference */
    char generation[ID_SIZE];  /* in which the ordinals are wanted; "" only asks */
    int64_t want;              /* 0 only asks */
    uint64_t nonce;            /* echoed by the script */
    int64_t asked_at_ns, sent_at_ns;
};

/* First in, first out. */
struct reservations {
    struct reservation *first, *last;
};

static inline void reservations_push(struct reservations *queue, struct reservation *reservation)
{
    reservation->next = NULL;
    if (queue->last)
        queue->last->next = reservation;
    else
        queue->first = reservation;
    queue->last = reservation;
}

/* NULL when there is none. */
static inline struct reservation *reservations_pop(struct reservations *queue)
{
    struct reservation *reservation = queue->first;
    if (reservation && !(queue->first = reservation->next))
        queue->last = NULL;
    return reservation;
}

enum reserve_outcome {
    RESERVE_OK,      /* ordinals counter - want .. counter - 1 are ours */
    RESERVE_LIMIT,   /* fewer than wanted are left; nothing was reserved */
    RESERVE_CHANGED, /* another generation: `record`; nothing was reserved */
    RESERVE_NONE,    /* no such sequence, nor a trace of one */
    RESERVE_DROPPED, /* somebody dropped it */
    RESERVE_LOST,    /* the counter is gone, or a key is damaged */
    RESERVE_UNAVAILABLE
};

struct reserve_reply {
    enum reserve_outcome outcome;
    int64_t counter;      /* OK, LIMIT */
    struct record record; /* CHANGED */
    const char *why;      /* LOST, UNAVAILABLE: for people */
};

#endif
