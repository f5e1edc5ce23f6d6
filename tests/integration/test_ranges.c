/*
 * Many values at once: POST .../range and POST /v1/ranges. What is in the block comes
 * first, then what is reserved; exactly `count` values, or nothing is consumed.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

TestSuite(ranges, .timeout = 60);

struct span {
    int64_t first, last, count;
};

/* `expected` ends with a count of 0. Checks the members at `path` ("" or "results.0."). */
static void assert_spans(const struct reply *reply, const char *path, const struct span *expected)
{
    char member[64];
    size_t i = 0;
    for (; expected[i].count != 0; i++) {
        snprintf(member, sizeof member, "%sranges.%zu.first", path, i);
        cr_assert_eq(reply_integer(reply, member), expected[i].first, "%s: %s", member,
                     reply->body);
        snprintf(member, sizeof member, "%sranges.%zu.last", path, i);
        cr_assert_eq(reply_integer(reply, member), expected[i].last, "%s: %s", member, reply->body);
        snprintf(member, sizeof member, "%sranges.%zu.count", path, i);
        cr_assert_eq(reply_integer(reply, member), expected[i].count, "%s: %s", member,
                     reply->body);
    }
    snprintf(member, sizeof member, "%sranges", path);
    cr_assert_eq(json_array_size(reply_member(reply, member)), i, "%s", reply->body);
}

static struct reply *range(const struct node *node, const char *body)
{
    return expect(post(node, body, "/v1/sequences/r/range"), 200);
}

struct walk {
    const char *create;
    int nextvals;
    const char *range;
    int64_t count, increment;
    struct span spans[6];
    int64_t next; /* the nextval behind it; 0: exhausted */
};

static const struct walk walks[] = {
    {"{'name': 'r', 'cache': 1}", 0, "{'count': 3}", 3, 1, {{1, 3, 3}}, 4},
    {"{'name': 'r', 'cache': 1}", 2, "{'count': 1}", 1, 1, {{3, 3, 1}}, 4},
    {"{'name': 'r', 'cache': 1}", 0, "{'count': '5'}", 5, 1, {{1, 5, 5}}, 6},
    {"{'name': 'r', 'cache': 1, 'increment': 5, 'start': 10}",
     0,
     "{'count': 4}",
     4,
     5,
     {{10, 25, 4}},
     30},
    {"{'name': 'r', 'cache': 1, 'increment': -3}", 0, "{'count': 3}", 3, -3, {{-1, -7, 3}}, -10},
    {"{'name': 'r', 'cache': 10}", 3, "{'count': 5}", 5, 1, {{4, 8, 5}}, 9},
    {"{'name': 'r', 'cache': 1}",
     0,
     "{'count': 1000000000}",
     1000000000,
     1,
     {{1, 1000000000, 1000000000}},
     1000000001},
    {"{'name': 'r', 'cache': 1, 'max_value': 10}", 0, "{'count': 10}", 10, 1, {{1, 10, 10}}, 0},
    {"{'name': 'r', 'cache': 1, 'max_value': 10}",
     1,
     "{'count': 20, 'partial': true}",
     9,
     1,
     {{2, 10, 9}},
     0},
    {"{'name': 'r', 'cache': 4, 'max_value': 10}",
     9,
     "{'count': 20, 'partial': true}",
     1,
     1,
     {{10, 10, 1}},
     0},
    {"{'name': 'r', 'cache': 1, 'start': 9223372036854775806}",
     0,
     "{'count': 2}",
     2,
     1,
     {{INT64_MAX - 1, INT64_MAX, 2}},
     0},
    {"{'name': 'r', 'cache': 1, 'increment': -1, 'start': -9223372036854775807}",
     0,
     "{'count': 5, 'partial': true}",
     2,
     -1,
     {{INT64_MIN + 1, INT64_MIN, 2}},
     0},
    /* a range goes on behind the wrap as another one */
    {"{'name': 'r', 'cache': 1, 'max_value': 5, 'start': 4, 'cycle': true}",
     0,
     "{'count': 4}",
     4,
     1,
     {{4, 5, 2}, {1, 2, 2}},
     3},
    {"{'name': 'r', 'cache': 1, 'max_value': 3, 'cycle': true}",
     0,
     "{'count': 7}",
     7,
     1,
     {{1, 3, 3}, {1, 3, 3}, {1, 1, 1}},
     2},
    {"{'name': 'r', 'cache': 1, 'increment': -3, 'min_value': -7, 'max_value': 2, 'start': 0, "
     "'cycle': true}",
     0,
     "{'count': 8}",
     8,
     -3,
     {{0, -6, 3}, {2, -7, 4}, {2, 2, 1}},
     -1},
    {"{'name': 'r', 'cache': 1}",
     0,
     "{'count': 3, 'contiguous': true, 'partial': false}",
     3,
     1,
     {{1, 3, 3}},
     4},
};

