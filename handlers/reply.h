/*
 * Where answers are made: every MHD_Response of seqd comes from reply.c. Each function
 * answers the request; the caller returns afterwards.
 */
#ifndef HANDLERS_REPLY_H
#define HANDLERS_REPLY_H

#include "handlers/request.h"

struct header {
    const char *name, *value;
};

enum body_memory {
    BODY_COPIED,
    BODY_STATIC, /* it lives as long as the process */
    BODY_GIVEN   /* of malloc(); freed when it was sent */
};

struct reply {
    int status;
    const char *content_type; /* NULL: no body */
    const void *body;
    size_t size;
    enum body_memory memory;
    const char *generation;       /* Seq-Generation, or NULL */
    const struct header *headers; /* ended by a NULL name; or NULL */
};

void reply_send(struct request *request, const struct reply *reply);

/* A JSON document, with a newline behind it. Takes the reference. */
void reply_json(struct request *request, int status, json_t *json, const char *generation,
                const struct header *headers);

/* The same, as its text. Copied. */
void reply_json_text(struct request *request, const char *text, size_t size);

/* {"value": value}, or the bare number to who prefers text/plain. */
void reply_value(struct request *request, int64_t value, const char *generation);

void reply_text(struct request *request, const char *content_type, const char *text);

/* RFC 9457. */
void reply_failure(struct request *request, const struct failure *failure);
json_t *problem_json(const struct failure *failure);

/* A problem with members of its own: JSON text that begins with a comma. */
void reply_problem(struct request *request, const struct failure *failure, const char *members,
                   size_t size);

/* With headers besides those of every problem. */
void reply_failure_with(struct request *request, const struct failure *failure,
                        const struct header *headers);

/* Builds the failure and sends it. */
void reply_error(struct request *request, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An int64 as the client wants it: an integer, or a decimal string. */
json_t *int64_json(bool as_string, int64_t value);

#endif
