/*
 * INSERT, in five steps: what is known of the table, what the statement takes, whether all
 * its sequences exist, what currval and lastval in it are, and the numbers. Then its text is
 * written.
 */
#include "handlers/sql/run.h"

#include "store/administration_table.h"

static bool act_table(struct errand *errand, struct administration *administration)
{
    return administer_table(administration, &errand->objects[0].name, &errand->table,
                            &errand->failure);
}

/* *table: a reference, or NULL when nothing is known of it. */
static enum progress find_table(struct run *run, const struct insert *insert, struct table **table)
{
    *table = NULL;
    if (!insert->table.is_kept)
        return PROGRESS_DONE;
    if (run->waiting) {
        if (!run_errand_fine(run))
            return PROGRESS_FAILED;
        *table = run->errand->table;
        run->errand->table = NULL;
        run_errand_end(run);
        return PROGRESS_DONE;
    }
    if (store_table(run->request->worker->app->store, &insert->table.object.name, table))
        return PROGRESS_DONE;
    struct errand *errand = run_errand(run, act_table);
    errand->objects = &insert->table.object;
    errand->object_count = 1;
    return run_submit(run);
}

static enum progress plan(struct run *run, const struct insert *insert)
{
    struct table *table;
    enum progress progress = find_table(run, insert, &table);
    if (progress != PROGRESS_DONE)
        return progress;
    struct insert_plan *made = arena_alloc(run->arena, sizeof *made);
    bool fine = insert_plan(&run->parser, insert, table, &run->draws, made);
    table_release(table);
    run->plan = made;
    return fine ? PROGRESS_DONE : run_fail(run, &run->parser.failure, NULL);
}

/* One sequence finds out itself. Of many, none gives numbers when one is missing. */
static enum progress check(struct run *run)
{
    const struct draws *draws = &run->draws;
    struct object *objects = arena_alloc(run->arena, (draws->count + 1) * sizeof *objects);
    if (draws->count < 2) {
        run->checked = true;
        return PROGRESS_DONE;
    }
    for (size_t i = 0; i < draws->count; i++)
        objects[i] = draws->sources[i].object;
    return run_check(run, objects, draws->count);
}

/* currval and lastval of before this statement. */
static enum progress make_calls(struct run *run, const struct insert *insert)
{
    for (; run->next_call < insert->call_count; run->next_call++) {
        struct value_call *call = &insert->calls[run->next_call];
        if (call->expression->function == FUNCTION_NEXTVAL || call->is_drawn)
            continue;
        enum progress progress = run_call(run, call->expression);
        if (progress != PROGRESS_DONE)
            return progress;
        run_errand_end(run);
    }
    return PROGRESS_DONE;
}

static enum progress put_statement(struct run *run)
{
    const struct statement *statement = run->statement;
    struct text *text = run_result(run, "INSERT");
    text_put(text, ", \"sql\": \"");
    insert_write(run->plan, &run->draws, statement->begin, statement->end, text);
    text_put(text, "\"");
    run_result_end(run);
    run_note_draws(run);
    return PROGRESS_DONE;
}

enum progress run_insert(struct run *run)
{
    struct insert *insert = &run->statement->insert;
    enum progress progress = run->plan ? PROGRESS_DONE : plan(run, insert);
    if (progress == PROGRESS_DONE && !run->checked)
        progress = check(run);
    if (progress == PROGRESS_DONE)
        progress = make_calls(run, insert);
    if (progress == PROGRESS_DONE)
        progress = run_draw(run);
    return progress == PROGRESS_DONE ? put_statement(run) : progress;
}
