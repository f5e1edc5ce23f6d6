/* SELECT from a sequence, and from the views of all of them, as the clerk runs it. */
#include "handlers/sql/run.h"

#include "store/memory.h"

#define PAGE 1000

struct view_row {
    struct value *values; /* all columns of the relation */
};

struct rows {
    struct errand *errand;
    const struct select *select;
    struct view_row *rows;
    size_t count, capacity;
    char cursor[NAME_MAX_BYTES + 1];
};

static enum sql_type column_type(const struct select *select, int column)
{
    return select->relation->columns[column].type;
}

static int compare_values(enum sql_type type, const struct value *a, const struct value *b)
{
    if (a->is_null || b->is_null) /* NULLs come last */
        return a->is_null - b->is_null;
    if (is_integer_type(type) || type == SQL_BOOLEAN)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return strcmp(a->text, b->text);
}

static bool is_wanted(const struct select *select, const struct value *values)
{
    for (const struct condition *condition = select->conditions; condition;
         condition = condition->next) {
        const struct value *value = &values[condition->column];
        if (value->is_null || condition->value.is_null ||
            compare_values(column_type(select, condition->column), value, &condition->value) != 0)
            return false;
    }
    return true;
}

static void add_row(const struct seq_name *name, const struct record *record, void *context)
{
    struct rows *rows = context;
    struct arena *arena = rows->errand->arena;
    const struct relation *relation = rows->select->relation;
    struct value *values = arena_alloc(arena, relation->column_count * sizeof *values);
    /* The name and the record are the caller's: nothing may point into them. */
    const struct seq_name *kept = (const void *)arena_copy(arena, (const char *)name, sizeof *name);
    memcpy(rows->cursor, name->text, name->length + 1u);
    for (size_t i = 0; i < relation->column_count; i++)
        relation->columns[i].get(kept, record, arena, &values[i]);
    if (!is_wanted(rows->select, values))
        return;
    rows->rows = arena_grow(arena, rows->rows, rows->count, &rows->capacity, sizeof *rows->rows);
    rows->rows[rows->count++].values = values;
}

static bool read_all(struct rows *rows, struct administration *administration)
{
    bool more = true;
    while (more) {
        char cursor[sizeof rows->cursor];
        memcpy(cursor, rows->cursor, sizeof cursor);
        if (!administer_list(administration, "", cursor, PAGE, add_row, rows, &more,
                             &rows->errand->failure))
            return false;
    }
    return true;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct select *select = context;
    const struct view_row *left = a, *right = b;
    for (const struct ordering *ordering = select->orderings; ordering; ordering = ordering->next) {
        int column = ordering->column;
        int result = compare_values(column_type(select, column), &left->values[column],
                                    &right->values[column]);
        if (result != 0)
            return ordering->descending ? -result : result;
    }
    return 0;
}

static void put_rows(const struct rows *rows)
{
    const struct select *select = rows->select;
    struct text *text = &rows->errand->rows;
    for (size_t i = 0; i < rows->count && (int64_t)i < select->limit && text->length <= RESULTS_MAX;
         i++) {
        for (size_t item = 0; item < select->item_count; item++) {
            int column = select->items[item].column;
            text_put(text, item ? ", " : i ? ", [" : "[");
            run_put_value(text, column_type(select, column), &rows->rows[i].values[column],
                          rows->errand->int64_as_string);
        }
        text_put(text, "]");
    }
}

bool act_relation(struct errand *errand, struct administration *administration)
{
    const struct select *select = &errand->statement->select;
    struct rows rows = {.errand = errand, .select = select};
    if (select->relation == &sequence_relation) {
        const struct object *object = &select->sequence;
        if (!administer_describe(administration, &object->name, &errand->record,
                                 &errand->failure)) {
            errand_missing(errand, object);
            return false;
        }
        add_row(&object->name, &errand->record, &rows);
    } else if (!read_all(&rows, administration)) {
        return false;
    }
    if (rows.count > 1)
        qsort_r(rows.rows, rows.count, sizeof *rows.rows, compare_rows, (void *)(uintptr_t)select);
    put_rows(&rows);
    if (errand->rows.length <= RESULTS_MAX)
        return true;
    failure_set_sqlstate(&errand->failure, ERROR_FEATURE_NOT_SUPPORTED, "54000",
                         "the results of a batch are longer than %d bytes", RESULTS_MAX);
    return false;
}
