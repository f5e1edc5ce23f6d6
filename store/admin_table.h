/* What the administration's files about tables share. Private to them. */
#ifndef STORE_ADMIN_TABLE_H
#define STORE_ADMIN_TABLE_H

#include "store/admin_link.h"
#include "store/administration_table.h"

#include <stdio.h>

/* "table.column" */
static inline void print_owner(char text[COLUMN_SIZE], const struct seq_name *table,
                               const char *column)
{
    snprintf(text, COLUMN_SIZE, "%s.%.63s", table->text, column);
}

/* The table and its text; both NULL when nothing is known. */
bool admin_read_table(struct administration *administration, const struct seq_name *name,
                      struct table **table, char **text, struct failure *failure);

/* Fills in the present names of the sequences. */
bool admin_resolve_table(struct administration *administration, struct table *table,
                         struct failure *failure);

enum save_result { SAVE_DONE, SAVE_CHANGED, SAVE_FAILED };

/* `expected` NULL: there was none. `table` NULL: it is forgotten. */
enum save_result admin_save_table(struct administration *administration,
                                  const struct seq_name *name, const char *expected,
                                  const struct table *table, struct failure *failure);

/* Drops the sequences that a column owns, or (NULL) any column of the table; *any becomes
 * true when there was one. */
bool admin_drop_owned(struct administration *administration, const struct seq_name *table,
                      const char *column, bool *any, struct failure *failure);

/* They get new owners; NULL for `column` and `new_column`: all columns keep their names. */
bool admin_rename_owned(struct administration *administration, const struct seq_name *name,
                        const char *column, const struct seq_name *new_table,
                        const char *new_column, struct failure *failure);

/* A serial column is no more: a sequence that was given to another owner is its default no
 * longer. */
bool admin_let_go(struct administration *administration, const struct seq_name *table,
                  const struct table_column *column, struct failure *failure);

/* A sequence to be made, for a column of the table. */
struct creation {
    struct table_column *column;
    struct record record;
    int pass; /* of its name's choice */
};

/* The next name for each that has none of its own yet. */
bool admin_choose_names(struct creation *creations, size_t count, const struct seq_name *table,
                        struct failure *failure);

/* In a Cluster: the sequences one by one, then the table; all are dropped again when that has
 * changed meanwhile. */
enum save_result admin_create_serials_apart(struct administration *administration,
                                            const struct seq_name *name, const char *expected,
                                            const struct table *table, struct creation *creations,
                                            size_t count, struct failure *failure);

bool fail_column_exists(struct failure *failure, const struct seq_name *name, const char *column);
bool fail_table_changing(struct failure *failure, const struct seq_name *name);

#endif
