/*
 * What an INSERT becomes: which pieces of its text are replaced, by what, and how many
 * numbers of which sequence that takes. Made of the statement and of what is known of its
 * table; then the numbers are taken, and the text is written.
 */
#ifndef HANDLERS_SQL_INSERT_PLAN_H
#define HANDLERS_SQL_INSERT_PLAN_H

#include "handlers/sql/draws.h"
#include "handlers/sql/table.h"
#include "handlers/sql/text.h"

enum piece_kind {
    PIECE_TEXT,
    PIECE_NUMBER, /* the next of `source` */
    PIECE_CALL    /* the value of `call`: currval or lastval */
};

struct piece {
    const char *at; /* `length` bytes of the statement are replaced, or it is put between */
    size_t length;
    enum piece_kind kind;
    const char *text;  /* of PIECE_TEXT; before a number */
    const char *after; /* it, or NULL */
    size_t source;
    struct value_call *call;
    const struct value_call *style; /* of a number in an expression; or NULL */
};

struct insert_plan {
    struct piece *pieces; /* in the order of the text */
    size_t count, capacity;
};

/* `table` may be NULL. False: the parser has the failure. */
bool insert_plan(struct parser *parser, const struct insert *insert, const struct table *table,
                 struct draws *draws, struct insert_plan *plan);

/* The statement from begin to end, rewritten, as the inside of a JSON string. */
void insert_write(const struct insert_plan *plan, struct draws *draws, const char *begin,
                  const char *end, struct text *text);

#endif
