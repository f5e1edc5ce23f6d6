#include "handlers/sql/insert_plan.h"

#include "store/decimal.h"

#include <assert.h>
#include <string.h>

#define USE_A_RANGE                                                                                \
    "Reserve the numbers with POST /v1/sequences/{name}/range, and insert them as VALUES."

/* One statement under way. */
struct planner {
    struct parser *parser;
    const struct insert *insert;
    const struct table *table;
    struct draws *draws;
    struct insert_plan *plan;
    /* The serial column that the i-th value of a row is for, or NULL. */
    const struct table_column **targets;
    /* What is appended to each row: serial columns, or NULL for DEFAULT. */
    const struct table_column **appended;
    size_t appended_count;
    size_t call; /* the next one in the text */
};

static struct piece *add_piece(struct planner *planner, enum piece_kind kind, const char *at,
                               size_t length)
{
    struct insert_plan *plan = planner->plan;
    plan->pieces = arena_grow(planner->parser->arena, plan->pieces, plan->count, &plan->capacity,
                              sizeof *plan->pieces);
    struct piece *piece = &plan->pieces[plan->count++];
    *piece = (struct piece){.at = at, .length = length, .kind = kind, .text = ""};
    return piece;
}

/* A number of the sequence, in the text's order. */
static bool add_number(struct planner *planner, const struct object *object, const char *at,
                       size_t length, struct piece **piece)
{
    size_t source = draws_want(planner->draws, planner->parser->arena, object, 1);
    *piece = add_piece(planner, PIECE_NUMBER, at, length);
    (*piece)->source = source;
    return source < DRAW_SOURCES_MAX ||
           parser_unsupported(planner->parser, at, "too many sequences in one statement");
}

static bool add_default(struct planner *planner, const struct table_column *column,
                        const char *before, const char *at, size_t length)
{
    struct piece *piece;
    const struct object object = {.name = column->sequence};
    if (!add_number(planner, &object, at, length, &piece))
        return false;
    piece->text = before;
    return true;
}

/* --- What the shard would refuse: before it costs numbers --------------------------------- */

static bool check_column(struct planner *planner, size_t index)
{
    const struct insert_column *columns = planner->insert->columns;
    const struct insert_column *column = &columns[index];
    for (size_t i = 0; i < index; i++)
        if (strcmp(columns[i].name, column->name) == 0)
            return parser_fail(planner->parser, column->at, ERROR_INVALID_PARAMETER, "42701",
                               "column \"%s\" specified more than once", column->name);
    if (!planner->table || !planner->table->complete || table_find(planner->table, column->name))
        return true;
    return parser_fail(planner->parser, column->at, ERROR_INVALID_PARAMETER, "42703",
                       "column \"%s\" of relation \"%s\" does not exist", column->name,
                       name_bare(&planner->insert->table.object.name));
}

static bool check_columns(struct planner *planner)
{
    const struct insert *insert = planner->insert;
    size_t columns = insert->column_count;
    if (columns > TABLE_COLUMNS_MAX)
        return parser_fail(planner->parser, NULL, ERROR_INVALID_PARAMETER, "54011",
                           "tables can have at most %d columns", TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < columns; i++)
        if (!check_column(planner, i))
            return false;
    if (!insert->columns)
        columns =
            planner->table && planner->table->complete ? planner->table->column_count : SIZE_MAX;
    if (insert->row_count > 0 && insert->width > columns)
        return parser_fail(planner->parser, insert->elements[columns].begin, ERROR_SYNTAX_ERROR,
                           NULL, "INSERT has more expressions than target columns");
    if (insert->row_count > 0 && insert->columns && insert->width < columns)
        return parser_fail(planner->parser, insert->columns[insert->width].at, ERROR_SYNTAX_ERROR,
                           NULL, "INSERT has more target columns than expressions");
    return true;
}

/* --- Which value is whose ---------------------------------------------------------------- */

static bool is_served(const struct table_column *column)
{
    return column->is_serial && column->sequence.length > 0;
}

static bool is_listed(const struct insert *insert, const char *name)
{
    for (size_t i = 0; insert->columns && i < insert->column_count; i++)
        if (strcmp(insert->columns[i].name, name) == 0)
            return true;
    return false;
}

static const struct table_column *serial_at(const struct table *table, int position)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].position == position && is_served(&table->columns[i]))
            return &table->columns[i];
    return NULL;
}

