/*
 * The concurrent core under load: takers that wait and cancel, a lane that answers late,
 * twice, wrongly or not at all, and somebody who changes, drops and creates meanwhile.
 * A plain program, for ThreadSanitizer; it takes about 8 seconds.
 *
 * What it finds wrong is said once, as a sentence; the last line is "N passed, N failed".
 */
#include "tests/store/stress_redis.h"

#include <errno.h>
#include <semaphore.h>

#define TAKERS        6
#define TAKES         30000 /* of each taker, at most */
#define SECONDS       6
#define STUCK_SECONDS 20

/* As the clerk does after a script, or as word from another node comes. */
static void tell(size_t name, struct generation *generation, bool from_here)
{
    struct sequence *sequence = catalog_acquire(catalog, &names[name].name);
    if (sequence && !from_here)
        sequence_hint(sequence, generation ? generation->record.identity.generation : "-");
    if (sequence && from_here && generation) {
        sequence_forget(sequence);
        sequence_adopt(sequence, &generation->record);
    } else if (sequence && from_here) {
        sequence_retire(sequence);
        catalog_remove(catalog, sequence);
    }
    if (sequence)
        sequence_release(sequence);
}

static void change(size_t name, bool drop, uint64_t *seed)
{
    bool from_here = draw(seed, 2);
    pthread_mutex_lock(&server.lock);
    struct generation *generation = drop ? NULL : begin_generation(name, seed);
    if (drop)
        names[name].generation = 0;
    size_t newest = server.generation_count;
    pthread_mutex_unlock(&server.lock);
    if (!drop && !generation)
        return;
    tell(name, generation, from_here);
    if (from_here)
        atomic_store(&names[name].oldest, drop ? newest + 1 : newest);
}

static void skip(size_t name, uint64_t *seed)
{
    pthread_mutex_lock(&server.lock);
    struct generation *generation = &server.generations[names[name].generation];
    int64_t next = generation->counter ? draw(seed, (uint32_t)generation->counter) + 1 : 0;
    pthread_mutex_unlock(&server.lock);
    struct sequence *sequence = catalog_acquire(catalog, &names[name].name);
    if (!sequence)
        return;
    struct identity identity;
    bool known = sequence_identity(sequence, &identity) &&
                 strcmp(identity.generation, generation->record.identity.generation) == 0;
    sequence_skip(sequence, generation->record.identity.generation, next);
    if (known && next > atomic_load(&generation->floor))
        atomic_store(&generation->floor, next);
    sequence_release(sequence);
}

static void disturb_otherwise(size_t name, uint64_t *seed)
{
    struct sequence *sequence = catalog_acquire(catalog, &names[name].name);
    struct block *block;
    if (!sequence)
        return;
    if (draw(seed, 2))
        sequence_verify(sequence);
    else if (sequence_surrender(sequence, &block))
        free(block);
    sequence_release(sequence);
}

static void *run_changes(void *argument)
{
    uint64_t seed = 2;
    (void)argument;
    rcu_register_thread();
    while (!atomic_load(&stop)) {
        size_t name = draw(&seed, NAMES);
        uint32_t what = draw(&seed, 20);
        if (what < 10)
            change(name, false, &seed);
        else if (what < 11)
            change(name, true, &seed);
        else if (what < 17)
            skip(name, &seed);
        else
            disturb_otherwise(name, &seed);
        dawdle(&seed, 2000);
    }
    rcu_unregister_thread();
    return NULL;
}

struct taker {
    struct ticket ticket;
    sem_t answered;
    uint64_t seed;
    size_t last_generation[NAMES];
    int64_t last_ordinal[NAMES];
    size_t oldest;                  /* of the name, before the ticket was taken */
    int64_t floor[GENERATIONS_MAX]; /* likewise */
};

static void on_answered(struct ticket *ticket)
{
    sem_post(&caa_container_of(ticket, struct taker, ticket)->answered);
}

static void check_ordinals(struct taker *taker, size_t name, size_t index, const struct span *span)
{
    struct generation *generation = &server.generations[index];
    bool is_inside = span->first >= 1 && span->last <= generation->record.rule.max_value &&
                     span->last - span->first + 1 == span->count;
    CHECK(in_bounds, is_inside);
    if (!is_inside || !generation->given)
        return;
    int64_t first = span->first - 1;
    pthread_mutex_lock(&server.lock);
    CHECK(reserved, span->last <= generation->counter);
    pthread_mutex_unlock(&server.lock);
    CHECK(skipped, first >= taker->floor[index]);
    CHECK(order, taker->last_generation[name] != index || first > taker->last_ordinal[name]);
    for (int64_t ordinal = first; ordinal < span->last; ordinal++)
        CHECK(once, atomic_fetch_add(&generation->given[ordinal], 1) == 0);
    taker->last_generation[name] = index;
    taker->last_ordinal[name] = span->last - 1;
}

static void check_grant(struct taker *taker, size_t name, int64_t asked)
{
    const struct grant *grant = &taker->ticket.grant;
    size_t index = strtoul(grant->identity.generation, NULL, 10);
    CHECK(exact, grant->count == asked ||
                     (taker->ticket.partial && grant->count > 0 && grant->count < asked));
    CHECK(whole, !taker->ticket.contiguous || grant->span_count == 1);
    CHECK(fresh, index >= taker->oldest);
    for (size_t i = 0; i < grant->span_count; i++)
        check_ordinals(taker, name, index, &grant->spans[i]);
}

