/* For LD_PRELOAD: the time of day is so many seconds ahead as the file says that CLOCK_AHEAD
 * names. (libfaketime and redis-server's allocator call each other until the stack ends.) */
#include "tests/chaos/shim/control.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static const volatile char *ahead;

__attribute__((constructor)) static void begin(void)
{
    ahead = control_map("CLOCK_AHEAD");
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += control_number(ahead);
    return (int)result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    const long result = syscall(SYS_gettimeofday, now, zone);
    if (result == 0)
        now->tv_sec += control_number(ahead);
    return (int)result;
}

time_t time(time_t *now)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now != NULL)
        *now = exact.tv_sec;
    return exact.tv_sec;
}
