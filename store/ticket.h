/*
 * A ticket: one request for `count` numbers of one sequence, and its answer.
 * It lives in the caller's memory, from store_take() until it is answered.
 */
#ifndef STORE_TICKET_H
#define STORE_TICKET_H

#include "store/block.h"
#include "store/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A grant of more spans than this (of a cycle with few values) is refused. */
#define GRANT_SPANS_MAX 1000

/* Numbers handed out, all of one generation, in order. */
struct grant {
    struct identity identity;
    int64_t increment;
    int64_t count;
    size_t span_count;
    struct span *spans; /* `inline_spans`, or heap */
    struct span inline_spans[2];
    size_t capacity;
};

struct sequence;

struct ticket {
    /* Asked. Set by the caller before store_take(). */
    int64_t count;   /* 1.. */
    bool partial;    /* fewer will do, at the bound; at least one */
    bool contiguous; /* one span */
    /* If store_take() says TAKE_WAITS: called once, from any thread, when the ticket
     * is answered; never after ticket_cancel() returned true. Must not block. */
    void (*answered)(struct ticket *ticket);

    /* Answered: failure.code is ERROR_NONE and `grant` is filled, or not. */
    struct failure failure;
    struct grant grant;

    /* The store's own, while waiting. */
    struct sequence *sequence; /* with a reference, if it ever waited */
    struct ticket *next, *previous;
    bool queued;
    bool asked; /* a reservation was made for it */
};

/* Frees what an answered or cancelled ticket holds. */
void ticket_deinit(struct ticket *ticket);

#endif
