/* The administration's connections, and calls on them. */
#include "store/admin_link.h"

#include "store/log.h"
#include "store/memory.h"

#include <stdio.h>
#include <string.h>

static void disconnect(struct administration *administration, int index)
{
    redisFree(administration->connections[index].context);
    administration->connections[index].context = NULL;
}

void admin_disconnect(struct administration *administration)
{
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (administration->connections[i].context)
            disconnect(administration, i);
}

static bool connect_if_needed(struct administration *administration, int index,
                              struct failure *failure)
{
    char why[160] = "";
    const struct administration_options *options = &administration->options;
    struct admin_connection *connection = &administration->connections[index];
    struct redis_address address = options->address;
    address.primary = index;
    uint64_t epoch = redis_epoch(&address);
    if (connection->context && connection->epoch == epoch)
        return true;
    if (connection->context)
        disconnect(administration, index);
    connection->epoch = epoch;
    connection->context = redis_open(&address, &options->timeouts, why, sizeof why);
    if (connection->context) {
        count(&options->counters->connects, 1);
        return true;
    }
    count(&options->counters->redis_errors, 1);
    failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis cannot be reached: %s", why);
    return false;
}

size_t call_words(const struct call *call, bool whole, char key_count[24],
                  const char *argv[CALL_WORDS_MAX])
{
    size_t argc = 0;
    if (call->script) {
        snprintf(key_count, 24, "%zu", call->key_count);
        argv[argc++] = whole ? "EVAL" : "EVALSHA";
        argv[argc++] = whole ? call->script->source : call->script->sha1;
        argv[argc++] = key_count;
    }
    memcpy(argv + argc, call->values, call->count * sizeof *argv);
    return argc + call->count;
}

static void append(struct administration *administration, int index, const struct call *call,
                   bool whole)
{
    const char *argv[CALL_WORDS_MAX];
    char key_count[24];
    size_t argc = call_words(call, whole, key_count, argv);
    redisAppendCommandArgv(administration->connections[index].context, (int)argc, argv, NULL);
}

/* Writes what was appended; NULL when the connection is gone, and dropped. */
static redisReply *receive(struct administration *administration, int index)
{
    void *reply = NULL;
    redisContext *context = administration->connections[index].context;
    if (redisGetReply(context, &reply) != REDIS_OK) {
        LOG(WARN, "redis_command_failed", LOG_TEXT("why", context->errstr));
        count(&administration->options.counters->redis_errors, 1);
        redis_suspect(&administration->options.address);
        disconnect(administration, index);
    }
    return reply;
}

static redisReply *exchange(struct administration *administration, int index,
                            const struct call *call, bool whole)
{
    append(administration, index, call, whole);
    return receive(administration, index);
}

static bool is_fatal(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && redis_error_is_fatal(reply->str);
}

bool admin_is_proved(struct administration *administration, int index, int64_t timeout_ms,
                     char *why, size_t why_size)
{
    redisContext *context = administration->connections[index].context;
    struct surety surety;
    return !context || !lanes_surety(administration->options.lanes, index, &surety) ||
           surety_wait(context, &surety, timeout_ms, why, why_size);
}

static bool survives(struct administration *administration, int index, struct failure *failure)
{
    char why[160] = "";
    int64_t half_ms = administration->options.timeouts.command_ms / 2;
    if (admin_is_proved(administration, index, half_ms, why, sizeof why))
        return true;
    if (administration->connections[index].context->err)
        disconnect(administration, index);
    failure_set(failure, ERROR_STORE_UNAVAILABLE,
                "the change was made, but is not known to survive: %s", why);
    return false;
}

redisReply *admin_attempt(struct administration *administration, int index, const struct call *call,
                          bool *sent, struct failure *failure)
{
    *sent = connect_if_needed(administration, index, failure);
    if (!*sent)
        return NULL;
    redisReply *reply = exchange(administration, index, call, false);
    if (redis_error_is_noscript(reply)) {
        freeReplyObject(reply);
        reply = exchange(administration, index, call, true);
    }
    if (!reply)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis did not answer");
    else if (is_fatal(reply))
        disconnect(administration, index); /* it did not run: the server is not the right one */
    if (reply && reply->type != REDIS_REPLY_ERROR && call->survives &&
        !survives(administration, index, failure)) {
        freeReplyObject(reply);
        return NULL;
    }
    return reply;
}

