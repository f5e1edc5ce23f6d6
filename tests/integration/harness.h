/*
 * What every integration test stands on: real redis-server and seqd processes.
 *
 * Each test runs in a process of its own (Criterion) and starts its own servers in
 * its own scratch directory (process.h), so tests share nothing and names can be
 * literal. Failures are Criterion assertions: nothing here returns an error.
 *
 * SEQD_BINARY is the program under test (default build/asan/seqd).
 */
#ifndef TESTS_INTEGRATION_HARNESS_H
#define TESTS_INTEGRATION_HARNESS_H

#include "tests/integration/process.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A TCP port of 127.0.0.1 below the ephemeral range that nobody listens on now. */
int free_port(void);

/* ---- redis-server ---- */

struct redis {
    pid_t pid; /* 0: not running */
    int port;
    const char *const *options; /* borrowed, or NULL */
    char directory[128];
    char socket[160];
    char url[64];       /* redis://127.0.0.1:PORT/0 */
    char unix_url[176]; /* unix:///.../redis.sock */
};

/* appendonly yes and appendfsync always, so that a restart loses nothing; `options`
 * (more arguments, which must live as long as the server, or NULL) come last and win.
 * Answers PING when this returns. Lives as long as the test. */
struct redis *redis_start(const char *const *options);
struct redis *redis_start_on(int port, const char *const *options);
/* Not started yet: `redis_restart` starts it on the port that `url` names. */
struct redis *redis_reserve(void);
void redis_kill(struct redis *redis); /* SIGKILL */
void redis_pause(const struct redis *redis);
void redis_continue(const struct redis *redis);
void redis_restart(struct redis *redis); /* same port, directory and options */
/* One command given in words; its integer reply, or 0 for any other kind but an error. */
long long redis_run(const struct redis *redis, const char *const *words);
/* One command on a connection of its own, behind a PING, as WAIT is about what went before. The
 * reply is to be freed; NULL: no answer. `password` may be NULL. */
struct redisReply *redis_ask(int port, const char *password, const char *const *words);
/* How often a command ran, scripts' calls included (INFO commandstats). */
long long redis_calls(const struct redis *redis, const char *command);

/* ---- seqd ---- */

struct node {
    pid_t pid;         /* 0: not running */
    char address[160]; /* of the first listener: "127.0.0.1:43210" */
    char log[160];     /* a file with its standard error (and output) */
};

/* `redis` NULL: without --redis. Listens on 127.0.0.1, a port of its own choice;
 * `flags` (or NULL) come last. Returns when it has said where it listens. */
struct node *node_start(const struct redis *redis, const char *const *flags);
/* The same with another binary, and with "NAME=VALUE" (or NULL) added to the environment. */
struct node *node_start_as(const char *binary, const struct redis *redis, const char *const *flags,
                           const char *environment);
void node_kill(struct node *node); /* SIGKILL */
void node_pause(const struct node *node);
void node_continue(const struct node *node);
/* SIGTERM; it must exit with 0 and have left no sanitizer report. */
void node_stop(struct node *node);
/* node_stop for all that still run. */
void nodes_stop(void);

/* A test at whose end every node that still runs must stop cleanly. (Criterion's
 * `.fini` can't fail a test.) */
#define ServiceTest(suite, name)                                                                   \
    static void body_##suite##_##name(void);                                                       \
    Test(suite, name)                                                                              \
    {                                                                                              \
        body_##suite##_##name();                                                                   \
        nodes_stop();                                                                              \
    }                                                                                              \
    static void body_##suite##_##name(void)

/* The last line of the log with this event, borrowed until the next call; NULL: none. */
json_t *node_event(const struct node *node, const char *event);
/* Waits until an event with this text in this member was logged. */
void node_wait_event(const struct node *node, const char *event, const char *member,
                     const char *text);
/* What it said last, or its sanitizer report: for messages; lives as long as the test. */
const char *node_last_words(const struct node *node);
/* How many lines with this event there are. */
int node_event_count(const struct node *node, const char *event);

/* ---- a program that ends by itself ---- */

struct run {
    int status;         /* exit status, or 128 + signal */
    char output[65536]; /* standard output and error */
};

/* Static memory, valid until the next call. */
const struct run *run_seqd(const char *const *flags, const char *environment);
/* SEQD_BINARY or its default. */
const char *seqd_binary(void);

#endif
