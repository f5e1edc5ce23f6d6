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

enum { WORDS_MAX = 64, OPTIONS_MAX = 20 };

int free_port(void);

/* ---- Redis ---- */

struct redis_option {
    char name[48], value[64]; /* several words, if there are spaces */
};

/* A redis-server; with a configuration file a sentinel. */
struct redis {
    int port;
    pid_t pid;      /* 0: does not run */
    pid_t strace;   /* 0: not attached */
    unsigned group; /* of the process, so that netfilter knows its packets; 0: ours */
    char directory[160];
    char configuration[200];    /* or "" */
    const char *const *wrapper; /* words before the command, ends with NULL; or NULL */
    struct redis_option options[OPTIONS_MAX];
    size_t option_count;
};

/* Makes the directory, unless it is there; `redis` is ready to be started. */
void redis_prepare(struct redis *redis, const char *directory);
/* Of the command line, from the next start on; replaces a value there is. */
__attribute__((format(printf, 3, 4))) void redis_option(struct redis *redis, const char *name,
                                                        const char *format, ...);
void redis_option_drop(struct redis *redis, const char *name);
/* Starts it and waits until it answers PING with PONG. */
void redis_start(struct redis *redis);
/* The same, but false if it ends instead. */
bool redis_try_start(struct redis *redis);
void redis_kill(struct redis *redis);
void redis_signal(const struct redis *redis, int signal);
/* It has ended by itself: noted. */
bool redis_ended(struct redis *redis);
/* The command's reply, to be freed; NULL if there is none. The format is hiredis's. */
redisReply *redis_ask(const struct redis *redis, const char *format, ...);
/* The command, and nobody cares for the reply; dies if there is none. */
void redis_do(const struct redis *redis, const char *command);
/* What it takes now goes to so many replicas. (One that has just read everything is "online", and
 * gets what comes next only once it has said that it is there.) */
bool redis_replicates(const struct redis *redis, int replicas);
/* A line of INFO as a number; -1 without. */
int64_t redis_info(const struct redis *redis, const char *section, const char *name);
/* What ROLE says: "master", "slave", "sentinel"; or nothing, within a moment. */
bool redis_is(const struct redis *redis, const char *role);
/* From now on each fdatasync takes that much longer. False when strace can't attach. */
bool redis_stall(struct redis *redis, int64_t delay_ms);
/* The appended file, of the newest generation. */
void redis_append_file(const struct redis *redis, char *path, size_t size);

/* ---- seqd ---- */

struct node {
    int port;
    pid_t pid; /* 0: does not run */
    unsigned group;
    char log[160];
    char listen[32], data[200], redis_url[200];
    const char *const *wrapper;   /* as that of Redis */
    const char *words[WORDS_MAX]; /* seqd's command line, ends with NULL; borrowed */
    int ended_badly; /* ends that nobody asked for, and exits with another status than 0 */
    bool may_abort;  /* it has no memory: an abort() is what it should do then */
    int aborts;
};

/* `more`: further flags, ends with NULL. */
void node_prepare(struct node *node, const char *binary, const char *directory, int number,
                  const char *redis_url, const char *const *more);
/* Starts it and waits until it serves; `ready`: until /readyz says 200, too. */
void node_start(struct node *node, bool ready);
/* Whether /readyz, or /livez, says 200. */
bool node_serves(const struct node *node, bool ready);
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

/* Creates a sequence (the body is the request's, with if_not_exists); its definition goes to the
 * facts. */
void sequence_create(const struct node *node, const char *body, struct facts *facts);

#endif
