#include "store/admin_link.h"

bool administer_nodes(struct administration *administration, const char *self, node_visitor *visit,
                      void *context, struct failure *failure)
{
    char nodes[KEY_SIZE], no_fence[KEY_SIZE];
    snprintf(nodes, sizeof nodes, "%.64s" NODES_TAG, administration->options.key_prefix);
    snprintf(no_fence, sizeof no_fence, "%.64s" NODES_TAG "fence:-",
             administration->options.key_prefix);
    struct call call = {.script = &script_roster};
    call_add_key(&call, nodes);
    call_add_key(&call, no_fence);
    call_add(&call, "");
    call_add(&call, "");
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    node_entries_visit(reply, self, visit, context);
    freeReplyObject(reply);
    return true;
}
