/*
 * The processes of a run: redis-servers and seqds, and what is done to them.
 *
 * Ports stay the same over restarts. Everything dies with this program. Call from the
 * main thread only.
 */
#ifndef TESTS_CHAOS_SETUPS_H
#define TESTS_CHAOS_SETUPS_H

#include "tests/chaos/checker.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { WORDS_MAX = 48 };

int free_port(void);

/* ---- Redis ---- */

struct redis {
    int port;
    pid_t pid;    /* 0: does not run */
    pid_t strace; /* 0: not attached */
    char directory[160];
    const char *const *options; /* more of redis-server's, ends with NULL; or NULL */
};

/* Makes the directory; `redis` is ready to be started. */
void redis_prepare(struct redis *redis, const char *directory, const char *const *options);
/* Starts it and waits until it answers PING with PONG. */
void redis_start(struct redis *redis);
void redis_kill(struct redis *redis);
void redis_signal(const struct redis *redis, int signal);
/* The command's reply, to be freed; dies if there is none. */
redisReply *redis_command(const struct redis *redis, const char *format, ...);
/* The same, and nobody cares for the reply. */
void redis_do(const struct redis *redis, const char *command);
/* From now on each fdatasync takes that much longer. False when strace can't attach. */
bool redis_stall(struct redis *redis, int64_t delay_ms);
/* The appended file, of the newest generation. */
void redis_append_file(const struct redis *redis, char *path, size_t size);

/* ---- seqd ---- */

struct node {
    int port;
    pid_t pid; /* 0: does not run */
    char log[160];
    const char *binary;
    const char *words[WORDS_MAX]; /* the command line, ends with NULL; borrowed */
    char listen[32], redis_url[64];
    int ended_badly; /* ends that nobody asked for, and exits with another status than 0 */
};

/* `more`: further flags, ends with NULL. */
void node_prepare(struct node *node, const char *binary, const char *directory, int number,
                  int redis_port, const char *const *more);
/* Starts it and waits until it serves; `ready`: until /readyz says 200, too. */
void node_start(struct node *node, bool ready);
void node_kill(struct node *node);
/* SIGTERM, and waits for the end. */
void node_stop(struct node *node);
void node_signal(const struct node *node, int signal);
/* Notes an end that nobody asked for. */
void node_look(struct node *node);
/* How many reports of a sanitizer are in its log. */
int64_t node_sanitizer_reports(const struct node *node);
/* Open descriptors and resident memory; 0 when it does not run. */
int64_t node_descriptors(const struct node *node);
int64_t node_rss_kib(const struct node *node);
/* A counter of /metrics without labels; -1 when it can't be had. */
int64_t node_metric(const struct node *node, const char *name);

/* Creates a sequence (the body is the request's); its definition goes to the facts. */
void sequence_create(const struct node *node, const char *body, struct facts *facts);

#endif
