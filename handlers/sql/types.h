/* The types that expressions have here, and the names that SQL has for types. */
#ifndef HANDLERS_SQL_TYPES_H
#define HANDLERS_SQL_TYPES_H

#include "handlers/sql/names.h"

enum sql_type {
    SQL_UNKNOWN, /* a string literal or NULL that nothing has given a type yet */
    SQL_SMALLINT,
    SQL_INTEGER,
    SQL_BIGINT,
    SQL_NUMERIC, /* literals only */
    SQL_BOOLEAN,
    SQL_TEXT,
    SQL_REGCLASS,
    SQL_OTHER, /* a type of PostgreSQL's that seqd does nothing with */
    SQL_NO_TYPE
};

/* A type's name as written: `int8`, `double precision`, `pg_catalog.int4`, with or without
 * a modifier. */
struct type_name {
    enum sql_type type; /* SQL_NO_TYPE: there is none of that name */
    const char *text;   /* for errors; the last part of a serial's name, too */
    bool has_schema, has_modifier;
    const char *at;
};

bool parse_type_name(struct parser *parser, struct type_name *type);

/* Refuses a type that does not exist (42704) or is none of seqd's (0A000). */
bool check_type_name(struct parser *parser, const struct type_name *type);

const char *sql_type_name(enum sql_type type);  /* "bigint", as format_type() has it */
const char *sql_type_label(enum sql_type type); /* "int8": what a column is called after a cast */

static inline bool is_integer_type(enum sql_type type)
{
    return type == SQL_SMALLINT || type == SQL_INTEGER || type == SQL_BIGINT;
}

#endif
