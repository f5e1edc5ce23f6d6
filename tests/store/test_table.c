#include "store/table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(table, .timeout = 30);

#define OID "0123456789abcdef0123456789abcdef"

/* ---- names: PostgreSQL 15 said them, for a table of that many t and a column of c ---- */

static const char *repeat(char *text, char letter, size_t count)
{
    memset(text, letter, count);
    text[count] = '\0';
    return text;
}

static struct seq_name name_of(const char *text)
{
    struct seq_name name;
    struct failure failure;
    cr_assert(name_parse(text, strlen(text), &name, &failure), "%s", text);
    return name;
}

/* t...t_c...c_seq, of so many each. */
static void expect_cut(size_t table, size_t column, int pass, size_t table_left, size_t column_left,
                       const char *label)
{
    char text[64], columns[64], due[192], part[64];
    struct seq_name name = name_of(repeat(text, 't', table)), got;
    cr_assert(serial_sequence_name(&name, repeat(columns, 'c', column), pass, &got));
    strcpy(due, repeat(part, 't', table_left));
    strcat(due, "_");
    strcat(due, repeat(part, 'c', column_left));
    strcat(due, label);
    cr_expect_str_eq(got.text, due, "%zu %zu", table, column);
    cr_expect_eq(got.length, strlen(due));
}

