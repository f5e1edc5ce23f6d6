#include "handlers/task.h"

#include "handlers/reply.h"
#include "store/memory.h"

#include <stdio.h>

struct task *task_create(struct request *request,
                         bool (*act)(struct task *task, struct administration *administration))
{
    struct task *task = must_calloc(1, sizeof *task);
    task->request = request;
    task->act = act;
    task->name = request->name;
    task->json = json_incref(request->json);
    task->int64_as_string = request->int64_as_string;
    task->strict = request->strict;
    return task;
}

void task_destroy(struct task *task)
{
    json_decref(task->json);
    json_decref(task->list);
    json_decref(task->fence.missing);
    free(task);
}

static struct task *of_job(struct job *job)
{
    return caa_container_of(job, struct task, job);
}

static void run(struct job *job, struct administration *administration)
{
    struct task *task = of_job(job);
    task->done_well = task->act(task, administration);
}

void task_fence(struct task *task, const char *generation, int64_t next)
{
    task->fence.name = task->name;
    snprintf(task->fence.generation, ID_SIZE, "%s", generation);
    task->fence.next = next;
}

static void passed(struct fence *fence)
{
    request_answered(caa_container_of(fence, struct task, fence)->request);
}

/* A strict change is made, but not answered: that waits for the other nodes. From here on
 * the deadline is the fence's, as job_abandon() is too late. */
static void done(struct job *job)
{
    struct task *task = of_job(job);
    if (!task->done_well || !task->strict) {
        request_answered(task->request);
        return;
    }
    task->fence.deadline_ns = task->request->deadline_ns;
    task->fence.passed = passed;
    store_fence(task->request->worker->app->store, &task->fence);
}

static void dispose(struct job *job)
{
    task_destroy(of_job(job));
}

/* The clerk disposes of it now. */
static bool cancel(struct request *request)
{
    bool abandoned = job_abandon(&request->task->job);
    if (abandoned)
        request->task = NULL;
    return abandoned;
}

/* The problem names the nodes, for people and for programs. */
static void reply_incomplete(struct request *request, const struct fence *fence)
{
    json_t *none = json_array();
    char *nodes = json_dumps(fence->missing ? fence->missing : none, JSON_COMPACT), *members;
    int size = asprintf(&members, ",\"nodes\":%s", nodes);
    if (!nodes || size < 0)
        abort();
    reply_problem(request, &fence->failure, members, (size_t)size);
    free(members);
    free(nodes);
    json_decref(none);
}

static void finish_task(struct request *request)
{
    struct task *task = request->task;
    if (task->done_well && task->strict && !task->fence.complete)
        reply_incomplete(request, &task->fence);
    else if (task->done_well)
        task->finish(request);
    else
        reply_failure(request, &task->failure);
}

void task_run(struct task *task, void (*finish)(struct request *request))
{
    struct request *request = task->request;
    task->job.run = run;
    task->job.done = done;
    task->job.dispose = dispose;
    task->finish = finish;
    request->task = task;
    if (!request_admit(request))
        return;
    request_suspend(request, finish_task, cancel);
    store_submit(request->worker->app->store, &task->job);
}
