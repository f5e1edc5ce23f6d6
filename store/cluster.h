/*
 * A Redis Cluster as one node of ours knows it: which primary has which of the 16384 slots.
 *
 * The primaries are a small table, and whoever keeps a connection to one keeps it by its index
 * there. When a failover gives all slots of one to another server, that server takes over the
 * index: redis_epoch changes, and connections are made anew, with all that waited for them. So
 * the indexes stay few, however often servers are replaced.
 *
 * The map is only a guess at where to ask: each server knows which slots it has, and answers MOVED
 * or ASK for all others. A wrong map costs time.
 *
 * It is read (CLUSTER SLOTS) by one thread (lanes.h), when somebody suspects that it is out of
 * date; a MOVED changes the one slot at once.
 */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include "store/bell.h"
#include "store/redis_link.h"

#include <pthread.h>
#include <stdatomic.h>

#define CLUSTER_SLOTS         16384
#define CLUSTER_SEEDS_MAX     16
#define CLUSTER_PRIMARIES_MAX 256
#define CLUSTER_NOBODY        (-1)

/* CLUSTER SLOTS, as it was answered. */
struct cluster_map {
    struct server_name servers[CLUSTER_PRIMARIES_MAX];
    size_t count;
    int16_t owners[CLUSTER_SLOTS]; /* an index of `servers`, or CLUSTER_NOBODY */
};

struct cluster {
    size_t seed_count; /* at least 1; fixed, with `seeds` */
    struct server_name seeds[CLUSTER_SEEDS_MAX];

    /* Indexes of `primaries`; written under the lock, read without: any value is only a guess. */
    _Atomic int16_t owners[CLUSTER_SLOTS];
    _Atomic size_t count; /* of the primaries; never less */
    _Atomic bool known;   /* a map was read */
    _Atomic bool suspected;
    struct bell bell; /* rung when it becomes suspected */
    size_t turn;      /* which server is asked first; the refreshing thread's */

    pthread_mutex_t lock; /* of what follows; held for a moment */
    struct primary {
        struct server_name server;
        int slots;
        int64_t named_at_ns; /* by a redirection */
        _Atomic uint64_t epoch;
    } primaries[CLUSTER_PRIMARIES_MAX];
};

struct cluster *cluster_create(void);
void cluster_destroy(struct cluster *cluster);

/* By the specification: CRC16 (XMODEM) of the key or, when it has a `{...}` that is not empty, of
 * what is in the first one. */
int cluster_slot(const char *key);

/* All of what follows but cluster_refresh: any thread. */

/* The primary that has the slot, or CLUSTER_NOBODY. */
int cluster_owner(const struct cluster *cluster, int slot);
/* How many slots a primary has, and how many nobody has. */
int cluster_slots_of(struct cluster *cluster, int primary);
int cluster_uncovered(const struct cluster *cluster);
struct server_name cluster_server(struct cluster *cluster, int primary);
uint64_t cluster_epoch(const struct cluster *cluster, int primary, int slot);
void cluster_suspect(struct cluster *cluster);

enum redirection {
    REDIRECTION_NONE, /* not an error of a Cluster */
    REDIRECTION_MOVED,
    REDIRECTION_ASK,
    REDIRECTION_TRY_AGAIN, /* some keys of a slot that is on its way are here, and some there */
    REDIRECTION_DOWN
};
enum redirection redirection_of(const redisReply *reply);

/* "MOVED SLOT HOST:PORT", or ASK. An empty host leaves that of `server` as it is. */
bool redirection_parse(const char *error, struct server_name *server, int *slot);

/* The index of a server that was named for a slot; or CLUSTER_NOBODY, when there are too many. */
int cluster_name_server(struct cluster *cluster, const struct server_name *server, int slot,
                        bool owns);

/* Of MOVED or ASK, which `asked` answered: the index of the server that is named, which for
 * MOVED is from now on the slot's owner. CLUSTER_NOBODY: it makes no sense. */
int cluster_follow(struct cluster *cluster, const char *error, int asked);

/* Reads the reply to CLUSTER SLOTS, trusting nothing in it; a server that does not say where it
 * is, is `asked`. False: it is none. */
bool cluster_map_parse(const redisReply *reply, const struct server_name *asked,
                       struct cluster_map *map);
/* True: something changed. */
bool cluster_adopt(struct cluster *cluster, const struct cluster_map *map);

/* redis_open for an address with a cluster. */
redisContext *cluster_open(const struct redis_address *address,
                           const struct redis_timeouts *timeouts, char *why, size_t why_size);

/* Asks primaries and seeds in turn for the map. False with the reason, if none has one. */
bool cluster_refresh(const struct redis_address *address, const struct redis_timeouts *timeouts,
                     bool *changed, char *why, size_t why_size);

/* One command at the server that an ASK names, on a connection for this alone. NULL with the
 * reason: no reply. */
redisReply *cluster_ask(const struct redis_address *address, const char *error, int asked,
                        const struct redis_timeouts *timeouts, int argc, const char **argv,
                        char *why, size_t why_size);

#endif
