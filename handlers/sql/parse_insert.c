/* INSERT: which of it takes numbers. Expressions are read over; only the sequence functions
 * in them, DEFAULT, and where each value begins are of interest. */
#include "handlers/sql/table.h"

#include <string.h>

#define USE_A_RANGE                                                                                \
    "Reserve the numbers with POST /v1/sequences/{name}/range, and insert them as VALUES."

static const struct {
    const char *name;
    enum function_kind function;
} functions[] = {
    {"nextval", FUNCTION_NEXTVAL},
    {"currval", FUNCTION_CURRVAL},
    {"lastval", FUNCTION_LASTVAL},
    {"setval", FUNCTION_SETVAL},
};

static bool refuse_rows(struct parser *parser, const char *at, const char *what)
{
    parser_unsupported(parser, at, what);
    failure_hint(&parser->failure, USE_A_RANGE);
    return false;
}

/* A name, with or without quotes. */
static bool is_named(const struct token *token, const char *wanted)
{
    char name[16];
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED) || token->length >= sizeof name)
        return false;
    name[token_decode_name(token, name)] = '\0';
    return strcmp(name, wanted) == 0;
}

/* True at the name of a sequence function that a parenthesis follows. */
static bool is_function(const struct parser *parser, enum function_kind *function)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!is_named(&parser->token, functions[i].name))
            continue;
        struct token behind = parser_peek(parser);
        *function = functions[i].function;
        return token_is_symbol(&behind, "(");
    }
    return false;
}

/* U&"nextval" is one, too, for who decodes it: nobody here does. */
static bool is_hidden(const struct parser *parser)
{
    const struct token *token = &parser->token;
    return token->kind == TOKEN_OTHER && token->begin[token->length - 1] == '"';
}

static bool refuse_call(struct parser *parser, const char *at)
{
    return parser_unsupported(
        parser, at, "seqd serves nextval('name'), currval('name') and lastval() in VALUES");
}

/* --- VALUES ---------------------------------------------------------------------------- */

static bool add_call(struct parser *parser, struct insert *insert, const char *begin)
{
    struct analysis analysis;
    struct expression *expression;
    insert->calls = arena_grow(parser->arena, insert->calls, insert->call_count,
                               &insert->call_capacity, sizeof *insert->calls);
    analysis_init(&analysis);
    if (!parse_bare_call(parser, &expression) ||
        !analyze_expression(parser, &analysis, &expression))
        return false;
    bool constant =
        expression->argument_count == 0 || (expression->arguments[0]->kind == EXPRESSION_LITERAL &&
                                            !expression->arguments[0]->value.is_null);
    if (analysis.call_count != 1 || expression->function == FUNCTION_SETVAL || !constant)
        return refuse_call(parser, begin);
    insert->calls[insert->call_count++] = (struct value_call){
        .expression = expression,
        .at = begin,
        .length = (size_t)(parser->taken_end - begin),
        .before_cast = parser_is_symbol(parser, "::"),
    };
    return true;
}

/* Where one stands in a value. */
struct place {
    size_t depth;
    bool begun;         /* something of it was passed */
    const char *schema; /* pg_catalog. was just read; where it began */
    bool after_dot;     /* of another schema */
    bool subquery;
};

static void pass_token(struct parser *parser, struct place *place)
{
    struct token behind = parser_peek(parser);
    const char *begin = parser->token.begin;
    bool opens = parser_is_symbol(parser, "(") || parser_is_symbol(parser, "[");
    bool closes = parser_is_symbol(parser, ")") || parser_is_symbol(parser, "]");
    bool is_dot = parser_is_symbol(parser, ".");
    place->depth += opens;
    place->depth -= closes;
    place->subquery |= parser_is_word(parser, "select");
    if (is_named(&parser->token, "pg_catalog") && token_is_symbol(&behind, "."))
        place->schema = begin;
    else if (!is_dot)
        place->schema = NULL;
    place->after_dot = is_dot && !place->schema;
    place->begun |= !place->schema;
    parser_next(parser);
}

/* Casts up to the value's end, and nothing else: looked ahead at. */
static bool is_cast_only(const struct parser *parser)
{
    struct parser ahead = *parser;
    struct type_name type;
    while (parser_accept_symbol(&ahead, "::"))
        if (!parse_type_name(&ahead, &type))
            return false;
    return parser_is_symbol(&ahead, ",") || parser_is_symbol(&ahead, ")");
}

static bool pass_call(struct parser *parser, struct insert *insert, struct place *place)
{
    const char *begin = place->schema ? place->schema : parser->token.begin;
    if (place->subquery)
        return refuse_rows(parser, begin, "seqd cannot tell how many numbers a subquery takes");
    if (!add_call(parser, insert, begin))
        return false;
    struct value_call *call = &insert->calls[insert->call_count - 1];
    call->is_whole = !place->begun && is_cast_only(parser);
    place->begun = true;
    place->schema = NULL;
    return true;
}

