/*
 * Everything about sequences but handing out numbers: create, describe, list, alter,
 * drop, setval, advance. Straight-line code on a connection of its own, blocking, each
 * function one or a few scripts; run by the clerk's thread only (clerk.h).
 *
 * A change gives the sequence a new generation, of which the caller makes up the id.
 * So a change whose reply was lost can be sent again, once, on a new connection: if it
 * had run, the sequence is found in just that generation.
 *
 * Every function returns true, or false with the reason in `failure`.
 */
#ifndef STORE_ADMINISTRATION_H
#define STORE_ADMINISTRATION_H

#include "store/catalog.h"
#include "store/counters.h"
#include "store/lanes.h"
#include "store/node_entry.h"
#include "store/record.h"
#include "store/redis_link.h"
#include "store/tables.h"

struct administration;

struct administration_options {
    struct redis_address address; /* borrowed strings */
    struct redis_timeouts timeouts;
    const char *key_prefix;
    int64_t retry_ms; /* how long to try again when others keep changing a sequence */
    struct store_counters *counters;
    const struct lanes *lanes; /* whose ceilings new generations begin with */
};

struct administration *administration_create(const struct administration_options *options,
                                             struct catalog *catalog, struct tables *tables);
void administration_destroy(struct administration *administration);

/* `*created` false: it existed, and `if_not_exists` says that is fine. */
bool administer_create(struct administration *administration, const struct seq_name *name,
                       const struct options *options, bool if_not_exists, int64_t default_cache,
                       struct record *record, bool *created, struct failure *failure);

bool administer_describe(struct administration *administration, const struct seq_name *name,
                         struct record *record, struct failure *failure);

/* One listed sequence; `record` is borrowed. */
typedef void list_visitor(const struct seq_name *name, const struct record *record, void *context);

/* In the names' byte order, those that begin with `prefix` ("" for all) and come after
 * `cursor` ("" for the first page). *more: there are others. */
bool administer_list(struct administration *administration, const char *prefix, const char *cursor,
                     int64_t limit, list_visitor *visit, void *context, bool *more,
                     struct failure *failure);

/* `new_name` NULL: no rename. */
bool administer_alter(struct administration *administration, const struct seq_name *name,
                      const struct seq_name *new_name, const struct options *options,
                      struct record *record, struct failure *failure);

#define DROP_MAX 50 /* sequences at once */

struct drop_options {
    bool if_exists;   /* a missing one is no failure */
    bool cascade;     /* even if it is a serial column's default */
    bool with_column; /* even its identity: the column goes, too */
};

struct drop_outcome {
    bool missing;             /* with `if_exists`: there was no such sequence */
    char serial[COLUMN_SIZE]; /* "table.column" that lost its default, or "" */
};

/* All of them, or none. */
bool administer_drop(struct administration *administration, const struct seq_name *names,
                     size_t count, const struct drop_options *options,
                     struct drop_outcome outcomes[], struct failure *failure);

bool administer_setval(struct administration *administration, const struct seq_name *name,
                       int64_t value, bool is_called, struct record *record,
                       struct failure *failure);

/* setval to the greatest of last_value and `value` in the direction of travel. */
bool administer_advance(struct administration *administration, const struct seq_name *name,
                        int64_t value, struct record *record, bool *advanced,
                        struct failure *failure);

/* After an advance that was none: the ordinal before which nothing held is handed out. */
int64_t administer_advance_passes(const struct record *record, int64_t value);

/* The nodes of the roster, in no order; `self` is this node's id. */
bool administer_nodes(struct administration *administration, const char *self, node_visitor *visit,
                      void *context, struct failure *failure);

/* The present name of the sequence with this oid; false without a failure.code when
 * there is none. */
bool administer_name_of(struct administration *administration, const char *oid,
                        struct seq_name *name, struct failure *failure);

/* Gives the ordinals of `block` back. False without a failure.code when it may not: they
 * are not the last ones reserved. */
bool administer_give_back(struct administration *administration, const struct seq_name *name,
                          const struct block *block, struct failure *failure);

/* The server is about to stop, and nobody else uses it: what is not handed out need not be
 * passed over by the next one. */
bool administer_settle(struct administration *administration, const struct seq_name *name,
                       struct failure *failure);

#endif
