/* CREATE TABLE, ALTER TABLE, DROP TABLE and INSERT: statements that go on to the shard. What
 * is not seqd's business in them is read over, and stays byte for byte. */
#ifndef HANDLERS_SQL_TABLE_H
#define HANDLERS_SQL_TABLE_H

#include "handlers/sql/edits.h"
#include "handlers/sql/expression.h"
#include "store/administration_table.h"

/* A table is any name of PostgreSQL's, and only those that seqd can keep are looked up. */
struct table_name {
    struct object object;
    bool is_kept;
    const struct failure *failure; /* unless is_kept: why not */
};

struct table_statement {
    struct table_name *names; /* DROP may have many; the others have one */
    size_t name_count;
    bool if_exists, if_not_exists;

    struct edits edits;

    /* CREATE: its columns, and the options of each. */
    struct table *wanted; /* with a reference: table_statement_end() */
    struct options *options;
    size_t option_capacity;
    const struct failure *options_failure;

    struct table_change *changes; /* ALTER */
    size_t change_count, change_capacity;
};

struct insert_column {
    const char *name, *at;
};

/* A value of a VALUES row. */
struct element {
    const char *begin, *end;
    bool is_default;
};

struct row {
    size_t first;    /* element */
    const char *end; /* its closing parenthesis */
};

/* nextval('name') and the like inside of a value. */
struct value_call {
    struct expression *expression;
    const char *at;
    size_t length;
    bool is_whole;    /* the value is nothing else, but for casts: a bare number will do */
    bool before_cast; /* and there are casts */
    bool is_drawn;    /* currval or lastval of a number that this statement takes */
};

struct insert {
    struct table_name table;
    struct insert_column *columns; /* NULL: no list */
    size_t column_count, column_capacity;
    const char *columns_end; /* the list's closing parenthesis */
    bool overriding_system, overriding_user;
    const char *default_values; /* DEFAULT VALUES: where it begins, and ends; or NULL */
    const char *default_values_end;
    const char *query;      /* SELECT ... instead of VALUES: where it begins; or NULL */
    const char *query_call; /* and calls a sequence function there; or NULL */
    struct element *elements;
    size_t element_count, element_capacity;
    struct row *rows;
    size_t row_count, row_capacity;
    size_t width;             /* values in a row */
    struct value_call *calls; /* in the order of the text */
    size_t call_count, call_capacity;
};

/* Behind CREATE [UNLOGGED] TABLE, ALTER TABLE, DROP TABLE, INSERT. */
bool parse_create_table(struct parser *parser, struct table_statement *table);
bool parse_alter_table(struct parser *parser, struct table_statement *table);
bool parse_drop_table(struct parser *parser, struct table_statement *table);
bool parse_insert(struct parser *parser, struct insert *insert);

bool parse_table_name(struct parser *parser, struct table_name *name);

/* Reads over tokens up to one at this level that ends an item: a comma, a closing
 * parenthesis, or the statement's end. */
bool skip_item(struct parser *parser);

/* The same; *at is where `word` first stands in it, not in parentheses, or NULL. */
bool skip_item_noting(struct parser *parser, const char *word, const char **at);

/* Behind an opening parenthesis: up to and with the one that closes it. */
bool skip_group(struct parser *parser);

/* smallserial, serial, bigserial, and their other names. */
bool token_serial_type(const struct token *token, enum seq_type *type);

/* CONSTRAINT, PRIMARY KEY, ...: not a column. */
bool begins_constraint(const struct parser *parser);

#endif
