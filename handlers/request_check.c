#include "handlers/request_check.h"

#include "handlers/accept.h"
#include "handlers/reply.h"
#include "store/decimal.h"
#include "store/percent.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, section 5.6.2: token. */
static bool is_token(const char *text)
{
    static const char allowed[] =
        "!#$%&'*+-.^_`|~0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t length = strspn(text, allowed);
    return length > 0 && text[length] == '\0';
}

/* Where each header goes, and where it is counted. */
static const struct {
    const char *name;
    size_t text, count;
} wanted_headers[] = {
#define TEXT(member)  offsetof(struct request, member)
#define COUNT(member) offsetof(struct request, member)
    {"Host", TEXT(host), COUNT(host_count)},
    {"Content-Length", TEXT(content_length), COUNT(content_length_count)},
    {"Transfer-Encoding", TEXT(transfer_encoding), 0},
    {"Content-Type", TEXT(content_type), 0},
    {"Accept", TEXT(accept), 0},
    {"Seq-Session", TEXT(session), 0},
    {"Origin", TEXT(origin), 0},
#undef TEXT
#undef COUNT
};

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    struct request *request = cls;
    (void)kind;
    for (size_t i = 0; i < sizeof wanted_headers / sizeof *wanted_headers; i++) {
        if (strcasecmp(key, wanted_headers[i].name) != 0)
            continue;
        memcpy((char *)request + wanted_headers[i].text, &value, sizeof value);
        if (wanted_headers[i].count)
            ++*(unsigned *)(void *)((char *)request + wanted_headers[i].count);
        return MHD_YES;
    }
    if (!is_token(key))
        request->bad_header = true;
    return MHD_YES;
}

/* True: a body follows, or may. */
static bool has_body(const struct request *request)
{
    return request->transfer_encoding ||
           (request->content_length && strcmp(request->content_length, "0") != 0);
}

/* What two parties could read in two ways (RFC 9112, section 6.3), or NULL. */
static const char *ambiguity(const struct request *request, const char *version)
{
    bool is_1_1 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    int64_t length;
    if (!is_1_1 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0)
        return "the protocol is neither HTTP/1.1 nor HTTP/1.0";
    if (request->bad_header)
        return "a header's name is not a token";
    if (is_1_1 ? request->host_count != 1 : request->host_count > 1)
        return "there is not exactly one Host header";
    if (request->content_length_count > 1)
        return "there is more than one Content-Length";
    if (request->content_length && request->transfer_encoding)
        return "there are both Content-Length and Transfer-Encoding";
    if (request->transfer_encoding &&
        (!is_1_1 || strcasecmp(request->transfer_encoding, "chunked") != 0))
        return "the Transfer-Encoding is not chunked, or the protocol is HTTP/1.0";
    if (request->content_length &&
        (decimal_parse(request->content_length, strlen(request->content_length), &length) !=
             DECIMAL_OK ||
         length < 0))
        return "the Content-Length is not a number";
    return NULL;
}

/* A page of another site may send simple requests here without asking. */
static bool is_cross_origin(const struct request *request)
{
    if (!request->origin)
        return false;
    const char *authority = strstr(request->origin, "://");
    return !authority || !request->host || strcasecmp(authority + 3, request->host) != 0;
}

static bool decode_in_place(char *text, size_t length)
{
    size_t decoded;
    if (!percent_decode(text, length, text, &decoded))
        return false;
    text[decoded] = '\0';
    return strlen(text) == decoded;
}

/* Cuts the query in place into decoded names and values. */
static bool split_query(struct request *request)
{
    char *next = request->target + request->path_length;
    if (*next == '?')
        *next++ = '\0';
    while (next && *next) {
        char *parameter = strsep(&next, "&");
        char *value = strchr(parameter, '=');
        if (request->query_count == QUERY_MAX) {
            reply_error(request, ERROR_INVALID_REQUEST, "there are more than %d query parameters",
                        QUERY_MAX);
            return false;
        }
        if (value)
            *value++ = '\0';
        else
            value = parameter + strlen(parameter);
        if (!decode_in_place(parameter, strlen(parameter)) ||
            !decode_in_place(value, strlen(value))) {
            reply_error(request, ERROR_INVALID_REQUEST, "the query has a bad %%-escape, or a NUL");
            return false;
        }
        request->query[request->query_count++] = (struct query_parameter){parameter, value};
    }
    return true;
}

static bool query_is_known(const struct request *request, const char *name)
{
    if ((request->route->flags & ROUTE_API) && strcmp(name, "int64") == 0)
        return true;
    for (size_t i = 0; i < ROUTE_QUERY_MAX && request->route->query[i]; i++)
        if (strcmp(name, request->route->query[i]) == 0)
            return true;
    return false;
}

static void refuse_parameter(struct request *request, const char *name)
{
    const char *const *query = request->route->query;
    bool api = request->route->flags & ROUTE_API;
    char known[64] = "";
    for (size_t i = 0, written = 0; i < ROUTE_QUERY_MAX && query[i]; i++)
        written += (size_t)snprintf(known + written, sizeof known - written, " %s", query[i]);
    reply_error(request, ERROR_INVALID_REQUEST, "unknown query parameter \"%.100s\"; known:%s%s",
                name, known, api ? " int64" : " none");
}

