#include "store/admin_link.h"

#include "store/memory.h"

#include <stdio.h>
#include <string.h>

static bool fail_not_found(struct failure *failure, const char *name)
{
    const char *dot = strchr(name, '.');
    failure_set(failure, ERROR_SEQUENCE_NOT_FOUND, "sequence \"%s\" does not exist",
                dot ? dot + 1 : name);
    snprintf(failure->sequence, sizeof failure->sequence, "%s", name);
    return false;
}

/* A column's default or identity needs it. `serial` is "table.column". */
static bool fail_in_use(struct failure *failure, const char *name, const char *serial,
                        bool is_identity)
{
    const char *column = strrchr(serial, '.');
    int table = (int)(column ? column - serial : 0);
    if (is_identity) {
        failure_set(failure, ERROR_SEQUENCE_IN_USE,
                    "cannot drop sequence %s because column %s of table %.*s requires it", name,
                    serial + table + 1, table, serial);
        failure_hint(failure, "You can drop column %s of table %.*s instead.", serial + table + 1,
                     table, serial);
    } else {
        failure_set(failure, ERROR_SEQUENCE_IN_USE,
                    "cannot drop sequence %s because other objects depend on it", name);
        failure_hint(failure, "Use DROP ... CASCADE to drop the dependent objects too.");
    }
    snprintf(failure->sequence, sizeof failure->sequence, "%s", name);
    return false;
}

static const char *text_at(const redisReply *reply, size_t index)
{
    return index < reply->elements && reply->element[index]->type == REDIS_REPLY_STRING
               ? reply->element[index]->str
               : "";
}

static const redisReply *list_at(const redisReply *reply, size_t index)
{
    static const redisReply none;
    return index < reply->elements && reply->element[index]->type == REDIS_REPLY_ARRAY
               ? reply->element[index]
               : &none;
}

static bool contains(const redisReply *list, const char *text)
{
    for (size_t i = 0; i < list->elements; i++)
        if (strcmp(text_at(list, i), text) == 0)
            return true;
    return false;
}

static redisReply *send_drop(struct administration *administration, const struct seq_name *names,
                             size_t count, const struct drop_options *options,
                             struct failure *failure)
{
    char nonce[ID_SIZE];
    struct places places;
    struct keys keys[DROP_MAX];
    places_print(&places, administration, NULL);
    struct call call = {.script = &script_drop};
    call_add_key(&call, places.index);
    call_add_key(&call, places.oids);
    call_add_key(&call, places.owners);
    for (size_t i = 0; i < count; i++) {
        keys_print(&keys[i], administration->options.key_prefix, names[i].text);
        call_add_key(&call, keys[i].definition);
        call_add_key(&call, keys[i].next);
    }
    call_add(&call, places.channel);
    call_add(&call, TOMBSTONE_SECONDS);
    record_new_id(nonce);
    call_add(&call, nonce);
    call_add(&call, options->with_column ? "column" : options->cascade ? "cascade" : "restrict");
    call_add(&call, options->if_exists ? "if_exists" : "");
    for (size_t i = 0; i < count; i++)
        call_add(&call, names[i].text);
    return admin_call(administration, &call, failure);
}

bool administer_drop(struct administration *administration, const struct seq_name *names,
                     size_t count, const struct drop_options *options,
                     struct drop_outcome outcomes[], struct failure *failure)
{
    bool fine = true;
    redisReply *reply = send_drop(administration, names, count, options, failure);
    if (!reply)
        return false;
    const char *word = reply_word(reply);
    const redisReply *missing = list_at(reply, 1), *freed = list_at(reply, 2);
    if (strcmp(word, "used") == 0)
        fine = fail_in_use(failure, text_at(reply, 1), text_at(reply, 2), *text_at(reply, 3));
    else if (strcmp(word, "ok") != 0)
        fine = fail_not_found(failure, text_at(reply, 1));
    for (size_t i = 0, dropped = 0; fine && i < count; i++) {
        outcomes[i].missing = contains(missing, names[i].text);
        outcomes[i].serial[0] = '\0';
        if (outcomes[i].missing)
            continue;
        snprintf(outcomes[i].serial, COLUMN_SIZE, "%s", text_at(freed, dropped++));
        admin_change_here(administration, &names[i], NULL);
    }
    freeReplyObject(reply);
    return fine;
}
