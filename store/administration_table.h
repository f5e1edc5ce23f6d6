/*
 * Tables' serial columns: what CREATE TABLE, ALTER TABLE and DROP TABLE do to sequences, and
 * the same by REST. Straight-line code on the clerk's thread, as administration.h.
 *
 * A serial column and its sequence are made in one step. Dropping and renaming take several:
 * one that was interrupted can be repeated.
 */
#ifndef STORE_ADMINISTRATION_TABLE_H
#define STORE_ADMINISTRATION_TABLE_H

#include "store/administration.h"
#include "store/table.h"

/* *table is NULL when nothing is known of it; otherwise the caller's reference. */
bool administer_table(struct administration *administration, const struct seq_name *name,
                      struct table **table, struct failure *failure);

/* Makes the sequences of wanted's serial columns, by `options` (one for each column; their
 * type and owner are set here), and remembers the table. Fills in oids and sequences. */
bool administer_create_table(struct administration *administration, const struct seq_name *name,
                             struct table *wanted, const struct options *options,
                             int64_t default_cache, struct failure *failure);

/* One more serial column, of a table known or not. */
bool administer_add_serial(struct administration *administration, const struct seq_name *name,
                           const struct table_column *column, int64_t default_cache,
                           struct seq_name *sequence, struct record *record,
                           struct failure *failure);

/* Drops what its columns own, and forgets the table. *known false: there was neither. */
bool administer_drop_table(struct administration *administration, const struct seq_name *name,
                           bool *known, struct failure *failure);

/* One change of a known table's columns. */
struct table_change {
    enum { TABLE_ADD_COLUMN, TABLE_DROP_COLUMN, TABLE_RENAME_COLUMN, TABLE_RENAME } kind;
    const char *column;   /* as PostgreSQL stores it */
    const char *new_name; /* of the column, or of the table (without its schema) */
};

/* Nothing happens to what is not known. */
bool administer_alter_table(struct administration *administration, const struct seq_name *name,
                            const struct table_change *changes, size_t count,
                            struct failure *failure);

/* pg_get_serial_sequence(). *found false: the column owns none. */
bool administer_serial_sequence(struct administration *administration, const struct seq_name *table,
                                const char *column, struct seq_name *sequence, bool *found,
                                struct failure *failure);

#endif
