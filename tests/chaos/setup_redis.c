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

enum { START_MS = 30000, ATTACH_MS = 3000, COMMAND_MS = 2000 };

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
        if (bound == 0)
            return next;
    }
}

void redis_prepare(struct redis *redis, const char *directory)
{
    *redis = (struct redis){.port = free_port()};
    snprintf(redis->directory, sizeof redis->directory, "%s", directory);
    if (mkdir(directory, 0755) != 0 && errno != EEXIST)
        die("mkdir %s: %s", directory, strerror(errno));
    redis_option(redis, "--port", "%d", redis->port);
    redis_option(redis, "--bind", "127.0.0.1");
    redis_option(redis, "--dir", "%s", "");
    redis_option(redis, "--save", "%s", "");
    redis_option(redis, "--loglevel", "notice");
}

static struct redis_option *option_called(struct redis *redis, const char *name)
{
    for (size_t i = 0; i < redis->option_count; i++)
        if (strcmp(redis->options[i].name, name) == 0)
            return &redis->options[i];
    return NULL;
}

void redis_option(struct redis *redis, const char *name, const char *format, ...)
{
    va_list arguments;
    struct redis_option *option = option_called(redis, name);
    if (option == NULL && redis->option_count == OPTIONS_MAX)
        die("too many options of redis-server");
    option = option != NULL ? option : &redis->options[redis->option_count++];
    snprintf(option->name, sizeof option->name, "%s", name);
    va_start(arguments, format);
    vsnprintf(option->value, sizeof option->value, format, arguments);
    va_end(arguments);
}

void redis_option_drop(struct redis *redis, const char *name)
{
    struct redis_option *option = option_called(redis, name);
    if (option != NULL)
        *option = redis->options[--redis->option_count];
}

/* ---- starting and ending ---- */

/* Splits a value at its spaces; "" stays a word. */
static size_t add_option(const struct redis *redis, struct redis_option *option, const char **words)
{
    size_t count = 0;
    char *rest = option->value;
    words[count++] = option->name;
    if (strcmp(option->name, "--dir") == 0) {
        words[count++] = redis->directory;
        return count;
    }
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " "))
        words[count++] = word;
    return count;
}

static void spawn(struct redis *redis)
{
    char log[200];
    const char *words[WORDS_MAX];
    size_t count = 0;
    struct redis_option options[OPTIONS_MAX]; /* a copy, to be cut at spaces */
    memcpy(options, redis->options, sizeof options);
    for (size_t i = 0; redis->wrapper != NULL && redis->wrapper[i] != NULL; i++)
        words[count++] = redis->wrapper[i];
    words[count++] = "redis-server";
    if (redis->configuration[0] != '\0') {
        words[count++] = redis->configuration;
        words[count++] = "--sentinel";
    }
    for (size_t i = 0; i < redis->option_count && redis->configuration[0] == '\0'; i++)
        count += add_option(redis, &options[i], &words[count]);
    words[count] = NULL;
    snprintf(log, sizeof log, "%s/log", redis->directory);
    redis->pid = process_start(&(struct command){
        .arguments = words, .log = log, .death_signal = SIGKILL, .group = redis->group});
}

static redisContext *connect_redis(const struct redis *redis, int64_t patience_ms)
{
    const struct timeval limit = {.tv_sec = patience_ms / 1000,
                                  .tv_usec = patience_ms % 1000 * 1000};
    redisContext *context = redisConnectWithTimeout("127.0.0.1", redis->port, limit);
    if (context != NULL && context->err != 0) {
        redisFree(context);
        return NULL;
    }
    if (context != NULL)
        redisSetTimeout(context, limit);
    return context;
}

static bool answers(const struct redis *redis)
{
    redisReply *reply = redis_ask(redis, "PING");
    const bool good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return good;
}

bool redis_ended(struct redis *redis)
{
    int status;
    if (redis->pid != 0 && process_ended(redis->pid, &status)) {
        redis->pid = 0;
        redis_kill(redis);
    }
    return redis->pid == 0;
}

bool redis_try_start(struct redis *redis)
{
    const int64_t until = now_ms() + START_MS;
    spawn(redis);
    while (!answers(redis)) {
        if (redis_ended(redis))
            return false;
        if (now_ms() > until)
            die("redis-server does not answer; its log is %s/log", redis->directory);
        pause_ms(5);
    }
    return true;
}

void redis_start(struct redis *redis)
{
    if (!redis_try_start(redis))
        die("redis-server does not start; its log is %s/log", redis->directory);
}

void redis_kill(struct redis *redis)
{
    if (redis->pid != 0)
        process_stop(redis->pid, SIGKILL);
    if (redis->strace != 0)
        process_stop(redis->strace, SIGKILL);
    redis->pid = redis->strace = 0;
}

void redis_signal(const struct redis *redis, int signal)
{
    if (redis->pid != 0)
        kill(redis->pid, signal);
}

/* ---- commands ---- */

static redisReply *ask(const struct redis *redis, int64_t patience_ms, const char *format,
                       va_list arguments)
{
    redisContext *context = connect_redis(redis, patience_ms);
    redisReply *reply = context == NULL ? NULL : redisvCommand(context, format, arguments);
    if (context != NULL)
        redisFree(context);
    return reply;
}

redisReply *redis_ask(const struct redis *redis, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = ask(redis, COMMAND_MS, format, arguments);
    va_end(arguments);
    return reply;
}

void redis_do(const struct redis *redis, const char *command)
{
    redisReply *reply = redis_ask(redis, command, NULL);
    if (reply == NULL)
        die("redis-server does not answer %s; its log is %s/log", command, redis->directory);
    freeReplyObject(reply);
}

bool redis_replicates(const struct redis *redis, int replicas)
{
    redisContext *context = connect_redis(redis, COMMAND_MS);
    if (context == NULL)
        return false;
    redisReply *write = redisCommand(context, "SET chaos:whole 1");
    redisReply *reply = redisCommand(context, "WAIT %d 200", replicas);
    const bool all =
        reply != NULL && reply->type == REDIS_REPLY_INTEGER && reply->integer >= replicas;
    freeReplyObject(write);
    freeReplyObject(reply);
    redisFree(context);
    return all;
}

int64_t redis_info(const struct redis *redis, const char *section, const char *name)
{
    redisReply *reply = redis_ask(redis, "INFO %s", section);
    const char *line = reply == NULL || reply->type != REDIS_REPLY_STRING ? NULL : reply->str;
    int64_t value = -1;
    for (const size_t length = strlen(name); line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            value = strtoll(line + length + 1, NULL, 10);
            break;
        }
    }
    freeReplyObject(reply);
    return value;
}

bool redis_is(const struct redis *redis, const char *role)
{
    redisReply *reply = redis->pid == 0 ? NULL : redis_ask(redis, "ROLE");
    const bool is = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
                    strcmp(reply->element[0]->str, role) == 0;
    freeReplyObject(reply);
    return is;
}

/* ---- the disk ---- */

static bool traced(pid_t pid)
{
    char path[64], *line;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    char *text = file_read(path);
    line = text == NULL ? NULL : strstr(text, "TracerPid:");
    const bool yes = line != NULL && (int)strtol(line + strlen("TracerPid:"), NULL, 10) != 0;
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
    if (files == NULL)
        die("opendir %s: %s", directory, strerror(errno));
    path[0] = '\0';
    while ((entry = readdir(files)) != NULL)
        if (strstr(entry->d_name, ".incr.aof") != NULL)
            snprintf(path, size, "%s/%.60s", directory, entry->d_name);
    closedir(files);
}
