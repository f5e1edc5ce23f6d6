#include "store/administration_table.h"

#include "store/admin_table.h"
#include "store/memory.h"

#include <stdio.h>

/* With so many tries there is always a free name. */
#define NAME_PASSES 1000

static void print_key(char key[KEY_SIZE + sizeof "table:"],
                      const struct administration *administration, const struct seq_name *name)
{
    snprintf(key, KEY_SIZE + sizeof "table:", "%.64stable:{%s}", administration->options.key_prefix,
             name->text);
}

/* The table and its text; both NULL when nothing is known. */
bool admin_read_table(struct administration *administration, const struct seq_name *name,
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
bool admin_resolve_table(struct administration *administration, struct table *table,
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
    if (!admin_read_table(administration, name, table, &text, failure))
        return false;
    free(text);
    if (*table && !admin_resolve_table(administration, *table, failure)) {
        table_release(*table);
        *table = NULL;
        return false;
    }
    tables_put(administration->tables, name, *table, epoch);
    return true;
}

/* `expected` NULL: there was none. `table` NULL: it is forgotten. */
enum save_result admin_save_table(struct administration *administration,
                                  const struct seq_name *name, const char *expected,
                                  const struct table *table, struct failure *failure)
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
    bool done = strcmp(reply_word(reply), "ok") == 0;
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
                            struct table_column *column, const struct options *given,
                            int64_t default_cache, struct record *record, struct failure *failure)
{
    char owner[COLUMN_SIZE];
    struct options options = *given;
    print_owner(owner, table, column->name);
    options.has_type = options.has_owned_by = true;
    options.type_text = type_name(column->type);
    options.owned_by = owner;
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
        if (!admin_create(administration, &column->sequence, &options, default_cache, owner,
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
                             struct table *wanted, const struct options *options,
                             int64_t default_cache, struct failure *failure)
{
    char *text;
    struct table *known;
    struct record record;
    if (!admin_read_table(administration, name, &known, &text, failure))
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
    enum save_result result = admin_save_table(administration, name, NULL, wanted, failure);
    if (result == SAVE_DONE)
        return true;
    undo(administration, wanted, wanted->column_count);
    return result == SAVE_CHANGED ? admin_fail_exists(failure, name) : false;
}

bool fail_column_exists(struct failure *failure, const struct seq_name *name, const char *column)
{
    failure_set_sqlstate(failure, ERROR_SEQUENCE_EXISTS, "42701",
                         "column \"%s\" of relation \"%s\" already exists", column,
                         name_bare(name));
    return false;
}

bool fail_table_changing(struct failure *failure, const struct seq_name *name)
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
    if (!admin_read_table(administration, name, &table, &text, failure))
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
        enum save_result result = admin_save_table(administration, name, text, table, failure);
        fine = result == SAVE_DONE;
        if (!fine)
            drop_silently(administration, &column.sequence);
        if (result == SAVE_CHANGED)
            fail_table_changing(failure, name);
    }
    free(text);
    table_release(table);
    return fine;
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
    bool fine =
        !table || (admin_resolve_table(administration, table, failure) &&
                   admin_save_table(administration, name, text, NULL, failure) != SAVE_FAILED);
    fine = fine && admin_drop_owned(administration, name, NULL, known, failure);
    for (size_t i = 0; fine && table && i < table->column_count; i++)
        fine = admin_let_go(administration, name, &table->columns[i], failure);
    free(text);
    table_release(table);
    return fine;
}
