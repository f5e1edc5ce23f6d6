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
    _Atomic bool testifies; /* the witness heard of ceilings that others raised */

    pthread_mutex_t *lock; /* of what follows, and every `struct raise`: options.raises */
    struct raise *queue;
    bool stopping;
    struct surety surety; /* what the server was found to give */
    struct {
        char run_id[48];
        int64_t since_ns;
    } shrunk; /* a server with fewer replicas than `surety` has; since_ns 0: none */

    /* The thread's own. */
    redisContext *context; /* NULL: not connected */
    uint64_t epoch;        /* of `context` */
    struct batch *looking; /* extended, and being proved by looks; the oldest first */
    int64_t retry_at_ns, examined_at_ns, ask_again_at_ns, source_again_at_ns;
};

/* What does this server give? False with the reason: not (yet) what is to be had. */
bool ceiling_examine(struct ceiling *ceiling, redisContext *context, char *why, size_t why_size);

/* A Cluster's slot that is only on its way here (ASK) is still its old server's, which may come
 * back from a file, or be replaced by a replica, that has the keys as they were. True: it proved,
 * as it proves ceilings, that they are gone there. False with the reason. The thread's. */
bool ceiling_source_forgets(struct ceiling *ceiling, const char *name, char *why, size_t why_size);

/* The thread: extends what is queued, has it proved, confirms it. */
void *ceiling_run(void *argument);

#endif
