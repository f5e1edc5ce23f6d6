/*
 * nextval, setval, advance: literal values as PostgreSQL hands them out, at both ends
 * of int64, descending, cycling, and with numeric caches.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

TestSuite(values, .timeout = 60);

/* ---- walks: what nextval gives from the start ---- */

struct walk {
    const char *body;
    int count;
    int64_t values[12];
    const char *end; /* PostgreSQL's text of the nextval behind them, or NULL */
};

static const struct walk walks[] = {
    {"{'name': 'm', 'max_value': 3}",
     3,
     {1, 2, 3},
     "nextval: reached maximum value of sequence \"m\" (3)"},
    {"{'name': 'm', 'increment': -1, 'min_value': -3}",
     3,
     {-1, -2, -3},
     "nextval: reached minimum value of sequence \"m\" (-3)"},
    {"{'name': 'm', 'type': 'smallint', 'increment': 100000}",
     1,
     {1},
     "nextval: reached maximum value of sequence \"m\" (32767)"},
    {"{'name': 'm', 'start': 9223372036854775806}",
     2,
     {INT64_MAX - 1, INT64_MAX},
     "nextval: reached maximum value of sequence \"m\" (9223372036854775807)"},
    {"{'name': 'm', 'increment': -1, 'start': -9223372036854775807}",
     2,
     {INT64_MIN + 1, INT64_MIN},
     "nextval: reached minimum value of sequence \"m\" (-9223372036854775808)"},
    {"{'name': 'm', 'increment': 9223372036854775807, 'min_value': -9223372036854775808}",
     3,
     {INT64_MIN, -1, 9223372036854775806},
     "nextval: reached maximum value of sequence \"m\" (9223372036854775807)"},
    {"{'name': 'm', 'start': 4611686018427387904}",
     2,
     {4611686018427387904, 4611686018427387905},
     NULL},
    {"{'name': 'm', 'start': 9007199254740992, 'cache': 1}",
     3,
     {9007199254740992, 9007199254740993, 9007199254740994},
     NULL},
    {"{'name': 'm', 'min_value': 5, 'max_value': 8, 'start': 7, 'cycle': true}",
     6,
     {7, 8, 5, 6, 7, 8},
     NULL},
    {"{'name': 'm', 'increment': -3, 'min_value': -7, 'max_value': 2, 'start': 0, 'cycle': true}",
     8,
     {0, -3, -6, 2, -1, -4, -7, 2},
     NULL},
    {"{'name': 'm', 'max_value': 5, 'cache': 3, 'cycle': true}",
     12,
     {1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2},
     NULL},
    {"{'name': 'm', 'increment': -2, 'min_value': -5, 'max_value': 4, 'cache': 4, 'cycle': true}",
     12,
     {4, 2, 0, -2, -4, 4, 2, 0, -2, -4, 4, 2},
     NULL},
    {"{'name': 'm', 'max_value': 3, 'cache': 100}",
     3,
     {1, 2, 3},
     "nextval: reached maximum value of sequence \"m\" (3)"},
    {"{'name': 'm', 'max_value': 3, 'cache': 100, 'cycle': true}", 7, {1, 2, 3, 1, 2, 3, 1}, NULL},
    {"{'name': 'm', 'increment': 7, 'min_value': 1, 'max_value': 20, 'cycle': true}",
     7,
     {1, 8, 15, 1, 8, 15, 1},
     NULL},
};

ServiceTest(values, nextval_walks_15_sequences_as_postgresql_does)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        const struct walk *walk = &walks[i];
        create(node, walk->body);
        for (int k = 0; k < walk->count; k++) {
            const int64_t value = nextval(node, "m");
            cr_assert_eq(value, walk->values[k], "%s: value %d is %" PRId64 ", not %" PRId64,
                         walk->body, k, value, walk->values[k]);
        }
        if (walk->end != NULL) {
            expect_problem(try_nextval(node, "m"), 409, "sequence_exhausted", "2200H", walk->end);
        }
        expect(drop(node, "/v1/sequences/m"), 204);
    }
}

ServiceTest(values, a_failed_nextval_changes_nothing_and_names_the_sequence)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'm', 'max_value': 3, 'cache': 1}");
    setval(node, "m", 3, true);
    struct reply *reply = try_nextval(node, "m");
    expect_problem(reply, 409, "sequence_exhausted", "2200H", NULL);
    cr_assert_str_eq(reply_text(reply, "sequence"), "m");
    reply = describe(node, "m");
    cr_assert_eq(reply_integer(reply, "last_value"), 3);
    cr_assert(reply_boolean(reply, "is_called"));
    cr_assert_eq(reply_integer(reply, "remaining"), 0);
}

/* ---- last_value is the end of the block ---- */

ServiceTest(values,
            after_one_nextval_with_cache_10_last_value_is_10_and_11_after_the_eleventh_is_20)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 10}");
    cr_assert_eq(nextval(node, "a"), 1);
    struct reply *reply = describe(node, "a");
    cr_assert_eq(reply_integer(reply, "last_value"), 10);
    cr_assert(reply_boolean(reply, "is_called"));
    cr_assert_eq(reply_integer(reply, "remaining"), 9223372036854775797);
    for (int64_t value = 2; value <= 10; value++) {
        cr_assert_eq(nextval(node, "a"), value);
    }
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 10);
    cr_assert_eq(nextval(node, "a"), 11);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 20);
}

