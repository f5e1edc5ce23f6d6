#include "service/http_loop.h"

#include "handlers/request.h"
#include "service/connection.h"
#include "store/clock.h"
#include "store/log.h"
#include "store/memory.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX        16
#define ACCEPTS_MAX       64 /* of one listener, before others get their turn */
#define STOP_POLL_NS      (10 * MS_NS)
#define IDLE_GRACE_NS     (200 * MS_NS) /* at a stop: a request may be on its way already */
#define SWEEP_EVERY_NS    (1000 * MS_NS)
#define CONNECTION_MEMORY 16384 /* of request line and headers: more is a 414 or 431 */

struct http_loop {
    struct http_loop_options options;
    struct worker worker;
    struct MHD_Daemon *daemon;
    struct connections connections;
    pthread_t thread;
    int epoll;
    bool accepting;
    bool adding_unix; /* the connection being added */
    int64_t sweep_at_ns;
    int64_t idle_ends_at_ns;    /* while stopping: idle connections are closed */
    _Atomic int64_t stop_at_ns; /* the end of the grace; 0: not stopping */
};

struct worker *http_loop_worker(struct http_loop *loop)
{
    return &loop->worker;
}

/* An answer for who may not even ask. */
static void refuse_connection(struct http_loop *loop, int descriptor)
{
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
        "Retry-After: 1\r\nConnection: close\r\nContent-Length: 161\r\n\r\n"
        "{\"type\": \"urn:seqd:problem:overloaded\", \"title\": \"Overloaded\", \"status\": 503, "
        "\"detail\": \"too many connections\", \"code\": \"overloaded\", \"sqlstate\": "
        "\"53300\"}\n";
    ssize_t sent = send(descriptor, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    close(descriptor);
    own_count(&loop->worker.counters.connections_refused, 1);
}

static void add_connection(struct http_loop *loop, int descriptor, bool is_unix,
                           const struct sockaddr *address, socklen_t size)
{
    int on = 1;
    if (atomic_load(loop->options.connections) >= loop->options.max_connections) {
        refuse_connection(loop, descriptor);
        return;
    }
    if (!is_unix)
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    loop->adding_unix = is_unix;
    if (MHD_add_connection(loop->daemon, descriptor, address, size) != MHD_YES)
        LOG(WARN, "connection_not_added", LOG_TEXT("why", strerror(errno)));
}

static void set_listening(struct http_loop *loop, bool accepting)
{
    if (loop->accepting == accepting)
        return;
    loop->accepting = accepting;
    for (size_t i = 0; i < loop->options.listener_count; i++) {
        struct listener *listener = &loop->options.listeners[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
        /* A unix socket is in every loop's set: one of them shall wake up. */
        if (listener->is_unix)
            event.events |= EPOLLEXCLUSIVE;
        if (epoll_ctl(loop->epoll, accepting ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                      listener->descriptors[loop->options.index], &event) != 0)
            abort();
    }
}

static void accept_all(struct http_loop *loop, const struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int descriptor = accept4(listener->descriptors[loop->options.index],
                                 (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            add_connection(loop, descriptor, listener->is_unix, (struct sockaddr *)&address, size);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* The backlog keeps them; trying on at once would only spin. */
            LOG(ERROR, "accept_failed", LOG_TEXT("why", strerror(errno)));
            set_listening(loop, false);
        }
        return;
    }
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_loop *loop = cls;
    bool started = code == MHD_CONNECTION_NOTIFY_STARTED;
    if (started) {
        int descriptor =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *context =
            connections_add(&loop->connections, descriptor, loop->adding_unix, loop->worker.now_ns);
        own_count(&loop->worker.counters.connections_total, 1);
    } else {
        struct connection *own = *context;
        /* A request whose headers do not even parse is never told to be completed. */
        if (own->request)
            request_completed(&loop->worker, connection, &own->request,
                              MHD_REQUEST_TERMINATED_WITH_ERROR);
        connections_remove(&loop->connections, own);
    }
    atomic_fetch_add(loop->options.connections, started ? 1 : -1);
    atomic_store_explicit(&loop->worker.counters.connections, loop->connections.count,
                          memory_order_relaxed);
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http_loop *loop = cls;
    void *request = request_begin(&loop->worker, uri, connection);
    connection_begin(connection_of(connection), request);
    return request;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_loop *loop = cls;
    connection_end(connection_of(connection), loop->worker.now_ns);
    request_completed(&loop->worker, connection, context, code);
}

/* Paths are decoded by handlers, strictly and once. */
static size_t leave_escaped(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls, (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct http_loop *loop)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        request_handle, &loop->worker, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)loop->options.max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, loop, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, loop, MHD_OPTION_NOTIFY_CONNECTION, on_connection, loop, MHD_OPTION_END);
}

static void watch(struct http_loop *loop, int descriptor, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        abort();
}

