/*
 * A block: ordinals of one generation that this node reserved and nobody else has.
 *
 * Numbers are handed out of a published block by one atomic addition. Answers to the
 * questions a block cache must answer:
 *
 * - Who frees a block, and when is that safe? Whoever withdraws it (under the
 *   sequence's lock) hands it to reclaim(); takers hold it only inside
 *   reader_enter()/reader_leave().
 * - What does a thread get that overshoots the end? Nothing: `taken` is past `count`,
 *   and stays so; it then asks under the lock. An overshoot costs no number, as the
 *   ordinals past the end were never reserved.
 * - What do setval, ALTER and DROP do to numbers already reserved? Here: the block is
 *   withdrawn before the change is answered. On other nodes: when they hear of it, at
 *   the latest at their next reservation, which names its generation.
 */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include "store/progression.h"
#include "store/reclaim.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define ID_SIZE 33 /* 128 random bits in hex, and NUL */

/* Which sequence (it survives ALTER and renames), and which of its generations. */
struct identity {
    char oid[ID_SIZE];
    char generation[ID_SIZE];
};

struct block {
    struct identity identity;
    struct progression rule;
    int64_t first; /* ordinal */
    int64_t count;
    int64_t low_water;   /* taking the ordinal at this offset asks for the next block */
    struct block *next;  /* in the stock, not while published */
    struct rcu_head rcu; /* once withdrawn */
    /* On a cache line of its own: takers of all threads write it, and read the rest.
     * Relaxed is enough: uniqueness needs only that the additions are atomic, and the
     * fields above were published by the pointer to the block (release, acquire). */
    _Alignas(64) _Atomic int64_t taken;
};

/* Larger than any count; further from INT64_MAX than there can be failed takes. */
#define BLOCK_WITHDRAWN (INT64_MAX / 2)

/* Takes one ordinal; its offset in the block is left in `offset`. */
static inline bool block_take_one(struct block *block, int64_t *offset)
{
    *offset = atomic_fetch_add_explicit(&block->taken, 1, memory_order_relaxed);
    return *offset < block->count;
}

/* Takes exactly `count` consecutive ordinals, or nothing. */
static inline bool block_take(struct block *block, int64_t count, int64_t *offset)
{
    int64_t taken = atomic_load_explicit(&block->taken, memory_order_relaxed);
    do {
        if (taken >= block->count || count > block->count - taken)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&block->taken, &taken, taken + count,
                                                    memory_order_relaxed, memory_order_relaxed));
    *offset = taken;
    return true;
}

/* What is left in it; a published block may lose more at any time. */
static inline int64_t block_left(struct block *block)
{
    int64_t taken = atomic_load_explicit(&block->taken, memory_order_relaxed);
    return taken < block->count ? block->count - taken : 0;
}

/* Takes all that is left and closes the block: returns how many, the last ones. */
static inline int64_t block_withdraw(struct block *block)
{
    int64_t taken = atomic_exchange_explicit(&block->taken, BLOCK_WITHDRAWN, memory_order_relaxed);
    return taken < block->count ? block->count - taken : 0;
}

#endif
