#include "store/lanes_state.h"

#include "store/memory.h"

#include <stdio.h>
#include <string.h>

static struct lane *lane_at(const struct lanes *lanes, int primary)
{
    return atomic_load(&lanes->at[primary]);
}

struct lane *lanes_make(struct lanes *lanes, int primary)
{
    const struct lanes_options *options = &lanes->options;
    struct redis_address address = options->address;
    address.primary = primary;
    lanes->ceilings[primary] = ceiling_create(&(struct ceiling_options){
        .address = address,
        .timeouts = options->timeouts,
        .key_prefix = options->key_prefix,
        .durability = options->durability,
        .patience_ms = options->patience_ms,
        .counters = options->counters,
        .witness = options->witness,
        .lanes = lanes->cluster ? lanes : NULL,
        .raises = &lanes->raises,
    });
    return lane_create(&(struct lane_options){
        .address = address,
        .timeouts = options->timeouts,
        .key_prefix = options->key_prefix,
        .patience_ms = options->patience_ms,
        .ceiling = lanes->ceilings[primary],
        .counters = options->counters,
        .lanes = lanes->cluster ? lanes : NULL,
    });
}

struct lanes *lanes_create(const struct lanes_options *options)
{
    struct lanes *lanes = must_calloc(1, sizeof *lanes);
    lanes->options = *options;
    lanes->cluster = options->address.cluster;
    pthread_mutex_init(&lanes->raises, NULL);
    pthread_mutex_init(&lanes->lock, NULL);
    snprintf(lanes->lost_why, sizeof lanes->lost_why, "not connected to Redis yet");
    if (!lanes->cluster)
        atomic_store(&lanes->at[0], lanes_make(lanes, 0));
    return lanes;
}

reserve_function *lanes_reserve_function(struct lanes *lanes, void **lane)
{
    *lane = lanes->cluster ? (void *)lanes : (void *)lane_at(lanes, 0);
    return lanes->cluster ? lanes_reserve : lane_reserve;
}

void lanes_start_one(struct lanes *lanes, int primary)
{
    struct lane *lane = lane_at(lanes, primary);
    ceiling_start(lanes->ceilings[primary], lane);
    lane_start(lane, lanes->catalog, lanes->roster);
}

void lanes_start(struct lanes *lanes, struct catalog *catalog, struct roster *roster)
{
    lanes->catalog = catalog;
    lanes->roster = roster;
    if (!lanes->cluster) {
        lanes_start_one(lanes, 0);
        return;
    }
    if (pthread_create(&lanes->thread, NULL, lanes_run, lanes) != 0)
        abort();
    pthread_setname_np(lanes->thread, "cluster");
}

void lanes_stop_watching(struct lanes *lanes)
{
    if (!lanes->cluster)
        return;
    atomic_store(&lanes->stopping, true);
    bell_ring(&lanes->cluster->bell);
    pthread_join(lanes->thread, NULL);
}

void lanes_stop(struct lanes *lanes)
{
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (lane_at(lanes, i))
            ceiling_stop(lanes->ceilings[i]);
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (lane_at(lanes, i))
            lane_stop(lane_at(lanes, i));
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (lane_at(lanes, i))
            lane_drain(lane_at(lanes, i)); /* what went from one to another meanwhile */
    lanes_fail_parked(lanes, "seqd is stopping");
}

void lanes_destroy(struct lanes *lanes)
{
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++) {
        if (!lane_at(lanes, i))
            continue;
        lane_destroy(lane_at(lanes, i));
        ceiling_destroy(lanes->ceilings[i]);
    }
    pthread_mutex_destroy(&lanes->lock);
    pthread_mutex_destroy(&lanes->raises);
    free(lanes);
}

void lanes_wake(struct lanes *lanes)
{
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++) {
        if (!lane_at(lanes, i))
            continue;
        lane_wake(lane_at(lanes, i));
        ceiling_wake(lanes->ceilings[i]);
    }
}

/* --- How it is -------------------------------------------------------------------------------- */

bool lanes_has_slots(struct lanes *lanes, int primary)
{
    return !lanes->cluster || cluster_slots_of(lanes->cluster, primary) > 0;
}

static bool is_in_use(struct lanes *lanes, int primary)
{
    return lane_at(lanes, primary) && lanes_has_slots(lanes, primary);
}

/* The reason is told with the server's name. */
static bool primary_is_up(struct lanes *lanes, int primary, char *why, size_t why_size)
{
    char reason[LANES_WHY_SIZE], name[64];
    if (lane_is_up(lane_at(lanes, primary), reason, sizeof reason))
        return true;
    struct server_name server = cluster_server(lanes->cluster, primary);
    snprintf(name, sizeof name, "%.50s:%d", server.host, server.port);
    bool named = strncmp(reason, name, strlen(name)) == 0;
    snprintf(why, why_size, "%s%s%.120s", named ? "" : name, named ? "" : ": ", reason);
    return false;
}

static bool slots_are_covered(struct lanes *lanes, char *why, size_t why_size)
{
    int uncovered;
    pthread_mutex_lock(&lanes->lock);
    snprintf(why, why_size, "%s", lanes->lost_why);
    pthread_mutex_unlock(&lanes->lock);
    if (why[0])
        return false;
    if ((uncovered = cluster_uncovered(lanes->cluster)) > 0)
        snprintf(why, why_size, "%d of the cluster's slots have no primary", uncovered);
    return uncovered == 0;
}

bool lanes_are_up(struct lanes *lanes, char *why, size_t why_size)
{
    if (!lanes->cluster)
        return lane_is_up(lane_at(lanes, 0), why, why_size);
    if (!slots_are_covered(lanes, why, why_size))
        return false;
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (is_in_use(lanes, i) && !primary_is_up(lanes, i, why, why_size))
            return false;
    return true;
}

void lanes_describe(struct lanes *lanes, char *text, size_t size)
{
    int weakest = INT32_MAX;
    snprintf(text, size, "not known yet");
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++) {
        int rank = is_in_use(lanes, i) ? ceiling_rank(lanes->ceilings[i]) : INT32_MAX;
        if (rank >= weakest)
            continue;
        weakest = rank;
        ceiling_describe(lanes->ceilings[i], text, size);
    }
}

bool lanes_guard(struct lanes *lanes)
{
    for (int i = 0; i < CLUSTER_PRIMARIES_MAX; i++)
        if (is_in_use(lanes, i) && !ceiling_guards(lanes->ceilings[i]))
            return false;
    return true;
}

bool lanes_surety(const struct lanes *lanes, int primary, struct surety *surety)
{
    return lane_at(lanes, primary) && ceiling_surety(lanes->ceilings[primary], surety);
}

/* Without a lane yet, nothing is kept back: the first reservation that is guarded begins a
 * ceiling. */
int64_t lanes_first_ceiling(const struct lanes *lanes, const struct seq_name *name,
                            const struct record *record)
{
    int owner = lanes->cluster ? cluster_owner(lanes->cluster, cluster_slot(name->text)) : 0;
    if (owner < 0 || !lane_at(lanes, owner))
        return -1;
    return ceiling_first(lanes->ceilings[owner], record);
}
