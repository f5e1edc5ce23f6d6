/* One answer to everything: see fake_redis.h. */
#include "tests/integration/fake_redis.h"

#include "tests/integration/process.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64 };

/* The child's state: connection i is polls[i] with readers[i]; polls[0] listens. */
static struct pollfd polls[CONNECTIONS_MAX];
static redisReader *readers[CONNECTIONS_MAX];
static nfds_t poll_count;

static int listen_on(int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0, "port %d: %s",
                 port, strerror(errno));
    cr_assert_eq(listen(fd, 16), 0);
    return fd;
}

static void take_connection(void)
{
    const int fd = accept(polls[0].fd, NULL, NULL);
    if (fd >= 0 && poll_count < CONNECTIONS_MAX) {
        readers[poll_count] = redisReaderCreate();
        polls[poll_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    } else if (fd >= 0) {
        close(fd);
    }
}

static void close_connection(nfds_t i)
{
    close(polls[i].fd);
    redisReaderFree(readers[i]);
    poll_count--;
    polls[i] = polls[poll_count];
    readers[i] = readers[poll_count];
}

/* Commands are RESP arrays, so hiredis's reader of replies counts them. */
static bool answer_commands(nfds_t i, const char *answer, _Atomic int *commands)
{
    char bytes[4096];
    void *command = NULL;
    const ssize_t got = recv(polls[i].fd, bytes, sizeof bytes, 0);
    if (got <= 0 || redisReaderFeed(readers[i], bytes, (size_t)got) != REDIS_OK) {
        return false;
    }
    while (redisReaderGetReply(readers[i], &command) == REDIS_OK && command != NULL) {
        freeReplyObject(command);
        (*commands)++;
        if (answer == NULL ||
            send(polls[i].fd, answer, strlen(answer), MSG_NOSIGNAL) != (ssize_t)strlen(answer)) {
            return false;
        }
    }
    return true;
}

static _Noreturn void serve(int listener, const char *answer, _Atomic int *commands)
{
    polls[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (poll_count = 1;;) {
        poll(polls, poll_count, -1);
        for (nfds_t i = poll_count - 1; i >= 1; i--) {
            if (polls[i].revents != 0 && !answer_commands(i, answer, commands)) {
                close_connection(i);
            }
        }
        if (polls[0].revents != 0) {
            take_connection();
        }
    }
}

struct fake_redis fake_redis_start(int port, const char *answer)
{
    struct fake_redis fake = {.commands = mmap(NULL, sizeof(_Atomic int), PROT_READ | PROT_WRITE,
                                               MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    const int listener = listen_on(port);
    const pid_t parent = getpid();
    fake.pid = fork();
    cr_assert_geq(fake.pid, 0);
    if (fake.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(listener, 3);
        close_range(4, ~0U, 0);
        if (getppid() != parent) {
            _exit(0);
        }
        serve(3, answer, fake.commands);
    }
    close(listener);
    return fake;
}

void fake_redis_stop(struct fake_redis *fake)
{
    process_kill(&fake->pid);
    munmap(fake->commands, sizeof *fake->commands);
}
