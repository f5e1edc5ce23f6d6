#include "store/store.h"

#include "store/bell.h"
#include "store/hints.h"
#include "store/lanes.h"
#include "store/log.h"
#include "store/memory.h"
#include "store/roster.h"
#include "store/sentinel_watch.h"

#include <unistd.h>

struct store {
    struct store_options options;
    struct redis_address address;
    struct store_counters counters;
    struct sequence_environment environment;
    struct catalog *catalog;
    struct tables *tables;
    struct witness *witness; /* NULL: none */
    struct roster *roster;
    struct lanes *lanes;
    struct hints *hints;
    struct sentinel_watch *watch; /* NULL: no sentinels */
    struct administration *administration;
    struct clerk *clerk;
    struct sessions *sessions;
};

void store_thread_begin(void)
{
    rcu_register_thread();
}

void store_thread_end(void)
{
    rcu_unregister_thread();
}

void store_round_begin(void)
{
    bell_hold();
}

void store_round_end(void)
{
    bell_let_go();
}

static struct redis_timeouts timeouts(const struct store_options *options)
{
    return (struct redis_timeouts){options->connect_timeout_ms, options->redis_timeout_ms};
}

/* So that no connection to what was the master outlives the news. */
static void master_moved(void *context)
{
    struct store *store = context;
    lanes_wake(store->lanes);
    hints_wake(store->hints);
}

/* The lanes know already. */
static void slots_moved(void *context)
{
    struct store *store = context;
    hints_wake(store->hints);
    roster_wake(store->roster);
}

/* A node without one is only less wary of backups. */
static void open_witness(struct store *store)
{
    char why[128];
    const char *directory = store->options.witness_dir;
    if (!directory || access(directory, F_OK) != 0)
        return;
    store->witness = witness_open(directory, why, sizeof why);
    if (!store->witness)
        LOG(WARN, "witness_unavailable", LOG_TEXT("directory", directory), LOG_TEXT("why", why));
}

static struct roster *create_roster(struct store *store)
{
    const struct store_options *options = &store->options;
    return roster_create(
        &(struct roster_options){
            .address = store->address,
            .timeouts = timeouts(options),
            .key_prefix = options->key_prefix,
            .node_address = options->node_address,
            .lease_ms = options->lease_ms,
            .node_timeout_ms = options->node_timeout_ms,
            .counters = &store->counters,
        },
        store->catalog);
}

static void start_threads(struct store *store)
{
    const struct store_options *options = &store->options;
    store->lanes = lanes_create(&(struct lanes_options){
        .address = store->address,
        .timeouts = timeouts(options),
        .key_prefix = options->key_prefix,
        .patience_ms = options->patience_ms,
        .durability = options->durability,
        .counters = &store->counters,
        .witness = store->witness,
        .moved = slots_moved,
        .context = store,
    });
    store->environment = (struct sequence_environment){
        .counters = &store->counters,
        .witness = store->witness,
    };
    store->environment.reserve = lanes_reserve_function(store->lanes, &store->environment.lane);
    store->catalog = catalog_create(&store->environment);
    store->tables = tables_create();
    store->roster = create_roster(store);
    store->environment.lease = roster_lease(store->roster);
    roster_start(store->roster);
    store->hints = hints_start(
        &(struct hints_options){
            .address = store->address,
            .timeouts = timeouts(options),
            .key_prefix = options->key_prefix,
            .counters = &store->counters,
        },
        store->catalog, store->tables, store->roster);
    lanes_start(store->lanes, store->catalog, store->roster);
    if (store->address.sentinels)
        store->watch = sentinel_watch_start(store->address.sentinels, master_moved, store);
    store->administration = administration_create(
        &(struct administration_options){
            .address = store->address,
            .timeouts = timeouts(options),
            .key_prefix = options->key_prefix,
            .retry_ms = options->redis_timeout_ms,
            .counters = &store->counters,
            .lanes = store->lanes,
        },
        store->catalog, store->tables);
    store->clerk = clerk_start(store->administration);
}

struct store *store_start(const struct store_options *options, char *why, size_t why_size)
{
    struct store *store = must_calloc(1, sizeof *store);
    store->options = *options;
    if (!redis_address_parse(options->redis_url, &store->address, why, why_size)) {
        free(store);
        return NULL;
    }
    store->sessions = sessions_create(options->max_sessions, options->session_timeout_ms);
    open_witness(store);
    start_threads(store);
    return store;
}

struct giving {
    struct store *store;
    bool in_vain; /* Redis is away: one time-out is enough, not one a sequence */
    bool settles; /* nobody will miss the ceilings */
};

static void count_other(const struct node_entry *entry, void *others)
{
    *(size_t *)others += entry->live && !entry->self;
}

