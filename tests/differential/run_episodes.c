/*
 * Random episodes: see run.h. Each begins with nothing and depends on the seed and its
 * own number only, so any of them can be repeated alone.
 */
#include "tests/differential/compare.h"
#include "tests/differential/generator.h"
#include "tests/differential/pair.h"
#include "tests/differential/run.h"
#include "tests/process/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    EPISODE_STATEMENTS = 2000,
    CACHED_EVERY = 3, /* of so many episodes one has a single session, and CACHE n */
    HISTORY = 15,
    REPORTS_MAX = 3, /* of each worker, which then stops */
    JOBS_MAX = 64
};

struct episode {
    const struct settings *settings;
    long number;
    int statement;
    struct pair pair;
    struct generator generator;
    struct operation operation;
    struct text sql;
    struct text history[HISTORY]; /* a ring, by the statement's number */
};

/* ---- reporting ---- */

static void remember(struct episode *episode)
{
    struct text outcome = {0};
    struct text *line = &episode->history[episode->statement % HISTORY];
    outcome_print(&episode->pair.postgres_outcome, &outcome);
    text_clear(line);
    text_add(line, "%6d [%c] %s\n             %s\n", episode->statement,
             (int)('a' + episode->operation.session), text_of(&episode->sql), text_of(&outcome));
    text_free(&outcome);
}

static void add_outcome(struct text *report, const char *label, const struct outcome *outcome)
{
    struct text line = {0};
    outcome_print(outcome, &line);
    text_add(report, "  %-10s %s\n", label, text_of(&line));
    text_free(&line);
}

/* In one write, as the other workers report, too. */
static void report(const struct episode *episode, const char *aspect)
{
    const struct settings *settings = episode->settings;
    struct text text = {0};
    const char *rest = settings->rest ? " --rest" : "";
    const int first = episode->statement > HISTORY ? episode->statement - HISTORY + 1 : 0;
    text_add(&text, "\nUNEXPECTED: %s; seed %" PRIu64 ", episode %ld, statement %d%s\n", aspect,
             settings->seed, episode->number, episode->statement, rest);
    for (int i = first; i < episode->statement; i++) {
        text_add(&text, "%s", text_of(&episode->history[i % HISTORY]));
    }
    text_add(&text, "%6d [%c] %s\n", episode->statement, (int)('a' + episode->operation.session),
             text_of(&episode->sql));
    add_outcome(&text, "PostgreSQL", &episode->pair.postgres_outcome);
    add_outcome(&text, "seqd", &episode->pair.seqd_outcome);
    text_add(&text, "repeat: %s --seqd %s --seed %" PRIu64 " --episode %ld%s\n",
             program_invocation_name, settings->binary, settings->seed, episode->number, rest);
    fwrite(text.at, 1, text.length, stdout);
    fflush(stdout);
    text_free(&text);
}

static void report_death(const void *closure)
{
    report(closure, "the test cannot go on");
}

/* ---- one episode ---- */

static void run_operation(struct episode *episode)
{
    const bool rest = episode->settings->rest;
    const int session = (int)episode->operation.session;
    operation_sql(&episode->operation, rest, &episode->sql);
    if (rest) {
        pair_run_rest(&episode->pair, session, text_of(&episode->sql), &episode->operation);
    } else {
        pair_run(&episode->pair, session, text_of(&episode->sql));
    }
}

/* False: they differ, and so would everything that follows. */
static bool step(struct episode *episode, struct tally *tally)
{
    const struct pair *pair = &episode->pair;
    generator_next(&episode->generator, &episode->operation);
    run_operation(episode);
    tally_count(tally, &pair->postgres_outcome);
    const char *aspect = episode->settings->binary == NULL
                             ? NULL
                             : outcomes_differ(&pair->postgres_outcome, &pair->seqd_outcome);
    if (aspect != NULL) {
        const int meant = !episode->settings->rest
                              ? -1
                              : difference_explains(&episode->operation, &pair->postgres_outcome,
                                                    &pair->seqd_outcome);
        if (meant < 0) {
            tally->unexpected++;
            report(episode, aspect);
            return false;
        }
        tally->meant[meant]++;
    }
    generator_learn(&episode->generator, &episode->operation, &pair->postgres_outcome);
    remember(episode);
    if (episode->settings->show) {
        printf("%s", text_of(&episode->history[episode->statement % HISTORY]));
    }
    return true;
}

static void make_schema(struct episode *episode)
{
    PGconn *connection = postgres_connect(episode->pair.database);
    postgres_do(connection, "CREATE SCHEMA " GENERATOR_SCHEMA);
    PQfinish(connection);
}

static void run_episode(const struct settings *settings, int worker, long number, int statements,
                        struct tally *tally)
{
    struct episode episode = {.settings = settings, .number = number};
    pair_start(&episode.pair, worker, settings->binary, false);
    make_schema(&episode);
    die_with(report_death, &episode);
    generator_init(&episode.generator, settings->seed, (uint64_t)number, settings->rest,
                   number % CACHED_EVERY == CACHED_EVERY - 1);
    while (episode.statement < statements && step(&episode, tally)) {
        episode.statement++;
    }
    die_with(NULL, NULL);
    pair_stop(&episode.pair);
    text_free(&episode.sql);
    for (int i = 0; i < HISTORY; i++) {
        text_free(&episode.history[i]);
    }
}

/* ---- workers ---- */

static int statements_of(const struct settings *settings, long number)
{
    const long left = settings->statements - number * EPISODE_STATEMENTS;
    return left < EPISODE_STATEMENTS ? (int)left : EPISODE_STATEMENTS;
}

struct worker {
    const struct settings *settings;
    int number;
    struct tally *tally;
};

static void work(void *closure)
{
    const struct worker *worker = closure;
    const struct settings *settings = worker->settings;
    struct tally *tally = worker->tally;
    const long count = (settings->statements + EPISODE_STATEMENTS - 1) / EPISODE_STATEMENTS;
    for (long number = worker->number; number < count && tally->unexpected < REPORTS_MAX;
         number += settings->jobs) {
        run_episode(settings, worker->number, number, statements_of(settings, number), tally);
    }
}

bool run_episodes(const struct settings *settings, struct tally *total)
{
    pid_t pids[JOBS_MAX];
    struct worker workers[JOBS_MAX];
    bool well = true;
    if (settings->jobs < 1 || settings->jobs > JOBS_MAX) {
        die("--jobs is from 1 to %d", JOBS_MAX);
    }
    if (settings->episode >= 0) {
        run_episode(settings, 0, settings->episode, EPISODE_STATEMENTS, total);
        return true;
    }
    struct tally *tallies = tallies_make((size_t)settings->jobs);
    for (int i = 0; i < settings->jobs; i++) {
        workers[i] = (struct worker){settings, i, &tallies[i]};
        pids[i] = process_fork(work, &workers[i]);
    }
    for (int i = 0; i < settings->jobs; i++) {
        well = process_wait(pids[i]) && well;
        tally_add(total, &tallies[i]);
    }
    return well;
}