/* With a list of columns: those that are not in it are appended. */
static void target_listed(struct planner *planner)
{
    const struct insert *insert = planner->insert;
    assert(planner->table);
    for (size_t i = 0; insert->columns && i < insert->column_count && i < insert->width; i++) {
        const struct table_column *column = table_find(planner->table, insert->columns[i].name);
        planner->targets[i] = column && is_served(column) ? column : NULL;
    }
    for (size_t i = 0; i < planner->table->column_count; i++) {
        const struct table_column *column = &planner->table->columns[i];
        if (is_served(column) && !is_listed(insert, column->name))
            planner->appended[planner->appended_count++] = column;
    }
}

/* Without: by position; behind the last value, up to the last serial column, DEFAULT. */
static bool target_by_position(struct planner *planner)
{
    const struct table *table = planner->table;
    int last = 0, width = (int)planner->insert->width;
    assert(table);
    for (size_t i = 0; i < table->column_count; i++) {
        if (!is_served(&table->columns[i]))
            continue;
        if (table->columns[i].position == 0)
            return parser_unsupported(planner->parser, planner->insert->table.object.at,
                                      "seqd does not know where the table's serial columns are: "
                                      "name the columns of the INSERT");
        if (table->columns[i].position > last)
            last = table->columns[i].position;
    }
    for (int position = 1; position <= width; position++)
        planner->targets[position - 1] = serial_at(table, position);
    for (int position = width + 1; position <= last; position++)
        planner->appended[planner->appended_count++] = serial_at(table, position);
    return true;
}

static bool find_targets(struct planner *planner)
{
    struct arena *arena = planner->parser->arena;
    const struct insert *insert = planner->insert;
    planner->targets = arena_alloc(arena, (insert->width + 1) * sizeof *planner->targets);
    planner->appended = arena_alloc(arena, (TABLE_COLUMNS_MAX + 1) * sizeof *planner->appended);
    if (!planner->table)
        return true;
    if (insert->columns || insert->default_values) {
        target_listed(planner);
        return true;
    }
    return target_by_position(planner);
}

/* --- The rows ------------------------------------------------------------------------------ */

static bool fail_always(struct planner *planner, const struct table_column *column)
{
    parser_fail(planner->parser, NULL, ERROR_INVALID_PARAMETER, "428C9",
                "cannot insert a non-DEFAULT value into column \"%s\"", column->name);
    failure_hint(&planner->parser->failure, "Use OVERRIDING SYSTEM VALUE to override.");
    return false;
}

static bool is_drawn(const struct draws *draws, const struct expression *call)
{
    for (size_t i = 0; i < draws->count; i++)
        if (call->function == FUNCTION_LASTVAL ||
            strcmp(draws->sources[i].object.name.text,
                   call->arguments[0]->value.object.name.text) == 0)
            return true;
    return false;
}

static bool add_call(struct planner *planner, struct value_call *call)
{
    struct piece *piece;
    struct expression *expression = call->expression;
    if (expression->function != FUNCTION_NEXTVAL) {
        piece = add_piece(planner, PIECE_CALL, call->at, call->length);
        piece->call = call;
        call->is_drawn = is_drawn(planner->draws, expression);
    } else if (!add_number(planner, &expression->arguments[0]->value.object, call->at, call->length,
                           &piece)) {
        return false;
    }
    piece->style = call;
    return true;
}

/* The calls up to `end`: they are replaced, or go away with their value. */
static bool plan_calls(struct planner *planner, const char *end, bool dropped)
{
    const struct insert *insert = planner->insert;
    for (; planner->call < insert->call_count && insert->calls[planner->call].at < end;
         planner->call++)
        if (!dropped && !add_call(planner, &insert->calls[planner->call]))
            return false;
    return true;
}

static bool plan_element(struct planner *planner, const struct element *element,
                         const struct table_column *target)
{
    const struct insert *insert = planner->insert;
    bool replaced = target && (element->is_default ||
                               (insert->overriding_user && target->identity != IDENTITY_NONE));
    if (target && !replaced && target->identity == IDENTITY_ALWAYS && !insert->overriding_system)
        return fail_always(planner, target);
    if (replaced &&
        !add_default(planner, target, "", element->begin, (size_t)(element->end - element->begin)))
        return false;
    return plan_calls(planner, element->end, replaced);
}

/* Each is a piece of the text. */
#define APPENDED_MAX 2000000

static bool check_size(struct planner *planner)
{
    return planner->appended_count * planner->insert->row_count <= APPENDED_MAX ||
           parser_unsupported(planner->parser, planner->insert->table.object.at,
                              "too many rows leave out too many columns: name the columns");
}

static bool plan_row(struct planner *planner, const struct row *row)
{
    for (size_t i = 0; i < planner->insert->width; i++)
        if (!plan_element(planner, &planner->insert->elements[row->first + i], planner->targets[i]))
            return false;
    for (size_t i = 0; i < planner->appended_count; i++) {
        const struct table_column *column = planner->appended[i];
        if (!column)
            add_piece(planner, PIECE_TEXT, row->end, 0)->text = ", DEFAULT";
        else if (!add_default(planner, column, ", ", row->end, 0))
            return false;
    }
    return true;
}

