#include "handlers/sql/run.h"

#include "handlers/reply.h"
#include "store/clock.h"
#include "store/memory.h"

#include <stdio.h>

/* Of the results' buffer, at most, in a run that is kept. */
#define SPARE_BYTES 4096

/* --- The end of a batch ---------------------------------------------------------------- */

static void reply(struct run *run)
{
    struct text *text = &run->results;
    text_put(text, "], \"notices\": [");
    text_add(text, run->notices.bytes, run->notices.length);
    text_put(text, "]}\n");
    if (text->length <= KEPT_MAX) {
        reply_json_text(run->request, text->bytes, text->length);
        return;
    }
    reply_send(run->request, &(struct reply){
                                 .status = 200,
                                 .content_type = "application/json",
                                 .body = text->bytes,
                                 .size = text->length,
                                 .memory = BODY_GIVEN,
                             });
    *text = (struct text){0};
}

/* "name": [what was written, from `skip` on] */
static void put_array(struct text *text, const char *name, const struct text *array, size_t skip)
{
    text_put(text, ", \"");
    text_put(text, name);
    text_put(text, "\": [");
    if (array->length > skip)
        text_add(text, array->bytes + skip, array->length - skip);
    text_put(text, "]");
}

void run_reply_failure(struct run *run, const struct failure *failure)
{
    struct text members = {0};
    text_put(&members, ", \"statement\": ");
    text_put_integer(&members, run->number);
    put_array(&members, "results", &run->results, strlen(RUN_REPLY_BEGIN));
    put_array(&members, "notices", &run->notices, 0);
    reply_problem(run->request, failure, members.bytes, members.length);
    text_free(&members);
}

/* --- Waiting ---------------------------------------------------------------------------- */

static void go_on(struct run *run);

static void resumed(struct request *request)
{
    struct run *run = request->run;
    run->ticket = NULL;
    run->waiting = true;
    go_on(run);
}

static bool cancel(struct request *request)
{
    struct run *run = request->run;
    if (run->ticket) {
        if (!store_cancel(run->ticket))
            return false;
        ticket_deinit(run->ticket);
        run->ticket = NULL;
        return true;
    }
    if (!job_abandon(&run->errand->job))
        return false;
    /* The clerk's now, and the arena with all that is in it: not to be looked at any more.
     * Nothing is taken while an errand is under way, so there is nothing to give up. */
    run->errand = NULL;
    run->statement = NULL;
    run->draws = (struct draws){0};
    run->arena = NULL;
    return true;
}

enum progress run_fail(struct run *run, const struct failure *failure, const char *at)
{
    struct failure *own = &run->parser.failure;
    if (failure != own)
        *own = *failure;
    if (at)
        own->position = parser_position(&run->parser, at);
    return PROGRESS_FAILED;
}

enum progress run_fail_at(struct run *run, const struct failure *failure,
                          const struct object *object)
{
    struct failure missing;
    if (failure->code != ERROR_SEQUENCE_NOT_FOUND || !object->at)
        return run_fail(run, failure, NULL);
    object_missing(object, &missing);
    return run_fail(run, &missing, object->at);
}

/* Before a wait: not too many may wait, nor too long. */
static bool admit(struct run *run)
{
    struct request *request = run->request;
    struct app *app = request->worker->app;
    if (request->late) {
        failure_set(&run->parser.failure, ERROR_STORE_UNAVAILABLE,
                    "the store did not answer in time");
        return false;
    }
    if (request_enter(request))
        return true;
    failure_set(&run->parser.failure, ERROR_OVERLOADED,
                "%lld requests wait for the store already: try again in a moment",
                (long long)app->max_waiting);
    return false;
}

