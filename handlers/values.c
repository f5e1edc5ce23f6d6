#include "handlers/values.h"

#include "handlers/body.h"
#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/task.h"
#include "store/decimal.h"
#include "store/memory.h"

#include <stddef.h>

static void answered(struct ticket *ticket)
{
    request_answered(caa_container_of(ticket, struct request, ticket));
}

static bool cancel(struct request *request)
{
    return store_cancel(&request->ticket);
}

/* Takes the request's ticket: `finish` replies, now or when the store has answered. */
static void take(struct request *request, void (*finish)(struct request *request))
{
    struct worker *worker = request->worker;
    struct ticket *ticket = &request->ticket;
    request->has_ticket = true;
    ticket->answered = answered;
    if (store_take(worker->app->store, &request->name, ticket)) {
        own_count(&worker->counters.cache_hits, 1);
        finish(request);
    } else if (request_admit(request)) {
        if (!store_wait(worker->app->store, &request->name, ticket)) {
            request_suspend(request, finish, cancel);
            return;
        }
        request_leave(request);
        finish(request);
    }
}

void grant_note(struct request *request, const struct seq_name *name, const char *session,
                const struct grant *grant)
{
    own_count(&request->worker->counters.values, (uint64_t)grant->count);
    if (!session)
        return;
    session_note_nextval(store_sessions(request->worker->app->store), session,
                         &(struct session_value){
                             .identity = grant->identity,
                             .name = *name,
                             .value = grant->spans[grant->span_count - 1].last,
                         });
}

/* False: there was a failure, and it is replied. */
static bool granted(struct request *request)
{
    const struct ticket *ticket = &request->ticket;
    if (ticket->failure.code != ERROR_NONE) {
        reply_failure(request, &ticket->failure);
        return false;
    }
    grant_note(request, &request->name, request->session, &ticket->grant);
    return true;
}

static void finish_nextval(struct request *request)
{
    const struct grant *grant = &request->ticket.grant;
    if (granted(request))
        reply_value(request, grant->spans[0].first, grant->identity.generation);
}

void handle_nextval(struct request *request)
{
    static const struct member none[] = {{0}};
    const char *session;
    if (!request_session(request, &session) ||
        (request->body_size > 0 && !body_read(request, none, NULL)))
        return;
    request->ticket.count = 1;
    request->ticket.partial = request->ticket.contiguous = false;
    take(request, finish_nextval);
}

bool range_prepare(const struct range_wish *wish, struct ticket *ticket, struct failure *failure)
{
    if (wish->count.value < 1 || wish->count.value > RANGE_COUNT_MAX) {
        failure_set(failure, ERROR_INVALID_PARAMETER, "count (%lld) must be between 1 and %d",
                    (long long)wish->count.value, RANGE_COUNT_MAX);
        return false;
    }
    ticket->count = wish->count.value;
    ticket->partial = wish->partial;
    ticket->contiguous = wish->contiguous;
    return true;
}

json_t *grant_json(const struct request *request, const struct grant *grant)
{
    json_t *ranges = json_array();
    for (size_t i = 0; i < grant->span_count; i++) {
        const struct span *span = &grant->spans[i];
        json_array_append_new(ranges,
                              json_pack("{s:o, s:o, s:I}", "first",
                                        int64_json(request->int64_as_string, span->first), "last",
                                        int64_json(request->int64_as_string, span->last), "count",
                                        (json_int_t)span->count));
    }
    return json_pack("{s:I, s:o, s:o}", "count", (json_int_t)grant->count, "increment",
                     int64_json(request->int64_as_string, grant->increment), "ranges", ranges);
}

