/* A node as the roster in Redis shows it (lua/roster.lua). */
#ifndef STORE_NODE_ENTRY_H
#define STORE_NODE_ENTRY_H

#include "store/block.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

struct node_entry {
    const char *id, *hostname, *address, *started_at;
    int64_t lease_ms; /* 0: none */
    int64_t age_ms;   /* of its last heartbeat */
    bool live;
    bool acknowledged; /* of a fence */
    bool self;         /* it is this node */
};

/* `entry` is borrowed. */
typedef void node_visitor(const struct node_entry *entry, void *context);

/* Every node in the script's reply that can be read. */
void node_entries_visit(const redisReply *reply, const char *self, node_visitor *visit,
                        void *context);

#endif
