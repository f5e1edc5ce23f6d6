/* The tokenizer against PostgreSQL's lexical rules: what a token is, where it ends, and what
 * is said of one that does not. */
#include "handlers/sql/token.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sql_token, .timeout = 30);

/* One letter for each kind, in the order of the enumeration. */
static const char kinds[] = "EWQSIDPYOXB";

/* "W:select I:1 ...", as far as the text is read; a bad token says what is wrong. */
static void describe(const char *text, size_t length, char *out)
{
    const char *at = text, *end = text + length;
    for (*out = '\0';;) {
        const struct token token = token_read(at, end);
        cr_assert(token.begin >= at && token.begin + token.length <= end, "outside of the text");
        if (token.kind == TOKEN_END) {
            cr_assert(token.length == 0 && token.begin == end);
            return;
        }
        cr_assert_gt(token.length, 0, "no progress in %s", text);
        out += sprintf(out, "%c:%.*s ", kinds[token.kind], (int)token.length, token.begin);
        if (token.kind == TOKEN_BAD) {
            sprintf(out, "(%s)", token.problem);
            return;
        }
        at = token.begin + token.length;
    }
}

struct row {
    const char *text, *due;
};

static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char now[1024];
        describe(rows[i].text, strlen(rows[i].text), now);
        cr_expect_str_eq(now, rows[i].due, "%s: %s, not %s", rows[i].text, now, rows[i].due);
    }
}
#define EXPECT(...)                                                                                \
    expect_rows((const struct row[]){__VA_ARGS__},                                                 \
                sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row))

Test(sql_token, white_space_and_comments_are_between_tokens_and_block_comments_nest)
{
    EXPECT({"", ""}, {" \t\r\n\f", ""}, {"-- all", ""}, {"--", ""}, {"a--b\nc", "W:a W:c "},
           {"a--b\rc", "W:a W:c "}, {"a/**/b", "W:a W:b "}, {"a/*b*/c", "W:a W:c "},
           {"a /* b /* c */ d */ e", "W:a W:e "}, {"a /* /* /* */ */ */ e", "W:a W:e "},
           {"/*/**/*/a", "W:a "}, {"/* -- */ a", "W:a "}, {"-- /*\na", "W:a "},
           {"/* ' */ a", "W:a "}, {"/***/a", "W:a "}, {"/****/a", "W:a "},
           {"a /* b", "W:a B:/* b (unterminated /* comment)"},
           {"/* /* */", "B:/* /* */ (unterminated /* comment)"},
           {"/*/", "B:/*/ (unterminated /* comment)"}, {"a*/b", "W:a O:*/ W:b "},
           {"a\vb", "W:a Y:\v W:b "});
}

Test(sql_token, names_hold_letters_digits_underscores_dollars_and_bytes_past_ascii)
{
    EXPECT({"a", "W:a "}, {"_a1$", "W:_a1$ "}, {"a$b$c", "W:a$b$c "}, {"SeLect", "W:SeLect "},
           {"\xc3\xa9t\xc3\xa9", "W:\xc3\xa9t\xc3\xa9 "}, {"a.b", "W:a Y:. W:b "},
           {"a-b", "W:a Y:- W:b "}, {"\"a b\"", "Q:\"a b\" "}, {"\"a\"\"b\"", "Q:\"a\"\"b\" "},
           {"\"a\"b", "Q:\"a\" W:b "}, {"\"--\"", "Q:\"--\" "},
           {"\"\"", "B:\"\" (zero-length delimited identifier)"},
           {"\"a", "B:\"a (unterminated quoted identifier)"},
           {"\"a\"\"", "B:\"a\"\" (unterminated quoted identifier)"}, {"U&\"a\"", "X:U&\"a\" "},
           {"u&'a'", "X:u&'a' "}, {"u& 'a'", "W:u O:& S:'a' "});
}

Test(sql_token, numbers_end_where_postgresql_ends_them_and_junk_behind_them_is_bad)
{
    EXPECT({"0", "I:0 "}, {"007", "I:007 "}, {"1.5", "D:1.5 "}, {"1.", "D:1. "}, {".5", "D:.5 "},
           {"1e3", "D:1e3 "}, {"1E+3", "D:1E+3 "}, {"1.e-3", "D:1.e-3 "}, {"1..2", "I:1 Y:.. I:2 "},
           {"1+2", "I:1 Y:+ I:2 "}, {"-1", "Y:- I:1 "}, {"1 a", "I:1 W:a "},
           {"1;2", "I:1 Y:; I:2 "}, {"1.2.3", "D:1.2 D:.3 "},
           {"1a", "B:1a (trailing junk after numeric literal)"},
           {"1_000", "B:1_000 (trailing junk after numeric literal)"},
           {"0x1F", "B:0x1F (trailing junk after numeric literal)"},
           {"1.5a", "B:1.5a (trailing junk after numeric literal)"},
           {"1e", "B:1e (trailing junk after numeric literal)"},
           {"1e+", "B:1e+ (trailing junk after numeric literal)"},
           {"1e5x", "B:1e5x (trailing junk after numeric literal)"},
           {"1\xc3\xa9", "B:1\xc3\xa9 (trailing junk after numeric literal)"});
}

