/*
 * What every statement's parser stands on: the current token, and PostgreSQL's errors.
 *
 * A function that parses returns false when it failed; `failure` then has PostgreSQL's
 * text, SQLSTATE and position, and the caller returns false at once. Trees are in the
 * arena and never point into the text, except for `at` pointers, which are positions.
 */
#ifndef HANDLERS_SQL_PARSER_H
#define HANDLERS_SQL_PARSER_H

#include "handlers/sql/arena.h"
#include "handlers/sql/token.h"
#include "store/error.h"
#include "store/name.h"

#define NESTING_MAX 100

struct notice {
    const char *sqlstate, *message;
    struct notice *next;
};

struct notices {
    struct notice *first, *last;
};

/* The message goes into the arena. */
void notice_add(struct notices *notices, struct arena *arena, const char *sqlstate,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

struct parser {
    const char *text, *end; /* all that was sent */
    const char *at;         /* behind the current token */
    struct token token;     /* the current one: not yet taken */
    const char *taken_end;  /* behind the last one taken */
    struct arena *arena;
    struct notices notices;
    struct failure failure;
    unsigned depth;
    const char *mark; /* the last place whose position was asked for, or NULL */
    int64_t mark_position;
};

/* At the first token of `text`. */
void parser_init(struct parser *parser, struct arena *arena, const char *text, size_t size);

void parser_next(struct parser *parser);

/* The token behind the current one. */
struct token parser_peek(const struct parser *parser);

bool parser_is_word(const struct parser *parser, const char *word);
bool parser_is_symbol(const struct parser *parser, const char *symbol);

/* At one of the words between blanks, as in " order limit ". */
bool parser_is_one_of(const struct parser *parser, const char *words);

/* Takes the current token if it is that one. */
bool parser_accept_word(struct parser *parser, const char *word);
bool parser_accept_symbol(struct parser *parser, const char *symbol);

/* Words that follow each other, separated by blanks: all of them or none. */
bool parser_accept_words(struct parser *parser, const char *words);

/* Or else: a syntax error. */
bool parser_expect_words(struct parser *parser, const char *words);
bool parser_expect_symbol(struct parser *parser, const char *symbol);

/* At the end of the text or at a semicolon. */
bool parser_at_end(const struct parser *parser);

/* `syntax error at or near "x"`, at the current token. */
bool parser_syntax_error(struct parser *parser);

/* What is wrong with a string literal. */
bool parser_string_problem(struct parser *parser, const struct string_problem *problem);

/* The failure, in the arena; the parser goes on as if there was none. */
const struct failure *parser_postpone(struct parser *parser);

/* Returns false, with the text's position of `at` (NULL: none). */
bool parser_fail(struct parser *parser, const char *at, enum error_code code, const char *sqlstate,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* What seqd does not serve. */
bool parser_unsupported(struct parser *parser, const char *at, const char *what);

/* 1-based, in characters; 0 for NULL. */
int64_t parser_position(struct parser *parser, const char *at);

/* Fails: more than NESTING_MAX levels. */
bool parser_too_deep(struct parser *parser);

/* One more level of nesting; false: too deep. parser_leave() afterwards. */
bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);

#endif