/* ", a, b", quoted where that is needed. */
static const char *appended_names(struct planner *planner)
{
    char *names =
        arena_alloc(planner->parser->arena, planner->appended_count * (2 * NAME_PART_MAX + 5) + 1);
    char *out = names;
    for (size_t i = 0; i < planner->appended_count; i++) {
        out = stpcpy(out, ", ");
        out += name_quote(planner->appended[i]->name, out);
    }
    return names;
}

/* DEFAULT VALUES becomes (a, b) VALUES (1, 2). */
static bool plan_default_values(struct planner *planner)
{
    const struct insert *insert = planner->insert;
    const char *at = insert->default_values;
    size_t length = (size_t)(insert->default_values_end - at);
    if (planner->appended_count == 0)
        return true;
    const char *names = appended_names(planner) + strlen(", ");
    char *before = arena_alloc(planner->parser->arena, strlen(names) + sizeof "() VALUES (");
    stpcpy(stpcpy(stpcpy(before, "("), names), ") VALUES (");
    for (size_t i = 0; i < planner->appended_count; i++)
        if (!add_default(planner, planner->appended[i], i ? ", " : before, i ? at + length : at,
                         i ? 0 : length))
            return false;
    planner->plan->pieces[planner->plan->count - 1].after = ")";
    return true;
}

static bool plan_query(struct planner *planner)
{
    const struct insert *insert = planner->insert;
    bool leaves_out = planner->appended_count > 0 ||
                      (planner->table && !insert->columns && table_has_serials(planner->table));
    if (!insert->query_call && !leaves_out)
        return true;
    parser_unsupported(planner->parser, insert->query_call ? insert->query_call : insert->query,
                       "seqd cannot tell how many rows INSERT ... SELECT inserts");
    failure_hint(&planner->parser->failure, USE_A_RANGE);
    return false;
}

bool insert_plan(struct parser *parser, const struct insert *insert, const struct table *table,
                 struct draws *draws, struct insert_plan *plan)
{
    struct planner planner = {
        .parser = parser, .insert = insert, .table = table, .draws = draws, .plan = plan};
    if (insert->query && !insert->columns)
        return plan_query(&planner);
    if (!check_columns(&planner) || !find_targets(&planner))
        return false;
    if (insert->query)
        return plan_query(&planner);
    if (insert->default_values)
        return plan_default_values(&planner);
    if (planner.appended_count > 0 && insert->columns)
        add_piece(&planner, PIECE_TEXT, insert->columns_end, 0)->text = appended_names(&planner);
    if (!check_size(&planner))
        return false;
    for (size_t i = 0; i < insert->row_count; i++)
        if (!plan_row(&planner, &insert->rows[i]))
            return false;
    return true;
}

/* --- The text ------------------------------------------------------------------------------ */

/* So that the expression around it means the same as with a bigint that nextval returns. */
static void write_number(struct text *text, int64_t number, const struct value_call *style)
{
    bool typed = style && !style->is_whole;
    bool wrapped = number < 0 && style && (typed || style->before_cast);
    text_put(text, typed ? "(" : "");
    text_put(text, wrapped ? "(" : "");
    text_put_integer(text, number);
    text_put(text, wrapped ? ")" : "");
    text_put(text, typed ? "::bigint)" : "");
}

static int64_t call_value(const struct draws *draws, const struct value_call *call)
{
    const struct expression *expression = call->expression;
    if (!call->is_drawn)
        return expression->value.integer;
    if (expression->function == FUNCTION_LASTVAL)
        return draws->sources[draws->last].last;
    size_t source = 0;
    while (strcmp(draws->sources[source].object.name.text,
                  expression->arguments[0]->value.object.name.text) != 0)
        source++;
    return draws->sources[source].last;
}

void insert_write(const struct insert_plan *plan, struct draws *draws, const char *begin,
                  const char *end, struct text *text)
{
    const char *at = begin;
    for (size_t i = 0; i < plan->count; i++) {
        const struct piece *piece = &plan->pieces[i];
        text_add_escaped(text, at, (size_t)(piece->at - at));
        at = piece->at + piece->length;
        text_add_escaped(text, piece->text, strlen(piece->text));
        if (piece->kind == PIECE_NUMBER)
            write_number(text, draws_value(draws, piece->source), piece->style);
        else if (piece->kind == PIECE_CALL)
            write_number(text, call_value(draws, piece->call), piece->style);
        text_put(text, piece->after ? piece->after : "");
    }
    text_add_escaped(text, at, (size_t)(end - at));
}
