/* The scripts that raise a ceiling, on the wire: extend.lua and confirm.lua. */
#ifndef STORE_CEILING_COMMAND_H
#define STORE_CEILING_COMMAND_H

#include "store/reservation.h"

/* Makes the server know both scripts. False when it refuses, or does not answer. */
bool ceiling_load_scripts(redisContext *context);

/* To the context's output; behind an ASKING, which has a reply of its own, if it is `asking`. */
void extend_append(redisContext *context, const char *key_prefix, const struct raise *raise);
void confirm_append(redisContext *context, const char *key_prefix, const struct raise *raise);

/* False: the sequence is not what it was. Fills in the raise's server, settled, pending and window.
 */
bool extend_parse(const redisReply *reply, struct raise *raise);
bool confirm_parse(const redisReply *reply);

#endif
