/*
 * What one number costs without HTTP: nanoseconds for each take of a thread, alone and
 * with a second thread on the same sequence, beside the bare atomic addition that no
 * take can be cheaper than. The variants take turns, and the median of the rounds is
 * printed: name, one thread, two threads.
 */
#include "store/catalog.h"
#include "store/clock.h"
#include "store/counters.h"
#include "store/sequence.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAKES       INT64_C(1000000) /* of a thread in a round */
#define ROUNDS      11
#define THREADS_MAX 2
#define BLOCK       (INT64_C(1) << 40) /* never used up */

/* The world as a take sees it: a catalog with one sequence, one block published. */
struct world {
    struct catalog *catalog;
    struct seq_name name;
    struct sequence *sequence;
    struct block *block;
    _Atomic int64_t counter;
};

static int64_t take_bare(struct world *world, struct ticket *ticket)
{
    (void)ticket;
    return atomic_fetch_add_explicit(&world->counter, 1, memory_order_relaxed);
}

static int64_t take_from_block(struct world *world, struct ticket *ticket)
{
    int64_t offset;
    (void)ticket;
    return block_take_one(world->block, &offset) ? offset : -1;
}

static int64_t take_from(struct sequence *sequence, struct ticket *ticket)
{
    ticket->grant.span_count = 0;
    ticket->grant.count = 0;
    return sequence_take(sequence, ticket) ? ticket->grant.spans[0].first : -1;
}

static int64_t take_from_sequence(struct world *world, struct ticket *ticket)
{
    return take_from(world->sequence, ticket);
}

/* As store_take() does. */
static int64_t take_by_name(struct world *world, struct ticket *ticket)
{
    reader_enter();
    int64_t value = take_from(catalog_find(world->catalog, &world->name), ticket);
    reader_leave();
    return value;
}

static const struct variant {
    const char *name;
    int64_t (*take)(struct world *world, struct ticket *ticket);
} variants[] = {
    {"atomic addition", take_bare},
    {"block_take_one", take_from_block},
    {"sequence_take", take_from_sequence},
    {"lookup by name and sequence_take", take_by_name},
};
#define VARIANTS (sizeof variants / sizeof *variants)

struct run {
    struct world *world;
    const struct variant *variant;
    pthread_barrier_t start;
};

/* A thread's part; its duration in *result. */
static void *take_many(void *argument)
{
    struct run *run = argument;
    struct ticket ticket = {.count = 1};
    int64_t *taken_ns = malloc(sizeof *taken_ns), last = -1;
    assert(taken_ns);
    rcu_register_thread();
    pthread_barrier_wait(&run->start);
    int64_t began_ns = clock_ns();
    for (int64_t i = 0; i < TAKES; i++) {
        int64_t value = run->variant->take(run->world, &ticket);
        if (value <= last)
            abort(); /* a thread's numbers grow */
        last = value;
    }
    *taken_ns = clock_ns() - began_ns;
    rcu_unregister_thread();
    return taken_ns;
}

/* Nanoseconds for each take: the mean of the threads'. */
static double measure(struct world *world, const struct variant *variant, unsigned threads)
{
    struct run run = {.world = world, .variant = variant};
    pthread_t thread[THREADS_MAX];
    double sum_ns = 0;
    pthread_barrier_init(&run.start, NULL, threads);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, take_many, &run) != 0)
            abort();
    for (unsigned i = 0; i < threads; i++) {
        void *taken_ns;
        pthread_join(thread[i], &taken_ns);
        sum_ns += (double)*(int64_t *)taken_ns;
        free(taken_ns);
    }
    pthread_barrier_destroy(&run.start);
    return sum_ns / threads / TAKES;
}

static struct reservation *asked;

static void remember(void *lane, struct reservation *reservation)
{
    (void)lane;
    asked = reservation;
}

/* Answers as Redis would: first with the definition, then with the block. */
static void answer_reservations(int64_t *counter)
{
    while (asked) {
        struct reservation *reservation = asked;
        struct reserve_reply reply = {.outcome = RESERVE_CHANGED};
        asked = NULL;
        if (reservation->want > 0) {
            *counter += reservation->want;
            reply.outcome = RESERVE_OK;
            reply.counter = *counter;
        } else {
            reply.record.definition = (struct definition){
                .type = TYPE_BIGINT,
                .start = 1,
                .increment = 1,
                .min_value = 1,
                .max_value = INT64_MAX,
                .cache = BLOCK,
            };
            record_new_id(reply.record.identity.oid);
            record_new_id(reply.record.identity.generation);
            reply.record.has_next = true;
            record_set_position(&reply.record, &(struct position){1, false});
        }
        sequence_reserved(reservation->sequence, &reply);
    }
}

static void ignore(struct ticket *ticket)
{
    (void)ticket;
}

static void world_init(struct world *world)
{
    static struct store_counters counters;
    static const struct sequence_environment environment = {
        .reserve = remember,
        .counters = &counters,
    };
    static struct ticket first = {.count = 1, .answered = ignore};
    struct failure failure;
    int64_t counter = 0;
    bool named = name_parse("bench", strlen("bench"), &world->name, &failure);
    assert(named);
    (void)named;
    world->catalog = catalog_create(&environment);
    world->sequence = catalog_intern(world->catalog, &world->name);
    sequence_wait(world->sequence, &first);
    answer_reservations(&counter);
    world->block = atomic_load(&world->sequence->published);
    assert(first.failure.code == ERROR_NONE && world->block);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

int main(void)
{
    static struct world world;
    static double ns[VARIANTS][THREADS_MAX][ROUNDS];
    rcu_register_thread();
    world_init(&world);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < VARIANTS; i++)
            for (unsigned threads = 1; threads <= THREADS_MAX; threads++)
                ns[i][threads - 1][round] = measure(&world, &variants[i], threads);
    for (size_t i = 0; i < VARIANTS; i++)
        printf("%s\t%.1f\t%.1f\n", variants[i].name, median(ns[i][0], ROUNDS),
               median(ns[i][1], ROUNDS));
    rcu_unregister_thread();
}
