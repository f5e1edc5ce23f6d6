#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/task.h"

static void list_one(const struct node_entry *entry, void *context)
{
    json_array_append_new(context, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:b}", "id",
                                             entry->id, "hostname", entry->hostname, "address",
                                             entry->address, "started_at", entry->started_at,
                                             "last_seen_ms_ago", (json_int_t)entry->age_ms,
                                             "lease_ms", (json_int_t)entry->lease_ms, "live",
                                             entry->live, "self", entry->self));
}

static bool act_list(struct task *task, struct administration *administration)
{
    task->list = json_array();
    return administer_nodes(administration, task->self, list_one, task->list, &task->failure);
}

static void finish_list(struct request *request)
{
    reply_json(request, 200, json_pack("{s:O}", "nodes", request->task->list), NULL, NULL);
}

void handle_list_nodes(struct request *request)
{
    struct task *task = task_create(request, act_list);
    task->self = store_node_id(request->worker->app->store);
    task_run(task, finish_list);
}
