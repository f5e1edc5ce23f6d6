/*
 * Blocks that are reserved and not published, in the order of their ordinals; and
 * taking numbers out of them. All under the sequence's lock.
 */
#ifndef STORE_STOCK_H
#define STORE_STOCK_H

#include "store/ticket.h"

struct stock {
    struct block *first, *last;
    int64_t total; /* ordinals in it */
};

/* A block of `count` ordinals from `first` on, on the heap. */
struct block *block_create(const struct identity *identity, const struct progression *rule,
                           int64_t first, int64_t count);

/* Frees a block that was published, once no taker can hold it any more. */
void block_retire(struct block *block);

/* Both take over the block. Behind: joins the last block where they are adjacent. */
void stock_push(struct stock *stock, struct block *block);
void stock_push_front(struct stock *stock, struct block *block);

/* The first block, the caller's from now on, or NULL. */
struct block *stock_pop(struct stock *stock);
/* The last one. */
struct block *stock_pop_last(struct stock *stock);

/* Frees what lies before ordinal `next`; returns how many ordinals that discards. */
int64_t stock_skip(struct stock *stock, int64_t next);

/* Frees all; returns how many ordinals that discards. */
int64_t stock_clear(struct stock *stock);

/* Takes the first `count` ordinals into the grant; there must be as many. */
void stock_take(struct stock *stock, int64_t count, struct grant *grant);

/* Takes `count` ordinals in one span, or nothing. What lies before them is discarded
 * (and counted in `discarded`), so that values handed out never go back. */
bool stock_take_contiguous(struct stock *stock, int64_t count, struct grant *grant,
                           int64_t *discarded);

/* How many ordinals at the end of the stock a contiguous range could begin with, if
 * the next reservation is adjacent. */
int64_t stock_tail(const struct stock *stock);

/* Appends `count` ordinals to a grant, as one span per lap. */
void grant_add(struct grant *grant, const struct block *block, int64_t ordinal, int64_t count);

#endif
