/*
 * The lower half of the harness: what tests/process does not have for child processes of a
 * test. Each test is a process of its own, with its own scratch directory.
 *
 * Failures are Criterion assertions. Start processes from the main thread only.
 */
#ifndef TESTS_INTEGRATION_PROCESS_H
#define TESTS_INTEGRATION_PROCESS_H

#include "tests/process/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Polls `condition` every 5 ms until it holds; fails after `ms`. */
#define EVENTUALLY(condition, ms)                                                                  \
    do {                                                                                           \
        const int64_t until_ = now_ms() + (ms);                                                    \
        while (!(condition)) {                                                                     \
            cr_assert(now_ms() < until_, "not within %d ms: %s", (int)(ms), #condition);           \
            pause_ms(5);                                                                           \
        }                                                                                          \
    } while (0)

/* "t_" and 12 random letters: a sequence's name that nobody else uses. */
#define RANDOM_NAME_SIZE 16
void random_name(char name[RANDOM_NAME_SIZE]);

/* A NULL-terminated list of words. */
#define FLAGS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define ARGUMENTS_MAX 48
/* Appends a list (or NULL) to an argument vector of `count` words; returns the new count. */
size_t arguments_append(char *arguments[ARGUMENTS_MAX], size_t count, const char *const *more);

/* Runs arguments[0] with both outputs appended to the file `log`, without the caller's
 * SEQD_... variables, and with `environment` ("NAME=VALUE" or NULL) added. */
pid_t process_spawn(char *const arguments[], const char *log, const char *environment);
/* SIGKILL and wait, and *pid = 0; nothing when it is 0 already. */
void process_kill(pid_t *pid);
/* True when no process has this id (a zombie counts as gone). */
bool process_gone(pid_t pid);

/* The whole file, NUL-terminated ("" when there is none), to be freed. */
char *file_text(const char *path);

#endif