/* One value, up to its comma or the row's closing parenthesis. */
static bool parse_value(struct parser *parser, struct insert *insert)
{
    struct place place = {0};
    enum function_kind function;
    if (parser_is_symbol(parser, ",") || parser_is_symbol(parser, ")"))
        return parser_syntax_error(parser);
    insert->elements = arena_grow(parser->arena, insert->elements, insert->element_count,
                                  &insert->element_capacity, sizeof *insert->elements);
    struct element *element = &insert->elements[insert->element_count++];
    *element = (struct element){.begin = parser->token.begin};
    bool begins_default = parser_is_word(parser, "default");
    while (place.depth > 0 || !(parser_is_symbol(parser, ",") || parser_is_symbol(parser, ")"))) {
        if (parser_at_end(parser) || parser->token.kind == TOKEN_BAD ||
            (place.depth == 0 && parser_is_symbol(parser, "]")))
            return parser_syntax_error(parser);
        if (is_hidden(parser))
            return parser_unsupported(parser, parser->token.begin,
                                      "seqd does not read U&\"...\" names");
        if (place.after_dot || !is_function(parser, &function))
            pass_token(parser, &place);
        else if (!pass_call(parser, insert, &place))
            return false;
    }
    element->end = parser->taken_end;
    element->is_default =
        begins_default && element->end - element->begin == (long)strlen("default");
    return true;
}

static bool parse_row(struct parser *parser, struct insert *insert)
{
    insert->rows = arena_grow(parser->arena, insert->rows, insert->row_count, &insert->row_capacity,
                              sizeof *insert->rows);
    struct row *row = &insert->rows[insert->row_count++];
    row->first = insert->element_count;
    if (!parser_expect_symbol(parser, "("))
        return false;
    do {
        if (!parse_value(parser, insert))
            return false;
    } while (parser_accept_symbol(parser, ","));
    row->end = parser->token.begin;
    size_t width = insert->element_count - row->first;
    if (insert->row_count == 1)
        insert->width = width;
    if (width != insert->width)
        return parser_fail(parser, insert->elements[row->first].begin, ERROR_SYNTAX_ERROR, NULL,
                           "VALUES lists must all be the same length");
    return parser_expect_symbol(parser, ")");
}

/* Behind the rows: nothing that changes their number, and no calls. */
static bool parse_tail(struct parser *parser)
{
    enum function_kind function;
    if (parser_is_one_of(parser, " order limit offset fetch union intersect except for "))
        return refuse_rows(parser, parser->token.begin,
                           "seqd cannot tell how many rows are inserted");
    if (!parser_at_end(parser) && !parser_is_word(parser, "on") &&
        !parser_is_word(parser, "returning"))
        return parser_syntax_error(parser);
    while (!parser_at_end(parser)) {
        if (parser->token.kind == TOKEN_BAD)
            return parser_syntax_error(parser);
        if (is_function(parser, &function))
            return refuse_rows(
                parser, parser->token.begin,
                "seqd cannot tell how often ON CONFLICT or RETURNING takes a number");
        parser_next(parser);
    }
    return true;
}

/* --- The rest ---------------------------------------------------------------------------- */

static bool parse_query(struct parser *parser, struct insert *insert)
{
    enum function_kind function;
    insert->query = parser->token.begin;
    while (!parser_at_end(parser)) {
        if (parser->token.kind == TOKEN_BAD)
            return parser_syntax_error(parser);
        if (!insert->query_call && is_function(parser, &function))
            insert->query_call = parser->token.begin;
        parser_next(parser);
    }
    return true;
}

static bool begins_query(const struct token *token)
{
    static const char *const words[] = {"select", "with", "table", "values"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (token_is_word(token, words[i]))
            return true;
    return token_is_symbol(token, "(");
}

/* (column, ...) */
static bool parse_columns(struct parser *parser, struct insert *insert)
{
    struct token behind = parser_peek(parser);
    if (!parser_is_symbol(parser, "(") || begins_query(&behind))
        return true;
    parser_next(parser);
    do {
        insert->columns = arena_grow(parser->arena, insert->columns, insert->column_count,
                                     &insert->column_capacity, sizeof *insert->columns);
        struct insert_column *column = &insert->columns[insert->column_count++];
        *column = (struct insert_column){.at = parser->token.begin};
        if (!parse_identifier(parser, WORD_NOT_TABLE, &column->name) ||
            !skip_item(parser)) /* a field, or an element, of the column */
            return false;
    } while (parser_accept_symbol(parser, ","));
    insert->columns_end = parser->token.begin;
    return parser_expect_symbol(parser, ")");
}

static bool parse_overriding(struct parser *parser, struct insert *insert)
{
    if (!parser_accept_word(parser, "overriding"))
        return true;
    insert->overriding_system = parser_accept_word(parser, "system");
    insert->overriding_user = !insert->overriding_system && parser_accept_word(parser, "user");
    if (!insert->overriding_system && !insert->overriding_user)
        return parser_syntax_error(parser);
    return parser_expect_words(parser, "value");
}

bool parse_insert(struct parser *parser, struct insert *insert)
{
    if (!parser_expect_words(parser, "into") || !parse_table_name(parser, &insert->table))
        return false;
    const char *alias;
    if (parser_accept_word(parser, "as") && !parse_identifier(parser, WORD_NOT_TABLE, &alias))
        return false;
    const char *at = parser->token.begin;
    if (!insert->columns && parser_accept_words(parser, "default values")) {
        insert->default_values = at;
        insert->default_values_end = parser->taken_end;
        return parse_tail(parser);
    }
    if (!parse_columns(parser, insert) || !parse_overriding(parser, insert))
        return false;
    if (!parser_accept_word(parser, "values"))
        return begins_query(&parser->token) ? parse_query(parser, insert)
                                            : parser_syntax_error(parser);
    do {
        if (!parse_row(parser, insert))
            return false;
    } while (parser_accept_symbol(parser, ","));
    return parse_tail(parser);
}
