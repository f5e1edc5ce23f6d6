/*
 * Sequence names: `name` or `schema.name`, each part
 * [A-Za-z_][A-Za-z0-9_$-]{0,62} (PostgreSQL's identifiers of up to 63 bytes,
 * NAMEDATALEN - 1), case-sensitive. No schema means `public`, and `public.a`
 * is stored and shown as `a`.
 */
#ifndef STORE_NAME_H
#define STORE_NAME_H

#include "store/error.h"

#include <stdbool.h>
#include <stddef.h>

#define NAME_PART_MAX  63
#define NAME_MAX_BYTES (NAME_PART_MAX + 1 + NAME_PART_MAX)

#define COLUMN_SIZE (NAME_MAX_BYTES + 1 + NAME_PART_MAX + 1) /* "schema.table.column" and NUL */

struct seq_name {
    char text[NAME_MAX_BYTES + 1]; /* canonical: no "public.", NUL-terminated */
    unsigned char length;
};

/* Parses exactly `length` bytes (which may hold anything, NUL too). False and
 * ERROR_INVALID_NAME in `failure` when outside the rule. */
bool name_parse(const char *text, size_t length, struct seq_name *name, struct failure *failure);

/* The part behind the schema: what PostgreSQL quotes in most messages. Points into `name`. */
const char *name_bare(const struct seq_name *name);

/* The name of two parts, of which neither may have a dot in it; a schema of length 0: none. */
bool name_make(const char *schema, size_t schema_length, const char *bare, struct seq_name *name,
               struct failure *failure);

/* One part, as above: no dot in it. */
bool name_is_part(const char *text, size_t length);

/* `table.column` or `schema.table.column`, each part as above. */
bool name_is_column(const char *text, size_t length);

#endif
