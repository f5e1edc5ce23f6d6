#include "store/demand.h"

#define SECOND_NS INT64_C(1000000000)

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* What is used up in a second, if the last grant lasted until now. Rounded down, so that
 * a sequence asked once a second or less reserves nothing ahead. */
static int64_t a_second_of(int64_t granted, int64_t elapsed_ns)
{
    if (elapsed_ns <= 0)
        return DEMAND_MAX;
    if (granted > DEMAND_MAX)
        granted = DEMAND_MAX;
    return (granted * SECOND_NS) / elapsed_ns;
}

int64_t demand_size(struct demand *demand, int64_t now_ns, int64_t left)
{
    if (demand->size == 0)
        demand->size = 1;
    else if (demand->granted > 0)
        demand->size = clamp(a_second_of(demand->granted, now_ns - demand->at_ns), 1,
                             clamp(demand->size * 2, 1, DEMAND_MAX));
    return clamp(demand->size, 1, clamp(left / DEMAND_SHARE, 1, DEMAND_MAX));
}

void demand_granted(struct demand *demand, int64_t now_ns, int64_t count)
{
    demand->granted = count;
    demand->at_ns = now_ns;
}
