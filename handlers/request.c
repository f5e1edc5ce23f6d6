#include "handlers/request.h"

#include "handlers/ranges.h"
#include "handlers/reply.h"
#include "handlers/request_check.h"
#include "handlers/sql/run.h"
#include "handlers/task.h"
#include "store/clock.h"
#include "store/memory.h"

#include <assert.h>
#include <stddef.h>
#include <sys/socket.h>

/* How much longer a client may take to read its answer (a page's script, say). */
#define READ_GRACE_NS (30000 * MS_NS)

static void list_add(struct worker *worker, struct request *request)
{
    request->listed = true;
    request->previous = worker->last;
    if (worker->last)
        worker->last->next = request;
    else
        worker->first = request;
    worker->last = request;
}

static void list_remove(struct worker *worker, struct request *request)
{
    if (request->previous)
        request->previous->next = request->next;
    else
        worker->first = request->next;
    if (request->next)
        request->next->previous = request->previous;
    else
        worker->last = request->previous;
    request->listed = false;
}

static struct request *request_create(struct worker *worker)
{
    struct request *request = worker->spare;
    if (request)
        worker->spare = request->next;
    else
        request = must_calloc(1, sizeof *request);
    memset(request, 0, offsetof(struct request, ticket));
    request->worker = worker;
    return request;
}

static void request_destroy(struct request *request)
{
    struct worker *worker = request->worker;
    list_remove(worker, request);
    if (request->has_ticket)
        ticket_deinit(&request->ticket);
    if (request->ranges)
        ranges_destroy(request->ranges);
    if (request->task)
        task_destroy(request->task);
    if (request->run)
        run_destroy(request->run);
    json_decref(request->json);
    free(request->body);
    request->next = worker->spare;
    worker->spare = request;
}

void worker_deinit(struct worker *worker)
{
    struct request *request;
    while ((request = worker->spare)) {
        worker->spare = request->next;
        if (request->kept.response)
            MHD_destroy_response(request->kept.response);
        free(request);
    }
    if (worker->spare_run)
        run_free(worker->spare_run);
    wakeup_deinit(&worker->wakeup);
}

/* `uri` is the connection's, and is taken apart by libmicrohttpd afterwards. */
static void copy_target(struct request *request, const char *uri)
{
    size_t length = strlen(uri);
    request->target_too_long = length > TARGET_MAX;
    if (request->target_too_long)
        length = 0;
    memcpy(request->target, uri, length);
    request->target[length] = '\0';
    request->path_length = strcspn(request->target, "?");
}

void *request_begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct worker *worker = cls;
    struct request *request = request_create(worker);
    request->connection = connection;
    request->began_ns = worker->now_ns;
    request->deadline_ns = request->began_ns + worker->app->request_timeout_ns;
    copy_target(request, uri);
    list_add(worker, request);
    return request;
}

void request_completed(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode code)
{
    (void)cls, (void)connection, (void)code;
    if (*context)
        request_destroy(*context);
    *context = NULL;
}

size_t request_body_max(const struct request *request)
{
    return request->route && (request->route->flags & ROUTE_SQL) ? SQL_MAX : BODY_MAX;
}

/* One chunk of the body. What is too much is read and dropped, so that the client gets
 * to read the answer. */
