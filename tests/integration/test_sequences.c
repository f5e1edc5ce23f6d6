/*
 * Creating, describing and listing sequences: PostgreSQL's defaults, its checks in
 * its order, with its messages and SQLSTATEs. The literal numbers and texts are
 * what PostgreSQL 15 to 18 answer.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

TestSuite(sequences, .timeout = 60);

struct defaults {
    const char *body, *type;
    int64_t start, increment, min_value, max_value, remaining;
};

static const struct defaults defaults[] = {
    {"{'name': 'a'}", "bigint", 1, 1, 1, INT64_MAX, INT64_MAX},
    {"{'name': 'a', 'type': 'smallint'}", "smallint", 1, 1, 1, 32767, 32767},
    {"{'name': 'a', 'type': 'integer'}", "integer", 1, 1, 1, 2147483647, 2147483647},
    {"{'name': 'a', 'type': 'bigint', 'increment': 2}", "bigint", 1, 2, 1, INT64_MAX,
     4611686018427387904},
    {"{'name': 'a', 'type': 'smallint', 'increment': -1}", "smallint", -1, -1, -32768, -1, 32768},
    {"{'name': 'a', 'type': 'integer', 'increment': -1}", "integer", -1, -1, -2147483648, -1,
     2147483648},
    {"{'name': 'a', 'increment': -1}", "bigint", -1, -1, INT64_MIN, -1, INT64_MAX},
    {"{'name': 'a', 'min_value': -9223372036854775808}", "bigint", INT64_MIN, 1, INT64_MIN,
     INT64_MAX, INT64_MAX},
    {"{'name': 'a', 'min_value': null, 'max_value': null, 'owned_by': null}", "bigint", 1, 1, 1,
     INT64_MAX, INT64_MAX},
    {"{'name': 'a', 'start': 20, 'increment': 5, 'min_value': 10, 'max_value': 100}", "bigint", 20,
     5, 10, 100, 17},
    {"{'name': 'a', 'start': '20', 'increment': '-5', 'min_value': '-10', 'max_value': '100'}",
     "bigint", 20, -5, -10, 100, 7},
    {"{'name': 'a', 'min_value': 10}", "bigint", 10, 1, 10, INT64_MAX, 9223372036854775798},
    {"{'name': 'a', 'increment': -3, 'max_value': 10, 'min_value': 1}", "bigint", 10, -3, 1, 10, 4},
    {"{'name': 'a', 'type': 'smallint', 'increment': 100000}", "smallint", 1, 100000, 1, 32767, 1},
    {"{'name': 'a', 'increment': 9223372036854775807, 'min_value': -9223372036854775808}", "bigint",
     INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, 3},
    {"{'name': 'a', 'increment': -9223372036854775808, 'min_value': -9223372036854775808, "
     "'max_value': 9223372036854775807}",
     "bigint", INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX, 2},
};

ServiceTest(sequences, a_new_sequence_has_postgresqls_defaults_for_16_definitions)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const struct defaults *row = &defaults[i];
        struct reply *reply = create(node, row->body);
        cr_assert_str_eq(reply_text(reply, "name"), "a", "%s", row->body);
        cr_assert_str_eq(reply_text(reply, "type"), row->type, "%s", row->body);
        cr_assert_eq(reply_integer(reply, "start"), row->start, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "increment"), row->increment, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "min_value"), row->min_value, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "max_value"), row->max_value, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "remaining"), row->remaining, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "last_value"), row->start, "%s", reply->what);
        cr_assert(!reply_boolean(reply, "is_called"), "%s", reply->what);
        const int64_t value = nextval(node, "a");
        cr_assert_eq(value, row->start, "%s: %" PRId64, row->body, value);
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}

ServiceTest(sequences, an_absent_cache_is_auto_and_an_absent_cycle_false)
{
    const struct node *node = service_start(NULL);
    struct reply *reply = create(node, "{'name': 'a'}");
    cr_assert_str_eq(reply_text(reply, "cache"), "auto");
    cr_assert(!reply_boolean(reply, "cycle"));
    cr_assert(reply_null(reply, "owned_by"));
    cr_assert_str_eq(
        reply_text(create(node, "{'name': 'b', 'cache': 'auto', 'cycle': false}"), "cache"),
        "auto");
}

ServiceTest(sequences, cache_10_cycle_and_owner_are_kept_and_a_cycle_has_no_remaining)
{
    const struct node *node = service_start(NULL);
    struct reply *reply =
        create(node, "{'name': 'a', 'cache': 10, 'cycle': true, 'owned_by': 'users.id'}");
    cr_assert_eq(reply_integer(reply, "cache"), 10);
    cr_assert(reply_boolean(reply, "cycle"));
    cr_assert_str_eq(reply_text(reply, "owned_by"), "users.id");
    cr_assert(reply_null(reply, "remaining"));
}

ServiceTest(sequences, the_flag_default_cache_20_is_what_an_absent_cache_means)
{
    const struct node *node = service_start(FLAGS("--default-cache", "20"));
    cr_assert_eq(reply_integer(create(node, "{'name': 'a'}"), "cache"), 20);
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(reply_integer(describe(node, "a"), "last_value"), 20);
}

ServiceTest(sequences, the_reply_has_a_location_and_what_a_get_answers)
{
    const struct node *node = service_start(NULL);
    struct reply *created = create(node, "{'name': 'shop.orders_id', 'cache': 1}");
    const char *location = reply_header(created, "location");
    cr_assert_not_null(location);
    cr_assert_str_eq(location, "/v1/sequences/shop.orders_id");
    struct reply *read = expect(get(node, "%s", location), 200);
    cr_assert(json_equal(created->json, read->json), "%s %s", created->body, read->body);
    cr_assert_str_eq(reply_header(read, "content-type"), "application/json");
}

struct refusal {
    const char *body, *sqlstate, *detail;
};

static const struct refusal refusals[] = {
    {"{'name': 'a', 'increment': 0}", "22023", "INCREMENT must not be zero"},
    {"{'name': 'a', 'cache': 0}", "22023", "CACHE (0) must be greater than zero"},
    {"{'name': 'a', 'cache': -5}", "22023", "CACHE (-5) must be greater than zero"},
    {"{'name': 'a', 'min_value': 5, 'max_value': 5}", "22023",
     "MINVALUE (5) must be less than MAXVALUE (5)"},
    {"{'name': 'a', 'max_value': 0}", "22023", "MINVALUE (1) must be less than MAXVALUE (0)"},
    {"{'name': 'a', 'increment': -1, 'min_value': 0}", "22023",
     "MINVALUE (0) must be less than MAXVALUE (-1)"},
    {"{'name': 'a', 'start': 0}", "22023", "START value (0) cannot be less than MINVALUE (1)"},
    {"{'name': 'a', 'start': 11, 'max_value': 10}", "22023",
     "START value (11) cannot be greater than MAXVALUE (10)"},
    {"{'name': 'a', 'increment': -1, 'start': 1}", "22023",
     "START value (1) cannot be greater than MAXVALUE (-1)"},
    {"{'name': 'a', 'type': 'smallint', 'max_value': 32768}", "22023",
     "MAXVALUE (32768) is out of range for sequence data type smallint"},
    {"{'name': 'a', 'type': 'integer', 'min_value': -2147483649}", "22023",
     "MINVALUE (-2147483649) is out of range for sequence data type integer"},
    {"{'name': 'a', 'type': 'text'}", "22023",
     "sequence type must be smallint, integer, or bigint"},
    /* the order of the checks: the first of PostgreSQL's order wins */
    {"{'name': 'a', 'cache': 0, 'increment': 0, 'type': 'text'}", "22023",
     "sequence type must be smallint, integer, or bigint"},
    {"{'name': 'a', 'cache': 0, 'increment': 0, 'start': 0}", "22023",
     "INCREMENT must not be zero"},
    {"{'name': 'a', 'type': 'smallint', 'min_value': -40000, 'max_value': 40000}", "22023",
     "MAXVALUE (40000) is out of range for sequence data type smallint"},
    {"{'name': 'a', 'cache': 0, 'start': 0}", "22023",
     "START value (0) cannot be less than MINVALUE (1)"},
};

