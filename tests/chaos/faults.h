/*
 * Faults, by their number in the matrix of the design, and the arena they strike in: a
 * setup of redis-servers, three seqds, clients that ask for values all the time.
 *
 * A fault is a row in one of the tables of faults.c and a function. It takes down in the
 * facts whatever the checker must know: outages, kills, how long a node could not answer.
 */
#ifndef TESTS_CHAOS_FAULTS_H
#define TESTS_CHAOS_FAULTS_H

#include "tests/chaos/checker.h"
#include "tests/chaos/client.h"
#include "tests/chaos/proxy.h"
#include "tests/chaos/setups.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NODES = 3, SERVERS_MAX = 8, SENTINELS = 3 };

struct chaos_options {
    const char *seqd;       /* the binary */
    const char *durability; /* seqd's --durability; NULL: what the setup says */
    const char *keep;       /* where runs that failed are kept; NULL: nowhere */
    const char *shims;      /* shim/, built; NULL: they are not there */
    int64_t window;         /* values of a write-ahead window; 0: by the design */
    int64_t recovery_ms;    /* R8; 0: what the setup says */
    int64_t scale_percent;  /* of the times that faults take */
    uint64_t seed;
    bool rest_of_report; /* print every rule, not only those that failed */
    bool keep_all;       /* also runs that passed */
};

struct arena;

/*
 * Which servers there are, and what seqd is told of them. A new one (a Redis Cluster) is a row with
 * functions of its own, in a file of its own: `start` prepares arena->servers (setup_parts.h),
 * starts them and sets arena->url, and everything is ended by their pids, whatever it was.
 */
struct setup {
    const char *name;
    const char *durability;     /* seqd's --durability */
    int64_t proof_ms;           /* how long the first fresh value after an outage may take */
    const char *appendfsync;    /* NULL: no append-only file */
    int replicas;               /* servers[1] and on, of servers[0] */
    int64_t disk_kib;           /* Redis's files are on a file system so small; 0: they aren't */
    const char *const *options; /* more of redis-server's: name, value, ..., NULL; or NULL */
    /* All replicas have what their primaries have; NULL: they are those of arena->primary. */
    bool (*whole)(struct arena *arena);
    void (*start)(struct arena *arena); /* servers, and arena->url for seqd */
};

extern const struct setup single_everysec, single_always, watched_replicas, watched_both;
extern const struct setup pair_replica, pair_both, small_everysec, small_always, evicting, rdb_only;
extern const struct setup replicas_unwatched;

struct arena {
    const struct chaos_options *options;
    const struct setup *setup;
    char directory[128];
    struct redis servers[SERVERS_MAX];
    size_t server_count;
    size_t primary; /* which of them it is, as far as is known */
    struct redis sentinels[SENTINELS];
    size_t sentinel_count;
    char url[200];                /* for nodes without a proxy */
    struct proxy *proxies[NODES]; /* between a node and Redis; NULL: there is none */
    int proxied;
    struct node nodes[NODES];
    struct load *load;
    struct facts facts;
    const char *why_skipped;
    char mounted[200]; /* a file system of this run's own; or "" */
};

/* What a fault needs for itself: two that share none of these may overlap. */
enum strikes {
    STRIKES_SEQD = 1,
    STRIKES_REDIS = 2,
    STRIKES_NETWORK = 4,
    STRIKES_CLIENTS = 8,
    STRIKES_ALL = 15, /* also: the facts are about nothing else, as when nothing may recover */
};

struct fault {
    int number;
    const char *name;
    const struct setup *setup; /* NULL: any that schedule.c lists for that */
    unsigned strikes;
    int proxied; /* so many of the nodes, from the first on, reach Redis by a proxy */
    void (*run)(struct arena *arena);
    bool brief; /* also in the short form */
};

/* Each file has a table, by what is struck; add a new one in faults.c. */
struct fault_table {
    const struct fault *rows;
    size_t count;
};
extern const struct fault_table faults_seqd, faults_redis, faults_data, faults_disk, faults_network,
    faults_replicas, faults_sentinel, faults_cluster, faults_requests, faults_limits;

/* All rows, in the order of their numbers. */
const struct fault *fault_at(size_t index); /* NULL past the last */

#endif
