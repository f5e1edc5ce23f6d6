/* currval and lastval. Mostly from memory; Redis is asked only about a sequence that
 * this node does not know (any more): whether it exists, and as what. */
#include "handlers/sessions.h"

#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/task.h"

#include <string.h>

void currval_undefined(const struct seq_name *name, struct failure *failure)
{
    failure_set(failure, ERROR_SESSION_UNDEFINED,
                "currval of sequence \"%s\" is not yet defined in this session", name_bare(name));
    memcpy(failure->sequence, name->text, name->length + 1u);
}

void lastval_undefined(struct failure *failure)
{
    failure_set(failure, ERROR_SESSION_UNDEFINED, "lastval is not yet defined in this session");
}

static void reply_undefined(struct request *request, struct failure *failure)
{
    if (!request->session)
        failure_hint(failure, "Name a session with the Seq-Session header, in nextval and here.");
    reply_failure(request, failure);
}

static void fail_currval(struct request *request, const struct seq_name *name)
{
    struct failure failure;
    currval_undefined(name, &failure);
    reply_undefined(request, &failure);
}

static void reply_currval(struct request *request, const char *oid)
{
    struct session_value value;
    struct sessions *sessions = store_sessions(request->worker->app->store);
    if (request->session && session_currval(sessions, request->session, oid, &value))
        reply_value(request, value.value, value.identity.generation);
    else
        fail_currval(request, &request->name);
}

static bool act_describe(struct task *task, struct administration *administration)
{
    return administer_describe(administration, &task->name, &task->record, &task->failure);
}

static void finish_currval(struct request *request)
{
    reply_currval(request, request->task->record.identity.oid);
}

void handle_currval(struct request *request)
{
    const char *session;
    struct identity identity;
    if (!request_session(request, &session))
        return;
    if (store_identity(request->worker->app->store, &request->name, &identity))
        reply_currval(request, identity.oid);
    else
        task_run(task_create(request, act_describe), finish_currval);
}

static void fail_lastval(struct request *request)
{
    struct failure failure;
    lastval_undefined(&failure);
    reply_undefined(request, &failure);
}

static void reply_lastval(struct request *request, const char *name,
                          const struct session_value *value)
{
    if (request->plain)
        reply_value(request, value->value, value->identity.generation);
    else
        reply_json(request, 200,
                   json_pack("{s:s, s:o}", "sequence", name, "value",
                             int64_json(request->int64_as_string, value->value)),
                   value->identity.generation, NULL);
}

/* `created`: there is a sequence with that oid, under `new_name`. */
static bool act_name_of(struct task *task, struct administration *administration)
{
    task->created = administer_name_of(administration, task->oid, &task->new_name, &task->failure);
    return task->created || task->failure.code == ERROR_NONE;
}

static void finish_lastval(struct request *request)
{
    struct session_value value;
    const struct task *task = request->task;
    if (task->created &&
        session_lastval(store_sessions(request->worker->app->store), request->session, &value))
        reply_lastval(request, task->new_name.text, &value);
    else
        fail_lastval(request);
}

void handle_lastval(struct request *request)
{
    const char *session;
    struct identity identity;
    struct session_value value;
    struct store *store = request->worker->app->store;
    if (!request_session(request, &session))
        return;
    if (!session || !session_lastval(store_sessions(store), session, &value)) {
        fail_lastval(request);
    } else if (store_identity(store, &value.name, &identity) &&
               strcmp(identity.oid, value.identity.oid) == 0) {
        reply_lastval(request, value.name.text, &value);
    } else {
        struct task *task = task_create(request, act_name_of);
        memcpy(task->oid, value.identity.oid, ID_SIZE);
        task_run(task, finish_lastval);
    }
}
