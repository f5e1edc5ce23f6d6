/*
 * A bell wakes the one thread that waits for its descriptor. A thread that may ring
 * several times in a moment holds its ringing back, and rings once when it lets go:
 * so whoever is woken finds all of it.
 */
#ifndef STORE_BELL_H
#define STORE_BELL_H

#include <stdint.h>

struct bell {
    int descriptor; /* eventfd, to be polled for reading */
};

void bell_init(struct bell *bell);
void bell_deinit(struct bell *bell);

/* Any thread; never blocks. */
void bell_ring(struct bell *bell);

/* The thread that was woken: the descriptor is not readable until the next ring. */
void bell_heard(struct bell *bell);

/* Waits until it is rung, which is then heard, or until clock_ns() says `until_ns`; INT64_MAX: for
 * as long as it takes. The one thread that waits for it. */
void bell_wait(struct bell *bell, int64_t until_ns);

/* The calling thread rings no bell between the two, and the second rings for it. */
void bell_hold(void);
void bell_let_go(void);

#endif
