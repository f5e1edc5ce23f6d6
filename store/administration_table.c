#include "store/administration_table.h"

#include "store/admin_link.h"
#include "store/memory.h"

#include <stdio.h>

/* With so many tries there is always a free name. */
#define NAME_PASSES 1000

/* "table.column" */
static void print_column(char text[COLUMN_SIZE], const struct seq_name *table, const char *column)
{
    snprintf(text, COLUMN_SIZE, "%s.%.63s", table->text, column);
}

static void print_key(char key[KEY_SIZE + sizeof "table:"],
                      const struct administration *administration, const struct seq_name *name)
{
    snprintf(key, KEY_SIZE + sizeof "table:", "%.64stable:{%s}", administration->options.key_prefix,
             name->text);
}

static void fail_no_column(struct failure *failure, const struct seq_name *table,
                           const char *column)
{
    failure_set_sqlstate(failure, ERROR_INVALID_PARAMETER, "42703",
                         "column \"%s\" of relation \"%s\" does not exist", column,
                         name_bare(table));
}

/* The table and its text; both NULL when nothing is known. */
static bool read_table(struct administration *administration, const struct seq_name *name,
                       struct table **table, char **text, struct failure *failure)
{
    char key[KEY_SIZE + sizeof "table:"];
    *table = NULL;
    *text = NULL;
    print_key(key, administration, name);
    struct call call = {.values = {"GET", key}, .count = 2};
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    if (reply->type == REDIS_REPLY_STRING) {
        *table = table_parse(reply->str);
        *text = must_strdup(reply->str);
    }
    bool damaged = reply->type == REDIS_REPLY_STRING && !*table;
    freeReplyObject(reply);
    if (!damaged)
        return true;
    free(*text);
    failure_set(failure, ERROR_SEQUENCE_LOST, "what the store has of table \"%s\" is damaged",
                name->text);
    return false;
}

/* Fills in the present names of the sequences. */
static bool resolve(struct administration *administration, struct table *table,
                    struct failure *failure)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct table_column *column = &table->columns[i];
        column->sequence.length = 0;
        if (!column->is_serial ||
            administer_name_of(administration, column->oid, &column->sequence, failure))
            continue;
        column->sequence.length = 0;
        if (failure->code != ERROR_NONE)
            return false;
    }
    return true;
}

bool administer_table(struct administration *administration, const struct seq_name *name,
                      struct table **table, struct failure *failure)
{
    char *text;
    uint64_t epoch = tables_epoch(administration->tables);
    if (!read_table(administration, name, table, &text, failure))
        return false;
    free(text);
    if (*table && !resolve(administration, *table, failure)) {
        table_release(*table);
        *table = NULL;
        return false;
    }
    tables_put(administration->tables, name, *table, epoch);
    return true;
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

enum save_result { SAVE_DONE, SAVE_CHANGED, SAVE_FAILED };

/* `expected` NULL: there was none. `table` NULL: it is forgotten. */
static enum save_result save(struct administration *administration, const struct seq_name *name,
                             const char *expected, const struct table *table,
                             struct failure *failure)
{
    char key[KEY_SIZE + sizeof "table:"];
    struct places places;
    char *text = table ? table_print(table) : must_strdup("");
    places_print(&places, administration, NULL);
    print_key(key, administration, name);
    struct call call = {.script = &script_table};
    call_add_key(&call, key);
    call_add(&call, places.channel);
    call_add(&call, name->text);
    call_add(&call, expected ? expected : "");
    call_add(&call, text);
    redisReply *reply = admin_call(administration, &call, failure);
    free(text);
    if (!reply)
        return SAVE_FAILED;
    bool done = strcmp(reply_word(reply), "ok") == 0 || call.sent_again;
    freeReplyObject(reply);
    tables_forget(administration->tables, name);
    return done ? SAVE_DONE : SAVE_CHANGED;
}

static void drop_silently(struct administration *administration, const struct seq_name *name)
{
    struct failure ignored;
    struct drop_outcome outcome;
    administer_drop(administration, name, 1,
                    &(struct drop_options){.if_exists = true, .with_column = true}, &outcome,
                    &ignored);
}

/* The sequence of one serial column, under the first free name. */
static bool create_sequence(struct administration *administration, const struct seq_name *table,
                            struct table_column *column, struct options *options,
                            int64_t default_cache, struct record *record, struct failure *failure)
{
    char owner[COLUMN_SIZE];
    print_column(owner, table, column->name);
    options->has_type = options->has_owned_by = true;
    options->type_text = type_name(column->type);
    options->owned_by = owner;
    for (int pass = 0; pass < NAME_PASSES; pass++) {
        bool existed;
        if (!name_is_column(owner, strlen(owner)) ||
            !serial_sequence_name(table, column->name, pass, &column->sequence)) {
            failure_set(failure, ERROR_INVALID_NAME,
                        "invalid name \"%.200s\": a serial column's name is a letter or _ and then "
                        "letters, digits, _, $ or -",
                        column->name);
            return false;
        }
        if (!admin_create(administration, &column->sequence, options, default_cache, owner,
                          column->identity != IDENTITY_NONE, record, &existed, failure))
            return false;
        if (!existed) {
            memcpy(column->oid, record->identity.oid, ID_SIZE);
            return true;
        }
    }
    return admin_fail_exists(failure, &column->sequence);
}

/* Before anything is made: what is wrong with the options of any. */
static bool check_options(const struct table *table, const struct options *options,
                          int64_t default_cache, struct failure *failure)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct options checked = options[i];
        struct definition definition;
        struct position position;
        checked.has_type = true;
        checked.type_text = type_name(table->columns[i].type);
        if (table->columns[i].is_serial &&
            !definition_create(&checked, default_cache, &definition, &position, failure))
            return false;
    }
    return true;
}

