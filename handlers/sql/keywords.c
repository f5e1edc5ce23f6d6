#include "handlers/sql/keywords.h"

#include <string.h>

/* By pg_get_keywords()'s categories; a word is what stands between two blanks. */
static const struct {
    unsigned uses;
    const char *words;
} lists[] = {
    {WORD_NOT_TABLE | WORD_NOT_LABEL | WORD_RESERVED,
     " array as create except fetch for from grant group having intersect into limit offset on "
     "order returning to union where window with "},
    {WORD_NOT_TABLE | WORD_RESERVED,
     " all analyse analyze and any asc asymmetric both case cast check collate column constraint "
     "current_catalog current_date current_role current_time current_timestamp current_user "
     "default deferrable desc distinct do else end false foreign in initially lateral leading "
     "localtime localtimestamp not null only or placing primary references select session_user "
     "some symmetric table then trailing true unique user using variadic when "},
    {WORD_NOT_TABLE | WORD_NOT_LABEL, " isnull notnull overlaps "},
    {WORD_NOT_TABLE,
     " authorization binary collation concurrently cross current_schema freeze full ilike inner "
     "is join left like natural outer right similar tablesample verbose "},
    {WORD_NOT_LABEL | WORD_TYPE, " char character precision "},
    {WORD_NOT_LABEL, " day filter hour minute month over second varying within without year "},
    {WORD_TYPE,
     " between bigint bit boolean coalesce dec decimal exists extract float greatest grouping "
     "inout int integer interval least national nchar none normalize nullif numeric out overlay "
     "position real row setof smallint substring time timestamp treat trim values varchar "
     "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot "
     "xmlserialize xmltable "},
};

#define LONGEST_WORD 20

static unsigned look_up(const char *word, size_t length)
{
    char wanted[LONGEST_WORD + 3];
    if (length > LONGEST_WORD)
        return WORD_ANY;
    wanted[0] = wanted[length + 1] = ' ';
    memcpy(wanted + 1, word, length);
    wanted[length + 2] = '\0';
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strstr(lists[i].words, wanted))
            return lists[i].uses;
    return WORD_ANY;
}

unsigned word_uses(const struct token *token)
{
    char word[LONGEST_WORD];
    if (token->kind != TOKEN_WORD || token->length > LONGEST_WORD)
        return WORD_ANY;
    return look_up(word, token_decode_name(token, word));
}

size_t name_quote(const char *name, char *quoted)
{
    size_t length = strlen(name);
    /* Words that are reserved nowhere need no quotes. */
    unsigned uses = look_up(name, length);
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