Test(sql_token, strings_double_their_quote_and_go_on_behind_a_line_break)
{
    EXPECT({"'a'", "S:'a' "}, {"''", "S:'' "}, {"'a''b'", "S:'a''b' "}, {"'a\\'", "S:'a\\' "},
           {"'a'b", "S:'a' W:b "}, {"'a' 'b'", "S:'a' S:'b' "}, {"'a'\n'b'", "S:'a'\n'b' "},
           {"'a'\r'b'", "S:'a'\r'b' "}, {"'a' \n \t 'b'", "S:'a' \n \t 'b' "},
           {"'a'\n'b'\n'c' 'd'", "S:'a'\n'b'\n'c' S:'d' "}, {"'a' -- c\n'b'", "S:'a' -- c\n'b' "},
           {"'a'\n-- c\n'b'", "S:'a'\n-- c\n'b' "}, {"'a' -- c\n", "S:'a' "}, {"'a'\n", "S:'a' "},
           {"'a'\nb", "S:'a' W:b "}, {"'a'\n/* c */'b'", "S:'a' S:'b' "},
           {"'a' /* \n */ 'b'", "S:'a' S:'b' "}, {"'a", "B:'a (unterminated quoted string)"},
           {"'a''", "B:'a'' (unterminated quoted string)"},
           {"'a'\n'b", "B:'a'\n'b (unterminated quoted string)"}, {"b'01'", "X:b'01' "},
           {"X'1F'", "X:X'1F' "}, {"n'a'", "X:n'a' "}, {"a'b'", "W:a S:'b' "});
}

Test(sql_token, an_escape_string_has_backslashes_and_its_continuations_too)
{
    EXPECT({"E'a'", "S:E'a' "}, {"e'\\''", "S:e'\\'' "}, {"E'\\\\'", "S:E'\\\\' "},
           {"E'a''b'", "S:E'a''b' "}, {"E'a'\n'\\''", "S:E'a'\n'\\'' "}, {"E 'a'", "W:E S:'a' "},
           {"E'\\'", "B:E'\\' (unterminated quoted string)"},
           {"E'a\\", "B:E'a\\ (unterminated quoted string)"});
}

Test(sql_token, dollar_quotes_end_at_their_own_tag_only)
{
    EXPECT({"$$a$$", "S:$$a$$ "}, {"$$$$", "S:$$$$ "}, {"$a$b$a$", "S:$a$b$a$ "},
           {"$a$ $b$ $$ ' $a$", "S:$a$ $b$ $$ ' $a$ "}, {"$A$a$a$A$", "S:$A$a$a$A$ "},
           {"$_1$x$_1$y", "S:$_1$x$_1$ W:y "},
           {"$\xc3\xa9$x$\xc3\xa9$", "S:$\xc3\xa9$x$\xc3\xa9$ "}, {"$a$$a$a$", "S:$a$$a$ W:a$ "},
           {"$$a", "B:$$a (unterminated dollar-quoted string)"},
           {"$a$b$c$", "B:$a$b$c$ (unterminated dollar-quoted string)"}, {"$1", "P:$1 "},
           {"$12+", "P:$12 Y:+ "}, {"$1a", "B:$1a (trailing junk after parameter)"}, {"$", "Y:$ "},
           {"$a", "Y:$ W:a "}, {"$a b$", "Y:$ W:a W:b$ "});
}

Test(sql_token, operators_end_before_comments_and_signs)
{
    EXPECT({"=", "Y:= "}, {"<=", "Y:<= "}, {">=", "Y:>= "}, {"<>", "Y:<> "}, {"!=", "Y:!= "},
           {"=>", "Y:=> "}, {"::", "Y::: "}, {":=", "Y::= "}, {":", "Y:: "}, {"..", "Y:.. "},
           {":::", "Y::: Y:: "}, {"||", "O:|| "}, {"@>", "O:@> "}, {"=-1", "Y:= Y:- I:1 "},
           {"+-", "Y:+ Y:- "}, {"@-", "O:@- "}, {"@-1", "O:@- I:1 "}, {"*-1", "Y:* Y:- I:1 "},
           {"<--c\n1", "Y:< I:1 "}, {"</*c*/1", "Y:< I:1 "}, {"@--c\n1", "O:@ I:1 "},
           {"@/*c*/", "O:@ "}, {"---", ""}, {"- -", "Y:- Y:- "}, {"!", "O:! "}, {"&&", "O:&& "},
           {"(a,[1];)", "Y:( W:a Y:, Y:[ I:1 Y:] Y:; Y:) "}, {"{\\}", "Y:{ Y:\\ Y:} "});
}

