/*
 * Hints: a thread that listens for changes made by other nodes (Pub/Sub), so that
 * blocks of an old generation are dropped within a millisecond. Only hints: what gets
 * lost is found out at the next reservation. After a silence (a new connection) every
 * sequence that holds numbers asks Redis whether they are still good.
 */
#ifndef STORE_HINTS_H
#define STORE_HINTS_H

#include "store/catalog.h"
#include "store/counters.h"
#include "store/redis_link.h"
#include "store/roster.h"
#include "store/tables.h"

struct hints;

struct hints_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    struct store_counters *counters;
};

/* `roster` learns which fences are done here. */
struct hints *hints_start(const struct hints_options *options, struct catalog *catalog,
                          struct tables *tables, struct roster *roster);
/* Looks at redis_epoch now, instead of at the next message. Any thread. */
void hints_wake(struct hints *hints);
void hints_stop(struct hints *hints);

#endif
