#include "store/administration_table.h"

#include "store/admin_table.h"
#include "store/memory.h"

#include <jansson.h>

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

/* --- New serial columns ------------------------------------------------------------------ */

static bool fail_name(struct failure *failure, const char *column)
{
    failure_set(
        failure, ERROR_INVALID_NAME,
        "invalid name \"%.200s\": a serial column's name is a letter or _ and then letters, "
        "digits, _, $ or -",
        column);
    return false;
}

static bool prepare(struct creation *creation, const struct seq_name *table,
                    struct table_column *column, const struct options *given, int64_t default_cache,
                    struct failure *failure)
{
    struct record *record = &creation->record;
    struct options options = *given;
    char owner[COLUMN_SIZE];
    print_owner(owner, table, column->name);
    if (!name_is_part(column->name, strlen(column->name)))
        return fail_name(failure, column->name);
    options.has_type = options.has_owned_by = true;
    options.type_text = type_name(column->type);
    options.owned_by = owner;
    if (!admin_new_record(&options, default_cache, record, failure))
        return false;
    memcpy(record->serial, owner, sizeof owner);
    record->is_identity = column->identity != IDENTITY_NONE;
    creation->column = column;
    creation->pass = 0;
    memcpy(column->oid, record->identity.oid, ID_SIZE);
    return true;
}

static bool is_chosen(const struct creation *creations, size_t count, const struct seq_name *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(creations[i].column->sequence.text, name->text) == 0)
            return true;
    return false;
}

bool admin_choose_names(struct creation *creations, size_t count, const struct seq_name *table,
                        struct failure *failure)
{
    for (size_t i = 0; i < count; i++) {
        struct table_column *column = creations[i].column;
        do {
            if (creations[i].pass == NAME_PASSES)
                return admin_fail_exists(failure, &column->sequence);
            if (!serial_sequence_name(table, column->name, creations[i].pass, &column->sequence))
                return fail_name(failure, column->name);
        } while (is_chosen(creations, i, &column->sequence) && ++creations[i].pass);
    }
    return true;
}

/* What the script is told of it: to be freed. */
static char *print_creation(const struct administration *administration,
                            const struct creation *creation)
{
    char ceiling[DECIMAL_SIZE];
    admin_print_ceiling(administration, &creation->column->sequence, &creation->record, ceiling);
    const struct record *record = &creation->record;
    struct record_arguments arguments;
    record_arguments(record, &arguments);
    json_t *json = json_pack("[s, s, s, s, s, s]", creation->column->sequence.text,
                             record->identity.oid, record->identity.generation,
                             record->next ? "1" : "0", record->definition.owned_by, ceiling);
    for (size_t i = 0; i < arguments.count; i++)
        json_array_append_new(json, json_string(arguments.values[i]));
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text)
        abort(); /* all of it is ASCII */
    return text;
}

static redisReply *send_creations(struct administration *administration,
                                  const struct seq_name *name, const char *expected,
                                  const char *text, const struct creation *creations, size_t count,
                                  struct failure *failure)
{
    char key[KEY_SIZE + sizeof "table:"];
    char *printed[DROP_MAX];
    struct places places;
    struct keys keys[DROP_MAX];
    const char *prefix = administration->options.key_prefix;
    places_print(&places, administration, NULL);
    print_key(key, administration, name);
    struct call call = {.script = &script_create_serials, .survives = true};
    const char *const shared[] = {key, places.index, places.oids, places.owners};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        call_add_key(&call, shared[i]);
    for (size_t i = 0; i < count; i++) {
        keys_print(&keys[i], prefix, creations[i].column->sequence.text);
        call_add_key(&call, keys[i].definition);
        call_add_key(&call, keys[i].next);
    }
    const char *const told[] = {places.channel, name->text, expected ? expected : "", text};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        call_add(&call, told[i]);
    for (size_t i = 0; i < count; i++)
        call_add(&call, printed[i] = print_creation(administration, &creations[i]));
    redisReply *reply = admin_call(administration, &call, failure);
    for (size_t i = 0; i < count; i++)
        free(printed[i]);
    tables_forget(administration->tables, name);
    return reply;
}

/* A name is taken: the next one for that column. */
static void pass_over(struct creation *creations, size_t count, const redisReply *reply)
{
    const char *name = reply->elements > 1 && reply->element[1]->type == REDIS_REPLY_STRING
                           ? reply->element[1]->str
                           : "";
    for (size_t i = 0; i < count; i++)
        if (strcmp(creations[i].column->sequence.text, name) == 0)
            creations[i].pass++;
}