Test(sql_token, the_end_is_where_it_was_said_to_be_and_nul_is_a_byte)
{
    static const char *const texts[] = {"ab",    "'a'",    "1.5", "$a$b$a$",
                                        "/*a*/", "E'\\''", "<=",  "--"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t length = 0; length <= strlen(texts[i]); length++) {
            char now[256], *cut = strndup(texts[i], length); /* ASan sees a step too far */
            char *exact = malloc(length + 1);
            memcpy(exact, cut, length);
            describe(exact, length, now);
            free(exact);
            free(cut);
        }
    const struct token token = token_read("\0a", "\0a" + 2);
    cr_expect_eq(token.length, 1);
    cr_expect_eq(token.kind, TOKEN_SYMBOL);
}

/* ---- what a string stands for ---- */

static const char *decoded(const char *text, struct string_problem *problem)
{
    static char out[256];
    const struct token token = token_read(text, text + strlen(text));
    cr_assert_eq(token.kind, TOKEN_STRING, "%s", text);
    cr_assert_eq(token.length, strlen(text), "%s", text);
    const size_t length = token_decode_string(&token, out, problem);
    cr_assert_leq(length, token.length);
    out[length] = '\0';
    return out;
}

Test(sql_token, strings_are_decoded_by_their_kind)
{
    static const struct row rows[] = {
        {"'a''b'", "a'b"},
        {"'a\\n'", "a\\n"},
        {"'a'\n'b'", "ab"},
        {"'a''' -- '\n '''b'", "a''b"},
        {"$$a'b\\$$", "a'b\\"},
        {"$x$$y$$x$", "$y$"},
        {"E'\\b\\f\\n\\r\\t\\\\\\'\\q'", "\b\f\n\r\t\\'q"},
        {"E'\\101\\60\\1011'", "A0A1"},
        {"E'\\x41\\x4a\\xZ'", "AJxZ"},
        {"E'\\u0041\\u00e9\\u20AC'", "A\xc3\xa9\xe2\x82\xac"},
        {"E'\\U0001F600'", "\xf0\x9f\x98\x80"},
        {"E'\\ud83d\\ude00'", "\xf0\x9f\x98\x80"},
        {"E'\\ud83d\\U0000de00'", "\xf0\x9f\x98\x80"},
        {"E'\\xc3\\xa9'", "\xc3\xa9"},
        {"E'a'\n'\\x42'", "aB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct string_problem problem;
        cr_expect_str_eq(decoded(rows[i].text, &problem), rows[i].due, "%s", rows[i].text);
        cr_expect_null(problem.message, "%s: %s", rows[i].text, problem.message);
    }
}

Test(sql_token, escapes_that_are_no_character_are_told_as_postgresql_tells_them)
{
    static const struct {
        const char *text, *message, *sqlstate;
        int byte;
    } rows[] = {
        {"E'\\u12'", "invalid Unicode escape", "22025", -1},
        {"E'\\u12G4'", "invalid Unicode escape", "22025", -1},
        {"E'\\U0001F60'", "invalid Unicode escape", "22025", -1},
        {"E'\\u0000'", "invalid Unicode escape value", "42601", -1},
        {"E'\\U00110000'", "invalid Unicode escape value", "42601", -1},
        {"E'\\ude00'", "invalid Unicode surrogate pair", "42601", -1},
        {"E'\\ud83d'", "invalid Unicode surrogate pair", "42601", -1},
        {"E'\\ud83dx'", "invalid Unicode surrogate pair", "42601", -1},
        {"E'\\ud83d\\u0041'", "invalid Unicode surrogate pair", "42601", -1},
        {"E'\\xff'", "invalid byte sequence for encoding \"UTF8\"", "22021", 0xff},
        {"E'\\000'", "invalid byte sequence for encoding \"UTF8\"", "22021", 0x00},
        {"E'a\\xc3'", "invalid byte sequence for encoding \"UTF8\"", "22021", 0xc3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct string_problem problem;
        decoded(rows[i].text, &problem);
        cr_assert_not_null(problem.message, "%s", rows[i].text);
        cr_expect_str_eq(problem.message, rows[i].message, "%s", rows[i].text);
        cr_expect_str_eq(problem.sqlstate, rows[i].sqlstate, "%s", rows[i].text);
        cr_expect_eq(problem.byte, rows[i].byte, "%s", rows[i].text);
    }
}

Test(sql_token, names_are_decoded_and_words_compared_without_case)
{
    static const struct row rows[] = {{"AbC$\xc3\x89", "abc$\xc3\x89"},
                                      {"\"AbC\"", "AbC"},
                                      {"\"a\"\"b\"", "a\"b"},
                                      {"\"\"\"\"", "\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[64];
        const struct token token = token_read(rows[i].text, rows[i].text + strlen(rows[i].text));
        out[token_decode_name(&token, out)] = '\0';
        cr_expect_str_eq(out, rows[i].due);
    }
    const char *text = "SeLeCt";
    const struct token word = token_read(text, text + 6), part = token_read(text, text + 5);
    cr_expect(token_is_word(&word, "select"));
    cr_expect_not(token_is_word(&word, "selec"));
    cr_expect_not(token_is_word(&part, "select"));
    text = "\"select\"";
    const struct token quoted = token_read(text, text + 8);
    cr_expect_not(token_is_word(&quoted, "select"));
}
