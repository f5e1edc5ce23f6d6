#include "handlers/sql/keywords.h"

#include <stdlib.h>
#include <string.h>

#define TABLE    WORD_NOT_TABLE
#define LABEL    WORD_NOT_LABEL
#define RESERVED WORD_RESERVED
#define TYPE     WORD_TYPE

/* What pg_get_keywords() has that is not an unreserved word that may stand anywhere; sorted. */
static const struct keyword {
    const char *word;
    unsigned uses;
} keywords[] = {{"all", TABLE | RESERVED},
                {"analyse", TABLE | RESERVED},
                {"analyze", TABLE | RESERVED},
                {"and", TABLE | RESERVED},
                {"any", TABLE | RESERVED},
                {"array", TABLE | LABEL | RESERVED},
                {"as", TABLE | LABEL | RESERVED},
                {"asc", TABLE | RESERVED},
                {"asymmetric", TABLE | RESERVED},
                {"authorization", TABLE},
                {"between", TYPE},
                {"bigint", TYPE},
                {"binary", TABLE},
                {"bit", TYPE},
                {"boolean", TYPE},
                {"both", TABLE | RESERVED},
                {"case", TABLE | RESERVED},
                {"cast", TABLE | RESERVED},
                {"char", LABEL | TYPE},
                {"character", LABEL | TYPE},
                {"check", TABLE | RESERVED},
                {"coalesce", TYPE},
                {"collate", TABLE | RESERVED},
                {"collation", TABLE},
                {"column", TABLE | RESERVED},
                {"concurrently", TABLE},
                {"constraint", TABLE | RESERVED},
                {"create", TABLE | LABEL | RESERVED},
                {"cross", TABLE},
                {"current_catalog", TABLE | RESERVED},
                {"current_date", TABLE | RESERVED},
                {"current_role", TABLE | RESERVED},
                {"current_schema", TABLE},
                {"current_time", TABLE | RESERVED},
                {"current_timestamp", TABLE | RESERVED},
                {"current_user", TABLE | RESERVED},
                {"day", LABEL},
                {"dec", TYPE},
                {"decimal", TYPE},
                {"default", TABLE | RESERVED},
                {"deferrable", TABLE | RESERVED},
                {"desc", TABLE | RESERVED},
                {"distinct", TABLE | RESERVED},
                {"do", TABLE | RESERVED},
                {"else", TABLE | RESERVED},
                {"end", TABLE | RESERVED},
                {"except", TABLE | LABEL | RESERVED},
                {"exists", TYPE},
                {"extract", TYPE},
                {"false", TABLE | RESERVED},
                {"fetch", TABLE | LABEL | RESERVED},
                {"filter", LABEL},
                {"float", TYPE},
                {"for", TABLE | LABEL | RESERVED},
                {"foreign", TABLE | RESERVED},
                {"freeze", TABLE},
                {"from", TABLE | LABEL | RESERVED},
                {"full", TABLE},
                {"grant", TABLE | LABEL | RESERVED},
                {"greatest", TYPE},
                {"group", TABLE | LABEL | RESERVED},
                {"grouping", TYPE},
                {"having", TABLE | LABEL | RESERVED},
                {"hour", LABEL},
                {"ilike", TABLE},
                {"in", TABLE | RESERVED},
                {"initially", TABLE | RESERVED},
                {"inner", TABLE},
                {"inout", TYPE},
                {"int", TYPE},
                {"integer", TYPE},
                {"intersect", TABLE | LABEL | RESERVED},
                {"interval", TYPE},
                {"into", TABLE | LABEL | RESERVED},
                {"is", TABLE},
                {"isnull", TABLE | LABEL},
                {"join", TABLE},
                {"lateral", TABLE | RESERVED},
                {"leading", TABLE | RESERVED},
                {"least", TYPE},
                {"left", TABLE},
                {"like", TABLE},
                {"limit", TABLE | LABEL | RESERVED},
                {"localtime", TABLE | RESERVED},
                {"localtimestamp", TABLE | RESERVED},
                {"minute", LABEL},
                {"month", LABEL},
                {"national", TYPE},
                {"natural", TABLE},
                {"nchar", TYPE},
                {"none", TYPE},
                {"normalize", TYPE},
                {"not", TABLE | RESERVED},
                {"notnull", TABLE | LABEL},
                {"null", TABLE | RESERVED},
                {"nullif", TYPE},
                {"numeric", TYPE},
                {"offset", TABLE | LABEL | RESERVED},
                {"on", TABLE | LABEL | RESERVED},
                {"only", TABLE | RESERVED},
                {"or", TABLE | RESERVED},
                {"order", TABLE | LABEL | RESERVED},
                {"out", TYPE},
                {"outer", TABLE},
                {"over", LABEL},
                {"overlaps", TABLE | LABEL},
                {"overlay", TYPE},
                {"placing", TABLE | RESERVED},
                {"position", TYPE},
                {"precision", LABEL | TYPE},
                {"primary", TABLE | RESERVED},
                {"real", TYPE},
                {"references", TABLE | RESERVED},
                {"returning", TABLE | LABEL | RESERVED},
                {"right", TABLE},
                {"row", TYPE},
                {"second", LABEL},
                {"select", TABLE | RESERVED},
                {"session_user", TABLE | RESERVED},
                {"setof", TYPE},
                {"similar", TABLE},
                {"smallint", TYPE},
                {"some", TABLE | RESERVED},
                {"substring", TYPE},
                {"symmetric", TABLE | RESERVED},
                {"table", TABLE | RESERVED},
                {"tablesample", TABLE},
                {"then", TABLE | RESERVED},
                {"time", TYPE},
                {"timestamp", TYPE},
                {"to", TABLE | LABEL | RESERVED},
                {"trailing", TABLE | RESERVED},
                {"treat", TYPE},
                {"trim", TYPE},
                {"true", TABLE | RESERVED},
                {"union", TABLE | LABEL | RESERVED},
                {"unique", TABLE | RESERVED},
                {"user", TABLE | RESERVED},
                {"using", TABLE | RESERVED},
                {"values", TYPE},
                {"varchar", TYPE},
                {"variadic", TABLE | RESERVED},
                {"varying", LABEL},
                {"verbose", TABLE},
                {"when", TABLE | RESERVED},
                {"where", TABLE | LABEL | RESERVED},
                {"window", TABLE | LABEL | RESERVED},
                {"with", TABLE | LABEL | RESERVED},
                {"within", LABEL},
                {"without", LABEL},
                {"xmlattributes", TYPE},
                {"xmlconcat", TYPE},
                {"xmlelement", TYPE},
                {"xmlexists", TYPE},
                {"xmlforest", TYPE},
                {"xmlnamespaces", TYPE},
                {"xmlparse", TYPE},
                {"xmlpi", TYPE},
                {"xmlroot", TYPE},
                {"xmlserialize", TYPE},
                {"xmltable", TYPE},
                {"year", LABEL}};

#define LONGEST_WORD 20

static int compare(const void *word, const void *row)
{
    return strcmp(word, ((const struct keyword *)row)->word);
}

static unsigned look_up(const char *word)
{
    const struct keyword *row =
        bsearch(word, keywords, sizeof keywords / sizeof *keywords, sizeof *keywords, compare);
    return row ? row->uses : WORD_ANY;
}

unsigned word_uses(const struct token *token)
{
    char word[LONGEST_WORD + 1];
    if (token->kind != TOKEN_WORD || token->length > LONGEST_WORD)
        return WORD_ANY;
    word[token_decode_name(token, word)] = '\0';
    return look_up(word);
}

size_t name_quote(const char *name, char *quoted)
{
    size_t length = strlen(name);
    /* Words that are reserved nowhere need no quotes. */
    unsigned uses = look_up(name);
    if (is_plain_name(name) && !(uses & (WORD_NOT_TABLE | WORD_TYPE))) {
        memcpy(quoted, name, length + 1);
        return length;
    }
    char *out = quoted;
    *out++ = '"';
    for (; *name; name++) {
        if (*name == '"')
            *out++ = '"';
        *out++ = *name;
    }
    *out++ = '"';
    *out = '\0';
    return (size_t)(out - quoted);
}
