#include "store/catalog.h"

#include "store/memory.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

struct catalog {
    struct cds_lfht *table;
    const struct sequence_environment *environment;
    uint64_t seed;
    _Atomic int64_t size;
};

#define FIRST_BUCKETS 64

struct catalog *catalog_create(const struct sequence_environment *environment)
{
    struct catalog *catalog = must_calloc(1, sizeof *catalog);
    catalog->environment = environment;
    if (getrandom(&catalog->seed, sizeof catalog->seed, 0) != sizeof catalog->seed)
        abort();
    catalog->table = cds_lfht_new(FIRST_BUCKETS, FIRST_BUCKETS, 0,
                                  CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING, NULL);
    if (!catalog->table)
        abort();
    return catalog;
}

/* FNV-1a with a secret start: names come from clients. */
static unsigned long hash(const struct catalog *catalog, const struct seq_name *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ catalog->seed;
    for (size_t i = 0; i < name->length; i++)
        h = (h ^ (unsigned char)name->text[i]) * UINT64_C(0x100000001b3);
    return (unsigned long)(h ^ (h >> 29));
}

/* The only way from the table to a sequence. */
static struct sequence *of_node(struct cds_lfht_node *node)
{
    RECLAIM_ACQUIRE(reclaim_table);
    return caa_container_of(node, struct sequence, node);
}

static int matches(struct cds_lfht_node *node, const void *key)
{
    const struct seq_name *name = key, *other = &of_node(node)->name;
    return name->length == other->length && memcmp(name->text, other->text, name->length) == 0;
}

struct sequence *catalog_find(struct catalog *catalog, const struct seq_name *name)
{
    struct cds_lfht_iter iterator;
    cds_lfht_lookup(catalog->table, hash(catalog, name), matches, name, &iterator);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&iterator);
    return node ? of_node(node) : NULL;
}

struct sequence *catalog_acquire(struct catalog *catalog, const struct seq_name *name)
{
    reader_enter();
    struct sequence *sequence = catalog_find(catalog, name);
    if (sequence && !sequence_acquire(sequence))
        sequence = NULL;
    reader_leave();
    return sequence;
}

struct sequence *catalog_intern(struct catalog *catalog, const struct seq_name *name)
{
    struct sequence *sequence = catalog_acquire(catalog, name);
    while (!sequence) {
        struct sequence *fresh = sequence_create(name, catalog->environment);
        sequence_acquire(fresh);
        RECLAIM_RELEASE(reclaim_table);
        reader_enter();
        struct cds_lfht_node *node =
            cds_lfht_add_unique(catalog->table, hash(catalog, name), matches, name, &fresh->node);
        sequence = of_node(node);
        if (sequence == fresh) {
            atomic_fetch_add(&catalog->size, 1);
        } else {
            if (!sequence_acquire(sequence))
                sequence = NULL; /* on its way out: try again */
            sequence_release(fresh);
            sequence_release(fresh);
        }
        reader_leave();
    }
    return sequence;
}

void catalog_remove(struct catalog *catalog, struct sequence *sequence)
{
    reader_enter();
    bool removed = cds_lfht_del(catalog->table, &sequence->node) == 0;
    reader_leave();
    if (removed) {
        atomic_fetch_sub(&catalog->size, 1);
        sequence_release(sequence);
    }
}

void catalog_visit(struct catalog *catalog, size_t limit,
                   void (*visit)(struct sequence *sequence, void *context), void *context)
{
    size_t room = limit < 1024 ? limit : 1024, found = 0;
    struct sequence **sequences = must_calloc(room + 1, sizeof(struct sequence *));
    struct cds_lfht_iter iterator;
    struct cds_lfht_node *node;
    reader_enter();
    cds_lfht_for_each(catalog->table, &iterator, node)
    {
        if (found == limit)
            break;
        if (found == room)
            sequences = must_realloc(sequences, ((room *= 2) + 1) * sizeof(struct sequence *));
        if (sequence_acquire(of_node(node)))
            sequences[found++] = of_node(node);
    }
    reader_leave();
    for (size_t i = 0; i < found; i++) {
        visit(sequences[i], context);
        sequence_release(sequences[i]);
    }
    free(sequences);
}

int64_t catalog_size(const struct catalog *catalog)
{
    return atomic_load_explicit(&catalog->size, memory_order_relaxed);
}

static void remove_one(struct sequence *sequence, void *context)
{
    catalog_remove(context, sequence);
}

void catalog_destroy(struct catalog *catalog)
{
    catalog_visit(catalog, SIZE_MAX, remove_one, catalog);
    rcu_barrier();
    cds_lfht_destroy(catalog->table, NULL);
    free(catalog);
}
