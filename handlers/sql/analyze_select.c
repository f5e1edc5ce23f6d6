/* What a SELECT means: FROM first, then the items, then the clauses behind it. */
#include "handlers/sql/literal.h"
#include "handlers/sql/select.h"
#include "store/decimal.h"

#include <string.h>

/* More values are for /v1/sequences/{name}/range. */
#define SERIES_ROWS_MAX 1000000

#define ITEMS_MAX 1664 /* PostgreSQL's MaxTupleAttributeNumber */

/* --- FROM ------------------------------------------------------------------------------- */

/* What the overloads of generate_series() make of the arguments' types. */
static bool resolve_series(struct parser *parser, const struct select *select, enum sql_type *type)
{
    const struct series *series = &select->series;
    char types[200] = "";
    bool known = false, fine = series->argument_count == 2 || series->argument_count == 3;
    *type = SQL_INTEGER;
    for (size_t i = 0; i < series->argument_count && i < ARGUMENTS_MAX; i++) {
        enum sql_type own = series->arguments[i]->type;
        fine &= is_integer_type(own) || own == SQL_UNKNOWN;
        known |= own != SQL_UNKNOWN;
        if (own == SQL_BIGINT)
            *type = SQL_BIGINT;
        strcat(strcat(types, i ? ", " : ""), sql_type_name(own));
    }
    if (fine && known)
        return true;
    parser_fail(parser, select->from.at, ERROR_INVALID_PARAMETER, fine ? "42725" : "42883",
                "function generate_series(%s%s) %s", types,
                series->argument_count > ARGUMENTS_MAX ? ", ..." : "",
                fine ? "is not unique" : "does not exist");
    failure_hint(&parser->failure, "%s",
                 fine ? "Could not choose a best candidate function. You might need to add "
                        "explicit type casts."
                      : "No function matches the given name and argument types. You might need "
                        "to add explicit type casts.");
    return false;
}

/* How many values there are; more than SERIES_ROWS_MAX saturate. */
static int64_t series_count(const struct series *series)
{
    bool up = series->step > 0;
    if (up ? series->first > series->last : series->first < series->last)
        return 0;
    uint64_t distance = up ? (uint64_t)series->last - (uint64_t)series->first
                           : (uint64_t)series->first - (uint64_t)series->last;
    uint64_t stride = up ? (uint64_t)series->step : 0 - (uint64_t)series->step;
    uint64_t steps = distance / stride;
    return steps < SERIES_ROWS_MAX ? (int64_t)steps + 1 : SERIES_ROWS_MAX + 1;
}

static bool read_series_argument(struct parser *parser, struct analysis *analysis,
                                 enum sql_type type, struct expression *argument, int64_t *integer,
                                 bool *is_null)
{
    if (argument->kind != EXPRESSION_LITERAL)
        return parser_unsupported(parser, argument->at,
                                  "seqd serves generate_series() of literals");
    if (!cast_expression(parser, analysis, &argument, type, argument->at))
        return false;
    *integer = argument->value.integer;
    *is_null |= argument->value.is_null;
    return true;
}

static bool analyze_series(struct parser *parser, struct select *select)
{
    struct series *series = &select->series;
    int64_t *const integers[] = {&series->first, &series->last, &series->step};
    bool is_null = false;
    if (strcmp(select->from.parts[select->from.count - 1], "generate_series") != 0)
        return parser_unsupported(parser, select->from.at,
                                  "seqd serves no function in FROM but generate_series()");
    for (size_t i = 0; i < series->argument_count && i < ARGUMENTS_MAX; i++)
        if (!analyze_expression(parser, &select->analysis, &series->arguments[i]))
            return false;
    series->step = 1;
    if (!resolve_series(parser, select, &series->type))
        return false;
    for (size_t i = 0; i < series->argument_count && i < 3; i++)
        if (!read_series_argument(parser, &select->analysis, series->type, series->arguments[i],
                                  integers[i], &is_null))
            return false;
    if (series->step == 0 && !is_null)
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, NULL,
                           "step size cannot equal zero");
    series->count = is_null ? 0 : series_count(series);
    return true;
}

static bool analyze_relation(struct parser *parser, struct select *select)
{
    const struct dotted *from = &select->from;
    const char *name = from->parts[from->count - 1];
    const char *schema = from->count == 2 ? from->parts[0] : NULL;
    if (from->count > 2)
        return parser_fail(parser, from->at, ERROR_FEATURE_NOT_SUPPORTED, NULL,
                           "cross-database references are not implemented");
    select->relation = relation_find(schema, name);
    if (select->relation)
        return true;
    select->relation = &sequence_relation;
    if (!object_set(parser, schema, name, from->at, &select->sequence))
        return false;
    analysis_add_object(&select->analysis, parser->arena, &select->sequence);
    return true;
}

