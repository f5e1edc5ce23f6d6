#include "handlers/wakeup.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void wakeup_init(struct wakeup *wakeup)
{
    atomic_init(&wakeup->newest, NULL);
    wakeup->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakeup->descriptor < 0)
        abort();
}

void wakeup_deinit(struct wakeup *wakeup)
{
    close(wakeup->descriptor);
}

void wakeup_ring(struct wakeup *wakeup)
{
    uint64_t one = 1;
    ssize_t written = write(wakeup->descriptor, &one, sizeof one);
    (void)written; /* EAGAIN: it rings already */
}

void wakeup_push(struct wakeup *wakeup, struct wakeup_node *node)
{
    struct wakeup_node *newest = atomic_load_explicit(&wakeup->newest, memory_order_relaxed);
    do
        node->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&wakeup->newest, &newest, node,
                                                  memory_order_release, memory_order_relaxed));
    if (!newest) /* the first of a batch rings for all */
        wakeup_ring(wakeup);
}

struct wakeup_node *wakeup_take(struct wakeup *wakeup)
{
    uint64_t rings;
    ssize_t got = read(wakeup->descriptor, &rings, sizeof rings);
    (void)got; /* EAGAIN: taken with an earlier ring */
    struct wakeup_node *newest =
        atomic_exchange_explicit(&wakeup->newest, NULL, memory_order_acquire);
    struct wakeup_node *oldest = NULL;
    while (newest) {
        struct wakeup_node *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
