/*
 * A table, as far as numbers are concerned: its columns in order, and which of them take
 * their default from a sequence (SERIAL, GENERATED AS IDENTITY). Rows are not seqd's.
 *
 * In Redis a JSON text: {"complete": bool, "columns": [{"name", "position", and of a serial
 * column "type", "identity", "oid"}]}. Sequences are remembered by their oid, so renaming one
 * keeps it.
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "store/block.h"
#include "store/definition.h"

#include <stdatomic.h>

#define TABLE_COLUMNS_MAX 1600 /* PostgreSQL's MaxHeapAttributeNumber */

enum identity_kind { IDENTITY_NONE, IDENTITY_ALWAYS, IDENTITY_BY_DEFAULT };

struct table_column {
    char name[NAME_PART_MAX + 1]; /* any identifier, as PostgreSQL stores it */
    int position;                 /* from 1; 0: not known */
    bool is_serial;
    /* Of a serial column. */
    enum seq_type type;
    enum identity_kind identity;
    char oid[ID_SIZE];
    struct seq_name sequence; /* its present name; length 0: it was dropped */
};

/* Not changed once it is shared. */
struct table {
    _Atomic int references;
    bool complete; /* every column is here; otherwise only serial ones are */
    size_t column_count, capacity;
    struct table_column *columns;
};

/* One reference, the caller's. */
struct table *table_create(void);
struct table *table_share(struct table *table);
void table_release(struct table *table); /* NULL is fine */

/* Another column, zeroed, with its name. */
struct table_column *table_add(struct table *table, const char *name);
struct table_column *table_find(const struct table *table, const char *name);
/* Those behind it move up. */
void table_remove(struct table *table, struct table_column *column);
bool table_has_serials(const struct table *table);

/* NULL when the text is nothing that table_print() wrote. Sequences' names are not filled. */
struct table *table_parse(const char *text);
/* To be freed by the caller. */
char *table_print(const struct table *table);

/* smallserial, serial, bigserial, and serial2, serial4, serial8. */
bool serial_type_parse(const char *name, enum seq_type *type);

const char *identity_name(enum identity_kind kind); /* "always", "by default"; NULL for none */

/* PostgreSQL's choice of a name (makeObjectName() and ChooseRelationName() of
 * commands/indexcmds.c): table_column_seq, each part cut until it fits into 63 bytes; `pass`
 * 1, 2, ... gives _seq1, _seq2, ... False: not a name that seqd can keep. */
bool serial_sequence_name(const struct seq_name *table, const char *column, int pass,
                          struct seq_name *name);

#endif
