#include "handlers/task.h"

#include "handlers/reply.h"
#include "store/memory.h"

struct task *task_create(struct request *request,
                         bool (*act)(struct task *task, struct administration *administration))
{
    struct task *task = must_calloc(1, sizeof *task);
    task->request = request;
    task->act = act;
    task->name = request->name;
    task->json = json_incref(request->json);
    task->int64_as_string = request->int64_as_string;
    return task;
}

void task_destroy(struct task *task)
{
    json_decref(task->json);
    json_decref(task->list);
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

static void done(struct job *job)
{
    request_answered(of_job(job)->request);
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

static void finish_task(struct request *request)
{
    struct task *task = request->task;
    if (task->done_well)
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
