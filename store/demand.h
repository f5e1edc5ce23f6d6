/*
 * How much to reserve for a sequence with `cache: "auto"`: enough that it costs Redis
 * about one reservation a second, one at a time when it is used that rarely (so that
 * there are no gaps), and never more than a small share of what is left before the
 * bound (so that one node does not hoard the last numbers).
 */
#ifndef STORE_DEMAND_H
#define STORE_DEMAND_H

#include <stdint.h>

#define DEMAND_MAX           131072 /* what a node that dies can waste of one sequence */
#define DEMAND_PREFETCH_FROM 8      /* smaller blocks are not worth fetching ahead */
#define DEMAND_SHARE         64     /* at most 1/64 of what is left */

/* All zero: a sequence that was never used. */
struct demand {
    int64_t size;    /* of the next block */
    int64_t granted; /* by the last reservation */
    int64_t at_ns;   /* when that was asked for */
};

/* The size of the block to reserve now, 1..DEMAND_MAX; `left` before the bound. */
int64_t demand_size(struct demand *demand, int64_t now_ns, int64_t left);

/* `count` ordinals were granted to a reservation begun at `now_ns`. */
void demand_granted(struct demand *demand, int64_t now_ns, int64_t count);

#endif