enum progress run_take(struct run *run, const struct seq_name *name, struct ticket *ticket)
{
    struct worker *worker = run->request->worker;
    struct store *store = worker->app->store;
    if (store_take(store, name, ticket)) {
        own_count(&worker->counters.cache_hits, 1);
        return PROGRESS_DONE;
    }
    if (!admit(run))
        return PROGRESS_FAILED;
    if (store_wait(store, name, ticket)) {
        request_leave(run->request);
        return PROGRESS_DONE;
    }
    run->ticket = ticket;
    request_suspend(run->request, resumed, cancel);
    return PROGRESS_WAITS;
}

enum progress run_submit(struct run *run)
{
    if (!admit(run))
        return PROGRESS_FAILED;
    request_suspend(run->request, resumed, cancel);
    store_submit(run->request->worker->app->store, &run->errand->job);
    return PROGRESS_WAITS;
}

/* --- Sessions --------------------------------------------------------------------------- */

const char *run_session_or_null(const struct run *run)
{
    if (run->request->session)
        return run->request->session;
    return run->own_session[0] ? run->own_session : NULL;
}

/* A name that no client can give. */
static void begin_session(struct run *run)
{
    static _Atomic uint64_t batches;
    snprintf(run->own_session, sizeof run->own_session, "batch %llu",
             (unsigned long long)atomic_fetch_add(&batches, 1));
}

const char *run_session(struct run *run, bool is_last)
{
    if (!run_session_or_null(run) && !is_last)
        begin_session(run);
    return run_session_or_null(run);
}

bool run_at_last_statement(const struct run *run)
{
    struct token token = run->parser.token;
    while (token_is_symbol(&token, ";"))
        token = token_read(token.begin + token.length, run->parser.end);
    return token.kind == TOKEN_END;
}

/* --- The loop --------------------------------------------------------------------------- */

static enum progress run_administrative(struct run *run);
static enum progress run_discard(struct run *run);

static const struct {
    const char *command;
    enum progress (*step)(struct run *run);
    bool (*act)(struct errand *errand, struct administration *administration);
} kinds[STATEMENT_KINDS] = {
    [STATEMENT_CREATE_SEQUENCE] = {"CREATE SEQUENCE", run_administrative, act_create_sequence},
    [STATEMENT_ALTER_SEQUENCE] = {"ALTER SEQUENCE", run_administrative, act_alter_sequence},
    [STATEMENT_RENAME_SEQUENCE] = {"ALTER SEQUENCE", run_administrative, act_rename_sequence},
    [STATEMENT_MOVE_SEQUENCE] = {"ALTER SEQUENCE", run_administrative, act_move_sequence},
    [STATEMENT_LOG_SEQUENCE] = {"ALTER SEQUENCE", run_administrative, act_log_sequence},
    [STATEMENT_DROP_SEQUENCE] = {"DROP SEQUENCE", run_administrative, act_drop_sequence},
    [STATEMENT_SELECT] = {"SELECT", run_select, NULL},
    [STATEMENT_INSERT] = {"INSERT", run_insert, NULL},
    [STATEMENT_CREATE_TABLE] = {"CREATE TABLE", run_table, NULL},
    [STATEMENT_ALTER_TABLE] = {"ALTER TABLE", run_table, NULL},
    [STATEMENT_DROP_TABLE] = {"DROP TABLE", run_table, NULL},
    [STATEMENT_DISCARD_SEQUENCES] = {"DISCARD SEQUENCES", run_discard, NULL},
    [STATEMENT_DISCARD_ALL] = {"DISCARD ALL", run_discard, NULL},
};

/* One errand, and the command's name for an answer. */
static enum progress run_administrative(struct run *run)
{
    if (!run->errand) {
        run_errand(run, kinds[run->statement->kind].act)->statement = run->statement;
        return run_submit(run);
    }
    if (!run_errand_fine(run))
        return PROGRESS_FAILED;
    run_result(run, kinds[run->statement->kind].command);
    run_result_end(run);
    return PROGRESS_DONE;
}

static enum progress run_discard(struct run *run)
{
    const char *session = run_session_or_null(run);
    if (session)
        sessions_end(store_sessions(run->request->worker->app->store), session);
    run_result(run, kinds[run->statement->kind].command);
    run_result_end(run);
    return PROGRESS_DONE;
}

