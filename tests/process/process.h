/*
 * A test program's clock, scratch directory and child processes, for those that are
 * plain programs (the differential test, the chaos suite).
 *
 * Whatever it starts dies with it: children carry PR_SET_PDEATHSIG, and a janitor
 * process removes the scratch directory once this program is gone, also after a
 * crash; SEQD_TEST_KEEP=1 keeps the directory and says where it is. Start processes from the main
 * thread only (PR_SET_PDEATHSIG is about the thread that forks).
 */
#ifndef TESTS_PROCESS_PROCESS_H
#define TESTS_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Prints the program's name and a message, and exits with 2: the test itself can't go on. */
__attribute__((format(printf, 1, 2))) _Noreturn void die(const char *format, ...);
/* What `die` prints first: where the test was. NULL: nothing. */
void die_with(void (*print)(const void *closure), const void *closure);

int64_t now_ms(void); /* monotonic */
void pause_ms(int64_t ms);

/* This run's directory, made at the first call (before any fork). */
const char *scratch(void);

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

struct command {
    const char *const *arguments;
    const char *log;   /* both outputs go there; NULL: stay as they are */
    int death_signal;  /* what it gets when this program dies */
    bool unprivileged; /* as user postgres (or nobody) if this program is root's */
    unsigned group;    /* its group if this program is root's, to tell its packets; 0: ours */
};

pid_t process_start(const struct command *command);
/* False while it runs; once it has ended, its exit status, or 128 + signal. */
bool process_ended(pid_t pid, int *status);
/* Sends `signal`, and SIGKILL if it runs on for long; returns the status. */
int process_stop(pid_t pid, int signal);
/* Runs `work` in a process of its own, which dies with this one. */
pid_t process_fork(void (*work)(void *closure), void *closure);
/* True if it ended by itself, and `work` did not die. */
bool process_wait(pid_t pid);
/* Waits until it ends; dies with the log's name if that was not with 0. */
void process_run(const struct command *command);
/* Gives a file to the user that unprivileged processes run as. */
void give_to_unprivileged(const char *path);

/* The whole file, NUL-terminated, to be freed; NULL when there is none. */
char *file_read(const char *path);

#endif