ServiceTest(ranges, a_range_hands_out_exactly_its_count_in_16_cases)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        const struct walk *walk = &walks[i];
        create(node, walk->create);
        for (int k = 0; k < walk->nextvals; k++) {
            nextval(node, "r");
        }
        struct reply *reply = range(node, walk->range);
        cr_assert_eq(reply_integer(reply, "count"), walk->count, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "increment"), walk->increment, "%s", reply->what);
        assert_spans(reply, "", walk->spans);
        reply = expect(try_nextval(node, "r"), walk->next == 0 ? 409 : 200);
        if (walk->next != 0) {
            cr_assert_eq(reply_integer(reply, "value"), walk->next, "%s: %s", walk->create,
                         reply->what);
        }
        expect(drop(node, "/v1/sequences/r"), 204);
    }
}

ServiceTest(ranges, too_few_left_consumes_nothing_so_the_next_value_is_still_2)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'r', 'max_value': 10, 'cache': 3}");
    cr_assert_eq(nextval(node, "r"), 1);
    for (int i = 0; i < 3; i++) {
        expect_problem(post(node, "{'count': 10}", "/v1/sequences/r/range"), 409,
                       "sequence_exhausted", "2200H",
                       "nextval: reached maximum value of sequence \"r\" (10)");
    }
    cr_assert_eq(nextval(node, "r"), 2);
    struct reply *reply = range(node, "{'count': 8}");
    cr_assert_eq(reply_integer(reply, "count"), 8);
    expect_problem(post(node, "{'count': 1, 'partial': true}", "/v1/sequences/r/range"), 409,
                   "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"r\" (10)");
}

ServiceTest(ranges,
            a_range_of_15_takes_the_rest_2_to_10_and_goes_on_at_21_or_is_one_when_contiguous)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'r', 'cache': 10}");
    cr_assert_eq(nextval(first, "r"), 1);
    cr_assert_eq(nextval(second, "r"), 11);
    assert_spans(range(first, "{'count': 15}"), "",
                 (const struct span[]){{2, 10, 9}, {21, 26, 6}, {0, 0, 0}});
    struct reply *reply = range(second, "{'count': 15, 'contiguous': true}");
    cr_assert_eq(json_array_size(reply_member(reply, "ranges")), 1);
    const int64_t start = reply_integer(reply, "ranges.0.first");
    cr_assert_geq(start, 12);
    cr_assert_eq(reply_integer(reply, "ranges.0.last"), start + 14);
    cr_assert_eq(reply_integer(reply, "ranges.0.count"), 15);
    assert_spans(range(first, "{'count': 4}"), "", (const struct span[]){{27, 30, 4}, {0, 0, 0}});
}

ServiceTest(ranges, counts_outside_1_to_a_billion_and_malformed_bodies_are_refused)
{
    static const char *const bodies[] = {
        "{'count': 0}",
        "{'count': -1}",
        "{'count': 1000000001}",
        "{'count': 1.0}",
        "{'count': 1e3}",
        "{'count': 'ten'}",
        "{'count': null}",
        "{'count': true}",
        "{'count': 9223372036854775808}",
        "{'count': 1, 'x': 1}",
        "{}",
        "{'count': 1, 'partial': 1}",
        "{'count': 1, 'contiguous': 'yes'}",
        "{'count': [1]}",
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'r'}");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct reply *reply = post(node, bodies[i], "/v1/sequences/r/range");
        cr_assert(reply->status == 400 || reply->status == 422, "%s: %s", bodies[i], reply->what);
    }
    cr_assert_eq(nextval(node, "r"), 1);
}

