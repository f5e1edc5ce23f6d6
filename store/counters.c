#include "store/counters.h"

#include <stddef.h>

void histogram_observe(struct histogram *histogram, int64_t duration_ns)
{
    static const int64_t bounds_us[] = LATENCY_BOUNDS_US;
    _Static_assert(sizeof bounds_us / sizeof *bounds_us == LATENCY_BUCKETS - 1, "one is +Inf");
    size_t bucket = 0;
    while (bucket < LATENCY_BUCKETS - 1 && duration_ns > bounds_us[bucket] * 1000)
        bucket++;
    count(&histogram->buckets[bucket], 1);
    count(&histogram->sum_ns, (uint64_t)(duration_ns < 0 ? 0 : duration_ns));
}
