/* What columns own, by PREFIXowners. */
#include "store/admin_cluster.h"
#include "store/admin_table.h"

#include <stdio.h>
#include <string.h>

/* The sequences that a column owns, or (NULL) any column of the table: "COLUMN NAME" each. */
static redisReply *list_owned(struct administration *administration, const struct seq_name *table,
                              const char *column, struct failure *failure)
{
    struct places places;
    char from[COLUMN_SIZE + 3], to[COLUMN_SIZE + 4];
    places_print(&places, administration, NULL);
    snprintf(from, sizeof from, "[%s.%s%s", table->text, column ? column : "", column ? " " : "");
    snprintf(to, sizeof to, "(%s\xff", from + 1);
    struct call call = {.values = {"ZRANGEBYLEX", places.owners, from, to}, .count = 4};
    return admin_call(administration, &call, failure);
}

/* The sequence's name in one of them. False: it is of a table `schema.table`, when the
 * schema has the name of the wanted table; or, in a Cluster, is owned no more. */
static bool owned_name(struct administration *administration, const redisReply *member,
                       const struct seq_name *table, struct seq_name *name)
{
    struct failure ignored;
    char owner[COLUMN_SIZE];
    if (member->type != REDIS_REPLY_STRING)
        return false;
    const char *space = strchr(member->str, ' ');
    const char *column = member->str + table->length + 1;
    if (!space || memchr(column, '.', (size_t)(space - column)) ||
        !name_parse(space + 1, strlen(space + 1), name, &ignored))
        return false;
    snprintf(owner, sizeof owner, "%.*s", (int)(space - member->str), member->str);
    return !admin_is_clustered(administration) || admin_is_owned_by(administration, name, owner);
}

bool admin_drop_owned(struct administration *administration, const struct seq_name *table,
                      const char *column, bool *any, struct failure *failure)
{
    redisReply *owned = list_owned(administration, table, column, failure);
    if (!owned)
        return false;
    bool fine = true;
    for (size_t i = 0; fine && i < owned->elements; i++) {
        struct seq_name name;
        struct drop_outcome outcome;
        if (!owned_name(administration, owned->element[i], table, &name))
            continue;
        *any = true;
        fine = administer_drop(administration, &name, 1,
                               &(struct drop_options){.if_exists = true, .with_column = true},
                               &outcome, failure);
    }
    freeReplyObject(owned);
    return fine;
}

/* `new_column` NULL: the column is no more. */
static bool reown(struct administration *administration, const struct seq_name *sequence,
                  const char *column, const char *new_column, struct failure *failure)
{
    struct places places;
    places_print(&places, administration, sequence);
    bool apart = admin_is_clustered(administration);
    if (apart && new_column && !admin_list_own(administration, sequence, new_column, failure))
        return false;
    struct call call = {.script = &script_reown};
    call_add_key(&call, places.keys.definition);
    call_add_shared(&call, administration, places.owners);
    call_add(&call, sequence->text);
    call_add(&call, column);
    call_add(&call, new_column ? new_column : "");
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    freeReplyObject(reply);
    return !apart || admin_list_disown(administration, sequence, column, failure);
}

/* Serial columns whose sequence was given to another owner: it is their default no more. */
bool admin_let_go(struct administration *administration, const struct seq_name *table,
                  const struct table_column *column, struct failure *failure)
{
    char owner[COLUMN_SIZE];
    print_owner(owner, table, column->name);
    return !column->is_serial || column->sequence.length == 0 ||
           reown(administration, &column->sequence, owner, NULL, failure);
}

bool admin_rename_owned(struct administration *administration, const struct seq_name *name,
                        const char *column, const struct seq_name *new_table,
                        const char *new_column, struct failure *failure)
{
    redisReply *owned = list_owned(administration, name, column, failure);
    if (!owned)
        return false;
    bool fine = true;
    for (size_t i = 0; fine && i < owned->elements; i++) {
        struct seq_name sequence;
        char *member = owned->element[i]->str, new_owner[COLUMN_SIZE];
        if (!owned_name(administration, owned->element[i], name, &sequence))
            continue;
        *strchr(member, ' ') = '\0'; /* "table.column" remains */
        print_owner(new_owner, new_table, new_column ? new_column : member + name->length + 1);
        if (new_column && !name_is_part(new_column, strlen(new_column))) {
            failure_set(failure, ERROR_INVALID_NAME,
                        "invalid name \"%.100s\": a column that owns a sequence keeps a name of "
                        "letters, digits, _, $ and -",
                        new_column);
            fine = false;
            continue;
        }
        fine = reown(administration, &sequence, member, new_owner, failure);
    }
    freeReplyObject(owned);
    return fine;
}

static void fail_no_column(struct failure *failure, const struct seq_name *table,
                           const char *column)
{
    failure_set_sqlstate(failure, ERROR_INVALID_PARAMETER, "42703",
                         "column \"%s\" of relation \"%s\" does not exist", column,
                         name_bare(table));
}

bool admin_check_owner(struct administration *administration, const struct seq_name *name,
                       const struct options *options, const struct definition *definition,
                       struct failure *failure)
{
    struct seq_name table_name;
    struct table *table;
    const char *column = strrchr(definition->owned_by, '.');
    if (!options->checks_owner || !options->has_owned_by || !column)
        return true;
    if (!name_parse(definition->owned_by, (size_t)(column - definition->owned_by), &table_name,
                    failure))
        return false;
    size_t schema = (size_t)(name_bare(name) - name->text);
    if (schema != (size_t)(name_bare(&table_name) - table_name.text) ||
        memcmp(name->text, table_name.text, schema) != 0) {
        failure_set_sqlstate(failure, ERROR_INVALID_PARAMETER, "55000",
                             "sequence must be in same schema as table it is linked to");
        return false;
    }
    if (!administer_table(administration, &table_name, &table, failure))
        return false;
    bool fine = !table || !table->complete || table_find(table, column + 1);
    if (!fine)
        fail_no_column(failure, &table_name, column + 1);
    table_release(table);
    return fine;
}

static bool find_owned(struct administration *administration, const struct seq_name *name,
                       const char *column, struct seq_name *sequence, bool *found,
                       struct failure *failure)
{
    redisReply *owned = list_owned(administration, name, column, failure);
    if (!owned)
        return false;
    for (size_t i = 0; i < owned->elements && !*found; i++)
        *found = owned_name(administration, owned->element[i], name, sequence);
    freeReplyObject(owned);
    return true;
}

/* What is known of a column without a sequence of its own. */
static bool check_column(const struct seq_name *name, const struct table *table, const char *column,
                         struct failure *failure)
{
    if (table && (!table->complete || table_find(table, column)))
        return true;
    if (table)
        fail_no_column(failure, name, column);
    else
        fail_missing(failure, name);
    return false;
}

bool administer_serial_sequence(struct administration *administration, const struct seq_name *name,
                                const char *column, struct seq_name *sequence, bool *found,
                                struct failure *failure)
{
    struct table *table;
    *found = false;
    if (!administer_table(administration, name, &table, failure))
        return false;
    const struct table_column *known = table ? table_find(table, column) : NULL;
    *found = known && known->is_serial && known->sequence.length > 0;
    if (*found)
        *sequence = known->sequence;
    bool fine = *found || find_owned(administration, name, column, sequence, found, failure);
    fine = fine && (*found || check_column(name, table, column, failure));
    table_release(table);
    return fine;
}