/* ---- several sequences in one call ---- */

ServiceTest(ranges, one_call_takes_3_of_one_2_of_another_and_says_what_is_missing)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    create(node, "{'name': 's.b', 'cache': 1, 'increment': -2}");
    create(node, "{'name': 'c', 'cache': 1, 'max_value': 2}");
    struct reply *reply = expect(post(node,
                                      "{'ranges': [{'sequence': 'a', 'count': 3},"
                                      " {'sequence': 'nosuch', 'count': 1},"
                                      " {'sequence': 's.b', 'count': 2},"
                                      " {'sequence': 'a', 'count': 1},"
                                      " {'sequence': 'c', 'count': 5},"
                                      " {'sequence': 'c', 'count': 5, 'partial': true}]}",
                                      "/v1/ranges"),
                                 200);
    cr_assert_eq(json_array_size(reply_member(reply, "results")), 6);
    assert_spans(reply, "results.0.", (const struct span[]){{1, 3, 3}, {0, 0, 0}});
    cr_assert_eq(reply_integer(reply, "results.0.count"), 3);
    cr_assert_eq(reply_integer(reply, "results.0.increment"), 1);
    cr_assert_str_eq(reply_text(reply, "results.1.sequence"), "nosuch");
    cr_assert_str_eq(reply_text(reply, "results.1.error.code"), "sequence_not_found");
    cr_assert_eq(reply_integer(reply, "results.1.error.status"), 404);
    cr_assert_str_eq(reply_text(reply, "results.2.sequence"), "s.b");
    assert_spans(reply, "results.2.", (const struct span[]){{-1, -3, 2}, {0, 0, 0}});
    assert_spans(reply, "results.3.", (const struct span[]){{4, 4, 1}, {0, 0, 0}});
    cr_assert_str_eq(reply_text(reply, "results.4.error.code"), "sequence_exhausted");
    cr_assert_str_eq(reply_text(reply, "results.4.error.sqlstate"), "2200H");
    assert_spans(reply, "results.5.", (const struct span[]){{1, 2, 2}, {0, 0, 0}});
}

/* {'ranges': [{...} count times]} */
static const char *many(int count)
{
    static char body[16384];
    size_t used = (size_t)snprintf(body, sizeof body, "{'ranges': [");
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(body + used, sizeof body - used,
                                 "%s{'sequence': 'a', 'count': 10}", i == 0 ? "" : ", ");
    }
    snprintf(body + used, sizeof body - used, "]}");
    return body;
}

ServiceTest(ranges, one_call_takes_100_ranges_of_10_but_not_0_or_101)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    struct reply *reply = expect(post(node, many(100), "/v1/ranges"), 200);
    assert_spans(reply, "results.0.", (const struct span[]){{1, 10, 10}, {0, 0, 0}});
    assert_spans(reply, "results.99.", (const struct span[]){{991, 1000, 10}, {0, 0, 0}});
    reply = post(node, many(0), "/v1/ranges");
    cr_assert(reply->status == 400 || reply->status == 422, "%s", reply->what);
    reply = post(node, many(101), "/v1/ranges");
    cr_assert(reply->status == 400 || reply->status == 422, "%s", reply->what);
    cr_assert_eq(nextval(node, "a"), 1001);
}

ServiceTest(ranges, a_malformed_member_of_many_is_refused_or_told_and_never_handed_out)
{
    static const char *const bodies[] = {
        "{'ranges': {}}",
        "{'ranges': [1]}",
        "{'ranges': [{'count': 1}]}",
        "{'ranges': [{'sequence': 'a'}]}",
        "{'ranges': [{'sequence': 'a', 'count': 1, 'colour': 'red'}]}",
        "{'ranges': [{'sequence': 7, 'count': 1}]}",
        "{'sequences': []}",
        "[]",
    };
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct reply *reply = post(node, bodies[i], "/v1/ranges");
        cr_assert(reply->status == 400, "%s: %s", bodies[i], reply->what);
    }
    cr_assert_eq(nextval(node, "a"), 1);
}