ServiceTest(values, a_block_of_3_never_spans_the_wrap_at_5_so_last_value_is_3_5_3)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 5, 'cache': 3, 'cycle': true}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 3);
    cr_assert_eq(nextval(node, "a"), 2);
    cr_assert_eq(nextval(node, "a"), 3);
    cr_assert_eq(nextval(node, "a"), 4);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 5);
    cr_assert_eq(nextval(node, "a"), 5);
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 3);
}

ServiceTest(values, a_cache_of_100_over_3_values_reserves_3)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 3, 'cache': 100}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 3);
    cr_assert_eq(reply_integer(describe(node, "a"), "remaining"), 0);
}

ServiceTest(values, two_nodes_with_cache_10_hand_out_blocks_of_10)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'cache': 10}");
    cr_assert_eq(nextval(first, "a"), 1);
    cr_assert_eq(nextval(second, "a"), 11);
    cr_assert_eq(nextval(first, "a"), 2);
    cr_assert_eq(nextval(second, "a"), 12);
    cr_assert_eq(reply_integer(describe(first, "a"), "last_value"), 20);
}

/* ---- setval ---- */

ServiceTest(values, setval_50_gives_51_next_and_setval_60_uncalled_gives_60)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'max_value': 100, 'cache': 1}");
    struct reply *reply = setval(node, "s", 50, true);
    cr_assert_eq(reply_integer(reply, "value"), 50);
    cr_assert_eq(nextval(node, "s"), 51);
    cr_assert_eq(reply_integer(setval(node, "s", 60, false), "value"), 60);
    reply = describe(node, "s");
    cr_assert_eq(reply_integer(reply, "last_value"), 60);
    cr_assert(!reply_boolean(reply, "is_called"));
    cr_assert_eq(nextval(node, "s"), 60);
    cr_assert_eq(nextval(node, "s"), 61);
}

ServiceTest(values, setval_at_the_bound_100_leaves_none_or_when_uncalled_one)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'max_value': 100}");
    setval(node, "s", 100, true);
    expect_problem(try_nextval(node, "s"), 409, "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"s\" (100)");
    setval(node, "s", 100, false);
    cr_assert_eq(nextval(node, "s"), 100);
    expect(try_nextval(node, "s"), 409);
    setval(node, "s", 1, false);
    cr_assert_eq(nextval(node, "s"), 1);
}

ServiceTest(values, setval_is_not_held_to_the_grid_of_10)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'increment': 10}");
    cr_assert_eq(nextval(node, "s"), 1);
    setval(node, "s", 7, true);
    cr_assert_eq(nextval(node, "s"), 17);
    setval(node, "s", 9223372036854775800, true);
    expect(try_nextval(node, "s"), 409);
}

ServiceTest(values, setval_out_of_1_to_100_is_22003)
{
    static const struct {
        const char *body, *detail;
    } rows[] = {
        {"{'value': 0}", "setval: value 0 is out of bounds for sequence \"s\" (1..100)"},
        {"{'value': 101}", "setval: value 101 is out of bounds for sequence \"s\" (1..100)"},
        {"{'value': '-9223372036854775808'}",
         "setval: value -9223372036854775808 is out of bounds for sequence \"s\" (1..100)"},
        {"{'value': 101, 'is_called': false}",
         "setval: value 101 is out of bounds for sequence \"s\" (1..100)"},
        {"{'value': '9223372036854775808'}",
         "value \"9223372036854775808\" is out of range for type bigint"},
        {"{'value': -9223372036854775809}",
         "value \"-9223372036854775809\" is out of range for type bigint"},
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'max_value': 100}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_problem(post(node, rows[i].body, "/v1/sequences/s/setval"), 422,
                       "value_out_of_bounds", "22003", rows[i].detail);
    }
    cr_assert_eq(nextval(node, "s"), 1);
}

ServiceTest(values, setval_drops_the_rest_of_the_block_of_this_node)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'cache': 10}");
    cr_assert_eq(nextval(node, "s"), 1);
    setval(node, "s", 500, true);
    cr_assert_eq(nextval(node, "s"), 501);
    cr_assert_eq(reply_integer(describe(node, "s"), "last_value"), 510);
}

/* ---- advance: setval to the greatest of last_value and value ---- */

static void expect_advance(const struct node *node, const char *value, int64_t last, bool advanced)
{
    char body[64];
    snprintf(body, sizeof body, "{'value': %s}", value);
    struct reply *reply = expect(post(node, body, "/v1/sequences/s/advance"), 200);
    cr_assert_eq(reply_integer(reply, "value"), last, "advance %s: %s", value, reply->body);
    cr_assert_eq(reply_boolean(reply, "advanced"), advanced, "advance %s: %s", value, reply->body);
}

