/*
 * A fence: waiting until no other node can hand out numbers of before a change.
 *
 * The change is made, and its maker asks every live node of the roster: each drops what
 * it holds of another generation (or before an ordinal) and acknowledges. A node that does
 * not answer is waited for until it no longer counts as live: its lease has run out,
 * or, without a lease, it has said nothing for --node-timeout-ms. The question is
 * repeated, as Pub/Sub may lose it. Asking again and answering again do no harm.
 *
 * A node that joins the roster after the change need not answer, but does.
 */
#ifndef STORE_FENCE_H
#define STORE_FENCE_H

#include "store/block.h"
#include "store/error.h"
#include "store/name.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct fence {
    /* Asked. */
    struct seq_name name;
    char generation[ID_SIZE]; /* the only one that may be held; "-": none, it is gone */
    int64_t next;             /* nothing of it before this ordinal; 0: all of it */
    int64_t deadline_ns;      /* clock_ns() */
    /* Called once, on the roster's thread; must not block. */
    void (*passed)(struct fence *fence);

    /* Answered. */
    bool complete;
    struct failure failure; /* unless complete */
    json_t *missing;        /* who did not acknowledge: {id, hostname, address}; or NULL */

    /* The roster's own. */
    struct fence *following;
    char id[ID_SIZE];
    int64_t ask_at_ns, pause_ns, tell_at_ns;
};

#endif
