#include "store/admin_link.h"

#include "store/decimal.h"
#include "store/memory.h"

#include <string.h>

struct administration *administration_create(const struct administration_options *options,
                                             struct catalog *catalog, struct tables *tables)
{
    struct administration *administration = must_calloc(1, sizeof *administration);
    administration->options = *options;
    administration->catalog = catalog;
    administration->tables = tables;
    return administration;
}

void administration_destroy(struct administration *administration)
{
    if (administration->context)
        redisFree(administration->context);
    free(administration);
}

bool admin_described(redisReply *reply, const struct seq_name *name, struct record *record,
                     struct failure *failure)
{
    enum record_result result = RECORD_DAMAGED;
    /* A nil at the end of a script's table ends it: the counter may be missing. */
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 1)
        result =
            record_parse(reply->element[0], reply->elements > 1 ? reply->element[1] : NULL, record);
    freeReplyObject(reply);
    if (result == RECORD_NONE || result == RECORD_DROPPED)
        fail_missing(failure, name);
    else if (result == RECORD_DAMAGED)
        fail_lost(failure, name);
    return result == RECORD_OK;
}

bool admin_describe(struct administration *administration, const struct seq_name *name,
                    struct record *record, struct failure *failure)
{
    struct places places;
    places_print(&places, administration, name);
    struct call call = script_call(&script_describe, &places.keys);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply) {
        memcpy(failure->sequence, name->text, name->length + 1u);
        return false;
    }
    return admin_described(reply, name, record, failure);
}

bool administer_describe(struct administration *administration, const struct seq_name *name,
                         struct record *record, struct failure *failure)
{
    if (!admin_describe(administration, name, record, failure))
        return false;
    if (!record->has_next)
        fail_lost(failure, name);
    return record->has_next;
}

bool admin_fail_exists(struct failure *failure, const struct seq_name *name)
{
    failure_set(failure, ERROR_SEQUENCE_EXISTS, "relation \"%s\" already exists", name_bare(name));
    memcpy(failure->sequence, name->text, name->length + 1u);
    return false;
}

void admin_add_record(struct call *call, const struct record_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++)
        call_add(call, arguments->values[i]);
}

void admin_print_ceiling(const struct administration *administration, const struct record *record,
                         char text[DECIMAL_SIZE])
{
    int64_t ceiling = ceiling_first(administration->options.ceiling, record);
    text[0] = '\0';
    if (ceiling >= 0)
        decimal_write(text, ceiling);
}

/* *existed: somebody else has the name. */
static bool send_create(struct administration *administration, const struct seq_name *name,
                        const struct record *record, bool *existed, struct failure *failure)
{
    struct places places;
    struct record_arguments arguments;
    char ceiling[DECIMAL_SIZE];
    places_print(&places, administration, name);
    record_arguments(record, &arguments);
    admin_print_ceiling(administration, record, ceiling);
    struct call call = script_call(&script_create, &places.keys);
    call_add_key(&call, places.index);
    call_add_key(&call, places.oids);
    call_add_key(&call, places.owners);
    call_add(&call, places.channel);
    call_add(&call, name->text);
    call_add(&call, record->identity.oid);
    call_add(&call, record->identity.generation);
    call_add(&call, record->next ? "1" : "0");
    call_add(&call, record->definition.owned_by);
    call_add(&call, ceiling);
    admin_add_record(&call, &arguments);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    *existed = strcmp(reply_word(reply), "ok") != 0;
    if (*existed && call.sent_again && reply->elements == 2 &&
        reply->element[1]->type == REDIS_REPLY_STRING)
        *existed = strcmp(reply->element[1]->str, record->identity.generation) != 0;
    freeReplyObject(reply);
    return true;
}

bool admin_new_record(const struct options *options, int64_t default_cache, struct record *record,
                      struct failure *failure)
{
    struct position position;
    memset(record, 0, sizeof *record);
    if (!definition_create(options, default_cache, &record->definition, &position, failure))
        return false;
    record_new_id(record->identity.oid);
    record_new_id(record->identity.generation);
    record_time(record->created_at);
    memcpy(record->updated_at, record->created_at, TIME_SIZE);
    record_set_position(record, &position);
    return true;
}

bool administer_create(struct administration *administration, const struct seq_name *name,
                       const struct options *options, bool if_not_exists, int64_t default_cache,
                       struct record *record, bool *created, struct failure *failure)
{
    bool existed;
    *created = false;
    if (if_not_exists) {
        if (administer_describe(administration, name, record, failure))
            return true;
        if (failure->code != ERROR_SEQUENCE_NOT_FOUND)
            return false;
    }
    if (!admin_new_record(options, default_cache, record, failure) ||
        !admin_check_owner(administration, name, options, &record->definition, failure) ||
        !send_create(administration, name, record, &existed, failure))
        return false;
    if (existed)
        return if_not_exists ? administer_describe(administration, name, record, failure)
                             : admin_fail_exists(failure, name);
    *created = true;
    return true;
}

void admin_change_here(struct administration *administration, const struct seq_name *name,
                       const struct record *record)
{
    struct sequence *sequence = catalog_acquire(administration->catalog, name);
    if (!record)
        tables_forget_all(administration->tables);
    if (!sequence)
        return;
    if (record) {
        /* Even a change that keeps the generation, as in PostgreSQL's session. */
        sequence_forget(sequence);
        sequence_adopt(sequence, record);
    } else {
        sequence_retire(sequence);
        catalog_remove(administration->catalog, sequence);
    }
    sequence_release(sequence);
}

bool administer_name_of(struct administration *administration, const char *oid,
                        struct seq_name *name, struct failure *failure)
{
    struct places places;
    places_print(&places, administration, NULL);
    struct call call = {.values = {"HGET", places.oids, oid}, .count = 3};
    failure->code = ERROR_NONE;
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    struct failure ignored;
    bool found = reply->type == REDIS_REPLY_STRING &&
                 name_parse(reply->str, (size_t)reply->len, name, &ignored);
    freeReplyObject(reply);
    return found;
}

bool administer_give_back(struct administration *administration, const struct seq_name *name,
                          const struct block *block, struct failure *failure)
{
    struct places places;
    char end[DECIMAL_SIZE], how_many[DECIMAL_SIZE];
    places_print(&places, administration, name);
    decimal_write(end, block->first + block->count);
    decimal_write(how_many, block->count);
    struct call call = script_call(&script_give_back, &places.keys);
    call_add(&call, block->identity.generation);
    call_add(&call, end);
    call_add(&call, how_many);
    call.once = true;
    failure->code = ERROR_NONE;
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    bool given = reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    freeReplyObject(reply);
    return given;
}

bool administer_settle(struct administration *administration, const struct seq_name *name,
                       struct failure *failure)
{
    struct places places;
    char nonce[ID_SIZE];
    places_print(&places, administration, name);
    record_new_id(nonce);
    struct call call = script_call(&script_settle, &places.keys);
    call_add(&call, nonce);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    freeReplyObject(reply);
    return true;
}
