#include "handlers/sql/types.h"

#include <string.h>

static const struct {
    const char *name, *label;
} described[SQL_NO_TYPE] = {
    [SQL_UNKNOWN] = {"unknown", "unknown"}, [SQL_SMALLINT] = {"smallint", "int2"},
    [SQL_INTEGER] = {"integer", "int4"},    [SQL_BIGINT] = {"bigint", "int8"},
    [SQL_NUMERIC] = {"numeric", "numeric"}, [SQL_BOOLEAN] = {"boolean", "bool"},
    [SQL_TEXT] = {"text", "text"},          [SQL_REGCLASS] = {"regclass", "regclass"},
    [SQL_OTHER] = {"unknown", "unknown"},
};

const char *sql_type_name(enum sql_type type)
{
    return described[type].name;
}

const char *sql_type_label(enum sql_type type)
{
    return described[type].label;
}

/* Names in pg_catalog: those that seqd knows, and the common ones that it does not. */
static const struct {
    const char *name;
    enum sql_type type;
} catalog_types[] = {
    {"int2", SQL_SMALLINT},     {"int4", SQL_INTEGER},   {"int8", SQL_BIGINT},
    {"bool", SQL_BOOLEAN},      {"text", SQL_TEXT},      {"regclass", SQL_REGCLASS},
    {"numeric", SQL_NUMERIC},   {"varchar", SQL_OTHER},  {"bpchar", SQL_OTHER},
    {"char", SQL_OTHER},        {"name", SQL_OTHER},     {"oid", SQL_OTHER},
    {"float4", SQL_OTHER},      {"float8", SQL_OTHER},   {"date", SQL_OTHER},
    {"time", SQL_OTHER},        {"timetz", SQL_OTHER},   {"timestamp", SQL_OTHER},
    {"timestamptz", SQL_OTHER}, {"interval", SQL_OTHER}, {"uuid", SQL_OTHER},
    {"json", SQL_OTHER},        {"jsonb", SQL_OTHER},    {"xml", SQL_OTHER},
    {"bytea", SQL_OTHER},       {"money", SQL_OTHER},    {"inet", SQL_OTHER},
    {"cidr", SQL_OTHER},        {"macaddr", SQL_OTHER},  {"bit", SQL_OTHER},
    {"varbit", SQL_OTHER},      {"point", SQL_OTHER},    {"regtype", SQL_OTHER},
    {"regproc", SQL_OTHER},     {"xid", SQL_OTHER},      {"tsvector", SQL_OTHER},
};

/* SQL's own spellings (gram.y's SimpleTypename): keywords, so never quoted. */
static const struct {
    const char *words;
    enum sql_type type;
} spellings[] = {
    {"smallint", SQL_SMALLINT},
    {"integer", SQL_INTEGER},
    {"int", SQL_INTEGER},
    {"bigint", SQL_BIGINT},
    {"boolean", SQL_BOOLEAN},
    {"numeric", SQL_NUMERIC},
    {"decimal", SQL_NUMERIC},
    {"dec", SQL_NUMERIC},
    {"real", SQL_OTHER},
    {"float", SQL_OTHER},
    {"double precision", SQL_OTHER},
    {"character varying", SQL_OTHER},
    {"character", SQL_OTHER},
    {"char varying", SQL_OTHER},
    {"char", SQL_OTHER},
    {"varchar", SQL_OTHER},
    {"bit varying", SQL_OTHER},
    {"bit", SQL_OTHER},
    {"interval", SQL_OTHER},
    {"timestamp", SQL_OTHER},
    {"time", SQL_OTHER},
};

/* (10, 2); what is in it does not matter here. */
static bool skip_modifier(struct parser *parser, struct type_name *type)
{
    if (!parser_accept_symbol(parser, "("))
        return true;
    type->has_modifier = true;
    while (parser->token.kind == TOKEN_INTEGER || parser_is_symbol(parser, ","))
        parser_next(parser);
    return parser_expect_symbol(parser, ")");
}

static bool parse_generic(struct parser *parser, struct type_name *type)
{
    struct dotted dotted;
    if (!parse_dotted(parser, WORD_RESERVED, &dotted))
        return false;
    bool in_catalog =
        dotted.count == 1 || (dotted.count == 2 && strcmp(dotted.parts[0], "pg_catalog") == 0);
    const char *last = dotted.parts[dotted.count - 1];
    type->type = SQL_NO_TYPE;
    type->has_schema = dotted.count > 1;
    size_t size = 0;
    for (size_t i = 0; i < dotted.count; i++)
        size += strlen(dotted.parts[i]) + 1;
    char *text = arena_alloc(parser->arena, size + 1), *out = text;
    for (size_t i = 0; i < dotted.count; i++) {
        out = stpcpy(out, dotted.parts[i]);
        if (i + 1 < dotted.count)
            *out++ = '.';
    }
    type->text = text;
    for (size_t i = 0; in_catalog && i < sizeof catalog_types / sizeof *catalog_types; i++)
        if (strcmp(last, catalog_types[i].name) == 0)
            type->type = catalog_types[i].type;
    return skip_modifier(parser, type);
}

bool parse_type_name(struct parser *parser, struct type_name *type)
{
    *type = (struct type_name){.at = parser->token.begin};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (!parser_accept_words(parser, spellings[i].words))
            continue;
        type->type = spellings[i].type;
        type->text = spellings[i].words;
        return skip_modifier(parser, type);
    }
    return parse_generic(parser, type);
}

bool check_type_name(struct parser *parser, const struct type_name *type)
{
    if (type->type == SQL_NO_TYPE)
        return parser_fail(parser, type->at, ERROR_INVALID_PARAMETER, "42704",
                           "type \"%s\" does not exist", type->text);
    if (type->type != SQL_OTHER && type->type != SQL_NUMERIC && !type->has_modifier)
        return true;
    return parser_unsupported(parser, type->at,
                              "seqd serves the types smallint, integer, bigint, boolean, text and "
                              "regclass");
}
