/*
 * The lock is the heart of it. Two redis-servers that append to one file would hand
 * out numbers twice, so the data directory belongs to whoever holds a flock(2) on
 * its file `lock`. A flock belongs to the open file, not to the process: the child
 * inherits the descriptor, and the directory stays held until both seqd and the
 * child (and a child of the child that rewrites the file) are gone. So a seqd that
 * was killed leaves no gap in which its dying server and a new one overlap.
 *
 * PR_SET_PDEATHSIG is sent when the *thread* that forked ends, so the supervisor
 * forks, and it ends only after it has reaped the child.
 *
 * The child gets a session of its own: Ctrl-C in seqd's terminal is for seqd, which
 * needs Redis once more, to return its unused numbers.
 */
#include "service/embedded_redis.h"

#include "store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_NAME "/redis.sock"
#define SOCKET_SIZE sizeof((struct sockaddr_un){0}.sun_path)
/* The longest directory, with its NUL, that leaves room for the socket's name. */
#define DIRECTORY_SIZE (SOCKET_SIZE + 1 - sizeof SOCKET_NAME)

#define BACK_OFF_FIRST_MS 10
#define BACK_OFF_LAST_MS  2000
#define LIVED_A_WHILE_MS  10000 /* a death after that long is a first one again */
#define TERMINATE_WAIT_MS 5000
#define LOCK_POLL_MS      20
#define NO_PIDFD_POLL_MS  50 /* where the kernel has no pidfd_open (before 5.3) */

