/*
 * Connections to Redis: address, opening, and what its errors mean. Whether an address is
 * a server's, a name that sentinels know (sentinel.h), or a primary of a Cluster (cluster.h),
 * is redis_open's affair alone.
 *
 * hiredis' contexts belong to one thread, and are freed on any error: a context that
 * timed out would pair later replies with the wrong commands.
 */
#ifndef STORE_REDIS_LINK_H
#define STORE_REDIS_LINK_H

#include "store/error.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster;
struct sentinels;

struct server_name {
    char host[256];
    int port;
};

struct redis_address {
    char *host; /* NULL: `path`, `sentinels` or `cluster` */
    int port;
    char *path;                  /* of a unix socket, or NULL */
    struct sentinels *sentinels; /* that know which server it is, or NULL */
    struct cluster *cluster;     /* of which it is one, or NULL */
    int primary;                 /* which one of the cluster's table; -1: see slot */
    int slot;                    /* the one that has this slot; -1: any one */
    char *user, *password;       /* or NULL */
    int database;
};

/* redis://[user:password@]host[:port][/database], unix:///path[?db=n],
 * redis+sentinel://[user:password@]host[:port][,...]/master[/database], where
 * ?sentinel-user=...&sentinel-password=... is for the sentinels themselves, or
 * redis+cluster://[user:password@]host[:port][,...] with some nodes of it. Users, passwords
 * and names percent-encoded. False with the reason, which never holds a password. */
bool redis_address_parse(const char *url, struct redis_address *address, char *why,
                         size_t why_size);
void redis_address_deinit(struct redis_address *address);

/* "127.0.0.1:6379", "unix:/path", "master of 127.0.0.1:26379,..." or "cluster of
 * 127.0.0.1:6379,...", for logs. */
void redis_address_print(const struct redis_address *address, char *text, size_t size);

struct redis_timeouts {
    int64_t connect_ms, command_ms;
};

/* The same, but neither longer than that. */
struct redis_timeouts redis_timeouts_within(const struct redis_timeouts *timeouts, int64_t most_ms);

/* Connects, authenticates, selects, and pings: a server that is loading or refuses
 * the password is no connection, nor is a replica that sentinels took for the master.
 * Blocks at most the two time-outs together, for each step. NULL with the reason. */
redisContext *redis_open(const struct redis_address *address, const struct redis_timeouts *timeouts,
                         char *why, size_t why_size);

/* The same for a server that sentinels or a cluster named: with the address's credentials and
 * database; the reason says which one. */
redisContext *redis_open_named(const struct redis_address *address,
                               const struct server_name *server,
                               const struct redis_timeouts *timeouts, char *why, size_t why_size);

/* Changes when the master is heard to have moved: a connection is to be dropped once this is
 * no longer what it was before redis_open. The same for ever for a server's own address. Any
 * thread. */
uint64_t redis_epoch(const struct redis_address *address);

/* A server could not be reached, or said that it is not the right one: in a Cluster, the map is
 * looked at again. Any thread. */
void redis_suspect(const struct redis_address *address);

#define REDIS_MOVED "the master has moved"

/* What an error reply means for a request: ERROR_SEQUENCE_LOST for a damaged key,
 * ERROR_STORE_UNAVAILABLE for everything else. */
enum error_code redis_error_code(const char *message);

/* The server says that it is the wrong one, or that it has no time: drop the
 * connection and look again. */
bool redis_error_is_fatal(const char *message);

bool redis_error_is_noscript(const redisReply *reply);

#endif
