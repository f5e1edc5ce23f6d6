#include "handlers/sql/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* So much of a token is shown in an error. */
#define SHOWN_BYTES 400

void parser_init(struct parser *parser, struct arena *arena, const char *text, size_t size)
{
    *parser = (struct parser){.text = text, .end = text + size, .at = text, .arena = arena};
    parser->taken_end = text;
    parser_next(parser);
}

void parser_next(struct parser *parser)
{
    parser->taken_end = parser->at;
    parser->token = token_read(parser->at, parser->end);
    parser->at = parser->token.begin + parser->token.length;
}

struct token parser_peek(const struct parser *parser)
{
    return token_read(parser->at, parser->end);
}

bool parser_is_word(const struct parser *parser, const char *word)
{
    return token_is_word(&parser->token, word);
}

bool parser_is_symbol(const struct parser *parser, const char *symbol)
{
    return token_is_symbol(&parser->token, symbol);
}

bool parser_is_one_of(const struct parser *parser, const char *words)
{
    char word[24] = " ";
    if (parser->token.kind != TOKEN_WORD || parser->token.length > sizeof word - 3)
        return false;
    size_t length = token_decode_name(&parser->token, word + 1);
    memcpy(word + 1 + length, " ", 2);
    return strstr(words, word) != NULL;
}

bool parser_accept_word(struct parser *parser, const char *word)
{
    bool is = parser_is_word(parser, word);
    if (is)
        parser_next(parser);
    return is;
}

bool parser_accept_symbol(struct parser *parser, const char *symbol)
{
    bool is = parser_is_symbol(parser, symbol);
    if (is)
        parser_next(parser);
    return is;
}

/* Copies the first word of `words`; returns what is behind it, or NULL after the last. */
static const char *first_word(const char *words, char word[32])
{
    size_t length = strcspn(words, " ");
    memcpy(word, words, length);
    word[length] = '\0';
    return words[length] ? words + length + 1 : NULL;
}

bool parser_accept_words(struct parser *parser, const char *words)
{
    const char *at = parser->at, *taken_end = parser->taken_end;
    struct token token = parser->token;
    while (words) {
        char word[32];
        words = first_word(words, word);
        if (!parser_accept_word(parser, word)) {
            parser->at = at;
            parser->taken_end = taken_end;
            parser->token = token;
            return false;
        }
    }
    return true;
}

bool parser_expect_words(struct parser *parser, const char *words)
{
    while (words) {
        char word[32];
        words = first_word(words, word);
        if (!parser_accept_word(parser, word))
            return parser_syntax_error(parser);
    }
    return true;
}

bool parser_expect_symbol(struct parser *parser, const char *symbol)
{
    return parser_accept_symbol(parser, symbol) || parser_syntax_error(parser);
}

bool parser_at_end(const struct parser *parser)
{
    return parser->token.kind == TOKEN_END || parser_is_symbol(parser, ";");
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Counted from the last one that was asked for: of many failures that are postponed, each
 * would be counted from the beginning otherwise. */
int64_t parser_position(struct parser *parser, const char *at)
{
    if (!at)
        return 0;
    if (!parser->mark) {
        parser->mark = parser->text;
        parser->mark_position = 1;
    }
    for (; parser->mark < at; parser->mark++)
        parser->mark_position += begins_character(*parser->mark);
    while (parser->mark > at)
        parser->mark_position -= begins_character(*--parser->mark);
    return parser->mark_position;
}

bool parser_fail(struct parser *parser, const char *at, enum error_code code, const char *sqlstate,
                 const char *format, ...)
{
    struct failure *failure = &parser->failure;
    char detail[sizeof failure->detail];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    failure_set_sqlstate(failure, code, sqlstate, "%s", detail);
    failure->position = parser_position(parser, at);
    return false;
}

/* The bytes of a long token that are shown: whole characters only. */
static int shown(const struct token *token)
{
    size_t length = token->length;
    if (length > SHOWN_BYTES)
        for (length = SHOWN_BYTES; ((unsigned char)token->begin[length] & 0xc0) == 0x80;)
            length--;
    return (int)length;
}

bool parser_syntax_error(struct parser *parser)
{
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        return parser_fail(parser, parser->end, ERROR_SYNTAX_ERROR, NULL,
                           "syntax error at end of input");
    const char *problem = token->kind == TOKEN_BAD ? token->problem : "syntax error";
    return parser_fail(parser, token->begin, ERROR_SYNTAX_ERROR, NULL, "%s at or near \"%.*s\"",
                       problem, shown(token), token->begin);
}

bool parser_string_problem(struct parser *parser, const struct string_problem *problem)
{
    if (problem->byte >= 0)
        return parser_fail(parser, NULL, ERROR_SYNTAX_ERROR, problem->sqlstate, "%s: 0x%02x",
                           problem->message, (unsigned)problem->byte);
    if (problem->length > 0)
        return parser_fail(parser, problem->at, ERROR_SYNTAX_ERROR, problem->sqlstate,
                           "%s at or near \"%.*s\"", problem->message, (int)problem->length,
                           problem->at);
    parser_fail(parser, problem->at, ERROR_SYNTAX_ERROR, problem->sqlstate, "%s", problem->message);
    failure_hint(&parser->failure, "%s", problem->hint);
    return false;
}

const struct failure *parser_postpone(struct parser *parser)
{
    struct failure *failure = arena_alloc(parser->arena, sizeof *failure);
    *failure = parser->failure;
    parser->failure.code = ERROR_NONE;
    return failure;
}

bool parser_unsupported(struct parser *parser, const char *at, const char *what)
{
    parser_fail(parser, at, ERROR_FEATURE_NOT_SUPPORTED, NULL, "%s", what);
    return false;
}

void notice_add(struct notices *notices, struct arena *arena, const char *sqlstate,
                const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t length = (size_t)vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    struct notice *notice = arena_alloc(arena, sizeof *notice);
    char *message = arena_alloc(arena, length + 1);
    vsnprintf(message, length + 1, format, again);
    va_end(again);
    *notice = (struct notice){.sqlstate = sqlstate, .message = message};
    if (notices->last)
        notices->last->next = notice;
    else
        notices->first = notice;
    notices->last = notice;
}

bool parser_too_deep(struct parser *parser)
{
    return parser_fail(parser, parser->token.begin, ERROR_FEATURE_NOT_SUPPORTED, "54001",
                       "stack depth limit exceeded: seqd reads %d levels", NESTING_MAX);
}

bool parser_enter(struct parser *parser)
{
    if (parser->depth == NESTING_MAX)
        return parser_too_deep(parser);
    parser->depth++;
    return true;
}

void parser_leave(struct parser *parser)
{
    parser->depth--;
}
