/*
 * Names in SQL (PostgreSQL manual, section 4.1.1): unquoted ones fold to lower case, and
 * those past 63 bytes are cut, with a notice. What remains must be a name that seqd can
 * keep (store/name.h).
 */
#ifndef HANDLERS_SQL_NAMES_H
#define HANDLERS_SQL_NAMES_H

#include "handlers/sql/keywords.h"
#include "handlers/sql/parser.h"

/* A sequence or a table, and where it is named. */
struct object {
    struct seq_name name;
    const char *shown; /* as it was given, with its schema: what errors call it */
    const char *at;
};

/* `relation "x" does not exist`, in the words and at the place it was named. */
void object_missing(const struct object *object, struct failure *failure);

/* An identifier that may stand there: `refused` are the word_use flags that refuse. */
bool parse_identifier(struct parser *parser, unsigned refused, const char **name);

/* name or schema.name; `what` is "qualified" or "relation", as PostgreSQL's error has it. */
bool parse_object(struct parser *parser, const char *what, struct object *object);

/* Any number of identifiers joined by dots, the first of which must not be `refused`. */
#define NAME_PARTS_MAX 5
struct dotted {
    const char *parts[NAME_PARTS_MAX]; /* the last slot: of all that are too many */
    size_t count;
    bool star; /* .* follows */
    const char *at;
};
bool parse_dotted(struct parser *parser, unsigned refused, struct dotted *dotted);
bool parse_dotted_or_star(struct parser *parser, unsigned refused, struct dotted *dotted);

/* The object that a text names, as regclass's input function reads it. `at` is where the
 * text stands. */
bool parse_regclass(struct parser *parser, const char *text, size_t length, const char *at,
                    struct object *object);

/* schema.name of two identifiers; schema may be NULL. */
bool object_set(struct parser *parser, const char *schema, const char *name, const char *at,
                struct object *object);

#endif
