/* A redis-server and seqds of this run's own: see seqd.h. */
#include "tests/differential/seqd.h"

#include "tests/process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { START_MS = 60000 };

static pid_t redis;

/* ---- redis-server ---- */

static const char *redis_path(void)
{
    static char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    snprintf(path, sizeof path, "%s/redis.sock", scratch());
    return path;
}

static bool redis_listens(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, redis_path());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool listens = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return listens;
}

void redis_start(void)
{
    char log[128];
    int status;
    snprintf(log, sizeof log, "%s/redis.log", scratch());
    redis = process_start(&(struct command){
        .arguments = ARGUMENTS("redis-server", "--port", "0", "--unixsocket", redis_path(), "--dir",
                               scratch(), "--save", "", "--appendonly", "no"),
        .log = log,
        .death_signal = SIGKILL,
    });
    const int64_t until = now_ms() + START_MS;
    while (!redis_listens()) {
        if (process_ended(redis, &status) || now_ms() > until) {
            char *text = file_read(log);
            die("redis-server does not start: %s", text == NULL ? "" : text);
        }
        pause_ms(2);
    }
}

void redis_stop(void)
{
    process_stop(redis, SIGKILL);
}

/* ---- seqd ---- */

/* Its last words, or its sanitizer's report. */
static _Noreturn void die_with_log(const struct seqd *seqd, const char *what)
{
    char *text = file_read(seqd->log);
    const size_t length = text == NULL ? 0 : strlen(text);
    const char *report = text == NULL ? NULL : strstr(text, "Sanitizer");
    report = report != NULL || text == NULL ? report : strstr(text, "runtime error:");
    if (report == NULL) {
        report = length > 2000 ? text + length - 2000 : text;
    }
    die("%s; seqd's log: %s", what, report == NULL ? "" : report);
}

static void spawn(struct seqd *seqd, const char *binary, const char *name)
{
    char listen[160], redis_url[160], prefix[64];
    snprintf(listen, sizeof listen, "unix:%s/socket", seqd->directory);
    snprintf(redis_url, sizeof redis_url, "unix://%s", redis_path());
    snprintf(prefix, sizeof prefix, "%s:", name);
    seqd->pid = process_start(&(struct command){
        .arguments =
            ARGUMENTS(binary, "--listen", listen, "--redis", redis_url, "--key-prefix", prefix,
                      "--default-cache", "1", "--threads", "1", "--redis-timeout-ms", "60000",
                      "--request-timeout-ms", "60000", "--log-level", "warn"),
        .log = seqd->log,
        .death_signal = SIGKILL,
    });
}

void seqd_start(struct seqd *seqd, const char *binary)
{
    static int number; /* of this process: its keys and its directory are new */
    char name[32], socket[160];
    int status;
    snprintf(name, sizeof name, "seqd-%d-%d", (int)getpid(), number++);
    snprintf(seqd->directory, sizeof seqd->directory, "%s/%s", scratch(), name);
    snprintf(seqd->log, sizeof seqd->log, "%s/log", seqd->directory);
    snprintf(socket, sizeof socket, "%s/socket", seqd->directory);
    if (mkdir(seqd->directory, 0755) != 0) {
        die("mkdir %s: %s", seqd->directory, strerror(errno));
    }
    spawn(seqd, binary, name);
    seqd->http = http_open(socket);
    const int64_t until = now_ms() + START_MS;
    while (
        http_call(seqd->http, &(struct http_request){.method = "GET", .path = "/readyz"}).status !=
        200) {
        if (process_ended(seqd->pid, &status) || now_ms() > until) {
            die_with_log(seqd, "seqd does not start");
        }
        pause_ms(2);
    }
}

void seqd_stop(struct seqd *seqd)
{
    http_close(seqd->http);
    const int status = process_stop(seqd->pid, SIGTERM);
    char *text = file_read(seqd->log);
    if (status != 0 || text == NULL || strstr(text, "Sanitizer") != NULL ||
        strstr(text, "runtime error:") != NULL) {
        die_with_log(seqd, "seqd did not end well");
    }
    free(text);
}

struct http_reply seqd_call(struct seqd *seqd, const struct http_request *request)
{
    const struct http_reply reply = http_call(seqd->http, request);
    if (reply.status == 0) {
        fprintf(stderr, "%s %s %s\n", request->method, request->path,
                request->body == NULL ? "" : request->body);
        die_with_log(seqd, reply.text);
    }
    return reply;
}
