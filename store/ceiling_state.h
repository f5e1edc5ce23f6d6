/* What ceiling.c and its thread (ceiling_thread.c) share. Private to them. */
#ifndef STORE_CEILING_STATE_H
#define STORE_CEILING_STATE_H

#include "store/bell.h"
#include "store/ceiling.h"

#include <pthread.h>

/* Raises that are proved together. */
struct batch {
    struct batch *next;
    struct raise *first;
    int64_t look_at_ns; /* when to look next */
    bool looked;        /* once, and it was clean */
};

struct ceiling {
    struct ceiling_options options;
    struct lane *lane;
    pthread_t thread;
    struct bell bell; /* something is queued, stop, or the master moved */
    _Atomic bool guards, looks;

    pthread_mutex_t *lock; /* of what follows, and every `struct raise`: options.raises */
    struct raise *queue;
    bool stopping;
    struct surety surety; /* of the newest connection */

    /* The thread's own. */
    redisContext *context; /* NULL: not connected */
    uint64_t epoch;        /* of `context` */
    struct batch *looking; /* extended, and being proved by looks; the oldest first */
    int64_t retry_at_ns, examined_at_ns;
};

/* The thread: extends what is queued, has it proved, confirms it. */
void *ceiling_run(void *argument);

#endif
