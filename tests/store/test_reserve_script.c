/* The scripts that move the counter, in a real Redis of this test's own. */
#include "tests/store/script_server.h"

TestSuite(reserve_script, .init = script_server_start, .fini = script_server_stop, .timeout = 60);

#define RESERVE(generation, want)                                                                  \
    RUN(reserve, "2", "{a}", "{a}:next", "n", generation, want, "bare")

static void define(const char *counter, const char *limit)
{
    ASK("DEL", "{a}", "{a}:next");
    ASK("HSET", "{a}", "oid", "o", "generation", G1, "limit", limit);
    ASK("SET", "{a}:next", counter);
}

Test(reserve_script, counts_what_is_wanted_and_says_where_the_counter_stands)
{
    define("0", "1000");
    expect_text(RESERVE(G1, "1"), "ok n 1   ");
    expect_text(RESERVE(G1, "99"), "ok n 100   ");
    expect_text(RESERVE(G1, "0"), "ok n 100   ");
    expect_counter("100");
}

Test(reserve_script, stops_exactly_at_the_limit_of_1000)
{
    define("990", "1000");
    expect_text(RESERVE(G1, "11"), "limit n 990   ");
    expect_counter("990");
    expect_text(RESERVE(G1, "10"), "ok n 1000   ");
    expect_text(RESERVE(G1, "1"), "limit n 1000   ");
    expect_text(RESERVE(G1, "0"), "ok n 1000   ");
    expect_counter("1000");
}

Test(reserve_script, compares_99_and_100_as_numbers)
{
    define("98", "100");
    expect_text(RESERVE(G1, "1"), "ok n 99   ");
    expect_text(RESERVE(G1, "1"), "ok n 100   ");
    define("0", "99");
    expect_text(RESERVE(G1, "100"), "limit n 0   ");
}

Test(reserve_script, is_exact_beyond_2_to_the_53)
{
    define("9007199254740992", "9223372036854775807");
    expect_text(RESERVE(G1, "1"), "ok n 9007199254740993   ");
    define("4611686018427387904", "9223372036854775807");
    expect_text(RESERVE(G1, "1"), "ok n 4611686018427387905   ");
    expect_text(RESERVE(G1, "1000"), "ok n 4611686018427388905   ");
    define("4611686018427387904", "4611686018427387905");
    expect_text(RESERVE(G1, "2"), "limit n 4611686018427387904   ");
    expect_text(RESERVE(G1, "1"), "ok n 4611686018427387905   ");
    expect_counter("4611686018427387905");
}

Test(reserve_script, past_the_end_of_int64_is_the_limit_too)
{
    define("9223372036854775806", "9223372036854775807");
    expect_text(RESERVE(G1, "2"), "limit n 9223372036854775806   ");
    expect_text(RESERVE(G1, "9223372036854775807"), "limit n 9223372036854775806   ");
    expect_text(RESERVE(G1, "1"), "ok n 9223372036854775807   ");
    expect_text(RESERVE(G1, "1"), "limit n 9223372036854775807   ");
    expect_counter("9223372036854775807");
}

Test(reserve_script, another_generation_reserves_nothing_and_tells_the_definition)
{
    define("7", "1000");
    expect_text(RESERVE(G2, "5"), "changed n 7 oid o generation " G1 " limit 1000");
    expect_text(RESERVE("", "0"), "changed n 7 oid o generation " G1 " limit 1000");
    expect_counter("7");
}

Test(reserve_script, a_missing_counter_is_lost_and_never_begins_again)
{
    define("7", "1000");
    ASK("DEL", "{a}:next");
    expect_text(RESERVE(G1, "1"), "lost n");
    expect_text(RESERVE(G2, "1"), "lost n");
    expect_text(ASK("EXISTS", "{a}:next"), "0");
}

Test(reserve_script, a_missing_definition_is_none_even_if_the_counter_is_there)
{
    define("7", "1000");
    ASK("DEL", "{a}");
    expect_text(RESERVE(G1, "1"), "none n");
    expect_counter("7");
}

Test(reserve_script, a_definition_without_a_limit_is_lost)
{
    define("7", "1000");
    ASK("HDEL", "{a}", "limit");
    expect_text(RESERVE(G1, "1"), "lost n");
    expect_counter("7");
}

