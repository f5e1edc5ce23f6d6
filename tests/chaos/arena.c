/* A run's processes: see arena.h. */
#include "tests/chaos/arena.h"

#include "tests/chaos/fibers.h"
#include "tests/chaos/habits.h"
#include "tests/chaos/netfilter.h"
#include "tests/chaos/strike.h"
#include "tests/chaos/verdict.h"
#include "tests/process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Of several faults one may slow down, or set back, what recovers from another one. */
enum { ENTANGLED_MS = 3000 };

enum { REQUEST_MS = 1000, GIVE_UP_MS = 10000, WARM_UP_MS = 10000, WARM = 10, COOL_DOWN_MS = 300 };

/* ---- up ---- */

static void start_nodes(struct arena *arena)
{
    char url[200];
    const char *durability = arena->options->durability;
    const char *const flags[] = {"--threads",
                                 "1",
                                 "--request-timeout-ms",
                                 "1000",
                                 "--redis-timeout-ms",
                                 "500",
                                 "--connect-timeout-ms",
                                 "500",
                                 "--durability",
                                 durability != NULL ? durability : arena->setup->durability,
                                 NULL};
    for (int i = 0; i < NODES; i++) {
        snprintf(url, sizeof url, "%s", arena->url);
        if (i < arena->proxied) {
            arena->proxies[i] = proxy_start(arena->servers[0].port);
            snprintf(url, sizeof url, "redis://127.0.0.1:%d", proxy_port(arena->proxies[i]));
        }
        node_prepare(&arena->nodes[i], arena->options->seqd, arena->directory, i, url, flags);
        arena->nodes[i].group = NODE_GROUP + (unsigned)i;
        node_start(&arena->nodes[i], true);
    }
}

/* And what generations allow that begin later. */
static void create_sequences(struct arena *arena)
{
    struct facts *facts = &arena->facts;
    for (size_t i = 0; sequence_bodies[i] != NULL; i++)
        sequence_create(&arena->nodes[0], sequence_bodies[i], facts);
    for (size_t i = 0, count = facts->definition_count; i < count; i++) {
        struct definition later = facts->definitions[i];
        later.generation[0] = '\0';
        facts_define(facts, &later);
    }
}

static void start_load(struct arena *arena, const struct run *run)
{
    struct load_options options = {
        .directory = arena->directory,
        .clients = KINDS * NODES,
        .nodes = NODES,
        .habits = {&habit_steady, &habit_mixed, &habit_thin, &habit_session},
        .seed = run->seed,
        .patience_ms = REQUEST_MS,
        .give_up_ms = GIVE_UP_MS,
    };
    for (size_t i = 0; i < NODES; i++)
        options.ports[i] = arena->nodes[i].port;
    arena->load = load_start(&options);
}

static bool warm(struct arena *arena)
{
    return load_given(arena->load, &habit_thin) >= WARM;
}

/* ---- down ---- */

/* Counters, if no node has begun again; descriptors and memory against those before. */
static void collect(struct arena *arena, const int64_t fds[NODES], const int64_t rss[NODES])
{
    struct facts *facts = &arena->facts;
    facts->metrics_known = facts->kills == 0;
    facts->ended_known = 1;
    for (size_t i = 0; i < NODES; i++) {
        struct node *node = &arena->nodes[i];
        node_look(node);
        const int64_t values = node->pid == 0 ? -1 : node_metric(node, "seqd_values_total");
        facts->metrics_known = facts->metrics_known && values >= 0;
        facts->metric_values += values;
        const int64_t fds_more = node->pid == 0 ? 0 : node_descriptors(node) - fds[i];
        const int64_t rss_more = node->pid == 0 ? 0 : node_rss_kib(node) - rss[i];
        facts->fds_more = fds_more > facts->fds_more ? fds_more : facts->fds_more;
        facts->rss_more_kib = rss_more > facts->rss_more_kib ? rss_more : facts->rss_more_kib;
    }
}

static void stop_processes(struct arena *arena)
{
    for (size_t i = 0; i < NODES; i++) {
        struct node *node = &arena->nodes[i];
        node_stop(node);
        arena->facts.crashes += node->ended_badly;
        arena->facts.sanitizer_reports += node->words[0] == NULL ? 0 : node_sanitizer_reports(node);
        if (arena->proxies[i] != NULL)
            proxy_stop(arena->proxies[i]);
    }
    for (size_t i = 0; i < arena->sentinel_count; i++)
        redis_kill(&arena->sentinels[i]);
    for (size_t i = 0; i < arena->server_count; i++)
        redis_kill(&arena->servers[i]);
    if (arena->mounted[0] != '\0' && umount(arena->mounted) != 0)
        die("umount %s: %s", arena->mounted, strerror(errno));
}

/* ---- a run ---- */

struct strike {
    struct arena *arena;
    const struct fault *fault;
};

static void strike(void *closure)
{
    const struct strike *strike = closure;
    strike->fault->run(strike->arena);
}

static void under_load(struct arena *arena, const struct run *run)
{
    int64_t fds[NODES], rss[NODES];
    struct strike strikes[FAULTS_AT_ONCE];
    struct fiber_task tasks[FAULTS_AT_ONCE];
    /* A new sequence is proved to survive only by its first raise. */
    facts_expect(&arena->facts, arena_until(arena, replicas_whole, WARM_UP_MS), "no replicas");
    start_load(arena, run);
    facts_expect(&arena->facts, arena_until(arena, warm, WARM_UP_MS), "no values at first");
    for (size_t i = 0; i < NODES; i++) {
        fds[i] = node_descriptors(&arena->nodes[i]);
        rss[i] = node_rss_kib(&arena->nodes[i]);
    }
    for (size_t i = 0; i < run->count; i++) {
        strikes[i] = (struct strike){arena, run->faults[i]};
        tasks[i] = (struct fiber_task){strike, &strikes[i]};
    }
    fibers_run(tasks, run->count);
    arena_wait(arena, COOL_DOWN_MS);
    arena->facts.stall_ms = load_stall_ms(arena->load);
    load_stop(arena->load);
    collect(arena, fds, rss);
}

static struct arena *arena_create(const struct run *run, const struct chaos_options *options)
{
    struct arena *arena = calloc(1, sizeof *arena);
    arena->options = options;
    arena->setup = run->setup;
    arena->facts = (struct facts){
        .nodes = NODES,
        .block = 1, /* all caches are known */
        .window = options->window,
        .deadline_ms = REQUEST_MS,
        .recovery_ms = options->recovery_ms > 0 ? options->recovery_ms : run->setup->proof_ms,
    };
    if (run->count > 1)
        arena->facts.recovery_ms += ENTANGLED_MS;
    if (options->durability != NULL && strcmp(options->durability, "none") == 0)
        arena->facts.recovery_ms = 0; /* it is to be seen what goes wrong then */
    for (size_t i = 0; i < run->count; i++)
        if (run->faults[i]->proxied > arena->proxied)
            arena->proxied = run->faults[i]->proxied;
    snprintf(arena->directory, sizeof arena->directory, "%s/%03d-fault%d", scratch(), run->number,
             run->faults[0]->number);
    if (mkdir(arena->directory, 0755) != 0)
        die("mkdir %s: %s", arena->directory, strerror(errno));
    return arena;
}

void arena_run(const struct run *run, const struct chaos_options *options, struct tally *tally)
{
    struct arena *arena = arena_create(run, options);
    run->setup->start(arena);
    if (arena->why_skipped == NULL) {
        start_nodes(arena);
        create_sequences(arena);
        under_load(arena, run);
    }
    stop_processes(arena);
    verdict(arena, run, tally);
    free(arena);
}
