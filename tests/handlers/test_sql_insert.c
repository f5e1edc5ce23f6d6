/* What an INSERT becomes, byte for byte, for a table that is known, known in part, or not at
 * all; and what each of its numbers is taken of. */
#include "handlers/sql/run.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(sql_insert, .timeout = 30);

/* One INSERT, as a run has it; numbers are 1, 2, ... of each sequence. */
struct attempt {
    struct parser parser;
    struct statement statement;
    struct draws draws;
    struct insert_plan plan;
    bool fine;
};

/* "id" serial, "v", "k" identity by default, "w", "a" identity always: positions 1 to 5. */
static struct table *known_table(void)
{
    static const char *const names[] = {"id", "v", "k", "w", "a"};
    struct table *table = table_create();
    table->complete = true;
    for (int i = 0; i < 5; i++) {
        struct table_column *column = table_add(table, names[i]);
        column->position = i + 1;
        column->is_serial = i % 2 == 0;
        column->identity = i == 2 ? IDENTITY_BY_DEFAULT : i == 4 ? IDENTITY_ALWAYS : IDENTITY_NONE;
        if (column->is_serial)
            column->sequence.length =
                (unsigned char)sprintf(column->sequence.text, "t_%s_seq", names[i]);
    }
    return table;
}

/* Only `id`, at this position (0: nobody said). */
static struct table *table_in_part(int position)
{
    struct table *table = table_create();
    struct table_column *column = table_add(table, "id");
    column->position = position;
    column->is_serial = true;
    column->sequence.length = (unsigned char)sprintf(column->sequence.text, "t_id_seq");
    return table;
}

static void begin(struct attempt *attempt, const char *text, const struct table *table)
{
    *attempt = (struct attempt){0};
    struct parser *parser = &attempt->parser;
    parser_init(parser, arena_create(), text, strlen(text));
    cr_assert(parse_statement(parser, &attempt->statement), "%s: %s", text, parser->failure.detail);
    cr_assert_eq(attempt->statement.kind, STATEMENT_INSERT);
    attempt->fine =
        insert_plan(parser, &attempt->statement.insert, table, &attempt->draws, &attempt->plan);
}

/* The numbers that are wanted: 1 to `wanted` of each. */
static void draw(struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->draws.count; i++) {
        struct draw_source *source = &attempt->draws.sources[i];
        source->ticket = arena_alloc(attempt->parser.arena, sizeof *source->ticket);
        struct grant *grant = &source->ticket->ticket.grant;
        grant->spans = grant->inline_spans;
        grant->span_count = 1;
        grant->increment = 1;
        grant->spans[0] = (struct span){1, source->wanted, source->wanted};
    }
}

static void end(struct attempt *attempt)
{
    statement_end(&attempt->statement);
    arena_destroy(attempt->parser.arena);
}

struct example {
    const char *text, *due; /* due NULL: as it was */
};

static void expect_rows(const struct table *table, const struct example *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct attempt attempt;
        struct text written = {0};
        const char *due = rows[i].due ? rows[i].due : rows[i].text;
        begin(&attempt, rows[i].text, table);
        cr_assert(attempt.fine, "%s: %s", rows[i].text, attempt.parser.failure.detail);
        draw(&attempt);
        insert_write(&attempt.plan, &attempt.draws, attempt.statement.begin, attempt.statement.end,
                     &written);
        text_add(&written, "", 1);
        cr_expect_str_eq(written.bytes, due, "%s: %s, not %s", rows[i].text, written.bytes, due);
        text_free(&written);
        end(&attempt);
    }
}
#define EXPECT(table, ...)                                                                         \
    expect_rows((table), (const struct example[]){__VA_ARGS__},                                    \
                sizeof((const struct example[]){__VA_ARGS__}) / sizeof(struct example))

/* The failure's SQLSTATE and message. */
static void expect_failure(const struct table *table, const char *text, const char *sqlstate,
                           const char *detail)
{
    struct attempt attempt;
    begin(&attempt, text, table);
    cr_assert_not(attempt.fine, "%s", text);
    cr_expect_str_eq(failure_sqlstate(&attempt.parser.failure), sqlstate, "%s", text);
    cr_expect(!detail || strcmp(attempt.parser.failure.detail, detail) == 0, "%s: %s", text,
              attempt.parser.failure.detail);
    end(&attempt);
}

