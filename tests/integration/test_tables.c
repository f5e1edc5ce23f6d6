/*
 * /v1/tables/{table}/serials, and what becomes of a table's sequences when the table or its
 * columns change: REST and SQL are two doors to the same.
 */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(tables, .timeout = 60);

#define A16 "aaaaaaaaaaaaaaaa"
#define A63 A16 A16 A16 "aaaaaaaaaaaaaaa"

static struct reply *add_serial(const struct node *node, const char *table, const char *body)
{
    return post(node, body, "/v1/tables/%s/serials", table);
}

static struct reply *list_serials(const struct node *node, const char *table)
{
    return expect(get(node, "/v1/tables/%s/serials", table), 200);
}

/* The serial columns of a table are these: "column:sequence:position ..." */
static void expect_serials(const struct node *node, const char *table, const char *due)
{
    char now[1024] = "";
    size_t length = 0;
    const struct reply *reply = list_serials(node, table);
    cr_assert_str_eq(reply_text(reply, "table"), table);
    for (size_t i = 0; i < reply_size(reply, "serials"); i++) {
        const json_t *serial = json_array_get(reply_member(reply, "serials"), i);
        length +=
            (size_t)snprintf(now + length, sizeof now - length, "%s%s:%s:%lld", i ? " " : "",
                             json_string_value(json_object_get(serial, "column")),
                             json_string_value(json_object_get(serial, "sequence")),
                             (long long)json_integer_value(json_object_get(serial, "position")));
    }
    cr_assert_str_eq(now, due, "%s", reply->what);
}

static void expect_missing(const struct node *node, const char *sequence)
{
    expect_problem(get(node, "/v1/sequences/%s", sequence), 404, "sequence_not_found", "42P01",
                   NULL);
}

ServiceTest(tables, a_serial_made_by_rest_is_a_bigserial_unless_it_says_otherwise)
{
    static const struct {
        const char *body, *type;
        int64_t max_value;
    } rows[] = {
        {"{'column': 'c0'}", "bigint", INT64_MAX},
        {"{'column': 'c1', 'type': 'smallserial'}", "smallint", INT16_MAX},
        {"{'column': 'c2', 'type': 'serial'}", "integer", INT32_MAX},
        {"{'column': 'c3', 'type': 'bigserial'}", "bigint", INT64_MAX},
        {"{'column': 'c4', 'type': 'serial2'}", "smallint", INT16_MAX},
        {"{'column': 'c5', 'type': 'serial4'}", "integer", INT32_MAX},
        {"{'column': 'c6', 'type': 'serial8'}", "bigint", INT64_MAX},
        {"{'column': 'c7', 'type': 'smallint'}", "smallint", INT16_MAX},
        {"{'column': 'c8', 'type': 'integer'}", "integer", INT32_MAX},
        {"{'column': 'c9', 'type': 'bigint', 'position': 1600}", "bigint", INT64_MAX},
    };
    struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[32], location[64], path[32];
        struct reply *reply = expect(add_serial(node, "t", rows[i].body), 201);
        snprintf(name, sizeof name, "t_c%zu_seq", i);
        snprintf(location, sizeof location, "/v1/sequences/%s", name);
        cr_assert_str_eq(reply_text(reply, "name"), name);
        cr_assert_str_eq(reply_header(reply, "location"), location);
        cr_assert_str_eq(reply_header(reply, "seq-generation"), reply_text(reply, "generation"));
        cr_assert_str_eq(reply_text(reply, "type"), rows[i].type);
        cr_assert_eq(reply_integer(reply, "max_value"), rows[i].max_value);
        cr_assert(json_equal(reply->json, describe(node, name)->json), "%s", reply->what);
        reply = list_serials(node, "t");
        snprintf(path, sizeof path, "serials.%zu.type", i);
        cr_assert_str_eq(reply_text(reply, path), rows[i].type);
        snprintf(path, sizeof path, "serials.%zu.position", i);
        cr_assert(i == 9 ? reply_integer(reply, path) == 1600 : reply_null(reply, path));
        snprintf(path, sizeof path, "serials.%zu.identity", i);
        cr_assert(reply_null(reply, path));
    }
}

