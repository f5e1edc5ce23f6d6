/* Which faults are run, together with which, and in which order: the seed decides. */
#ifndef TESTS_CHAOS_SCHEDULE_H
#define TESTS_CHAOS_SCHEDULE_H

#include "tests/chaos/arena.h"
#include "tests/differential/random.h"

enum { CHOSEN_MAX = 128 };

struct schedule {
    const struct fault *chosen[CHOSEN_MAX];
    size_t count;
    int overlap; /* up to so many at once, every second time; 0: none */
    struct random random;
    const struct fault *order[CHOSEN_MAX]; /* all of them once, then in another order again */
    size_t at;
    int number;
};

/* All rows with this number; false if there are none. */
bool schedule_choose(struct schedule *schedule, int number);
/* Those of the short form; or all. */
void schedule_choose_brief(struct schedule *schedule);
void schedule_choose_all(struct schedule *schedule);
void schedule_begin(struct schedule *schedule, uint64_t seed);

/* The next of the chosen, in their own order; false past the last. */
bool schedule_next(struct schedule *schedule, struct run *run);
/* The next by chance: there is always one. */
void schedule_random(struct schedule *schedule, struct run *run);
/* One with as many of the chosen at once as may overlap; false if no two may. */
bool schedule_overlap(struct schedule *schedule, struct run *run);

#endif
