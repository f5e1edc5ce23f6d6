#include "service/embedded_redis.h"

#include "store/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTUALLY(condition, ms)                                                                  \
    do {                                                                                           \
        const int64_t until_ = now_ms() + (ms);                                                    \
        while (!(condition)) {                                                                     \
            cr_assert(now_ms() < until_, "not within %d ms: %s", (int)(ms), #condition);           \
            poll(NULL, 0, 5);                                                                      \
        }                                                                                          \
    } while (0)

static char scratch[] = "/tmp/seqd-embedded-XXXXXX";
static char data_dir[64];
static char error[512];
static struct embedded_redis *server;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_up(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    cr_assert_not_null(mkdtemp(scratch));
    snprintf(data_dir, sizeof data_dir, "%s/data", scratch);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static void tear_down(void)
{
    embedded_redis_stop(server);
    nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(embedded_redis, .init = set_up, .fini = tear_down, .timeout = 60);

static void start(void)
{
    server = embedded_redis_start(data_dir, 10000, error, sizeof error);
    cr_assert_not_null(server, "%s", error);
}

static void stop(void)
{
    embedded_redis_stop(server);
    server = NULL;
}

/* A reply of the server in data_dir, to be freed; NULL while it does not answer. */
static redisReply *ask(const char *command)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/redis.sock", data_dir);
    redisContext *context = redisConnectUnix(path);
    redisReply *reply = context && !context->err ? redisCommand(context, command) : NULL;
    if (context)
        redisFree(context);
    return reply;
}

static bool answers(const char *command, const char *text)
{
    redisReply *reply = ask(command);
    bool same = reply && reply->str && strcmp(reply->str, text) == 0;
    freeReplyObject(reply);
    return same;
}

static void expect_setting(const char *name, const char *value)
{
    char command[64];
    snprintf(command, sizeof command, "CONFIG GET %s", name);
    redisReply *reply = ask(command);
    cr_assert(reply && reply->elements == 2, "%s", name);
    cr_expect_str_eq(reply->element[1]->str, value, "%s is %s", name, reply->element[1]->str);
    freeReplyObject(reply);
}

/* The pid of the server that answers in data_dir, or 0. */
static pid_t redis_pid(void)
{
    redisReply *reply = ask("INFO server");
    const char *line = reply && reply->str ? strstr(reply->str, "process_id:") : NULL;
    pid_t pid = line ? (pid_t)strtol(line + strlen("process_id:"), NULL, 10) : 0;
    freeReplyObject(reply);
    return pid;
}

/* True once a new server answers and has read its data: before that, PING is refused. */
static bool has_come_back(pid_t before)
{
    pid_t now = redis_pid();
    return now > 1 && now != before && answers("PING", "PONG");
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0;
}

/* What the server, or its stand-in, has printed so far. */
static const char *output(void)
{
    static char text[65536];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/redis.log", data_dir);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[length] = '\0';
    return text;
}

static int lines(const char *text)
{
    int count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

/* From here on `script` is what is found as redis-server. */
static void stand_in(const char *script)
{
    char path[PATH_MAX], search[PATH_MAX];
    snprintf(path, sizeof path, "%s/redis-server", scratch);
    FILE *file = fopen(path, "w");
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(path, 0700);
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", scratch);
    setenv("PATH", search, 1);
}

Test(embedded_redis, it_answers_on_a_private_socket_and_on_no_port)
{
    struct stat about;
    char url[160], path[128];
    start();
    snprintf(path, sizeof path, "%s/redis.sock", data_dir);
    snprintf(url, sizeof url, "unix://%s", path);
    cr_expect_str_eq(embedded_redis_url(server), url);
    EVENTUALLY(answers("PING", "PONG"), 10000);
    cr_expect_eq(stat(path, &about), 0);
    cr_expect_eq(about.st_mode & 0777, 0700);
    cr_expect_eq(stat(data_dir, &about), 0);
    cr_expect_eq(about.st_mode & 0777, 0700);
    expect_setting("port", "0");
}

Test(embedded_redis, a_reply_means_the_disk_has_it_and_nothing_is_evicted)
{
    start();
    EVENTUALLY(answers("PING", "PONG"), 10000);
    expect_setting("appendonly", "yes");
    expect_setting("appendfsync", "always");
    expect_setting("no-appendfsync-on-rewrite", "no");
    expect_setting("save", "");
    expect_setting("maxmemory", "0");
    expect_setting("maxmemory-policy", "noeviction");
    expect_setting("dir", data_dir);
}

Test(embedded_redis, a_relative_directory_with_a_space_in_its_name_will_do)
{
    cr_assert_eq(chdir(scratch), 0);
    snprintf(data_dir, sizeof data_dir, "%s/my data", scratch);
    server = embedded_redis_start("./my data", 0, error, sizeof error);
    cr_assert_not_null(server, "%s", error);
    EVENTUALLY(answers("PING", "PONG"), 10000);
    expect_setting("dir", data_dir);
}

Test(embedded_redis, killed_again_and_again_it_comes_back_with_its_data)
{
    start();
    EVENTUALLY(answers("SET counter 9007199254740993", "OK"), 10000);
    for (int i = 0; i < 3; i++) {
        pid_t before = redis_pid();
        cr_assert_gt(before, 1);
        kill(before, SIGKILL);
        EVENTUALLY(has_come_back(before), 10000);
        cr_expect(answers("GET counter", "9007199254740993"));
    }
}

Test(embedded_redis, stopped_it_is_gone_and_started_again_it_has_its_data)
{
    start();
    EVENTUALLY(answers("SET counter 41", "OK"), 10000);
    pid_t before = redis_pid();
    cr_assert_gt(before, 1);
    stop();
    cr_expect(is_gone(before));
    start();
    EVENTUALLY(answers("GET counter", "41"), 10000);
}

Test(embedded_redis, a_second_start_in_the_same_directory_is_refused)
{
    start();
    int64_t began_ms = now_ms();
    cr_expect_null(embedded_redis_start(data_dir, 100, error, sizeof error));
    cr_expect_geq(now_ms() - began_ms, 100);
    char reason[256];
    snprintf(reason, sizeof reason,
             "the data directory \"%s\" is held by another seqd (waited 100 ms)", data_dir);
    cr_expect_str_eq(error, reason);
    EVENTUALLY(answers("PING", "PONG"), 10000);
}

/* Runs the server in a process of its own, as a seqd would; returns its pid. */
static pid_t start_elsewhere(void)
{
    pid_t seqd = fork();
    if (seqd != 0)
        return seqd;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* where the test fails */
    if (!embedded_redis_start(data_dir, 0, error, sizeof error))
        _exit(1);
    for (;;)
        pause();
}

Test(embedded_redis, it_dies_with_a_seqd_that_is_killed_and_the_next_has_its_data)
{
    pid_t seqd = start_elsewhere();
    cr_assert_gt(seqd, 0);
    EVENTUALLY(answers("SET counter 41", "OK"), 10000);
    pid_t before = redis_pid();
    cr_assert_gt(before, 1);
    kill(seqd, SIGKILL);
    waitpid(seqd, NULL, 0);
    start();
    EVENTUALLY(answers("GET counter", "41"), 10000);
    cr_expect_neq(redis_pid(), before);
}

Test(embedded_redis, the_directory_stays_held_while_the_server_of_a_killed_seqd_lives)
{
    stand_in("trap '' TERM; echo $$; exec sleep 60");
    pid_t seqd = start_elsewhere();
    cr_assert_gt(seqd, 0);
    EVENTUALLY(lines(output()) == 1, 10000);
    pid_t child = (pid_t)strtol(output(), NULL, 10);
    kill(seqd, SIGKILL);
    waitpid(seqd, NULL, 0);
    cr_expect_null(embedded_redis_start(data_dir, 100, error, sizeof error));
    cr_expect_not_null(strstr(error, "is held by another seqd"), "%s", error);
    kill(child, SIGKILL);
    stand_in("exec sleep 60");
    start();
}

Test(embedded_redis, a_stale_socket_does_not_matter)
{
    char path[128];
    cr_assert_eq(mkdir(data_dir, 0700), 0);
    snprintf(path, sizeof path, "%s/redis.sock", data_dir);
    fclose(fopen(path, "w"));
    start();
    EVENTUALLY(answers("PING", "PONG"), 10000);
}

Test(embedded_redis, a_path_too_long_for_a_socket_is_refused)
{
    char path[256], reason[512];
    snprintf(path, sizeof path, "%s/%0*d", scratch, 97 - (int)sizeof scratch, 0);
    cr_expect_null(embedded_redis_start(path, 0, error, sizeof error));
    snprintf(reason, sizeof reason,
             "the data directory's absolute path is too long for a unix socket in it: "
             "97 bytes, at most 96: \"%s\"",
             path);
    cr_expect_str_eq(error, reason);
}

Test(embedded_redis, a_directory_that_cannot_be_is_refused)
{
    char path[128], reason[256];
    snprintf(path, sizeof path, "%s/missing/data", scratch);
    cr_expect_null(embedded_redis_start(path, 0, error, sizeof error));
    snprintf(reason, sizeof reason,
             "cannot make the data directory \"%s\": No such file or directory", path);
    cr_expect_str_eq(error, reason);

    fclose(fopen(data_dir, "w"));
    cr_expect_null(embedded_redis_start(data_dir, 0, error, sizeof error));
    snprintf(reason, sizeof reason, "cannot open \"%s/lock\": Not a directory", data_dir);
    cr_expect_str_eq(error, reason);
}

Test(embedded_redis, without_a_redis_server_on_the_path_the_start_is_refused)
{
    setenv("PATH", scratch, 1);
    cr_expect_null(embedded_redis_start(data_dir, 0, error, sizeof error));
    cr_expect_str_eq(error, "no redis-server on the PATH; install it, or give --redis URL");
}

Test(embedded_redis, a_server_that_dies_at_once_is_tried_again_ever_more_slowly)
{
    stand_in("echo tried; exit 1");
    int64_t began_ms = now_ms();
    start();
    EVENTUALLY(lines(output()) >= 7, 10000);
    cr_expect_geq(now_ms() - began_ms, 630); /* 10 + 20 + 40 + 80 + 160 + 320 */
    began_ms = now_ms();
    stop(); /* in the middle of 640 ms */
    cr_expect_lt(now_ms() - began_ms, 500);
}

Test(embedded_redis, a_server_deaf_to_sigterm_is_killed_after_5_s)
{
    stand_in("trap '' TERM; echo $$; exec sleep 60");
    start();
    EVENTUALLY(lines(output()) == 1, 10000);
    pid_t child = (pid_t)strtol(output(), NULL, 10);
    int64_t began_ms = now_ms();
    stop();
    cr_expect_geq(now_ms() - began_ms, 5000);
    cr_expect_lt(now_ms() - began_ms, 8000);
    cr_expect(is_gone(child));
}

/* Blocked and ignored signals and open descriptors are inherited through exec. */
Test(embedded_redis, the_server_inherits_no_signal_setting_and_no_descriptor_but_the_lock)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    int strange = open("/dev/zero", O_RDONLY);
    cr_assert_geq(strange, 3);
    stand_in(
        /* Signals 32 and 33 are the C library's own, and may be inherited as they are. */
        "for set in Blk Ign; do mask=$(sed -n \"s/^Sig$set:.//p\" /proc/self/status);\n"
        "printf 'Sig%s:\\t%016x\\n' $set $((0x$mask & ~0x180000000)); done;\n"
        "readlink /proc/$$/fd/[0-3];\n"
        "ls -l /proc/$$/fd | grep -c zero; exec sleep 60");
    start();
    EVENTUALLY(lines(output()) == 7, 10000);
    char expected[512];
    snprintf(expected, sizeof expected,
             "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
             "/dev/null\n%s/redis.log\n%s/redis.log\n%s/lock\n0\n",
             data_dir, data_dir, data_dir);
    cr_expect_str_eq(output(), expected);
    close(strange);
}
