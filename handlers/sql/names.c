#include "handlers/sql/names.h"

#include "store/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* NAMEDATALEN - 1 bytes, and whole characters. */
static size_t clip(const char *name, size_t length)
{
    size_t at = 0, step;
    while (at < length && (step = utf8_length(name + at, length - at)) > 0 &&
           at + step <= NAME_PART_MAX)
        at += step;
    return at;
}

static const char *decode(struct parser *parser, const struct token *token)
{
    char *name = arena_alloc(parser->arena, token->length + 1);
    size_t length = token_decode_name(token, name);
    name[length] = '\0';
    if (length <= NAME_PART_MAX)
        return name;
    size_t kept = clip(name, length);
    notice_add(&parser->notices, parser->arena, "42622",
               "identifier \"%s\" will be truncated to \"%.*s\"", name, (int)kept, name);
    name[kept] = '\0';
    return name;
}

bool parse_identifier(struct parser *parser, unsigned refused, const char **name)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_OTHER && strchr("uU", token->begin[0]))
        return parser_unsupported(parser, token->begin, "seqd does not read U&\"...\" names");
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED) || (word_uses(token) & refused))
        return parser_syntax_error(parser);
    *name = decode(parser, token);
    parser_next(parser);
    return true;
}

bool parse_dotted_or_star(struct parser *parser, unsigned refused, struct dotted *dotted)
{
    *dotted = (struct dotted){.at = parser->token.begin};
    do {
        if (dotted->count > 0 && (dotted->star = parser_accept_symbol(parser, "*")))
            return true;
        size_t slot = dotted->count < NAME_PARTS_MAX ? dotted->count : NAME_PARTS_MAX - 1;
        if (!parse_identifier(parser, dotted->count == 0 ? refused : WORD_ANY,
                              &dotted->parts[slot]))
            return false;
        dotted->count = slot + 1;
    } while (parser_accept_symbol(parser, "."));
    return true;
}

bool parse_dotted(struct parser *parser, unsigned refused, struct dotted *dotted)
{
    return parse_dotted_or_star(parser, refused, dotted) &&
           (!dotted->star || parser_fail(parser, parser->taken_end - 1, ERROR_SYNTAX_ERROR, NULL,
                                         "syntax error at or near \"*\""));
}

void object_missing(const struct object *object, struct failure *failure)
{
    failure_set(failure, ERROR_SEQUENCE_NOT_FOUND, "relation \"%s\" does not exist", object->shown);
    memcpy(failure->sequence, object->name.text, object->name.length + 1u);
}

bool object_set(struct parser *parser, const char *schema, const char *name, const char *at,
                struct object *object)
{
    char text[2 * NAME_PART_MAX + 2];
    struct failure failure;
    assert(name);
    int length = schema ? snprintf(text, sizeof text, "%s.%s", schema, name)
                        : snprintf(text, sizeof text, "%s", name);
    object->at = at;
    object->shown = schema ? arena_copy(parser->arena, text, (size_t)length) : name;
    if (name_make(schema, schema ? strlen(schema) : 0, name, &object->name, &failure))
        return true;
    return parser_fail(parser, at, ERROR_INVALID_NAME, NULL,
                       "invalid name \"%s\": seqd keeps names of letters, digits, _, $ and -, each "
                       "part not beginning with a digit, $ or -",
                       text);
}

bool parse_object(struct parser *parser, const char *what, struct object *object)
{
    struct dotted dotted;
    if (!parse_dotted(parser, WORD_NOT_TABLE, &dotted))
        return false;
    const char *const *parts = dotted.parts;
    if (dotted.count > 3)
        return parser_fail(parser, dotted.at, ERROR_SYNTAX_ERROR, NULL,
                           "improper %s name (too many dotted names): %s.%s.%s.%s", what, parts[0],
                           parts[1], parts[2], parts[3]);
    if (dotted.count == 3)
        return parser_fail(parser, NULL, ERROR_FEATURE_NOT_SUPPORTED, NULL,
                           "cross-database references are not implemented: \"%s.%s.%s\"", parts[0],
                           parts[1], parts[2]);
    return object_set(parser, dotted.count == 2 ? parts[0] : NULL, parts[dotted.count - 1],
                      dotted.at, object);
}

/* One part of a regclass text: what SplitIdentifierString() takes. NULL when it is none. */
static const char *split_part(struct parser *parser, const char *at, const char *end,
                              const char **part)
{
    struct token token = {.kind = TOKEN_WORD, .begin = at};
    static const char spaces[] = " \t\n\r\f\v";
    if (at < end && *at == '"') {
        token = token_read(at, end);
        if (token.kind != TOKEN_QUOTED)
            return NULL;
    } else {
        while (at < end && *at != '.' && *at != '\0' && !strchr(spaces, *at))
            at++;
        token.length = (size_t)(at - token.begin);
        if (token.length == 0)
            return NULL;
    }
    char *name = arena_alloc(parser->arena, token.length + 1);
    size_t length = token_decode_name(&token, name);
    name[clip(name, length)] = '\0';
    *part = name;
    return token.begin + token.length;
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && *at != '\0' && strchr(" \t\n\r\f\v", *at))
        at++;
    return at;
}

/* How many parts; 0 when it is not a name. */
static size_t split(struct parser *parser, const char *text, size_t length,
                    const char *parts[NAME_PARTS_MAX])
{
    const char *at = text, *end = text + length;
    for (size_t count = 0;; at++) {
        const char *part;
        at = split_part(parser, skip_spaces(at, end), end, &part);
        if (!at)
            return 0;
        if (count < NAME_PARTS_MAX)
            parts[count++] = part;
        at = skip_spaces(at, end);
        if (at == end)
            return count;
        if (*at != '.')
            return 0;
    }
}

static bool is_number(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0;
}

bool parse_regclass(struct parser *parser, const char *text, size_t length, const char *at,
                    struct object *object)
{
    const char *parts[NAME_PARTS_MAX];
    if (is_number(text, length))
        return parser_unsupported(parser, at, "a sequence is given by its name: it has no number");
    size_t count = split(parser, text, length, parts);
    if (count == 0)
        return parser_fail(parser, at, ERROR_INVALID_NAME, NULL, "invalid name syntax");
    if (count > 3)
        return parser_fail(parser, at, ERROR_SYNTAX_ERROR, NULL,
                           "improper relation name (too many dotted names): %.300s", text);
    if (count == 3)
        return parser_fail(parser, at, ERROR_FEATURE_NOT_SUPPORTED, NULL,
                           "cross-database references are not implemented: \"%s.%s.%s\"", parts[0],
                           parts[1], parts[2]);
    return object_set(parser, count == 2 ? parts[0] : NULL, parts[count - 1], at, object);
}
