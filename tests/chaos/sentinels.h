/* Sentinels, in the setups that have some. */
#ifndef TESTS_CHAOS_SENTINELS_H
#define TESTS_CHAOS_SENTINELS_H

#include "tests/chaos/faults.h"

enum { FAILOVER_MS = 20000, SETTLED_MS = 40000 };

/* An old master that is back is let be for four of these, and then demoted. */
void sentinels_publish_every(struct arena *arena, int period_ms);
/* Until all sentinels name another master; arena->primary is that one then. False: they don't,
 * and that is among the facts. */
bool sentinels_wait_failover(struct arena *arena);
/* Until that is all they do, and both replicas have what the master has. The same. */
bool sentinels_wait_settled(struct arena *arena);

#endif