Test(reserve_script, a_tombstone_is_dropped)
{
    ASK("HSET", "{a}", "dropped", "o");
    expect_text(RESERVE(G1, "1"), "dropped n");
    expect_text(ASK("EXISTS", "{a}:next"), "0");
}

/* The command and its reply as the lane writes and reads them. */
static redisReply *send_reserve(struct reservation *reservation, bool whole)
{
    void *reply = NULL;
    cr_assert(reserve_append(redis, "", "a", reservation, false, whole));
    cr_assert_eq(redisGetReply(redis, &reply), REDIS_OK);
    return reply;
}

static struct reservation reservation_of(const char *generation, int64_t want)
{
    struct reservation reservation = {.want = want, .nonce = NONCE};
    snprintf(reservation.generation, ID_SIZE, "%s", generation);
    return reservation;
}

static struct reserve_reply reserve(const char *generation, int64_t want)
{
    struct reservation reservation = reservation_of(generation, want);
    struct reserve_reply parsed;
    redisReply *reply = send_reserve(&reservation, true);
    cr_assert(reserve_parse(reply, &reservation, &parsed));
    freeReplyObject(reply);
    return parsed;
}

Test(reserve_script, its_command_and_reply_carry_4611686018427387905_unharmed)
{
    define("4611686018427387904", "9223372036854775807");
    struct reserve_reply reply = reserve(G1, 1);
    cr_expect_eq(reply.outcome, RESERVE_OK);
    cr_expect_eq(reply.counter, 4611686018427387905);
    define("0", "9223372036854775807");
    reply = reserve(G1, INT64_MAX);
    cr_expect_eq(reply.outcome, RESERVE_OK);
    cr_expect_eq(reply.counter, 9223372036854775807);
    reply = reserve(G1, 1);
    cr_expect_eq(reply.outcome, RESERVE_LIMIT);
    cr_expect_eq(reply.counter, 9223372036854775807);
}

Test(reserve_script, damaged_keys_are_lost_and_left_as_they_are)
{
    static const char *const counters[] = {"x", "", "1.5", "9223372036854775808", " 1"};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        define(counters[i], "3");
        cr_expect_eq(reserve(G1, 2).outcome, RESERVE_LOST, "\"%s\"", counters[i]);
        expect_counter(counters[i]);
    }
    define("1", "1000");
    ASK("DEL", "{a}:next");
    ASK("LPUSH", "{a}:next", "1");
    cr_expect_eq(reserve(G1, 1).outcome, RESERVE_LOST);
    cr_expect_eq(reserve(G1, 0).outcome, RESERVE_LOST);
    expect_text(ASK("LRANGE", "{a}:next", "0", "-1"), "1");
    define("1", "1000");
    ASK("SET", "{a}", "text");
    cr_expect_eq(reserve(G1, 1).outcome, RESERVE_LOST);
    expect_counter("1");
}

Test(reserve_script, a_counter_below_0_is_lost)
{
    define("-5", "1000");
    cr_expect_eq(reserve(G1, 2).outcome, RESERVE_LOST);
    cr_expect_eq(reserve(G1, 0).outcome, RESERVE_LOST);
}

Test(reserve_script, a_damaged_definition_of_another_generation_is_lost)
{
    define("7", "1000"); /* it has no type, no increment, ... */
    cr_expect_eq(reserve(G2, 1).outcome, RESERVE_LOST);
    cr_expect_eq(reserve("", 0).outcome, RESERVE_LOST);
}

/* Else asking and being told "" would go on for ever. */
Test(reserve_script, a_definition_whose_generation_is_empty_is_lost)
{
    define("7", "1000");
    ASK("HSET", "{a}", "generation", "");
    cr_expect_eq(reserve("", 0).outcome, RESERVE_LOST);
    cr_expect_eq(reserve(G1, 1).outcome, RESERVE_LOST);
    expect_counter("7");
}

