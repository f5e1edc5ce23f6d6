/*
 * HTTP/1.1 by hand over a socket: for requests that no library would send, for
 * clients that stall, and for many fast connections at once.
 *
 * A `wire` belongs to one thread. No function fails the test, except wire_open.
 */
#ifndef TESTS_INTEGRATION_WIRE_H
#define TESTS_INTEGRATION_WIRE_H

#include "tests/integration/harness.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    int fd;
    size_t used; /* bytes in the buffer */
    size_t done; /* of them, those of replies already given out */
    char buffer[16384];
};

/* Points into the wire's buffer: valid until its next call. */
struct wire_reply {
    int status;
    const char *headers; /* from the status line on */
    size_t headers_length;
    const char *body;
    size_t body_length;
};

enum wire_result { WIRE_REPLY, WIRE_CLOSED, WIRE_LATE };

/* Connects (blocking), or fails the test. */
void wire_open(struct wire *wire, const struct node *node);
/* The same without asserting, for threads: false when refused. */
bool wire_try_open(struct wire *wire, const struct node *node);
void wire_close(struct wire *wire);

/* Sends all; false when the peer has closed or takes nothing for 10 s. */
bool wire_send(struct wire *wire, const void *bytes, size_t length);
bool wire_send_text(struct wire *wire, const char *text);

/* The next reply, complete with its body, before `until` (now_ms() time). A reply
 * without Content-Length ends with the connection. */
enum wire_result wire_receive(struct wire *wire, struct wire_reply *reply, int64_t until);
/* Takes what is there without waiting: WIRE_LATE when the reply is not complete yet. */
enum wire_result wire_poll(struct wire *wire, struct wire_reply *reply);
/* Waits until the peer closes, whatever it sends before: true if before `until`. */
bool wire_closed_by(struct wire *wire, int64_t until);

/* A header's value by its name in any case; false when it is not there. */
bool wire_header(const struct wire_reply *reply, const char *name, char *value, size_t size);

#endif
