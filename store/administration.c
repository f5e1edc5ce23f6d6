#include "store/admin_cluster.h"

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
    admin_disconnect(administration);
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
    if (result == RECORD_NONE || result == RECORD_DROPPED || result == RECORD_MOVING)
        fail_missing(failure, name);
    else if (result == RECORD_DAMAGED)
        fail_lost(failure, name);
    return result == RECORD_OK;
}

bool admin_describe(struct administration *administration, const struct seq_name *name,
                    struct record *record, struct failure *failure)
{
    struct places places;
    enum heal_result healed = HEAL_NOT_NEEDED;
    places_print(&places, administration, name);
    for (int tries = 0; tries < 3; tries++) {
        struct call call = script_call(&script_describe, &places.keys);
        redisReply *reply = admin_call(administration, &call, failure);
        if (reply)
            healed = admin_heal(administration, name, reply, failure);
        if (reply && healed == HEAL_NOT_NEEDED)
            return admin_described(reply, name, record, failure);
        freeReplyObject(reply);
        if (!reply || healed == HEAL_FAILED)
            break;
        fail_missing(failure, name);
    }
    memcpy(failure->sequence, name->text, name->length + 1u);
    return false;
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

void admin_print_ceiling(const struct administration *administration, const struct seq_name *name,
                         const struct record *record, char text[DECIMAL_SIZE])
{
    int64_t ceiling = lanes_first_ceiling(administration->options.lanes, name, record);
    text[0] = '\0';
    if (ceiling >= 0)
        decimal_write(text, ceiling);
}

static redisReply *call_create(struct administration *administration, const struct seq_name *name,
                               const struct record *record, struct failure *failure)
{
    struct places places;
    struct record_arguments arguments;
    char ceiling[DECIMAL_SIZE], counter[DECIMAL_SIZE];
    places_print(&places, administration, name);
    record_arguments(record, &arguments);
    admin_print_ceiling(administration, name, record, ceiling);
    decimal_write(counter, record->next);
    struct call call = script_call(&script_create, &places.keys);
    call.survives = true;
    call_add_shared(&call, administration, places.index);
    call_add_shared(&call, administration, places.oids);
    call_add_shared(&call, administration, places.owners);
    call_add(&call, places.channel);
    call_add(&call, name->text);
    call_add(&call, record->identity.oid);
    call_add(&call, record->identity.generation);
    call_add(&call, counter);
    call_add(&call, record->definition.owned_by);
    call_add(&call, ceiling);
    admin_add_record(&call, &arguments);
    return admin_call(administration, &call, failure);
}

/* What has its oid is itself: it was sent again. */
static bool is_another(const redisReply *reply, const struct record *record)
{
    const char *word = reply_word(reply);
    bool has_oid = reply->elements == 3 && reply->element[2]->type == REDIS_REPLY_STRING;
    if (strcmp(word, "exists") == 0)
        return !has_oid || strcmp(reply->element[2]->str, record->identity.oid) != 0;
    return strcmp(word, "moving") == 0;
}

bool admin_send_create(struct administration *administration, const struct seq_name *name,
                       const struct record *record, bool *existed, struct failure *failure)
{
    const char *oid = record->identity.oid, *owner = record->definition.owned_by;
    bool apart = admin_is_clustered(administration);
    if (apart && !admin_list_add(administration, name, oid, owner, failure))
        return false;
    redisReply *reply = call_create(administration, name, record, failure);
    if (!reply)
        return false;
    *existed = is_another(reply, record);
    freeReplyObject(reply);
    if (apart && *existed)
        return admin_list_remove(administration, name, oid, owner, failure);
    return !apart || admin_list_add(administration, name, oid, owner, failure);
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

/* The name may have been that of a sequence on its way to another one, which is there now. */
static bool send_create_again(struct administration *administration, const struct seq_name *name,
                              const struct record *record, bool *existed, struct failure *failure)
{
    struct record other;
    if (admin_describe(administration, name, &other, failure))
        return true;
    return failure->code == ERROR_SEQUENCE_LOST ||
           (failure->code == ERROR_SEQUENCE_NOT_FOUND &&
            admin_send_create(administration, name, record, existed, failure));
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
        !admin_send_create(administration, name, record, &existed, failure))
        return false;
    if (existed && admin_is_clustered(administration) &&
        !send_create_again(administration, name, record, &existed, failure))
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

static bool read_name_of(struct administration *administration, const char *oid,
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

/* In a Cluster the name may be that of before a rename, which looking at it completes. */
bool administer_name_of(struct administration *administration, const char *oid,
                        struct seq_name *name, struct failure *failure)
{
    for (int tries = 0; tries < 2; tries++) {
        struct record record;
        if (!read_name_of(administration, oid, name, failure))
            return false;
        if (!admin_is_clustered(administration) ||
            (admin_describe(administration, name, &record, failure) &&
             strcmp(record.identity.oid, oid) == 0))
            return true;
        if (failure->code == ERROR_STORE_UNAVAILABLE)
            return false;
        failure->code = ERROR_NONE;
    }
    return false;
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
