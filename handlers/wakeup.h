/*
 * How other threads tell a loop that a request of its own was answered: a lock-free
 * list, and an eventfd written once for each batch. (MHD_resume_connection from
 * another thread does not wake a loop that is driven from outside.)
 */
#ifndef HANDLERS_WAKEUP_H
#define HANDLERS_WAKEUP_H

#include <stdatomic.h>

struct wakeup_node {
    struct wakeup_node *next;
};

struct wakeup {
    /* Pushed to by any thread (release), taken whole by the loop (acquire). */
    _Atomic(struct wakeup_node *) newest;
    int descriptor; /* eventfd, for the loop's epoll set */
};

void wakeup_init(struct wakeup *wakeup);
void wakeup_deinit(struct wakeup *wakeup);

/* Any thread. The node is the loop's afterwards. */
void wakeup_push(struct wakeup *wakeup, struct wakeup_node *node);
/* Wakes the loop without giving it anything. */
void wakeup_ring(struct wakeup *wakeup);

/* All nodes in the order they were pushed; resets the descriptor. The loop only. */
struct wakeup_node *wakeup_take(struct wakeup *wakeup);

#endif
