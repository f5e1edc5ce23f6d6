/* The connections of one loop, and when the silent ones are closed. */
#ifndef SERVICE_CONNECTION_H
#define SERVICE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
    struct connection *next, *previous;
    int descriptor;
    bool is_unix;
    void *request;     /* under way, with a deadline of its own; or NULL */
    int64_t silent_ns; /* when the last request ended, or the connection began */
    int64_t quiet_ns;  /* the last sweep that found no new byte; 0: none yet */
    uint64_t received; /* TCP: bytes received by then */
};

struct connections {
    struct connection *first;
    size_t count;
};

struct connection *connections_add(struct connections *connections, int descriptor, bool is_unix,
                                   int64_t now_ns);
void connections_remove(struct connections *connections, struct connection *connection);

/* A request begins, and ends. */
void connection_begin(struct connection *connection, void *request);
void connection_end(struct connection *connection, int64_t now_ns);

/* Shuts down those that were silent for `idle_ns`, or that took longer than
 * `request_ns` for a request line. libmicrohttpd then closes them. */
void connections_sweep(struct connections *connections, int64_t now_ns, int64_t idle_ns,
                       int64_t request_ns);

/* Shuts down those without a request under way; returns how many have one. */
size_t connections_end_idle(struct connections *connections);

#endif
