/*
 * Expressions of a SELECT: literals, casts, the sequence functions, and names of columns.
 *
 * Two passes, as in PostgreSQL: parsing finds what is wrong with the text; analysis finds
 * types, functions and sequences, from left to right. So of several errors the same one is
 * told, and an error in one item is found before any of them is evaluated.
 */
#ifndef HANDLERS_SQL_EXPRESSION_H
#define HANDLERS_SQL_EXPRESSION_H

#include "handlers/sql/types.h"

#include <stdint.h>

#define ARGUMENTS_MAX 8

#define SERVED_FUNCTIONS                                                                           \
    "seqd serves the functions nextval, currval, lastval, setval, pg_get_serial_sequence and "     \
    "pg_sequence_last_value"

enum function_kind {
    FUNCTION_NEXTVAL,
    FUNCTION_CURRVAL,
    FUNCTION_LASTVAL,
    FUNCTION_SETVAL,
    FUNCTION_SERIAL_SEQUENCE, /* pg_get_serial_sequence */
    FUNCTION_LAST_VALUE       /* pg_sequence_last_value */
};

struct value {
    bool is_null;
    int64_t integer; /* of the integer types; 0 or 1 of boolean */
    const char *text;
    size_t length;
    struct object object; /* of regclass */
};

enum expression_kind {
    EXPRESSION_LITERAL,
    EXPRESSION_COLUMN,
    EXPRESSION_CALL,
    EXPRESSION_CAST,
    EXPRESSION_NEGATION /* of what was cast; otherwise the sign is the literal's */
};

struct expression {
    enum expression_kind kind;
    enum sql_type type; /* known after analysis; before it, of literals */
    const char *at;
    struct value value; /* of a literal; of a call, once it was made */
    unsigned depth;     /* of the tree below it */
    const char *label;  /* of a literal that was cast: the type's; or NULL */

    struct dotted name;    /* of a COLUMN or a CALL */
    struct type_name cast; /* of a CAST */

    /* Of a CALL; of a CAST and a NEGATION the first. */
    struct expression *arguments[ARGUMENTS_MAX];
    size_t argument_count;

    enum function_kind function;
    struct expression *next_call; /* of the statement: arguments before their call */
    size_t source;                /* of many rows' numbers (draws.h) */
};

/* What analysis finds, in order. */
struct analysis {
    struct expression *first_call, **calls_end; /* in the order of their evaluation */
    size_t call_count;
    struct object *objects; /* every sequence that a constant names */
    size_t object_count, object_capacity;
};

void analysis_init(struct analysis *analysis);
void analysis_add_object(struct analysis *analysis, struct arena *arena,
                         const struct object *object);

/* At an operator, a word that is one, or a subscript. */
bool at_operator(const struct parser *parser);

/* An expression, behind which no operator may stand. */
bool parse_expression(struct parser *parser, struct expression **expression);

/* The same, before an operator: what may follow is the caller's. */
bool parse_operand(struct parser *parser, struct expression **expression);

/* A call by itself, at its name: whatever follows is the caller's. */
bool parse_bare_call(struct parser *parser, struct expression **expression);

/* What is not a column. The expression may become another one. */
bool analyze_expression(struct parser *parser, struct analysis *analysis,
                        struct expression **expression);

/* Gives an analyzed expression another type, as CAST and :: do (for which `at` is). */
bool cast_expression(struct parser *parser, struct analysis *analysis,
                     struct expression **expression, enum sql_type type, const char *at);

/* What a result's column is called that has no AS (PostgreSQL's FigureColname()). */
const char *expression_label(const struct expression *expression);

/* The value, once all calls in it were made. False with PostgreSQL's error in `failure`. */
bool expression_value(const struct expression *expression, struct arena *arena, struct value *value,
                      struct failure *failure);

#endif
