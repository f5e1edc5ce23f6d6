/* The grammar of expressions. */
#include "handlers/sql/expression.h"

#include "handlers/sql/literal.h"
#include "store/decimal.h"

#include <assert.h>
#include <string.h>

#define SERVED_EXPRESSIONS                                                                         \
    "seqd serves literals, casts and the sequence functions in a SELECT, no operators and no "     \
    "subqueries"

static struct expression *make(struct parser *parser, enum expression_kind kind, enum sql_type type,
                               const char *at)
{
    struct expression *expression = arena_alloc(parser->arena, sizeof *expression);
    expression->kind = kind;
    expression->type = type;
    expression->at = at;
    return expression;
}

/* Behind the opening parenthesis. */
static bool parse_call(struct parser *parser, const struct dotted *name,
                       struct expression **expression)
{
    struct expression *call = make(parser, EXPRESSION_CALL, SQL_OTHER, name->at);
    struct expression *argument = NULL;
    bool more = !parser_accept_symbol(parser, ")");
    call->name = *name;
    if (more && (parser_is_symbol(parser, "*") || parser_is_word(parser, "distinct") ||
                 parser_is_word(parser, "all") || parser_is_word(parser, "variadic")))
        return parser_unsupported(parser, name->at, SERVED_FUNCTIONS);
    while (more) {
        if (!parse_expression(parser, &argument))
            return false;
        assert(argument);
        if (argument->depth >= call->depth)
            call->depth = argument->depth + 1;
        if (call->argument_count < ARGUMENTS_MAX)
            call->arguments[call->argument_count] = argument;
        call->argument_count++;
        more = parser_accept_symbol(parser, ",");
        if (!more && !parser_expect_symbol(parser, ")"))
            return false;
    }
    *expression = call;
    return true;
}

static bool parse_string(struct parser *parser, struct expression **expression)
{
    struct string_problem problem;
    const struct token *token = &parser->token;
    struct expression *literal = make(parser, EXPRESSION_LITERAL, SQL_UNKNOWN, token->begin);
    char *text = arena_alloc(parser->arena, token->length + 1);
    literal->value.text = text;
    literal->value.length = token_decode_string(token, text, &problem);
    text[literal->value.length] = '\0';
    if (problem.message)
        return parser_string_problem(parser, &problem);
    parser_next(parser);
    *expression = literal;
    return true;
}

static bool parse_number(struct parser *parser, bool negative, const char *at,
                         struct expression **expression)
{
    const struct token *token = &parser->token;
    struct expression *literal = make(parser, EXPRESSION_LITERAL, SQL_NUMERIC, at);
    const char *text = number_text(parser->arena, negative, token->begin, token->length);
    literal->value.text = text;
    literal->value.length = strlen(text);
    if (token->kind == TOKEN_INTEGER &&
        decimal_parse(text, literal->value.length, &literal->value.integer) == DECIMAL_OK)
        literal->type =
            integer_fits(SQL_INTEGER, literal->value.integer) ? SQL_INTEGER : SQL_BIGINT;
    parser_next(parser);
    *expression = literal;
    return true;
}

static struct expression *make_cast(struct parser *parser, struct expression *argument,
                                    const struct type_name *type, const char *at)
{
    struct expression *cast = make(parser, EXPRESSION_CAST, type->type, at);
    cast->cast = *type;
    cast->depth = argument->depth + 1;
    cast->arguments[0] = argument;
    cast->argument_count = 1;
    return cast;
}

/* They nest, so there may be no more of them than of other things that do. */
static bool parse_casts(struct parser *parser, struct expression **expression)
{
    while (parser_is_symbol(parser, "::")) {
        assert(*expression);
        if ((*expression)->depth >= NESTING_MAX)
            return parser_too_deep(parser);
        struct type_name type = {0};
        const char *at = parser->token.begin;
        parser_next(parser);
        if (!parse_type_name(parser, &type))
            return false;
        *expression = make_cast(parser, *expression, &type, at);
    }
    return true;
}

/* A sign and a number; casts bind tighter than the sign. */
static bool parse_signed(struct parser *parser, struct expression **expression)
{
    const char *at = parser->token.begin;
    bool negative = parser_is_symbol(parser, "-");
    parser_next(parser);
    if (parser->token.kind != TOKEN_INTEGER && parser->token.kind != TOKEN_DECIMAL)
        return parser_at_end(parser) ? parser_syntax_error(parser)
                                     : parser_unsupported(parser, at, SERVED_EXPRESSIONS);
    struct token behind = parser_peek(parser);
    if (!token_is_symbol(&behind, "::"))
        return parse_number(parser, negative, at, expression);
    if (!parse_number(parser, false, at, expression) || !parse_casts(parser, expression))
        return false;
    struct expression *positive = *expression;
    *expression = make(parser, EXPRESSION_NEGATION, SQL_OTHER, at);
    (*expression)->arguments[0] = positive;
    (*expression)->argument_count = 1;
    (*expression)->value.integer = negative ? -1 : 1;
    return true;
}