Test(sql_insert, of_an_unknown_table_only_calls_are_replaced)
{
    EXPECT(NULL, {"INSERT INTO u VALUES (1, 'x')", NULL}, {"INSERT INTO u DEFAULT VALUES", NULL},
           {"INSERT INTO u (a) VALUES (DEFAULT)", NULL}, {"INSERT INTO u SELECT * FROM v", NULL},
           {"INSERT INTO u VALUES (nextval('s'), 'Alice')", "INSERT INTO u VALUES (1, 'Alice')"},
           {"INSERT INTO u VALUES (nextval('s'), nextval('r'), nextval('s'))",
            "INSERT INTO u VALUES (1, 1, 2)"},
           {"INSERT INTO u VALUES (nextval('s')), (7), (nextval('s'))",
            "INSERT INTO u VALUES (1), (7), (2)"},
           {"insert into u values ( NEXTVAL ( 's' ) , $$nextval('s')$$ ) -- nextval('s')",
            "insert into u values ( 1 , $$nextval('s')$$ ) -- nextval('s')"},
           {"INSERT INTO u VALUES (nextval('s'), currval('s'), lastval())",
            "INSERT INTO u VALUES (1, 1, 1)"},
           {"INSERT INTO u VALUES (f('x', nextval('s')))",
            "INSERT INTO u VALUES (f('x', (1::bigint)))"});
}

Test(sql_insert, a_number_inside_of_an_expression_keeps_the_type_that_nextval_has)
{
    EXPECT(
        NULL, {"INSERT INTO u VALUES (nextval('s') + 1)", "INSERT INTO u VALUES ((1::bigint) + 1)"},
        {"INSERT INTO u VALUES ('#' || nextval('s'))", "INSERT INTO u VALUES ('#' || (1::bigint))"},
        {"INSERT INTO u VALUES (nextval('s')::text)", "INSERT INTO u VALUES (1::text)"});
}

Test(sql_insert, what_stands_around_the_values_stays_byte_for_byte)
{
    EXPECT(NULL,
           {"INSERT INTO u AS x (a, \"B\") VALUES (nextval('s'), '\xc3\xa9')"
            " ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a, b AS \xc3\xa9",
            "INSERT INTO u AS x (a, \\\"B\\\") VALUES (1, '\xc3\xa9')"
            " ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a, b AS \xc3\xa9"},
           {"INSERT INTO s.u VALUES\n\t(nextval('s'))", "INSERT INTO s.u VALUES\\n\\u0009(1)"});
}

Test(sql_insert, with_a_list_of_columns_those_left_out_are_added_behind)
{
    struct table *table = known_table();
    EXPECT(table,
           {"INSERT INTO t (v) VALUES ('x'), ('y')",
            "INSERT INTO t (v, id, k, a) VALUES ('x', 1, 1, 1), ('y', 2, 2, 2)"},
           {"INSERT INTO t (id, v, k) VALUES (DEFAULT, DEFAULT, 7)",
            "INSERT INTO t (id, v, k, a) VALUES (1, DEFAULT, 7, 1)"},
           {"INSERT INTO t (\"a\", w) VALUES (default, 1)",
            "INSERT INTO t (\\\"a\\\", w, id, k) VALUES (1, 1, 1, 1)"},
           {"INSERT INTO t (v) VALUES (nextval('t_id_seq'))",
            "INSERT INTO t (v, id, k, a) VALUES (1, 2, 1, 1)"},
           {"INSERT INTO t ( v ) VALUES ( 1 ) RETURNING id",
            "INSERT INTO t ( v , id, k, a) VALUES ( 1 , 1, 1, 1) RETURNING id"});
    table_release(table);
}

Test(sql_insert, without_a_list_values_go_by_position_and_defaults_fill_up_to_the_last_serial)
{
    struct table *table = known_table();
    EXPECT(table,
           {"INSERT INTO t VALUES (DEFAULT, 'x')", "INSERT INTO t VALUES (1, 'x', 1, DEFAULT, 1)"},
           {"INSERT INTO t VALUES (70)", "INSERT INTO t VALUES (70, DEFAULT, 1, DEFAULT, 1)"},
           {"INSERT INTO t VALUES (1, 2, 3, 4, DEFAULT), (DEFAULT, 2, DEFAULT, 4, DEFAULT)",
            "INSERT INTO t VALUES (1, 2, 3, 4, 1), (1, 2, 1, 4, 2)"},
           {"INSERT INTO t DEFAULT VALUES", "INSERT INTO t (id, k, a) VALUES (1, 1, 1)"},
           {"INSERT INTO t DEFAULT VALUES RETURNING id",
            "INSERT INTO t (id, k, a) VALUES (1, 1, 1) RETURNING id"});
    table_release(table);
}

