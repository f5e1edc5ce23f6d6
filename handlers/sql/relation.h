/* What SELECT can read rows from: a sequence, and PostgreSQL's two views of all of them
 * (manual, sections 53.23 and 37.49). */
#ifndef HANDLERS_SQL_RELATION_H
#define HANDLERS_SQL_RELATION_H

#include "handlers/sql/expression.h"
#include "store/record.h"

struct relation_column {
    const char *name;
    enum sql_type type;
    /* What the column says of a sequence; texts may be put in the arena. */
    void (*get)(const struct seq_name *name, const struct record *record, struct arena *arena,
                struct value *value);
};

struct relation {
    const char *schema, *name;
    const struct relation_column *columns;
    size_t column_count;
};

/* last_value, log_cnt, is_called */
extern const struct relation sequence_relation;

/* The view of that name, or NULL; `schema` NULL: the search path, which has pg_catalog. */
const struct relation *relation_find(const char *schema, const char *name);

/* The column's index, or -1. */
int relation_column(const struct relation *relation, const char *name);

#endif
