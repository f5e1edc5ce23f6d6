#include "store/redis_link.h"

#include "store/cluster.h"
#include "store/sentinel.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct timeval timeval_ms(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

/* hiredis allocates what a server announces: arrays are kept as large as any of ours can be. */
#define REPLY_ELEMENTS_MAX 100000

static redisReplyObjectFunctions bounded;
static void *(*create_array)(const redisReadTask *task, int elements);

static void *create_bounded_array(const redisReadTask *task, int elements)
{
    return elements <= REPLY_ELEMENTS_MAX ? create_array(task, elements) : NULL;
}

static void bound_replies(redisContext *context)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!create_array) {
        bounded = *context->reader->fn;
        create_array = bounded.createArray;
        bounded.createArray = create_bounded_array;
    }
    pthread_mutex_unlock(&lock);
    context->reader->fn = &bounded;
}

static redisContext *connect_to(const struct redis_address *address, int64_t timeout_ms)
{
    struct timeval timeout = timeval_ms(timeout_ms);
    return address->path ? redisConnectUnixWithTimeout(address->path, timeout)
                         : redisConnectWithTimeout(address->host, address->port, timeout);
}

/* True for any reply that is not an error. */
static bool handshake(redisContext *context, int argc, const char *argv[], char *why,
                      size_t why_size)
{
    redisReply *reply = redisCommandArgv(context, argc, argv, NULL);
    bool fine = reply && reply->type != REDIS_REPLY_ERROR;
    if (reply && !fine)
        snprintf(why, why_size, "%s", reply->str);
    else if (!fine)
        snprintf(why, why_size, "%s: %s", argv[0], context->errstr);
    if (reply)
        freeReplyObject(reply);
    return fine;
}

static bool authenticate(redisContext *context, const struct redis_address *address, char *why,
                         size_t why_size)
{
    if (!address->password)
        return true;
    if (!address->user)
        return handshake(context, 2, (const char *[]){"AUTH", address->password}, why, why_size);
    return handshake(context, 3, (const char *[]){"AUTH", address->user, address->password}, why,
                     why_size);
}

static bool select_database(redisContext *context, const struct redis_address *address, char *why,
                            size_t why_size)
{
    char database[16];
    if (address->database == 0)
        return true;
    snprintf(database, sizeof database, "%d", address->database);
    return handshake(context, 2, (const char *[]){"SELECT", database}, why, why_size);
}

static redisContext *open_server(const struct redis_address *address,
                                 const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    redisContext *context = connect_to(address, timeouts->connect_ms);
    if (!context) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    bound_replies(context);
    if (context->err) {
        snprintf(why, why_size, "%s", context->errstr);
    } else if (redisSetTimeout(context, timeval_ms(timeouts->command_ms)) != REDIS_OK) {
        snprintf(why, why_size, "cannot set the time-out: %s", context->errstr);
    } else {
        if (!address->path)
            redisEnableKeepAlive(context);
        if (authenticate(context, address, why, why_size) &&
            select_database(context, address, why, why_size) &&
            handshake(context, 1, (const char *[]){"PING"}, why, why_size))
            return context;
    }
    redisFree(context);
    return NULL;
}

struct redis_timeouts redis_timeouts_within(const struct redis_timeouts *timeouts, int64_t most_ms)
{
    return (struct redis_timeouts){
        timeouts->connect_ms < most_ms ? timeouts->connect_ms : most_ms,
        timeouts->command_ms < most_ms ? timeouts->command_ms : most_ms,
    };
}

redisContext *redis_open_named(const struct redis_address *address,
                               const struct server_name *server,
                               const struct redis_timeouts *timeouts, char *why, size_t why_size)
{
    struct server_name named = *server;
    struct redis_address one = *address;
    char text[80], reason[160] = "";
    one.host = named.host;
    one.port = named.port;
    one.sentinels = NULL;
    one.cluster = NULL;
    redisContext *context = open_server(&one, timeouts, reason, sizeof reason);
    if (!context) {
        redis_address_print(&one, text, sizeof text);
        snprintf(why, why_size, "%s: %.75s", text, reason);
    }
    return context;
}

redisContext *redis_open(const struct redis_address *address, const struct redis_timeouts *timeouts,
                         char *why, size_t why_size)
{
    if (address->sentinels)
        return sentinels_open(address, timeouts, why, why_size);
    if (address->cluster)
        return cluster_open(address, timeouts, why, why_size);
    return open_server(address, timeouts, why, why_size);
}

uint64_t redis_epoch(const struct redis_address *address)
{
    if (address->cluster)
        return cluster_epoch(address->cluster, address->primary, address->slot);
    return address->sentinels ? atomic_load(&address->sentinels->epoch) : 0;
}

void redis_suspect(const struct redis_address *address)
{
    if (address->cluster)
        cluster_suspect(address->cluster);
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum error_code redis_error_code(const char *message)
{
    bool damaged = begins(message, "WRONGTYPE") || strstr(message, "WRONGTYPE") ||
                   strstr(message, "is not an integer");
    return damaged ? ERROR_SEQUENCE_LOST : ERROR_STORE_UNAVAILABLE;
}

bool redis_error_is_fatal(const char *message)
{
    static const char *const fatal[] = {"LOADING", "READONLY", "MASTERDOWN",
                                        "NOAUTH",  "BUSY",     "ERR max number of clients"};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (begins(message, fatal[i]))
            return true;
    return false;
}

bool redis_error_is_noscript(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && begins(reply->str, "NOSCRIPT");
}