Test(reserve_script, after_script_flush_evalsha_is_unknown_and_eval_teaches_it_again)
{
    struct reservation reservation = reservation_of(G1, 1);
    struct reserve_reply parsed;
    define("0", "1000");
    freeReplyObject(send_reserve(&reservation, true));
    ASK("SCRIPT", "FLUSH");
    redisReply *reply = send_reserve(&reservation, false);
    cr_expect(redis_error_is_noscript(reply));
    freeReplyObject(reply);
    expect_counter("1");
    freeReplyObject(send_reserve(&reservation, true));
    reply = send_reserve(&reservation, false);
    cr_assert(reserve_parse(reply, &reservation, &parsed));
    cr_expect_eq(parsed.counter, 3);
    freeReplyObject(reply);
}

Test(reserve_script, a_reply_to_another_nonce_is_not_taken)
{
    struct reservation reservation = reservation_of(G1, 1);
    struct reserve_reply parsed;
    define("0", "1000");
    redisReply *reply = send_reserve(&reservation, true);
    reservation.nonce++;
    cr_expect_not(reserve_parse(reply, &reservation, &parsed));
    freeReplyObject(reply);
}

#define GIVE_BACK(end, count) RUN(give_back, "2", "{a}", "{a}:next", G1, end, count)

Test(reserve_script, the_end_of_a_block_goes_back_only_if_nobody_reserved_after_it)
{
    define("100", "1000");
    expect_text(GIVE_BACK("90", "5"), "0");
    expect_text(GIVE_BACK("101", "5"), "0");
    expect_counter("100");
    expect_text(GIVE_BACK("100", "5"), "1");
    expect_counter("95");
    expect_text(GIVE_BACK("100", "5"), "0");
    expect_counter("95");
}

Test(reserve_script, nothing_goes_back_into_another_generation_or_a_lost_counter)
{
    define("100", "1000");
    ASK("HSET", "{a}", "generation", G2);
    expect_text(GIVE_BACK("100", "5"), "0");
    expect_counter("100");
    define("100", "1000");
    ASK("DEL", "{a}:next");
    expect_text(GIVE_BACK("100", "5"), "0");
    expect_text(ASK("EXISTS", "{a}:next"), "0");
}

Test(reserve_script, what_goes_back_is_exact_near_the_end_of_int64)
{
    define("9223372036854775807", "9223372036854775807");
    expect_text(GIVE_BACK("9223372036854775806", "1"), "0");
    expect_text(GIVE_BACK("9223372036854775807", "2"), "1");
    expect_counter("9223372036854775805");
}

#define CHANGE(expected, test, bound)                                                              \
    RUN(change, "3", "{a}", "{a}:next", "owners", "channel", "a", "", "60", expected, test, bound, \
        "1", G2, "", "base", "5")

Test(reserve_script, a_change_that_needs_the_counter_equal_to_100_is_refused_at_99_and_101)
{
    define("100", "1000");
    expect_text(CHANGE(G1, "equal", "99"), "moved");
    expect_text(CHANGE(G1, "equal", "101"), "moved");
    expect_counter("100");
    expect_text(CHANGE(G1, "equal", "100"), "ok");
    expect_counter("1");
    expect_text(ASK("HGET", "{a}", "generation"), G2);
    expect_text(CHANGE(G1, "equal", "1"), "changed " G2);
}

Test(reserve_script, a_change_that_allows_at_most_100_is_refused_at_99_only)
{
    define("100", "1000");
    expect_text(CHANGE(G1, "at_most", "99"), "moved");
    expect_text(CHANGE(G1, "at_most", "9"), "moved");
    expect_text(CHANGE(G1, "at_most", "1000"), "ok");
    define("9223372036854775807", "9223372036854775807");
    expect_text(CHANGE(G1, "at_most", "9223372036854775806"), "moved");
    expect_text(CHANGE(G1, "at_most", "9223372036854775807"), "ok");
}

Test(reserve_script, a_lost_counter_takes_only_a_change_that_does_not_look_at_it)
{
    define("100", "1000");
    ASK("DEL", "{a}:next");
    expect_text(CHANGE(G1, "equal", "100"), "lost");
    expect_text(CHANGE(G1, "at_most", "100"), "lost");
    expect_text(CHANGE(G1, "any", "0"), "ok");
    expect_counter("1");
}
