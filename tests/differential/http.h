/* HTTP to one seqd, over one persistent connection. */
#ifndef TESTS_DIFFERENTIAL_HTTP_H
#define TESTS_DIFFERENTIAL_HTTP_H

#include <jansson.h>

struct http;

struct http_request {
    const char *method, *path;
    const char *session;     /* NULL: none */
    const char *type, *body; /* NULL: no body */
};

struct http_reply {
    int status;       /* 0: there was none */
    json_t *json;     /* borrowed until the next call; NULL: not JSON, or nothing */
    const char *text; /* the same as text, or why there was no reply */
};

struct http *http_open(const char *socket);
void http_close(struct http *http);
struct http_reply http_call(struct http *http, const struct http_request *request);

#endif
