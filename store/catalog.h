/*
 * The sequences this node knows, by name: read-mostly, so a lock-free hash table of
 * liburcu. Only sequences that exist stay in it: one that Redis does not know is taken
 * out again when the reply says so.
 */
#ifndef STORE_CATALOG_H
#define STORE_CATALOG_H

#include "store/sequence.h"

struct catalog;

struct catalog *catalog_create(const struct sequence_environment *environment);
/* No other thread may use it or any sequence any more. */
void catalog_destroy(struct catalog *catalog);

/* NULL when not known. Inside reader_enter()/reader_leave(); valid until the latter. */
struct sequence *catalog_find(struct catalog *catalog, const struct seq_name *name);

/* With a reference, or NULL when not known. Any registered thread. */
struct sequence *catalog_acquire(struct catalog *catalog, const struct seq_name *name);

/* The known one, or a new one; with a reference. */
struct sequence *catalog_intern(struct catalog *catalog, const struct seq_name *name);

/* Takes it out, if it is still in. The caller's reference stays. */
void catalog_remove(struct catalog *catalog, struct sequence *sequence);

/* Calls `visit` with up to `limit` sequences, in no order; each with a reference held
 * meanwhile, outside any read-side section. */
void catalog_visit(struct catalog *catalog, size_t limit,
                   void (*visit)(struct sequence *sequence, void *context), void *context);

/* About how many there are. */
int64_t catalog_size(const struct catalog *catalog);

#endif
