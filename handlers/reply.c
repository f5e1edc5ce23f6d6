#include "handlers/reply.h"

#include "store/clock.h"
#include "store/decimal.h"
#include "store/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define JSON_TYPE    "application/json"
#define PROBLEM_TYPE "application/problem+json"
#define TEXT_TYPE    "text/plain; charset=utf-8"
#define RETRY_AFTER  "1" /* seconds */

static void measure(const struct request *request, int status)
{
    struct http_counters *counters = &request->worker->counters;
    size_t slot = request->route ? (size_t)(request->route - routes) + 1 : 0;
    int64_t taken_ns = clock_ns() - request->began_ns;
    own_count(&counters->requests[slot][status_slot(status)], 1);
    histogram_observe(&counters->latency[slot], taken_ns);
}

/* A value without its generation would not say what it is: as in store/memory.h. */
static void must_add(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_add_response_header(response, name, value) != MHD_YES)
        abort();
}

static void add_headers(struct MHD_Response *response, const struct request *request,
                        const struct reply *reply)
{
    if (reply->content_type)
        must_add(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    if (!request->route || (request->route->flags & ROUTE_API))
        must_add(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    must_add(response, "X-Content-Type-Options", "nosniff");
    if (reply->generation)
        must_add(response, "Seq-Generation", reply->generation);
    if (request->worker->stopping)
        must_add(response, MHD_HTTP_HEADER_CONNECTION, "close");
    for (const struct header *header = reply->headers; header && header->name; header++)
        must_add(response, header->name, header->value);
}

static struct MHD_Response *create_response(const struct request *request,
                                            const struct reply *reply)
{
    /* libmicrohttpd's parameter is not const, but it only reads it. */
    union {
        const void *from;
        void *to;
    } body = {reply->body};
    static const enum MHD_ResponseMemoryMode modes[] = {
        [BODY_COPIED] = MHD_RESPMEM_MUST_COPY,
        [BODY_STATIC] = MHD_RESPMEM_PERSISTENT,
        [BODY_GIVEN] = MHD_RESPMEM_MUST_FREE,
    };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->size, body.to, modes[reply->memory]);
    if (!response)
        abort();
    add_headers(response, request, reply);
    return response;
}

static void queue(struct request *request, int status, struct MHD_Response *response)
{
    assert(request->phase == REQUEST_RECEIVING);
    request->phase = REQUEST_ANSWERED;
    /* Refused only if the connection is no more: then nobody waits for it. */
    (void)MHD_queue_response(request->connection, (unsigned)status, response);
    measure(request, status);
}

void reply_send(struct request *request, const struct reply *reply)
{
    struct MHD_Response *response = create_response(request, reply);
    queue(request, reply->status, response);
    MHD_destroy_response(response);
}

/* The text, to be freed. Takes the reference. */
static char *dump(json_t *json)
{
    char *text = json_dumps(json, JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
    json_decref(json);
    if (!text)
        abort(); /* our own documents are well-formed */
    return text;
}

static void send_json(struct request *request, struct reply *reply, json_t *json)
{
    char *text = dump(json);
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL */
    reply->body = text;
    reply->size = length + 1;
    reply->memory = BODY_GIVEN;
    reply_send(request, reply);
}

void reply_json(struct request *request, int status, json_t *json, const char *generation,
                const struct header *headers)
{
    struct reply reply = {
        .status = status,
        .content_type = JSON_TYPE,
        .generation = generation,
        .headers = headers,
    };
    send_json(request, &reply, json);
}

/* Written by hand, as nextval is what a sequence is for. Returns the size. */
static size_t write_value(const struct request *request, int64_t value, char *body)
{
    static const char before[] = "{\"value\": ";
    char *out = body;
    bool quoted = request->int64_as_string && !request->plain;
    if (!request->plain) {
        memcpy(out, before, sizeof before - 1);
        out += sizeof before - 1;
    }
    if (quoted)
        *out++ = '"';
    out += decimal_write(out, value);
    if (quoted)
        *out++ = '"';
    if (!request->plain)
        *out++ = '}';
    *out++ = '\n';
    return (size_t)(out - body);
}

/* The response kept differs in its body's bytes only. */
static bool fits(const struct kept_response *kept, const struct reply *reply)
{
    return kept->response && kept->size == reply->size &&
           kept->content_type == reply->content_type &&
           strcmp(kept->generation, reply->generation ? reply->generation : "") == 0;
}

static void keep(struct kept_response *kept, const struct reply *reply,
                 struct MHD_Response *response)
{
    if (kept->response)
        MHD_destroy_response(kept->response);
    kept->response = response;
    kept->size = reply->size;
    kept->content_type = reply->content_type;
    /* An ID_SIZE, as every generation. */
    strcpy(kept->generation, reply->generation ? reply->generation : "");
}

/* The body is in request->kept already. */
static void send_kept(struct request *request, struct reply *reply)
{
    struct kept_response *kept = &request->kept;
    reply->body = kept->body;
    reply->memory = BODY_STATIC;
    if (request->worker->stopping || !fits(kept, reply))
        keep(kept, reply, create_response(request, reply));
    queue(request, reply->status, kept->response);
}

void reply_value(struct request *request, int64_t value, const char *generation)
{
    struct reply reply = {
        .status = 200,
        .content_type = request->plain ? TEXT_TYPE : JSON_TYPE,
        .size = write_value(request, value, request->kept.body),
        .generation = generation,
    };
    send_kept(request, &reply);
}

void reply_json_text(struct request *request, const char *text, size_t size)
{
    struct reply reply = {.status = 200, .content_type = JSON_TYPE, .body = text, .size = size};
    if (size > KEPT_MAX) {
        reply_send(request, &reply);
        return;
    }
    memcpy(request->kept.body, text, size);
    send_kept(request, &reply);
}

void reply_text(struct request *request, const char *content_type, const char *text)
{
    reply_send(request, &(struct reply){
                            .status = 200,
                            .content_type = content_type,
                            .body = text,
                            .size = strlen(text),
                        });
}

json_t *problem_json(const struct failure *failure)
{
    const struct error_kind *kind = error_kind(failure->code);
    char type[64];
    snprintf(type, sizeof type, "urn:seqd:problem:%s", kind->wire);
    json_t *problem =
        json_pack("{s:s, s:s, s:i, s:s*, s:s}", "type", type, "title", kind->title, "status",
                  kind->status, "detail", failure->detail, "code", kind->wire);
    if (!problem) /* a detail that is no UTF-8 */
        problem = json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title", kind->title, "status",
                            kind->status, "code", kind->wire);
    if (failure_sqlstate(failure)[0])
        json_object_set_new(problem, "sqlstate", json_string(failure_sqlstate(failure)));
    if (failure->hint[0])
        json_object_set_new(problem, "hint", json_string(failure->hint));
    if (failure->sequence[0])
        json_object_set_new(problem, "sequence", json_string(failure->sequence));
    if (failure->position > 0)
        json_object_set_new(problem, "position", json_integer(failure->position));
    return problem;
}

static struct reply problem_reply(enum error_code code, const struct header *headers)
{
    static const struct header retry[] = {{MHD_HTTP_HEADER_RETRY_AFTER, RETRY_AFTER}, {NULL, NULL}};
    const struct error_kind *kind = error_kind(code);
    return (struct reply){
        .status = kind->status,
        .content_type = PROBLEM_TYPE,
        .headers = headers           ? headers
                   : kind->retryable ? retry
                                     : NULL,
    };
}

void reply_problem(struct request *request, const struct failure *failure, const char *members,
                   size_t size)
{
    struct reply reply = problem_reply(failure->code, NULL);
    char *problem = dump(problem_json(failure));
    size_t length = strlen(problem) - 1; /* without its closing brace */
    char *body = must_realloc(problem, length + size + sizeof "}");
    char *end = mempcpy(mempcpy(body + length, members, size), "}\n", 2);
    reply.body = body;
    reply.size = (size_t)(end - body);
    reply.memory = BODY_GIVEN;
    reply_send(request, &reply);
}

void reply_failure_with(struct request *request, const struct failure *failure,
                        const struct header *headers)
{
    struct reply reply = problem_reply(failure->code, headers);
    send_json(request, &reply, problem_json(failure));
}

void reply_failure(struct request *request, const struct failure *failure)
{
    reply_failure_with(request, failure, NULL);
}

void reply_error(struct request *request, enum error_code code, const char *format, ...)
{
    struct failure failure;
    char detail[sizeof failure.detail];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    failure_set(&failure, code, "%s", detail);
    reply_failure(request, &failure);
}

json_t *int64_json(bool as_string, int64_t value)
{
    char text[DECIMAL_SIZE];
    if (!as_string)
        return json_integer(value);
    decimal_write(text, value);
    return json_string(text);
}
