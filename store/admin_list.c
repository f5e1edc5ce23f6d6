/* The list of all sequences, in a Redis Cluster: see admin_cluster.h. */
#include "store/admin_cluster.h"

#include <string.h>

static bool change_list(struct administration *administration, const char *step,
                        const struct seq_name *name, const char *oid, const char *owner,
                        struct failure *failure)
{
    struct places places;
    places_print(&places, administration, NULL);
    struct call call = {.script = &script_index};
    call_add_key(&call, places.index);
    call_add_key(&call, places.oids);
    call_add_key(&call, places.owners);
    call_add(&call, step);
    call_add(&call, name->text);
    call_add(&call, oid);
    call_add(&call, owner);
    redisReply *reply = admin_call(administration, &call, failure);
    freeReplyObject(reply);
    return reply != NULL;
}

bool admin_list_add(struct administration *administration, const struct seq_name *name,
                    const char *oid, const char *owner, struct failure *failure)
{
    return change_list(administration, "add", name, oid, owner, failure);
}

bool admin_list_own(struct administration *administration, const struct seq_name *name,
                    const char *owner, struct failure *failure)
{
    return !owner[0] || change_list(administration, "own", name, "", owner, failure);
}

/* What is there again after all is listed again. */
static bool look_again(struct administration *administration, const struct seq_name *name,
                       struct failure *failure)
{
    struct record record;
    if (admin_describe(administration, name, &record, failure))
        return admin_list_add(administration, name, record.identity.oid, record.definition.owned_by,
                              failure);
    return failure->code != ERROR_STORE_UNAVAILABLE;
}

bool admin_list_remove(struct administration *administration, const struct seq_name *name,
                       const char *oid, const char *owner, struct failure *failure)
{
    return change_list(administration, "remove", name, oid, owner, failure) &&
           look_again(administration, name, failure);
}

bool admin_list_disown(struct administration *administration, const struct seq_name *name,
                       const char *owner, struct failure *failure)
{
    return !owner[0] || (change_list(administration, "disown", name, "", owner, failure) &&
                         look_again(administration, name, failure));
}

bool admin_is_owned_by(struct administration *administration, const struct seq_name *name,
                       const char *owner)
{
    struct record record;
    struct failure ignored;
    return admin_describe(administration, name, &record, &ignored) &&
           strcmp(record.definition.owned_by, owner) == 0;
}
