#include "store/session.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static struct sessions *sessions;

static void setup(void)
{
    sessions = sessions_create(100, 60000);
}

static void teardown(void)
{
    sessions_destroy(sessions);
}

TestSuite(session, .init = setup, .fini = teardown, .timeout = 30);

static struct session_value value_of(const char *oid, const char *name, int64_t value)
{
    struct session_value noted = {.value = value};
    snprintf(noted.identity.oid, ID_SIZE, "%s", oid);
    noted.name.length =
        (unsigned char)snprintf(noted.name.text, sizeof noted.name.text, "%s", name);
    return noted;
}

static void nextval(const char *session, const char *oid, int64_t value)
{
    struct session_value noted = value_of(oid, "a", value);
    session_note_nextval(sessions, session, &noted);
}

static void setval(const char *session, const char *oid, int64_t value)
{
    struct session_value noted = value_of(oid, "a", value);
    session_note_setval(sessions, session, &noted);
}

/* -1: not defined */
static int64_t currval(const char *session, const char *oid)
{
    struct session_value value;
    return session_currval(sessions, session, oid, &value) ? value.value : -1;
}

static int64_t lastval(const char *session)
{
    struct session_value value;
    return session_lastval(sessions, session, &value) ? value.value : -1;
}

Test(session, before_nextval_currval_and_lastval_are_not_defined)
{
    cr_expect_eq(currval("s", "a"), -1);
    cr_expect_eq(lastval("s"), -1);
    nextval("s", "a", 7);
    cr_expect_eq(currval("s", "b"), -1);
}

Test(session, currval_is_of_the_sequence_and_lastval_of_the_last_nextval)
{
    nextval("s", "a", 7);
    nextval("s", "b", 100);
    nextval("s", "a", 8);
    cr_expect_eq(currval("s", "a"), 8);
    cr_expect_eq(currval("s", "b"), 100);
    cr_expect_eq(lastval("s"), 8);
}

Test(session, setval_defines_currval_but_not_lastval)
{
    setval("s", "a", 42);
    cr_expect_eq(currval("s", "a"), 42);
    cr_expect_eq(lastval("s"), -1);
}

Test(session, setval_of_the_last_sequence_moves_lastval_as_in_postgresql)
{
    nextval("s", "a", 7);
    setval("s", "b", 5);
    cr_expect_eq(lastval("s"), 7);
    setval("s", "a", 42);
    cr_expect_eq(lastval("s"), 42);
}

Test(session, sessions_know_nothing_of_each_other)
{
    nextval("one", "a", 1);
    nextval("two", "a", 2);
    cr_expect_eq(currval("one", "a"), 1);
    cr_expect_eq(currval("two", "a"), 2);
    cr_expect_eq(lastval("One"), -1);
}

Test(session, the_name_and_generation_of_the_value_are_kept)
{
    struct session_value noted = value_of("a", "shop.orders", 9), got;
    snprintf(noted.identity.generation, ID_SIZE, "g1");
    session_note_nextval(sessions, "s", &noted);
    cr_assert(session_lastval(sessions, "s", &got));
    cr_expect_str_eq(got.name.text, "shop.orders");
    cr_expect_str_eq(got.identity.generation, "g1");
}

Test(session, extreme_values_are_kept)
{
    nextval("s", "a", INT64_MIN);
    nextval("s", "b", INT64_MAX);
    cr_expect_eq(currval("s", "a"), INT64_MIN);
    cr_expect_eq(currval("s", "b"), INT64_MAX);
}