/* Redis ends with this process, and no other node knows of ceilings there. */
static bool is_the_last(struct store *store)
{
    struct failure failure;
    size_t others = 0;
    return store->options.owns_redis &&
           administer_nodes(store->administration, roster_id(store->roster), count_other, &others,
                            &failure) &&
           others == 0;
}

/* From the last block to the first, as long as each is where the counter stands. */
static void give_back(struct sequence *sequence, void *context)
{
    struct giving *giving = context;
    struct store *store = giving->store;
    struct failure failure;
    struct block *block;
    bool given = true;
    while (given && !giving->in_vain && sequence_surrender(sequence, &block)) {
        given = administer_give_back(store->administration, &sequence->name, block, &failure);
        giving->in_vain = !given && failure.code == ERROR_STORE_UNAVAILABLE;
        count(given ? &store->counters.returned : &store->counters.discarded,
              (uint64_t)block->count);
        free(block);
    }
    if (giving->settles && !giving->in_vain)
        giving->in_vain = !administer_settle(store->administration, &sequence->name, &failure);
}

void store_stop(struct store *store)
{
    clerk_stop(store->clerk);
    if (store->watch)
        sentinel_watch_stop(store->watch);
    lanes_stop_watching(store->lanes);
    hints_stop(store->hints);
    lanes_stop(store->lanes);
    struct giving giving = {.store = store, .settles = is_the_last(store)};
    witness_relent(store->witness, giving.settles);
    catalog_visit(store->catalog, SIZE_MAX, give_back, &giving);
    roster_stop(store->roster);
    LOG(INFO, "numbers_returned",
        LOG_NUMBER("values", (int64_t)atomic_load(&store->counters.returned)));
    administration_destroy(store->administration);
    catalog_destroy(store->catalog);
    tables_destroy(store->tables);
    lanes_destroy(store->lanes);
    witness_close(store->witness);
    roster_destroy(store->roster);
    sessions_destroy(store->sessions);
    redis_address_deinit(&store->address);
    free(store);
}

bool store_take(struct store *store, const struct seq_name *name, struct ticket *ticket)
{
    ticket->failure.code = ERROR_NONE;
    ticket->sequence = NULL;
    ticket->queued = ticket->asked = false;
    ticket->grant.span_count = 0;
    ticket->grant.count = 0;
    reader_enter();
    struct sequence *sequence = catalog_find(store->catalog, name);
    bool taken = sequence && sequence_take(sequence, ticket);
    reader_leave();
    return taken;
}

bool store_wait(struct store *store, const struct seq_name *name, struct ticket *ticket)
{
    enum wait_result result;
    do {
        struct sequence *sequence = catalog_intern(store->catalog, name);
        result = sequence_wait(sequence, ticket);
        if (result == WAIT_GONE)
            catalog_remove(store->catalog, sequence); /* if nobody was faster */
        sequence_release(sequence);
    } while (result == WAIT_GONE);
    return result == WAIT_ANSWERED;
}

bool store_cancel(struct ticket *ticket)
{
    return sequence_cancel(ticket);
}

bool store_identity(struct store *store, const struct seq_name *name, struct identity *identity)
{
    struct sequence *sequence = catalog_acquire(store->catalog, name);
    if (!sequence)
        return false;
    bool known = sequence_identity(sequence, identity);
    sequence_release(sequence);
    return known;
}

bool store_table(struct store *store, const struct seq_name *name, struct table **table)
{
    return tables_get(store->tables, name, table);
}

struct sessions *store_sessions(struct store *store)
{
    return store->sessions;
}

void store_submit(struct store *store, struct job *job)
{
    clerk_submit(store->clerk, job);
}

void store_fence(struct store *store, struct fence *fence)
{
    roster_fence(store->roster, fence);
}

const char *store_node_id(const struct store *store)
{
    return roster_id(store->roster);
}

int64_t store_default_cache(const struct store *store)
{
    return store->options.default_cache;
}

bool store_is_ready(struct store *store, char *why, size_t why_size)
{
    return lanes_are_up(store->lanes, why, why_size);
}

void store_durability(struct store *store, char *text, size_t size)
{
    lanes_describe(store->lanes, text, size);
}

bool store_is_guarded(const struct store *store)
{
    return lanes_guard(store->lanes);
}

const struct store_counters *store_counters(const struct store *store)
{
    return &store->counters;
}

void store_visit(struct store *store, int64_t limit,
                 void (*visit)(struct sequence *sequence, void *context), void *context)
{
    catalog_visit(store->catalog, (size_t)limit, visit, context);
}

int64_t store_known_sequences(const struct store *store)
{
    return catalog_size(store->catalog);
}
