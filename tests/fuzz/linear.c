/*
 * The work for a text grows with its length, and not faster: texts of 256 KiB and of 1 MiB
 * (the longest that are taken) of what parsers are slow with. Four times as long is four times
 * the work when it is linear, and sixteen times when it is quadratic.
 */
#include "tests/fuzz/walk.h"

#include "store/memory.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SMALL       ((size_t)256 * 1024)
#define LARGE       ((size_t)1024 * 1024)
#define RATIO_MAX   8
#define TRIES       3
#define TRIES_MORE  12   /* before it is said to be slow */
#define FAST_NS     50e6 /* too short to be compared */
#define HOPELESS_NS 10e9 /* not worth another try */

/* `unit` again and again between `begin` and `end`, and as many times `closing` behind it. In
 * a unit, # is its number, and % the last two digits of it. */
static const struct pattern {
    const char *name, *begin, *unit, *closing, *end;
} patterns[] = {
    {"spaces", "", " ", "", ""},
    {"semicolons", "", ";", "", ""},
    {"parentheses", "SELECT ", "(", ")", ""},
    {"parentheses of VALUES", "INSERT INTO t VALUES (", "(", ")", ")"},
    {"brackets of VALUES", "INSERT INTO t VALUES (", "[", "]", ")"},
    {"closing brackets of VALUES", "INSERT INTO t VALUES (", "]", "[", ")"},
    {"groups of CHECK", "CREATE TABLE t (a int CHECK ", "(", ")", ")"},
    {"commas of CHECK", "CREATE TABLE t (a int CHECK (1", ", 1", "", "))"},
    {"quotes", "SELECT ", "'", "", ""},
    {"double quotes", "SELECT ", "\"", "", ""},
    {"backslashes", "SELECT E'", "\\", "", "'"},
    {"escapes", "SELECT E'", "\\u00e9\\101\\x41\\'", "", "'"},
    {"surrogates", "SELECT E'", "\\ud83d\\ude42", "", "'"},
    {"continued strings", "SELECT 'a'", "\n'a'", "", ""},
    {"strings over comments", "SELECT 'a'", "-- c\n'a'", "", ""},
    {"continued nowhere", "INSERT INTO t VALUES (", "'a' \n-- c\n", "", ")"},
    {"lines behind a string", "SELECT 'a'", "\n", "", ""},
    {"strings", "INSERT INTO t VALUES (1", ", 'a'", "", ")"},
    {"open comments", "SELECT ", "/*", "", ""},
    {"nested comments", "SELECT ", "/*", "*/", "1"},
    {"comments", "SELECT ", "/**/", "", "1"},
    {"lines of comments", "SELECT ", "--\n", "", "1"},
    {"comments between words", "INSERT INTO t VALUES (", "a/* b */", "", ")"},
    {"dollars", "SELECT ", "$", "", ""},
    {"lone dollars", "INSERT INTO t VALUES (", "$a# ", "", ")"},
    {"dollar strings", "INSERT INTO t VALUES (1", ", $a#$ $$ $a $a#$", "", ")"},
    {"dollar tag", "SELECT $", "a", "", "$"},
    {"parameters", "INSERT INTO t VALUES (", "$1", "", ")"},
    {"signs", "INSERT INTO t VALUES (", "+", "", "1)"},
    {"stars and signs", "INSERT INTO t VALUES (", "*+", "", "1)"},
    {"a star and signs", "INSERT INTO t VALUES (*", "+", "", "1)"},
    {"operators", "INSERT INTO t VALUES (1", "@-", "", "1)"},
    {"digits", "SELECT ", "1", "", ""},
    {"zeros", "SELECT ", "0", "", ""},
    {"digits of a string", "SELECT bigint '", "1", "", "'"},
    {"blanks of a number", "SELECT bigint '", " ", "", "1'"},
    {"numbers", "SELECT 1", ", 1", "", ""},
    {"decimal points", "SELECT 1", ".1", "", ""},
    {"casts", "SELECT 1", "::int", "", ""},
    {"casts of a call", "SELECT nextval('s')", "::int::text", "", ""},
    {"casts in VALUES", "INSERT INTO t VALUES (nextval('s')", "::int", "", ")"},
    {"CAST", "SELECT ", "CAST(", " AS int)", ""},
    {"calls in calls", "SELECT ", "nextval(", ")", ""},
    {"arguments", "SELECT f(1", ", 1", "", ")"},
    {"a word", "", "a", "", ""},
    {"a long name", "CREATE SEQUENCE ", "a", "", ""},
    {"a long quoted name", "CREATE SEQUENCE \"", "\"\"", "", "\""},
    {"a long label", "SELECT 1 AS ", "\xc3\xa9", "", ""},
    {"a long type", "SELECT 'x'::", "a", "", ""},
    {"dots of a sequence", "CREATE SEQUENCE a", ".a", "", ""},
    {"dots of a table", "INSERT INTO a", ".a", "", " VALUES (1)"},
    {"dots of a column", "SELECT a", ".a", "", ""},
    {"dots of a type", "SELECT 'x'::a", ".a", "", ""},
    {"dots of an owner", "CREATE SEQUENCE s OWNED BY a", ".a", "", ""},
    {"dots of a regclass", "SELECT nextval('a", ".a", "", "')"},
    {"dots in VALUES", "INSERT INTO t VALUES (a", ".nextval", "", ")"},
    {"items", "SELECT nextval('s%')", ", nextval('s%')", "", ""},
    {"items of names", "SELECT 's'::regclass", ", '\"S\"'::regclass::text::regclass", "", ""},
    {"labels", "SELECT 1", ", 1 AS a#", "", ""},
    {"stars", "SELECT *", ",*", "", " FROM pg_sequences"},
    {"conditions", "SELECT 1 FROM s WHERE is_called = true", " AND last_value = 1", "", ""},
    {"orderings", "SELECT last_value FROM s ORDER BY 1", ", last_value DESC", "", ""},
    {"items of a series", "SELECT 1", ", nextval('s%')", "", " FROM generate_series(1, 3)"},
    {"options", "CREATE SEQUENCE s", " CACHE 1", "", ""},
    {"CYCLE", "CREATE SEQUENCE s", " CYCLE", "", ""},
    {"types", "CREATE SEQUENCE s", " AS nosuch", "", ""},
    {"SEQUENCE NAME", "CREATE SEQUENCE s", " SEQUENCE NAME x", "", ""},
    {"owners", "CREATE SEQUENCE s", " OWNED BY a.b", "", ""},
    {"options of a column", "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (CYCLE", " CYCLE",
     "", "))"},
    {"sequences to drop", "DROP SEQUENCE s", ", s#", "", ""},
    {"tables to drop", "DROP TABLE t", ", t#", "", ""},
    {"tables that are not kept", "DROP TABLE t", ", \xc3\xa9", "", ""},
    {"tables of another database", "DROP TABLE t", ", a.b.c", "", ""},
    {"long tables", "DROP TABLE t",
     ", a0123456789012345678901234567890123456789012345678901234567890123456789", "", ""},
    {"actions", "ALTER TABLE t ADD a int", ", ADD c# int, DROP d#, RENAME e# TO f#", "", ""},
    {"columns", "CREATE TABLE t (a serial", ", c# serial", "", ")"},
    {"constraints", "CREATE TABLE t (a int", " UNIQUE", "", ")"},
    {"dimensions", "CREATE TABLE t (a int", "[1]", "", ")"},
    {"what is behind a table", "CREATE TABLE t (a serial)", " WITH (x)", "", ""},
    {"rows", "INSERT INTO t VALUES (1)", ", (1)", "", ""},
    {"rows of a list", "INSERT INTO t (a) VALUES (1)", ", (DEFAULT)", "", ""},
    {"rows of numbers", "INSERT INTO t VALUES (1)", ", (nextval('s%'))", "", ""},
    {"rows of old numbers", "INSERT INTO t VALUES (nextval('s'))", ", (currval('s'))", "", ""},
    {"values", "INSERT INTO t VALUES (1", ", 1", "", ")"},
    {"values of DEFAULT", "INSERT INTO t VALUES (1", ", DEFAULT", "", ")"},
    {"calls of a value", "INSERT INTO t VALUES (1", " + nextval('s%')", "", ")"},
    {"listed columns", "INSERT INTO t (a", ", c#", "", ") VALUES (1)"},
    {"elements of a column", "INSERT INTO t (a", "[1]", "", ") VALUES (1)"},
    {"RETURNING", "INSERT INTO t DEFAULT VALUES RETURNING a", ", a", "", ""},
    {"ON CONFLICT", "INSERT INTO t VALUES (1) ON CONFLICT", " a", "", ""},
    {"a query", "INSERT INTO t (a) SELECT 1", ", 1", "", ""},
    {"calls of a query", "INSERT INTO t SELECT 1", ", nextval('s')", "", ""},
    {"statements", "", "SELECT 1;", "", ""},
    {"calls", "", "SELECT nextval('s');", "", ""},
    {"calls and semicolons", "", "SELECT lastval();;;;;;;;;;", "", ""},
    {"sequences", "", "CREATE SEQUENCE s# START 5;", "", ""},
    {"sequences that fail", "", "ALTER SEQUENCE IF EXISTS s CYCLE CYCLE;", "", ""},
    {"tables", "", "CREATE TABLE t# (id serial, v text);", "", ""},
    {"tables of no sequence", "", "CREATE TABLE \xc3\xa9 (id int);", "", ""},
    {"inserts", "", "INSERT INTO t VALUES (1);", "", ""},
    {"inserts into no table of seqd's", "", "INSERT INTO \xc3\xa9 VALUES (1);", "", ""},
    {"defaults", "", "INSERT INTO t DEFAULT VALUES;", "", ""},
    {"long notices", "",
     "DROP SEQUENCE a0123456789012345678901234567890123456789012345678901234567890123456789;", "",
     ""},
};

