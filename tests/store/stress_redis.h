/*
 * What the stress test runs against: its checks, a Redis that is a counter in memory,
 * and the lane's thread, which answers late, twice, wrongly or not at all.
 */
#ifndef TESTS_STORE_STRESS_REDIS_H
#define TESTS_STORE_STRESS_REDIS_H

#include "store/catalog.h"
#include "store/clock.h"
#include "store/counters.h"
#include "store/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define GENERATIONS_MAX 8192
#define NAMES           (sizeof names / sizeof *names)

/* Every check fails at most once in the count, whatever the number of threads. */
#define CHECKS(X)                                                                                  \
    X(once, "no ordinal of a generation is handed out twice")                                      \
    X(reserved, "no number is handed out that was not reserved")                                   \
    X(exact, "a grant has as many numbers as were asked for, or fewer if partial")                 \
    X(in_bounds, "no number lies outside its generation")                                          \
    X(order, "what one thread is given grows within a generation")                                 \
    X(whole, "a contiguous range is one piece")                                                    \
    X(fresh, "after a change or a drop from here nothing older is given")                          \
    X(skipped, "after a skip nothing before it is given")                                          \
    X(answered, "every ticket is answered or cancelled, and not both")                             \
    X(failures, "tickets fail only with what the lane said")                                       \
    X(references, "no sequence is held by anybody in the end")                                     \
    X(busy, "there were waits, limits, changes and discarded numbers to be tested by")

enum check {
#define X(check, sentence) CHECK_##check,
    CHECKS(X)
#undef X
        CHECK_COUNT
};
static const char *const sentences[] = {
#define X(check, sentence) sentence,
    CHECKS(X)
#undef X
};
static _Atomic bool failed[CHECK_COUNT];

#define CHECK(check, condition) ((condition) ? (void)0 : complain(CHECK_##check, #condition))

static void complain(enum check check, const char *condition)
{
    if (!atomic_exchange(&failed[check], true))
        printf("not so: %s (%s)\n", sentences[check], condition);
}

/* What Redis would know. Under the server's lock, but for the atomics. */
struct generation {
    struct record record;
    size_t name;
    int64_t counter;
    _Atomic unsigned char *given; /* of each ordinal, how often; not when cycling */
    _Atomic int64_t floor;        /* skipped: nothing before it */
};

static struct name {
    struct seq_name name;
    int64_t cache;
    bool cycle;
    size_t generation;     /* the current one; 0: dropped */
    _Atomic size_t oldest; /* nothing older may be given any more */
} names[] = {{{"auto", 4}, CACHE_AUTO, false, 0, 0},
             {{"one", 3}, 1, false, 0, 0},
             {{"ten", 3}, 10, false, 0, 0},
             {{"around", 6}, 5, true, 0, 0}};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct reservation *queue[NAMES * 4 + 256];
    size_t queued;
    struct generation generations[GENERATIONS_MAX];
    size_t generation_count;
    bool stopping;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

static struct catalog *catalog;
static struct store_counters counters;
static _Atomic bool stop;

/* liburcu is not instrumented: what it allocates and frees itself looks like races. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:liburcu.so\ncalled_from_lib:liburcu-cds.so\n";
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

/* Lets others run, for up to `most_us`. */
static void dawdle(uint64_t *seed, uint32_t most_us)
{
    int64_t until_ns = clock_ns() + draw(seed, most_us * 1000);
    while (clock_ns() < until_ns)
        sched_yield();
}

/* Under the server's lock: a new generation of the name, with a bound that is soon met. */
static struct generation *begin_generation(size_t name, uint64_t *seed)
{
    if (server.generation_count + 1 >= GENERATIONS_MAX)
        return NULL;
    size_t index = ++server.generation_count;
    struct generation *generation = &server.generations[index];
    struct record *record = &generation->record;
    snprintf(record->identity.oid, ID_SIZE, "oid");
    snprintf(record->identity.generation, ID_SIZE, "%zu", index);
    record->definition.cache = names[name].cache;
    record->rule = (struct progression){1, 1, 1, 100 + draw(seed, 3000), names[name].cycle};
    if (names[name].cycle)
        record->rule.max_value = 7;
    record->limit = progression_limit(&record->rule);
    record->has_next = true;
    generation->name = name;
    if (!names[name].cycle)
        generation->given = must_calloc((size_t)record->limit, 1);
    names[name].generation = index;
    return generation;
}

/* The reserve script. Now and then it runs twice, as when a reply was lost. */
static struct reserve_reply reserve(struct generation *generation, int64_t want, uint64_t *seed)
{
    struct reserve_reply reply = {.outcome = RESERVE_OK};
    for (int runs = draw(seed, 30) ? 1 : 2; runs > 0; runs--) {
        if (want > generation->record.limit - generation->counter) {
            reply.outcome = RESERVE_LIMIT;
            break;
        }
        generation->counter += want;
        reply.outcome = RESERVE_OK;
    }
    reply.counter = generation->counter;
    if (want > 0 && draw(seed, 2000) == 0 && reply.counter > 50)
        reply.counter -= draw(seed, 50); /* a Redis that forgot */
    return reply;
}

static size_t name_index(const struct sequence *sequence)
{
    size_t name = 0;
    while (strcmp(sequence->name.text, names[name].name.text) != 0)
        name++;
    return name;
}

static struct reserve_reply answer(const struct reservation *reservation, uint64_t *seed)
{
    size_t current = names[name_index(reservation->sequence)].generation;
    struct generation *generation = &server.generations[current];
    struct reserve_reply reply = {.outcome = RESERVE_CHANGED, .why = "chance"};
    if (draw(seed, 40) == 0) {
        reply.outcome = RESERVE_UNAVAILABLE;
    } else if (current == 0) {
        reply.outcome = RESERVE_DROPPED;
    } else if (strcmp(generation->record.identity.generation, reservation->generation) == 0) {
        reply = reserve(generation, reservation->want, seed);
    } else {
        reply.record = generation->record;
        reply.record.next = generation->counter;
    }
    return reply;
}

static void *run_lane(void *argument)
{
    uint64_t seed = 1;
    (void)argument;
    rcu_register_thread();
    pthread_mutex_lock(&server.lock);
    for (;;) {
        while (server.queued == 0 && !server.stopping)
            pthread_cond_wait(&server.work, &server.lock);
        if (server.queued == 0)
            break;
        size_t chosen = draw(&seed, (uint32_t)server.queued);
        struct reservation *reservation = server.queue[chosen];
        server.queue[chosen] = server.queue[--server.queued];
        pthread_mutex_unlock(&server.lock);
        sequence_sending(reservation->sequence); /* takes the sequence's lock */
        pthread_mutex_lock(&server.lock);
        struct reserve_reply reply = answer(reservation, &seed);
        pthread_mutex_unlock(&server.lock);
        dawdle(&seed, draw(&seed, 10) ? 50 : 500);
        struct sequence *sequence = reservation->sequence;
        if (sequence_reserved(sequence, &reply))
            catalog_remove(catalog, sequence);
        sequence_release(sequence);
        count(&counters.limits, reply.outcome == RESERVE_LIMIT);
        pthread_mutex_lock(&server.lock);
    }
    pthread_mutex_unlock(&server.lock);
    rcu_unregister_thread();
    return NULL;
}

static void enqueue(void *lane, struct reservation *reservation)
{
    (void)lane;
    pthread_mutex_lock(&server.lock);
    server.queue[server.queued++] = reservation;
    pthread_cond_signal(&server.work);
    pthread_mutex_unlock(&server.lock);
}

#endif
