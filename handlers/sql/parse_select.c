/* The grammar of SELECT. */
#include "handlers/sql/select.h"

#include <string.h>

#define SERVED_SELECT                                                                              \
    "seqd serves SELECT item [, ...] [FROM ...], and WHERE, ORDER BY and LIMIT of its views"
#define SERVED_FROM                                                                                \
    "seqd serves FROM generate_series(), a sequence, pg_sequences and "                            \
    "information_schema.sequences"
#define SERVED_WHERE "seqd serves WHERE column = literal [AND ...]"

static bool is_name(const struct parser *parser, unsigned refused)
{
    return parser->token.kind == TOKEN_QUOTED ||
           (parser->token.kind == TOKEN_WORD && !(word_uses(&parser->token) & refused));
}

static bool refuse(struct parser *parser, const char *what)
{
    return parser_unsupported(parser, parser->token.begin, what);
}

/* --- Items ------------------------------------------------------------------------------ */

/* [AS] label */
static bool parse_label(struct parser *parser, const char **label)
{
    if (parser_accept_word(parser, "as"))
        return parse_identifier(parser, WORD_ANY, label);
    return !is_name(parser, WORD_NOT_LABEL) || parse_identifier(parser, WORD_ANY, label);
}

static bool parse_item(struct parser *parser, struct select_item *item)
{
    *item = (struct select_item){.column = SELECT_NO_COLUMN};
    if (parser_accept_symbol(parser, "*"))
        return true;
    return parse_expression(parser, &item->expression) && parse_label(parser, &item->label);
}

static bool parse_items(struct parser *parser, struct select *select)
{
    size_t capacity = 0;
    if (parser_at_end(parser))
        return true; /* a row without columns */
    do {
        select->items = arena_grow(parser->arena, select->items, select->item_count, &capacity,
                                   sizeof *select->items);
        if (!parse_item(parser, &select->items[select->item_count++]))
            return false;
    } while (parser_accept_symbol(parser, ","));
    return true;
}

/* --- FROM ------------------------------------------------------------------------------- */

/* Behind its opening parenthesis. */
static bool parse_series(struct parser *parser, struct select *select)
{
    struct series *series = &select->series;
    bool more = !parser_accept_symbol(parser, ")");
    select->source = SOURCE_SERIES;
    while (more) {
        struct expression *argument;
        if (!parse_expression(parser, &argument))
            return false;
        if (series->argument_count < sizeof series->arguments / sizeof *series->arguments)
            series->arguments[series->argument_count] = argument;
        series->argument_count++;
        more = parser_accept_symbol(parser, ",");
        if (!more && !parser_expect_symbol(parser, ")"))
            return false;
    }
    return true;
}

/* [AS] alias [(column)] */
static bool parse_alias(struct parser *parser, struct select *select)
{
    bool as = parser_accept_word(parser, "as");
    if (!is_name(parser, WORD_NOT_TABLE))
        return !as || parser_syntax_error(parser);
    if (!parse_identifier(parser, WORD_NOT_TABLE, &select->alias))
        return false;
    if (!parser_is_symbol(parser, "("))
        return true;
    if (select->source != SOURCE_SERIES)
        return refuse(parser, SERVED_FROM);
    parser_next(parser);
    return parse_identifier(parser, WORD_NOT_TABLE, &select->column_alias) &&
           parser_expect_symbol(parser, ")");
}

static bool parse_from(struct parser *parser, struct select *select)
{
    if (!parser_accept_word(parser, "from"))
        return true;
    if (parser_is_symbol(parser, "(") || parser_is_one_of(parser, " lateral only rows "))
        return refuse(parser, SERVED_FROM);
    if (!parse_dotted(parser, WORD_NOT_TABLE, &select->from))
        return false;
    select->source = SOURCE_RELATION;
    if (parser_accept_symbol(parser, "(") && !parse_series(parser, select))
        return false;
    if (!parse_alias(parser, select))
        return false;
    if (parser_is_symbol(parser, ",") ||
        parser_is_one_of(parser, " join cross natural left right full inner tablesample "))
        return refuse(parser, SERVED_FROM);
    return true;
}

/* --- WHERE, ORDER BY, LIMIT --------------------------------------------------------------- */

static bool parse_condition(struct parser *parser, struct condition *condition)
{
    if (!is_name(parser, WORD_RESERVED) || parser_is_word(parser, "not"))
        return parser_at_end(parser) ? parser_syntax_error(parser) : refuse(parser, SERVED_WHERE);
    if (!parse_dotted(parser, WORD_RESERVED, &condition->name))
        return false;
    if (!parser_accept_symbol(parser, "="))
        return parser_at_end(parser) ? parser_syntax_error(parser) : refuse(parser, SERVED_WHERE);
    if (!parse_operand(parser, &condition->expression))
        return false;
    return parser_is_word(parser, "and") || !at_operator(parser) || refuse(parser, SERVED_WHERE);
}

static bool parse_where(struct parser *parser, struct select *select)
{
    struct condition **end = &select->conditions;
    if (!parser_accept_word(parser, "where"))
        return true;
    do {
        *end = arena_alloc(parser->arena, sizeof **end);
        if (!parse_condition(parser, *end))
            return false;
        end = &(*end)->next;
    } while (parser_accept_word(parser, "and"));
    return true;
}

/* A column, or the number of an item. */
static bool parse_ordering(struct parser *parser, struct ordering *ordering)
{
    if (parser->token.kind == TOKEN_INTEGER) {
        ordering->number_at = parser->token.begin;
        ordering->number_length = parser->token.length;
        parser_next(parser);
    } else if (!parse_dotted(parser, WORD_NOT_TABLE, &ordering->name)) {
        return false;
    }
    ordering->descending = parser_accept_word(parser, "desc");
    if (!ordering->descending)
        parser_accept_word(parser, "asc");
    return true;
}

static bool parse_order_by(struct parser *parser, struct select *select)
{
    struct ordering **end = &select->orderings;
    if (!parser_accept_word(parser, "order"))
        return true;
    if (!parser_expect_words(parser, "by"))
        return false;
    do {
        *end = arena_alloc(parser->arena, sizeof **end);
        if (!parse_ordering(parser, *end))
            return false;
        end = &(*end)->next;
    } while (parser_accept_symbol(parser, ","));
    return true;
}

static bool parse_limit(struct parser *parser, struct select *select)
{
    return !parser_accept_word(parser, "limit") || parse_operand(parser, &select->limit_expression);
}

bool parse_select(struct parser *parser, struct select *select)
{
    if (parser_is_one_of(parser, " distinct all into from where "))
        return refuse(parser, SERVED_SELECT);
    if (!parse_items(parser, select) || !parse_from(parser, select))
        return false;
    if (select->source == SOURCE_RELATION &&
        (!parse_where(parser, select) || !parse_order_by(parser, select) ||
         !parse_limit(parser, select)))
        return false;
    if (parser_is_one_of(parser,
                         " where group having order limit offset fetch union intersect except "
                         "for window into "))
        return refuse(parser, SERVED_SELECT);
    return true;
}