/* Texts whose statements are as wide as they may be. */
static char *make_wide(size_t size, size_t *length, const char *begin, const char *between,
                       const char *column, const char *end)
{
    struct text text = {0};
    char name[32];
    while (text.length < size) {
        text_put(&text, begin);
        for (int i = 0; i < 1600; i++) {
            snprintf(name, sizeof name, "%sc%d %s", i ? between : "", i, column);
            text_put(&text, name);
        }
        text_put(&text, end);
    }
    *length = text.length;
    return text.bytes;
}

/* Statements that nest as deep as they may, in every way there is. */
static char *make_deep(size_t size, size_t *length)
{
    struct text text = {0};
    while (text.length < size) {
        text_put(&text, "SELECT ");
        for (int i = 0; i < NESTING_MAX - 2; i++)
            text_put(&text, "(");
        text_put(&text, "nextval('s')");
        for (int i = 0; i < (NESTING_MAX - 2) * (NESTING_MAX / 2); i++)
            text_put(&text, i % (NESTING_MAX / 2) ? "::int::text" : ")");
        text_put(&text, ";");
    }
    *length = text.length;
    return text.bytes;
}

static void put_unit(struct text *text, const char *unit, size_t number)
{
    char digits[32];
    for (; *unit; unit++) {
        snprintf(digits, sizeof digits, "%zu", *unit == '%' ? number % 100 : number);
        if (*unit == '#' || *unit == '%')
            text_put(text, digits);
        else
            text_add(text, unit, 1);
    }
}

