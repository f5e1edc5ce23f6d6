/* HTTP by libcurl, and JSON getters: see client.h. */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALL_MS = 30000, RECORD_BODY_MAX = 1024 * 1024 + 4096 };

/* ---- what libcurl tells ---- */

static size_t take_body(char *data, size_t size, size_t count, void *closure)
{
    struct reply *reply = closure;
    const size_t length = size * count;
    reply->body = realloc(reply->body, reply->length + length + 1);
    memcpy(reply->body + reply->length, data, length);
    reply->length += length;
    reply->body[reply->length] = '\0';
    return length;
}

static size_t take_header(char *data, size_t size, size_t count, void *closure)
{
    struct reply *reply = closure;
    char line[2048], *value = line;
    snprintf(line, sizeof line, "%.*s", (int)(size * count), data);
    line[strcspn(line, "\r\n")] = '\0';
    const char *name = strsep(&value, ":");
    if (value != NULL) {
        for (char *c = line; *c != '\0'; c++) {
            *c = (char)tolower((unsigned char)*c);
        }
        json_object_set_new(reply->headers, name, json_string(value + strspn(value, " ")));
    }
    return size * count;
}

/* ---- one call ---- */

/* The body as it goes over the wire, to be freed; NULL when there is none. */
static char *body_of(const struct call *request)
{
    char *body = request->body == NULL ? NULL : strdup(request->body);
    for (char *c = body; c != NULL && !request->verbatim && *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return body;
}

static const char *type_of(const struct call *request)
{
    return request->type != NULL ? request->type : request->body != NULL ? "application/json" : "";
}

static const char *method_of(const struct call *request)
{
    return request->method != NULL ? request->method : request->body != NULL ? "POST" : "GET";
}

/* NULL removes what libcurl would send by itself. */
static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    char line[1024];
    if (value == NULL || value[0] == '\0') {
        snprintf(line, sizeof line, "%s:", name);
    } else {
        snprintf(line, sizeof line, "%s: %s", name, value);
    }
    return curl_slist_append(list, line);
}

static struct curl_slist *headers_of(const struct call *request)
{
    struct curl_slist *list = add_header(NULL, "Content-Type", type_of(request));
    list = add_header(list, "Accept", request->accept);
    list = add_header(list, "Seq-Session", request->session);
    return request->header == NULL ? list : curl_slist_append(list, request->header);
}

