/* Judging runs: see verdict.h, and arena.h for what is said of all of them. */
#include "tests/chaos/verdict.h"

#include "tests/process/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 400 };

/* ---- files ---- */

static bool is_history(const struct dirent *entry)
{
    return strncmp(entry->d_name, "client", 6) == 0 && strstr(entry->d_name, ".jsonl") != NULL;
}

static int only_histories(const struct dirent *entry)
{
    return is_history(entry);
}

/* All files of a directory, client by client. */
static bool read_histories(const char *directory, struct history *history, char *error, size_t size)
{
    char path[PATH_SIZE];
    struct dirent **entries;
    const int count = scandir(directory, &entries, only_histories, alphasort);
    bool good = count > 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%.60s", directory, entries[i]->d_name);
        good = good && history_read(history, path, error, size);
        free(entries[i]);
    }
    if (count <= 0)
        snprintf(error, size, "there is no history in %s", directory);
    if (count >= 0)
        free(entries);
    return good;
}

static void remove_histories(const char *directory)
{
    char path[PATH_SIZE];
    struct dirent **entries;
    const int count = scandir(directory, &entries, only_histories, NULL);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%.60s", directory, entries[i]->d_name);
        remove(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* History, facts and logs: what is needed to judge and to understand it. */
static void keep(const struct arena *arena)
{
    const char *name = strrchr(arena->directory, '/') + 1;
    char target[PATH_SIZE];
    mkdir(arena->options->keep, 0755);
    snprintf(target, sizeof target, "%s/%s", arena->options->keep, name);
    process_run(
        &(struct command){.arguments = ARGUMENTS("rm", "-rf", target), .death_signal = SIGKILL});
    process_run(&(struct command){.arguments = ARGUMENTS("cp", "-r", arena->directory, target),
                                  .death_signal = SIGKILL});
    printf("    kept: %s/facts.jsonl (--judge)\n", target);
}

/* ---- all runs ---- */

static struct tallied *row_of(struct tally *tally, const struct run *run)
{
    char name[48];
    const int number = run->count == 1 ? run->faults[0]->number : 0;
    snprintf(name, sizeof name, "%s", run->count == 1 ? run->faults[0]->name : "several at once");
    for (size_t i = 0; i < tally->row_count; i++)
        if (tally->rows[i].number == number && strcmp(tally->rows[i].name, name) == 0)
            return &tally->rows[i];
    if (tally->row_count == TALLIED_MAX)
        die("too many faults to be added up");
    struct tallied *row = &tally->rows[tally->row_count++];
    *row = (struct tallied){.number = number};
    memcpy(row->name, name, sizeof name);
    return row;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_up(struct tally *tally, const struct run *run, const struct facts *facts,
                   const struct figures *figures, bool good)
{
    struct tallied *row = row_of(tally, run);
    row->runs++;
    row->failed += !good;
    row->values += figures->values;
    row->repeated += figures->repeated;
    row->waste += figures->waste;
    row->no_fresh_ms = most(row->no_fresh_ms, figures->no_fresh_ms);
    row->recovery_ms = most(row->recovery_ms, figures->recovery_ms);
    tally->failed += !good;
    tally->values += figures->values;
    tally->repeated += figures->repeated;
    tally->redis_kills += facts->redis_kills;
    tally->failovers += facts->failovers;
}

void tally_print(const struct tally *tally)
{
    printf("\n%-41s %4s %4s %4s %10s %8s %12s %8s %8s\n", "fault", "runs", "fail", "skip", "values",
           "repeated", "waste", "none, ms", "R8, ms");
    for (size_t i = 0; i < tally->row_count; i++) {
        const struct tallied *row = &tally->rows[i];
        printf("%2d %-38.38s %4d %4d %4d %10" PRId64 " %8" PRId64 " %12" PRId64 " %8" PRId64
               " %8" PRId64 "\n",
               row->number, row->name, row->runs, row->failed, row->skipped, row->values,
               row->repeated, row->waste, row->no_fresh_ms, row->recovery_ms);
    }
    printf("\n%d runs, %d failed, %d skipped; Redis killed %" PRId64 " times, %" PRId64
           " failovers; %" PRId64 " values, %" PRId64 " repeated\n",
           tally->runs, tally->failed, tally->skipped, tally->redis_kills, tally->failovers,
           tally->values, tally->repeated);
}

/* ---- a run ---- */

static void name_of(const struct run *run, char *name, size_t size)
{
    int used = 0;
    for (size_t i = 0; i < run->count && used < (int)size; i++)
        used += snprintf(name + used, size - (size_t)used, "%s%2d %s", i > 0 ? " + " : "",
                         run->faults[i]->number, run->faults[i]->name);
}

static void judge(const struct arena *arena, const struct run *run, struct tally *tally)
{
    struct report report;
    struct history history = {0};
    char path[PATH_SIZE], error[500], name[200];
    snprintf(path, sizeof path, "%s/facts.jsonl", arena->directory);
    if (!facts_write(&arena->facts, path, error, sizeof error) ||
        !read_histories(arena->directory, &history, error, sizeof error))
        die("%s", error);
    const bool good = history_check(&history, &arena->facts, &report);
    const struct figures *figures = &report.figures;
    name_of(run, name, sizeof name);
    printf("%-4s %-41s %-26s %8" PRId64 " values, %" PRId64 " repeated, waste %" PRId64
           ", none fresh for %" PRId64 " ms, recovery %" PRId64 " ms\n",
           good ? "pass" : "FAIL", name, arena->setup->name, figures->values, figures->repeated,
           figures->waste, figures->no_fresh_ms, figures->recovery_ms);
    if (!good || arena->options->rest_of_report)
        report_print(&report, stdout);
    if ((!good || arena->options->keep_all) && arena->options->keep != NULL)
        keep(arena);
    add_up(tally, run, &arena->facts, figures, good);
    history_free(&history);
}

void verdict(const struct arena *arena, const struct run *run, struct tally *tally)
{
    char name[200];
    tally->runs++;
    if (arena->why_skipped != NULL) {
        name_of(run, name, sizeof name);
        printf("skip %-41s %-26s %s\n", name, arena->setup->name, arena->why_skipped);
        row_of(tally, run)->skipped++;
        tally->skipped++;
    } else {
        judge(arena, run, tally);
    }
    remove_histories(arena->directory); /* they are large, and a schedule may be long */
}

/* ---- a run of another time ---- */

bool judge_again(const char *path)
{
    struct facts *facts = malloc(sizeof *facts);
    struct history history = {0};
    struct report report;
    char directory[PATH_SIZE], error[500];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash != NULL)
        *slash = '\0';
    if (!facts_read(facts, path, error, sizeof error) ||
        !read_histories(slash != NULL ? directory : ".", &history, error, sizeof error))
        die("%s", error);
    const bool good = history_check(&history, facts, &report);
    report_print(&report, stdout);
    history_free(&history);
    free(facts);
    return good;
}