/* The sequences and the table in one step, so that there is never one without the other. */
static enum save_result create_serials(struct administration *administration,
                                       const struct seq_name *name, const char *expected,
                                       const struct table *table, struct creation *creations,
                                       size_t count, struct failure *failure)
{
    if (admin_is_clustered(administration))
        return admin_create_serials_apart(administration, name, expected, table, creations, count,
                                          failure);
    for (;;) {
        if (!admin_choose_names(creations, count, name, failure))
            return SAVE_FAILED;
        char *text = table_print(table);
        redisReply *reply =
            send_creations(administration, name, expected, text, creations, count, failure);
        free(text);
        if (!reply)
            return SAVE_FAILED;
        const char *word = reply_word(reply);
        bool again = strcmp(word, "exists") == 0;
        enum save_result result = strcmp(word, "ok") == 0 ? SAVE_DONE : SAVE_CHANGED;
        if (again)
            pass_over(creations, count, reply);
        freeReplyObject(reply);
        if (!again)
            return result;
    }
}

static bool fail_too_many(struct failure *failure)
{
    failure_set(failure, ERROR_FEATURE_NOT_SUPPORTED, "seqd makes up to %d serial columns at once",
                DROP_MAX);
    return false;
}

bool administer_create_table(struct administration *administration, const struct seq_name *name,
                             struct table *wanted, const struct options *options,
                             int64_t default_cache, struct failure *failure)
{
    struct creation creations[DROP_MAX];
    size_t count = 0;
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (!wanted->columns[i].is_serial)
            continue;
        if (count == DROP_MAX)
            return fail_too_many(failure);
        if (!prepare(&creations[count++], name, &wanted->columns[i], &options[i], default_cache,
                     failure))
            return false;
    }
    switch (create_serials(administration, name, NULL, wanted, creations, count, failure)) {
    case SAVE_DONE:
        return true;
    case SAVE_CHANGED:
        return admin_fail_exists(failure, name);
    case SAVE_FAILED:
        break;
    }
    return false;
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
static struct table_column *put_serial(struct table *table, const struct table_column *column)
{
    struct table_column *known = table_find(table, column->name);
    if (!known)
        known = table_add(table, column->name);
    int position = known->position ? known->position : column->position;
    *known = *column;
    known->position = position;
    return known;
}

static bool is_free(const struct table *table, const struct table_column *wanted,
                    struct failure *failure)
{
    for (size_t i = 0; i < table->column_count && wanted->position > 0; i++) {
        const struct table_column *column = &table->columns[i];
        if (column->position != wanted->position || strcmp(column->name, wanted->name) == 0)
            continue;
        failure_set(failure, ERROR_INVALID_PARAMETER, "position (%d) is that of column \"%s\"",
                    wanted->position, column->name);
        return false;
    }
    return true;
}

static bool add_serial(struct administration *administration, const struct seq_name *name,
                       const char *text, struct table *table, const struct table_column *wanted,
                       int64_t default_cache, struct creation *creation, struct failure *failure)
{
    const struct options none = {0};
    const struct table_column *known = table_find(table, wanted->name);
    if (known && known->is_serial)
        return fail_column_exists(failure, name, wanted->name);
    if (!known && table->column_count >= TABLE_COLUMNS_MAX)
        return fail_too_many(failure);
    if (!is_free(table, wanted, failure))
        return false;
    if (!prepare(creation, name, put_serial(table, wanted), &none, default_cache, failure))
        return false;
    enum save_result result =
        create_serials(administration, name, text, table, creation, 1, failure);
    if (result == SAVE_CHANGED)
        fail_table_changing(failure, name);
    return result == SAVE_DONE;
}

bool administer_add_serial(struct administration *administration, const struct seq_name *name,
                           const struct table_column *column, int64_t default_cache,
                           struct seq_name *sequence, struct record *record,
                           struct failure *failure)
{
    char *text;
    struct table *table;
    struct creation creation;
    if (!admin_read_table(administration, name, &table, &text, failure))
        return false;
    if (!table)
        table = table_create();
    bool fine =
        add_serial(administration, name, text, table, column, default_cache, &creation, failure);
    if (fine) {
        *sequence = creation.column->sequence;
        *record = creation.record;
    }
    free(text);
    table_release(table);
    return fine;
}
