/*
 * What the store counts: one table, from which the struct and /metrics come.
 * Written with relaxed atomics from any thread; nothing is decided by them.
 */
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

/* X(member, metric, help) */
#define STORE_COUNTERS(X)                                                                          \
    X(reservations, "seqd_reservations_total", "Reservations that Redis answered.")                \
    X(reserved, "seqd_reserved_values_total", "Values reserved in Redis.")                         \
    X(waits, "seqd_waits_total", "Requests for values that had to wait for a reservation.")        \
    X(discarded, "seqd_discarded_values_total",                                                    \
      "Values reserved and then discarded: a change of the sequence, or a contiguous range.")      \
    X(returned, "seqd_returned_values_total", "Values given back to Redis on a clean stop.")       \
    X(limits, "seqd_reservation_limits_total", "Reservations that met the sequence's bound.")      \
    X(changes, "seqd_generation_changes_total", "Times a sequence was found in a new generation.") \
    X(hints, "seqd_hints_total", "Changes heard from other nodes.")                                \
    X(fences, "seqd_fences_total", "Strict changes of this node that waited for the others.")      \
    X(fences_incomplete, "seqd_fences_incomplete_total",                                           \
      "Strict changes that not every node acknowledged in time.")                                  \
    X(fence_acknowledgements, "seqd_fence_acknowledgements_total",                                 \
      "Fences of other nodes that this node acknowledged.")                                        \
    X(lease_expiries, "seqd_lease_expiries_total",                                                 \
      "Times this node's lease had ended before Redis renewed it.")                                \
    X(exhausted, "seqd_exhausted_total", "Requests refused because a sequence is exhausted.")      \
    X(raises, "seqd_ceiling_raises_total", "Ceilings that were extended, proved and confirmed.")   \
    X(raise_failures, "seqd_ceiling_raise_failures_total",                                         \
      "Ceilings that could not be raised in time.")                                                \
    X(ceiling_waits, "seqd_ceiling_waits_total",                                                   \
      "Reservations that had to wait for a ceiling to be proved.")                                 \
    X(adoptions, "seqd_adoptions_total",                                                           \
      "Counters taken over from another server: a restart, a failover.")                           \
    X(burnt, "seqd_burnt_values_total",                                                            \
      "Values passed over then, as that server may have forgotten that they were handed out.")     \
    X(lost, "seqd_sequence_lost_total", "Replies that show a counter or a definition lost.")       \
    X(nonce_mismatches, "seqd_nonce_mismatches_total",                                             \
      "Replies that belong to another request; their connection was dropped.")                     \
    X(redis_errors, "seqd_redis_errors_total", "Commands that Redis refused or did not answer.")   \
    X(connects, "seqd_redis_connects_total", "Connections made to Redis.")

/* Reservation latency, asked to answered: upper bounds in microseconds; +Inf follows. */
#define LATENCY_BOUNDS_US                                                                          \
    {                                                                                              \
        50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, \
            2500000                                                                                \
    }
#define LATENCY_BUCKETS 16

struct histogram {
    _Atomic uint64_t buckets[LATENCY_BUCKETS]; /* not cumulative */
    _Atomic uint64_t sum_ns;
};

struct store_counters {
#define X(member, metric, help) _Atomic uint64_t member;
    STORE_COUNTERS(X)
#undef X
    struct histogram reservation_latency;
};

static inline void count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void histogram_observe(struct histogram *histogram, int64_t duration_ns);

#endif
