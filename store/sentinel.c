#include "store/sentinel.h"

#include "store/decimal.h"

#include <stdio.h>
#include <string.h>

#define WHY_SIZE 160

/* ["127.0.0.1", "6379"] */
static bool parse_server(const redisReply *reply, struct server_name *server)
{
    int64_t port;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING ||
        reply->element[0]->len >= sizeof server->host ||
        decimal_parse(reply->element[1]->str, reply->element[1]->len, &port) != DECIMAL_OK ||
        port < 1 || port > 65535)
        return false;
    snprintf(server->host, sizeof server->host, "%s", reply->element[0]->str);
    server->port = (int)port;
    return true;
}

static enum sentinel_answer understand(const redisReply *reply, const struct sentinels *sentinels,
                                       const char *address, struct server_name *server, char *why,
                                       size_t why_size)
{
    if (parse_server(reply, server))
        return SENTINEL_NAMED;
    if (reply->type == REDIS_REPLY_NIL)
        snprintf(why, why_size, "no sentinel knows the master \"%.64s\"", sentinels->master);
    else
        snprintf(why, why_size, "%s does not answer as a sentinel: %.40s", address,
                 reply->type == REDIS_REPLY_ERROR ? reply->str : "not an address");
    return SENTINEL_UNAWARE;
}

enum sentinel_answer sentinel_ask(const struct sentinels *sentinels, size_t index,
                                  const struct redis_timeouts *timeouts, struct server_name *server,
                                  char *why, size_t why_size)
{
    char address[80], reason[WHY_SIZE] = "";
    struct redis_timeouts short_ones = redis_timeouts_within(timeouts, SENTINEL_TIMEOUT_MS);
    redis_address_print(&sentinels->at[index], address, sizeof address);
    redisContext *context = redis_open(&sentinels->at[index], &short_ones, reason, sizeof reason);
    if (!context) {
        snprintf(why, why_size, "sentinel %s: %.65s", address, reason);
        return SENTINEL_SILENT;
    }
    enum sentinel_answer answer = SENTINEL_SILENT;
    redisReply *reply =
        redisCommand(context, "SENTINEL get-master-addr-by-name %s", sentinels->master);
    if (reply)
        answer = understand(reply, sentinels, address, server, why, why_size);
    else
        snprintf(why, why_size, "sentinel %s: %.65s", address, context->errstr);
    freeReplyObject(reply);
    redisFree(context);
    return answer;
}

/* False with the reason. */
static bool is_master(redisContext *context, char *why, size_t why_size)
{
    redisReply *reply = redisCommand(context, "ROLE");
    bool master = false;
    if (!reply)
        snprintf(why, why_size, "ROLE: %s", context->errstr);
    else if (reply->type == REDIS_REPLY_ERROR)
        snprintf(why, why_size, "ROLE: %s", reply->str);
    else if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0 ||
             reply->element[0]->type != REDIS_REPLY_STRING)
        snprintf(why, why_size, "it does not say what its role is");
    else if (!(master = strcmp(reply->element[0]->str, "master") == 0))
        snprintf(why, why_size, "it says that it is a replica");
    freeReplyObject(reply);
    return master;
}

/* The server, if it is the master indeed. */
static redisContext *open_master(const struct redis_address *address,
                                 const struct server_name *server,
                                 const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct server_name name = *server;
    char text[80], reason[WHY_SIZE] = "";
    redisContext *context = redis_open_named(address, server, timeouts, why, why_size);
    if (!context || is_master(context, reason, sizeof reason))
        return context;
    redis_address_print(&(struct redis_address){.host = name.host, .port = name.port}, text,
                        sizeof text);
    snprintf(why, why_size, "%s: %.75s", text, reason);
    redisFree(context);
    return NULL;
}

redisContext *sentinels_open(const struct redis_address *address,
                             const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct sentinels *sentinels = address->sentinels;
    size_t front = atomic_load(&sentinels->front);
    struct server_name tried = {0}, named = {0};
    enum sentinel_answer best = SENTINEL_SILENT;
    for (size_t i = 0; i < sentinels->count; i++) {
        char reason[WHY_SIZE] = "";
        size_t index = (front + i) % sentinels->count;
        enum sentinel_answer answer =
            sentinel_ask(sentinels, index, timeouts, &named, reason, sizeof reason);
        if (answer == SENTINEL_NAMED) {
            if (named.port == tried.port && strcmp(named.host, tried.host) == 0)
                continue; /* not again: each attempt may take a time-out */
            redisContext *context = open_master(address, &named, timeouts, reason, sizeof reason);
            if (context) {
                atomic_store(&sentinels->front, index);
                return context;
            }
            tried = named;
        }
        if (answer >= best) { /* what came nearest to a connection says most */
            best = answer;
            snprintf(why, why_size, "%s", reason);
        }
    }
    return NULL;
}
