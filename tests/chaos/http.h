/* HTTP/1.1 on a kept connection to 127.0.0.1: for the clients, and for a look at a node. */
#ifndef TESTS_CHAOS_HTTP_H
#define TESTS_CHAOS_HTTP_H

#include "tests/chaos/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http {
    int fd; /* -1: not connected */
    size_t used;
    const char *session; /* Seq-Session; or NULL */
    char buffer[262144]; /* /metrics is long */
};

/* Strings are in the connection's buffer, until the next call. */
struct http_reply {
    int status;
    bool retry_after;
    char generation[NAME_SIZE]; /* "" without */
    const char *body;
    size_t body_length;
};

enum http_result { HTTP_REPLY, HTTP_CLOSED, HTTP_LATE };

int64_t now_ns(void);

bool http_open(struct http *http, int port);
void http_close(struct http *http);
/* `body` NULL: none. */
bool http_send(struct http *http, const char *method, const char *path, const char *body);
/* Waits until then (now_ns() time); HTTP_LATE may be followed by another try. */
enum http_result http_receive(struct http *http, struct http_reply *reply, int64_t until);

/* A request of its own, on a connection of its own: its status and, unless NULL, its
 * body, to be freed. Status 0: no reply in 5 s. */
int http_call(int port, const char *method, const char *path, const char *body, char **reply_body);

#endif
