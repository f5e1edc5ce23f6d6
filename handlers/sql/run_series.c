/* SELECT ... FROM generate_series(): numbers for all rows, by one reservation a sequence. */
#include "handlers/sql/run.h"

/* Called once: what is wanted of each sequence. */
static bool want(struct run *run, const struct select *select)
{
    struct value name;
    for (struct expression *call = select->analysis.first_call; call; call = call->next_call) {
        if (!expression_value(call->arguments[0], run->arena, &name, &run->parser.failure))
            return false;
        call->value.is_null = name.is_null;
        if (name.is_null)
            continue;
        call->source = draws_want(&run->draws, run->arena, &name.object, select->series.count);
        if (call->source == DRAW_SOURCES_MAX) {
            parser_unsupported(&run->parser, call->at, "too many sequences in one statement");
            return false;
        }
    }
    return true;
}

static enum progress put_rows(struct run *run, const struct select *select)
{
    const struct series *series = &select->series;
    struct failure failure;
    struct text rows = {0};
    for (int64_t row = 0; row < series->count; row++) {
        for (struct expression *call = select->analysis.first_call; call; call = call->next_call)
            if (!call->value.is_null)
                call->value.integer = draws_value(&run->draws, call->source);
        for (size_t i = 0; i < select->item_count; i++) {
            const struct select_item *item = &select->items[i];
            struct value value = {.integer = (int64_t)((uint64_t)series->first +
                                                       (uint64_t)row * (uint64_t)series->step)};
            enum sql_type type = item->column < 0 ? item->expression->type : select->series.type;
            if (item->column < 0 && !run_item_value(run, item, &value, &failure)) {
                text_free(&rows);
                return run_fail(run, &failure, NULL);
            }
            text_put(&rows, i ? ", " : row ? ", [" : "[");
            run_put_value(&rows, type, &value, run->request->int64_as_string);
        }
        text_put(&rows, "]");
    }
    struct text *text = run_result(run, "SELECT");
    run_put_columns(text, select);
    text_add(text, rows.bytes, rows.length);
    text_put(text, "]");
    run_result_end(run);
    text_free(&rows);
    run_note_draws(run);
    return PROGRESS_DONE;
}

enum progress run_series(struct run *run)
{
    const struct select *select = &run->statement->select;
    if (run->draws.count == 0 && select->series.count > 0 && !want(run, select))
        return run_fail(run, &run->parser.failure, NULL);
    enum progress progress = run_draw(run);
    return progress == PROGRESS_DONE ? put_rows(run, select) : progress;
}