ServiceTest(tables, what_makes_no_serial_is_refused_and_leaves_nothing_behind)
{
    static const struct {
        const char *table, *body;
        int status;
        const char *code, *sqlstate, *part;
    } rows[] = {
        {"t", "{}", 400, "invalid_request", "22023", "column"},
        {"t", "{'column': 5}", 400, "invalid_request", "22023", "column"},
        {"t", "{'column': 'a', 'colour': 1}", 400, "invalid_request", "22023", "colour"},
        {"t", "{'column': 'a', 'position': 'x'}", 400, "invalid_request", "22023", "position"},
        {"t", "{'column': 'a', 'type': 4}", 400, "invalid_request", "22023", "type"},
        {"t", "{'column': ''}", 400, "invalid_name", "42602", NULL},
        {"t", "{'column': 'a b'}", 400, "invalid_name", "42602", NULL},
        {"t", "{'column': 'a.b'}", 400, "invalid_name", "42602", NULL},
        {"t", "{'column': '" A63 "a'}", 400, "invalid_name", "42602", NULL},
        {"1t", "{'column': 'a'}", 400, "invalid_name", "42602", NULL},
        {"s.t.u", "{'column': 'a'}", 400, "invalid_name", "42602", NULL},
        {"t", "{'column': 'a', 'type': 'text'}", 422, "invalid_parameter", "22023", "text"},
        {"t", "{'column': 'a', 'type': 'SERIAL'}", 422, "invalid_parameter", "22023", "SERIAL"},
        {"t", "{'column': 'a', 'position': 0}", 422, "invalid_parameter", "22023", "position"},
        {"t", "{'column': 'a', 'position': -1}", 422, "invalid_parameter", "22023", "position"},
        {"t", "{'column': 'a', 'position': 1601}", 422, "invalid_parameter", "22023", "position"},
        {"t", "{'column': 'a', 'position': 9223372036854775808}", 422, "value_out_of_bounds",
         "22003", NULL},
    };
    struct node *node = service_start(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reply *reply = add_serial(node, rows[i].table, rows[i].body);
        expect_problem(reply, rows[i].status, rows[i].code, rows[i].sqlstate, NULL);
        cr_assert(!rows[i].part || strstr(reply_text(reply, "detail"), rows[i].part), "%s",
                  reply->what);
    }
    expect_problem(get(node, "/v1/tables/t/serials"), 404, "sequence_not_found", "42P01",
                   "relation \"t\" does not exist");
    cr_assert_eq(reply_size(expect(get(node, "/v1/sequences"), 200), "sequences"), 0);
}

ServiceTest(tables, a_column_becomes_serial_only_once_by_rest_or_by_sql)
{
    struct node *node = service_start(NULL);
    expect(add_serial(node, "t", "{'column': 'id'}"), 201);
    expect_problem(add_serial(node, "t", "{'column': 'id', 'type': 'serial'}"), 409,
                   "sequence_exists", "42701", "column \"id\" of relation \"t\" already exists");
    sql(node, "CREATE TABLE shop.u (id serial, v int)");
    expect_problem(add_serial(node, "shop.u", "{'column': 'id'}"), 409, "sequence_exists", "42701",
                   "column \"id\" of relation \"u\" already exists");
    /* A column that was there without one gets it, in its place. */
    expect(add_serial(node, "shop.u", "{'column': 'v'}"), 201);
    expect_serials(node, "shop.u", "id:shop.u_id_seq:1 v:shop.u_v_seq:2");
    cr_assert_str_eq(sql_text(node, "INSERT INTO shop.u VALUES (DEFAULT, DEFAULT)"),
                     "INSERT INTO shop.u VALUES (1, 1)");
    expect_problem(try_sql(node, "CREATE TABLE t (id serial)"), 409, "sequence_exists", "42P07",
                   "relation \"t\" already exists");
}