/* Frees what is not in the arena. */
static void end_statement(struct run *run)
{
    run_errand_end(run);
    draws_end(&run->draws);
    if (run->statement)
        statement_end(run->statement);
    run->statement = NULL;
}

/* False: it failed, or there is none any more. */
static bool next_statement(struct run *run)
{
    end_statement(run);
    arena_clear(run->arena);
    run->checked = run->waiting = false;
    run->plan = NULL;
    run->call = NULL;
    run->next_call = 0;
    run->number++;
    run->statement = arena_alloc(run->arena, sizeof *run->statement);
    if (!parse_statement(&run->parser, run->statement)) {
        run_note(run, &run->parser.notices);
        run_reply_failure(run, &run->parser.failure);
        return false;
    }
    if (run->statement->kind == STATEMENT_NONE) {
        reply(run);
        return false;
    }
    run_note(run, &run->parser.notices);
    run->begun = true;
    if (run->statement->kind == STATEMENT_SELECT)
        run->call = run->statement->select.analysis.first_call;
    return true;
}

/* A batch may not keep the loop, nor the memory, for as long as it likes. */
static bool within_limits(struct run *run)
{
    const struct request *request = run->request;
    struct failure *failure = &run->parser.failure;
    if (run->results.length > RESULTS_MAX)
        failure_set_sqlstate(failure, ERROR_FEATURE_NOT_SUPPORTED, "54000",
                             "the results of a batch are longer than %d bytes", RESULTS_MAX);
    else if (run->number % 64 == 0 && clock_ns() > request->deadline_ns)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "the batch was not done in %lld ms",
                    (long long)(request->worker->app->request_timeout_ns / MS_NS));
    else
        return true;
    return false;
}

static void go_on(struct run *run)
{
    while (run->begun || next_statement(run)) {
        if (!within_limits(run)) {
            run_reply_failure(run, &run->parser.failure);
            return;
        }
        switch (kinds[run->statement->kind].step(run)) {
        case PROGRESS_DONE:
            run->begun = false;
            break;
        case PROGRESS_FAILED:
            run_reply_failure(run, &run->parser.failure);
            return;
        case PROGRESS_WAITS:
            return;
        }
    }
}

/* The worker's spare one, or a new one. */
static struct run *run_create(struct worker *worker)
{
    struct run *run = worker->spare_run;
    worker->spare_run = NULL;
    if (run)
        return run;
    run = must_calloc(1, sizeof *run);
    run->arena = arena_create();
    return run;
}

void run_start(struct request *request, const char *text, size_t size)
{
    struct run *run = run_create(request->worker);
    request->run = run;
    run->request = request;
    text_put(&run->results, RUN_REPLY_BEGIN);
    parser_init(&run->parser, run->arena, text, size);
    go_on(run);
}

void run_free(struct run *run)
{
    arena_destroy(run->arena);
    text_free(&run->results);
    text_free(&run->notices);
    free(run);
}

/* Most batches are short, and need the same little memory. */
static void keep_spare(struct run *run)
{
    struct worker *worker = run->request->worker;
    struct arena *arena = run->arena;
    struct text results = run->results;
    text_free(&run->notices);
    arena_clear(arena);
    results.length = 0;
    *run = (struct run){.arena = arena, .results = results};
    worker->spare_run = run;
}

void run_destroy(struct run *run)
{
    if (run->own_session[0])
        sessions_end(store_sessions(run->request->worker->app->store), run->own_session);
    if (run->ticket && run->ticket != &run->request->ticket)
        ticket_deinit(run->ticket); /* answered, but the connection was gone */
    end_statement(run);
    if (!run->request->worker->spare_run && run->arena && run->results.capacity <= SPARE_BYTES) {
        keep_spare(run);
        return;
    }
    run_free(run);
}
