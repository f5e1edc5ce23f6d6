/* New serial columns in a Redis Cluster, where table and sequences are in slots of their own. */
#include "store/admin_cluster.h"
#include "store/admin_table.h"

#include <stdlib.h>
#include <string.h>

/* Only what is still what was made. */
static void drop_again(struct administration *administration, const struct creation *creation)
{
    struct record record;
    struct failure ignored;
    struct drop_outcome outcome;
    const struct seq_name *name = &creation->column->sequence;
    if (admin_describe(administration, name, &record, &ignored) &&
        strcmp(record.identity.oid, creation->record.identity.oid) == 0)
        administer_drop(administration, name, 1,
                        &(struct drop_options){.if_exists = true, .with_column = true}, &outcome,
                        &ignored);
}

/* Under the first name that is free. */
static bool create_one(struct administration *administration, const struct seq_name *table,
                       struct creation *creations, size_t index, struct failure *failure)
{
    struct creation *creation = &creations[index];
    bool existed = true;
    while (existed) {
        if (!admin_choose_names(creations, index + 1, table, failure) ||
            !admin_send_create(administration, &creation->column->sequence, &creation->record,
                               &existed, failure))
            return false;
        creation->pass += existed;
    }
    return true;
}

/* Whether it is the table that the caller saw. */
static enum save_result look(struct administration *administration, const struct seq_name *name,
                             const char *expected, struct failure *failure)
{
    struct table *table;
    char *text;
    if (!admin_read_table(administration, name, &table, &text, failure))
        return SAVE_FAILED;
    bool same = strcmp(text ? text : "", expected ? expected : "") == 0;
    if (table)
        table_release(table);
    free(text);
    return same ? SAVE_DONE : SAVE_CHANGED;
}

enum save_result admin_create_serials_apart(struct administration *administration,
                                            const struct seq_name *name, const char *expected,
                                            const struct table *table, struct creation *creations,
                                            size_t count, struct failure *failure)
{
    size_t made = 0;
    enum save_result result = look(administration, name, expected, failure);
    while (result == SAVE_DONE && made < count) {
        if (create_one(administration, name, creations, made, failure))
            made++;
        else
            result = SAVE_FAILED;
    }
    if (result == SAVE_DONE &&
        (result = admin_save_table(administration, name, expected, table, failure)) == SAVE_FAILED)
        return result; /* it may have been saved */
    while (result != SAVE_DONE && made > 0)
        drop_again(administration, &creations[--made]);
    return result;
}
