/*
 * currval and lastval: what PostgreSQL keeps per connection is kept per Seq-Session
 * and node. The texts and the odd corners (setval and lastval, drop and create again)
 * are PostgreSQL's.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

TestSuite(sessions, .timeout = 60);

static struct reply *try_currval(const struct node *node, const char *name, const char *session)
{
    char path[256];
    snprintf(path, sizeof path, "/v1/sequences/%s/currval", name);
    return CALL(node, .path = path, .session = session);
}

static int64_t currval(const struct node *node, const char *name, const char *session)
{
    return reply_integer(expect(try_currval(node, name, session), 200), "value");
}

static struct reply *try_lastval(const struct node *node, const char *session)
{
    return CALL(node, .path = "/v1/lastval", .session = session);
}

static int64_t lastval(const struct node *node, const char *session)
{
    return reply_integer(expect(try_lastval(node, session), 200), "value");
}

static void expect_undefined(struct reply *reply, const char *detail)
{
    expect_problem(reply, 409, "session_undefined", "55000", detail);
}

static void setval_in(const struct node *node, const char *path, const char *body,
                      const char *session)
{
    expect(CALL(node, .path = path, .body = body, .session = session), 200);
}

#define LASTVAL_UNDEFINED "lastval is not yet defined in this session"

ServiceTest(sessions, currval_and_lastval_are_55000_before_the_first_nextval)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a_big'}");
    expect_undefined(try_currval(node, "a_big", "s1"),
                     "currval of sequence \"a_big\" is not yet defined in this session");
    expect_undefined(try_lastval(node, "s1"), LASTVAL_UNDEFINED);
    expect_undefined(try_currval(node, "a_big", NULL), NULL);
    expect_undefined(try_lastval(node, NULL), NULL);
}

ServiceTest(sessions, two_sessions_see_their_own_1_and_2)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 'b', 'cache': 1, 'start': 100}");
    cr_assert_eq(nextval_in(node, "a", "s1"), 1);
    cr_assert_eq(nextval_in(node, "a", "s2"), 2);
    cr_assert_eq(nextval(node, "a"), 3);
    cr_assert_eq(nextval_in(node, "b", "s2"), 100);
    cr_assert_eq(currval(node, "a", "s1"), 1);
    cr_assert_eq(currval(node, "a", "s2"), 2);
    cr_assert_eq(lastval(node, "s1"), 1);
    struct reply *last = expect(try_lastval(node, "s2"), 200);
    cr_assert_eq(reply_integer(last, "value"), 100);
    cr_assert_str_eq(reply_text(last, "sequence"), "b");
    expect_undefined(try_currval(node, "b", "s1"),
                     "currval of sequence \"b\" is not yet defined in this session");
    cr_assert_eq(nextval_in(node, "a", "s2"), 4);
    cr_assert_eq(lastval(node, "s2"), 4);
}

ServiceTest(sessions, a_session_belongs_to_its_node)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval_in(first, "a", "s1"), 1);
    expect_undefined(try_currval(second, "a", "s1"),
                     "currval of sequence \"a\" is not yet defined in this session");
    cr_assert_eq(nextval_in(second, "a", "s1"), 2);
    cr_assert_eq(currval(first, "a", "s1"), 1);
}

ServiceTest(sessions, a_failed_nextval_leaves_currval_3)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'm', 'max_value': 3}");
    for (int64_t value = 1; value <= 3; value++) {
        cr_assert_eq(nextval_in(node, "m", "s1"), value);
    }
    expect(CALL(node, .method = "POST", .path = "/v1/sequences/m/nextval", .session = "s1"), 409);
    cr_assert_eq(currval(node, "m", "s1"), 3);
    cr_assert_eq(lastval(node, "s1"), 3);
}

ServiceTest(sessions, setval_50_defines_currval_50_and_an_uncalled_one_leaves_it)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'max_value': 100, 'cache': 1}");
    setval_in(node, "/v1/sequences/s/setval", "{'value': 50}", "s1");
    cr_assert_eq(currval(node, "s", "s1"), 50);
    setval_in(node, "/v1/sequences/s/setval", "{'value': 60, 'is_called': false}", "s1");
    cr_assert_eq(currval(node, "s", "s1"), 50);
    cr_assert_eq(nextval_in(node, "s", "s1"), 60);
    cr_assert_eq(currval(node, "s", "s1"), 60);
    setval_in(node, "/v1/sequences/s/setval", "{'value': 5, 'is_called': false}", "s2");
    expect_undefined(try_currval(node, "s", "s2"),
                     "currval of sequence \"s\" is not yet defined in this session");
}

ServiceTest(sessions, setval_never_makes_lastval_point_to_the_sequence_but_moves_it_there_to_77)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 'b', 'cache': 1}");
    setval_in(node, "/v1/sequences/a/setval", "{'value': 50}", "s1");
    expect_undefined(try_lastval(node, "s1"), LASTVAL_UNDEFINED);
    cr_assert_eq(nextval_in(node, "b", "s1"), 1);
    setval_in(node, "/v1/sequences/a/setval", "{'value': 60}", "s1");
    cr_assert_eq(lastval(node, "s1"), 1);
    setval_in(node, "/v1/sequences/b/setval", "{'value': 77}", "s1");
    cr_assert_eq(lastval(node, "s1"), 77);
}

ServiceTest(sessions, after_a_drop_lastval_is_55000_and_currval_42P01)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'dr', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "dr", "s1"), 1);
    expect(drop(node, "/v1/sequences/dr"), 204);
    expect_undefined(try_lastval(node, "s1"), LASTVAL_UNDEFINED);
    expect_problem(try_currval(node, "dr", "s1"), 404, "sequence_not_found", "42P01",
                   "relation \"dr\" does not exist");
}

ServiceTest(sessions, after_drop_and_create_again_the_state_belonged_to_the_old_one)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'w', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "w", "s1"), 1);
    expect(drop(node, "/v1/sequences/w"), 204);
    create(node, "{'name': 'w', 'cache': 1}");
    expect_undefined(try_currval(node, "w", "s1"),
                     "currval of sequence \"w\" is not yet defined in this session");
    expect_undefined(try_lastval(node, "s1"), LASTVAL_UNDEFINED);
    cr_assert_eq(nextval_in(node, "w", "s1"), 1);
    cr_assert_eq(currval(node, "w", "s1"), 1);
}

ServiceTest(sessions, currval_2_works_under_the_new_name_after_a_rename)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "a", "s1"), 1);
    cr_assert_eq(nextval_in(node, "a", "s1"), 2);
    expect(patch(node, "{'name': 'b'}", "/v1/sequences/a"), 200);
    cr_assert_eq(currval(node, "b", "s1"), 2);
    cr_assert_eq(lastval(node, "s1"), 2);
    expect_problem(try_currval(node, "a", "s1"), 404, "sequence_not_found", "42P01",
                   "relation \"a\" does not exist");
}

ServiceTest(sessions, a_restart_leaves_currval_11)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'start': 11, 'cache': 1}");
    cr_assert_eq(nextval_in(node, "a", "s1"), 11);
    expect(patch(node, "{'restart': 5}", "/v1/sequences/a"), 200);
    cr_assert_eq(currval(node, "a", "s1"), 11);
    cr_assert_eq(nextval_in(node, "a", "s1"), 5);
    cr_assert_eq(currval(node, "a", "s1"), 5);
}

ServiceTest(sessions, currval_and_lastval_keep_both_ends_of_int64_exactly)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'start': 9223372036854775807}");
    create(node, "{'name': 'b', 'increment': -1, 'start': -9223372036854775808}");
    cr_assert_eq(nextval_in(node, "a", "s1"), INT64_MAX);
    cr_assert_eq(currval(node, "a", "s1"), INT64_MAX);
    cr_assert_eq(nextval_in(node, "b", "s1"), INT64_MIN);
    cr_assert_eq(lastval(node, "s1"), INT64_MIN);
    struct reply *reply = CALL(node, .path = "/v1/lastval?int64=string", .session = "s1");
    cr_assert_str_eq(reply_text(expect(reply, 200), "value"), "-9223372036854775808");
}

ServiceTest(sessions, a_session_name_is_1_to_64_of_letters_digits_and_signs)
{
    static const char *const bad[] = {
        "a b",         "a/b",
        "a.b",         "{a}",
        "caf\xc3\xa9", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 65 */
    };
    static const char good[] = "ABCxyz019_-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    cr_assert_eq(sizeof good - 1, 64);
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "a", good), 1);
    cr_assert_eq(currval(node, "a", good), 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reply *reply =
            CALL(node, .method = "POST", .path = "/v1/sequences/a/nextval", .session = bad[i]);
        expect_problem(reply, 400, "invalid_request", NULL, NULL);
        expect(try_currval(node, "a", bad[i]), 400);
    }
    cr_assert_eq(nextval(node, "a"), 2);
}

ServiceTest(sessions, an_idle_session_ends_after_its_timeout_of_1000_ms)
{
    const struct node *node = service_start(FLAGS("--session-timeout-ms", "1000"));
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "a", "s1"), 1);
    /* each look is a use of the session, so the looks are further apart than its life */
    for (int i = 0; i < 10 && try_currval(node, "a", "s1")->status == 200; i++) {
        pause_ms(2100);
    }
    expect_undefined(try_currval(node, "a", "s1"),
                     "currval of sequence \"a\" is not yet defined in this session");
}

ServiceTest(sessions, the_longest_idle_of_3_sessions_goes_first_when_2_are_allowed)
{
    const struct node *node = service_start(FLAGS("--max-sessions", "2"));
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval_in(node, "a", "s1"), 1);
    cr_assert_eq(nextval_in(node, "a", "s2"), 2);
    cr_assert_eq(currval(node, "a", "s1"), 1);
    cr_assert_eq(nextval_in(node, "a", "s3"), 3);
    cr_assert_eq(currval(node, "a", "s1"), 1);
    cr_assert_eq(currval(node, "a", "s3"), 3);
    expect_undefined(try_currval(node, "a", "s2"),
                     "currval of sequence \"a\" is not yet defined in this session");
}
