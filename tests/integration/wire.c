/* HTTP/1.1 by hand: see wire.h. */
#include "tests/integration/wire.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SEND_MS = 10000 };

static int connect_tcp(const char *address)
{
    const char *colon = strrchr(address, ':');
    const struct sockaddr_in peer = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10)),
                                     .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&peer, sizeof peer) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un peer = {.sun_family = AF_UNIX};
    snprintf(peer.sun_path, sizeof peer.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&peer, sizeof peer) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool wire_try_open(struct wire *wire, const struct node *node)
{
    wire->used = wire->done = 0;
    wire->fd = strncmp(node->address, "unix:", 5) == 0 ? connect_unix(node->address + 5)
                                                       : connect_tcp(node->address);
    return wire->fd >= 0;
}

void wire_open(struct wire *wire, const struct node *node)
{
    cr_assert(wire_try_open(wire, node), "connect to %s: %s", node->address, strerror(errno));
}

void wire_close(struct wire *wire)
{
    if (wire->fd >= 0) {
        close(wire->fd);
        wire->fd = -1;
    }
}

bool wire_send(struct wire *wire, const void *bytes, size_t length)
{
    const char *next = bytes;
    const int64_t until = now_ms() + SEND_MS;
    while (length > 0) {
        const ssize_t sent = send(wire->fd, next, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            next += sent;
            length -= (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN && now_ms() < until) {
            struct pollfd ready = {.fd = wire->fd, .events = POLLOUT};
            poll(&ready, 1, 100);
        } else {
            return false;
        }
    }
    return true;
}

bool wire_send_text(struct wire *wire, const char *text)
{
    return wire_send(wire, text, strlen(text));
}

/* ---- replies ---- */

bool wire_header(const struct wire_reply *reply, const char *name, char *value, size_t size)
{
    const size_t length = strlen(name);
    const char *end = reply->headers + reply->headers_length, *line = reply->headers;
    while ((line = memmem(line, (size_t)(end - line), "\r\n", 2)) != NULL) {
        line += 2;
        if ((size_t)(end - line) > length && strncasecmp(line, name, length) == 0 &&
            line[length] == ':') {
            const char *text = line + length + 1;
            text += strspn(text, " ");
            snprintf(value, size, "%.*s", (int)strcspn(text, "\r"), text);
            return true;
        }
    }
    return false;
}

static bool without_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

/* Finds one complete reply in the buffer; `closed`: no more will come. */
static bool parse(struct wire *wire, struct wire_reply *reply, bool closed)
{
    char length[32];
    const char *start = wire->buffer + wire->done;
    const size_t have = wire->used - wire->done;
    const char *end = memmem(start, have, "\r\n\r\n", 4);
    if (end == NULL || sscanf(start, "HTTP/1.%*c %d", &reply->status) != 1) {
        return false;
    }
    reply->headers = start;
    reply->headers_length = (size_t)(end - start) + 2;
    reply->body = end + 4;
    const size_t rest = have - (size_t)(reply->body - start);
    reply->body_length = rest;
    if (without_body(reply->status)) {
        reply->body_length = 0;
    } else if (wire_header(reply, "content-length", length, sizeof length)) {
        reply->body_length = strtoul(length, NULL, 10);
    } else if (!closed) {
        return false;
    }
    if (reply->body_length > rest && !closed) {
        return false;
    }
    wire->done = (size_t)(reply->body - wire->buffer) +
                 (reply->body_length < rest ? reply->body_length : rest);
    return true;
}

/* Moves what is left to the front, when all that is before it was given out. */
static void compact(struct wire *wire)
{
    if (wire->done > 0) {
        memmove(wire->buffer, wire->buffer + wire->done, wire->used - wire->done);
        wire->used -= wire->done;
        wire->done = 0;
    }
}

/* WIRE_REPLY: some bytes came; WIRE_LATE: none for now. */
static enum wire_result fill(struct wire *wire)
{
    const size_t room = sizeof wire->buffer - 1 - wire->used;
    const ssize_t got = recv(wire->fd, wire->buffer + wire->used, room, MSG_DONTWAIT);
    if (got > 0) {
        wire->used += (size_t)got;
        wire->buffer[wire->used] = '\0';
        return WIRE_REPLY;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? WIRE_LATE : WIRE_CLOSED;
}

enum wire_result wire_poll(struct wire *wire, struct wire_reply *reply)
{
    compact(wire);
    if (parse(wire, reply, false)) {
        return WIRE_REPLY;
    }
    const enum wire_result filled = fill(wire);
    if (filled == WIRE_LATE) {
        return WIRE_LATE;
    }
    if (parse(wire, reply, filled == WIRE_CLOSED)) {
        return WIRE_REPLY;
    }
    return filled == WIRE_CLOSED ? WIRE_CLOSED : WIRE_LATE;
}

static bool readable(const struct wire *wire, int64_t until)
{
    struct pollfd ready = {.fd = wire->fd, .events = POLLIN};
    const int64_t left = until - now_ms();
    return poll(&ready, 1, left > 0 ? (int)left : 0) > 0;
}

enum wire_result wire_receive(struct wire *wire, struct wire_reply *reply, int64_t until)
{
    enum wire_result result;
    while ((result = wire_poll(wire, reply)) == WIRE_LATE) {
        if (!readable(wire, until) && now_ms() >= until) {
            return WIRE_LATE;
        }
    }
    return result;
}

bool wire_closed_by(struct wire *wire, int64_t until)
{
    enum wire_result result;
    do {
        wire->used = wire->done = 0;
        result = fill(wire);
        if (result == WIRE_LATE && !readable(wire, until) && now_ms() >= until) {
            return false;
        }
    } while (result != WIRE_CLOSED);
    return true;
}
