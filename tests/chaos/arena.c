/* A fault's run: see arena.h. */
#include "tests/chaos/arena.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    CLIENTS = 6,
    WARM_UP_MS = 1500,
    COOL_DOWN_MS = 1000,
    REQUEST_MS = 1000,
    GIVE_UP_MS = 10000,
    PAUSE_US = 100,
};

void arena_wait(const struct arena *arena, int64_t ms)
{
    pause_ms(ms * arena->options->scale_percent / 100);
}

/* ---- up ---- */

static void start_processes(struct arena *arena, const struct fault *fault)
{
    char directory[160];
    const char *const flags[] = {"--threads",
                                 "1",
                                 "--request-timeout-ms",
                                 "1000",
                                 "--redis-timeout-ms",
                                 "500",
                                 "--connect-timeout-ms",
                                 "500",
                                 arena->options->durability != NULL ? "--durability" : NULL,
                                 arena->options->durability,
                                 NULL};
    snprintf(directory, sizeof directory, "%s/redis", arena->directory);
    arena->redis_options[0] = "--appendfsync";
    arena->redis_options[1] = fault->appendfsync;
    redis_prepare(&arena->redis, directory, arena->redis_options);
    redis_start(&arena->redis);
    if (fault->proxied > 0) {
        arena->proxy = proxy_start(arena->redis.port);
    }
    for (int i = 0; i < NODES; i++) {
        const int port = i < fault->proxied ? proxy_port(arena->proxy) : arena->redis.port;
        node_prepare(&arena->nodes[i], arena->options->seqd, arena->directory, i, port, flags);
        node_start(&arena->nodes[i], true);
    }
}

static void create_sequences(struct arena *arena)
{
    sequence_create(&arena->nodes[0], "{\"name\": \"up\", \"cache\": 1000}", &arena->facts);
    sequence_create(&arena->nodes[0],
                    "{\"name\": \"down\", \"cache\": 50, \"increment\": -7, \"start\": -3}",
                    &arena->facts);
}

static void start_load(struct arena *arena)
{
    struct load_options options = {
        .directory = arena->directory,
        .clients = CLIENTS,
        .nodes = NODES,
        .sequences = {"up", "down", NULL},
        .seed = arena->options->seed,
        .range_percent = 20,
        .range_most = 200,
        .patience_ms = REQUEST_MS,
        .give_up_ms = GIVE_UP_MS,
        .pause_us = PAUSE_US,
    };
    for (size_t i = 0; i < NODES; i++) {
        options.ports[i] = arena->nodes[i].port;
    }
    arena->load = load_start(&options);
}

/* ---- down ---- */

/* Counters, if no node has begun again; descriptors and memory against those before. */
static void collect(struct arena *arena, const int64_t fds[NODES], const int64_t rss[NODES])
{
    struct facts *facts = &arena->facts;
    facts->metrics_known = facts->kills == 0;
    facts->ended_known = true;
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
        node_stop(&arena->nodes[i]);
        arena->facts.crashes += arena->nodes[i].ended_badly;
        arena->facts.sanitizer_reports += node_sanitizer_reports(&arena->nodes[i]);
    }
    if (arena->proxy != NULL) {
        proxy_stop(arena->proxy);
    }
    redis_kill(&arena->redis);
    redis_kill(&arena->replica);
}

/* ---- the verdict ---- */

static void read_histories(const struct arena *arena, struct history *history)
{
    char path[200], error[300];
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(path, sizeof path, "%s/client%d.jsonl", arena->directory, i);
        if (!history_read(history, path, error, sizeof error)) {
            die("%s: %s", path, error);
        }
        if (getenv("SEQD_TEST_KEEP") == NULL) {
            remove(path); /* they are large, and a schedule may be long */
        }
    }
}

static void judge(struct arena *arena, const struct fault *fault, struct tally *tally)
{
    struct report report;
    struct history history = {0};
    read_histories(arena, &history);
    const bool good = history_check(&history, &arena->facts, &report);
    const struct figures *figures = &report.figures;
    printf("%-4s %2d %-36s %9" PRId64 " values, %" PRId64 " repeated, waste %" PRId64
           ", none fresh for %" PRId64 " ms, recovery %" PRId64 " ms\n",
           good ? "pass" : "FAIL", fault->number, fault->name, figures->values, figures->repeated,
           figures->waste, figures->no_fresh_ms, figures->recovery_ms);
    if (!good || arena->options->rest_of_report) {
        report_print(&report, stdout);
    }
    tally->failed += !good;
    tally->values += figures->values;
    tally->repeated += figures->repeated;
    history_free(&history);
}

static void under_load(struct arena *arena, const struct fault *fault)
{
    int64_t fds[NODES], rss[NODES];
    start_load(arena);
    arena_wait(arena, WARM_UP_MS);
    for (size_t i = 0; i < NODES; i++) {
        fds[i] = node_descriptors(&arena->nodes[i]);
        rss[i] = node_rss_kib(&arena->nodes[i]);
    }
    fault->run(arena);
    arena_wait(arena, COOL_DOWN_MS);
    load_stop(arena->load);
    collect(arena, fds, rss);
}

void arena_run(const struct fault *fault, const struct chaos_options *options, int number,
               struct tally *tally)
{
    struct arena *arena = calloc(1, sizeof *arena);
    arena->options = options;
    /* A window whose size is not known can't be judged. */
    arena->facts = (struct facts){
        .nodes = NODES,
        .block = options->durability == NULL || options->window > 0 ? 2 * BLOCK : 0,
        .window = options->window,
        .deadline_ms = REQUEST_MS,
        .recovery_ms = options->recovery_ms,
    };
    snprintf(arena->directory, sizeof arena->directory, "%s/%03d-fault%d", scratch(), number,
             fault->number);
    if (mkdir(arena->directory, 0755) != 0) {
        die("mkdir %s: %s", arena->directory, strerror(errno));
    }
    start_processes(arena, fault);
    create_sequences(arena);
    under_load(arena, fault);
    stop_processes(arena);
    tally->runs++;
    if (arena->why_skipped != NULL) {
        printf("skip %2d %-36s %s\n", fault->number, fault->name, arena->why_skipped);
        tally->skipped++;
    } else {
        judge(arena, fault, tally);
    }
    free(arena);
}
