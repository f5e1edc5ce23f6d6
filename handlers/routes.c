#include "handlers/routes.h"

#include "handlers/handlers.h"

#include <stdio.h>
#include <string.h>

#define SEQUENCE "/v1/sequences/{name}"
#define SERIALS  "/v1/tables/{table}/serials"

/* The busiest first: the search goes from the top. */
const struct route routes[] = {
    {"POST",
     SEQUENCE "/nextval",
     "nextval",
     handle_nextval,
     ROUTE_API | ROUTE_VALUE | ROUTE_BODY,
     {0}},
    {"POST",
     SEQUENCE "/range",
     "reserveRange",
     handle_range,
     ROUTE_API | ROUTE_VALUE | ROUTE_BODY,
     {0}},
    {"POST", "/v1/sql", "sql", handle_sql, ROUTE_API | ROUTE_BODY | ROUTE_SQL, {0}},
    {"POST", "/v1/ranges", "reserveRanges", handle_ranges, ROUTE_API | ROUTE_BODY, {0}},
    {"GET", SEQUENCE "/currval", "currval", handle_currval, ROUTE_API | ROUTE_VALUE, {0}},
    {"GET", "/v1/lastval", "lastval", handle_lastval, ROUTE_API | ROUTE_VALUE, {0}},
    {"POST",
     SEQUENCE "/setval",
     "setval",
     handle_setval,
     ROUTE_API | ROUTE_VALUE | ROUTE_BODY,
     {"fence"}},
    {"POST",
     SEQUENCE "/advance",
     "advance",
     handle_advance,
     ROUTE_API | ROUTE_VALUE | ROUTE_BODY,
     {"fence"}},
    {"GET",
     "/v1/sequences",
     "listSequences",
     handle_list_sequences,
     ROUTE_API,
     {"prefix", "limit", "cursor"}},
    {"POST",
     "/v1/sequences",
     "createSequence",
     handle_create_sequence,
     ROUTE_API | ROUTE_BODY,
     {0}},
    {"GET", SEQUENCE, "getSequence", handle_get_sequence, ROUTE_API, {0}},
    {"PATCH", SEQUENCE, "alterSequence", handle_alter_sequence, ROUTE_API | ROUTE_BODY, {"fence"}},
    {"DELETE",
     SEQUENCE,
     "dropSequence",
     handle_drop_sequence,
     ROUTE_API | ROUTE_NOT_JSON,
     {"fence"}},
    {"POST", SERIALS, "createSerial", handle_create_serial, ROUTE_API | ROUTE_BODY, {0}},
    {"GET", SERIALS, "listSerials", handle_list_serials, ROUTE_API, {0}},
    {"DELETE", SERIALS, "dropSerials", handle_drop_serials, ROUTE_API | ROUTE_NOT_JSON, {0}},
    {"GET", "/v1/nodes", "listNodes", handle_list_nodes, ROUTE_API, {0}},
    {"GET", "/livez", "livez", handle_livez, ROUTE_NOT_JSON, {0}},
    {"GET", "/readyz", "readyz", handle_readyz, ROUTE_NOT_JSON, {0}},
    {"GET", "/metrics", "metrics", handle_metrics, ROUTE_NOT_JSON, {0}},
    {"GET", "/openapi.yaml", "openapiYaml", handle_asset, ROUTE_NOT_JSON, {0}},
    {"GET", "/openapi.json", "openapiJson", handle_asset, ROUTE_NOT_JSON, {0}},
    {"GET", "/docs", "docs", handle_asset, ROUTE_NOT_JSON, {0}},
    {"GET", "/docs/{file}", "docsFile", handle_asset, ROUTE_NOT_JSON, {0}},
};
const size_t route_count = sizeof routes / sizeof *routes;

/* {...} takes one segment, not an empty one. */
static bool path_matches(const char *pattern, const char *path, size_t length,
                         struct capture *capture)
{
    const char *end = path + length;
    while (*pattern) {
        if (*pattern == '{') {
            const char *slash = memchr(path, '/', (size_t)(end - path));
            capture->text = path;
            path = slash ? slash : end;
            capture->length = (size_t)(path - capture->text);
            if (capture->length == 0)
                return false;
            pattern = strchr(pattern, '}') + 1;
        } else if (path == end || *pattern++ != *path++) {
            return false;
        }
    }
    return path == end;
}

const struct route *route_find(const char *method, const char *path, size_t length,
                               struct capture *capture, bool *path_known)
{
    *path_known = false;
    for (size_t i = 0; i < route_count; i++) {
        if (!path_matches(routes[i].path, path, length, capture))
            continue;
        *path_known = true;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
    }
    return NULL;
}

void route_allow(const char *path, size_t length, char *allow, size_t size)
{
    struct capture ignored;
    size_t written = 0;
    for (size_t i = 0; i < route_count && written < size; i++) {
        if (!path_matches(routes[i].path, path, length, &ignored))
            continue;
        bool get = strcmp(routes[i].method, "GET") == 0;
        written += (size_t)snprintf(allow + written, size - written, "%s%s, ", routes[i].method,
                                    get ? ", HEAD" : "");
    }
    if (written < size)
        snprintf(allow + written, size - written, "OPTIONS");
}