static redisReply *call_server(struct administration *administration, struct call *call,
                               struct failure *failure)
{
    bool had_connection = administration->connections[0].context != NULL, sent;
    redisReply *reply = admin_attempt(administration, 0, call, &sent, failure);
    if (!had_connection)
        return reply;
    if (!reply && sent && !call->once) {
        call->sent_again = true; /* an idle connection that died tells it only now */
        return admin_attempt(administration, 0, call, &sent, failure);
    }
    if (is_fatal(reply)) {
        freeReplyObject(reply);
        return admin_attempt(administration, 0, call, &sent, failure);
    }
    return reply;
}

redisReply *admin_call(struct administration *administration, struct call *call,
                       struct failure *failure)
{
    redisReply *reply = admin_is_clustered(administration)
                            ? admin_cluster_call(administration, call, failure)
                            : call_server(administration, call, failure);
    if (!reply || reply->type != REDIS_REPLY_ERROR)
        return reply;
    bool lost = redis_error_code(reply->str) == ERROR_SEQUENCE_LOST;
    failure_set(failure, lost ? ERROR_SEQUENCE_LOST : ERROR_STORE_UNAVAILABLE,
                lost ? "the sequence's keys hold something else: %s" : "Redis refused: %s",
                reply->str);
    freeReplyObject(reply);
    return NULL;
}

/* Those of the calls that are for this server, in one write, and not again: what is not answered
 * stays NULL. */
static void call_at(struct administration *administration, int index, const struct call *calls,
                    int *servers, size_t count, redisReply *replies[])
{
    struct failure ignored;
    bool lost = !connect_if_needed(administration, index, &ignored);
    for (size_t i = 0; i < count && !lost; i++)
        if (servers[i] == index)
            append(administration, index, &calls[i], false);
    for (size_t i = 0; i < count; i++) {
        if (servers[i] != index)
            continue;
        servers[i] = CLUSTER_NOBODY;
        lost = lost || !(replies[i] = receive(administration, index));
    }
}

/* Whether a reply in a pipeline is none: it is asked for again by itself. */
static bool is_to_repeat(const redisReply *reply)
{
    return !reply || is_fatal(reply) || redis_error_is_noscript(reply) ||
           redirection_of(reply) != REDIRECTION_NONE;
}

/* A write for each server; then one by one what had no answer there. */
static size_t call_each(struct administration *administration, const struct call *calls,
                        size_t count, redisReply *replies[], struct failure *failure)
{
    size_t received = 0;
    int *servers = must_calloc(count + 1, sizeof *servers);
    for (size_t i = 0; i < count; i++)
        servers[i] = admin_server_of(administration, &calls[i]);
    memset(replies, 0, count * sizeof(redisReply *));
    for (size_t i = 0; i < count; i++)
        if (servers[i] >= 0)
            call_at(administration, servers[i], calls, servers, count, replies);
    for (; received < count; received++) {
        struct call call = calls[received];
        if (!is_to_repeat(replies[received]))
            continue;
        freeReplyObject(replies[received]);
        if (!(replies[received] = admin_cluster_call(administration, &call, failure)))
            break;
    }
    for (size_t i = received + 1; i < count; i++) {
        freeReplyObject(replies[i]);
        replies[i] = NULL;
    }
    free(servers);
    return received;
}

size_t admin_pipeline(struct administration *administration, const struct call *calls, size_t count,
                      redisReply *replies[], struct failure *failure)
{
    size_t received = 0;
    if (admin_is_clustered(administration))
        return call_each(administration, calls, count, replies, failure);
    if (!connect_if_needed(administration, 0, failure))
        return 0;
    for (size_t i = 0; i < count; i++)
        append(administration, 0, &calls[i], false);
    while (received < count && (replies[received] = receive(administration, 0))) {
        if (is_fatal(replies[received]) || redis_error_is_noscript(replies[received])) {
            freeReplyObject(replies[received]); /* another server than the last call's */
            disconnect(administration, 0);
            break;
        }
        received++;
    }
    if (received < count)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis did not answer");
    return received;
}