static void undo(struct administration *administration, const struct table *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (table->columns[i].is_serial)
            drop_silently(administration, &table->columns[i].sequence);
}

bool administer_create_table(struct administration *administration, const struct seq_name *name,
                             struct table *wanted, struct options *options, int64_t default_cache,
                             struct failure *failure)
{
    char *text;
    struct table *known;
    struct record record;
    if (!read_table(administration, name, &known, &text, failure))
        return false;
    free(text);
    table_release(known);
    if (known)
        return admin_fail_exists(failure, name);
    if (!check_options(wanted, options, default_cache, failure))
        return false;
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (wanted->columns[i].is_serial &&
            !create_sequence(administration, name, &wanted->columns[i], &options[i], default_cache,
                             &record, failure)) {
            struct failure first = *failure;
            undo(administration, wanted, i);
            *failure = first;
            return false;
        }
    }
    enum save_result result = save(administration, name, NULL, wanted, failure);
    if (result == SAVE_DONE)
        return true;
    undo(administration, wanted, wanted->column_count);
    return result == SAVE_CHANGED ? admin_fail_exists(failure, name) : false;
}

static bool fail_column_exists(struct failure *failure, const struct seq_name *name,
                               const char *column)
{
    failure_set_sqlstate(failure, ERROR_SEQUENCE_EXISTS, "42701",
                         "column \"%s\" of relation \"%s\" already exists", column,
                         name_bare(name));
    return false;
}

static bool fail_changing(struct failure *failure, const struct seq_name *name)
{
    failure_set(failure, ERROR_STORE_UNAVAILABLE, "table \"%s\" changes too fast to be altered",
                name_bare(name));
    return false;
}

/* The column may be known as one without a sequence. */
static void put_serial(struct table *table, const struct table_column *column)
{
    struct table_column *known = table_find(table, column->name);
    if (!known)
        known = table_add(table, column->name);
    int position = known->position ? known->position : column->position;
    *known = *column;
    known->position = position;
}

bool administer_add_serial(struct administration *administration, const struct seq_name *name,
                           const struct table_column *wanted, int64_t default_cache,
                           struct seq_name *sequence, struct record *record,
                           struct failure *failure)
{
    char *text;
    struct table *table;
    struct table_column column = *wanted;
    struct options options = {0};
    if (!read_table(administration, name, &table, &text, failure))
        return false;
    if (!table)
        table = table_create();
    const struct table_column *known = table_find(table, column.name);
    bool fine = known && known->is_serial ? fail_column_exists(failure, name, column.name)
                                          : create_sequence(administration, name, &column, &options,
                                                            default_cache, record, failure);
    if (fine) {
        put_serial(table, &column);
        *sequence = column.sequence;
        enum save_result result = save(administration, name, text, table, failure);
        fine = result == SAVE_DONE;
        if (!fine)
            drop_silently(administration, &column.sequence);
        if (result == SAVE_CHANGED)
            fail_changing(failure, name);
    }
    free(text);
    table_release(table);
    return fine;
}

/* --- What columns own ---------------------------------------------------------------- */

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
 * schema has the name of the wanted table. */
static bool owned_name(const redisReply *member, const struct seq_name *table,
                       struct seq_name *name)
{
    struct failure ignored;
    if (member->type != REDIS_REPLY_STRING)
        return false;
    const char *space = strchr(member->str, ' ');
    const char *column = member->str + table->length + 1;
    return space && !memchr(column, '.', (size_t)(space - column)) &&
           name_parse(space + 1, strlen(space + 1), name, &ignored);
}

