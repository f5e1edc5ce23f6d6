/*
 * A sequence whose reservations are answered by hand: the lane of sequence.h's seam,
 * for one thread. What was asked is in `asked`, what a ticket got is a text.
 */
#ifndef TESTS_STORE_HAND_LANE_H
#define TESTS_STORE_HAND_LANE_H

#include "store/counters.h"
#include "store/sequence.h"
#include "store/serve.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TICKETS_MAX 16
#define OID         "0123456789abcdef0123456789abcdef"

struct taker {
    struct ticket ticket;
    int answers;
    char text[256];
};

/* All of one test. */
static struct {
    struct sequence *sequence;
    struct sequence_environment environment;
    struct store_counters counters;
    struct reservation *asked; /* under way; NULL: nothing is */
    int reservations;          /* so far */
    struct taker takers[TICKETS_MAX];
    size_t taker_count;
} hand;

static inline void hand_reserve(void *lane, struct reservation *reservation)
{
    (void)lane;
    cr_assert_null(hand.asked, "two reservations at once");
    hand.asked = reservation;
    hand.reservations++;
}

static inline void hand_setup(void)
{
    struct seq_name name = {.text = "shop.orders", .length = 11};
    rcu_register_thread();
    hand.environment =
        (struct sequence_environment){.reserve = hand_reserve, .counters = &hand.counters};
    hand.sequence = sequence_create(&name, &hand.environment);
}

/* Everything a test asked for has come to an end, and nobody holds the sequence. */
static inline void hand_teardown(void)
{
    if (hand.asked) {
        sequence_reserved(hand.sequence,
                          &(struct reserve_reply){RESERVE_UNAVAILABLE, .why = "end"});
        sequence_release(hand.sequence);
    }
    for (size_t i = 0; i < hand.taker_count; i++)
        ticket_deinit(&hand.takers[i].ticket);
    cr_expect_eq(atomic_load(&hand.sequence->references), 1, "references are left over");
    sequence_release(hand.sequence);
    rcu_barrier();
    rcu_unregister_thread();
}

/* A definition by its words: "cache=10 max=25 cycle", with the counter at `next`. */
static inline struct record record_of(const char *generation, const char *words, int64_t next)
{
    struct record record = {.identity.oid = OID, .has_next = true, .next = next};
    struct progression *rule = &record.rule;
    const char *word;
    snprintf(record.identity.generation, ID_SIZE, "%s", generation);
    *rule = (struct progression){1, 1, 1, INT64_MAX, strstr(words, "cycle") != NULL};
    record.definition.cache = CACHE_AUTO;
    if ((word = strstr(words, "cache=")))
        sscanf(word, "cache=%" SCNd64, &record.definition.cache);
    if ((word = strstr(words, "min=")))
        sscanf(word, "min=%" SCNd64, &rule->min_value);
    if ((word = strstr(words, "max=")))
        sscanf(word, "max=%" SCNd64, &rule->max_value);
    if ((word = strstr(words, "by=")))
        sscanf(word, "by=%" SCNd64, &rule->increment);
    rule->base = rule->increment > 0 ? rule->min_value : rule->max_value;
    record.limit = progression_limit(rule);
    return record;
}

static inline bool hand_answer(const struct reserve_reply *reply)
{
    cr_assert_not_null(hand.asked, "nothing was asked");
    hand.asked = NULL;
    bool gone = sequence_reserved(hand.sequence, reply);
    sequence_release(hand.sequence);
    return gone;
}

static inline bool answer(enum reserve_outcome outcome, int64_t counter)
{
    return hand_answer(&(struct reserve_reply){.outcome = outcome, .counter = counter});
}

static inline void answer_changed(const char *generation, const char *words, int64_t next)
{
    struct reserve_reply reply = {.outcome = RESERVE_CHANGED};
    reply.record = record_of(generation, words, next);
    hand_answer(&reply);
}

/* The sequence as this node learns of it from an ALTER of its own. */
static inline void know(const char *generation, const char *words, int64_t next)
{
    struct record record = record_of(generation, words, next);
    sequence_adopt(hand.sequence, &record);
}

static inline void count_answer(struct ticket *ticket)
{
    caa_container_of(ticket, struct taker, ticket)->answers++;
}

/* As store_take() and then store_wait() do. */
static inline struct taker *take_as(int64_t count, bool partial, bool contiguous)
{
    struct taker *taker = &hand.takers[hand.taker_count++];
    cr_assert_leq(hand.taker_count, TICKETS_MAX);
    taker->ticket = (struct ticket){
        .count = count, .partial = partial, .contiguous = contiguous, .answered = count_answer};
    reader_enter();
    bool taken = sequence_take(hand.sequence, &taker->ticket);
    reader_leave();
    if (taken || sequence_wait(hand.sequence, &taker->ticket) == WAIT_ANSWERED)
        taker->answers++;
    return taker;
}

static inline struct taker *take(int64_t count)
{
    return take_as(count, false, false);
}

/* "1-3 7-7", "waits", or what it failed with. */
static inline const char *got(struct taker *taker)
{
    const struct ticket *ticket = &taker->ticket;
    size_t used = 0;
    cr_assert_leq(taker->answers, 1, "answered twice");
    if (taker->answers == 0)
        return "waits";
    if (ticket->failure.code != ERROR_NONE)
        return error_kind(ticket->failure.code)->wire;
    for (size_t i = 0; i < ticket->grant.span_count && used < sizeof taker->text; i++)
        used += (size_t)snprintf(taker->text + used, sizeof taker->text - used,
                                 "%s%" PRId64 "-%" PRId64, i ? " " : "",
                                 ticket->grant.spans[i].first, ticket->grant.spans[i].last);
    return taker->text;
}

#define expect_got(taker, text) cr_expect_str_eq(got(taker), text, "got %s", got(taker))

/* A reservation of so many is under way; -1: none is. */
#define expect_asked(n)                                                                            \
    cr_expect_eq(hand.asked ? hand.asked->want : -1, n, "asked for %" PRId64,                      \
                 hand.asked ? hand.asked->want : -1)

#define expect_counted(counter, n)                                                                 \
    cr_expect_eq(atomic_load(&hand.counters.counter), n, #counter " is %" PRIu64,                  \
                 atomic_load(&hand.counters.counter))

#endif
