/* Listening sockets. */
#ifndef SERVICE_LISTENER_H
#define SERVICE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

/* One --listen, opened once for each loop: a TCP port is shared by SO_REUSEPORT, so
 * that the kernel spreads connections; a unix socket is one descriptor for all. */
struct listener {
    int *descriptors; /* one a loop; a unix socket's are all the same */
    size_t count;
    bool is_unix;
    char address[128]; /* "127.0.0.1:8080" as bound, or "unix:/path" */
    char path[108];    /* of a unix socket: removed on close */
};

/* `spec` is ADDR:PORT or unix:PATH; port 0 picks one. A unix socket file that nobody
 * listens on any more is replaced. False with the reason. */
bool listener_open(struct listener *listener, const char *spec, size_t count, char *why,
                   size_t why_size);
void listener_close(struct listener *listener);

#endif
