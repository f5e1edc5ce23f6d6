/*
 * The tables this node knows: an INSERT needs the columns of its table each time, and they
 * rarely change. A change is told by Pub/Sub (hints.h), like one of a sequence; what may have
 * been missed is forgotten. That nothing is known of a table is known here, too. Any thread;
 * one lock.
 */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include "store/table.h"

struct tables;

struct tables *tables_create(void);
void tables_destroy(struct tables *tables);

/* False: not known here. *table: a reference for the caller, or NULL when Redis has nothing. */
bool tables_get(struct tables *tables, const struct seq_name *name, struct table **table);

/* Before reading from Redis; what was read is kept only if nothing was forgotten since. */
uint64_t tables_epoch(struct tables *tables);
void tables_put(struct tables *tables, const struct seq_name *name, struct table *table,
                uint64_t epoch);

void tables_forget(struct tables *tables, const struct seq_name *name);
void tables_forget_all(struct tables *tables);

#endif
