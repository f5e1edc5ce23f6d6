/* Operations as SQL: see operation.h. */
#include "tests/differential/operation.h"

#include "tests/differential/random.h"

#include <ctype.h>
#include <string.h>

struct writer {
    struct text *sql;
    struct random random;
    bool plain, several;
};

/* One of `count` ways; the first is the plain one. */
static unsigned way(struct writer *writer, unsigned count)
{
    return writer->plain ? 0 : random_below(&writer->random, count);
}

/* Keywords in capitals mostly, in small letters sometimes, and mixed. */
static void keyword(struct writer *writer, const char *words)
{
    const unsigned how = way(writer, 8);
    for (size_t i = 0; words[i] != '\0'; i++) {
        const int c = (unsigned char)words[i];
        const char byte = (char)(how == 1 || (how == 2 && i % 2 == 1) ? tolower(c) : c);
        text_add_bytes(writer->sql, &byte, 1);
    }
}

static void space(struct writer *writer)
{
    static const char *const spaces[] = {" ",  " ",  " ",         " ",       " ",
                                         "  ", "\n", " /* a */ ", " -- b\n", "\t"};
    text_add(writer->sql, "%s", spaces[way(writer, 10)]);
}

/* The argument of nextval('...') and the like. A cast of a text is the last form: it is done when
 * the statement runs, not before, so where there are several, others may have run. */
static void name_literal(struct writer *writer, const struct sequence_name *name)
{
    static const char *const forms[] = {"'%s'",     "'%s'",           "'%s'",
                                        "'%s'",     "'%s'::regclass", "$$%s$$",
                                        "$q$%s$q$", "E'%s'",          "CAST('%s' AS regclass)",
                                        "' %s '",   "'public.%s'",    "'%s'::text::regclass"};
    const unsigned form = way(writer, writer->several ? 11 : 12);
    const char *text = forms[form == 10 && name->schema != NULL ? 0 : form];
    const char *hole = strstr(text, "%s");
    text_add(writer->sql, "%.*s%s%s", (int)(hole - text), text, name->sql, hole + 2);
}

/* ---- options ---- */

static void number_option(struct writer *writer, const struct sequence_option *option)
{
    static const struct {
        const char *none, *short_form, *long_form;
    } words[OPTION_KINDS] = {
        [OPTION_INCREMENT] = {NULL, "INCREMENT", "INCREMENT BY"},
        [OPTION_MINVALUE] = {"NO MINVALUE", "MINVALUE", "MINVALUE"},
        [OPTION_MAXVALUE] = {"NO MAXVALUE", "MAXVALUE", "MAXVALUE"},
        [OPTION_START] = {NULL, "START", "START WITH"},
        [OPTION_RESTART] = {"RESTART", "RESTART", "RESTART WITH"},
        [OPTION_CACHE] = {NULL, "CACHE", "CACHE"},
    };
    if (option->none) {
        keyword(writer, words[option->kind].none);
        return;
    }
    const bool short_form = way(writer, 2) == 1;
    keyword(writer, short_form ? words[option->kind].short_form : words[option->kind].long_form);
    space(writer);
    const bool plus = option->value[0] != '-' && way(writer, 12) == 1;
    text_add(writer->sql, "%s%s", plus ? "+" : "", option->value);
}

static void add_option(struct writer *writer, const struct sequence_option *option)
{
    space(writer);
    switch (option->kind) {
    case OPTION_AS:
        keyword(writer, "AS");
        space(writer);
        text_add(writer->sql, "%s", option->value);
        break;
    case OPTION_CYCLE:
        keyword(writer, option->none ? "NO CYCLE" : "CYCLE");
        break;
    case OPTION_OWNED_BY_NONE:
        keyword(writer, "OWNED BY NONE");
        break;
    default:
        number_option(writer, option);
    }
}

/* ---- statements ---- */

static void definition(struct writer *writer, const struct operation *operation)
{
    const bool create = operation->kind == OPERATION_CREATE;
    keyword(writer, create ? "CREATE SEQUENCE" : "ALTER SEQUENCE");
    space(writer);
    if (operation->if_exists) {
        keyword(writer, create ? "IF NOT EXISTS" : "IF EXISTS");
        space(writer);
    }
    text_add(writer->sql, "%s", operation->names[0]->sql);
    for (unsigned i = 0; i < operation->option_count; i++) {
        add_option(writer, &operation->options[i]);
    }
    if (operation->kind == OPERATION_RENAME) {
        space(writer);
        keyword(writer, "RENAME TO");
        const char *name = operation->new_name->sql;
        const char *dot = strchr(name, '.');
        text_add(writer->sql, " %s", dot == NULL ? name : dot + 1);
    }
}

