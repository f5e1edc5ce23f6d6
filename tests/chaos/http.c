/* HTTP by hand: see http.h. */
#include "tests/chaos/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const int64_t CALL_NS = 5000000000;

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool http_open(struct http *http, int port)
{
    const struct sockaddr_in peer = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    http->used = 0;
    http->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(http->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (http->fd >= 0 && connect(http->fd, (const struct sockaddr *)&peer, sizeof peer) != 0)
        http_close(http);
    return http->fd >= 0;
}

void http_close(struct http *http)
{
    if (http->fd >= 0) {
        close(http->fd);
        http->fd = -1;
    }
}

bool http_send(struct http *http, const char *method, const char *path, const char *body)
{
    char text[1024];
    const size_t length = body == NULL ? 0 : strlen(body);
    const int size = snprintf(
        text, sizeof text, "%s %s HTTP/1.1\r\nHost: seqd\r\nContent-Length: %zu\r\n%s%s%s%s\r\n%s",
        method, path, length,
        http->session == NULL ? "" : "Seq-Session: ", http->session == NULL ? "" : http->session,
        http->session == NULL ? "" : "\r\n",
        body == NULL ? "" : "Content-Type: application/json\r\n", body == NULL ? "" : body);
    /* Small, on a connection without anything else under way: it is taken at once. */
    return size < (int)sizeof text &&
           send(http->fd, text, (size_t)size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* ---- replies ---- */

/* The header's value in the lines from `line` on, NULL when it is not there. */
static const char *header(const char *line, const char *end, const char *name)
{
    const size_t length = strlen(name);
    while ((line = memmem(line, (size_t)(end - line), "\r\n", 2)) != NULL && line < end) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':')
            return line + length + 1 + strspn(line + length + 1, " ");
    }
    return NULL;
}

static bool parse(struct http *http, struct http_reply *reply)
{
    const char *end = memmem(http->buffer, http->used, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    const char *length = header(http->buffer, end, "content-length");
    const char *generation = header(http->buffer, end, "seq-generation");
    const size_t body = length == NULL ? 0 : strtoul(length, NULL, 10);
    *reply = (struct http_reply){.body = end + 4, .body_length = body};
    reply->status = http->used > 12 ? (int)strtol(http->buffer + 9, NULL, 10) : 0;
    reply->retry_after = header(http->buffer, end, "retry-after") != NULL;
    if (generation != NULL)
        snprintf(reply->generation, NAME_SIZE, "%.*s", (int)strcspn(generation, "\r"), generation);
    return http->used >= (size_t)(reply->body - http->buffer) + body;
}

/* HTTP_REPLY: some bytes came. */
static enum http_result fill(struct http *http, int64_t until)
{
    struct pollfd ready = {.fd = http->fd, .events = POLLIN};
    const int64_t left = until - now_ns();
    if (poll(&ready, 1, left > 0 ? (int)(left / 1000000) + 1 : 0) <= 0)
        return HTTP_LATE;
    const size_t room = sizeof http->buffer - 1 - http->used;
    const ssize_t got = recv(http->fd, http->buffer + http->used, room, 0);
    if (got <= 0)
        return HTTP_CLOSED;
    http->used += (size_t)got;
    http->buffer[http->used] = '\0';
    return HTTP_REPLY;
}

enum http_result http_receive(struct http *http, struct http_reply *reply, int64_t until)
{
    while (!parse(http, reply)) {
        const enum http_result result = fill(http, until);
        if (result == HTTP_CLOSED || (result == HTTP_LATE && now_ns() >= until))
            return result;
    }
    http->used = 0; /* one request at a time: nothing can come after it */
    return HTTP_REPLY;
}

/* ---- one request ---- */

int http_call(int port, const char *method, const char *path, const char *body, char **reply_body)
{
    struct http_reply reply = {0};
    struct http *http = malloc(sizeof *http);
    http->session = NULL;
    if (!http_open(http, port) || !http_send(http, method, path, body) ||
        http_receive(http, &reply, now_ns() + CALL_NS) != HTTP_REPLY)
        reply = (struct http_reply){.body = ""};
    if (reply_body != NULL)
        *reply_body = strndup(reply.body, reply.body_length);
    http_close(http);
    free(http);
    return reply.status;
}
