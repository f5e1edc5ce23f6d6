#include "store/tables.h"

#include "store/memory.h"

#include <pthread.h>
#include <uthash.h>

/* Past that, all are forgotten: they are read again when they are needed. */
#define ENTRIES_MAX 10000

struct entry {
    struct seq_name name; /* key: its text */
    struct table *table;  /* or NULL */
    UT_hash_handle hh;
};

struct tables {
    pthread_mutex_t lock;
    struct entry *entries;
    uint64_t epoch;
};

struct tables *tables_create(void)
{
    struct tables *tables = must_calloc(1, sizeof *tables);
    pthread_mutex_init(&tables->lock, NULL);
    return tables;
}

static void forget(struct tables *tables, struct entry *entry)
{
    HASH_DEL(tables->entries, entry);
    table_release(entry->table);
    free(entry);
}

static void forget_all(struct tables *tables)
{
    while (tables->entries)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it loses track of uthash's list */
        forget(tables, tables->entries);
}

void tables_destroy(struct tables *tables)
{
    forget_all(tables);
    pthread_mutex_destroy(&tables->lock);
    free(tables);
}

bool tables_get(struct tables *tables, const struct seq_name *name, struct table **table)
{
    struct entry *entry;
    *table = NULL;
    pthread_mutex_lock(&tables->lock);
    HASH_FIND(hh, tables->entries, name->text, name->length, entry);
    if (entry && entry->table)
        *table = table_share(entry->table);
    pthread_mutex_unlock(&tables->lock);
    return entry != NULL;
}

uint64_t tables_epoch(struct tables *tables)
{
    pthread_mutex_lock(&tables->lock);
    uint64_t epoch = tables->epoch;
    pthread_mutex_unlock(&tables->lock);
    return epoch;
}

void tables_put(struct tables *tables, const struct seq_name *name, struct table *table,
                uint64_t epoch)
{
    struct entry *entry;
    pthread_mutex_lock(&tables->lock);
    HASH_FIND(hh, tables->entries, name->text, name->length, entry);
    if (!entry && tables->epoch == epoch) {
        if (HASH_COUNT(tables->entries) >= ENTRIES_MAX)
            forget_all(tables);
        entry = must_calloc(1, sizeof *entry);
        entry->name = *name;
        entry->table = table ? table_share(table) : NULL;
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it loses track of uthash's list */
        HASH_ADD_KEYPTR(hh, tables->entries, entry->name.text, entry->name.length, entry);
    }
    pthread_mutex_unlock(&tables->lock);
}

void tables_forget(struct tables *tables, const struct seq_name *name)
{
    struct entry *entry;
    pthread_mutex_lock(&tables->lock);
    tables->epoch++;
    HASH_FIND(hh, tables->entries, name->text, name->length, entry);
    if (entry)
        forget(tables, entry);
    pthread_mutex_unlock(&tables->lock);
}

void tables_forget_all(struct tables *tables)
{
    pthread_mutex_lock(&tables->lock);
    tables->epoch++;
    forget_all(tables);
    pthread_mutex_unlock(&tables->lock);
}
