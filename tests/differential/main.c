/*
 * The differential test: the same statements to PostgreSQL and to seqd.
 *
 *     differential-tests [OPTION]... [FILE.sql]...
 *
 * First the statement files (script.h), by default all of tests/differential/statements,
 * then random episodes. Exits with 0 when everything was the same, or differed as
 * differences.txt says; with 1 when not; with 2 when it could not run.
 *
 *     --seqd PATH      the program under test (build/asan/seqd)
 *     --seed N         of the random episodes (random, and printed)
 *     --statements N   so many random statements (20000; 0: statement files only)
 *     --episode N      only this episode, and no files, to repeat what was found
 *     --rest           random episodes by REST, and no files
 *     --jobs N         episodes at the same time (2)
 *     --show           print each statement and its outcomes
 *     --postgres       no seqd: with --show, to see what PostgreSQL says
 */
#include "tests/differential/postgres.h"
#include "tests/differential/run.h"
#include "tests/differential/seqd.h"
#include "tests/process/process.h"

#include <getopt.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define DIRECTORY "tests/differential/"

enum { STALE_FROM = 20000 }; /* so many random statements meet every meant difference */

static uint64_t random_number(void)
{
    uint32_t bits; /* short enough to be typed */
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) {
        die("getrandom failed");
    }
    return bits;
}

static long long number_argument(const char *text)
{
    char *end;
    const long long number = strtoll(text, &end, 10);
    if (*end != '\0' || end == text || number < 0) {
        die("\"%s\" is not a number", text);
    }
    return number;
}

static void take_option(struct settings *settings, int option)
{
    switch (option) {
    case 'q':
        settings->binary = optarg;
        break;
    case 's':
        settings->seed = (uint64_t)number_argument(optarg);
        break;
    case 'n':
        settings->statements = (long)number_argument(optarg);
        break;
    case 'e':
        settings->episode = (long)number_argument(optarg);
        break;
    case 'r':
        settings->rest = true;
        break;
    case 'j':
        settings->jobs = (int)number_argument(optarg);
        break;
    case 'w':
        settings->show = true;
        break;
    case 'p':
        settings->binary = NULL;
        break;
    default:
        die("see tests/differential/main.c for the options");
    }
}

static struct settings read_arguments(int argc, char **argv)
{
    static const struct option options[] = {
        {"seqd", required_argument, NULL, 'q'},
        {"seed", required_argument, NULL, 's'},
        {"statements", required_argument, NULL, 'n'},
        {"episode", required_argument, NULL, 'e'},
        {"rest", no_argument, NULL, 'r'},
        {"jobs", required_argument, NULL, 'j'},
        {"show", no_argument, NULL, 'w'},
        {"postgres", no_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    struct settings settings = {.binary = "build/asan/seqd",
                                .seed = random_number(),
                                .statements = 20000,
                                .episode = -1,
                                .jobs = 2};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(&settings, option);
    }
    if (settings.rest && settings.binary == NULL) {
        die("--rest needs a seqd");
    }
    return settings;
}

static bool run_all_scripts(const struct settings *settings, struct tally *tally)
{
    glob_t found;
    bool well = true;
    if (glob(DIRECTORY "statements/*.sql", 0, NULL, &found) != 0) {
        die("no " DIRECTORY "statements (run this in the repository's root)");
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        well = run_script(settings, found.gl_pathv[i], tally) && well;
    }
    globfree(&found);
    return well;
}

/* A list that nothing meets any more would be believed all the same. */
static void check_list(const struct tally *tally, enum difference_where where, bool *well)
{
    for (size_t i = 0; i < differences_count(); i++) {
        const struct difference *difference = difference_at(i);
        if (difference->where == where && tally->meant[i] == 0) {
            printf("a listed difference that was not met: %s\n", difference->name);
            *well = false;
        }
    }
}

static bool run(const struct settings *settings, char **files, struct tally *tally)
{
    bool well = true;
    if (!settings->rest && settings->episode < 0) {
        if (*files == NULL) {
            well = run_all_scripts(settings, tally);
            if (settings->binary != NULL) {
                check_list(tally, DIFFERENCE_SQL, &well);
            }
        }
        for (; *files != NULL; files++) {
            well = run_script(settings, *files, tally) && well;
        }
    }
    if (settings->statements > 0 || settings->episode >= 0) {
        well = run_episodes(settings, tally) && well;
    }
    if (settings->rest && settings->episode < 0 && settings->statements >= STALE_FROM) {
        check_list(tally, DIFFERENCE_REST, &well);
    }
    return well && tally->unexpected == 0;
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    const struct settings settings = read_arguments(argc, argv);
    differences_read(DIRECTORY "differences.txt");
    const int64_t began = now_ms();
    postgres_start();
    redis_start();
    printf("seed %" PRIu64 "\n", settings.seed);
    const bool well = run(&settings, argv + optind, &tally);
    postgres_stop();
    redis_stop();
    printf("\nseed %" PRIu64 ", %.1f s\n", settings.seed, (double)(now_ms() - began) / 1000);
    tally_print(&tally);
    return well ? 0 : 1;
}
