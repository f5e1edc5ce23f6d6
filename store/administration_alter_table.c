/* ALTER TABLE and DROP TABLE: what becomes of the sequences that columns own. */
#include "store/admin_table.h"

#include "store/memory.h"

#include <stdio.h>
#include <string.h>

static bool drop_column(struct administration *administration, const struct seq_name *name,
                        struct table *table, const char *column, struct failure *failure)
{
    bool any;
    struct table_column *known = table_find(table, column);
    if (!admin_drop_owned(administration, name, column, &any, failure))
        return false;
    if (known && !admin_let_go(administration, name, known, failure))
        return false;
    if (known)
        table_remove(table, known);
    for (size_t i = 0; !known && i < table->column_count; i++)
        table->columns[i].position = 0; /* which of them moved is not known */
    return true;
}

static bool rename_column(struct administration *administration, const struct seq_name *name,
                          struct table *table, const struct table_change *change,
                          struct failure *failure)
{
    struct table_column *column = table_find(table, change->column);
    if (table_find(table, change->new_name))
        return fail_column_exists(failure, name, change->new_name);
    if (!admin_rename_owned(administration, name, change->column, name, change->new_name, failure))
        return false;
    if (column)
        snprintf(column->name, sizeof column->name, "%s", change->new_name);
    return true;
}

static bool add_column(struct table *table, const char *name, struct failure *failure)
{
    if (table->column_count >= TABLE_COLUMNS_MAX) {
        failure_set_sqlstate(failure, ERROR_INVALID_PARAMETER, "54011",
                             "tables can have at most %d columns", TABLE_COLUMNS_MAX);
        return false;
    }
    struct table_column *column = table_add(table, name);
    column->position = (int)table->column_count;
    return true;
}

static bool apply(struct administration *administration, const struct seq_name *name,
                  struct table *table, const struct table_change *change, struct failure *failure)
{
    switch (change->kind) {
    case TABLE_ADD_COLUMN:
        if (table->complete && !table_find(table, change->column))
            return add_column(table, change->column, failure);
        return true;
    case TABLE_DROP_COLUMN:
        return drop_column(administration, name, table, change->column, failure);
    case TABLE_RENAME_COLUMN:
        return rename_column(administration, name, table, change, failure);
    case TABLE_RENAME:
        break;
    }
    return true;
}

/* Under its new name first: there is no moment at which its columns are not known.
 * `text` NULL: nothing is known of it, but its columns may own sequences. */
static bool rename_table(struct administration *administration, const struct seq_name *name,
                         const char *text, const struct table *table, const char *new_bare,
                         struct failure *failure)
{
    struct seq_name new_name;
    size_t schema = (size_t)(name_bare(name) - name->text);
    if (!name_make(name->text, schema > 0 ? schema - 1 : 0, new_bare, &new_name, failure))
        return false;
    enum save_result result = SAVE_DONE;
    if (text)
        result = admin_save_table(administration, &new_name, NULL, table, failure);
    if (result == SAVE_CHANGED)
        return admin_fail_exists(failure, &new_name);
    return result == SAVE_DONE &&
           admin_rename_owned(administration, name, NULL, &new_name, NULL, failure) &&
           (!text || admin_save_table(administration, name, text, NULL, failure) != SAVE_FAILED);
}

bool administer_alter_table(struct administration *administration, const struct seq_name *name,
                            const struct table_change *changes, size_t count,
                            struct failure *failure)
{
    char *text;
    struct table *table;
    if (!admin_read_table(administration, name, &table, &text, failure))
        return false;
    bool known = table != NULL;
    if (!known)
        table = table_create(); /* its columns may own sequences all the same */
    bool fine = admin_resolve_table(administration, table, failure);
    for (size_t i = 0; fine && i < count; i++)
        fine = apply(administration, name, table, &changes[i], failure);
    if (fine && changes[0].kind == TABLE_RENAME) {
        fine = rename_table(administration, name, text, table, changes[0].new_name, failure);
    } else if (fine && known) {
        enum save_result result = admin_save_table(administration, name, text, table, failure);
        fine =
            result == SAVE_DONE || (result == SAVE_CHANGED && fail_table_changing(failure, name));
    }
    free(text);
    table_release(table);
    return fine;
}

/* --- DROP TABLE ---------------------------------------------------------------------------- */

static bool forget(struct administration *administration, const struct seq_name *name,
                   const char *text, struct failure *failure)
{
    enum save_result result = admin_save_table(administration, name, text, NULL, failure);
    return result == SAVE_DONE || (result == SAVE_CHANGED && fail_table_changing(failure, name));
}

bool administer_drop_table(struct administration *administration, const struct seq_name *name,
                           bool *known, struct failure *failure)
{
    char *text;
    struct table *table;
    *known = false;
    if (!admin_read_table(administration, name, &table, &text, failure))
        return false;
    *known = table != NULL;
    bool fine = !table || (admin_resolve_table(administration, table, failure) &&
                           forget(administration, name, text, failure));
    fine = fine && admin_drop_owned(administration, name, NULL, known, failure);
    for (size_t i = 0; fine && table && i < table->column_count; i++)
        fine = admin_let_go(administration, name, &table->columns[i], failure);
    free(text);
    table_release(table);
    return fine;
}