Test(session, names_are_1_to_64_letters_digits_underscores_and_hyphens)
{
    static const char sixty_four[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    cr_expect(session_name_is_valid("a"));
    cr_expect(session_name_is_valid(sixty_four));
    cr_expect_not(session_name_is_valid(""));
    cr_expect_not(
        session_name_is_valid("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_-0"));
    cr_expect_not(session_name_is_valid("a b"));
    cr_expect_not(session_name_is_valid("a\n"));
    cr_expect_not(session_name_is_valid("\xc3\xa9"));
}

Test(session, an_ended_session_has_nothing_and_begins_anew)
{
    nextval("s", "a", 7);
    setval("s", "b", 8);
    nextval("other", "a", 9);
    sessions_end(sessions, "s");
    cr_expect_eq(currval("s", "a"), -1);
    cr_expect_eq(currval("s", "b"), -1);
    cr_expect_eq(lastval("s"), -1);
    cr_expect_eq(lastval("other"), 9);
    setval("s", "b", 10);
    cr_expect_eq(currval("s", "b"), 10);
    cr_expect_eq(lastval("s"), -1, "what lastval pointed to is forgotten, too");
    sessions_end(sessions, "s");
    sessions_end(sessions, "s");
    sessions_end(sessions, "never");
    cr_expect_eq(lastval("other"), 9);
}

Test(session, an_ended_session_makes_room_for_another)
{
    struct sessions *all = sessions;
    sessions = sessions_create(2, 60000);
    nextval("one", "a", 1);
    nextval("two", "a", 2);
    sessions_end(sessions, "two");
    nextval("three", "a", 3);
    cr_expect_eq(currval("one", "a"), 1);
    cr_expect_eq(currval("three", "a"), 3);
    sessions_destroy(sessions);
    sessions = all;
}

Test(session, beyond_3_sessions_the_longest_unused_goes)
{
    struct sessions *all = sessions;
    sessions = sessions_create(3, 60000);
    nextval("one", "a", 1);
    nextval("two", "a", 2);
    nextval("three", "a", 3);
    cr_expect_eq(currval("one", "a"), 1); /* used: now two is the oldest */
    nextval("four", "a", 4);
    cr_expect_eq(currval("two", "a"), -1);
    cr_expect_eq(currval("one", "a"), 1);
    cr_expect_eq(currval("three", "a"), 3);
    cr_expect_eq(currval("four", "a"), 4);
    sessions_destroy(sessions);
    sessions = all;
}

Test(session, beyond_1000_sequences_the_longest_unnoted_goes)
{
    char oid[ID_SIZE];
    for (int i = 0; i < 1000; i++) {
        snprintf(oid, sizeof oid, "%d", i);
        nextval("s", oid, i);
    }
    nextval("s", "0", 10000); /* now 1 is the oldest */
    nextval("s", "new", 20000);
    cr_expect_eq(currval("s", "0"), 10000);
    cr_expect_eq(currval("s", "1"), -1);
    cr_expect_eq(currval("s", "2"), 2);
    cr_expect_eq(lastval("s"), 20000);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Test(session, an_idle_session_ends_and_one_that_is_used_does_not)
{
    struct sessions *all = sessions;
    sessions = sessions_create(100, 200);
    nextval("used", "a", 1);
    nextval("idle", "a", 2);
    int64_t until_ms = now_ms() + 600, longest_ms = 0, last_ms = now_ms();
    while (now_ms() < until_ms) {
        int64_t gap_ms = now_ms() - last_ms;
        longest_ms = gap_ms > longest_ms ? gap_ms : longest_ms;
        last_ms = now_ms();
        cr_assert(currval("used", "a") == 1 || longest_ms > 150, "it ended while used");
    }
    cr_expect_eq(currval("idle", "a"), -1);
    sessions_destroy(sessions);
    sessions = all;
}

/* NULL when all went well. */
static void *use_all(void *context)
{
    const char *own = context;
    char session[8];
    for (int64_t i = 0; i < 5000; i++) {
        nextval(own, "a", i);
        if (currval(own, "a") != i)
            return context;
        snprintf(session, sizeof session, "s%d", (int)(i % 90));
        nextval(session, own, i);
        (void)lastval(session);
    }
    return NULL;
}

Test(session, threads_share_the_table_and_each_reads_what_it_wrote)
{
    pthread_t threads[4];
    char *const names[] = {"w0", "w1", "w2", "w3"};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use_all, names[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        cr_expect_null(bad, "%s read another's value", names[i]);
    }
}
