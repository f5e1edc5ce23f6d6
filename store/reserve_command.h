/* The reserve script on the wire: its command, and its reply. */
#ifndef STORE_RESERVE_COMMAND_H
#define STORE_RESERVE_COMMAND_H

#include "store/reservation.h"

/* Appends EVALSHA, or EVAL with the whole script, to the context's output. `guarded`: only up to
 * the confirmed ceiling. False when out of memory. Nodes hear of what it condemns. */
bool reserve_append(redisContext *context, const char *key_prefix, const char *name,
                    const struct reservation *reservation, bool guarded, bool whole);

/* Reads a reply, trusting nothing in it. False: it is not the answer to this
 * reservation (another nonce, another shape), and the connection is of no use. `why`
 * may point into `redis_reply`. */
bool reserve_parse(const redisReply *redis_reply, const struct reservation *reservation,
                   struct reserve_reply *reply);

#endif
