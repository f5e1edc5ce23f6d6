/*
 * The files that the binary carries: the OpenAPI document and the page that shows
 * it. build.mjs writes the table (assets_table.c) and embeds the bytes (assets.S).
 */
#ifndef OPENAPI_ASSETS_H
#define OPENAPI_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path;          /* the URL's path, without a query */
    const char *content_type;  /* with its charset where it needs one */
    const unsigned char *data; /* lives as long as the process; no NUL at the end */
    size_t size;               /* bytes */
};

extern const struct asset assets[];
extern const size_t asset_count;

/* The asset served at exactly `path`, or NULL. */
const struct asset *asset_find(const char *path);

#endif
