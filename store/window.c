#include "store/window.h"

#include "store/demand.h"

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* In milliseconds, so that no product overflows: WINDOW_MAX x 60,000 < 2^63. */
static int64_t a_window_of(int64_t used, int64_t elapsed_ns)
{
    int64_t elapsed_ms = clamp(elapsed_ns, WINDOW_AGE, INT64_MAX) / 1000000;
    return clamp(used, 0, WINDOW_MAX) * (WINDOW_NS / 1000000) / elapsed_ms;
}

int64_t window_most(int64_t left)
{
    return clamp(left / WINDOW_SHARE, 1, WINDOW_MAX);
}

int64_t window_size(int64_t used, int64_t elapsed_ns, int64_t block, int64_t left)
{
    int64_t ten_blocks = 10 * clamp(block, 1, DEMAND_MAX);
    int64_t low = ten_blocks < WINDOW_MIN ? WINDOW_MIN : ten_blocks;
    int64_t window = clamp(a_window_of(used, elapsed_ns), low, WINDOW_MAX);
    return clamp(window, 1, window_most(left));
}