ServiceTest(sequences, postgresql_refuses_16_definitions_with_its_own_texts)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];
        expect_problem(post(node, row->body, "/v1/sequences"), 422, "invalid_parameter",
                       row->sqlstate, row->detail);
    }
    expect(get(node, "/v1/sequences/a"), 404);
}

ServiceTest(sequences, a_number_past_int64_is_22003)
{
    static const char *const bodies[] = {
        "{'name': 'a', 'start': '9223372036854775808'}",
        "{'name': 'a', 'max_value': '9223372036854775808'}",
        "{'name': 'a', 'start': 9223372036854775808}",
    };
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        expect_problem(post(node, bodies[i], "/v1/sequences"), 422, "value_out_of_bounds", "22003",
                       "value \"9223372036854775808\" is out of range for type bigint");
    }
}

ServiceTest(sequences, a_name_in_use_is_42P07_but_an_option_error_comes_first)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a_big'}");
    struct reply *reply =
        expect_problem(post(node, "{'name': 'a_big'}", "/v1/sequences"), 409, "sequence_exists",
                       "42P07", "relation \"a_big\" already exists");
    cr_assert_str_eq(reply_text(reply, "sequence"), "a_big");
    expect_problem(post(node, "{'name': 'a_big', 'cache': 0}", "/v1/sequences"), 422,
                   "invalid_parameter", "22023", "CACHE (0) must be greater than zero");
}