static bool parse_cast(struct parser *parser, struct expression **expression)
{
    struct type_name type;
    const char *at = parser->token.begin;
    parser_next(parser);
    if (!parser_expect_symbol(parser, "(") || !parse_expression(parser, expression) ||
        !parser_expect_words(parser, "as") || !parse_type_name(parser, &type) ||
        !parser_expect_symbol(parser, ")"))
        return false;
    *expression = make_cast(parser, *expression, &type, at);
    return true;
}

/* bigint '5' */
static bool parse_typed_string(struct parser *parser, struct expression **expression)
{
    struct type_name type;
    if (!parse_type_name(parser, &type) || !parse_string(parser, expression))
        return false;
    *expression = make_cast(parser, *expression, &type, type.at);
    return true;
}

static bool is_unserved(const struct parser *parser)
{
    return parser->token.kind == TOKEN_PARAMETER || parser->token.kind == TOKEN_OTHER ||
           parser_is_one_of(parser,
                            " select case exists array row not coalesce greatest least nullif "
                            "extract substring trim current_date current_time current_user "
                            "session_user current_role current_timestamp ");
}

static bool parse_word(struct parser *parser, struct expression **expression)
{
    struct dotted dotted;
    struct token behind = parser_peek(parser);
    const char *at = parser->token.begin;
    if (parser_accept_word(parser, "null")) {
        *expression = make(parser, EXPRESSION_LITERAL, SQL_UNKNOWN, at);
        (*expression)->value.is_null = true;
        return true;
    }
    if (parser_is_word(parser, "true") || parser_is_word(parser, "false")) {
        *expression = make(parser, EXPRESSION_LITERAL, SQL_BOOLEAN, at);
        (*expression)->value.integer = parser_is_word(parser, "true");
        parser_next(parser);
        return true;
    }
    if (parser_is_word(parser, "cast"))
        return parse_cast(parser, expression);
    if (is_unserved(parser))
        return parser_unsupported(parser, at, SERVED_EXPRESSIONS);
    if (behind.kind == TOKEN_STRING)
        return parse_typed_string(parser, expression);
    if (!parse_dotted_or_star(parser, WORD_RESERVED, &dotted))
        return false;
    if (!dotted.star && parser_accept_symbol(parser, "("))
        return parse_call(parser, &dotted, expression);
    *expression = make(parser, EXPRESSION_COLUMN, SQL_OTHER, at);
    (*expression)->name = dotted;
    return true;
}

bool parse_bare_call(struct parser *parser, struct expression **expression)
{
    struct dotted dotted;
    return parse_dotted(parser, WORD_RESERVED, &dotted) && parser_expect_symbol(parser, "(") &&
           parse_call(parser, &dotted, expression);
}

static bool parse_operator(struct parser *parser)
{
    const char *at = parser->token.begin;
    parser_next(parser);
    return parser_at_end(parser) ? parser_syntax_error(parser)
                                 : parser_unsupported(parser, at, SERVED_EXPRESSIONS);
}

static bool parse_primary(struct parser *parser, struct expression **expression)
{
    switch (parser->token.kind) {
    case TOKEN_STRING:
        return parse_string(parser, expression);
    case TOKEN_INTEGER:
    case TOKEN_DECIMAL:
        return parse_number(parser, false, parser->token.begin, expression);
    case TOKEN_WORD:
    case TOKEN_QUOTED:
        return parse_word(parser, expression);
    case TOKEN_PARAMETER:
    case TOKEN_OTHER:
        return parser_unsupported(parser, parser->token.begin, SERVED_EXPRESSIONS);
    case TOKEN_OPERATOR:
        return parse_operator(parser);
    default:
        break;
    }
    if (parser_is_symbol(parser, "-") || parser_is_symbol(parser, "+"))
        return parse_signed(parser, expression);
    if (parser_accept_symbol(parser, "("))
        return parse_expression(parser, expression) && parser_expect_symbol(parser, ")");
    return parser_syntax_error(parser);
}

bool at_operator(const struct parser *parser)
{
    if (parser->token.kind == TOKEN_SYMBOL)
        return strchr("+-*/%^<>=![", parser->token.begin[0]) != NULL;
    return parser->token.kind == TOKEN_OPERATOR ||
           parser_is_one_of(parser,
                            " and or is in like ilike not at between similar over filter "
                            "collate isnull notnull ");
}

bool parse_operand(struct parser *parser, struct expression **expression)
{
    if (!parser_enter(parser))
        return false;
    bool fine = parse_primary(parser, expression) && parse_casts(parser, expression);
    parser_leave(parser);
    return fine;
}

bool parse_expression(struct parser *parser, struct expression **expression)
{
    return parse_operand(parser, expression) && (!at_operator(parser) || parse_operator(parser));
}
