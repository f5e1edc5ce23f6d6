/*
 * The least that an HTTP server on libmicrohttpd can do for a POST: loops like those
 * of service/http_loop.c (an epoll set and a thread each, MHD_run, one shared port),
 * and one prebuilt response without a header of its own. What seqd does for nextval is
 * measured against this.
 *
 * floor [THREADS]: prints its port, and serves until it is killed.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS_MAX 64
#define EVENTS_MAX  16
#define BACKLOG     1024
/* As seqd's: libmicrohttpd clears it after each request, 7 % of a reply at 32 KiB. */
#define CONNECTION_MEMORY 16384

struct loop {
    struct MHD_Daemon *daemon;
    struct MHD_Response *response;
    int listener, epoll;
};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Replies in the second call, like a server that waits for the body. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **context)
{
    static int seen;
    struct loop *loop = cls;
    (void)url, (void)method, (void)version, (void)upload_data;
    if (!*context || *upload_data_size > 0) {
        *context = &seen;
        *upload_data_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, loop->response);
}

/* Port 0 picks a free one, which is left in *address for the other loops. */
static int open_listener(struct sockaddr_in *address)
{
    int on = 1;
    socklen_t size = sizeof *address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)address, size) != 0 || listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)address, &size) != 0)
        fail("listen");
    return listener;
}

static void watch(const struct loop *loop, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        fail("epoll_ctl");
}

static void loop_init(struct loop *loop, struct sockaddr_in *address)
{
    static char body[] = "{\"value\": 1}\n";
    loop->listener = open_listener(address);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->response = MHD_create_response_from_buffer(sizeof body - 1, body, MHD_RESPMEM_PERSISTENT);
    loop->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, handle,
                                    loop, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                    (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    if (loop->epoll < 0 || !loop->response || !loop->daemon)
        fail("loop");
    watch(loop, loop->listener);
    watch(loop, MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
}

static void accept_all(const struct loop *loop)
{
    for (;;) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        int on = 1;
        int descriptor = accept4(loop->listener, (struct sockaddr *)&address, &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0)
            return;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        MHD_add_connection(loop->daemon, descriptor, (struct sockaddr *)&address, size);
    }
}

static void *run(void *argument)
{
    const struct loop *loop = argument;
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        MHD_UNSIGNED_LONG_LONG pending_ms;
        int wait_ms = -1;
        if (MHD_get_timeout(loop->daemon, &pending_ms) == MHD_YES)
            wait_ms = (int)pending_ms;
        int count = epoll_wait(loop->epoll, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < count; i++)
            if (events[i].data.fd == loop->listener)
                accept_all(loop);
        MHD_run(loop->daemon);
    }
    return NULL;
}

int main(int argc, char *argv[])
{
    static struct loop loops[THREADS_MAX];
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread;
    if (count < 1 || count > THREADS_MAX) {
        fprintf(stderr, "Usage: floor [THREADS], 1..%d\n", THREADS_MAX);
        return EXIT_FAILURE;
    }
    for (long i = 0; i < count; i++)
        loop_init(&loops[i], &address);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (long i = 0; i < count; i++)
        if (pthread_create(&thread, NULL, run, &loops[i]) != 0)
            fail("pthread_create");
    pthread_join(thread, NULL);
}
