/*
 * The chaos suite: seqds and Redis under load, faults from a table, and a checker of
 * what the clients were told.
 *
 * Exit status: 0 when no rule failed (with --expect-duplicates: when R1 did), 1
 * otherwise, 2 when the suite itself can't go on.
 */
#include "tests/chaos/arena.h"
#include "tests/chaos/self_test.h"
#include "tests/differential/random.h"
#include "tests/process/process.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MAX = 64, SCHEDULE_STREAM = 1 };

static const char usage[] =
    "Usage: chaos-test [OPTION]...\n"
    "  --seed N              of the schedule and of the clients; default 1\n"
    "  --minutes N           faults at random for so long; without it each fault once\n"
    "  --faults N,N,...      only these; --list prints them\n"
    "  --seqd PATH           default build/seqd\n"
    "  --durability MODE     given to seqd; without it the flag is not\n"
    "  --window N            values of a write-ahead window, to judge the waste\n"
    "  --recovery-ms N       at most from Redis's return to fresh values; default 3000\n"
    "  --scale N             percent of the times that faults take; default 100\n"
    "  --expect-duplicates   succeed only if a value was handed out twice\n"
    "  --verbose             every rule of every run\n"
    "  --list\n"
    "  --self-test           the checker finds what is put into a good history\n"
    "  --check-large N       the checker's time for N requests\n";

struct plan {
    struct chaos_options options;
    int64_t minutes;
    bool expect_duplicates;
    const struct fault *chosen[ROWS_MAX];
    size_t count;
};

/* All rows with this number. */
static void choose_number(struct plan *plan, int number)
{
    const size_t before = plan->count;
    for (size_t i = 0; i < fault_count && plan->count < ROWS_MAX; i++) {
        if (faults[i].number == number) {
            plan->chosen[plan->count++] = &faults[i];
        }
    }
    if (plan->count == before) {
        die("there is no fault %d; --list prints those there are", number);
    }
}

static void choose(struct plan *plan, const char *list)
{
    char *end;
    plan->count = 0;
    do {
        choose_number(plan, (int)strtol(list, &end, 10));
        list = end + 1;
    } while (*end == ',');
}

static int list_faults(void)
{
    for (size_t i = 0; i < fault_count; i++) {
        printf("%3d  %s\n", faults[i].number, faults[i].name);
    }
    return 0;
}

/* ---- the schedule ---- */

static void run_all(const struct plan *plan, struct tally *tally)
{
    struct random random;
    const int64_t until = now_ms() + plan->minutes * 60000;
    random_seed(&random, plan->options.seed, SCHEDULE_STREAM);
    printf("seed %" PRIu64 ", durability %s\n", plan->options.seed,
           plan->options.durability == NULL ? "not given" : plan->options.durability);
    for (size_t i = 0; plan->minutes > 0 ? now_ms() < until : i < plan->count; i++) {
        const size_t row = plan->minutes > 0 ? random_below(&random, (unsigned)plan->count) : i;
        arena_run(plan->chosen[row], &plan->options, tally->runs, tally);
        fflush(stdout);
    }
    printf("%d runs, %d failed, %d skipped, %" PRId64 " values, %" PRId64 " repeated\n",
           tally->runs, tally->failed, tally->skipped, tally->values, tally->repeated);
}

static int run_plan(const struct plan *plan)
{
    struct tally tally = {0};
    json_object_seed(0); /* before there are threads */
    run_all(plan, &tally);
    if (plan->expect_duplicates) {
        printf("%s\n", tally.repeated > 0 ? "duplicates, as expected"
                                          : "NO duplicates, which were expected");
        return tally.repeated > 0 || tally.skipped == tally.runs ? 0 : 1;
    }
    return tally.failed == 0 ? 0 : 1;
}

/* ---- the command line ---- */

static const struct option options[] = {
    {"seed", required_argument, NULL, 's'},
    {"minutes", required_argument, NULL, 'm'},
    {"faults", required_argument, NULL, 'f'},
    {"seqd", required_argument, NULL, 'b'},
    {"durability", required_argument, NULL, 'd'},
    {"window", required_argument, NULL, 'w'},
    {"recovery-ms", required_argument, NULL, 'r'},
    {"scale", required_argument, NULL, 'x'},
    {"expect-duplicates", no_argument, NULL, 'e'},
    {"verbose", no_argument, NULL, 'v'},
    {"list", no_argument, NULL, 'l'},
    {"self-test", no_argument, NULL, 't'},
    {"check-large", required_argument, NULL, 'c'},
    {0},
};

static void set_number(struct plan *plan, int option, int64_t number)
{
    struct chaos_options *chaos = &plan->options;
    int64_t *const minutes = &plan->minutes;
    switch (option) {
    case 's':
        chaos->seed = (uint64_t)number;
        break;
    case 'm':
        *minutes = number;
        break;
    case 'w':
        chaos->window = number;
        break;
    case 'r':
        chaos->recovery_ms = number;
        break;
    default:
        chaos->scale_percent = number;
    }
}

static void set(struct plan *plan, int option, const char *argument)
{
    switch (option) {
    case 'f':
        choose(plan, argument);
        break;
    case 'b':
        plan->options.seqd = argument;
        break;
    case 'd':
        plan->options.durability = argument;
        break;
    case 'e':
        plan->expect_duplicates = true;
        break;
    case 'v':
        plan->options.rest_of_report = true;
        break;
    case '?':
        fputs(usage, stderr);
        exit(2);
    default:
        set_number(plan, option, strtoll(argument, NULL, 10));
    }
}

int main(int count, char **arguments)
{
    struct plan plan = {
        .options = {.seqd = "build/seqd", .recovery_ms = 3000, .scale_percent = 100, .seed = 1}};
    int option;
    for (size_t i = 0; i < fault_count; i++) {
        plan.chosen[plan.count++] = &faults[i];
    }
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 'l') {
            return list_faults();
        }
        if (option == 't') {
            return self_test() ? 0 : 1;
        }
        if (option == 'c') {
            return self_test_large(strtoll(optarg, NULL, 10)) ? 0 : 1;
        }
        set(&plan, option, optarg);
    }
    return run_plan(&plan);
}
