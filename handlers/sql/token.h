/*
 * PostgreSQL's lexical rules (manual, section 4.1; src/backend/parser/scan.l), for the
 * default settings: UTF-8, standard_conforming_strings on.
 *
 * A token is a piece of the source, not copied and not decoded. Comments and white
 * space are skipped; block comments nest.
 */
#ifndef HANDLERS_SQL_TOKEN_H
#define HANDLERS_SQL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,       /* of the text */
    TOKEN_WORD,      /* keyword or name, not quoted */
    TOKEN_QUOTED,    /* "name" */
    TOKEN_STRING,    /* '...' (continued over lines, too), E'...', $tag$...$tag$ */
    TOKEN_INTEGER,   /* digits */
    TOKEN_DECIMAL,   /* 1.5, 1e3 */
    TOKEN_PARAMETER, /* $1 */
    TOKEN_SYMBOL,    /* one character, or one of :: .. := => <= >= <> != */
    TOKEN_OPERATOR,  /* any other */
    TOKEN_OTHER,     /* b'...', x'...', U&'...': literals that only pass through */
    TOKEN_BAD        /* `problem` says what is wrong; it ends the text */
};

struct token {
    enum token_kind kind;
    const char *begin;
    size_t length;
    const char *problem;
};

/* The token at `text`, which ends at `end`. White space and comments before it are
 * skipped. After the last one: TOKEN_END, of length 0, at `end`. */
struct token token_read(const char *text, const char *end);

/* Where the next token begins, or a comment that does not end. */
const char *token_skip(const char *text, const char *end);

/* `word` in lower case; quoted names are not words. */
bool token_is_word(const struct token *token, const char *word);
bool token_is_symbol(const struct token *token, const char *symbol);

/* What is wrong with a string; `message` NULL: nothing. */
struct string_problem {
    const char *message, *sqlstate, *hint;
    const char *at;
    size_t length; /* of what the message is "at or near", or 0 */
    int byte;      /* that is no character, or -1 */
};

/* What a TOKEN_STRING stands for; `decoded` has room for token->length bytes. Returns how
 * many there are. */
size_t token_decode_string(const struct token *token, char *decoded,
                           struct string_problem *problem);

/* The same of a TOKEN_WORD (in lower case, ASCII only) or a TOKEN_QUOTED. */
size_t token_decode_name(const struct token *token, char *decoded);

/* A byte that would make a word longer. */
bool is_name_byte(char byte);

/* True for a name that needs no quotes but to escape being a keyword. */
bool is_plain_name(const char *name);

#endif
