#include "store/node_entry.h"

#include <jansson.h>
#include <string.h>

static int64_t number_at(const redisReply *reply, size_t index)
{
    const redisReply *element = reply->element[index];
    return element->type == REDIS_REPLY_INTEGER ? element->integer : 0;
}

static void visit_one(const redisReply *reply, const char *self, node_visitor *visit, void *context)
{
    struct node_entry entry;
    json_int_t lease_ms;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 5 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return;
    const redisReply *text = reply->element[1];
    json_t *json = json_loadb(text->str, (size_t)text->len, 0, NULL);
    if (json &&
        json_unpack(json, "{s:s, s:s, s:s, s:I}", "hostname", &entry.hostname, "address",
                    &entry.address, "started_at", &entry.started_at, "lease_ms", &lease_ms) == 0) {
        entry.id = reply->element[0]->str;
        entry.lease_ms = lease_ms;
        entry.age_ms = number_at(reply, 2);
        entry.live = number_at(reply, 3) > 0;
        entry.acknowledged = number_at(reply, 4) == 1;
        entry.self = strcmp(entry.id, self) == 0;
        visit(&entry, context);
    }
    json_decref(json);
}

void node_entries_visit(const redisReply *reply, const char *self, node_visitor *visit,
                        void *context)
{
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        visit_one(reply->element[i], self, visit, context);
}
