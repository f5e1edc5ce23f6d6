/* redis-server as a test's own process: see harness.h. */
#include "tests/integration/harness.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SERVERS_MAX = 8, START_MS = 20000 };

static struct redis servers[SERVERS_MAX];
static size_t server_count;

int free_port(void)
{
    for (;;) {
        uint16_t random;
        cr_assert_eq(getrandom(&random, sizeof random, 0), (ssize_t)sizeof random);
        const uint16_t port = (uint16_t)(10000 + random % 20000);
        const struct sockaddr_in address = {
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
        close(fd);
        if (bound == 0) {
            return port;
        }
    }
}

static redisContext *redis_connect(const struct redis *redis)
{
    const struct timeval limit = {.tv_sec = 5};
    redisContext *context = redisConnectUnixWithTimeout(redis->socket, limit);
    if (context != NULL && context->err != 0) {
        redisFree(context);
        context = NULL;
    }
    return context;
}

static bool redis_answers(const struct redis *redis)
{
    redisContext *context = redis_connect(redis);
    if (context == NULL) {
        return false;
    }
    redisReply *reply = redisCommand(context, "PING");
    const bool alive = reply != NULL &&
                       (reply->type == REDIS_REPLY_STATUS || strncmp(reply->str, "NOAUTH", 6) == 0);
    freeReplyObject(reply);
    redisFree(context);
    return alive;
}

static void redis_spawn(struct redis *redis)
{
    char port[16], log[160], *arguments[ARGUMENTS_MAX];
    snprintf(port, sizeof port, "%d", redis->port);
    snprintf(log, sizeof log, "%s/log", redis->directory);
    size_t count = arguments_append(arguments, 0,
                                    FLAGS("redis-server", "--port", port, "--bind", "127.0.0.1",
                                          "--unixsocket", redis->socket, "--dir", redis->directory,
                                          "--save", "", "--appendonly", "yes", "--appendfsync",
                                          "always", "--loglevel", "warning"));
    arguments_append(arguments, count, redis->options);
    redis->pid = process_spawn(arguments, log, NULL);
}

void redis_restart(struct redis *redis)
{
    const int64_t until = now_ms() + START_MS;
    int status;
    redis_spawn(redis);
    while (!redis_answers(redis)) {
        cr_assert(!process_ended(redis->pid, &status), "redis-server ended; see %s",
                  redis->directory);
        cr_assert(now_ms() < until, "redis-server does not answer; see %s", redis->directory);
        pause_ms(5);
    }
}

static struct redis *redis_prepare(int port)
{
    cr_assert_lt(server_count, (size_t)SERVERS_MAX);
    struct redis *redis = &servers[server_count];
    const int number = (int)server_count++;
    redis->port = port;
    snprintf(redis->directory, sizeof redis->directory, "%s/redis%d", scratch(), number);
    snprintf(redis->socket, sizeof redis->socket, "%s/redis%d/redis.sock", scratch(), number);
    snprintf(redis->unix_url, sizeof redis->unix_url, "unix://%s/redis%d/redis.sock", scratch(),
             number);
    snprintf(redis->url, sizeof redis->url, "redis://127.0.0.1:%d/0", port);
    cr_assert_eq(mkdir(redis->directory, 0700), 0, "mkdir: %s", strerror(errno));
    return redis;
}

struct redis *redis_reserve(void)
{
    return redis_prepare(free_port());
}

struct redis *redis_start_on(int port, const char *const *options)
{
    struct redis *redis = redis_prepare(port);
    redis->options = options;
    redis_restart(redis);
    return redis;
}

struct redis *redis_start(const char *const *options)
{
    return redis_start_on(free_port(), options);
}

void redis_kill(struct redis *redis)
{
    process_kill(&redis->pid);
}

void redis_pause(const struct redis *redis)
{
    kill(redis->pid, SIGSTOP);
}

void redis_continue(const struct redis *redis)
{
    kill(redis->pid, SIGCONT);
}

static redisReply *redis_reply(const struct redis *redis, const char *const *words)
{
    int count = 0;
    while (words[count] != NULL) {
        count++;
    }
    redisContext *context = redis_connect(redis);
    cr_assert_not_null(context, "no connection to redis-server");
    redisReply *reply = redisCommandArgv(context, count, (const char **)(uintptr_t)words, NULL);
    cr_assert_not_null(reply, "%s: %s", words[0], context->errstr);
    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", words[0], reply->str);
    redisFree(context);
    return reply;
}

long long redis_run(const struct redis *redis, const char *const *words)
{
    redisReply *reply = redis_reply(redis, words);
    const long long number = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    freeReplyObject(reply);
    return number;
}

long long redis_calls(const struct redis *redis, const char *command)
{
    char line[64];
    redisReply *reply = redis_reply(redis, FLAGS("INFO", "commandstats"));
    snprintf(line, sizeof line, "cmdstat_%s:calls=", command);
    const char *found = strstr(reply->str, line);
    const long long calls = found == NULL ? 0 : strtoll(found + strlen(line), NULL, 10);
    freeReplyObject(reply);
    return calls;
}

redisReply *redis_ask(int port, const char *password, const char *const *words)
{
    int count = 0;
    while (words[count] != NULL) {
        count++;
    }
    const struct timeval limit = {.tv_sec = 5};
    redisContext *context = redisConnectWithTimeout("127.0.0.1", port, limit);
    redisReply *reply = NULL;
    if (context != NULL && context->err == 0) {
        redisSetTimeout(context, limit);
        if (password != NULL) {
            freeReplyObject(redisCommand(context, "AUTH %s", password));
        }
        freeReplyObject(redisCommand(context, "PING")); /* WAIT is about what went before */
        reply = redisCommandArgv(context, count, (const char **)(uintptr_t)words, NULL);
    }
    redisFree(context);
    return reply;
}