static bool drop_owned(struct administration *administration, const struct seq_name *table,
                       const char *column, bool *any, struct failure *failure)
{
    redisReply *owned = list_owned(administration, table, column, failure);
    if (!owned)
        return false;
    bool fine = true;
    for (size_t i = 0; fine && i < owned->elements; i++) {
        struct seq_name name;
        struct drop_outcome outcome;
        if (!owned_name(owned->element[i], table, &name))
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
    struct call call = {.script = &script_reown};
    call_add_key(&call, places.keys.definition);
    call_add_key(&call, places.owners);
    call_add(&call, sequence->text);
    call_add(&call, column);
    call_add(&call, new_column ? new_column : "");
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    freeReplyObject(reply);
    return true;
}

/* Serial columns whose sequence was given to another owner: it is their default no more. */
static bool let_go(struct administration *administration, const struct seq_name *table,
                   const struct table_column *column, struct failure *failure)
{
    char owner[COLUMN_SIZE];
    print_column(owner, table, column->name);
    return !column->is_serial || column->sequence.length == 0 ||
           reown(administration, &column->sequence, owner, NULL, failure);
}

bool administer_drop_table(struct administration *administration, const struct seq_name *name,
                           bool *known, struct failure *failure)
{
    char *text;
    struct table *table;
    *known = false;
    if (!read_table(administration, name, &table, &text, failure))
        return false;
    *known = table != NULL;
    bool fine = !table || (resolve(administration, table, failure) &&
                           save(administration, name, text, NULL, failure) != SAVE_FAILED);
    fine = fine && drop_owned(administration, name, NULL, known, failure);
    for (size_t i = 0; fine && table && i < table->column_count; i++)
        fine = let_go(administration, name, &table->columns[i], failure);
    free(text);
    table_release(table);
    return fine;
}

/* --- ALTER TABLE ------------------------------------------------------------------------ */

static bool drop_column(struct administration *administration, const struct seq_name *name,
                        struct table *table, const char *column, struct failure *failure)
{
    bool any;
    struct table_column *known = table_find(table, column);
    if (!drop_owned(administration, name, column, &any, failure))
        return false;
    if (known && !let_go(administration, name, known, failure))
        return false;
    if (known)
        table_remove(table, known);
    for (size_t i = 0; !known && i < table->column_count; i++)
        table->columns[i].position = 0; /* which of them moved is not known */
    return true;
}

static bool rename_owned(struct administration *administration, const struct seq_name *name,
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
        if (!owned_name(owned->element[i], name, &sequence))
            continue;
        *strchr(member, ' ') = '\0'; /* "table.column" remains */
        print_column(new_owner, new_table, new_column ? new_column : member + name->length + 1);
        fine = reown(administration, &sequence, member, new_owner, failure);
    }
    freeReplyObject(owned);
    return fine;
}

static bool rename_column(struct administration *administration, const struct seq_name *name,
                          struct table *table, const struct table_change *change,
                          struct failure *failure)
{
    struct table_column *column = table_find(table, change->column);
    if (table_find(table, change->new_name))
        return fail_column_exists(failure, name, change->new_name);
    if (!rename_owned(administration, name, change->column, name, change->new_name, failure))
        return false;
    if (column)
        snprintf(column->name, sizeof column->name, "%s", change->new_name);
    return true;
}

static bool apply(struct administration *administration, const struct seq_name *name,
                  struct table *table, const struct table_change *change, struct failure *failure)
{
    switch (change->kind) {
    case TABLE_ADD_COLUMN:
        if (table->complete && !table_find(table, change->column))
            table_add(table, change->column)->position = (int)table->column_count;
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
    char new_text[NAME_MAX_BYTES + 1];
    struct seq_name new_name;
    int schema = (int)(name_bare(name) - name->text);
    int length = snprintf(new_text, sizeof new_text, "%.*s%.63s", schema, name->text, new_bare);
    if (!name_parse(new_text, (size_t)length, &new_name, failure))
        return false;
    enum save_result result = SAVE_DONE;
    if (text)
        result = save(administration, &new_name, NULL, table, failure);
    if (result == SAVE_CHANGED)
        return admin_fail_exists(failure, &new_name);
    return result == SAVE_DONE &&
           rename_owned(administration, name, NULL, &new_name, NULL, failure) &&
           (!text || save(administration, name, text, NULL, failure) != SAVE_FAILED);
}

bool administer_alter_table(struct administration *administration, const struct seq_name *name,
                            const struct table_change *changes, size_t count,
                            struct failure *failure)
{
    char *text;
    struct table *table;
    if (!read_table(administration, name, &table, &text, failure))
        return false;
    bool known = table != NULL;
    if (!known)
        table = table_create(); /* its columns may own sequences all the same */
    bool fine = resolve(administration, table, failure);
    for (size_t i = 0; fine && i < count; i++)
        fine = apply(administration, name, table, &changes[i], failure);
    if (fine && changes[0].kind == TABLE_RENAME) {
        fine = rename_table(administration, name, text, table, changes[0].new_name, failure);
    } else if (fine && known) {
        enum save_result result = save(administration, name, text, table, failure);
        fine = result == SAVE_DONE || (result == SAVE_CHANGED && fail_changing(failure, name));
    }
    free(text);
    table_release(table);
    return fine;
}

bool administer_serial_sequence(struct administration *administration, const struct seq_name *name,
                                const char *column, struct seq_name *sequence, bool *found,
                                struct failure *failure)
{
    struct table *table;
    *found = false;
    redisReply *owned = list_owned(administration, name, column, failure);
    if (!owned)
        return false;
    for (size_t i = 0; i < owned->elements && !*found; i++)
        *found = owned_name(owned->element[i], name, sequence);
    freeReplyObject(owned);
    if (*found)
        return true;
    if (!administer_table(administration, name, &table, failure))
        return false;
    bool known = table && (!table->complete || table_find(table, column));
    if (!table)
        fail_missing(failure, name);
    else if (!known)
        fail_no_column(failure, name, column);
    table_release(table);
    return known;
}
