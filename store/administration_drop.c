#include "store/admin_cluster.h"

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

/* `step`: 'drop' or 'check'. */
static redisReply *send_drop(struct administration *administration, const struct seq_name *names,
                             size_t count, const struct drop_options *options, const char *nonce,
                             const char *step, struct failure *failure)
{
    struct places places;
    struct keys keys[DROP_MAX];
    places_print(&places, administration, NULL);
    struct call call = {.script = &script_drop, .survives = true};
    for (size_t i = 0; i < count; i++) {
        keys_print(&keys[i], administration->options.key_prefix, names[i].text);
        call_add_key(&call, keys[i].definition);
        call_add_key(&call, keys[i].next);
    }
    call_add_shared(&call, administration, places.index);
    call_add_shared(&call, administration, places.oids);
    call_add_shared(&call, administration, places.owners);
    call_add(&call, places.channel);
    call_add(&call, TOMBSTONE_SECONDS);
    call_add(&call, nonce);
    call_add(&call, options->with_column ? "column" : options->cascade ? "cascade" : "restrict");
    call_add(&call, options->if_exists ? "if_exists" : "");
    call_add(&call, step);
    for (size_t i = 0; i < count; i++)
        call_add(&call, names[i].text);
    return admin_call(administration, &call, failure);
}

/* False with the reason, when the script refused. */
static bool understand(struct administration *administration, const redisReply *reply,
                       const struct seq_name *names, size_t count, struct drop_outcome outcomes[],
                       struct failure *failure)
{
    const char *word = reply_word(reply);
    const redisReply *missing = list_at(reply, 1), *freed = list_at(reply, 2);
    if (strcmp(word, "used") == 0)
        return fail_in_use(failure, text_at(reply, 1), text_at(reply, 2), *text_at(reply, 3));
    if (strcmp(word, "ok") != 0)
        return fail_not_found(failure, text_at(reply, 1));
    for (size_t i = 0, dropped = 0; outcomes && i < count; i++) {
        outcomes[i].missing = contains(missing, names[i].text);
        outcomes[i].serial[0] = '\0';
        if (outcomes[i].missing)
            continue;
        snprintf(outcomes[i].serial, COLUMN_SIZE, "%s", text_at(freed, dropped++));
        admin_change_here(administration, &names[i], NULL);
    }
    return true;
}

/* --- In a Cluster: one by one ----------------------------------------------------------------- */

/* One that is on its way to another name is brought there first. */
static redisReply *send_drop_of_one(struct administration *administration,
                                    const struct seq_name *name, const struct drop_options *options,
                                    const char *nonce, const char *step, struct failure *failure)
{
    struct record ignored;
    for (int tries = 0;; tries++) {
        redisReply *reply = send_drop(administration, name, 1, options, nonce, step, failure);
        if (!reply || strcmp(reply_word(reply), "moving") != 0 || tries == 3)
            return reply;
        freeReplyObject(reply);
        if (!admin_describe(administration, name, &ignored, failure) &&
            failure->code == ERROR_STORE_UNAVAILABLE)
            return NULL;
    }
}

/* `outcome` NULL: it is only seen whether it can be dropped. */
static bool drop_one(struct administration *administration, const struct seq_name *name,
                     const struct drop_options *options, const char *nonce,
                     struct drop_outcome *outcome, struct failure *failure)
{
    redisReply *reply =
        send_drop_of_one(administration, name, options, nonce, outcome ? "drop" : "check", failure);
    if (!reply)
        return false;
    bool fine = understand(administration, reply, name, 1, outcome, failure);
    const redisReply *gone = list_at(reply, 3);
    if (fine && gone->elements == 2)
        fine = admin_list_remove(administration, name, text_at(gone, 0), text_at(gone, 1), failure);
    freeReplyObject(reply);
    return fine;
}

static bool drop_each(struct administration *administration, const struct seq_name *names,
                      size_t count, const struct drop_options *options, const char *nonce,
                      struct drop_outcome outcomes[], struct failure *failure)
{
    bool fine = true;
    for (size_t i = 0; fine && i < count; i++)
        fine = drop_one(administration, &names[i], options, nonce, NULL, failure);
    for (size_t i = 0; fine && i < count; i++)
        fine = drop_one(administration, &names[i], options, nonce, &outcomes[i], failure);
    return fine;
}

bool administer_drop(struct administration *administration, const struct seq_name *names,
                     size_t count, const struct drop_options *options,
                     struct drop_outcome outcomes[], struct failure *failure)
{
    char nonce[ID_SIZE];
    record_new_id(nonce);
    if (admin_is_clustered(administration))
        return drop_each(administration, names, count, options, nonce, outcomes, failure);
    redisReply *reply = send_drop(administration, names, count, options, nonce, "drop", failure);
    bool fine = reply && understand(administration, reply, names, count, outcomes, failure);
    freeReplyObject(reply);
    return fine;
}
