/* What lane.c and lane_replies.c share. Private to them. */
#ifndef STORE_LANE_STATE_H
#define STORE_LANE_STATE_H

#include "store/bell.h"
#include "store/health.h"
#include "store/lane.h"

#include <pthread.h>

#define LANE_WHY_SIZE HEALTH_WHY_SIZE

struct lane {
    struct lane_options options;
    struct catalog *catalog;
    struct roster *roster;
    pthread_t thread;
    struct bell bell; /* something is queued, or stop */

    pthread_mutex_t lock; /* of what follows; held for a few instructions */
    struct reservations queue;
    bool stopping;

    struct health health;

    /* The thread's own. */
    redisContext *context;    /* NULL: not connected */
    uint64_t epoch;           /* of the latest attempt to connect */
    struct reservations sent; /* in the order of the replies */
    struct reservations held; /* waiting for a connection */
    struct reservation probe;
    unsigned probe_tag; /* in a Cluster: see lanes_find_tag */
    bool probing;
    uint64_t nonce;
    int64_t down_since_ns; /* 0: not down */
    int64_t retry_at_ns, backoff_ns, written_at_ns;
};

void lane_set_state(struct lane *lane, bool up, const char *why);

/* To the connection's output; `whole`: with the script's text. False: out of memory. */
bool lane_append(struct lane *lane, struct reservation *reservation, bool whole);

/* Takes what has come. False: the connection is to be dropped, with `why`. */
bool lane_read_replies(struct lane *lane, char *why);

#endif