Test(sql_insert, overriding_decides_whose_value_an_identity_takes)
{
    struct table *table = known_table();
    EXPECT(table,
           {"INSERT INTO t (k, a) OVERRIDING SYSTEM VALUE VALUES (8, 9)",
            "INSERT INTO t (k, a, id) OVERRIDING SYSTEM VALUE VALUES (8, 9, 1)"},
           {"INSERT INTO t (id, k, a) OVERRIDING USER VALUE VALUES (7, 8, nextval('s'))",
            "INSERT INTO t (id, k, a) OVERRIDING USER VALUE VALUES (7, 1, 1)"});
    expect_failure(table, "INSERT INTO t (a) VALUES (9)", "428C9",
                   "cannot insert a non-DEFAULT value into column \"a\"");
    expect_failure(table, "INSERT INTO t VALUES (1, 2, 3, 4, nextval('s'))", "428C9", NULL);
    table_release(table);
}

Test(sql_insert, of_a_table_known_in_part_the_serial_columns_are_served)
{
    struct table *table = table_in_part(0);
    EXPECT(
        table,
        {"INSERT INTO t (v, other) VALUES (1, 2)", "INSERT INTO t (v, other, id) VALUES (1, 2, 1)"},
        {"INSERT INTO t (v, id) VALUES (1, DEFAULT)", "INSERT INTO t (v, id) VALUES (1, 1)"},
        {"INSERT INTO t DEFAULT VALUES", "INSERT INTO t (id) VALUES (1)"});
    expect_failure(table, "INSERT INTO t VALUES (1)", "0A000", NULL);
    table_release(table);
    table = table_in_part(3);
    EXPECT(table, {"INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1, DEFAULT, 1)"},
           {"INSERT INTO t VALUES (1, 2, DEFAULT, 4, 5)", "INSERT INTO t VALUES (1, 2, 1, 4, 5)"});
    table_release(table);
}

Test(sql_insert, a_column_whose_sequence_was_dropped_is_an_ordinary_one)
{
    struct table *table = known_table();
    table_find(table, "id")->sequence.length = 0;
    EXPECT(table,
           {"INSERT INTO t VALUES (DEFAULT, 2, 3, 4, DEFAULT)",
            "INSERT INTO t VALUES (DEFAULT, 2, 3, 4, 1)"},
           {"INSERT INTO t (v) VALUES (1)", "INSERT INTO t (v, k, a) VALUES (1, 1, 1)"});
    table_release(table);
}

Test(sql_insert, names_that_are_added_are_quoted_where_they_must_be)
{
    struct table *table = table_in_part(0);
    strcpy(table->columns[0].name, "order");
    EXPECT(table,
           {"INSERT INTO t (v) VALUES (1)", "INSERT INTO t (v, \\\"order\\\") VALUES (1, 1)"});
    strcpy(table->columns[0].name, "Id");
    EXPECT(table, {"INSERT INTO t (id) VALUES (7)", "INSERT INTO t (id, \\\"Id\\\") VALUES (7, 1)"},
           {"INSERT INTO t (\"Id\") VALUES (7)", "INSERT INTO t (\\\"Id\\\") VALUES (7)"});
    table_release(table);
}

Test(sql_insert, what_the_shard_would_refuse_is_refused_before_it_costs_a_number)
{
    struct table *table = known_table();
    expect_failure(table, "INSERT INTO t (v, nope) VALUES (1, 2)", "42703",
                   "column \"nope\" of relation \"t\" does not exist");
    expect_failure(table, "INSERT INTO t (v, v) VALUES (1, 2)", "42701",
                   "column \"v\" specified more than once");
    expect_failure(table, "INSERT INTO t (v) VALUES (1, 2)", "42601",
                   "INSERT has more expressions than target columns");
    expect_failure(table, "INSERT INTO t (v, w) VALUES (1)", "42601",
                   "INSERT has more target columns than expressions");
    expect_failure(table, "INSERT INTO t VALUES (1, 2, 3, 4, DEFAULT, 6)", "42601",
                   "INSERT has more expressions than target columns");
    expect_failure(table, "INSERT INTO t (v) SELECT 1", "0A000", NULL);
    expect_failure(NULL, "INSERT INTO u SELECT nextval('s')", "0A000", NULL);
    table_release(table);
}

Test(sql_insert, each_sequence_is_asked_once_for_all_its_rows)
{
    struct attempt attempt;
    struct table *table = known_table();
    begin(&attempt, "INSERT INTO t (v) VALUES (nextval('s')), (2), (nextval('t_id_seq'))", table);
    cr_assert(attempt.fine);
    static const struct {
        const char *name;
        int64_t wanted;
    } due[] = {{"s", 1}, {"t_id_seq", 4}, {"t_k_seq", 3}, {"t_a_seq", 3}};
    cr_assert_eq(attempt.draws.count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(attempt.draws.sources[i].object.name.text, due[i].name);
        cr_expect_eq(attempt.draws.sources[i].wanted, due[i].wanted, "%s", due[i].name);
    }
    end(&attempt);
    table_release(table);
}
