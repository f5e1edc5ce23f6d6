#include "store/reserve_command.h"

#include "store/decimal.h"
#include "store/keys.h"
#include "store/redis_link.h"
#include "store/scripts.h"

#include <inttypes.h>
#include <string.h>

static void print_nonce(char text[17], uint64_t nonce)
{
    snprintf(text, 17, "%016" PRIx64, nonce);
}

bool reserve_append(redisContext *context, const char *key_prefix, const char *name,
                    const struct reservation *reservation, bool guarded, bool whole)
{
    struct keys keys;
    char nonce[17], want[DECIMAL_SIZE], channel[KEY_SIZE];
    keys_print(&keys, key_prefix, name);
    print_nonce(nonce, reservation->nonce);
    decimal_write(want, reservation->want);
    snprintf(channel, sizeof channel, "%.64schanges", key_prefix);
    const char *argv[] = {whole ? "EVAL" : "EVALSHA",
                          whole ? script_reserve.source : script_reserve.sha1,
                          "2",
                          keys.definition,
                          keys.next,
                          nonce,
                          reservation->generation,
                          want,
                          reservation->condemns ? "condemn"
                          : guarded             ? "guarded"
                                                : "bare",
                          channel,
                          name};
    int argc = (int)(sizeof argv / sizeof *argv) - (reservation->condemns ? 0 : 2);
    return redisAppendCommandArgv(context, argc, argv, NULL) == REDIS_OK;
}

static bool is_text(const redisReply *reply, const char *text)
{
    return reply->type == REDIS_REPLY_STRING && strcmp(reply->str, text) == 0;
}

static void lost(struct reserve_reply *reply, const char *why)
{
    reply->outcome = RESERVE_LOST;
    reply->why = why;
}

/* [word, nonce, counter, pending or "", counter before it was adopted or "", confirmed or ""] */
static void parse_counter(redisReply *const *elements, struct reserve_reply *reply)
{
    int64_t before = 0;
    reply->pending = reply->confirmed = -1;
    reply->adopted = !is_text(elements[4], "");
    if (!reply_integer(elements[2], &reply->counter) || reply->counter < 0)
        lost(reply, "its counter is damaged");
    else if (!is_text(elements[3], "") &&
             (!reply_integer(elements[3], &reply->pending) || reply->pending < reply->counter ||
              !reply_integer(elements[5], &reply->confirmed) || reply->confirmed < 0 ||
              reply->confirmed > reply->pending))
        lost(reply, "its ceiling is damaged");
    else if (reply->adopted && (!reply_integer(elements[4], &before) || before < 0))
        lost(reply, "its counter was damaged");
    if (reply->adopted && reply->pending > before)
        reply->burnt = reply->pending - before;
}

static void parse_changed(const redisReply *redis_reply, struct reserve_reply *reply)
{
    if (record_parse(redis_reply->element[3], redis_reply->element[2], &reply->record) !=
            RECORD_OK ||
        !reply->record.has_next)
        lost(reply, "its definition is damaged");
}

static void parse_error(const char *message, struct reserve_reply *reply)
{
    bool damaged = redis_error_code(message) == ERROR_SEQUENCE_LOST;
    reply->outcome = damaged ? RESERVE_LOST : RESERVE_UNAVAILABLE;
    reply->why = damaged ? "its keys hold something else" : message;
}

static const struct {
    const char *word;
    enum reserve_outcome outcome;
    size_t elements;
} outcomes[] = {
    {"ok", RESERVE_OK, 6},           {"limit", RESERVE_LIMIT, 6},
    {"ceiling", RESERVE_CEILING, 6}, {"changed", RESERVE_CHANGED, 4},
    {"none", RESERVE_NONE, 2},       {"dropped", RESERVE_DROPPED, 2},
    {"lost", RESERVE_LOST, 2},       {"condemned", RESERVE_CONDEMNED, 2},
};

bool reserve_parse(const redisReply *redis_reply, const struct reservation *reservation,
                   struct reserve_reply *reply)
{
    char nonce[17];
    *reply = (struct reserve_reply){.outcome = RESERVE_LOST};
    if (redis_reply->type == REDIS_REPLY_ERROR) {
        parse_error(redis_reply->str, reply);
        return true;
    }
    print_nonce(nonce, reservation->nonce);
    if (redis_reply->type != REDIS_REPLY_ARRAY || redis_reply->elements < 2 ||
        !is_text(redis_reply->element[1], nonce))
        return false;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        if (!is_text(redis_reply->element[0], outcomes[i].word))
            continue;
        if (redis_reply->elements != outcomes[i].elements)
            return false;
        reply->outcome = outcomes[i].outcome;
        bool counted = outcomes[i].elements == 6;
        if (counted && !reservation->generation[0])
            lost(reply, "its definition has no generation");
        else if (counted)
            parse_counter(redis_reply->element, reply);
        else if (reply->outcome == RESERVE_CHANGED)
            parse_changed(redis_reply, reply);
        else
            reply->why = "its counter or definition is gone";
        return true;
    }
    return false;
}