Test(table, names_of_serial_sequences_are_cut_as_postgresql_cuts_them)
{
    static const size_t cuts[][4] = {
        {1, 1, 1, 1},     {29, 29, 29, 29}, {30, 29, 29, 29}, {29, 30, 29, 29},
        {30, 30, 29, 29}, {63, 63, 29, 29}, {63, 2, 56, 2},   {2, 63, 2, 56},
        {56, 2, 56, 2},   {57, 2, 56, 2},   {40, 20, 38, 20}, {63, 28, 30, 28},
        {63, 29, 29, 29}, {63, 30, 29, 29}, {1, 57, 1, 57},   {1, 58, 1, 57},
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        expect_cut(cuts[i][0], cuts[i][1], 0, cuts[i][2], cuts[i][3], "_seq");
}

Test(table, a_number_behind_seq_takes_its_place_from_the_column_first)
{
    expect_cut(63, 63, 1, 29, 28, "_seq1");
    expect_cut(62, 63, 2, 29, 28, "_seq2");
    expect_cut(63, 63, 10, 28, 28, "_seq10");
    expect_cut(63, 63, 999, 28, 27, "_seq999");
    expect_cut(1, 1, 1, 1, 1, "_seq1");
}

Test(table, the_schema_stays_whole_and_in_front)
{
    char schema[64], table[64], text[192], due[192], part[64];
    struct seq_name got;
    sprintf(text, "%s.%s", repeat(schema, 's', 63), repeat(table, 't', 63));
    struct seq_name name = name_of(text);
    cr_assert(serial_sequence_name(&name, "id", 0, &got));
    sprintf(due, "%s.%s_id_seq", schema, repeat(part, 't', 56));
    cr_expect_str_eq(got.text, due);
    name = name_of("public.orders");
    cr_assert(serial_sequence_name(&name, "id", 0, &got));
    cr_expect_str_eq(got.text, "orders_id_seq");
    name = name_of("public.Order-$1");
    cr_assert(serial_sequence_name(&name, "Id", 3, &got));
    cr_expect_str_eq(got.text, "Order-$1_Id_seq3");
}

Test(table, a_column_whose_letters_seqd_cannot_keep_has_no_name)
{
    struct seq_name name = name_of("t"), got;
    cr_expect_not(serial_sequence_name(&name, "pr\xc3\xa9nom", 0, &got));
    cr_expect_not(serial_sequence_name(&name, "a b", 0, &got));
    cr_expect_not(serial_sequence_name(&name, "a.b", 0, &got));
}

/* ---- columns ---- */

/* a, b, ... at 1, 2, ...; the letters of `serials` are serial. */
static struct table *table_of(const char *columns, const char *serials)
{
    struct table *table = table_create();
    table->complete = true;
    for (int i = 0; columns[i]; i++) {
        struct table_column *column = table_add(table, (char[]){columns[i], '\0'});
        column->position = i + 1;
        column->is_serial = strchr(serials, columns[i]) != NULL;
        memcpy(column->oid, OID, ID_SIZE);
    }
    return table;
}

/* "a1 c2": each column and its position. */
static void expect_columns(const struct table *table, const char *due)
{
    char now[256] = "";
    for (size_t i = 0; i < table->column_count; i++)
        sprintf(now + strlen(now), "%s%s%d", i ? " " : "", table->columns[i].name,
                table->columns[i].position);
    cr_expect_str_eq(now, due);
}

Test(table, those_behind_a_removed_column_move_up_and_no_other)
{
    struct table *table = table_of("abcde", "bd");
    table_remove(table, table_find(table, "c"));
    expect_columns(table, "a1 b2 d3 e4");
    table_remove(table, table_find(table, "a"));
    expect_columns(table, "b1 d2 e3");
    table_remove(table, table_find(table, "e"));
    expect_columns(table, "b1 d2");
    cr_expect(table_find(table, "d")->is_serial, "a column moves with all that it has");
    table_remove(table, table_find(table, "b"));
    table_remove(table, table_find(table, "d"));
    cr_expect_eq(table->column_count, 0);
    table_release(table);
}

Test(table, positions_have_gaps_where_only_serial_columns_are_known)
{
    struct table *table = table_create();
    table_add(table, "x")->position = 7;
    table_add(table, "y")->position = 3;
    table_add(table, "z"); /* nobody said where */
    table_remove(table, table_find(table, "y"));
    expect_columns(table, "x6 z0");
    table_add(table, "y")->position = 2;
    table_remove(table, table_find(table, "z"));
    expect_columns(table, "x0 y0");
    table_release(table);
}

Test(table, columns_are_found_by_their_exact_name)
{
    struct table *table = table_of("aB", "");
    cr_expect_not_null(table_find(table, "a"));
    cr_expect_not_null(table_find(table, "B"));
    cr_expect_null(table_find(table, "A"));
    cr_expect_null(table_find(table, ""));
    cr_expect_not(table_has_serials(table));
    table_release(table);
    table = table_of("ab", "b");
    cr_expect(table_has_serials(table));
    table_release(table);
    table_release(NULL);
}

/* ---- the text ---- */

Test(table, what_was_printed_is_parsed_to_the_same)
{
    struct table *table = table_of("abcd", "bcd");
    table->columns[1].type = TYPE_SMALLINT;
    table->columns[2].type = TYPE_INTEGER;
    table->columns[2].identity = IDENTITY_ALWAYS;
    table->columns[3].type = TYPE_BIGINT;
    table->columns[3].identity = IDENTITY_BY_DEFAULT;
    table->columns[3].position = 0;
    strcpy(table->columns[0].name, "\xc3\xa9 \"quoted\"\\");
    char *text = table_print(table);
    struct table *again = table_parse(text);
    cr_assert_not_null(again, "%s", text);
    cr_expect(again->complete);
    cr_assert_eq(again->column_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct table_column *due = &table->columns[i], *now = &again->columns[i];
        cr_expect_str_eq(now->name, due->name);
        cr_expect_eq(now->position, due->position);
        cr_expect_eq(now->is_serial, due->is_serial);
        cr_expect_eq(now->type, due->is_serial ? due->type : 0);
        cr_expect_eq(now->identity, due->identity);
        cr_expect_str_eq(now->oid, due->is_serial ? OID : "");
        cr_expect_eq(now->sequence.length, 0, "names are filled in later");
    }
    free(text);
    table_release(again);
    table_release(table);
}

Test(table, a_table_without_columns_and_one_of_1600_are_parsed_too)
{
    struct table *table = table_create();
    char *text = table_print(table), name[16];
    struct table *again = table_parse(text);
    cr_assert_not_null(again);
    cr_expect_not(again->complete);
    cr_expect_eq(again->column_count, 0);
    table_release(again);
    free(text);
    for (int i = 1; i <= TABLE_COLUMNS_MAX; i++) {
        sprintf(name, "c%d", i);
        table_add(table, name)->position = i;
    }
    text = table_print(table);
    again = table_parse(text);
    cr_assert_not_null(again);
    cr_expect_eq(table_find(again, "c1600")->position, 1600);
    table_release(again);
    table_release(table);
    free(text);
}

#define COLUMN         "{\"name\":\"a\",\"position\":1,\"type\":\"bigint\",\"oid\":\"" OID "\"}"
#define TABLE(columns) "{\"complete\":true,\"columns\":" columns "}"

Test(table, damaged_texts_are_nothing)
{
    static const char *const texts[] = {
        "",
        "null",
        "5",
        "[]",
        "{}",
        "{\"complete\":true}",
        TABLE("{}"),
        TABLE("null"),
        TABLE("[5]"),
        TABLE("[null]"),
        TABLE("[[]]"),
        TABLE("[" COLUMN ",{}]"),
        TABLE("[{\"name\":\"a\"}]"),
        TABLE("[{\"position\":1}]"),
        TABLE("[{\"name\":5,\"position\":1}]"),
        TABLE("[{\"name\":\"a\",\"position\":\"1\"}]"),
        TABLE("[{\"name\":\"a\",\"position\":1.5}]"),
        TABLE("[{\"name\":\"a\",\"position\":-1}]"),
        TABLE("[{\"name\":\"a\",\"position\":1601}]"),
        TABLE("[{\"name\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
              "\"position\":1}]"),
        TABLE("[{\"name\":\"a\",\"position\":1,\"oid\":\"" OID "\"}]"),
        TABLE("[{\"name\":\"a\",\"position\":1,\"oid\":\"" OID "\",\"type\":\"text\"}]"),
        TABLE("[{\"name\":\"a\",\"position\":1,\"oid\":\"" OID "0\",\"type\":\"bigint\"}]"),
        TABLE("[{\"name\":\"a\",\"position\":1,\"oid\":\"0\",\"type\":\"bigint\"}]"),
        TABLE("[" COLUMN "]") "x",
        "{\"complete\":true,\"columns\":[" COLUMN,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_null(table_parse(texts[i]), "%s", texts[i]);
    struct table *table = table_parse(TABLE("[" COLUMN "]"));
    cr_assert_not_null(table, "the same, undamaged");
    table_release(table);
}

Test(table, the_last_reference_frees_it)
{
    struct table *table = table_of("a", "");
    cr_expect_eq(table_share(table), table);
    table_release(table);
    cr_expect_str_eq(table->columns[0].name, "a");
    table_release(table); /* or ASan complains */
}