struct embedded_redis {
    char directory[DIRECTORY_SIZE];                    /* absolute */
    char program[PATH_MAX];                            /* absolute */
    char output[DIRECTORY_SIZE + sizeof "/redis.log"]; /* the server's own log */
    char socket[SOCKET_SIZE];
    char url[sizeof "unix://" + SOCKET_SIZE];
    int lock;       /* -1: not taken */
    int stop_event; /* eventfd, readable from embedded_redis_stop on; -1: none */
    pthread_t supervisor;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- the child ------------------------------------------------------------------ */

/* From here to execve(2) only async-signal-safe calls: another thread may have held
 * any lock when this one forked. */

/* Handlers go before the mask does: a SIGTERM that arrives in between must end the
 * child, not run seqd's handler in it. */
static void reset_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Standard input is empty, standard output and error are `output`, 3 is the lock,
 * and nothing else of seqd's stays open, whatever the libraries forgot to mark. */
static bool arrange_descriptors(int output, int lock)
{
    int null = open("/dev/null", O_RDONLY);
    return null >= 0 && dup2(null, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 &&
           dup2(lock, 3) == 3 && fcntl(3, F_SETFD, 0) == 0 && close_range(4, ~0U, 0) == 0;
}

static _Noreturn void become_redis(const struct embedded_redis *server, char *const argv[],
                                   pid_t parent, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before the line above could take effect */
        _exit(1);
    setsid();
    if (!arrange_descriptors(output, server->lock))
        _exit(126);
    reset_signals();
    execve(server->program, argv, environ);
    _exit(127);
}

/* Returns the child's pid, or -1 with errno. */
static pid_t spawn(const struct embedded_redis *server)
{
    /* "appendfsync always" and no exception to it while the file is rewritten: a
     * reply means the disk has it. No snapshots: the append-only file is all there
     * is. No eviction: a counter that vanishes is a lost sequence. */
    const char *const argv[] = {
        server->program,
        "--port",
        "0",
        "--unixsocket",
        server->socket,
        "--unixsocketperm",
        "700",
        "--dir",
        server->directory,
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--no-appendfsync-on-rewrite",
        "no",
        "--save",
        "",
        "--maxmemory",
        "0",
        "--maxmemory-policy",
        "noeviction",
        "--daemonize",
        "no",
        "--supervised",
        "no",
        "--logfile",
        "",
        "--always-show-logo",
        "no",
        NULL,
    };
    int output = open(server->output, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (output < 0)
        return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0)
        become_redis(server, (char *const *)argv, parent, output);
    int reason = errno;
    close(output);
    errno = reason;
    return child;
}

/* -- the supervisor ------------------------------------------------------------- */

/* Waits until the child has died (pidfd may be -1: not watched), a stop is wanted, or
 * the time is up (-1: never). True: a stop is wanted. */
static bool wait_for_stop(const struct embedded_redis *server, int pidfd, int timeout_ms)
{
    struct pollfd watched[] = {{server->stop_event, POLLIN, 0}, {pidfd, POLLIN, 0}};
    return poll(watched, 2, timeout_ms) > 0 && watched[0].revents != 0;
}

/* True when the child is gone; waits for that at most until `deadline_ms`. */
static bool reap_until(pid_t child, int pidfd, int64_t deadline_ms, int *status)
{
    for (;;) {
        if (waitpid(child, status, WNOHANG) != 0)
            return true;
        int64_t left = deadline_ms - now_ms();
        if (left <= 0)
            return false;
        struct pollfd watched = {pidfd, POLLIN, 0};
        poll(&watched, 1, pidfd < 0 && left > NO_PIDFD_POLL_MS ? NO_PIDFD_POLL_MS : (int)left);
    }
}

static void terminate(pid_t child, int pidfd)
{
    int status = 0;
    kill(child, SIGTERM);
    if (!reap_until(child, pidfd, now_ms() + TERMINATE_WAIT_MS, &status)) {
        LOG(WARN, "embedded_redis_killed", LOG_NUMBER("pid", child),
            LOG_NUMBER("waited_ms", TERMINATE_WAIT_MS));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    LOG(INFO, "embedded_redis_stopped", LOG_NUMBER("pid", child));
}

static void log_death(const struct embedded_redis *server, pid_t child, int status)
{
    bool killed = WIFSIGNALED(status);
    LOG(ERROR, "embedded_redis_died", LOG_NUMBER("pid", child),
        LOG_NUMBER(killed ? "signal" : "status", killed ? WTERMSIG(status) : WEXITSTATUS(status)),
        LOG_TEXT("see", server->output));
}

/* Stays with the child until it dies or a stop has ended it. True: a stop. */
static bool watch(const struct embedded_redis *server, pid_t child)
{
    int pidfd = pidfd_open(child, 0);
    int status = 0;
    bool stop = false, dead = false;
    while (!stop && !dead) {
        stop = wait_for_stop(server, pidfd, pidfd < 0 ? NO_PIDFD_POLL_MS : -1);
        dead = waitpid(child, &status, WNOHANG) != 0;
    }
    if (dead)
        log_death(server, child, status);
    else
        terminate(child, pidfd);
    if (pidfd >= 0)
        close(pidfd);
    return stop;
}

/* Starts the server once and stays with it. True: a stop. */
static bool run_once(const struct embedded_redis *server)
{
    pid_t child = spawn(server);
    if (child < 0) {
        LOG(ERROR, "embedded_redis_not_started", LOG_TEXT("why", strerrordesc_np(errno)));
        return false;
    }
    LOG(INFO, "embedded_redis_started", LOG_NUMBER("pid", child),
        LOG_TEXT("socket", server->socket));
    return watch(server, child);
}

static void *supervise(void *argument)
{
    const struct embedded_redis *server = argument;
    int back_off_ms = BACK_OFF_FIRST_MS;
    for (;;) {
        int64_t started_ms = now_ms();
        if (run_once(server))
            return NULL;
        if (now_ms() - started_ms >= LIVED_A_WHILE_MS)
            back_off_ms = BACK_OFF_FIRST_MS;
        if (wait_for_stop(server, -1, back_off_ms))
            return NULL;
        back_off_ms = back_off_ms * 2 < BACK_OFF_LAST_MS ? back_off_ms * 2 : BACK_OFF_LAST_MS;
    }
}

/* -- start and stop ------------------------------------------------------------- */

/* Where the reason goes when a start fails. */
struct reason {
    char *text;
    size_t size;
};

/* Always false. */
__attribute__((format(printf, 2, 3))) static bool fail(struct reason reason, const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason.text, reason.size, format, arguments);
    va_end(arguments);
    return false;
}

static bool name_paths(struct embedded_redis *server, const char *data_dir, struct reason reason)
{
    if (mkdir(data_dir, 0700) != 0 && errno != EEXIST)
        return fail(reason, "cannot make the data directory \"%s\": %s", data_dir,
                    strerrordesc_np(errno));
    char directory[PATH_MAX];
    if (!realpath(data_dir, directory))
        return fail(reason, "cannot use the data directory \"%s\": %s", data_dir,
                    strerrordesc_np(errno));
    size_t length = strlen(directory);
    if (length >= sizeof server->directory)
        return fail(reason,
                    "the data directory's absolute path is too long for a unix socket in it: "
                    "%zu bytes, at most %zu: \"%s\"",
                    length, sizeof server->directory - 1, directory);
    memcpy(server->directory, directory, length + 1);
    snprintf(server->socket, sizeof server->socket, "%s" SOCKET_NAME, server->directory);
    snprintf(server->url, sizeof server->url, "unix://%s", server->socket);
    snprintf(server->output, sizeof server->output, "%s/redis.log", server->directory);
    return true;
}

/* The first executable redis-server on the PATH, as execvp(3) would find it. It is looked for
 * once, here, where the user can be told; and execvp may not be called after fork(2).
 * Links are left alone: Debian's redis-server is one, and looks at the name it is called by. */
static bool find_program(struct embedded_redis *server, struct reason reason)
{
    const char *path = getenv("PATH");
    for (const char *next = path ? path : "/usr/local/bin:/usr/bin:/bin"; *next != '\0';) {
        size_t length = strcspn(next, ":");
        struct stat about;
        snprintf(server->program, sizeof server->program, "%.*s/redis-server", (int)length, next);
        if (access(server->program, X_OK) == 0 && stat(server->program, &about) == 0 &&
            S_ISREG(about.st_mode))
            return true;
        next += length + (next[length] == ':');
    }
    return fail(reason, "no redis-server on the PATH; install it, or give --redis URL");
}

/* flock(2) cannot wait with a time-out, so it is tried again and again. */
static bool take_lock(struct embedded_redis *server, int64_t wait_ms, struct reason reason)
{
    char path[DIRECTORY_SIZE + sizeof "/lock"];
    snprintf(path, sizeof path, "%s/lock", server->directory);
    server->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (server->lock < 0)
        return fail(reason, "cannot open \"%s\": %s", path, strerrordesc_np(errno));
    int64_t deadline_ms = now_ms() + wait_ms;
    while (flock(server->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(reason, "cannot lock \"%s\": %s", path, strerrordesc_np(errno));
        if (now_ms() >= deadline_ms)
            return fail(reason,
                        "the data directory \"%s\" is held by another seqd (waited %lld ms)",
                        server->directory, (long long)wait_ms);
        poll(NULL, 0, LOCK_POLL_MS);
    }
    return true;
}

/* The supervisor runs with every signal blocked: they are for seqd's main thread. */
static bool launch(struct embedded_redis *server, struct reason reason)
{
    server->stop_event = eventfd(0, EFD_CLOEXEC);
    if (server->stop_event < 0)
        return fail(reason, "eventfd: %s", strerrordesc_np(errno));
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&server->supervisor, NULL, supervise, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0 || fail(reason, "cannot start a thread: %s", strerrordesc_np(failure));
}

static void destroy(struct embedded_redis *server)
{
    if (server->stop_event >= 0)
        close(server->stop_event);
    if (server->lock >= 0)
        close(server->lock);
    free(server);
}

struct embedded_redis *embedded_redis_start(const char *data_dir, int64_t lock_wait_ms, char *error,
                                            size_t error_size)
{
    struct reason reason = {error, error_size};
    struct embedded_redis *server = calloc(1, sizeof *server);
    if (!server) {
        fail(reason, "out of memory");
        return NULL;
    }
    server->lock = server->stop_event = -1;
    if (find_program(server, reason) && name_paths(server, data_dir, reason) &&
        take_lock(server, lock_wait_ms, reason) && launch(server, reason))
        return server;
    destroy(server);
    return NULL;
}

const char *embedded_redis_url(const struct embedded_redis *server)
{
    return server->url;
}

void embedded_redis_stop(struct embedded_redis *server)
{
    if (!server)
        return;
    eventfd_write(server->stop_event, 1);
    pthread_join(server->supervisor, NULL);
    destroy(server);
}
