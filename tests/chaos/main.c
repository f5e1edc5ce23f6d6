/*
 * The chaos suite: seqds and Redis under load, faults from tables, and a checker of what
 * the clients were told.
 *
 * Exit status: 0 when no rule failed (with --expect-duplicates: when R1 did, and nothing was
 * skipped), 1 otherwise, 2 when the suite itself can't go on.
 */
#include "tests/chaos/netfilter.h"
#include "tests/chaos/schedule.h"
#include "tests/chaos/self_test.h"
#include "tests/process/process.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const char usage[] =
    "Usage: chaos-test [OPTION]...\n"
    "  --seed N              of the schedule and of the clients; default 1\n"
    "  --minutes N           faults in an order by chance for so long; without it each once\n"
    "  --faults N,N,...      only these; --list prints them\n"
    "  --brief               only a good choice, for minutes instead of an hour\n"
    "  --rows N,N,...        only these, by their places in the list, the first is 0\n"
    "  --overlap N           2 or 3: up to so many at once; with --minutes every second time\n"
    "  --seqd PATH           default build/seqd\n"
    "  --shims DIRECTORY     malloc_fails.so and clock_ahead.so; default build/tests\n"
    "  --durability MODE     given to seqd, whatever the setup says\n"
    "  --window N            values of a write-ahead window, to judge the waste closely\n"
    "  --recovery-ms N       at most from Redis's return to fresh values; default: the setup's\n"
    "  --scale N             percent of the times that faults take; default 100\n"
    "  --keep DIRECTORY      for the history, facts and logs of runs that failed\n"
    "  --keep-all            also of those that did not\n"
    "  --expect-duplicates   succeed only if a value was handed out twice\n"
    "  --verbose             every rule of every run\n"
    "  --list\n"
    "  --judge FILE          a kept run's facts.jsonl, again\n"
    "  --self-test           the checker finds what is put into a good history\n"
    "  --check-large N       the checker's time for N requests\n";

struct plan {
    struct chaos_options options;
    struct schedule schedule;
    int64_t minutes;
    bool expect_duplicates;
};

static void choose_number(struct schedule *schedule, int number)
{
    if (!schedule_choose(schedule, number))
        die("there is no fault %d; --list prints those there are", number);
}

static void choose_row(struct schedule *schedule, int row)
{
    if (row < 0 || row >= CHOSEN_MAX || fault_at((size_t)row) == NULL ||
        schedule->count == CHOSEN_MAX)
        die("there is no row %d; --list prints those there are", row);
    schedule->chosen[schedule->count++] = fault_at((size_t)row);
}

static void choose(struct schedule *schedule, const char *list,
                   void (*add)(struct schedule *schedule, int number))
{
    char *end;
    do {
        add(schedule, (int)strtol(list, &end, 10));
        list = end + 1;
    } while (*end == ',');
}

static int list_faults(void)
{
    for (size_t i = 0; fault_at(i) != NULL; i++) {
        const struct fault *fault = fault_at(i);
        printf("row %2zu: %2d  %-41s %s\n", i, fault->number, fault->name,
               fault->setup == NULL ? "any" : fault->setup->name);
    }
    return 0;
}

/* ---- running ---- */

static void run_one(struct plan *plan, const struct run *run, struct tally *tally)
{
    arena_run(run, &plan->options, tally);
    fflush(stdout);
}

static void run_all(struct plan *plan, struct tally *tally)
{
    struct run run;
    struct schedule *schedule = &plan->schedule;
    const int64_t until = now_ms() + plan->minutes * 60000;
    printf("seed %" PRIu64 ", durability %s\n", plan->options.seed,
           plan->options.durability == NULL ? "as the setup says" : plan->options.durability);
    schedule_begin(schedule, plan->options.seed);
    if (plan->minutes == 0 && schedule->overlap > 1) {
        if (!schedule_overlap(schedule, &run))
            die("no two of these faults can be run at once");
        run_one(plan, &run, tally);
        return;
    }
    while (plan->minutes == 0 && schedule_next(schedule, &run))
        run_one(plan, &run, tally);
    while (now_ms() < until) {
        schedule_random(schedule, &run);
        run_one(plan, &run, tally);
    }
}

