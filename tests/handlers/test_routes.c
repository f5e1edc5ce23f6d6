/* The route table against the OpenAPI document, both ways, and what follows from it. */
#include "handlers/routes.h"
#include "openapi/assets.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <jansson.h>
#include <string.h>

TestSuite(routes);

static json_t *load_document(void)
{
    const struct asset *asset = asset_find("/openapi.json");
    json_error_t error;
    cr_assert_not_null(asset);
    json_t *document = json_loadb((const char *)asset->data, asset->size, 0, &error);
    cr_assert_not_null(document, "%s", error.text);
    return document;
}

static void lower(const char *method, char *text)
{
    for (; *method; method++)
        *text++ = (char)tolower((unsigned char)*method);
    *text = '\0';
}

Test(routes, every_row_is_an_operation_of_the_document_with_the_same_operation_id)
{
    json_t *document = load_document();
    for (size_t i = 0; i < route_count; i++) {
        char method[16];
        lower(routes[i].method, method);
        json_t *operation = json_object_get(
            json_object_get(json_object_get(document, "paths"), routes[i].path), method);
        cr_assert_not_null(operation, "%s %s is not in the document", routes[i].method,
                           routes[i].path);
        cr_assert_str_eq(json_string_value(json_object_get(operation, "operationId")),
                         routes[i].operation);
    }
    json_decref(document);
}

static bool has_row(const char *path, const char *method)
{
    for (size_t i = 0; i < route_count; i++) {
        char own[16];
        lower(routes[i].method, own);
        if (strcmp(routes[i].path, path) == 0 && strcmp(own, method) == 0)
            return true;
    }
    return false;
}

Test(routes, every_operation_of_the_document_is_a_row_and_there_are_24)
{
    json_t *document = load_document(), *item, *operation;
    const char *path, *method;
    size_t operations = 0;
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            if (!json_object_get(operation, "operationId"))
                continue;
            operations++;
            cr_assert(has_row(path, method), "%s %s is documented, but not served", method, path);
        }
    }
    cr_assert_eq(operations, 24);
    cr_assert_eq(route_count, 24);
    json_decref(document);
}

static const struct {
    const char *method, *path, *operation; /* NULL: none */
    bool path_known;
    const char *captured;
} lookups[] = {
    {"POST", "/v1/sequences/a/nextval", "nextval", true, "a"},
    {"GET", "/v1/sequences/a/nextval", NULL, true, "a"},
    {"GET", "/v1/sequences/a", "getSequence", true, "a"},
    {"GET", "/v1/sequences/s.a%24", "getSequence", true, "s.a%24"},
    {"GET", "/v1/sequences", "listSequences", true, NULL},
    {"GET", "/v1/sequences/", NULL, false, NULL},
    {"POST", "/v1/sequences//nextval", NULL, false, NULL},
    {"POST", "/v1/sequences/a/nextval/", NULL, false, NULL},
    {"post", "/v1/sequences/a/nextval", NULL, true, "a"},
    {"GET", "/v1/sequences/a/b", NULL, false, NULL},
    {"GET", "/docs", "docs", true, NULL},
    {"GET", "/docs/swagger-ui.css", "docsFile", true, "swagger-ui.css"},
    {"GET", "/", NULL, false, NULL},
    {"GET", "", NULL, false, NULL},
};

Test(routes, methods_and_paths_find_their_rows)
{
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        struct capture capture = {0};
        bool path_known;
        const struct route *route = route_find(lookups[i].method, lookups[i].path,
                                               strlen(lookups[i].path), &capture, &path_known);
        cr_expect_eq(path_known, lookups[i].path_known, "%s", lookups[i].path);
        if (!lookups[i].operation)
            cr_expect_null(route, "%s %s", lookups[i].method, lookups[i].path);
        else
            cr_expect_str_eq(route->operation, lookups[i].operation);
        if (route && lookups[i].captured) {
            cr_expect_eq(capture.length, strlen(lookups[i].captured));
            cr_expect_eq(strncmp(capture.text, lookups[i].captured, capture.length), 0);
        }
    }
}

Test(routes, allow_lists_the_methods_of_a_path)
{
    char allow[64];
    route_allow("/v1/sequences/a", 15, allow, sizeof allow);
    cr_expect_str_eq(allow, "GET, HEAD, PATCH, DELETE, OPTIONS");
    route_allow("/v1/sequences/a/nextval", 23, allow, sizeof allow);
    cr_expect_str_eq(allow, "POST, OPTIONS");
}
