/*
 * Names of what seqd keeps in Redis; PREFIX is configurable.
 *
 *   PREFIX{NAME}        hash: the definition (record.h)
 *   PREFIX{NAME}:next   string: ordinals handed out, moved only by INCRBY
 *   PREFIX{.list}index   sorted set of names, all with score 0: the list, by name
 *   PREFIX{.list}oids    hash: oid to name
 *   PREFIX{.list}owners  sorted set of "OWNED_BY NAME", all with score 0: what a column owns
 *   PREFIXtable:{NAME}   string: a table's columns, in JSON (table.h)
 *   PREFIX{.nodes}       hash: node id to "MS JSON": when Redis heard of it last, and what it
 *                        says of itself (roster.c)
 *   PREFIX{.nodes}fence:ID  hash: the ids of the nodes that acknowledged this fence; expires
 *   PREFIXchanges        channel: "NAME GENERATION", or "NAME -" when it is gone, or "NAME
 * condemned"; "@TABLE";
 *                        "!FENCE NAME GENERATION" asks for an acknowledgement
 *
 * In a Redis Cluster the part in braces says which slot a key is in. No sequence has a name with
 * a dot at its front.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/name.h"

#include <stdio.h>

#define LIST_TAG  "{.list}"
#define NODES_TAG "{.nodes}"

#define KEY_PREFIX_MAX 64
#define KEY_SIZE       (KEY_PREFIX_MAX + NAME_MAX_BYTES + sizeof "{}:next")

struct keys {
    char definition[KEY_SIZE], next[KEY_SIZE];
};

static inline void keys_print(struct keys *keys, const char *prefix, const char *name)
{
    snprintf(keys->definition, KEY_SIZE, "%.64s{%.127s}", prefix, name);
    snprintf(keys->next, KEY_SIZE, "%.64s{%.127s}:next", prefix, name);
}

#endif
