#include "store/name.h"

#include <criterion/criterion.h>
#include <string.h>

#define TEN     "abcdefghij"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define PART_63 SIXTY "xyz"
#define PART_64 SIXTY "wxyz"
#define THE_RULE                                                                                   \
    ": a name is name or schema.name, each part a letter or _ and then up to 62 of A-Z a-z 0-9 "   \
    "_ $ -"

Test(name, names_inside_the_rule_are_kept_up_to_127_bytes)
{
    static const struct {
        const char *given, *text, *bare;
        unsigned char length;
    } rows[] = {
        {"a", "a", "a", 1},
        {"_", "_", "_", 1},
        {"Z9_$-", "Z9_$-", "Z9_$-", 5},
        {"order_id_seq", "order_id_seq", "order_id_seq", 12},
        {"Mixed", "Mixed", "Mixed", 5},
        {"shop.orders", "shop.orders", "orders", 11},
        {"_s._n", "_s._n", "_n", 5},
        {PART_63, PART_63, PART_63, 63},
        {PART_63 "." PART_63, PART_63 "." PART_63, PART_63, 127},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seq_name name;
        struct failure failure = {.code = ERROR_NONE};
        bool ok = name_parse(rows[i].given, strlen(rows[i].given), &name, &failure);
        cr_assert(ok, "%s: %s", rows[i].given, failure.detail);
        cr_expect_str_eq(name.text, rows[i].text, "%s became %s", rows[i].given, name.text);
        cr_expect_eq(name.length, rows[i].length, "%s: length %d", rows[i].given, name.length);
        cr_expect_str_eq(name_bare(&name), rows[i].bare, "%s: bare name", rows[i].given);
    }
}

Test(name, the_schema_public_is_dropped_so_public_a_has_1_byte)
{
    static const struct {
        const char *given, *text;
        unsigned char length;
    } rows[] = {
        {"public.a", "a", 1},           {"public", "public", 6},
        {"public.public", "public", 6}, {"public." PART_63, PART_63, 63},
        {"Public.a", "Public.a", 8},    {"publix.a", "publix.a", 8},
        {"publics.a", "publics.a", 9},  {"publi.a", "publi.a", 7},
        {"a.public", "a.public", 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seq_name name;
        struct failure failure = {.code = ERROR_NONE};
        cr_assert(name_parse(rows[i].given, strlen(rows[i].given), &name, &failure));
        cr_expect_str_eq(name.text, rows[i].text, "%s became %s", rows[i].given, name.text);
        cr_expect_eq(name.length, rows[i].length, "%s: length %d", rows[i].given, name.length);
    }
}

Test(name, only_the_given_bytes_are_read_so_3_of_abcd_are_abc)
{
    struct seq_name name;
    struct failure failure = {.code = ERROR_NONE};
    cr_assert(name_parse("abcd", 3, &name, &failure));
    cr_assert_str_eq(name.text, "abc");
    cr_assert_eq(name.length, 3);
}

Test(name, names_outside_the_rule_are_refused_with_42602)
{
    static const char *const rows[] = {
        "",    ".",  ".a",   "a.",           "a..b",  "a.b.c",      "public.a.b", "public.", "1a",
        "$a",  "-a", "a.1",  "a b",          " a",    "a ",         "a\n",        "a{b}",    "a:b",
        "a/b", "a*", "a\"b", "na\xc3\xafve", PART_64, PART_64 ".a", "a." PART_64,
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seq_name name;
        struct failure failure = {.code = ERROR_NONE};
        cr_expect_not(name_parse(rows[i], strlen(rows[i]), &name, &failure), "\"%s\"", rows[i]);
        cr_expect_eq(failure.code, ERROR_INVALID_NAME, "\"%s\"", rows[i]);
        cr_expect_str_eq(error_kind(failure.code)->sqlstate, "42602");
        cr_expect_str_empty(failure.hint);
        cr_expect_str_eq(failure.sequence, "");
    }
}

static void expect_detail(const char *text, size_t length, const char *detail)
{
    struct seq_name name;
    struct failure failure = {.code = ERROR_NONE};
    cr_expect_not(name_parse(text, length, &name, &failure));
    cr_expect_str_eq(failure.detail, detail, "%s", failure.detail);
}

Test(name, the_detail_quotes_the_name_and_the_rule_with_its_62)
{
    expect_detail("a b", 3, "invalid name \"a b\"" THE_RULE);
    expect_detail("", 0, "invalid name \"\"" THE_RULE);
}

Test(name, the_detail_escapes_what_does_not_print_as_in_x0a)
{
    expect_detail("a\nb", 3, "invalid name \"a\\x0ab\"" THE_RULE);
    expect_detail("a\0b", 3, "invalid name \"a\\x00b\"" THE_RULE);
    expect_detail("\xff\x7f\x1b", 3, "invalid name \"\\xff\\x7f\\x1b\"" THE_RULE);
    expect_detail("\"\\", 2, "invalid name \"\\x22\\x5c\"" THE_RULE);
    expect_detail("~ ", 2, "invalid name \"~ \"" THE_RULE);
}

Test(name, the_detail_shows_at_most_64_bytes)
{
    expect_detail(PART_64, 64, "invalid name \"" PART_64 "\"" THE_RULE);
    expect_detail(PART_64 "!", 65, "invalid name \"" PART_64 "...\"" THE_RULE);
}

Test(name, a_hostile_name_of_100000_bytes_leaves_the_rule_readable)
{
    static char text[100000];
    memset(text, 0xfe, sizeof text);
    struct seq_name name;
    struct failure failure = {.code = ERROR_NONE};
    cr_assert_not(name_parse(text, sizeof text, &name, &failure));
    cr_assert_eq(strncmp(failure.detail, "invalid name \"\\xfe\\xfe", 22), 0);
    cr_assert_not_null(strstr(failure.detail, "\\xfe...\"" THE_RULE));
}

Test(name, a_column_has_2_or_3_parts)
{
    static const struct {
        const char *text;
        bool is_column;
    } rows[] = {
        {"orders.id", true},
        {"shop.orders.id", true},
        {"public.orders.id", true},
        {"_t.$", false},
        {"_t._$-9", true},
        {PART_63 "." PART_63 "." PART_63, true},
        {"", false},
        {"foo", false},
        {"none", false},
        {"a.b.c.d", false},
        {"a.", false},
        {".a", false},
        {"a..b", false},
        {"a.b.", false},
        {"a.b c", false},
        {"a.1", false},
        {"a." PART_64, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(name_is_column(rows[i].text, strlen(rows[i].text)), rows[i].is_column, "%s",
                     rows[i].text);
    cr_expect_not(name_is_column("a.b\0c", 5));
    cr_expect(name_is_column("a.bcd", 3));
}
