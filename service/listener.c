#include "service/listener.h"

#include "store/memory.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096

static bool fail(const char *spec, const char *what, char *why, size_t why_size)
{
    snprintf(why, why_size, "cannot listen on %s: %s: %s", spec, what, strerror(errno));
    return false;
}

/* ADDR:PORT, [V6]:PORT. The syntax was checked by the configuration. */
static bool resolve(const char *spec, struct addrinfo **addresses, char *why, size_t why_size)
{
    char host[256];
    const char *colon = strrchr(spec, ':');
    size_t length = (size_t)(colon - spec);
    const char *begin = spec;
    if (spec[0] == '[') {
        begin++;
        length -= 2;
    }
    snprintf(host, sizeof host, "%.*s", (int)length, begin);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    int error = getaddrinfo(*host ? host : NULL, colon + 1, &hints, addresses);
    if (error != 0)
        snprintf(why, why_size, "cannot listen on %s: %s", spec, gai_strerror(error));
    return error == 0;
}

/* The first socket finds out the port; the others are bound to the same. */
static int open_tcp(const struct sockaddr *address, socklen_t size, const char **what)
{
    int on = 1;
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *what = "socket";
    if (descriptor < 0)
        return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *what = "bind";
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        bind(descriptor, address, size) == 0) {
        *what = "listen";
        if (listen(descriptor, BACKLOG) == 0)
            return descriptor;
    }
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

/* SO_REUSEPORT would let a second seqd share the port in silence: so it is tried
 * without it first. */
static bool is_free(const struct sockaddr *address, socklen_t size)
{
    int on = 1;
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool free = bind(descriptor, address, size) == 0 && listen(descriptor, 1) == 0;
    int error = errno;
    close(descriptor);
    errno = error;
    return free;
}

static void print_address(struct listener *listener, const struct sockaddr *address, socklen_t size)
{
    char host[64] = "?", port[16] = "?";
    getnameinfo(address, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(listener->address, sizeof listener->address,
             address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool open_tcp_sockets(struct listener *listener, const char *spec,
                             const struct addrinfo *found, char *why, size_t why_size)
{
    struct sockaddr_storage bound;
    socklen_t size = found->ai_addrlen;
    const char *what = "bind";
    memcpy(&bound, found->ai_addr, size);
    if (!is_free((struct sockaddr *)&bound, size))
        return fail(spec, what, why, why_size);
    for (size_t i = 0; i < listener->count; i++) {
        listener->descriptors[i] = open_tcp((struct sockaddr *)&bound, size, &what);
        if (listener->descriptors[i] < 0)
            return fail(spec, what, why, why_size);
        getsockname(listener->descriptors[i], (struct sockaddr *)&bound, &size);
    }
    print_address(listener, (struct sockaddr *)&bound, size);
    return true;
}

static bool listen_tcp(struct listener *listener, const char *spec, char *why, size_t why_size)
{
    struct addrinfo *addresses;
    if (!resolve(spec, &addresses, why, why_size))
        return false;
    bool opened = open_tcp_sockets(listener, spec, addresses, why, why_size);
    freeaddrinfo(addresses);
    return opened;
}

/* A socket file left behind by a process that died. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    if (stat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(probe);
}

static bool listen_unix(struct listener *listener, const char *spec, char *why, size_t why_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = spec + strlen("unix:");
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(spec, "path", why, why_size);
    }
    strcpy(address.sun_path, path);
    remove_stale(&address);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(descriptor, BACKLOG) != 0) {
        fail(spec, "bind", why, why_size);
        if (descriptor >= 0)
            close(descriptor);
        return false;
    }
    for (size_t i = 0; i < listener->count; i++)
        listener->descriptors[i] = descriptor;
    strcpy(listener->path, path);
    snprintf(listener->address, sizeof listener->address, "unix:%s", path);
    return true;
}

bool listener_open(struct listener *listener, const char *spec, size_t count, char *why,
                   size_t why_size)
{
    *listener = (struct listener){.count = count};
    listener->descriptors = must_calloc(count, sizeof *listener->descriptors);
    for (size_t i = 0; i < count; i++)
        listener->descriptors[i] = -1;
    listener->is_unix = strncmp(spec, "unix:", 5) == 0;
    bool opened = listener->is_unix ? listen_unix(listener, spec, why, why_size)
                                    : listen_tcp(listener, spec, why, why_size);
    if (!opened)
        listener_close(listener);
    return opened;
}

void listener_close(struct listener *listener)
{
    for (size_t i = 0; i < listener->count; i++)
        if (listener->descriptors[i] >= 0 && (i == 0 || !listener->is_unix))
            close(listener->descriptors[i]);
    if (listener->path[0])
        unlink(listener->path);
    free(listener->descriptors);
    *listener = (struct listener){0};
}
