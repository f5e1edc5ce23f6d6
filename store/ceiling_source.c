#include "store/ceiling_state.h"

#include "store/clock.h"
#include "store/cluster.h"
#include "store/keys.h"

#include <stdio.h>

#define SOURCE_AGAIN_NS (200 * MS_NS)

/* It says so itself; what it proves from now on includes that. */
static bool sends_away(redisContext *context, const char *prefix, const char *name)
{
    struct keys keys;
    keys_print(&keys, prefix, name);
    redisReply *reply = redisCommand(context, "EXISTS %s %s", keys.definition, keys.next);
    bool away =
        reply && reply->type == REDIS_REPLY_ERROR && redirection_of(reply) == REDIRECTION_ASK;
    freeReplyObject(reply);
    if (!away)
        return false;
    /* An error is nothing that WAIT waits for; after this it waits for all there is. */
    reply = redisCommand(context, "PING");
    bool answered = reply && reply->type != REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    return answered;
}

static bool proves(const struct ceiling_options *options, redisContext *context, const char *name,
                   char *why, size_t why_size)
{
    struct surety surety;
    if (!surety_examine(context, &options->durability, &surety, why, why_size))
        return false;
    snprintf(why, why_size, "its keys are on their way to another server");
    if (!surety.guarded || surety.looks || !sends_away(context, options->key_prefix, name))
        return false; /* looks take seconds: the move will have ended before */
    return surety_wait(context, &surety, options->timeouts.command_ms / 2, why, why_size);
}

bool ceiling_source_forgets(struct ceiling *ceiling, const char *name, char *why, size_t why_size)
{
    const struct ceiling_options *options = &ceiling->options;
    snprintf(why, why_size, "its keys are on their way to another server");
    if (clock_ns() < ceiling->source_again_at_ns)
        return false;
    struct redis_address source = options->address;
    source.primary = -1;
    source.slot = cluster_slot(name);
    redisContext *context = redis_open(&source, &options->timeouts, why, why_size);
    bool forgets = context && proves(options, context, name, why, why_size);
    if (context)
        redisFree(context);
    if (!forgets)
        ceiling->source_again_at_ns = clock_ns() + SOURCE_AGAIN_NS;
    return forgets;
}