/* --- Columns ------------------------------------------------------------------------------ */

/* What the source is called in the rest of the statement. */
static const char *source_name(const struct select *select)
{
    return select->alias ? select->alias : select->from.parts[select->from.count - 1];
}

static bool fail_table(struct parser *parser, const struct select *select,
                       const struct dotted *name, const char *table)
{
    bool hidden = select->source != SOURCE_NONE && select->alias &&
                  strcmp(table, select->from.parts[select->from.count - 1]) == 0;
    parser_fail(parser, name->at, ERROR_SEQUENCE_NOT_FOUND, NULL,
                hidden ? "invalid reference to FROM-clause entry for table \"%s\""
                       : "missing FROM-clause entry for table \"%s\"",
                table);
    if (hidden)
        failure_hint(&parser->failure, "Perhaps you meant to reference the table alias \"%s\".",
                     select->alias);
    return false;
}

static bool fail_column(struct parser *parser, const struct dotted *name)
{
    const char *column = name->parts[name->count - 1];
    if (name->count > 1)
        return parser_fail(parser, name->at, ERROR_INVALID_PARAMETER, "42703",
                           "column %s.%s does not exist", name->parts[name->count - 2], column);
    return parser_fail(parser, name->at, ERROR_INVALID_PARAMETER, "42703",
                       "column \"%s\" does not exist", column);
}

/* The table that a name is qualified with, if it is, must be the source. */
static bool check_table(struct parser *parser, const struct select *select,
                        const struct dotted *name, size_t columns)
{
    if (name->count <= columns)
        return true;
    const char *table = name->parts[name->count - 1 - columns];
    return (select->source != SOURCE_NONE && strcmp(table, source_name(select)) == 0) ||
           fail_table(parser, select, name, table);
}

static bool find_column(struct parser *parser, const struct select *select,
                        const struct dotted *name, int *column)
{
    const char *last = name->parts[name->count - 1];
    *column = SELECT_NO_COLUMN;
    if (!check_table(parser, select, name, 1))
        return false;
    if (select->source == SOURCE_RELATION)
        *column = relation_column(select->relation, last);
    else if (select->source == SOURCE_SERIES &&
             (strcmp(last, source_name(select)) == 0 ||
              (select->column_alias && strcmp(last, select->column_alias) == 0)))
        *column = 0;
    return *column >= 0 || fail_column(parser, name);
}

/* --- Items -------------------------------------------------------------------------------- */

static const char *series_column(const struct select *select)
{
    return select->column_alias ? select->column_alias : source_name(select);
}

struct items {
    struct select_item *items;
    size_t count, capacity;
};

static void add_item(struct parser *parser, struct items *items, struct select_item item)
{
    items->items =
        arena_grow(parser->arena, items->items, items->count, &items->capacity, sizeof item);
    items->items[items->count++] = item;
}

/* `*` and `table.*` */
static bool add_star(struct parser *parser, const struct select *select,
                     const struct select_item *item, struct items *items)
{
    if (item->expression && !check_table(parser, select, &item->expression->name, 0))
        return false;
    if (select->source == SOURCE_NONE)
        return parser_fail(parser, NULL, ERROR_SYNTAX_ERROR, NULL,
                           "SELECT * with no tables specified is not valid");
    if (select->source == SOURCE_SERIES) {
        add_item(parser, items, (struct select_item){.label = series_column(select)});
        return true;
    }
    for (size_t i = 0; i < select->relation->column_count; i++)
        add_item(
            parser, items,
            (struct select_item){.label = select->relation->columns[i].name, .column = (int)i});
    return true;
}

static bool analyze_item(struct parser *parser, struct select *select, struct select_item *item,
                         struct items *items)
{
    struct expression **expression = &item->expression;
    if (!*expression || ((*expression)->kind == EXPRESSION_COLUMN && (*expression)->name.star))
        return add_star(parser, select, item, items);
    if ((*expression)->kind == EXPRESSION_COLUMN) {
        if (!find_column(parser, select, &(*expression)->name, &item->column))
            return false;
    } else if (!analyze_expression(parser, &select->analysis, expression)) {
        return false;
    } else if (select->source == SOURCE_RELATION) {
        return parser_unsupported(parser, (*expression)->at,
                                  "seqd serves the columns of a sequence or a view, and nothing "
                                  "besides them");
    }
    if (!item->label)
        item->label = expression_label(*expression);
    add_item(parser, items, *item);
    return true;
}

