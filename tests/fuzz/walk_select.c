/* SELECT: the values of its items, and the reply. */
#include "tests/fuzz/check.h"

#include <jansson.h>
#include <string.h>

/* Of a generate_series(), so many rows are written. */
#define ROWS 3

static void check_analysis(const struct analysis *analysis)
{
    size_t count = 0;
    for (size_t i = 0; i < analysis->object_count; i++)
        check_object(&analysis->objects[i]);
    for (const struct expression *call = analysis->first_call; call; call = call->next_call)
        count++;
    CHECK(count == analysis->call_count);
}

/* An answer of the store's. */
static void answer(struct walk *walk, struct expression *call, const struct value *arguments,
                   size_t number)
{
    static const int64_t answers[] = {-5, 70000, INT64_MAX, 1, INT64_MIN, 3000000000};
    call->value = (struct value){.integer = answers[number % (sizeof answers / sizeof *answers)]};
    if (call->function != FUNCTION_SERIAL_SEQUENCE)
        return;
    struct parser scratch = {.arena = walk->arena};
    struct object table;
    check_utf8(arguments[1].text);
    if (parse_regclass(&scratch, arguments[0].text, arguments[0].length, NULL, &table))
        check_object(&table);
    else
        check_failure(walk, &scratch.failure);
    call->value = (struct value){.text = "public.s", .length = strlen("public.s")};
}

/* As run_call() does; false: it failed. */
static bool walk_call(struct walk *walk, struct expression *call, size_t number)
{
    struct value arguments[ARGUMENTS_MAX];
    struct failure failure;
    call->value.is_null = false;
    for (size_t i = 0; i < call->argument_count; i++) {
        if (!expression_value(call->arguments[i], walk->arena, &arguments[i], &failure)) {
            check_failure(walk, &failure);
            return false;
        }
        call->value.is_null |= arguments[i].is_null;
        if (call->arguments[i]->type == SQL_REGCLASS && !arguments[i].is_null)
            check_object(&arguments[i].object);
    }
    if (!call->value.is_null)
        answer(walk, call, arguments, number);
    return true;
}

/* Of the i-th item in a row. */
static bool item_value(struct walk *walk, size_t i, int64_t row, enum sql_type *type,
                       struct value *value)
{
    const struct select *select = &walk->statement->select;
    const struct select_item *item = &select->items[i];
    static const struct record record;
    static const struct seq_name name = {"s.s", 3};
    struct failure failure;
    *value = (struct value){.integer = select->series.first + row * select->series.step};
    *type = select->series.type;
    if (select->source == SOURCE_RELATION) {
        CHECK(item->column >= 0 && (size_t)item->column < select->relation->column_count);
        *type = select->relation->columns[item->column].type;
        select->relation->columns[item->column].get(&name, &record, walk->arena, value);
    } else if (item->column < 0) {
        *type = item->expression->type;
        CHECK(*type < SQL_OTHER);
        if (!expression_value(item->expression, walk->arena, value, &failure)) {
            check_failure(walk, &failure);
            return false;
        }
        if (*type == SQL_REGCLASS && !value->is_null)
            check_object(&value->object);
    }
    return true;
}

static bool put_row(struct walk *walk, int64_t row, struct text *text)
{
    const struct select *select = &walk->statement->select;
    text_put(text, row ? ", [" : "[");
    for (size_t i = 0; i < select->item_count; i++) {
        enum sql_type type;
        struct value value;
        if (!item_value(walk, i, row, &type, &value))
            return false;
        text_put(text, i ? ", " : "");
        if (type == SQL_REGCLASS)
            value = (struct value){.is_null = true};
        run_put_value(text, type, &value, true);
    }
    text_put(text, "]");
    return true;
}

static void check_clauses(const struct select *select)
{
    for (const struct condition *condition = select->conditions; condition;
         condition = condition->next) {
        const struct value *value = &condition->value;
        CHECK((size_t)condition->column < select->relation->column_count);
        if (!value->is_null && select->relation->columns[condition->column].type == SQL_TEXT)
            CHECK(strlen(value->text) == value->length);
    }
    for (const struct ordering *ordering = select->orderings; ordering; ordering = ordering->next)
        CHECK((size_t)ordering->column < select->relation->column_count);
    CHECK(select->source != SOURCE_RELATION || select->limit >= 0);
}

static void check_reply(const struct text *text)
{
    json_t *reply = json_loadb(text->bytes, text->length, 0, NULL);
    CHECK(reply != NULL);
    json_decref(reply);
}

void walk_select(struct walk *walk)
{
    const struct select *select = &walk->statement->select;
    struct text text = {0};
    size_t number = 0;
    bool fine = true;
    check_analysis(&select->analysis);
    if (select->failure) {
        check_failure(walk, select->failure);
        return;
    }
    for (struct expression *call = select->analysis.first_call; call && fine;
         call = call->next_call)
        fine = walk_call(walk, call, number++);
    check_clauses(select);
    int64_t rows = select->source == SOURCE_SERIES ? select->series.count : 1;
    text_put(&text, "{\"command\": \"SELECT\"");
    run_put_columns(&text, select);
    for (int64_t row = 0; row < rows && row < ROWS && fine; row++)
        fine = put_row(walk, row, &text);
    text_put(&text, "]}");
    if (walk->checked && fine)
        check_reply(&text);
    text_free(&text);
}
