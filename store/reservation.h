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
    bool condemns;             /* tells Redis, and so all nodes, that it forgot a part of it */
    uint64_t nonce;            /* echoed by the script */
    int64_t asked_at_ns, sent_at_ns;
    /* In a Cluster: lanes.h. */
    int hops;           /* from server to server */
    bool asking;        /* an ASK sent it here */
    bool awaits_asking; /* the reply to ASKING comes before its own */
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
    RESERVE_OK,        /* ordinals counter - want .. counter - 1 are ours */
    RESERVE_LIMIT,     /* fewer than wanted are left; nothing was reserved */
    RESERVE_CEILING,   /* no more are proved to be safe; nothing was reserved */
    RESERVE_CHANGED,   /* another generation: `record`; nothing was reserved */
    RESERVE_NONE,      /* no such sequence, nor a trace of one */
    RESERVE_DROPPED,   /* somebody dropped it */
    RESERVE_LOST,      /* the counter is gone, or a key is damaged */
    RESERVE_CONDEMNED, /* some node knows that Redis forgot a part of it */
    RESERVE_UNAVAILABLE
};

/* "run_id:master_replid" */
#define SERVER_SIZE 84

/* A sequence's ceiling on its way up: ceiling.h. Under the ceiling's lock. */
struct raise {
    struct raise *next;
    struct sequence *sequence;   /* with a reference while it is queued */
    char generation[ID_SIZE];    /* of all that follows */
    int64_t asked_at_ns;         /* 0: not queued */
    struct reservation *stopped; /* at the ceiling; goes on when it is raised. Or NULL */
    bool waited;                 /* something did, and was counted */
    int64_t want, window;        /* how far above the counter: together */
    int64_t window_most;         /* the script may know of a larger one: up to this */
    int64_t used, since_ns;      /* reserved here since then: not the counter, which may jump */
    int64_t floor;               /* no counter was given back below it */
    int64_t due;                 /* the counter that asks for the next one */
    bool asking;                 /* as the reservation's */
    int64_t witnessed;           /* the highest ceiling that the witness was told */
    /* What the extension answered, besides the window. */
    char server[SERVER_SIZE], settled[ID_SIZE];
    int64_t pending;
};

struct reserve_reply {
    enum reserve_outcome outcome;
    int64_t counter;      /* OK, LIMIT, CEILING */
    int64_t pending;      /* the same: the ceiling that is being proved, or -1: there is none */
    int64_t confirmed;    /* the same: the ceiling that was proved */
    int64_t burnt;        /* the same: passed over, as another server may have forgotten them */
    bool adopted;         /* the counter, from what another server wrote */
    struct record record; /* CHANGED */
    const char *why;      /* LOST, UNAVAILABLE: for people */
};

#endif
