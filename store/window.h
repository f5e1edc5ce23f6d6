/*
 * How far above the counter a ceiling is raised: about a minute of what is used, so that proofs
 * cost nothing; at least ten blocks; and never more than a small share of what is left before the
 * bound. It is what a restart or a failover of Redis can waste, once.
 */
#ifndef STORE_WINDOW_H
#define STORE_WINDOW_H

#include <stdint.h>

#define WINDOW_MIN   32 /* PostgreSQL's SEQ_LOG_VALS */
#define WINDOW_MAX   (INT64_C(1) << 33)
#define WINDOW_AGE   INT64_C(1000000000) /* less time than that says nothing of a rate */
#define WINDOW_NS    INT64_C(60000000000)
#define WINDOW_SHARE 16 /* at most 1/16 of what is left */

/* The most that it may be, with `left` before the bound. */
int64_t window_most(int64_t left);

/* `used` ordinals in `elapsed_ns`; reservations are of about `block`; `left` before the bound.
 * 1..WINDOW_MAX. */
int64_t window_size(int64_t used, int64_t elapsed_ns, int64_t block, int64_t left);

#endif