ServiceTest(tables, without_a_position_an_insert_must_name_its_columns)
{
    struct node *node = service_start(NULL);
    expect(add_serial(node, "t", "{'column': 'id'}"), 201);
    cr_assert_str_eq(sql_text(node, "INSERT INTO t (v) VALUES ('x')"),
                     "INSERT INTO t (v, id) VALUES ('x', 1)");
    struct reply *reply = try_sql(node, "INSERT INTO t VALUES (DEFAULT, 'x')");
    expect_problem(reply, 422, "feature_not_supported", "0A000", NULL);
    cr_assert_eq(reply_integer(reply, "position"), 13);
    expect(drop(node, "/v1/tables/t/serials"), 204);
    expect(add_serial(node, "t", "{'column': 'id', 'position': 2}"), 201);
    cr_assert_str_eq(sql_text(node, "INSERT INTO t VALUES ('x', DEFAULT), ('y', 70)"),
                     "INSERT INTO t VALUES ('x', 1), ('y', 70)");
    cr_assert_str_eq(sql_text(node, "INSERT INTO t VALUES ('x')"), "INSERT INTO t VALUES ('x', 2)");
    cr_assert_str_eq(sql_text(node, "INSERT INTO public.t (v, w) VALUES (1, 2)"),
                     "INSERT INTO public.t (v, w, id) VALUES (1, 2, 3)");
}

ServiceTest(tables, drop_takes_all_that_its_columns_own_and_nothing_of_schema_t)
{
    struct node *node = service_start(NULL);
    sql(node,
        "CREATE TABLE t (id serial, v int); CREATE TABLE t.u (id serial);"
        "CREATE TABLE t.t (id serial); CREATE TABLE tt (id serial); CREATE TABLE s.t (id serial);"
        "CREATE SEQUENCE extra OWNED BY t.v; CREATE SEQUENCE free;"
        "CREATE SEQUENCE t.owned OWNED BY t.u.id");
    expect(drop(node, "/v1/tables/t/serials"), 204);
    expect_missing(node, "t_id_seq");
    expect_missing(node, "extra");
    static const char *const stay[] = {"t.u_id_seq", "t.t_id_seq", "tt_id_seq",
                                       "s.t_id_seq", "free",       "t.owned"};
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        describe(node, stay[i]);
    expect_problem(drop(node, "/v1/tables/t/serials"), 404, "sequence_not_found", "42P01",
                   "relation \"t\" does not exist");
    sql(node, "DROP TABLE t.u");
    expect_missing(node, "t.u_id_seq");
    expect_missing(node, "t.owned");
    expect_serials(node, "t.t", "id:t.t_id_seq:1");
    sql(node, "DROP TABLE IF EXISTS t, tt, nothing CASCADE");
    expect_missing(node, "tt_id_seq");
    expect_serials(node, "s.t", "id:s.t_id_seq:1");
    expect(get(node, "/v1/tables/public.tt/serials"), 404);
}

ServiceTest(tables, names_are_cut_and_numbered_as_postgresql_does)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 't_id_seq'}");
    create(node, "{'name': 't_id_seq1'}");
    struct reply *reply = expect(add_serial(node, "t", "{'column': 'id'}"), 201);
    cr_assert_str_eq(reply_text(reply, "name"), "t_id_seq2");
    reply = expect(add_serial(node, A63, "{'column': 'id'}"), 201);
    cr_assert_str_eq(reply_text(reply, "name"), A16 A16 A16 "aaaaaaaa_id_seq");
    cr_assert_eq(strlen(reply_text(reply, "name")), 63);
    reply = expect(add_serial(node, A16 A16 A16 "aaaaaaaaaaaaaab", "{'column': 'id'}"), 201);
    cr_assert_str_eq(reply_text(reply, "name"), A16 A16 A16 "aaaaaaa_id_seq1",
                     "another table, whose cut name is taken");
    reply = expect(add_serial(node, "s." A63, "{'column': '" A63 "'}"), 201);
    cr_assert_str_eq(reply_text(reply, "name"), "s." A16 "aaaaaaaaaaaaa_" A16 "aaaaaaaaaaaaa_seq");
    sql(node, "CREATE TABLE z" A16 A16 A16 A16 " (" A16 A16 A16 A16 " serial)");
    describe(node, "z" A16 "aaaaaaaaaaaa_" A16 "aaaaaaaaaaaaa_seq");
}

