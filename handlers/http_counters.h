/*
 * What one loop counts. Only the loop writes; /metrics reads from any thread. So a
 * relaxed load and store are enough, and no addition locks a cache line.
 */
#ifndef HANDLERS_HTTP_COUNTERS_H
#define HANDLERS_HTTP_COUNTERS_H

#include "store/counters.h"

#include <stddef.h>

#define ROUTE_SLOTS  32 /* rows of the route table, and one for no route */
#define STATUS_SLOTS 17

struct http_counters {
    _Atomic uint64_t requests[ROUTE_SLOTS][STATUS_SLOTS];
    struct histogram latency[ROUTE_SLOTS];
    _Atomic uint64_t values;     /* handed out */
    _Atomic uint64_t cache_hits; /* requests for values answered from memory */
    _Atomic uint64_t connections, connections_total, connections_refused, timeouts;
};

/* The HTTP statuses that seqd answers with; slot 0 is for any other. */
extern const int http_statuses[STATUS_SLOTS];
size_t status_slot(int status);

static inline void own_count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

#endif
