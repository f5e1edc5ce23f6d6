/* The proxy: see proxy.h. One thread, level-triggered epoll; connections in a list. */
#include "tests/chaos/proxy.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENT, SERVER, CHUNK = 16384, IDLE_MS = 1000, EVENTS = 64 };

/* Bytes on their way. */
struct chunk {
    struct chunk *next;
    int64_t due;
    size_t length, sent;
    char bytes[];
};

/* What goes to `fd`; it comes from the other side. */
struct side {
    int fd; /* -1: none, in a black hole */
    struct chunk *first, **last;
};

struct connection {
    struct connection *next;
    struct side sides[2]; /* CLIENT, SERVER */
    int64_t replied;      /* bytes to the client since the rules were set */
    bool over;
};

struct proxy {
    pthread_t thread;
    int listener, port, epoll, wake;
    struct connection *connections; /* the thread's own */
    pthread_mutex_t lock;           /* for what follows */
    struct proxy_rules rules;
    char target[128];
    bool rules_new, drop, stop;
};

/* ---- connections ---- */

static int connect_target(const char *target)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const bool local = strncmp(target, "unix:", 5) == 0;
    const int on = 1, fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result;
    if (local) {
        snprintf(path.sun_path, sizeof path.sun_path, "%.100s", target + 5);
        result = connect(fd, (const struct sockaddr *)&path, sizeof path);
    } else {
        port.sin_port = htons((uint16_t)(int)strtol(strrchr(target, ':') + 1, NULL, 10));
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        result = connect(fd, (const struct sockaddr *)&port, sizeof port);
    }
    if (result != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void watch(const struct proxy *proxy, int fd, void *closure)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = closure}};
    if (fd >= 0)
        epoll_ctl(proxy->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_one(struct proxy *proxy, const struct proxy_rules *rules, const char *target)
{
    const int on = 1;
    const int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    const int server = rules->refuse || rules->blackhole ? -1 : connect_target(target);
    if (client < 0 || (server < 0 && !rules->blackhole)) {
        close(client);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    connection->sides[CLIENT] = (struct side){client, NULL, &connection->sides[CLIENT].first};
    connection->sides[SERVER] = (struct side){server, NULL, &connection->sides[SERVER].first};
    connection->next = proxy->connections;
    proxy->connections = connection;
    watch(proxy, client, connection);
    watch(proxy, server, connection);
}

static void release(struct connection *connection)
{
    for (int i = 0; i < 2; i++) {
        struct side *side = &connection->sides[i];
        while (side->first != NULL) {
            struct chunk *chunk = side->first;
            side->first = chunk->next;
            free(chunk);
        }
        if (side->fd >= 0)
            close(side->fd);
    }
    free(connection);
}

static void sweep(struct proxy *proxy, bool all)
{
    struct connection **at = &proxy->connections;
    while (*at != NULL) {
        struct connection *connection = *at;
        if (connection->over || all) {
            *at = connection->next;
            release(connection);
        } else {
            at = &connection->next;
        }
    }
}

/* ---- bytes ---- */

/* Takes what has come from one side, for the other. */
static void take(struct connection *connection, int from, const struct proxy_rules *rules)
{
    struct side *to = &connection->sides[1 - from];
    const int fd = connection->sides[from].fd;
    struct chunk *chunk = malloc(sizeof *chunk + CHUNK);
    const ssize_t got = fd < 0 ? -1 : recv(fd, chunk->bytes, CHUNK, MSG_DONTWAIT);
    if (got > 0 && to->fd >= 0 && !(rules->swallow && from == SERVER)) {
        const int64_t delay_ms = rules->delay_ms[from == CLIENT ? 0 : 1];
        chunk->next = NULL;
        chunk->due = now_ns() + delay_ms * 1000000;
        chunk->length = (size_t)got;
        if (rules->instead != NULL && from == SERVER) {
            chunk->length = strnlen(rules->instead, CHUNK);
            memcpy(chunk->bytes, rules->instead, chunk->length);
        }
        chunk->sent = 0;
        *to->last = chunk;
        to->last = &chunk->next;
        return;
    }
    free(chunk);
    connection->over |= got == 0 || (got < 0 && fd >= 0 && errno != EAGAIN && errno != EINTR);
}

/* How much of the chunk may go now. */
static size_t permitted(const struct connection *connection, int to, const struct chunk *chunk,
                        const struct proxy_rules *rules)
{
    const size_t left = chunk->length - chunk->sent;
    if (to != CLIENT || !rules->cut)
        return left;
    const int64_t room = rules->cut_after - connection->replied;
    return room <= 0 ? 0 : (size_t)room < left ? (size_t)room : left;
}

/* Gives on what is due to one side; lowers `wait_ms` to when there is more to do. */
static void give(struct connection *connection, int to, const struct proxy_rules *rules,
                 int64_t now, int64_t *wait_ms)
{
    struct side *side = &connection->sides[to];
    while (side->first != NULL && !(rules->hold && to == CLIENT) && !connection->over) {
        struct chunk *chunk = side->first;
        const size_t size = permitted(connection, to, chunk, rules);
        if (chunk->due > now) {
            const int64_t left = (chunk->due - now) / 1000000 + 1;
            *wait_ms = left < *wait_ms ? left : *wait_ms;
            return;
        }
        const ssize_t sent = size == 0 ? 0
                                       : send(side->fd, chunk->bytes + chunk->sent, size,
                                              MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            *wait_ms = 1;
            return;
        }
        chunk->sent += sent > 0 ? (size_t)sent : 0;
        connection->replied += to == CLIENT && sent > 0 ? sent : 0;
        connection->over =
            sent < 0 || (to == CLIENT && rules->cut && connection->replied >= rules->cut_after);
        if (chunk->sent == chunk->length) {
            side->first = chunk->next;
            side->last = side->first == NULL ? &side->first : side->last;
            free(chunk);
        }
    }
}

/* ---- the thread ---- */

/* A copy of what others may change; true when it is time to stop. */
static bool look(struct proxy *proxy, struct proxy_rules *rules, char target[128])
{
    pthread_mutex_lock(&proxy->lock);
    *rules = proxy->rules;
    memcpy(target, proxy->target, sizeof proxy->target);
    const bool begin = proxy->rules_new, drop = proxy->drop, stop = proxy->stop;
    proxy->rules_new = proxy->drop = false;
    pthread_mutex_unlock(&proxy->lock);
    for (struct connection *c = proxy->connections; c != NULL && begin; c = c->next)
        c->replied = 0;
    sweep(proxy, drop || stop);
    return stop;
}

static int64_t give_all(struct proxy *proxy, const struct proxy_rules *rules)
{
    const int64_t now = now_ns();
    int64_t wait_ms = IDLE_MS;
    for (struct connection *c = proxy->connections; c != NULL; c = c->next) {
        give(c, CLIENT, rules, now, &wait_ms);
        give(c, SERVER, rules, now, &wait_ms);
    }
    sweep(proxy, false);
    return wait_ms;
}

static void *run(void *closure)
{
    struct proxy *proxy = closure;
    struct proxy_rules rules;
    struct epoll_event events[EVENTS];
    char target[128];
    uint64_t woken;
    while (!look(proxy, &rules, target)) {
        const int64_t wait_ms = give_all(proxy, &rules);
        const int count = epoll_wait(proxy->epoll, events, EVENTS, (int)wait_ms);
        look(proxy, &rules, target);
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr == &proxy->listener)
                accept_one(proxy, &rules, target);
            else if (events[i].data.ptr == &proxy->wake)
                (void)!read(proxy->wake, &woken, sizeof woken);
        for (struct connection *c = proxy->connections; c != NULL; c = c->next) {
            take(c, CLIENT, &rules); /* there are few: no need to know which */
            take(c, SERVER, &rules);
        }
    }
    return NULL;
}

/* ---- for everyone ---- */

static void listen_on(struct proxy *proxy)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(proxy->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(proxy->listener, 128) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &size) != 0)
        die("the proxy cannot listen: %s", strerror(errno));
    proxy->port = ntohs(address.sin_port);
}

