/*
 * The routes: one row per method and path. 404, 405 with Allow, HEAD and OPTIONS
 * follow from the table; so do the labels of the metrics. openapi/openapi.yaml
 * describes the same rows (a test compares).
 */
#ifndef HANDLERS_ROUTES_H
#define HANDLERS_ROUTES_H

#include "store/name.h"

#include <stdbool.h>
#include <stddef.h>

struct request;

enum route_flags {
    ROUTE_API = 1,      /* under /v1: int64=string, Cache-Control: no-store */
    ROUTE_VALUE = 2,    /* answers a bare number to Accept: text/plain */
    ROUTE_BODY = 4,     /* takes a JSON body */
    ROUTE_NOT_JSON = 8, /* its representation is what it is: Accept is not looked at */
    ROUTE_SQL = 16      /* takes SQL, as it is or in JSON */
};

#define ROUTE_QUERY_MAX 3

struct route {
    const char *method;
    const char *path;      /* {name}: a sequence's; {table}: a table's; {file}: any */
    const char *operation; /* operationId */
    /* Parses, calls, replies; or arranges for request->finish to reply later. */
    void (*handle)(struct request *request);
    unsigned flags;
    const char *query[ROUTE_QUERY_MAX]; /* besides int64 */
};

extern const struct route routes[];
extern const size_t route_count;

/* What a path's {...} stood for: raw bytes of the path, undecoded. */
struct capture {
    const char *text;
    size_t length;
};

/* The row for method and path, or NULL. *path_known: the path is one of a row with
 * another method. */
const struct route *route_find(const char *method, const char *path, size_t length,
                               struct capture *capture, bool *path_known);

/* "GET, HEAD, OPTIONS": the methods of a known path. */
void route_allow(const char *path, size_t length, char *allow, size_t size);

#endif
