/* SELECT: the calls one after the other, from left to right, arguments first; then the row. */
#include "handlers/sql/run.h"

#include "handlers/sessions.h"
#include "handlers/sql/literal.h"

#include <string.h>

static struct store *store_of(const struct run *run)
{
    return run->request->worker->app->store;
}

/* --- The clerk's side -------------------------------------------------------------------- */

/* The first of the objects that is missing fails, as when PostgreSQL analyzes a statement. */
bool act_check(struct errand *errand, struct administration *administration)
{
    for (size_t i = 0; i < errand->object_count; i++) {
        const struct object *object = &errand->objects[i];
        if (administer_describe(administration, &object->name, &errand->record, &errand->failure))
            continue;
        errand_missing(errand, object);
        return false;
    }
    return true;
}

static bool act_setval(struct errand *errand, struct administration *administration)
{
    const struct object *object = errand->objects;
    if (administer_setval(administration, &object->name, errand->value, errand->is_called,
                          &errand->record, &errand->failure))
        return true;
    errand_missing(errand, object);
    return false;
}

/* Whether the sequence with that oid still exists. */
static bool act_name_of(struct errand *errand, struct administration *administration)
{
    errand->found =
        administer_name_of(administration, errand->texts[0], &errand->name, &errand->failure);
    return errand->found || errand->failure.code == ERROR_NONE;
}

/* --- Calls -------------------------------------------------------------------------------- */

static struct errand *call_errand(struct run *run, const struct value *arguments,
                                  bool (*act)(struct errand *, struct administration *))
{
    struct errand *errand = run_errand(run, act);
    struct object *object = arena_alloc(run->arena, sizeof *object);
    *object = arguments[0].object;
    errand->objects = object;
    errand->object_count = 1;
    return errand;
}

static bool is_last(const struct run *run, const struct expression *call)
{
    return !call->next_call && run_at_last_statement(run);
}

static void note_nextval(struct run *run, const struct expression *call,
                         const struct seq_name *name, const struct grant *grant)
{
    const char *session = run_session(run, is_last(run, call));
    own_count(&run->request->worker->counters.values, 1);
    if (session)
        session_note_nextval(store_sessions(store_of(run)), session,
                             &(struct session_value){
                                 .identity = grant->identity,
                                 .name = *name,
                                 .value = grant->spans[0].first,
                             });
}

static void ticket_answered(struct ticket *ticket)
{
    request_answered(caa_container_of(ticket, struct request, ticket));
}

static enum progress call_nextval(struct run *run, struct expression *call,
                                  const struct value *arguments)
{
    struct ticket *ticket = &run->request->ticket;
    const struct object *object = &arguments[0].object;
    if (!run->waiting) {
        ticket->count = 1;
        ticket->partial = ticket->contiguous = false;
        ticket->answered = ticket_answered;
        run->request->has_ticket = true;
        enum progress progress = run_take(run, &object->name, ticket);
        if (progress != PROGRESS_DONE)
            return progress;
    }
    run->waiting = false;
    enum progress progress = PROGRESS_DONE;
    if (ticket->failure.code == ERROR_NONE) {
        call->value.integer = ticket->grant.spans[0].first;
        note_nextval(run, call, &object->name, &ticket->grant);
    } else {
        progress = run_fail_at(run, &ticket->failure, object);
    }
    ticket_deinit(ticket);
    return progress;
}

static enum progress currval_of(struct run *run, struct expression *call,
                                const struct seq_name *name, const char *oid)
{
    struct session_value value;
    struct failure failure;
    const char *session = run_session_or_null(run);
    if (session && session_currval(store_sessions(store_of(run)), session, oid, &value)) {
        call->value.integer = value.value;
        return PROGRESS_DONE;
    }
    currval_undefined(name, &failure);
    return run_fail(run, &failure, NULL);
}

static enum progress call_currval(struct run *run, struct expression *call,
                                  const struct value *arguments)
{
    struct identity identity;
    const struct seq_name *name = &arguments[0].object.name;
    if (run->waiting)
        return run_errand_fine(run) ? currval_of(run, call, name, run->errand->record.identity.oid)
                                    : PROGRESS_FAILED;
    if (store_identity(store_of(run), name, &identity))
        return currval_of(run, call, name, identity.oid);
    call_errand(run, arguments, act_check);
    return run_submit(run);
}