static void take_body(struct request *request, const char *data, size_t size)
{
    if (size > request_body_max(request) - request->body_size) {
        request->body_too_large = true;
        return;
    }
    if (request->body_size + size > request->body_capacity) {
        request->body_capacity = 2 * (request->body_size + size);
        request->body = must_realloc(request->body, request->body_capacity);
    }
    memcpy(request->body + request->body_size, data, size);
    request->body_size += size;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_data_size, void **context)
{
    (void)cls, (void)connection, (void)url;
    struct request *request = *context;
    if (request->phase == REQUEST_ANSWERED)
        return MHD_YES;
    if (!request->started) {
        request->started = true;
        /* An answer before the body saves reading it, but ends the connection. */
        if (request_has_body(request)) {
            request->checked = true;
            request_check(request, method, version);
        }
        return MHD_YES;
    }
    if (*upload_data_size > 0) {
        take_body(request, upload_data, *upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    if (request->phase == REQUEST_WAITING) {
        request->phase = REQUEST_RECEIVING;
        request->finish(request);
    } else if (request->body_too_large) {
        reply_error(request, ERROR_BODY_TOO_LARGE, "the body is longer than %zu bytes",
                    request_body_max(request));
    } else {
        if (!request->checked)
            request_check(request, method, version);
        if (request->phase == REQUEST_RECEIVING)
            request->route->handle(request);
    }
    return MHD_YES;
}

bool request_enter(struct request *request)
{
    struct app *app = request->worker->app;
    if (atomic_fetch_add(&app->waiting, 1) < app->max_waiting)
        return true;
    request_leave(request);
    return false;
}

bool request_admit(struct request *request)
{
    if (request_enter(request))
        return true;
    reply_error(request, ERROR_OVERLOADED,
                "%lld requests wait for the store already: try again in a moment",
                (long long)request->worker->app->max_waiting);
    return false;
}

void request_leave(struct request *request)
{
    atomic_fetch_sub(&request->worker->app->waiting, 1);
}

void request_suspend(struct request *request, void (*finish)(struct request *request),
                     bool (*cancel)(struct request *request))
{
    request->phase = REQUEST_WAITING;
    request->finish = finish;
    request->cancel = cancel;
    MHD_suspend_connection(request->connection);
}

void request_answered(struct request *request)
{
    wakeup_push(&request->worker->wakeup, &request->wake);
}

static void resume(struct request *request)
{
    request_leave(request);
    MHD_resume_connection(request->connection);
}

void worker_resume(struct worker *worker)
{
    struct wakeup_node *node = wakeup_take(&worker->wakeup);
    while (node) {
        struct wakeup_node *next = node->next;
        resume(caa_container_of(node, struct request, wake));
        node = next;
    }
}

/* Too late: replies instead of `finish`. */
static void finish_late(struct request *request)
{
    struct failure failure;
    failure_set(&failure, ERROR_STORE_UNAVAILABLE, "the store did not answer in %lld ms",
                (long long)(request->worker->app->request_timeout_ns / MS_NS));
    if (request->run)
        run_reply_failure(request->run, &failure);
    else
        reply_failure(request, &failure);
}

/* The client is still owed an answer, and has the grace to read it. */
static void give_up_waiting(struct request *request)
{
    request->late = true;
    own_count(&request->worker->counters.timeouts, 1);
    /* Not cancelled: the answer is on its way to the wakeup. */
    if (request->cancel(request)) {
        request->finish = finish_late;
        resume(request);
    }
}

/* A client that is slow to send, or to read: libmicrohttpd sees the end of it. */
static void cut(struct request *request)
{
    own_count(&request->worker->counters.timeouts, 1);
    request->deadline_ns = INT64_MAX;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    shutdown(info->connect_fd, SHUT_RDWR);
}

int64_t worker_expire(struct worker *worker)
{
    struct request *request = worker->first, *next;
    for (; request; request = next) {
        next = request->next;
        if (request->deadline_ns == INT64_MAX)
            continue;
        if (request->deadline_ns > worker->now_ns)
            return request->deadline_ns;
        if (request->phase == REQUEST_WAITING) {
            if (!request->late)
                give_up_waiting(request);
        } else if (request->phase == REQUEST_RECEIVING ||
                   worker->now_ns - request->deadline_ns > READ_GRACE_NS) {
            cut(request);
        }
    }
    return INT64_MAX;
}

const char *request_query(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}

bool request_session(struct request *request, const char **session)
{
    *session = request->session;
    if (!*session || session_name_is_valid(*session))
        return true;
    reply_error(request, ERROR_INVALID_REQUEST,
                "Seq-Session: a session's name is 1 to %d of A-Z a-z 0-9 _ -", SESSION_NAME_MAX);
    return false;
}
