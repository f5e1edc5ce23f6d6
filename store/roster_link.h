/* What the roster's files share. Private to roster.c and fence.c. */
#ifndef STORE_ROSTER_LINK_H
#define STORE_ROSTER_LINK_H

#include "store/bell.h"
#include "store/keys.h"
#include "store/roster.h"

#include <pthread.h>

struct script;

struct acknowledgement {
    struct acknowledgement *next;
    char fence_id[ID_SIZE];
};

struct roster {
    struct roster_options options;
    struct catalog *catalog;
    pthread_t thread;
    struct bell bell; /* something is queued, or stop */
    char id[ID_SIZE];
    char nodes_key[KEY_SIZE], channel[KEY_SIZE];
    char *about;                  /* this node, in JSON */
    _Atomic int64_t beaten_at_ns; /* when Redis last heard of it by this thread; 0: never */
    struct lease lease;
    pthread_mutex_t renewal; /* of the lease: the lane's thread and the roster's */

    pthread_mutex_t lock; /* of what follows; held for a few instructions */
    struct fence *new_fences;
    struct acknowledgement *acknowledgements;
    bool stopping;

    /* The thread's own. */
    redisContext *context; /* NULL: not connected */
    uint64_t epoch;        /* of `context` */
    struct fence *fences;
    bool silent; /* the last heartbeat failed, and that was said */
    int64_t beat_at_ns, retry_at_ns, prune_at_ns;
};

/* A script's reply, or NULL: the reason is in context->errstr or, for an error reply, in
 * `why`. The first `key_count` values are keys. */
redisReply *roster_call(const struct roster *roster, redisContext *context,
                        const struct script *script, size_t key_count, const char *const *values,
                        size_t count, char *why, size_t why_size);

/* Takes over what is queued. */
void fences_collect(struct roster *roster);

/* Asks for those whose time has come, and answers those that are complete or late. False:
 * the connection is of no use any more. */
bool fences_work(struct roster *roster, int64_t now_ns);

/* Answers the late ones, with Redis away. */
void fences_expire(struct roster *roster, int64_t now_ns);

/* When the next one wants something; INT64_MAX: there is none. */
int64_t fences_due_ns(const struct roster *roster);

#endif
