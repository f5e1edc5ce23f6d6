/* A Redis of the test's own, and scripts sent to it: for tests of store/lua. */
#ifndef TESTS_STORE_SCRIPT_SERVER_H
#define TESTS_STORE_SCRIPT_SERVER_H

#include "store/keys.h"
#include "store/redis_link.h"
#include "store/reserve_command.h"
#include "store/scripts.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define G1    "11111111111111111111111111111111"
#define G2    "22222222222222222222222222222222"
#define NONCE UINT64_C(0x0123456789abcdef)

static char directory[] = "/tmp/seqd-test-XXXXXX", socket_path[64];
static pid_t server;
static redisContext *redis;

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until it answers PING. */
static inline void connect_to_server(void)
{
    struct redis_address address = {.path = socket_path};
    struct redis_timeouts timeouts = {1000, 5000};
    int64_t until_ms = now_ms() + 10000;
    char why[128] = "";
    while (!(redis = redis_open(&address, &timeouts, why, sizeof why)))
        cr_assert(now_ms() < until_ms, "no Redis: %s", why);
}

static inline void script_server_start(void)
{
    cr_assert_not_null(mkdtemp(directory));
    snprintf(socket_path, sizeof socket_path, "%s/redis", directory);
    server = fork();
    cr_assert_geq(server, 0);
    if (server == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--save",
               "", "--dir", directory, (char *)NULL);
        _exit(127);
    }
    connect_to_server();
}

static inline void script_server_stop(void)
{
    int status;
    redisFree(redis);
    kill(server, SIGKILL);
    while (waitpid(server, &status, 0) < 0 && errno == EINTR)
        continue;
    unlink(socket_path);
    cr_expect_eq(rmdir(directory), 0, "the server left files");
}

static inline void flatten(const redisReply *reply, char *text, size_t size)
{
    size_t used = strlen(text);
    if (reply->type == REDIS_REPLY_INTEGER)
        snprintf(text + used, size - used, "%lld", reply->integer);
    else if (reply->type == REDIS_REPLY_ARRAY)
        for (size_t i = 0; i < reply->elements; i++) {
            used = strlen(text);
            snprintf(text + used, size - used, "%s", i ? " " : "");
            flatten(reply->element[i], text, size);
        }
    else
        snprintf(text + used, size - used, "%s", reply->str ? reply->str : "(nil)");
}

/* The command's words, NULL at the end; the reply as one line, valid until the next. */
static inline const char *ask(const char *const *words)
{
    static char line[1024];
    size_t count = 0;
    const char *argv[64];
    while (words[count])
        argv[count] = words[count], count++;
    redisReply *reply = redisCommandArgv(redis, (int)count, argv, NULL);
    cr_assert_not_null(reply, "%s", redis->errstr);
    line[0] = '\0';
    flatten(reply, line, sizeof line);
    freeReplyObject(reply);
    return line;
}

#define ASK(...)         ask((const char *const[]){__VA_ARGS__, NULL})
#define RUN(script, ...) ASK("EVAL", script_##script.source, __VA_ARGS__)
#define expect_text(actual, text)                                                                  \
    do {                                                                                           \
        const char *actual_text = actual;                                                          \
        cr_expect_str_eq(actual_text, text, "%s is %s", #actual, actual_text);                     \
    } while (0)
#define expect_counter(text) expect_text(ASK("GET", "{a}:next"), text)

#endif