static void set_address(CURL *curl, const struct node *node, const char *path)
{
    char url[4096];
    const bool local = strncmp(node->address, "unix:", 5) == 0;
    snprintf(url, sizeof url, "http://%s%s", local ? "localhost" : node->address, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, local ? node->address + 5 : NULL);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)CALL_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void set_method(CURL *curl, const char *method, const char *body)
{
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        return;
    }
    if (body != NULL || strcmp(method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body != NULL ? body : "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static struct reply *perform(CURL *curl, const struct call *request)
{
    long status = 0;
    static struct reply *all;
    struct reply *reply = calloc(1, sizeof *reply);
    struct curl_slist *headers = headers_of(request);
    reply->next = all;
    all = reply;
    reply->headers = json_object();
    reply->body = calloc(1, 1);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    const int64_t start = now_ms();
    const CURLcode result = curl_easy_perform(curl);
    reply->took_ms = now_ms() - start;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    reply->status = result == CURLE_OK ? (int)status : 0;
    reply->json = json_loads(reply->body, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    snprintf(reply->what, sizeof reply->what, "%s %.150s: %d (%s) %.250s", method_of(request),
             request->path, reply->status, curl_easy_strerror(result), reply->body);
    curl_slist_free_all(headers);
    return reply;
}

static void record(const struct call *request, const char *body, const struct reply *reply)
{
    const char *file = getenv("SEQD_RECORD");
    if (file == NULL || reply->status == 0 || reply->length > RECORD_BODY_MAX ||
        (body != NULL && strlen(body) > RECORD_BODY_MAX)) {
        return;
    }
    json_t *line =
        json_pack("{s:s, s:s, s:s?, s:s?, s:i, s:O, s:s}", "method", method_of(request), "path",
                  request->path, "request_content_type",
                  body == NULL ? request->type : type_of(request), "request_body", body, "status",
                  reply->status, "headers", reply->headers, "body", reply->body);
    char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT);
    if (text != NULL) {
        const int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const size_t length = strlen(text);
        text[length] = '\n';
        cr_assert_eq(write(fd, text, length + 1), (ssize_t)length + 1, "SEQD_RECORD");
        close(fd);
    }
    free(text);
    json_decref(line);
}

/* What the API promises of every reply. */
static void check_conventions(const struct call *request, const struct reply *reply)
{
    const char *sniff = reply_header(reply, "x-content-type-options");
    const char *cache = reply_header(reply, "cache-control");
    if (reply->status == 0) {
        return;
    }
    cr_assert(sniff != NULL && strcmp(sniff, "nosniff") == 0, "nosniff: %s", reply->what);
    if (strncmp(request->path, "/v1/", 4) == 0) {
        cr_assert(cache != NULL && strcmp(cache, "no-store") == 0, "no-store: %s", reply->what);
    }
    if (reply->status >= 400 && strcmp(method_of(request), "HEAD") != 0 &&
        strcmp(request->path, "/readyz") != 0) {
        const char *type = reply_header(reply, "content-type");
        cr_assert(type != NULL && strncmp(type, "application/problem+json", 24) == 0,
                  "problem+json: %s", reply->what);
        cr_assert_eq(reply_integer(reply, "status"), reply->status, "%s", reply->what);
    }
}

struct reply *call(const struct node *node, struct call request)
{
    static CURL *curl;
    if (curl == NULL) {
        curl = curl_easy_init();
    }
    curl_easy_reset(curl);
    char *body = body_of(&request);
    set_address(curl, node, request.path);
    set_method(curl, method_of(&request), body);
    struct reply *reply = perform(curl, &request);
    record(&request, body, reply);
    free(body);
    reply->node = node;
    check_conventions(&request, reply);
    return reply;
}

/* ---- shorthands ---- */

__attribute__((format(printf, 4, 0))) static struct reply *
call_formatted(const struct node *node, const char *method, const char *body, const char *format,
               va_list arguments)
{
    char path[2048];
    vsnprintf(path, sizeof path, format, arguments);
    return CALL(node, .method = method, .path = path, .body = body);
}

struct reply *post(const struct node *node, const char *body, const char *path, ...)
{
    va_list arguments;
    va_start(arguments, path);
    struct reply *reply = call_formatted(node, "POST", body, path, arguments);
    va_end(arguments);
    return reply;
}

struct reply *patch(const struct node *node, const char *body, const char *path, ...)
{
    va_list arguments;
    va_start(arguments, path);
    struct reply *reply = call_formatted(node, "PATCH", body, path, arguments);
    va_end(arguments);
    return reply;
}

struct reply *get(const struct node *node, const char *path, ...)
{
    va_list arguments;
    va_start(arguments, path);
    struct reply *reply = call_formatted(node, "GET", NULL, path, arguments);
    va_end(arguments);
    return reply;
}

struct reply *drop(const struct node *node, const char *path, ...)
{
    va_list arguments;
    va_start(arguments, path);
    struct reply *reply = call_formatted(node, "DELETE", NULL, path, arguments);
    va_end(arguments);
    return reply;
}

struct reply *expect(struct reply *reply, int status)
{
    cr_assert_eq(reply->status, status, "expected %d: %s %s", status, reply->what,
                 reply->status == 0 ? node_last_words(reply->node) : "");
    return reply;
}

struct reply *expect_problem(struct reply *reply, int status, const char *code,
                             const char *sqlstate, const char *detail)
{
    expect(reply, status);
    cr_assert_str_eq(reply_text(reply, "code"), code, "code %s: %s", code, reply->what);
    reply_text(reply, "type");
    reply_text(reply, "title");
    if (sqlstate != NULL) {
        cr_assert_str_eq(reply_text(reply, "sqlstate"), sqlstate, "sqlstate %s: %s", sqlstate,
                         reply->what);
    }
    if (detail != NULL) {
        cr_assert_str_eq(reply_text(reply, "detail"), detail, "detail %s: %s", detail, reply->what);
    }
    return reply;
}

/* ---- members ---- */

json_t *reply_member(const struct reply *reply, const char *path)
{
    char copy[256], *rest = copy, *part;
    json_t *value = reply->json;
    snprintf(copy, sizeof copy, "%s", path);
    while ((part = strsep(&rest, ".")) != NULL) {
        value = json_is_array(value) ? json_array_get(value, strtoul(part, NULL, 10))
                                     : json_object_get(value, part);
    }
    cr_assert_not_null(value, "no member %s: %s", path, reply->what);
    return value;
}

int64_t reply_integer(const struct reply *reply, const char *path)
{
    json_t *value = reply_member(reply, path);
    cr_assert(json_is_integer(value), "%s is no integer: %s", path, reply->what);
    return json_integer_value(value);
}

const char *reply_text(const struct reply *reply, const char *path)
{
    json_t *value = reply_member(reply, path);
    cr_assert(json_is_string(value), "%s is no string: %s", path, reply->what);
    return json_string_value(value);
}

bool reply_boolean(const struct reply *reply, const char *path)
{
    json_t *value = reply_member(reply, path);
    cr_assert(json_is_boolean(value), "%s is no boolean: %s", path, reply->what);
    return json_is_true(value);
}

bool reply_null(const struct reply *reply, const char *path)
{
    return json_is_null(reply_member(reply, path));
}

const char *reply_header(const struct reply *reply, const char *name)
{
    return json_string_value(json_object_get(reply->headers, name));
}
