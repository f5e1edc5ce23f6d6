/*
 * Changing sequences: ALTER's rules, RESTART, renaming, owners, generations, times
 * and DROP, with PostgreSQL's literal numbers and texts.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

TestSuite(alter, .timeout = 60);

struct refusal {
    const char *create;
    int64_t set;  /* setval to this first; 0: not */
    int nextvals; /* then so many nextvals */
    const char *patch, *detail;
};

static const struct refusal refusals[] = {
    {"{'name': 'a', 'cache': 1}", 0, 1, "{'restart': 0}",
     "RESTART value (0) cannot be less than MINVALUE (1)"},
    {"{'name': 'a', 'cache': 1, 'max_value': 10}", 0, 1, "{'restart': 11}",
     "RESTART value (11) cannot be greater than MAXVALUE (10)"},
    {"{'name': 'a', 'cache': 1}", 500, 0, "{'max_value': 100}",
     "RESTART value (500) cannot be greater than MAXVALUE (100)"},
    {"{'name': 'a', 'cache': 100}", 0, 1, "{'max_value': 50}",
     "RESTART value (100) cannot be greater than MAXVALUE (50)"},
    {"{'name': 'a', 'start': 10, 'cache': 1}", 0, 0, "{'min_value': 20}",
     "START value (10) cannot be less than MINVALUE (20)"},
    {"{'name': 'a', 'cache': 1}", 0, 2, "{'increment': -1, 'min_value': null, 'max_value': null}",
     "START value (1) cannot be greater than MAXVALUE (-1)"},
    {"{'name': 'a', 'max_value': 100000}", 0, 0, "{'type': 'smallint'}",
     "MAXVALUE (100000) is out of range for sequence data type smallint"},
    {"{'name': 'a', 'start': 40000}", 0, 0, "{'type': 'smallint'}",
     "START value (40000) cannot be greater than MAXVALUE (32767)"},
    {"{'name': 'a', 'cache': 1}", 40000, 0, "{'type': 'smallint'}",
     "RESTART value (40000) cannot be greater than MAXVALUE (32767)"},
    {"{'name': 'a'}", 0, 1, "{'cache': 0}", "CACHE (0) must be greater than zero"},
    {"{'name': 'a'}", 0, 1, "{'increment': 0}", "INCREMENT must not be zero"},
    {"{'name': 'a'}", 0, 0, "{'type': 'numeric'}",
     "sequence type must be smallint, integer, or bigint"},
};

static void advance_by(const struct node *node, int64_t set, int nextvals)
{
    if (set != 0) {
        setval(node, "a", set, true);
    }
    for (int i = 0; i < nextvals; i++) {
        nextval(node, "a");
    }
}

ServiceTest(alter, postgresql_refuses_12_changes_with_its_own_texts_and_nothing_has_changed)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];
        create(node, row->create);
        advance_by(node, row->set, row->nextvals);
        json_t *before = describe(node, "a")->json;
        expect_problem(patch(node, row->patch, "/v1/sequences/a"), 422, "invalid_parameter",
                       "22023", row->detail);
        struct reply *after = describe(node, "a");
        cr_assert(json_equal(before, after->json), "%s changed it: %s", row->patch, after->body);
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}

struct change {
    const char *create;
    int64_t set;
    int nextvals;
    const char *patch;
    int64_t next; /* the nextval behind it */
};

static const struct change changes[] = {
    /* from the block's end, by the new increment */
    {"{'name': 'a', 'start': 1000, 'cache': 20}", 0, 1, "{'increment': 5}", 1024},
    /* even the same cache drops the unused rest of the block */
    {"{'name': 'a', 'cache': 10}", 0, 2, "{'cache': 10}", 11},
    /* START alone is for a later RESTART */
    {"{'name': 'a', 'cache': 1}", 0, 3, "{'start': 50}", 4},
    {"{'name': 'a', 'cache': 1}", 0, 3, "{'start': 50, 'restart': true}", 50},
    {"{'name': 'a', 'cache': 1, 'start': 7}", 0, 3, "{'restart': true}", 7},
    {"{'name': 'a', 'cache': 10, 'start': 7}", 0, 3, "{'restart': true}", 7},
    {"{'name': 'a', 'cache': 1}", 0, 3, "{'restart': 30}", 30},
    {"{'name': 'a', 'cache': 1}", 0, 3, "{'restart': '9223372036854775807'}", INT64_MAX},
    {"{'name': 'a', 'cache': 1}", 40000, 0, "{'type': 'smallint', 'restart': 30}", 30},
    {"{'name': 'a', 'cache': 1}", 0, 2, "{'increment': -1}", 1},
    {"{'name': 'a', 'cache': 1}", 0, 2,
     "{'increment': -1, 'min_value': null, 'max_value': null, 'start': -1, 'restart': true}", -1},
    {"{'name': 'a', 'cache': 1}", 0, 5, "{'min_value': -100}", 6},
    {"{'name': 'a', 'cache': 1, 'max_value': 3}", 0, 3, "{'max_value': 5}", 4},
    {"{'name': 'a', 'cache': 1, 'max_value': 3}", 0, 3, "{'cycle': true}", 1},
    {"{'name': 'a', 'cache': 1}", 0, 0, "{'increment': 10}", 1},
};

