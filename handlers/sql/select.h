/* SELECT, as far as it is served. Parsed first, then analyzed (expression.h says why). */
#ifndef HANDLERS_SQL_SELECT_H
#define HANDLERS_SQL_SELECT_H

#include "handlers/sql/relation.h"

enum select_source {
    SOURCE_NONE,    /* no FROM */
    SOURCE_SERIES,  /* generate_series(first, last, step) */
    SOURCE_RELATION /* of a sequence, or a view of all */
};

struct select_item {
    struct expression *expression; /* NULL: * */
    const char *label;
    int column; /* of the relation; of the series: 0; or SELECT_NO_COLUMN */
};
#define SELECT_NO_COLUMN (-1)

struct series {
    struct expression *arguments[ARGUMENTS_MAX];
    size_t argument_count;
    int64_t first, last, step;
    int64_t count; /* of values; 0 too */
    enum sql_type type;
};

/* column = value */
struct condition {
    struct dotted name;
    struct expression *expression;
    int column;
    struct value value;
    struct condition *next;
};

struct ordering {
    struct dotted name; /* no parts: by the item's number */
    const char *number_at;
    size_t number_length;
    bool descending;
    int column;
    struct ordering *next;
};

/* Bytes of a batch's results, and so of one. */
#define RESULTS_MAX (32 * 1024 * 1024)

struct select {
    struct select_item *items;
    size_t item_count;

    enum select_source source;
    struct dotted from;
    const char *alias, *column_alias; /* of the source; NULL: none given */
    struct series series;
    const struct relation *relation;
    struct object sequence; /* whose row it is, when relation is sequence_relation */

    struct condition *conditions;
    struct ordering *orderings;
    struct expression *limit_expression; /* or NULL */
    int64_t limit;                       /* INT64_MAX: none */

    struct analysis analysis;
    /* What analysis found wrong. A sequence that is named before it and is missing comes
     * first. NULL: nothing. */
    const struct failure *failure;
};

/* Behind SELECT. */
bool parse_select(struct parser *parser, struct select *select);

/* After parsing; a failure is left in `select`. */
void analyze_select(struct parser *parser, struct select *select);

#endif