static enum progress call_lastval(struct run *run, struct expression *call,
                                  const struct value *arguments)
{
    (void)arguments;
    struct session_value value;
    struct identity identity;
    struct failure failure;
    struct store *store = store_of(run);
    const char *session = run_session_or_null(run);
    bool defined = session && session_lastval(store_sessions(store), session, &value);
    if (defined && run->waiting) {
        if (!run_errand_fine(run))
            return PROGRESS_FAILED;
        defined = run->errand->found;
    } else if (defined && (!store_identity(store, &value.name, &identity) ||
                           strcmp(identity.oid, value.identity.oid) != 0)) {
        struct errand *errand = run_errand(run, act_name_of);
        errand->texts[0] = arena_copy(run->arena, value.identity.oid, ID_SIZE - 1);
        return run_submit(run);
    }
    run->waiting = false;
    if (defined) {
        call->value.integer = value.value;
        return PROGRESS_DONE;
    }
    lastval_undefined(&failure);
    return run_fail(run, &failure, NULL);
}

static enum progress call_setval(struct run *run, struct expression *call,
                                 const struct value *arguments)
{
    bool is_called = call->argument_count < 3 || arguments[2].integer;
    if (!run->waiting) {
        struct errand *errand = call_errand(run, arguments, act_setval);
        errand->value = arguments[1].integer;
        errand->is_called = is_called;
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    call->value.integer = arguments[1].integer;
    const char *session = run_session(run, is_last(run, call));
    if (is_called && session)
        session_note_setval(store_sessions(store_of(run)), session,
                            &(struct session_value){
                                .identity = run->errand->record.identity,
                                .name = arguments[0].object.name,
                                .value = arguments[1].integer,
                            });
    return PROGRESS_DONE;
}

static enum progress call_last_value(struct run *run, struct expression *call,
                                     const struct value *arguments)
{
    if (!run->waiting) {
        call_errand(run, arguments, act_check);
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    struct position position = record_position(&run->errand->record);
    call->value.integer = position.last_value;
    call->value.is_null = !position.is_called;
    return PROGRESS_DONE;
}

static enum progress call_serial_sequence(struct run *run, struct expression *call,
                                          const struct value *arguments)
{
    if (!run->waiting) {
        struct parser scratch = {.arena = run->arena};
        struct object *table = arena_alloc(run->arena, sizeof *table);
        if (!parse_regclass(&scratch, arguments[0].text, arguments[0].length, NULL, table))
            return run_fail(run, &scratch.failure, NULL);
        struct errand *errand = run_errand(run, act_serial_sequence);
        errand->objects = table;
        errand->texts[1] = arguments[1].text;
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    call->value.is_null = !run->errand->found;
    if (run->errand->found)
        name_write(run->arena, &run->errand->name, true, &call->value);
    return PROGRESS_DONE;
}

enum progress run_call(struct run *run, struct expression *call)
{
    static enum progress (*const functions[])(struct run *, struct expression *,
                                              const struct value *) = {
        [FUNCTION_NEXTVAL] = call_nextval,
        [FUNCTION_CURRVAL] = call_currval,
        [FUNCTION_LASTVAL] = call_lastval,
        [FUNCTION_SETVAL] = call_setval,
        [FUNCTION_SERIAL_SEQUENCE] = call_serial_sequence,
        [FUNCTION_LAST_VALUE] = call_last_value,
    };
    struct value arguments[ARGUMENTS_MAX];
    struct failure failure;
    for (size_t i = 0; i < call->argument_count; i++) {
        if (!expression_value(call->arguments[i], run->arena, &arguments[i], &failure))
            return run_fail(run, &failure, NULL);
        call->value.is_null |= arguments[i].is_null;
    }
    /* All of them are strict: with a NULL they are not called at all. */
    return call->value.is_null ? PROGRESS_DONE : functions[call->function](run, call, arguments);
}

/* --- The statement -------------------------------------------------------------------------- */

/* True when the call is surely made: then it finds out itself whether its sequence exists. */
static bool is_made(const struct expression *call)
{
    for (size_t i = 0; i < call->argument_count; i++)
        if (call->arguments[i]->kind != EXPRESSION_LITERAL || call->arguments[i]->value.is_null)
            return false;
    return true;
}

/* Nothing may be taken for a statement that names a sequence that does not exist. */
static bool needs_check(const struct select *select)
{
    const struct analysis *analysis = &select->analysis;
    if (analysis->object_count == 0 || (select->source == SOURCE_RELATION && !select->failure))
        return false;
    return analysis->object_count > 1 || analysis->call_count != 1 || select->failure ||
           !is_made(analysis->first_call);
}

/* Each once. */
static bool find_unknown(struct run *run, const struct object *objects, size_t count,
                         struct object unknown[DRAW_SOURCES_MAX], size_t *unknown_count)
{
    struct identity identity;
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;
        while (before < *unknown_count &&
               strcmp(unknown[before].name.text, objects[i].name.text) != 0)
            before++;
        if (before < *unknown_count || store_identity(store_of(run), &objects[i].name, &identity))
            continue;
        if (before == DRAW_SOURCES_MAX)
            return parser_unsupported(&run->parser, objects[i].at,
                                      "too many sequences in one statement");
        unknown[(*unknown_count)++] = objects[i];
    }
    return true;
}

enum progress run_check(struct run *run, const struct object *objects, size_t count)
{
    if (!run->waiting) {
        struct object *unknown = arena_alloc(run->arena, DRAW_SOURCES_MAX * sizeof *unknown);
        size_t unknown_count = 0;
        if (!find_unknown(run, objects, count, unknown, &unknown_count))
            return run_fail(run, &run->parser.failure, NULL);
        run->checked = unknown_count == 0;
        if (run->checked)
            return PROGRESS_DONE;
        struct errand *errand = run_errand(run, act_check);
        errand->objects = unknown;
        errand->object_count = unknown_count;
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    run_errand_end(run);
    run->checked = true;
    return PROGRESS_DONE;
}

/* Names are shown as PostgreSQL writes them. */
bool run_item_value(struct run *run, const struct select_item *item, struct value *value,
                    struct failure *failure)
{
    if (!expression_value(item->expression, run->arena, value, failure))
        return false;
    if (item->expression->type == SQL_REGCLASS && !value->is_null)
        name_write(run->arena, &value->object.name, false, value);
    return true;
}

static enum progress put_row(struct run *run, const struct select *select)
{
    struct value *values = arena_alloc(run->arena, select->item_count * sizeof *values);
    struct failure failure;
    for (size_t i = 0; i < select->item_count; i++)
        if (!run_item_value(run, &select->items[i], &values[i], &failure))
            return run_fail(run, &failure, NULL);
    struct text *text = run_result(run, "SELECT");
    run_put_columns(text, select);
    text_put(text, "[");
    for (size_t i = 0; i < select->item_count; i++) {
        text_put(text, i ? ", " : "");
        run_put_value(text, select->items[i].expression->type, &values[i],
                      run->request->int64_as_string);
    }
    text_put(text, "]]");
    run_result_end(run);
    return PROGRESS_DONE;
}

static enum progress make_calls(struct run *run)
{
    while (run->call) {
        enum progress progress = run_call(run, run->call);
        if (progress != PROGRESS_DONE)
            return progress;
        run_errand_end(run);
        run->call = run->call->next_call;
    }
    return PROGRESS_DONE;
}

static enum progress select_relation(struct run *run)
{
    if (!run->waiting) {
        run_errand(run, act_relation)->statement = run->statement;
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    struct text *text = run_result(run, "SELECT");
    run_put_columns(text, &run->statement->select);
    text_add(text, run->errand->rows.bytes, run->errand->rows.length);
    text_put(text, "]");
    run_result_end(run);
    return PROGRESS_DONE;
}

enum progress run_select(struct run *run)
{
    struct select *select = &run->statement->select;
    if (!run->checked && needs_check(select)) {
        enum progress progress =
            run_check(run, select->analysis.objects, select->analysis.object_count);
        if (progress != PROGRESS_DONE)
            return progress;
    }
    if (select->failure)
        return run_fail(run, select->failure, NULL);
    if (select->source == SOURCE_RELATION)
        return select_relation(run);
    if (select->source == SOURCE_SERIES)
        return run_series(run);
    enum progress progress = make_calls(run);
    return progress == PROGRESS_DONE ? put_row(run, select) : progress;
}
