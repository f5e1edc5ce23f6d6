#include "store/admin_link.h"

#include "store/log.h"

#include <stdio.h>
#include <string.h>

static void disconnect(struct administration *administration)
{
    redisFree(administration->context);
    administration->context = NULL;
}

static bool connect_if_needed(struct administration *administration, struct failure *failure)
{
    char why[160] = "";
    const struct administration_options *options = &administration->options;
    uint64_t epoch = redis_epoch(&options->address);
    if (administration->context && administration->epoch == epoch)
        return true;
    if (administration->context)
        disconnect(administration);
    administration->epoch = epoch;
    administration->context = redis_open(&options->address, &options->timeouts, why, sizeof why);
    if (administration->context) {
        count(&options->counters->connects, 1);
        return true;
    }
    count(&options->counters->redis_errors, 1);
    failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis cannot be reached: %s", why);
    return false;
}

/* To the output, as EVALSHA or, with the `whole` script, as EVAL. */
static void append(struct administration *administration, const struct call *call, bool whole)
{
    const char *argv[CALL_ARGUMENTS_MAX + 3];
    char key_count[24];
    size_t argc = 0;
    if (call->script) {
        snprintf(key_count, sizeof key_count, "%zu", call->key_count);
        argv[argc++] = whole ? "EVAL" : "EVALSHA";
        argv[argc++] = whole ? call->script->source : call->script->sha1;
        argv[argc++] = key_count;
    }
    memcpy(argv + argc, call->values, call->count * sizeof *argv);
    argc += call->count;
    redisAppendCommandArgv(administration->context, (int)argc, argv, NULL);
}

/* Writes what was appended; NULL when the connection is gone, and dropped. */
static redisReply *receive(struct administration *administration)
{
    void *reply = NULL;
    if (redisGetReply(administration->context, &reply) != REDIS_OK) {
        LOG(WARN, "redis_command_failed", LOG_TEXT("why", administration->context->errstr));
        count(&administration->options.counters->redis_errors, 1);
        disconnect(administration);
    }
    return reply;
}

static redisReply *exchange(struct administration *administration, const struct call *call,
                            bool whole)
{
    append(administration, call, whole);
    return receive(administration);
}

static redisReply *attempt(struct administration *administration, const struct call *call,
                           struct failure *failure)
{
    if (!connect_if_needed(administration, failure))
        return NULL;
    redisReply *reply = exchange(administration, call, false);
    if (redis_error_is_noscript(reply)) {
        freeReplyObject(reply);
        reply = exchange(administration, call, true);
    }
    if (!reply)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis did not answer");
    return reply;
}

static bool is_fatal(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && redis_error_is_fatal(reply->str);
}

redisReply *admin_call(struct administration *administration, struct call *call,
                       struct failure *failure)
{
    bool had_connection = administration->context != NULL;
    redisReply *reply = attempt(administration, call, failure);
    if (!reply && had_connection && !administration->context && !call->once) {
        call->sent_again = true; /* an idle connection that died tells it only now */
        reply = attempt(administration, call, failure);
    } else if (had_connection && is_fatal(reply)) {
        freeReplyObject(reply); /* it did not run: the server is no longer the right one */
        disconnect(administration);
        reply = attempt(administration, call, failure);
    }
    if (!reply || reply->type != REDIS_REPLY_ERROR)
        return reply;
    bool lost = redis_error_code(reply->str) == ERROR_SEQUENCE_LOST;
    failure_set(failure, lost ? ERROR_SEQUENCE_LOST : ERROR_STORE_UNAVAILABLE,
                lost ? "the sequence's keys hold something else: %s" : "Redis refused: %s",
                reply->str);
    if (is_fatal(reply))
        disconnect(administration);
    freeReplyObject(reply);
    return NULL;
}

size_t admin_pipeline(struct administration *administration, const struct call *calls, size_t count,
                      redisReply *replies[], struct failure *failure)
{
    size_t received = 0;
    if (!connect_if_needed(administration, failure))
        return 0;
    for (size_t i = 0; i < count; i++)
        append(administration, &calls[i], false);
    while (received < count && (replies[received] = receive(administration))) {
        if (is_fatal(replies[received]) || redis_error_is_noscript(replies[received])) {
            freeReplyObject(replies[received]); /* another server than the last call's */
            disconnect(administration);
            break;
        }
        received++;
    }
    if (received < count)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis did not answer");
    return received;
}

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
    snprintf(places->index, KEY_SIZE, "%.64sindex", prefix);
    snprintf(places->oids, KEY_SIZE, "%.64soids", prefix);
    snprintf(places->owners, KEY_SIZE, "%.64sowners", prefix);
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