static bool is_answered_within(struct taker *taker, int64_t ns)
{
    struct timespec until;
    int result;
    clock_gettime(CLOCK_REALTIME, &until);
    ns += until.tv_nsec;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    while ((result = sem_timedwait(&taker->answered, &until)) != 0 && errno == EINTR)
        continue;
    return result == 0;
}

/* store_take() and store_wait(). */
static enum wait_result take(size_t name, struct ticket *ticket)
{
    reader_enter();
    struct sequence *sequence = catalog_find(catalog, &names[name].name);
    bool taken = sequence && sequence_take(sequence, ticket);
    reader_leave();
    enum wait_result result = taken ? WAIT_ANSWERED : WAIT_GONE;
    while (result == WAIT_GONE) {
        sequence = catalog_intern(catalog, &names[name].name);
        result = sequence_wait(sequence, ticket);
        if (result == WAIT_GONE)
            catalog_remove(catalog, sequence);
        sequence_release(sequence);
    }
    return result;
}

/* False: cancelled. */
static bool await(struct taker *taker)
{
    bool impatient = draw(&taker->seed, 4) == 0;
    if (is_answered_within(taker,
                           impatient ? draw(&taker->seed, 300000) : STUCK_SECONDS * 1000 * MS_NS))
        return true;
    CHECK(answered, impatient); /* else it is stuck */
    if (sequence_cancel(&taker->ticket))
        return false;
    CHECK(answered, is_answered_within(taker, STUCK_SECONDS * 1000 * MS_NS));
    return true;
}

static void take_and_check(struct taker *taker)
{
    size_t name = draw(&taker->seed, NAMES);
    int64_t asked = draw(&taker->seed, 5) < 3 ? 1 : 1 + draw(&taker->seed, 50);
    bool contiguous = draw(&taker->seed, 4) == 0, partial = draw(&taker->seed, 3) == 0;
    struct ticket *ticket = &taker->ticket;
    taker->oldest = atomic_load(&names[name].oldest);
    for (size_t i = taker->oldest; i < GENERATIONS_MAX && i < taker->oldest + 64; i++)
        taker->floor[i] = atomic_load(&server.generations[i].floor);
    *ticket = (struct ticket){
        .count = asked, .partial = partial, .contiguous = contiguous, .answered = on_answered};
    bool has_answer = take(name, ticket) == WAIT_ANSWERED || await(taker);
    enum error_code code = ticket->failure.code;
    if (has_answer && code == ERROR_NONE)
        check_grant(taker, name, asked);
    CHECK(failures, !has_answer || code == ERROR_NONE || code == ERROR_SEQUENCE_EXHAUSTED ||
                        code == ERROR_SEQUENCE_NOT_FOUND || code == ERROR_SEQUENCE_LOST ||
                        code == ERROR_STORE_UNAVAILABLE);
    CHECK(answered, sem_trywait(&taker->answered) != 0); /* once is enough */
    ticket_deinit(ticket);
}

static void *run_taker(void *argument)
{
    struct taker *taker = argument;
    int64_t until_ns = clock_ns() + SECONDS * 1000 * MS_NS;
    rcu_register_thread();
    for (int i = 0; i < TAKES && clock_ns() < until_ns; i++)
        take_and_check(taker);
    rcu_unregister_thread();
    return NULL;
}

/* The catalog's reference, and this visit's. */
static void check_references(struct sequence *sequence, void *context)
{
    (void)context;
    CHECK(references, atomic_load(&sequence->references) == 2);
    CHECK(references, !sequence->waiters && !sequence->reserving && sequence->wanted == 0);
}

static void run_all(void)
{
    static struct taker takers[TAKERS];
    pthread_t threads[TAKERS], lane, changes;
    pthread_create(&lane, NULL, run_lane, NULL);
    pthread_create(&changes, NULL, run_changes, NULL);
    for (size_t i = 0; i < TAKERS; i++) {
        takers[i].seed = 100 + i;
        sem_init(&takers[i].answered, 0, 0);
        pthread_create(&threads[i], NULL, run_taker, &takers[i]);
    }
    for (size_t i = 0; i < TAKERS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&stop, true);
    pthread_join(changes, NULL);
    pthread_mutex_lock(&server.lock);
    server.stopping = true;
    pthread_cond_signal(&server.work);
    pthread_mutex_unlock(&server.lock);
    pthread_join(lane, NULL);
}

int main(void)
{
    struct sequence_environment environment = {.reserve = enqueue, .counters = &counters};
    uint64_t seed = 3;
    int failures = 0;
    rcu_register_thread();
    catalog = catalog_create(&environment);
    for (size_t name = 0; name < NAMES; name++)
        begin_generation(name, &seed);
    run_all();
    catalog_visit(catalog, SIZE_MAX, check_references, NULL);
    catalog_destroy(catalog);
    CHECK(busy, counters.waits > 1000 && counters.limits > 100 && counters.changes > 100 &&
                    counters.discarded > 1000 && counters.lost > 0);
    for (size_t i = 1; i <= server.generation_count; i++)
        free((void *)server.generations[i].given);
    rcu_unregister_thread();
    for (size_t i = 0; i < CHECK_COUNT; i++)
        failures += failed[i];
    printf("waits %lu, limits %lu, changes %lu, discarded %lu, lost %lu\n",
           (unsigned long)counters.waits, (unsigned long)counters.limits,
           (unsigned long)counters.changes, (unsigned long)counters.discarded,
           (unsigned long)counters.lost);
    printf("%d passed, %d failed\n", CHECK_COUNT - failures, failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
