/* The order of faults: see schedule.h. */
#include "tests/chaos/schedule.h"

enum { SCHEDULE_STREAM = 1 };

/* For faults that don't mind. Those that reach Redis by a proxy need a single server. */
static const struct setup *const any[] = {&single_everysec, &single_always, &watched_replicas,
                                          &watched_both};
enum { SINGLE = 2, ANY = 4 };

bool schedule_choose(struct schedule *schedule, int number)
{
    const size_t before = schedule->count;
    for (size_t i = 0; fault_at(i) != NULL && schedule->count < CHOSEN_MAX; i++)
        if (fault_at(i)->number == number)
            schedule->chosen[schedule->count++] = fault_at(i);
    return schedule->count > before;
}

void schedule_choose_brief(struct schedule *schedule)
{
    for (size_t i = 0; fault_at(i) != NULL && schedule->count < CHOSEN_MAX; i++)
        if (fault_at(i)->brief)
            schedule->chosen[schedule->count++] = fault_at(i);
}

void schedule_choose_all(struct schedule *schedule)
{
    while (schedule->count < CHOSEN_MAX && fault_at(schedule->count) != NULL) {
        schedule->chosen[schedule->count] = fault_at(schedule->count);
        schedule->count++;
    }
}

static void shuffle(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        schedule->order[i] = schedule->chosen[i];
    for (size_t i = schedule->count; i > 1; i--) {
        const size_t other = random_below(&schedule->random, (unsigned)i);
        const struct fault *fault = schedule->order[i - 1];
        schedule->order[i - 1] = schedule->order[other];
        schedule->order[other] = fault;
    }
    schedule->at = 0;
}

void schedule_begin(struct schedule *schedule, uint64_t seed)
{
    random_seed(&schedule->random, seed, SCHEDULE_STREAM);
    schedule->number = 0;
    schedule->at = 0;
}

/* ---- overlapping ---- */

static bool may_join(const struct run *run, const struct fault *fault)
{
    unsigned struck = 0;
    const struct setup *setup = NULL;
    int proxied = fault->proxied;
    for (size_t i = 0; i < run->count; i++) {
        struck |= run->faults[i]->strikes;
        setup = run->faults[i]->setup != NULL ? run->faults[i]->setup : setup;
        proxied = run->faults[i]->proxied > proxied ? run->faults[i]->proxied : proxied;
    }
    const bool same = setup == NULL || fault->setup == NULL || setup == fault->setup;
    setup = setup == NULL ? fault->setup : setup;
    const bool reachable = proxied == 0 || setup == NULL || setup->replicas == 0;
    return same && reachable && (struck & fault->strikes) == 0;
}

static void join_others(struct schedule *schedule, struct run *run, int most)
{
    const size_t from = random_below(&schedule->random, (unsigned)schedule->count);
    for (size_t i = 0; i < schedule->count && run->count < (size_t)most; i++) {
        const struct fault *fault = schedule->chosen[(from + i) % schedule->count];
        if (may_join(run, fault))
            run->faults[run->count++] = fault;
    }
}

/* The setup of those that have one. */
static void complete(struct schedule *schedule, struct run *run)
{
    bool proxied = false;
    run->setup = NULL;
    for (size_t i = 0; i < run->count; i++) {
        proxied |= run->faults[i]->proxied > 0;
        if (run->faults[i]->setup != NULL)
            run->setup = run->faults[i]->setup;
    }
    if (run->setup == NULL)
        run->setup = any[random_below(&schedule->random, proxied ? SINGLE : ANY)];
    run->number = schedule->number++;
    run->seed = random_below(&schedule->random, UINT32_MAX);
}

static int how_many(struct schedule *schedule)
{
    return schedule->overlap <= 2 ? schedule->overlap : 2 + (int)random_below(&schedule->random, 2);
}

/* ---- one after the other ---- */

bool schedule_next(struct schedule *schedule, struct run *run)
{
    if (schedule->at == schedule->count)
        return false;
    *run = (struct run){.faults = {schedule->chosen[schedule->at++]}, .count = 1};
    complete(schedule, run);
    return true;
}

void schedule_random(struct schedule *schedule, struct run *run)
{
    if (schedule->at % schedule->count == 0)
        shuffle(schedule);
    *run = (struct run){.faults = {schedule->order[schedule->at++]}, .count = 1};
    if (schedule->overlap > 1 && schedule->number % 2 == 1)
        join_others(schedule, run, how_many(schedule));
    complete(schedule, run);
}

bool schedule_overlap(struct schedule *schedule, struct run *run)
{
    const size_t from = random_below(&schedule->random, (unsigned)schedule->count);
    for (size_t i = 0; i < schedule->count; i++) {
        *run = (struct run){.faults = {schedule->chosen[(from + i) % schedule->count]}, .count = 1};
        join_others(schedule, run, schedule->overlap);
        if (run->count > 1) {
            complete(schedule, run);
            return true;
        }
    }
    return false;
}
