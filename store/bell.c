#include "store/bell.h"

#include "store/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static _Thread_local bool held;
static _Thread_local struct bell *unrung; /* while held; or NULL */

void bell_init(struct bell *bell)
{
    bell->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell->descriptor < 0)
        abort();
}

void bell_deinit(struct bell *bell)
{
    close(bell->descriptor);
}

static void ring_now(struct bell *bell)
{
    uint64_t one = 1;
    ssize_t written = write(bell->descriptor, &one, sizeof one);
    (void)written; /* EAGAIN: it rings for 2^64 - 1 reasons already */
}

void bell_ring(struct bell *bell)
{
    if (!held) {
        ring_now(bell);
        return;
    }
    if (unrung && unrung != bell)
        ring_now(unrung);
    unrung = bell;
}

void bell_heard(struct bell *bell)
{
    uint64_t rings;
    if (read(bell->descriptor, &rings, sizeof rings) < 0 && errno != EAGAIN)
        abort();
}

void bell_wait(struct bell *bell, int64_t until_ns)
{
    int64_t now_ns = clock_ns(), left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    struct timespec timeout = {.tv_sec = left_ns / (1000 * MS_NS),
                               .tv_nsec = left_ns % (1000 * MS_NS)};
    struct pollfd fd = {.fd = bell->descriptor, .events = POLLIN};
    if (ppoll(&fd, 1, until_ns == INT64_MAX ? NULL : &timeout, NULL) > 0)
        bell_heard(bell);
}

void bell_hold(void)
{
    held = true;
}

void bell_let_go(void)
{
    held = false;
    if (unrung)
        ring_now(unrung);
    unrung = NULL;
}