struct http_loop *http_loop_create(const struct http_loop_options *options)
{
    struct http_loop *loop = must_calloc(1, sizeof *loop);
    loop->options = *options;
    loop->worker.app = options->app;
    wakeup_init(&loop->worker.wakeup);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->daemon = start_daemon(loop);
    if (loop->epoll < 0 || !loop->daemon)
        abort();
    watch(loop, MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, loop);
    watch(loop, loop->worker.wakeup.descriptor, &loop->worker.wakeup);
    set_listening(loop, true);
    return loop;
}

static int64_t stop_at(struct http_loop *loop)
{
    return atomic_load_explicit(&loop->stop_at_ns, memory_order_acquire);
}

/* Returns the time of the next thing to do. */
static int64_t keep_time(struct http_loop *loop)
{
    struct worker *worker = &loop->worker;
    int64_t next_ns = worker_expire(worker);
    if (worker->now_ns >= loop->sweep_at_ns) {
        int64_t request_ns = worker->app->request_timeout_ns;
        connections_sweep(&loop->connections, worker->now_ns, loop->options.idle_timeout_ms * MS_NS,
                          request_ns);
        loop->sweep_at_ns =
            worker->now_ns + (request_ns / 2 < SWEEP_EVERY_NS ? request_ns / 2 : SWEEP_EVERY_NS);
        if (!stop_at(loop))
            set_listening(loop, true); /* after an EMFILE */
    }
    return next_ns < loop->sweep_at_ns ? next_ns : loop->sweep_at_ns;
}

static int timeout_ms(struct http_loop *loop, int64_t next_ns)
{
    MHD_UNSIGNED_LONG_LONG pending_ms;
    int64_t ms = (next_ns - loop->worker.now_ns) / MS_NS + 1;
    if (MHD_get_timeout(loop->daemon, &pending_ms) == MHD_YES && (int64_t)pending_ms < ms)
        ms = (int64_t)pending_ms;
    return ms < 0 ? 0 : (int)ms;
}

static void wait_for_events(struct http_loop *loop, int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(loop->epoll, events, EVENTS_MAX, wait_ms);
    loop->worker.now_ns = clock_ns();
    for (int i = 0; i < count; i++) {
        void *tag = events[i].data.ptr;
        if (tag == &loop->worker.wakeup)
            worker_resume(&loop->worker);
        else if (tag != loop && loop->accepting)
            accept_all(loop, tag);
    }
}

/* Who is in the backlog has been told that somebody listens. */
static void stop_listening(struct http_loop *loop)
{
    for (size_t i = 0; i < loop->options.listener_count; i++)
        accept_all(loop, &loop->options.listeners[i]);
    set_listening(loop, false);
    loop->worker.stopping = true;
    loop->idle_ends_at_ns = clock_ns() + IDLE_GRACE_NS;
}

/* False: all is answered, or the grace is over and what waits was ended. */
static bool wind_down(struct http_loop *loop)
{
    if (!loop->worker.stopping)
        stop_listening(loop);
    if (loop->worker.now_ns >= stop_at(loop)) {
        loop->worker.now_ns = INT64_MAX - 1; /* past every deadline */
        worker_expire(&loop->worker);
    }
    if (loop->worker.now_ns >= loop->idle_ends_at_ns)
        connections_end_idle(&loop->connections);
    return loop->connections.count > 0;
}

static void *run(void *argument)
{
    struct http_loop *loop = argument;
    int64_t next_ns = 0;
    store_thread_begin();
    loop->worker.now_ns = clock_ns();
    for (;;) {
        wait_for_events(loop, timeout_ms(loop, next_ns));
        worker_expire(&loop->worker); /* MHD_run() takes up what is resumed before it */
        store_round_begin();
        MHD_run(loop->daemon);
        store_round_end();
        next_ns = keep_time(loop);
        if (!stop_at(loop))
            continue;
        if (!wind_down(loop))
            break;
        next_ns = clock_ns() + STOP_POLL_NS;
        loop->worker.now_ns = clock_ns();
    }
    MHD_stop_daemon(loop->daemon);
    store_thread_end();
    return NULL;
}

void http_loop_start(struct http_loop *loop)
{
    if (pthread_create(&loop->thread, NULL, run, loop) != 0)
        abort();
    pthread_setname_np(loop->thread, "http");
}

void http_loop_stop(struct http_loop *loop, int64_t grace_ms)
{
    atomic_store_explicit(&loop->stop_at_ns, clock_ns() + grace_ms * MS_NS, memory_order_release);
    wakeup_ring(&loop->worker.wakeup);
}

void http_loop_join(struct http_loop *loop)
{
    pthread_join(loop->thread, NULL);
}

void http_loop_destroy(struct http_loop *loop)
{
    worker_deinit(&loop->worker);
    close(loop->epoll);
    free(loop);
}
