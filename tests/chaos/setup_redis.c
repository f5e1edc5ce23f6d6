/* redis-server as a process of the run: see setups.h. */
#include "tests/chaos/setups.h"
#include "tests/process/process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { START_MS = 30000, ATTACH_MS = 3000 };

/* Below those that the kernel gives to clients, so that it stays free over restarts. */
int free_port(void)
{
    static int next;
    const int on = 1;
    for (;;) {
        next = next == 0 ? 10000 + (int)getpid() % 10000 : next + 1;
        const struct sockaddr_in address = {.sin_family = AF_INET,
                                            .sin_port = htons((uint16_t)next),
                                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
        close(fd);
        if (bound == 0) {
            return next;
        }
    }
}

void redis_prepare(struct redis *redis, const char *directory, const char *const *options)
{
    *redis = (struct redis){.port = free_port(), .options = options};
    snprintf(redis->directory, sizeof redis->directory, "%s", directory);
    if (mkdir(directory, 0755) != 0) {
        die("mkdir %s: %s", directory, strerror(errno));
    }
}

/* ---- starting and ending ---- */

static void spawn(struct redis *redis)
{
    char port[16], log[200];
    const char *words[WORDS_MAX] = {
        "redis-server", "--port", port,           "--bind", "127.0.0.1",  "--dir", redis->directory,
        "--save",       "",       "--appendonly", "yes",    "--loglevel", "notice"};
    size_t count = 13;
    snprintf(port, sizeof port, "%d", redis->port);
    snprintf(log, sizeof log, "%s/log", redis->directory);
    for (size_t i = 0; redis->options != NULL && redis->options[i] != NULL; i++) {
        words[count++] = redis->options[i];
    }
    redis->pid =
        process_start(&(struct command){.arguments = words, .log = log, .death_signal = SIGKILL});
}

static redisContext *connect_redis(const struct redis *redis)
{
    redisContext *context =
        redisConnectWithTimeout("127.0.0.1", redis->port, (struct timeval){.tv_sec = 5});
    if (context != NULL && context->err != 0) {
        redisFree(context);
        return NULL;
    }
    return context;
}

static bool answers(const struct redis *redis)
{
    redisContext *context = connect_redis(redis);
    if (context == NULL) {
        return false;
    }
    redisReply *reply = redisCommand(context, "PING");
    const bool good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    redisFree(context);
    return good;
}

void redis_start(struct redis *redis)
{
    const int64_t until = now_ms() + START_MS;
    int status;
    spawn(redis);
    while (!answers(redis)) {
        if (process_ended(redis->pid, &status) || now_ms() > until) {
            die("redis-server does not start; its log is %s/log", redis->directory);
        }
        pause_ms(5);
    }
}

void redis_kill(struct redis *redis)
{
    if (redis->pid != 0) {
        process_stop(redis->pid, SIGKILL);
    }
    if (redis->strace != 0) {
        process_stop(redis->strace, SIGKILL);
    }
    redis->pid = redis->strace = 0;
}

void redis_signal(const struct redis *redis, int signal)
{
    kill(redis->pid, signal);
}

/* ---- commands ---- */

redisReply *redis_command(const struct redis *redis, const char *format, ...)
{
    va_list arguments;
    redisContext *context = connect_redis(redis);
    if (context == NULL) {
        die("no connection to redis-server");
    }
    va_start(arguments, format);
    redisReply *reply = redisvCommand(context, format, arguments);
    va_end(arguments);
    if (reply == NULL) {
        die("redis-server, %s: %s", format, context->errstr);
    }
    redisFree(context);
    return reply;
}

void redis_do(const struct redis *redis, const char *command)
{
    freeReplyObject(redis_command(redis, command));
}

/* ---- the disk ---- */

static bool traced(pid_t pid)
{
    char path[64], *line;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    char *text = file_read(path);
    line = text == NULL ? NULL : strstr(text, "TracerPid:");
    const bool yes = line != NULL && atoi(line + strlen("TracerPid:")) != 0;
    free(text);
    return yes;
}

bool redis_stall(struct redis *redis, int64_t delay_ms)
{
    char inject[80], pid[16], log[200];
    int status;
    snprintf(inject, sizeof inject, "inject=fdatasync:delay_enter=%" PRId64, delay_ms * 1000);
    snprintf(pid, sizeof pid, "%d", (int)redis->pid);
    snprintf(log, sizeof log, "%s/strace.log", redis->directory);
    redis->strace = process_start(&(struct command){
        .arguments = ARGUMENTS("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
                               "-e", inject, "-p", pid),
        .log = log,
        .death_signal = SIGKILL,
    });
    const int64_t until = now_ms() + ATTACH_MS;
    while (!traced(redis->pid)) {
        if (process_ended(redis->strace, &status)) {
            redis->strace = 0;
            return false;
        }
        if (now_ms() > until) {
            process_stop(redis->strace, SIGKILL);
            redis->strace = 0;
            return false;
        }
        pause_ms(5);
    }
    return true;
}

void redis_append_file(const struct redis *redis, char *path, size_t size)
{
    char directory[200];
    const struct dirent *entry;
    snprintf(directory, sizeof directory, "%s/appendonlydir", redis->directory);
    DIR *files = opendir(directory);
    if (files == NULL) {
        die("opendir %s: %s", directory, strerror(errno));
    }
    path[0] = '\0';
    while ((entry = readdir(files)) != NULL) {
        if (strstr(entry->d_name, ".incr.aof") != NULL) {
            snprintf(path, size, "%s/%.60s", directory, entry->d_name);
        }
    }
    closedir(files);
}