ServiceTest(alter, the_next_value_after_15_changes_is_postgresqls)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const struct change *row = &changes[i];
        create(node, row->create);
        advance_by(node, row->set, row->nextvals);
        expect(patch(node, row->patch, "/v1/sequences/a"), 200);
        const int64_t next = nextval(node, "a");
        cr_assert_eq(next, row->next, "%s %s: %" PRId64 " is not %" PRId64, row->create, row->patch,
                     next, row->next);
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}

ServiceTest(alter, a_change_of_direction_keeps_the_bounds_1_to_max_so_1_is_the_last)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    struct reply *reply = expect(patch(node, "{'increment': -1}", "/v1/sequences/a"), 200);
    cr_assert_eq(reply_integer(reply, "min_value"), 1);
    cr_assert_eq(reply_integer(reply, "max_value"), INT64_MAX);
    cr_assert_eq(nextval(node, "a"), 1);
    expect_problem(try_nextval(node, "a"), 409, "sequence_exhausted", "2200H",
                   "nextval: reached minimum value of sequence \"a\" (1)");
}

static const struct {
    const char *create, *patch;
    int64_t min_value, max_value;
} bounds[] = {
    {"{'name': 'a', 'type': 'integer'}", "{'type': 'bigint'}", 1, INT64_MAX},
    {"{'name': 'a', 'type': 'integer'}", "{'type': 'smallint'}", 1, 32767},
    {"{'name': 'a', 'type': 'integer', 'increment': -1}", "{'type': 'bigint'}", INT64_MIN, -1},
    {"{'name': 'a', 'type': 'integer', 'max_value': 100}", "{'type': 'bigint'}", 1, 100},
    {"{'name': 'a', 'max_value': 100000}", "{'type': 'smallint', 'max_value': null}", 1, 32767},
    {"{'name': 'a', 'max_value': 100}", "{'max_value': null}", 1, INT64_MAX},
    {"{'name': 'a', 'min_value': -100, 'start': 1}", "{'min_value': null}", 1, INT64_MAX},
};

ServiceTest(alter, a_bound_at_the_old_types_limit_follows_the_new_type_in_7_cases)
{
    const struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        create(node, bounds[i].create);
        struct reply *reply = expect(patch(node, bounds[i].patch, "/v1/sequences/a"), 200);
        cr_assert_eq(reply_integer(reply, "min_value"), bounds[i].min_value, "%s", reply->what);
        cr_assert_eq(reply_integer(reply, "max_value"), bounds[i].max_value, "%s", reply->what);
        expect(drop(node, "/v1/sequences/a"), 204);
    }
}

ServiceTest(alter, a_restart_shows_last_value_7_and_is_called_false_and_null_owner_after_none)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'start': 7, 'cache': 1, 'owned_by': 'users.id'}");
    cr_assert_eq(nextval(node, "a"), 7);
    cr_assert_eq(nextval(node, "a"), 8);
    struct reply *reply = expect(patch(node, "{'restart': true}", "/v1/sequences/a"), 200);
    cr_assert_eq(reply_integer(reply, "last_value"), 7);
    cr_assert(!reply_boolean(reply, "is_called"));
    cr_assert_str_eq(reply_text(reply, "owned_by"), "users.id");
    reply = expect(patch(node, "{'owned_by': null}", "/v1/sequences/a"), 200);
    cr_assert(reply_null(reply, "owned_by"));
}

ServiceTest(alter, an_exhausted_sequence_goes_on_at_4_exactly_where_it_stopped)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'max_value': 3, 'cache': 10}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    cr_assert_eq(nextval(node, "a"), 3);
    for (int i = 0; i < 5; i++) {
        expect_problem(try_nextval(node, "a"), 409, "sequence_exhausted", "2200H",
                       "nextval: reached maximum value of sequence \"a\" (3)");
    }
    expect(patch(node, "{'max_value': 5}", "/v1/sequences/a"), 200);
    cr_assert_eq(nextval(node, "a"), 4);
    cr_assert_eq(nextval(node, "a"), 5);
    expect_problem(try_nextval(node, "a"), 409, "sequence_exhausted", "2200H",
                   "nextval: reached maximum value of sequence \"a\" (5)");
}

/* ---- names ---- */

ServiceTest(alter, a_renamed_sequence_goes_on_at_3_under_its_new_name_only)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    struct reply *reply = expect(patch(node, "{'name': 'b'}", "/v1/sequences/a"), 200);
    cr_assert_str_eq(reply_text(reply, "name"), "b");
    cr_assert_eq(nextval(node, "b"), 3);
    expect_problem(try_nextval(node, "a"), 404, "sequence_not_found", "42P01",
                   "relation \"a\" does not exist");
    cr_assert_str_eq(reply_text(describe(node, "b"), "name"), "b");
    reply = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(json_array_size(reply_member(reply, "sequences")), 1);
    cr_assert_str_eq(reply_text(reply, "sequences.0.name"), "b");
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
}

