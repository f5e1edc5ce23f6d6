/*
 * A master with two replicas, and three sentinels that watch them: real processes, with
 * time-outs that make a failover a matter of a second or two.
 */
#ifndef TESTS_INTEGRATION_SENTINELS_H
#define TESTS_INTEGRATION_SENTINELS_H

#include "tests/integration/harness.h"

enum { WATCHED_SERVERS = 3, SENTINELS = 3 };

struct sentinels {
    struct redis *servers[WATCHED_SERVERS]; /* the first was started as the master */
    struct {
        pid_t pid;
        int port;
    } sentinels[SENTINELS];
    const char *password; /* of the servers; or NULL */
    char url[192];        /* redis+sentinel://.../orders/0 */
};

/* Returns when each sentinel knows both replicas and the other sentinels. `password` (or
 * NULL) is borrowed. One of them in a test; lives as long as that. */
struct sentinels *sentinels_start(const char *password);

/* Which server a sentinel says is the master: an index of `servers`. */
int sentinels_master(const struct sentinels *sentinels);
/* Waits until the sentinels name another master than that. */
void sentinels_wait_master_other_than(const struct sentinels *sentinels, int server);
/* All that is written so far is on both replicas. */
void sentinels_wait_replicated(const struct sentinels *sentinels);
/* Whether the server itself says that it is the master: the old one does for 8 s or more. */
bool sentinels_says_master(const struct sentinels *sentinels, int server);
/* How many connections the server has that are neither sentinels' nor other servers'. */
int sentinels_clients(const struct sentinels *sentinels, int server);
/* SENTINEL FAILOVER: the master is well, and gives way. */
void sentinels_fail_over(const struct sentinels *sentinels);
void sentinels_kill_one(struct sentinels *sentinels, int sentinel);

#endif