static char *make_text(const struct pattern *pattern, size_t size, size_t *length)
{
    struct text text = {0};
    size_t closing = strlen(pattern->closing), count = 0;
    text_put(&text, pattern->begin);
    while (text.length + count * closing < size)
        put_unit(&text, pattern->unit, count++);
    while (count-- > 0)
        text_put(&text, pattern->closing);
    text_put(&text, pattern->end);
    *length = text.length;
    return text.bytes;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double measure(const char *text, size_t size, int tries, double best)
{
    for (int i = 0; i < tries; i++) {
        struct walk walk;
        double begin = now();
        walk_text(&walk, text, size, false);
        double taken = now() - begin;
        if (taken < best)
            best = taken;
    }
    return best;
}

static bool is_fine(double small, double large)
{
    return large < FAST_NS || large < RATIO_MAX * small;
}

/* Frees the texts. */
static bool compare(const char *name, char *small, size_t small_size, char *large,
                    size_t large_size)
{
    double quick = measure(small, small_size, TRIES, 1e18);
    double slow = measure(large, large_size, 1, 1e18);
    if (!is_fine(quick, slow))
        slow = measure(large, large_size, TRIES - 1, slow);
    if (!is_fine(quick, slow) && slow < HOPELESS_NS) {
        quick = measure(small, small_size, TRIES_MORE, quick);
        slow = measure(large, large_size, TRIES_MORE, slow);
    }
    bool fine = is_fine(quick, slow);
    printf("%-34s %8.2f ms  %9.2f ms  %5.1f%s\n", name, quick / 1e6, slow / 1e6, slow / quick,
           fine ? "" : "  NOT LINEAR");
    fflush(stdout);
    free(small);
    free(large);
    return fine;
}

static bool compare_pattern(const struct pattern *pattern)
{
    size_t small_size, large_size;
    char *small = make_text(pattern, SMALL, &small_size);
    char *large = make_text(pattern, LARGE, &large_size);
    return compare(pattern->name, small, small_size, large, large_size);
}

static bool compare_wide(const char *name, const char *begin, const char *between,
                         const char *column, const char *end)
{
    size_t small_size, large_size;
    char *small = make_wide(SMALL, &small_size, begin, between, column, end);
    char *large = make_wide(LARGE, &large_size, begin, between, column, end);
    return compare(name, small, small_size, large, large_size);
}

static bool compare_deep(void)
{
    size_t small_size, large_size;
    char *small = make_deep(SMALL, &small_size);
    char *large = make_deep(LARGE, &large_size);
    return compare("casts at every depth", small, small_size, large, large_size);
}

int main(int count, char **arguments)
{
    bool fine = true;
    const char *only = count > 1 ? arguments[1] : "";
    /* Memory that is used again costs nothing, and then the sizes are alike. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    printf("%-34s %8s     %9s\n", "", "256 KiB", "1 MiB");
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (strstr(patterns[i].name, only))
            fine &= compare_pattern(&patterns[i]);
    if (strstr("casts at every depth", only))
        fine &= compare_deep();
    if (strstr("wide tables", only))
        fine &= compare_wide("wide tables", "CREATE TABLE t (", ", ", "int", ");");
    if (strstr("wide inserts", only))
        fine &= compare_wide("wide inserts", "INSERT INTO t (", ", ", "", ") SELECT 1;");
    return fine ? 0 : 1;
}