ServiceTest(alter, a_rename_to_a_name_in_use_is_42P07_and_changes_nothing)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'al', 'cache': 1}");
    create(node, "{'name': 'al2', 'cache': 1, 'start': 100}");
    expect_problem(patch(node, "{'name': 'al2'}", "/v1/sequences/al"), 409, "sequence_exists",
                   "42P07", "relation \"al2\" already exists");
    cr_assert_eq(nextval(node, "al"), 1);
    cr_assert_eq(nextval(node, "al2"), 100);
    expect_problem(patch(node, "{'name': 'a b'}", "/v1/sequences/al"), 400, "invalid_name", "42602",
                   NULL);
}

ServiceTest(alter, a_rename_is_seen_by_a_second_node_that_holds_a_block_of_100)
{
    struct redis *redis = redis_start(NULL);
    const struct node *first = node_start_ready(redis, NULL);
    const struct node *second = node_start_ready(redis, NULL);
    create(first, "{'name': 'a', 'cache': 100}");
    cr_assert_eq(nextval(second, "a"), 1);
    expect(patch(first, "{'name': 'b'}", "/v1/sequences/a"), 200);
    EVENTUALLY(try_nextval(second, "a")->status == 404, 5000);
    cr_assert_gt(nextval(second, "b"), 1);
}

/* ---- generations and times ---- */

static bool changes_generation(const struct node *node, const char *body)
{
    char before[128];
    snprintf(before, sizeof before, "%s", reply_text(describe(node, "a"), "generation"));
    expect(patch(node, body, "/v1/sequences/a"), 200);
    return strcmp(before, reply_text(describe(node, "a"), "generation")) != 0;
}

ServiceTest(alter, setval_restart_and_every_change_of_the_numbers_start_a_generation)
{
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    struct reply *value = expect(try_nextval(node, "a"), 200);
    cr_assert_str_eq(reply_header(value, "seq-generation"),
                     reply_text(describe(node, "a"), "generation"));
    cr_assert(changes_generation(node, "{'restart': true}"));
    cr_assert(changes_generation(node, "{'restart': 5}"));
    cr_assert(changes_generation(node, "{'increment': 2}"));
    cr_assert(changes_generation(node, "{'max_value': 1000}"));
    cr_assert(changes_generation(node, "{'min_value': -1000}"));
    cr_assert(changes_generation(node, "{'cycle': true}"));
    struct reply *set = setval(node, "a", 7, true);
    cr_assert_str_neq(reply_header(value, "seq-generation"),
                      reply_text(describe(node, "a"), "generation"));
    cr_assert_str_eq(reply_header(set, "seq-generation"),
                     reply_text(describe(node, "a"), "generation"));
}

ServiceTest(alter, drop_and_create_again_is_another_generation_that_begins_at_1)
{
    const struct node *node = service_start(NULL);
    const char *first = reply_text(create(node, "{'name': 'a', 'cache': 100}"), "generation");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    struct reply *dropped = expect(drop(node, "/v1/sequences/a"), 204);
    cr_assert_eq(dropped->length, 0);
    expect(try_nextval(node, "a"), 404);
    struct reply *again = expect(drop(node, "/v1/sequences/a"), 404);
    cr_assert_str_eq(reply_text(again, "code"), "sequence_not_found");
    cr_assert_str_eq(reply_text(again, "sqlstate"), "42P01");
    cr_assert_not_null(strstr(reply_text(again, "detail"), "\"a\" does not exist"));
    cr_assert_str_neq(first, reply_text(create(node, "{'name': 'a'}"), "generation"));
    cr_assert_eq(nextval(node, "a"), 1);
}

static bool is_rfc3339_utc(const char *text)
{
    int year, month, day, hour, minute, end = 0;
    double second;
    return sscanf(text, "%4d-%2d-%2dT%2d:%2d:%lf%n", &year, &month, &day, &hour, &minute, &second,
                  &end) == 6 &&
           year >= 2024 && month <= 12 && day <= 31 && strcmp(text + end, "Z") == 0;
}

ServiceTest(alter, created_at_stays_and_updated_at_moves_in_rfc_3339_utc)
{
    const struct node *node = service_start(NULL);
    struct reply *created = create(node, "{'name': 'a'}");
    cr_assert(is_rfc3339_utc(reply_text(created, "created_at")), "%s", created->body);
    cr_assert(is_rfc3339_utc(reply_text(created, "updated_at")), "%s", created->body);
    cr_assert_str_eq(reply_text(created, "created_at"), reply_text(created, "updated_at"));
    struct reply *changed;
    EVENTUALLY((changed = expect(patch(node, "{'cache': 5}", "/v1/sequences/a"), 200),
                strcmp(reply_text(changed, "updated_at"), reply_text(created, "updated_at")) > 0),
               3000);
    cr_assert_str_eq(reply_text(changed, "created_at"), reply_text(created, "created_at"));
}
