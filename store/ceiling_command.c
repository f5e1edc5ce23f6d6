#include "store/ceiling_command.h"

#include "store/decimal.h"
#include "store/keys.h"
#include "store/scripts.h"
#include "store/sequence.h"
#include "store/window.h"

#include <string.h>

static bool load(redisContext *context, const struct script *script)
{
    redisReply *reply = redisCommand(context, "SCRIPT LOAD %s", script->source);
    bool fine = reply && reply->type != REDIS_REPLY_ERROR;
    if (reply)
        freeReplyObject(reply);
    return fine;
}

bool ceiling_load_scripts(redisContext *context)
{
    return load(context, &script_extend) && load(context, &script_confirm);
}

void extend_append(redisContext *context, const char *key_prefix, const struct raise *raise)
{
    struct keys keys;
    char want[DECIMAL_SIZE], window[DECIMAL_SIZE], most[DECIMAL_SIZE];
    keys_print(&keys, key_prefix, raise->sequence->name.text);
    decimal_write(want, raise->want);
    decimal_write(window, raise->window);
    decimal_write(most, raise->window_most);
    if (raise->asking)
        redisAppendCommand(context, "ASKING");
    const char *argv[] = {"EVALSHA", script_extend.sha1, "2",  keys.definition,
                          keys.next, raise->generation,  want, window,
                          most};
    redisAppendCommandArgv(context, sizeof argv / sizeof *argv, argv, NULL);
}

void confirm_append(redisContext *context, const char *key_prefix, const struct raise *raise)
{
    struct keys keys;
    char pending[DECIMAL_SIZE];
    keys_print(&keys, key_prefix, raise->sequence->name.text);
    decimal_write(pending, raise->pending);
    if (raise->asking)
        redisAppendCommand(context, "ASKING");
    const char *argv[] = {
        "EVALSHA",     script_confirm.sha1, "1",    keys.definition, raise->generation,
        raise->server, raise->settled,      pending};
    redisAppendCommandArgv(context, sizeof argv / sizeof *argv, argv, NULL);
}

static bool text_at(const redisReply *reply, size_t index, char *text, size_t size)
{
    if (reply->type != REDIS_REPLY_ARRAY || index >= reply->elements ||
        reply->element[index]->type != REDIS_REPLY_STRING ||
        (size_t)reply->element[index]->len >= size)
        return false;
    memcpy(text, reply->element[index]->str, (size_t)reply->element[index]->len + 1);
    return true;
}

bool confirm_parse(const redisReply *reply)
{
    char word[8];
    return text_at(reply, 0, word, sizeof word) && strcmp(word, "ok") == 0;
}

/* ["ok", server, settled, pending, window] */
bool extend_parse(const redisReply *reply, struct raise *raise)
{
    return confirm_parse(reply) && reply->elements == 5 &&
           text_at(reply, 1, raise->server, SERVER_SIZE) &&
           text_at(reply, 2, raise->settled, ID_SIZE) &&
           reply_integer(reply->element[3], &raise->pending) && raise->pending > 0 &&
           reply_integer(reply->element[4], &raise->window) && raise->window > 0 &&
           raise->window <= WINDOW_MAX;
}