ServiceTest(tables, a_columns_sequence_is_not_deleted_alone_and_an_identitys_not_given_away)
{
    struct node *node = service_start(NULL);
    sql(node,
        "CREATE TABLE t (id serial, k int GENERATED ALWAYS AS IDENTITY (START WITH 10),"
        " l bigint GENERATED BY DEFAULT AS IDENTITY)");
    struct reply *reply = drop(node, "/v1/sequences/t_id_seq");
    expect_problem(reply, 409, "sequence_in_use", "2BP01",
                   "cannot drop sequence t_id_seq because other objects depend on it");
    cr_assert_str_eq(reply_text(reply, "hint"),
                     "Use DROP ... CASCADE to drop the dependent objects too.");
    reply = drop(node, "/v1/sequences/t_k_seq");
    expect_problem(reply, 409, "sequence_in_use", "2BP01",
                   "cannot drop sequence t_k_seq because column k of table t requires it");
    cr_assert_str_eq(reply_text(reply, "hint"), "You can drop column k of table t instead.");
    expect_problem(patch(node, "{'owned_by': null}", "/v1/sequences/t_k_seq"), 422,
                   "feature_not_supported", "0A000", NULL);
    reply = list_serials(node, "t");
    cr_assert(reply_null(reply, "serials.0.identity"));
    cr_assert_str_eq(reply_text(reply, "serials.1.identity"), "always");
    cr_assert_str_eq(reply_text(reply, "serials.2.identity"), "by default");
    cr_assert_str_eq(sql_text(node, "INSERT INTO t VALUES (DEFAULT, DEFAULT, 7)"),
                     "INSERT INTO t VALUES (1, 10, 7)");
    expect_problem(try_sql(node, "INSERT INTO t (k) VALUES (5)"), 422, "invalid_parameter", "428C9",
                   "cannot insert a non-DEFAULT value into column \"k\"");
    sql(node, "DROP SEQUENCE t_id_seq CASCADE");
    cr_assert_str_eq(sql_text(node, "INSERT INTO t (l) VALUES (3)"),
                     "INSERT INTO t (l, k) VALUES (3, 11)");
    expect_serials(node, "t", "k:t_k_seq:2 l:t_l_seq:3");
}

ServiceTest(tables, alter_table_is_followed_through_renames_and_dropped_columns)
{
    struct node *node = service_start(NULL);
    sql(node, "CREATE TABLE t (a int, id serial, b int, k bigserial)");
    cr_assert_str_eq(sql_text(node, "ALTER TABLE t RENAME COLUMN id TO key"),
                     "ALTER TABLE t RENAME COLUMN id TO key");
    expect_serials(node, "t", "key:t_id_seq:2 k:t_k_seq:4");
    cr_assert_str_eq(reply_text(describe(node, "t_id_seq"), "owned_by"), "t.key");
    sql(node, "ALTER TABLE t RENAME TO u");
    expect(get(node, "/v1/tables/t/serials"), 404);
    expect_serials(node, "u", "key:t_id_seq:2 k:t_k_seq:4");
    cr_assert_str_eq(reply_text(describe(node, "t_k_seq"), "owned_by"), "u.k");
    sql(node, "ALTER TABLE u DROP COLUMN a");
    expect_serials(node, "u", "key:t_id_seq:1 k:t_k_seq:3");
    cr_assert_str_eq(sql_text(node, "INSERT INTO u VALUES (DEFAULT, 5)"),
                     "INSERT INTO u VALUES (1, 5, 1)");
    sql(node, "ALTER TABLE u DROP COLUMN key");
    expect_missing(node, "t_id_seq");
    expect_serials(node, "u", "k:t_k_seq:2");
    expect_problem(try_sql(node, "ALTER TABLE u RENAME COLUMN k TO b"), 409, "sequence_exists",
                   "42701", "column \"b\" of relation \"u\" already exists");
    sql(node, "DROP TABLE u");
    expect_missing(node, "t_k_seq");
}