ServiceTest(sequences, if_not_exists_answers_200_with_the_first_one_before_any_option_check)
{
    const struct node *node = service_start(NULL);
    struct reply *first = create(node, "{'name': 'a', 'start': 5, 'if_not_exists': true}");
    struct reply *second = expect(
        post(node, "{'name': 'a', 'start': 9, 'if_not_exists': true}", "/v1/sequences"), 200);
    cr_assert_str_eq(reply_text(first, "generation"), reply_text(second, "generation"));
    cr_assert_eq(reply_integer(second, "start"), 5);
    expect(post(node, "{'name': 'a', 'increment': 0, 'if_not_exists': true}", "/v1/sequences"),
           200);
    cr_assert_eq(nextval(node, "a"), 5);
}

ServiceTest(sequences, public_a_is_a_and_shown_as_a_and_case_matters)
{
    const struct node *node = service_start(NULL);
    cr_assert_str_eq(reply_text(create(node, "{'name': 'public.a', 'cache': 1}"), "name"), "a");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "public.a"), 2);
    cr_assert_eq(nextval(node, "%61"), 3);
    expect_problem(get(node, "/v1/sequences/A"), 404, "sequence_not_found", "42P01",
                   "relation \"A\" does not exist");
    create(node, "{'name': 'A', 'start': 100}");
    cr_assert_eq(nextval(node, "A"), 100);
}

ServiceTest(sequences, a_missing_sequence_is_42P01_for_every_verb)
{
    static const struct {
        const char *method, *path, *body;
    } calls[] = {
        {"GET", "/v1/sequences/nosuchseq", NULL},
        {"PATCH", "/v1/sequences/nosuchseq", "{'cache': 1}"},
        {"POST", "/v1/sequences/nosuchseq/nextval", NULL},
        {"POST", "/v1/sequences/nosuchseq/range", "{'count': 1}"},
        {"POST", "/v1/sequences/nosuchseq/setval", "{'value': 1}"},
        {"POST", "/v1/sequences/nosuchseq/advance", "{'value': 1}"},
        {"GET", "/v1/sequences/nosuchseq/currval", NULL},
    };
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct reply *reply = CALL(node, .method = calls[i].method, .path = calls[i].path,
                                   .body = calls[i].body, .session = "s1");
        expect_problem(reply, 404, "sequence_not_found", "42P01",
                       "relation \"nosuchseq\" does not exist");
    }
}

