/* The clock, the scratch directory and child processes: see process.h. */
#include "tests/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { STOP_MS = 20000 };

static void (*print_first)(const void *closure);
static const void *print_closure;

void die_with(void (*print)(const void *closure), const void *closure)
{
    print_first = print;
    print_closure = closure;
}

void die(const char *format, ...)
{
    va_list arguments;
    if (print_first != NULL) {
        print_first(print_closure);
    }
    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(int64_t ms)
{
    const struct timespec step = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&step, NULL);
}

/* ---- the scratch directory and its janitor ---- */

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

/* Waits for the end of all processes that hold the other end of `pipe_end`: this program. */
static _Noreturn void janitor(int pipe_end, const char *directory)
{
    char byte;
    setsid();
    dup2(pipe_end, STDIN_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY); /* not to keep a pipe of the caller open */
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close_range(3, ~0U, 0);
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
    }
    /* PostgreSQL may take a moment to be gone, and writes until then. */
    for (int i = 0; i < 100 && access(directory, F_OK) == 0; i++) {
        nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        pause_ms(50);
    }
    _exit(0);
}

static void janitor_start(const char *directory)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        die("pipe: %s", strerror(errno));
    }
    const pid_t pid = fork();
    if (pid < 0) {
        die("fork: %s", strerror(errno));
    }
    if (pid == 0) {
        janitor(ends[0], directory);
    }
    close(ends[0]);
}

const char *scratch(void)
{
    static char directory[64];
    if (directory[0] == '\0') {
        snprintf(directory, sizeof directory, "/tmp/seqd-%.30s-XXXXXX",
                 program_invocation_short_name);
        if (mkdtemp(directory) == NULL || chmod(directory, 0755) != 0) {
            die("%s: %s", directory, strerror(errno));
        }
        if (getenv("SEQD_TEST_KEEP") != NULL) {
            fprintf(stderr, "kept: %s\n", directory);
        } else {
            janitor_start(directory);
        }
    }
    return directory;
}

/* ---- processes ---- */

/* initdb and postgres refuse to be run by root. NULL: nobody to become. */
static const struct passwd *unprivileged_user(void)
{
    if (geteuid() != 0) {
        return NULL;
    }
    const struct passwd *user = getpwnam("postgres");
    user = user != NULL ? user : getpwnam("nobody");
    if (user == NULL) {
        die("neither a user postgres nor nobody, and PostgreSQL does not run as root");
    }
    return user;
}

void give_to_unprivileged(const char *path)
{
    const struct passwd *user = unprivileged_user();
    if (user != NULL && chown(path, user->pw_uid, user->pw_gid) != 0) {
        die("chown %s: %s", path, strerror(errno));
    }
}

/* The caller's SEQD_... and PG... would change what is tested. */
static void clear_environment(void)
{
    for (size_t i = 0; environ[i] != NULL;) {
        char name[128];
        const size_t length = strcspn(environ[i], "=");
        const bool ours = strncmp(environ[i], "SEQD_", 5) == 0 || strncmp(environ[i], "PG", 2) == 0;
        if (ours && length < sizeof name) {
            memcpy(name, environ[i], length);
            name[length] = '\0';
            unsetenv(name);
        } else {
            i++;
        }
    }
    setenv("LC_ALL", "C", 1);
}

static void drop_privileges(void)
{
    const struct passwd *user = unprivileged_user();
    if (user != NULL && (initgroups(user->pw_name, user->pw_gid) != 0 ||
                         setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        dprintf(STDERR_FILENO, "cannot become %s: %s\n", user->pw_name, strerror(errno));
        _exit(127);
    }
}

static _Noreturn void become(const struct command *command, pid_t parent)
{
    const int in = open("/dev/null", O_RDONLY);
    dup2(in, STDIN_FILENO);
    if (command->log != NULL) {
        const int out = open(command->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    close_range(3, ~0U, 0);
    clear_environment();
    if (command->unprivileged) {
        drop_privileges();
    } else if (command->group != 0 && geteuid() == 0 && setgid(command->group) != 0) {
        dprintf(STDERR_FILENO, "cannot join group %u: %s\n", command->group, strerror(errno));
        _exit(127);
    }
    /* Not before: becoming somebody else takes it away. */
    prctl(PR_SET_PDEATHSIG, command->death_signal);
    if (getppid() != parent) {
        _exit(127);
    }
    execvp(command->arguments[0], (char *const *)(uintptr_t)command->arguments);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", command->arguments[0], strerror(errno));
    _exit(127);
}

pid_t process_start(const struct command *command)
{
    const pid_t parent = getpid();
    fflush(NULL);
    const pid_t pid = fork();
    if (pid < 0) {
        die("fork: %s", strerror(errno));
    }
    if (pid == 0) {
        become(command, parent);
    }
    return pid;
}

pid_t process_fork(void (*work)(void *closure), void *closure)
{
    const pid_t parent = getpid();
    fflush(NULL);
    const pid_t pid = fork();
    if (pid < 0) {
        die("fork: %s", strerror(errno));
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) {
            work(closure);
        }
        fflush(NULL);
        _exit(0);
    }
    return pid;
}

bool process_wait(pid_t pid)
{
    int raw;
    while (waitpid(pid, &raw, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(raw) && WEXITSTATUS(raw) == 0;
}

bool process_ended(pid_t pid, int *status)
{
    int raw;
    if (waitpid(pid, &raw, WNOHANG) != pid) {
        return false;
    }
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return true;
}

int process_stop(pid_t pid, int signal)
{
    const int64_t until = now_ms() + STOP_MS;
    int status = 0;
    bool killed = false;
    kill(pid, signal);
    while (!process_ended(pid, &status)) {
        if (!killed && now_ms() > until) {
            kill(pid, SIGKILL);
            killed = true;
        }
        pause_ms(1);
    }
    return status;
}

void process_run(const struct command *command)
{
    if (!process_wait(process_start(command))) {
        char *log = command->log == NULL ? NULL : file_read(command->log);
        die("%s failed: %s", command->arguments[0], log == NULL ? "" : log);
    }
}

char *file_read(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}
