/*
 * Configuration: one table of options. Each row gives the flag, its type, default,
 * bounds, unit and prose; struct, parser, environment names, --help and the
 * README's table all come from it.
 *
 * `--some-option V`, `--some-option=V`, or SEQD_SOME_OPTION in the environment; a
 * flag wins over the environment. A repeatable option takes several flags, or one
 * environment value with commas.
 */
#ifndef SERVICE_CONFIG_H
#define SERVICE_CONFIG_H

#include "store/durability.h"
#include "store/log.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SEQD_VERSION "0.1.0" /* as --version prints it */

#define CONFIG_LISTEN_MAX 8

struct config {
    const char *listen[CONFIG_LISTEN_MAX]; /* as given: "ADDR:PORT" or "unix:PATH" */
    size_t listen_count;
    const char *redis;      /* URL, or NULL: the embedded redis-server */
    const char *data_dir;   /* of the embedded redis-server */
    const char *key_prefix; /* printable ASCII, no braces, no spaces */
    int64_t threads;        /* HTTP loops; 0: one a CPU */
    int64_t default_cache;  /* CACHE_AUTO or 1.. */
    struct durability durability;
    enum log_level log_level;
    int64_t request_timeout_ms; /* 2000 */
    int64_t redis_timeout_ms;   /* 1000: one command */
    int64_t connect_timeout_ms; /* 1000 */
    int64_t idle_timeout_ms;    /* 75000: an idle connection is closed */
    int64_t max_connections;    /* 10000 */
    int64_t max_waiting;        /* 10000 requests waiting for the store */
    int64_t session_timeout_ms; /* 3600000 */
    int64_t max_sessions;       /* 100000 */
    int64_t metrics_sequences;  /* 100: sequences with metrics of their own */
    int64_t lease_ms;           /* 0: none */
    int64_t node_timeout_ms;    /* 60000 */
    int64_t stop_timeout_ms;    /* 5000 */
};

enum config_result {
    CONFIG_OK,
    CONFIG_DONE, /* --help or --version was answered on `out`: exit 0 */
    CONFIG_BAD   /* the reason is in `error`: exit 2 */
};

/* `environment` is environ(7)'s form. Borrowed strings: argv and the environment
 * must outlive `config`; what it must copy lives as long as the process.
 * `error` names the option as the user gave it, the value, and what is allowed. */
enum config_result config_load(struct config *config, int argc, char *const argv[],
                               char *const environment[], FILE *out, char *error,
                               size_t error_size);

/* The table as --help prints it, and as the README's Markdown (a test compares). */
void config_print_help(FILE *out);
void config_print_markdown(FILE *out);

#endif
