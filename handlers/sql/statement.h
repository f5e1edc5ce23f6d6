/*
 * One statement, as parsed. Everything is in the parser's arena; only `at` pointers and
 * `text` point into what was sent.
 */
#ifndef HANDLERS_SQL_STATEMENT_H
#define HANDLERS_SQL_STATEMENT_H

#include "handlers/sql/select.h"
#include "handlers/sql/table.h"
#include "store/definition.h"

enum statement_kind {
    STATEMENT_NONE, /* nothing but white space and comments */
    STATEMENT_CREATE_SEQUENCE,
    STATEMENT_ALTER_SEQUENCE, /* options */
    STATEMENT_RENAME_SEQUENCE,
    STATEMENT_MOVE_SEQUENCE, /* SET SCHEMA */
    STATEMENT_LOG_SEQUENCE,  /* SET LOGGED | UNLOGGED: nothing to do */
    STATEMENT_DROP_SEQUENCE,
    STATEMENT_SELECT,
    STATEMENT_INSERT,
    STATEMENT_CREATE_TABLE,
    STATEMENT_ALTER_TABLE,
    STATEMENT_DROP_TABLE,
    STATEMENT_DISCARD_SEQUENCES,
    STATEMENT_DISCARD_ALL,
    STATEMENT_KINDS
};

/* CREATE, ALTER and DROP SEQUENCE. */
struct sequence_statement {
    struct object *objects; /* DROP may have many; the others have one */
    size_t object_count;
    bool if_exists, if_not_exists, cascade, unlogged;
    struct options options;
    /* What is wrong with the options, and PostgreSQL says only when it executes the
     * statement; or NULL. */
    const struct failure *options_failure;
    const char *new_name; /* RENAME: without a schema; MOVE: the schema */
};

struct statement {
    enum statement_kind kind;
    const char *begin, *end; /* its text, with the comments around it */
    union {
        struct sequence_statement sequence;
        struct select select;
        struct table_statement table;
        struct insert insert;
    };
};

/* Frees what is not in the arena. */
void statement_end(struct statement *statement);

/* The next statement of the text, up to its semicolon or the end. `statement` is zero. */
bool parse_statement(struct parser *parser, struct statement *statement);

/* Behind CREATE [UNLOGGED] SEQUENCE, ALTER SEQUENCE, DROP SEQUENCE. */
bool parse_create_sequence(struct parser *parser, struct sequence_statement *sequence);
bool parse_alter_sequence(struct parser *parser, struct statement *statement);
bool parse_drop_sequence(struct parser *parser, struct sequence_statement *sequence);

/* A list of sequence options, up to a token that begins none. */
bool parse_sequence_options(struct parser *parser, struct sequence_statement *sequence);

#endif