struct proxy *proxy_start(int target_port)
{
    struct proxy *proxy = calloc(1, sizeof *proxy);
    snprintf(proxy->target, sizeof proxy->target, "127.0.0.1:%d", target_port);
    pthread_mutex_init(&proxy->lock, NULL);
    listen_on(proxy);
    proxy->epoll = epoll_create1(EPOLL_CLOEXEC);
    proxy->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch(proxy, proxy->listener, &proxy->listener);
    watch(proxy, proxy->wake, &proxy->wake);
    if (pthread_create(&proxy->thread, NULL, run, proxy) != 0)
        die("the proxy cannot start its thread");
    return proxy;
}

static void wake(const struct proxy *proxy)
{
    const uint64_t one = 1;
    (void)!write(proxy->wake, &one, sizeof one);
}

void proxy_stop(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->stop = true;
    pthread_mutex_unlock(&proxy->lock);
    wake(proxy);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    close(proxy->epoll);
    close(proxy->wake);
    pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}

int proxy_port(const struct proxy *proxy)
{
    return proxy->port;
}

void proxy_set(struct proxy *proxy, const struct proxy_rules *rules)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->rules = *rules;
    proxy->rules_new = true;
    pthread_mutex_unlock(&proxy->lock);
    wake(proxy);
}

void proxy_target(struct proxy *proxy, const char *target)
{
    pthread_mutex_lock(&proxy->lock);
    snprintf(proxy->target, sizeof proxy->target, "%s", target);
    pthread_mutex_unlock(&proxy->lock);
    wake(proxy);
}

void proxy_drop(struct proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->drop = true;
    pthread_mutex_unlock(&proxy->lock);
    wake(proxy);
}
