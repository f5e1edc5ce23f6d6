/* What lanes.c and lanes_cluster.c share. Private to them. */
#ifndef STORE_LANES_STATE_H
#define STORE_LANES_STATE_H

#include "store/cluster.h"
#include "store/lanes.h"

#define LANES_WHY_SIZE 200

struct lanes {
    struct lanes_options options;
    struct cluster *cluster; /* NULL: one server, and only the first lane */
    struct catalog *catalog;
    struct roster *roster;
    pthread_mutex_t raises; /* the ceilings': a sequence may go from one to another */

    /* By the cluster's indexes; started by the thread, and there until the end. */
    _Atomic(struct lane *) at[CLUSTER_PRIMARIES_MAX];
    struct ceiling *ceilings[CLUSTER_PRIMARIES_MAX]; /* written before `at` */
    pthread_t thread;
    _Atomic bool stopping;

    pthread_mutex_t lock; /* of what follows; held for a few instructions */
    struct reservations parked;
    char why[LANES_WHY_SIZE];      /* the newest reason to park */
    char lost_why[LANES_WHY_SIZE]; /* the map cannot be read; or "" */

    /* The thread's own. */
    int64_t ask_at_ns; /* parked reservations, again */
    int64_t refreshed_at_ns;
    int refresh_failures; /* in a row, up to 3; without a map, or with slots that nobody has */
    int64_t out_since_ns; /* slots have no primary, as far as is known; 0: all have one */
};

/* Makes the lane and ceiling of an index. */
struct lane *lanes_make(struct lanes *lanes, int primary);
void lanes_start_one(struct lanes *lanes, int primary);

/* The thread: see lanes.h. */
void *lanes_run(void *argument);

/* A reserve_function. */
void lanes_reserve(void *lanes, struct reservation *reservation);

/* Fails all that is parked. */
void lanes_fail_parked(struct lanes *lanes, const char *why);

#endif