ServiceTest(tables, an_added_column_stands_behind_the_others)
{
    struct node *node = service_start(NULL);
    sql(node, "CREATE TABLE t (id serial, v int); ALTER TABLE t ADD COLUMN n bigint");
    expect(add_serial(node, "t", "{'column': 'n'}"), 201);
    expect_serials(node, "t", "id:t_id_seq:1 n:t_n_seq:3");
    cr_assert_str_eq(sql_text(node, "INSERT INTO t VALUES (DEFAULT, 7, DEFAULT)"),
                     "INSERT INTO t VALUES (1, 7, 1)");
    expect_problem(try_sql(node, "ALTER TABLE t ADD COLUMN m serial"), 422, "feature_not_supported",
                   "0A000", NULL);
}

ServiceTest(tables, pg_get_serial_sequence_finds_a_serial_made_by_rest)
{
    struct node *node = service_start(NULL);
    expect(add_serial(node, "shop.t", "{'column': 'id'}"), 201);
    struct reply *reply = sql(node,
                              "SELECT pg_get_serial_sequence('shop.t', 'id'),"
                              " nextval(pg_get_serial_sequence('shop.t', 'id'))");
    cr_assert_str_eq(reply_text(reply, "results.0.rows.0.0"), "shop.t_id_seq");
    cr_assert_eq(reply_integer(reply, "results.0.rows.0.1"), 1);
    expect_problem(try_sql(node, "SELECT pg_get_serial_sequence('t', 'id')"), 404,
                   "sequence_not_found", "42P01", "relation \"t\" does not exist");
}

/* What a sequence belongs to is written "table.column": such names cannot be kept. */
ServiceTest(tables, a_serial_column_whose_name_holds_a_dot_or_a_blank_is_refused_and_not_made)
{
    struct node *node = service_start(NULL);
    static const char *const refused[] = {
        "CREATE TABLE t (\"a.b\" serial)",
        "CREATE TABLE t (\"a b\" serial)",
        "CREATE TABLE t (v int, \"a.b\" int GENERATED ALWAYS AS IDENTITY)",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        expect_problem(try_sql(node, refused[i]), 400, "invalid_name", "42602", NULL);
    cr_assert_eq(reply_size(expect(get(node, "/v1/sequences"), 200), "sequences"), 0);
    sql(node,
        "CREATE TABLE t (\"a.b\" int, \"a b\" int, id serial)"); /* of others it is no matter */
    expect_serials(node, "t", "id:t_id_seq:3");
}

ServiceTest(tables, a_serial_column_is_not_lost_by_renaming_it_to_what_cannot_be_kept)
{
    struct node *node = service_start(NULL);
    static const char *const names[] = {"\"a.b\"", "\"a b\"", "\"\xc3\xa9\""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[128];
        sql(node, "CREATE TABLE t (id serial, v int)");
        snprintf(text, sizeof text, "ALTER TABLE t RENAME COLUMN id TO %s", names[i]);
        try_sql(node, text); /* it may be refused */
        expect(drop(node, "/v1/tables/t/serials"), 204);
        expect_missing(node, "t_id_seq");
    }
}

ServiceTest(tables, a_dot_inside_of_a_new_name_moves_nothing_into_another_schema)
{
    struct node *node = service_start(NULL);
    sql(node, "CREATE TABLE t (id serial); CREATE SEQUENCE s");
    expect_problem(try_sql(node, "ALTER TABLE t RENAME TO \"c.d\""), 400, "invalid_name", "42602",
                   NULL);
    expect_problem(try_sql(node, "ALTER SEQUENCE s RENAME TO \"c.d\""), 400, "invalid_name",
                   "42602", NULL);
    expect_serials(node, "t", "id:t_id_seq:1");
    describe(node, "s");
}
