/*
 * The lease: until when this node may hand out numbers from memory (--lease-ms).
 *
 * It begins anew with every heartbeat that Redis answered, and is counted from before
 * that heartbeat was sent, so it ends here before it does for whoever waits for its end
 * by Redis' clock. A process that was stopped, or a machine that slept, must find it
 * ended when it goes on: so the clock is read for each number, and is CLOCK_BOOTTIME,
 * which counts sleep. (The coarse clocks are cheaper, but stop with the machine; and
 * whoever has no lease reads none.)
 */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct lease {
    /* Written by who heard from Redis (release), after all that may be stale was dropped;
     * read by takers (acquire): who sees the new end sees nothing stale. 0: none yet. */
    _Atomic int64_t end_ns;
};

static inline int64_t lease_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* `lease` NULL: none is needed. */
static inline bool lease_holds(struct lease *lease)
{
    return !lease || lease_clock_ns() < atomic_load_explicit(&lease->end_ns, memory_order_acquire);
}

#endif