static int run_plan(struct plan *plan)
{
    struct tally *tally = calloc(1, sizeof *tally);
    json_object_seed(0); /* before there are threads */
    run_all(plan, tally);
    tally_print(tally);
    const bool repeated = tally->repeated > 0 && tally->skipped == 0;
    const bool good = plan->expect_duplicates ? repeated : tally->failed == 0;
    if (plan->expect_duplicates)
        printf("%s\n", repeated ? "duplicates, as expected"
                                : "NO duplicates, or something skipped; they were expected");
    free(tally);
    return good ? 0 : 1;
}

/* Many clients, each with a file. */
static void raise_limits(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- the command line ---- */

static const struct option options[] = {
    {"seed", required_argument, NULL, 's'},
    {"minutes", required_argument, NULL, 'm'},
    {"faults", required_argument, NULL, 'f'},
    {"rows", required_argument, NULL, 'F'},
    {"brief", no_argument, NULL, 'B'},
    {"overlap", required_argument, NULL, 'o'},
    {"seqd", required_argument, NULL, 'b'},
    {"shims", required_argument, NULL, 'i'},
    {"durability", required_argument, NULL, 'd'},
    {"window", required_argument, NULL, 'w'},
    {"recovery-ms", required_argument, NULL, 'r'},
    {"scale", required_argument, NULL, 'x'},
    {"keep", required_argument, NULL, 'k'},
    {"keep-all", no_argument, NULL, 'K'},
    {"expect-duplicates", no_argument, NULL, 'e'},
    {"verbose", no_argument, NULL, 'v'},
    {"list", no_argument, NULL, 'l'},
    {"judge", required_argument, NULL, 'j'},
    {"self-test", no_argument, NULL, 't'},
    {"check-large", required_argument, NULL, 'c'},
    {0},
};

static void set_number(struct plan *plan, int option, int64_t number)
{
    struct chaos_options *chaos = &plan->options;
    switch (option) {
    case 's':
        chaos->seed = (uint64_t)number;
        break;
    case 'm':
        plan->minutes = number;
        break;
    case 'o':
        plan->schedule.overlap = number > FAULTS_AT_ONCE ? FAULTS_AT_ONCE : (int)number;
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
        choose(&plan->schedule, argument, choose_number);
        break;
    case 'B':
        schedule_choose_brief(&plan->schedule);
        break;
    case 'F':
        choose(&plan->schedule, argument, choose_row);
        break;
    case 'b':
        plan->options.seqd = argument;
        break;
    case 'i':
        plan->options.shims = realpath(argument, NULL);
        break;
    case 'd':
        plan->options.durability = argument;
        break;
    case 'k':
        plan->options.keep = argument;
        break;
    case 'K':
        plan->options.keep_all = true;
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

/* What is no run of faults; true with the exit status. */
static bool other_work(int option, const char *argument, int *status)
{
    switch (option) {
    case 'l':
        *status = list_faults();
        return true;
    case 'j':
        *status = judge_again(argument) ? 0 : 1;
        return true;
    case 't':
        *status = self_test() ? 0 : 1;
        return true;
    case 'c':
        *status = self_test_large(strtoll(argument, NULL, 10)) ? 0 : 1;
        return true;
    default:
        return false;
    }
}

int main(int count, char **arguments)
{
    static struct plan plan = {.options = {.seqd = "build/seqd", .scale_percent = 100, .seed = 1}};
    int option, status;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (other_work(option, optarg, &status))
            return status;
        set(&plan, option, optarg);
    }
    if (plan.options.shims == NULL)
        plan.options.shims = realpath("build/tests", NULL);
    if (plan.schedule.count == 0)
        schedule_choose_all(&plan.schedule);
    private_network();
    raise_limits();
    return run_plan(&plan);
}