/* About how many bytes a row of a series is replied with. */
static int64_t row_bytes(const struct select *select)
{
    int64_t bytes = 4;
    for (size_t i = 0; i < select->item_count; i++) {
        const struct expression *expression = select->items[i].expression;
        bool literal = expression && expression->kind == EXPRESSION_LITERAL;
        bytes += 22 + (literal ? (int64_t)expression->value.length : 0);
    }
    return bytes;
}

static bool check_size(struct parser *parser, const struct select *select)
{
    int64_t most = RESULTS_MAX / row_bytes(select);
    return select->series.count <= (most < SERIES_ROWS_MAX ? most : SERIES_ROWS_MAX) ||
           parser_unsupported(parser, select->from.at,
                              "seqd serves a million values at a time: POST "
                              "/v1/sequences/{name}/range reserves any number at once");
}

static bool is_constant(const struct expression *expression)
{
    while (expression->kind == EXPRESSION_CAST)
        expression = expression->arguments[0];
    return expression->kind == EXPRESSION_LITERAL;
}

/* A row of a series takes numbers, and nothing else happens in it. */
static bool check_series(struct parser *parser, const struct select *select)
{
    for (const struct expression *call = select->analysis.first_call; call; call = call->next_call)
        if (call->function != FUNCTION_NEXTVAL || !is_constant(call->arguments[0]))
            return parser_unsupported(parser, call->at,
                                      "seqd serves nextval('name') in a SELECT FROM "
                                      "generate_series(), and no other function");
    return true;
}

static bool analyze_items(struct parser *parser, struct select *select)
{
    struct items items = {0};
    for (size_t i = 0; i < select->item_count; i++)
        if (!analyze_item(parser, select, &select->items[i], &items))
            return false;
    select->items = items.items;
    select->item_count = items.count;
    if (items.count > ITEMS_MAX)
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, "54011",
                           "target lists can have at most %d entries", ITEMS_MAX);
    return select->source != SOURCE_SERIES ||
           (check_series(parser, select) && check_size(parser, select));
}

/* --- WHERE, ORDER BY, LIMIT --------------------------------------------------------------- */

/* A literal of that type. */
static bool read_literal(struct parser *parser, struct select *select, enum sql_type type,
                         struct expression *expression, struct value *value)
{
    if (!analyze_expression(parser, &select->analysis, &expression))
        return false;
    if (expression->kind != EXPRESSION_LITERAL)
        return parser_unsupported(parser, expression->at,
                                  "seqd serves literals in WHERE and LIMIT");
    if (!cast_expression(parser, &select->analysis, &expression, type, expression->at))
        return false;
    *value = expression->value;
    return true;
}

static bool analyze_where(struct parser *parser, struct select *select)
{
    for (struct condition *condition = select->conditions; condition; condition = condition->next) {
        if (!find_column(parser, select, &condition->name, &condition->column))
            return false;
        enum sql_type type = select->relation->columns[condition->column].type;
        if (!read_literal(parser, select, type, condition->expression, &condition->value))
            return false;
    }
    return true;
}

static bool analyze_ordering(struct parser *parser, const struct select *select,
                             struct ordering *ordering)
{
    int64_t number;
    if (ordering->name.count > 0)
        return find_column(parser, select, &ordering->name, &ordering->column);
    bool read = decimal_parse(ordering->number_at, ordering->number_length, &number) == DECIMAL_OK;
    if (!read || number < 1 || number > (int64_t)select->item_count)
        return parser_fail(parser, ordering->number_at, ERROR_INVALID_PARAMETER, "42P10",
                           "ORDER BY position %.*s is not in select list",
                           (int)ordering->number_length, ordering->number_at);
    ordering->column = select->items[number - 1].column;
    return true;
}

static bool analyze_limit(struct parser *parser, struct select *select)
{
    struct value value = {0};
    select->limit = INT64_MAX;
    if (!select->limit_expression)
        return true;
    if (!read_literal(parser, select, SQL_BIGINT, select->limit_expression, &value))
        return false;
    if (value.integer < 0)
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, "2201W",
                           "LIMIT must not be negative");
    if (!value.is_null)
        select->limit = value.integer;
    return true;
}

static bool analyze(struct parser *parser, struct select *select)
{
    if (select->source == SOURCE_SERIES && !analyze_series(parser, select))
        return false;
    if (select->source == SOURCE_RELATION && !analyze_relation(parser, select))
        return false;
    if (!analyze_items(parser, select) || !analyze_where(parser, select))
        return false;
    for (struct ordering *ordering = select->orderings; ordering; ordering = ordering->next)
        if (!analyze_ordering(parser, select, ordering))
            return false;
    return analyze_limit(parser, select);
}

void analyze_select(struct parser *parser, struct select *select)
{
    analysis_init(&select->analysis);
    if (!analyze(parser, select))
        select->failure = parser_postpone(parser);
}
