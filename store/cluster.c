#include "store/cluster.h"

#include "store/clock.h"
#include "store/memory.h"

#include <stdio.h>
#include <string.h>

/* An index without slots stays for so long what a redirection said it is. */
#define NAMED_FOR_NS (60000 * MS_NS)

struct cluster *cluster_create(void)
{
    struct cluster *cluster = must_calloc(1, sizeof *cluster);
    for (size_t slot = 0; slot < CLUSTER_SLOTS; slot++)
        atomic_init(&cluster->owners[slot], CLUSTER_NOBODY);
    pthread_mutex_init(&cluster->lock, NULL);
    bell_init(&cluster->bell);
    return cluster;
}

void cluster_destroy(struct cluster *cluster)
{
    bell_deinit(&cluster->bell);
    pthread_mutex_destroy(&cluster->lock);
    free(cluster);
}

/* --- What is known ------------------------------------------------------------------------ */

int cluster_owner(const struct cluster *cluster, int slot)
{
    return atomic_load_explicit(&cluster->owners[slot], memory_order_relaxed);
}

int cluster_slots_of(struct cluster *cluster, int primary)
{
    pthread_mutex_lock(&cluster->lock);
    int slots = cluster->primaries[primary].slots;
    pthread_mutex_unlock(&cluster->lock);
    return slots;
}

int cluster_uncovered(const struct cluster *cluster)
{
    int uncovered = 0;
    for (int slot = 0; slot < CLUSTER_SLOTS; slot++)
        uncovered += cluster_owner(cluster, slot) == CLUSTER_NOBODY;
    return uncovered;
}

struct server_name cluster_server(struct cluster *cluster, int primary)
{
    pthread_mutex_lock(&cluster->lock);
    struct server_name server = cluster->primaries[primary].server;
    pthread_mutex_unlock(&cluster->lock);
    return server;
}

/* Of a slot: another number for each owner, and each time its server is another one. */
uint64_t cluster_epoch(const struct cluster *cluster, int primary, int slot)
{
    int owner = slot >= 0 ? cluster_owner(cluster, slot) : primary;
    if (owner < 0)
        return 0;
    return (uint64_t)(owner + 1) << 48 | atomic_load(&cluster->primaries[owner].epoch);
}

void cluster_suspect(struct cluster *cluster)
{
    if (!atomic_exchange(&cluster->suspected, true))
        bell_ring(&cluster->bell);
}

/* --- What is learnt ------------------------------------------------------------------------- */

static bool same(const struct server_name *a, const struct server_name *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* Under the lock. */
static int find(const struct cluster *cluster, const struct server_name *server)
{
    for (size_t i = 0; i < atomic_load(&cluster->count); i++)
        if (same(&cluster->primaries[i].server, server))
            return (int)i;
    return CLUSTER_NOBODY;
}

/* Under the lock: it has no slots, nor was it just named as somewhere to ask. */
static bool is_free(const struct primary *primary)
{
    return primary->slots == 0 &&
           (primary->named_at_ns == 0 || clock_ns() - primary->named_at_ns > NAMED_FOR_NS);
}

/* Under the lock: an index for a server that has none yet; `wish` if it is free, so that the
 * successor of a server gets its index. */
static int take_index(struct cluster *cluster, const struct server_name *server, int wish)
{
    size_t count = atomic_load(&cluster->count), index = 0;
    if (wish >= 0 && is_free(&cluster->primaries[wish]))
        index = (size_t)wish;
    else
        while (index < count && !is_free(&cluster->primaries[index]))
            index++;
    if (index == CLUSTER_PRIMARIES_MAX)
        return CLUSTER_NOBODY;
    cluster->primaries[index].server = *server;
    atomic_fetch_add(&cluster->primaries[index].epoch, 1);
    if (index == count)
        atomic_store(&cluster->count, count + 1);
    return (int)index;
}

/* Under the lock. True: it is another one than before. */
static bool set_owner(struct cluster *cluster, int slot, int owner)
{
    int before = cluster_owner(cluster, slot);
    if (before == owner)
        return false;
    if (before >= 0)
        cluster->primaries[before].slots--;
    if (owner >= 0)
        cluster->primaries[owner].slots++;
    atomic_store_explicit(&cluster->owners[slot], (int16_t)owner, memory_order_relaxed);
    return true;
}

/* Under the lock. */
static void give_slots(struct cluster *cluster, const struct cluster_map *map, int server,
                       int index)
{
    for (int slot = 0; slot < CLUSTER_SLOTS; slot++)
        if (map->owners[slot] == server)
            set_owner(cluster, slot, index);
}

/* Under the lock: slots go to the indexes of the map's servers. Those that are not known yet come
 * last, when it is clear whose indexes are free: each gets that of its first slot's owner, if it
 * can. */
static void adopt(struct cluster *cluster, const struct cluster_map *map)
{
    int indexes[CLUSTER_PRIMARIES_MAX];
    int wishes[CLUSTER_PRIMARIES_MAX];
    for (size_t i = 0; i < map->count; i++) {
        indexes[i] = find(cluster, &map->servers[i]);
        wishes[i] = CLUSTER_NOBODY;
    }
    for (int slot = 0; slot < CLUSTER_SLOTS; slot++) {
        int server = map->owners[slot];
        if (server >= 0 && indexes[server] < 0 && wishes[server] < 0)
            wishes[server] = cluster_owner(cluster, slot);
        set_owner(cluster, slot, server >= 0 ? indexes[server] : CLUSTER_NOBODY);
    }
    for (size_t i = 0; i < map->count; i++)
        if (indexes[i] < 0) {
            indexes[i] = take_index(cluster, &map->servers[i], wishes[i]);
            give_slots(cluster, map, (int)i, indexes[i]); /* it is not free any more */
        }
}

bool cluster_adopt(struct cluster *cluster, const struct cluster_map *map)
{
    int16_t before[CLUSTER_SLOTS];
    uint64_t epochs = 0;
    bool changed = !atomic_load(&cluster->known);
    pthread_mutex_lock(&cluster->lock);
    for (int slot = 0; slot < CLUSTER_SLOTS; slot++)
        before[slot] = (int16_t)cluster_owner(cluster, slot);
    for (size_t i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        epochs += atomic_load(&cluster->primaries[i].epoch);
    adopt(cluster, map);
    for (int slot = 0; slot < CLUSTER_SLOTS; slot++)
        changed |= cluster_owner(cluster, slot) != before[slot];
    for (size_t i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        epochs -= atomic_load(&cluster->primaries[i].epoch);
    pthread_mutex_unlock(&cluster->lock);
    atomic_store(&cluster->known, true);
    return changed || epochs != 0;
}

int cluster_name_server(struct cluster *cluster, const struct server_name *server, int slot,
                        bool owns)
{
    pthread_mutex_lock(&cluster->lock);
    int index = find(cluster, server);
    if (index < 0)
        index = take_index(cluster, server, CLUSTER_NOBODY);
    if (index >= 0) {
        cluster->primaries[index].named_at_ns = clock_ns();
        if (owns)
            set_owner(cluster, slot, index);
    }
    pthread_mutex_unlock(&cluster->lock);
    if (owns)
        cluster_suspect(cluster); /* it is hardly the only slot that moved */
    return index;
}