/* "first last" and a newline for each range. */
static void reply_plain_ranges(struct request *request, const struct grant *grant)
{
    char *text = must_calloc(grant->span_count, 2 * DECIMAL_SIZE), *out = text;
    for (size_t i = 0; i < grant->span_count; i++) {
        out += decimal_write(out, grant->spans[i].first);
        *out++ = ' ';
        out += decimal_write(out, grant->spans[i].last);
        *out++ = '\n';
    }
    reply_send(request, &(struct reply){
                            .status = 200,
                            .content_type = "text/plain; charset=utf-8",
                            .body = text,
                            .size = (size_t)(out - text),
                            .generation = grant->identity.generation,
                        });
    free(text);
}

static void finish_range(struct request *request)
{
    const struct grant *grant = &request->ticket.grant;
    if (!granted(request))
        return;
    if (request->plain)
        reply_plain_ranges(request, grant);
    else
        reply_json(request, 200, grant_json(request, grant), grant->identity.generation, NULL);
}

void handle_range(struct request *request)
{
    static const struct member members[] = {
        {"count", MEMBER_NUMBER, true, offsetof(struct range_wish, count)},
        {"partial", MEMBER_BOOL, false, offsetof(struct range_wish, partial)},
        {"contiguous", MEMBER_BOOL, false, offsetof(struct range_wish, contiguous)},
        {0},
    };
    struct range_wish wish = {0};
    const char *session;
    if (!request_session(request, &session) || !body_read(request, members, &wish))
        return;
    if (range_prepare(&wish, &request->ticket, &request->ticket.failure))
        take(request, finish_range);
    else
        reply_failure(request, &request->ticket.failure);
}

static void finish_setval(struct request *request)
{
    const struct task *task = request->task;
    if (task->is_called && task->session[0])
        session_note_setval(store_sessions(request->worker->app->store), task->session,
                            &(struct session_value){
                                .identity = task->record.identity,
                                .name = task->name,
                                .value = task->value,
                            });
    reply_value(request, task->value, task->record.identity.generation);
}

static bool act_setval(struct task *task, struct administration *administration)
{
    if (!administer_setval(administration, &task->name, task->value, task->is_called, &task->record,
                           &task->failure))
        return false;
    task_fence(task, task->record.identity.generation, 0);
    return true;
}

struct setval_body {
    int64_t value;
    bool is_called;
};

void handle_setval(struct request *request)
{
    static const struct member members[] = {
        {"value", MEMBER_INT64, true, offsetof(struct setval_body, value)},
        {"is_called", MEMBER_BOOL, false, offsetof(struct setval_body, is_called)},
        {0},
    };
    struct setval_body body = {.is_called = true};
    const char *session;
    if (!request_session(request, &session) || !body_read(request, members, &body))
        return;
    struct task *task = task_create(request, act_setval);
    task->value = body.value;
    task->is_called = body.is_called;
    if (session)
        strcpy(task->session, session); /* its length was checked */
    task_run(task, finish_setval);
}

static void finish_advance(struct request *request)
{
    const struct task *task = request->task;
    int64_t last_value = record_position(&task->record).last_value;
    const char *generation = task->record.identity.generation;
    if (request->plain)
        reply_value(request, last_value, generation);
    else
        reply_json(request, 200,
                   json_pack("{s:o, s:b}", "value",
                             int64_json(request->int64_as_string, last_value), "advanced",
                             task->advanced),
                   generation, NULL);
}

static bool act_advance(struct task *task, struct administration *administration)
{
    if (!administer_advance(administration, &task->name, task->value, &task->record,
                            &task->advanced, &task->failure))
        return false;
    task_fence(task, task->record.identity.generation,
               task->advanced ? 0 : administer_advance_passes(&task->record, task->value));
    return true;
}

void handle_advance(struct request *request)
{
    static const struct member members[] = {
        {"value", MEMBER_INT64, true, offsetof(struct setval_body, value)},
        {0},
    };
    struct setval_body body = {0};
    if (!body_read(request, members, &body))
        return;
    struct task *task = task_create(request, act_advance);
    task->value = body.value;
    task_run(task, finish_advance);
}
