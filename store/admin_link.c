#include "store/admin_link.h"

#include <stdio.h>
#include <string.h>

const char *reply_word(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
        reply->element[0]->type == REDIS_REPLY_STRING)
        return reply->element[0]->str;
    return "";
}

static enum error_code fail_for(struct failure *failure, const struct seq_name *name)
{
    memcpy(failure->sequence, name->text, name->length + 1u);
    return failure->code;
}

enum error_code fail_missing(struct failure *failure, const struct seq_name *name)
{
    failure_set(failure, ERROR_SEQUENCE_NOT_FOUND, "relation \"%s\" does not exist", name->text);
    return fail_for(failure, name);
}

enum error_code fail_lost(struct failure *failure, const struct seq_name *name)
{
    failure_set(failure, ERROR_SEQUENCE_LOST,
                "the store lost the state of sequence \"%s\": its counter or definition is "
                "gone or damaged",
                name_bare(name));
    failure_hint(failure, "Nothing is handed out until setval says where to go on.");
    return fail_for(failure, name);
}

void places_print(struct places *places, const struct administration *administration,
                  const struct seq_name *name)
{
    const char *prefix = administration->options.key_prefix;
    keys_print(&places->keys, prefix, name ? name->text : "");
    snprintf(places->index, KEY_SIZE, "%.64s" LIST_TAG "index", prefix);
    snprintf(places->oids, KEY_SIZE, "%.64s" LIST_TAG "oids", prefix);
    snprintf(places->owners, KEY_SIZE, "%.64s" LIST_TAG "owners", prefix);
    snprintf(places->channel, KEY_SIZE, "%.64schanges", prefix);
}

struct call script_call(const struct script *script, const struct keys *keys)
{
    return (struct call){
        .script = script,
        .values = {keys->definition, keys->next},
        .count = 2,
        .key_count = 2,
    };
}

void call_add_key(struct call *call, const char *key)
{
    call_add(call, key);
    call->key_count++;
}

void call_add_shared(struct call *call, const struct administration *administration,
                     const char *key)
{
    if (!admin_is_clustered(administration))
        call_add_key(call, key);
}