/* ---- the list ---- */

static void assert_names(struct reply *reply, const char *const *names)
{
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        json_t *item = json_array_get(reply_member(reply, "sequences"), count);
        const char *name = json_string_value(json_object_get(item, "name"));
        cr_assert(name != NULL && strcmp(name, names[count]) == 0, "%zu is not %s: %s", count,
                  names[count], reply->body);
    }
    cr_assert_eq(json_array_size(reply_member(reply, "sequences")), count, "%s", reply->body);
}

static void create_named(const struct node *node, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        char body[128];
        snprintf(body, sizeof body, "{'name': '%s'}", names[i]);
        create(node, body);
    }
}

ServiceTest(sequences, a_list_of_7_by_prefix_in_pages_of_2_is_in_order_and_complete)
{
    const struct node *node = service_start(NULL);
    create_named(node, FLAGS("b4", "a1", "b2", "c.b1", "b1", "b5", "b3"));
    struct reply *reply = expect(get(node, "/v1/sequences?prefix=b&limit=2"), 200);
    assert_names(reply, FLAGS("b1", "b2"));
    cr_assert_eq(reply_integer(reply, "sequences.0.last_value"), 1);
    reply = expect(
        get(node, "/v1/sequences?prefix=b&limit=2&cursor=%s", reply_text(reply, "next_cursor")),
        200);
    assert_names(reply, FLAGS("b3", "b4"));
    reply = expect(
        get(node, "/v1/sequences?prefix=b&limit=2&cursor=%s", reply_text(reply, "next_cursor")),
        200);
    assert_names(reply, FLAGS("b5"));
    cr_assert(reply_null(reply, "next_cursor"));
    reply = expect(get(node, "/v1/sequences"), 200);
    assert_names(reply, FLAGS("a1", "b1", "b2", "b3", "b4", "b5", "c.b1"));
    cr_assert(reply_null(reply, "next_cursor"));
}

ServiceTest(sequences,
            a_list_skips_what_was_dropped_between_two_pages_and_an_empty_one_has_no_cursor)
{
    const struct node *node = service_start(NULL);
    struct reply *reply = expect(get(node, "/v1/sequences"), 200);
    assert_names(reply, (const char *const[]){NULL});
    cr_assert(reply_null(reply, "next_cursor"));
    create_named(node, FLAGS("b1", "b2", "b3", "b4"));
    reply = expect(get(node, "/v1/sequences?limit=2"), 200);
    expect(drop(node, "/v1/sequences/b2"), 204);
    expect(drop(node, "/v1/sequences/b3"), 204);
    create_named(node, FLAGS("a"));
    reply =
        expect(get(node, "/v1/sequences?limit=2&cursor=%s", reply_text(reply, "next_cursor")), 200);
    assert_names(reply, FLAGS("b4"));
    assert_names(expect(get(node, "/v1/sequences?prefix=zzz"), 200), (const char *const[]){NULL});
}

ServiceTest(sequences, a_list_limit_outside_1_to_1000_is_refused)
{
    static const char *const limits[] = {
        "0", "1001", "-1", "ten", "1.0", "", "9223372036854775808"};
    const struct node *node = service_start(NULL);
    expect(get(node, "/v1/sequences?limit=1"), 200);
    expect(get(node, "/v1/sequences?limit=1000"), 200);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct reply *reply = get(node, "/v1/sequences?limit=%s", limits[i]);
        cr_assert(reply->status == 400 || reply->status == 422, "%s", reply->what);
    }
}