static void drop(struct writer *writer, const struct operation *operation)
{
    keyword(writer, operation->if_exists ? "DROP SEQUENCE IF EXISTS" : "DROP SEQUENCE");
    for (unsigned i = 0; i < operation->name_count; i++) {
        text_add(writer->sql, "%s %s", i > 0 ? "," : "", operation->names[i]->sql);
    }
    keyword(writer, way(writer, 8) == 1 ? " RESTRICT" : "");
}

static void function(struct writer *writer, const char *name, const struct sequence_name *argument)
{
    text_add(writer->sql, "%s", way(writer, 10) == 1 ? "pg_catalog." : "");
    keyword(writer, name);
    text_add(writer->sql, "(");
    if (argument != NULL) {
        name_literal(writer, argument);
    }
}

static void alias(struct writer *writer, unsigned number)
{
    switch (way(writer, 10)) {
    case 1:
        text_add(writer->sql, " AS v%u", number);
        break;
    case 2:
        text_add(writer->sql, " AS \"V %u\"", number);
        break;
    case 3:
        text_add(writer->sql, "::text");
        break;
    default:
        break;
    }
}

static void setval(struct writer *writer, const struct operation *operation)
{
    static const char *const forms[] = {"'%s'", "%s",           "%s",
                                        "%s",   "'%s'::bigint", "CAST('%s' AS int8)"};
    static const char *const yes[] = {"true", "TRUE", "'t'", "true::boolean"};
    static const char *const no[] = {"false", "False", "'no'", "'f'::bool"};
    function(writer, "setval", operation->names[0]);
    const char *form = forms[way(writer, 6)], *hole = strstr(form, "%s");
    text_add(writer->sql, ", %.*s%s%s", (int)(hole - form), form, operation->value, hole + 2);
    if (operation->called != CALLED_DEFAULT) {
        const unsigned how = way(writer, 4);
        text_add(writer->sql, ", %s", operation->called == CALLED_TRUE ? yes[how] : no[how]);
    }
    text_add(writer->sql, ")");
}

static void values(struct writer *writer, const struct operation *operation)
{
    keyword(writer, "SELECT");
    space(writer);
    if (operation->kind == OPERATION_SETVAL) {
        setval(writer, operation);
        return;
    }
    for (unsigned i = 0; i < operation->name_count; i++) {
        text_add(writer->sql, i > 0 ? ", " : "");
        function(writer, operation->kind == OPERATION_CURRVAL ? "currval" : "nextval",
                 operation->names[i]);
        text_add(writer->sql, ")");
        alias(writer, i);
    }
    if (operation->kind == OPERATION_SERIES) {
        space(writer);
        keyword(writer, "FROM generate_series");
        text_add(writer->sql, "(1, %u)", operation->series);
    }
}

static void catalog(struct writer *writer, const struct sequence_name *name)
{
    keyword(writer, "SELECT data_type, start_value, min_value, max_value, increment_by, cycle,");
    keyword(writer, " cache_size, last_value FROM pg_sequences WHERE ");
    text_add(writer->sql, "schemaname = '%s' AND sequencename = '%s'",
             name->schema == NULL ? "public" : name->schema, name->bare);
}

static void statement(struct writer *writer, const struct operation *operation)
{
    switch (operation->kind) {
    case OPERATION_CREATE:
    case OPERATION_ALTER:
    case OPERATION_RENAME:
        definition(writer, operation);
        break;
    case OPERATION_DROP:
        drop(writer, operation);
        break;
    case OPERATION_NEXTVAL:
    case OPERATION_SERIES:
    case OPERATION_CURRVAL:
    case OPERATION_SETVAL:
        values(writer, operation);
        break;
    case OPERATION_LASTVAL:
        keyword(writer, "SELECT ");
        function(writer, "lastval", NULL);
        text_add(writer->sql, ")");
        break;
    case OPERATION_READ:
        keyword(writer, "SELECT last_value, is_called FROM ");
        text_add(writer->sql, "%s", operation->names[0]->sql);
        break;
    case OPERATION_CATALOG:
        catalog(writer, operation->names[0]);
        break;
    case OPERATION_DISCARD:
        keyword(writer, way(writer, 2) == 1 ? "DISCARD SEQUENCES" : "DISCARD ALL");
        break;
    }
}

void operation_sql(const struct operation *operation, bool plain, struct text *sql)
{
    struct writer writer = {.sql = sql, .plain = plain, .several = operation->name_count > 1};
    random_seed(&writer.random, operation->style, 0);
    text_clear(sql);
    if (way(&writer, 30) == 1) {
        text_add(sql, "/* c /* d */ */ ");
    }
    statement(&writer, operation);
    text_add(sql, way(&writer, 6) == 1 ? ";" : "");
}
