/* Statement files, one after the other: see run.h. */
#include "tests/differential/compare.h"
#include "tests/differential/pair.h"
#include "tests/differential/run.h"
#include "tests/process/process.h"

#include <stdio.h>
#include <string.h>

static void print(const char *label, const struct outcome *outcome)
{
    struct text line = {0};
    outcome_print(outcome, &line);
    printf("  %-10s %s\n", label, text_of(&line));
    text_free(&line);
}

static void print_statement(const struct script_statement *statement)
{
    char session = (char)('a' + statement->session);
    printf("%s:%d [%c] %s\n", statement->file, statement->line,
           statement->session == SESSION_NONE ? '-' : session, statement->sql);
}

static void report(const struct pair *pair, const struct script_statement *statement,
                   const char *what, struct tally *tally)
{
    tally->unexpected++;
    printf("\nUNEXPECTED: %s\n", what);
    print_statement(statement);
    print("PostgreSQL", &pair->postgres_outcome);
    print("seqd", &pair->seqd_outcome);
    if (statement->expected != NULL) {
        printf("  %-10s %s\n", "expected", statement->expected);
    }
}

/* Of an error the beginning is enough, and of what ends with "...". */
static bool is_expected(const struct outcome *outcome, const char *expected)
{
    struct text line = {0};
    size_t length = strlen(expected);
    const bool open = length > 3 && strcmp(expected + length - 3, "...") == 0;
    length -= open ? 3 : 0;
    outcome_print(outcome, &line);
    const bool beginning = open || strncmp(expected, "error ", 6) == 0;
    const bool same = beginning ? strncmp(text_of(&line), expected, length) == 0
                                : strcmp(text_of(&line), expected) == 0;
    text_free(&line);
    return same;
}

static void check(const struct pair *pair, const struct script_statement *statement,
                  struct tally *tally)
{
    const char *aspect = outcomes_differ(&pair->postgres_outcome, &pair->seqd_outcome);
    if (statement->difference < 0) {
        if (aspect != NULL) {
            report(pair, statement, aspect, tally);
        }
    } else if (aspect == NULL) {
        report(pair, statement, "a listed difference that is none", tally);
    } else if (!is_expected(&pair->seqd_outcome, statement->expected)) {
        report(pair, statement, "a listed difference, but another outcome", tally);
    } else {
        tally->meant[statement->difference]++;
    }
}

static void run_statement(struct pair *pair, const struct script_statement *statement)
{
    if (statement->shard) {
        pair_run_shard(pair, statement->session, statement->sql);
    } else {
        pair_run(pair, statement->session, statement->sql);
    }
}

struct work {
    const struct settings *settings;
    const char *path;
    struct tally *tally;
};

static void work(void *closure)
{
    const struct work *work = closure;
    const struct settings *settings = work->settings;
    struct tally *tally = work->tally;
    struct pair pair;
    struct script script;
    struct script_statement statement;
    pair_start(&pair, 0, settings->binary, true);
    script_open(&script, work->path);
    while (script_next(&script, &statement)) {
        run_statement(&pair, &statement);
        tally_count(tally, &pair.postgres_outcome);
        if (settings->show) {
            print_statement(&statement);
            print("PostgreSQL", &pair.postgres_outcome);
            if (settings->binary != NULL) {
                print("seqd", &pair.seqd_outcome);
            }
        }
        if (settings->binary != NULL) {
            check(&pair, &statement, tally);
        }
        script_statement_free(&statement);
    }
    script_close(&script);
    pair_stop(&pair);
}

bool run_script(const struct settings *settings, const char *path, struct tally *total)
{
    struct tally *tally = tallies_make(1);
    struct work closure = {settings, path, tally};
    const bool well = process_wait(process_fork(work, &closure));
    tally_add(total, tally);
    return well;
}