ServiceTest(values, advance_to_1000_goes_on_at_1001_and_never_back)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'cache': 1}");
    cr_assert_eq(nextval(node, "s"), 1);
    expect_advance(node, "1000", 1000, true);
    struct reply *reply = describe(node, "s");
    cr_assert_eq(reply_integer(reply, "last_value"), 1000);
    cr_assert(reply_boolean(reply, "is_called"));
    expect_advance(node, "1000", 1000, false);
    expect_advance(node, "5", 1000, false);
    cr_assert_eq(nextval(node, "s"), 1001);
    expect_advance(node, "1000", 1001, false);
    expect_advance(node, "'1001'", 1001, false);
    cr_assert_eq(nextval(node, "s"), 1002);
}

ServiceTest(values, advance_of_a_descending_sequence_by_10_goes_to_minus_55_and_on_at_minus_65)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'increment': -10, 'cache': 1}");
    cr_assert_eq(nextval(node, "s"), -1);
    expect_advance(node, "-55", -55, true);
    expect_advance(node, "-54", -55, false);
    cr_assert_eq(nextval(node, "s"), -65);
}

ServiceTest(values, advance_of_an_unused_sequence_uses_up_its_start_20_but_not_what_lies_before)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'start': 20, 'cache': 1}");
    expect_advance(node, "19", 20, false);
    cr_assert(!reply_boolean(describe(node, "s"), "is_called"));
    expect_advance(node, "20", 20, true);
    cr_assert_eq(nextval(node, "s"), 21);
}

ServiceTest(values, advance_inside_a_block_of_100_hands_out_nothing_up_to_50_again)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'cache': 100}");
    cr_assert_eq(nextval(node, "s"), 1);
    struct reply *reply = expect(post(node, "{'value': 50}", "/v1/sequences/s/advance"), 200);
    cr_assert_eq(reply_integer(reply, "value"), 100);
    cr_assert_gt(nextval(node, "s"), 50);
    expect_advance(node, "4611686018427387904", 4611686018427387904, true);
    cr_assert_eq(nextval(node, "s"), 4611686018427387905);
}

ServiceTest(values, advance_past_max_100_is_22003_and_to_100_leaves_none)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 's', 'max_value': 100}");
    expect_problem(post(node, "{'value': 101}", "/v1/sequences/s/advance"), 422,
                   "value_out_of_bounds", "22003", NULL);
    cr_assert_eq(nextval(node, "s"), 1);
    expect_advance(node, "100", 100, true);
    expect_problem(try_nextval(node, "s"), 409, "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"s\" (100)");
}

/* ---- how values are written ---- */

ServiceTest(values, int64_string_writes_2_to_the_62_as_text)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'start': 4611686018427387904, 'cache': 1}");
    struct reply *reply = expect(post(node, NULL, "/v1/sequences/a/nextval?int64=string"), 200);
    cr_assert_str_eq(reply_text(reply, "value"), "4611686018427387904");
    reply = expect(post(node, "{'count': 2}", "/v1/sequences/a/range?int64=string"), 200);
    cr_assert_str_eq(reply_text(reply, "ranges.0.first"), "4611686018427387905");
    cr_assert_str_eq(reply_text(reply, "ranges.0.last"), "4611686018427387906");
    reply = expect(get(node, "/v1/sequences/a?int64=string"), 200);
    cr_assert_str_eq(reply_text(reply, "last_value"), "4611686018427387906");
    cr_assert_str_eq(reply_text(reply, "max_value"), "9223372036854775807");
    reply = expect(get(node, "/v1/sequences?int64=string"), 200);
    cr_assert_str_eq(reply_text(reply, "sequences.0.start"), "4611686018427387904");
    reply = post(node, "{'value': '9223372036854775807'}", "/v1/sequences/a/setval?int64=string");
    cr_assert_str_eq(reply_text(expect(reply, 200), "value"), "9223372036854775807");
}

ServiceTest(values, accept_text_plain_answers_the_bare_number_and_a_newline)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 5, 'cycle': true, 'cache': 1}");
    struct reply *reply = CALL(node, .method = "POST", .path = "/v1/sequences/a/nextval",
                               .accept = "text/plain", .session = "s1");
    cr_assert_str_eq(expect(reply, 200)->body, "1\n");
    cr_assert_eq(strncmp(reply_header(reply, "content-type"), "text/plain", 10), 0);
    cr_assert_not_null(reply_header(reply, "seq-generation"));
    reply =
        CALL(node, .path = "/v1/sequences/a/range", .body = "{'count': 6}", .accept = "text/plain");
    cr_assert_str_eq(expect(reply, 200)->body, "2 5\n1 2\n");
    reply = CALL(node, .path = "/v1/sequences/a/currval", .accept = "text/plain", .session = "s1");
    cr_assert_str_eq(expect(reply, 200)->body, "1\n");
    reply = CALL(node, .path = "/v1/sequences/a/setval", .body = "{'value': 3}",
                 .accept = "text/plain");
    cr_assert_str_eq(expect(reply, 200)->body, "3\n");
}