static bool check_query(struct request *request)
{
    if (!split_query(request))
        return false;
    for (size_t i = 0; i < request->query_count; i++) {
        const char *name = request->query[i].name;
        bool twice = request_query(request, name) != request->query[i].value;
        if (query_is_known(request, name) && !twice)
            continue;
        if (twice)
            reply_error(request, ERROR_INVALID_REQUEST,
                        "the query parameter \"%.100s\" is there twice", name);
        else
            refuse_parameter(request, name);
        return false;
    }
    const char *fence = request_query(request, "fence");
    request->strict = fence && strcmp(fence, "strict") == 0;
    if (fence && !request->strict && strcmp(fence, "fast") != 0) {
        reply_error(request, ERROR_INVALID_REQUEST, "fence is fast or strict, not \"%.100s\"",
                    fence);
        return false;
    }
    const char *int64 = request_query(request, "int64");
    request->int64_as_string = int64 && strcmp(int64, "string") == 0;
    if (!int64 || request->int64_as_string || strcmp(int64, "number") == 0)
        return true;
    reply_error(request, ERROR_INVALID_REQUEST, "int64 is string or number, not \"%.100s\"", int64);
    return false;
}

/* {name} or {table} of the path, decoded exactly once. */
static bool check_name(struct request *request)
{
    char decoded[TARGET_MAX];
    size_t length;
    struct failure failure;
    const struct capture *capture = &request->capture;
    if (!strstr(request->route->path, "{name}") && !strstr(request->route->path, "{table}"))
        return true;
    if (!percent_decode(capture->text, capture->length, decoded, &length))
        failure_set(&failure, ERROR_INVALID_NAME, "the name in the path has a bad %%-escape");
    else if (name_parse(decoded, length, &request->name, &failure))
        return true;
    reply_failure(request, &failure);
    return false;
}

static bool check_body_headers(struct request *request)
{
    int64_t length = 0;
    if (!has_body(request))
        return true;
    if (!(request->route->flags & ROUTE_BODY)) {
        reply_error(request, ERROR_INVALID_REQUEST, "%s of this path takes no body",
                    request->route->method);
        return false;
    }
    if (request->content_length)
        decimal_parse(request->content_length, strlen(request->content_length), &length);
    if (length > (int64_t)request_body_max(request)) {
        reply_error(request, ERROR_BODY_TOO_LARGE, "the body is longer than %zu bytes",
                    request_body_max(request));
        return false;
    }
    bool sql = request->route->flags & ROUTE_SQL;
    if (media_type_is(request->content_type, "application/json") ||
        (sql && (media_type_is(request->content_type, "application/sql") ||
                 media_type_is(request->content_type, "text/plain"))))
        return true;
    reply_error(request, ERROR_UNSUPPORTED_MEDIA_TYPE,
                "the body's Content-Type must be %sapplication/json, not %.100s",
                sql ? "application/sql, text/plain or " : "",
                request->content_type ? request->content_type : "missing");
    return false;
}

static bool check_accept(struct request *request)
{
    if (!request->accept || (request->route->flags & ROUTE_NOT_JSON))
        return true;
    bool can_be_plain = request->route->flags & ROUTE_VALUE;
    enum representation chosen = accept_choose(request->accept, can_be_plain);
    request->plain = chosen == REPRESENTATION_PLAIN;
    if (chosen != REPRESENTATION_NONE)
        return true;
    reply_error(request, ERROR_NOT_ACCEPTABLE,
                "this is application/json%s, which Accept does not allow",
                can_be_plain ? " or text/plain" : "");
    return false;
}

/* 404, 405, and OPTIONS, which any known path answers. */
static void reply_no_route(struct request *request, const char *method, bool path_known)
{
    char allow[64];
    struct failure failure;
    if (!path_known) {
        reply_error(request, ERROR_NOT_FOUND, "there is nothing at %.*s: /docs shows what there is",
                    (int)(request->path_length > 200 ? 200 : request->path_length),
                    request->target);
        return;
    }
    route_allow(request->target, request->path_length, allow, sizeof allow);
    const struct header headers[] = {{MHD_HTTP_HEADER_ALLOW, allow}, {NULL, NULL}};
    if (strcmp(method, MHD_HTTP_METHOD_OPTIONS) == 0) {
        reply_send(request, &(struct reply){.status = 204, .headers = headers});
        return;
    }
    failure_set(&failure, ERROR_METHOD_NOT_ALLOWED, "%.40s is not allowed here: %s are", method,
                allow);
    reply_failure_with(request, &failure, headers);
}

static bool find_route(struct request *request, const char *method)
{
    bool path_known;
    if (request->target_too_long) {
        reply_error(request, ERROR_INVALID_REQUEST, "the request's target is longer than %d bytes",
                    TARGET_MAX);
        return false;
    }
    request->head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    request->route = route_find(request->head ? MHD_HTTP_METHOD_GET : method, request->target,
                                request->path_length, &request->capture, &path_known);
    if (!request->route)
        reply_no_route(request, method, path_known);
    return request->route != NULL;
}

bool request_has_body(struct request *request)
{
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, see_header, request);
    return has_body(request);
}

void request_check(struct request *request, const char *method, const char *version)
{
    const char *why = ambiguity(request, version);
    if (why)
        reply_error(request, ERROR_INVALID_REQUEST, "malformed request: %s", why);
    else if (is_cross_origin(request))
        reply_error(request, ERROR_INVALID_REQUEST,
                    "a page of %.100s may not send requests to this service", request->origin);
    else if (find_route(request, method) && check_body_headers(request) && check_query(request) &&
             check_name(request))
        check_accept(request);
}
