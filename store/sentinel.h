/*
 * The master that Redis Sentinels know by a name.
 *
 * Every connection asks again: first the sentinel that answered last, then the others in
 * turn. What they name must itself say that it is the master (ROLE): a sentinel that has
 * not heard of a failover yet names the server that was it.
 */
#ifndef STORE_SENTINEL_H
#define STORE_SENTINEL_H

#include "store/redis_link.h"

#include <stdatomic.h>

#define SENTINELS_MAX 16

/* Made by redis_address_parse, shared by all copies of the address. */
struct sentinels {
    char *master;
    size_t count; /* at least 1 */
    struct redis_address at[SENTINELS_MAX];
    atomic_size_t front;        /* whom to ask first; any thread sets it, any value will do */
    atomic_uint_fast64_t epoch; /* see redis_epoch; raised by the watch's thread only */
};

/* redis_open for an address with sentinels. */
redisContext *sentinels_open(const struct redis_address *address,
                             const struct redis_timeouts *timeouts, char *why, size_t why_size);

/* A sentinel says nothing that takes time: one that lets wait is passed over. */
#define SENTINEL_TIMEOUT_MS 500

enum sentinel_answer { SENTINEL_SILENT, SENTINEL_UNAWARE, SENTINEL_NAMED };

/* Asks one of them which server is the master. Otherwise `why` says why not. */
enum sentinel_answer sentinel_ask(const struct sentinels *sentinels, size_t index,
                                  const struct redis_timeouts *timeouts, struct server_name *server,
                                  char *why, size_t why_size);

#endif
