/* Work for the clerk: made and answered on the loop's thread, run on the clerk's. */
#include "handlers/sql/run.h"

#include "store/memory.h"

void errand_missing(struct errand *errand, const struct object *object)
{
    if (errand->failure.code != ERROR_SEQUENCE_NOT_FOUND)
        return;
    object_missing(object, &errand->failure);
    errand->failed_at = object->at;
}

static void errand_destroy(struct errand *errand)
{
    text_free(&errand->rows);
    table_release(errand->wanted);
    table_release(errand->table);
    free(errand);
}

static void errand_run(struct job *job, struct administration *administration)
{
    struct errand *errand = caa_container_of(job, struct errand, job);
    errand->done_well = errand->act(errand, administration);
}

static void errand_done(struct job *job)
{
    request_answered(caa_container_of(job, struct errand, job)->run->request);
}

static void errand_dispose(struct job *job)
{
    struct errand *errand = caa_container_of(job, struct errand, job);
    arena_destroy(errand->arena);
    errand_destroy(errand);
}

struct errand *run_errand(struct run *run,
                          bool (*act)(struct errand *errand, struct administration *administration))
{
    struct errand *errand = must_calloc(1, sizeof *errand);
    errand->job.run = errand_run;
    errand->job.done = errand_done;
    errand->job.dispose = errand_dispose;
    errand->run = run;
    errand->arena = run->arena;
    errand->act = act;
    errand->default_cache = store_default_cache(run->request->worker->app->store);
    errand->int64_as_string = run->request->int64_as_string;
    run->errand = errand;
    return errand;
}

bool run_errand_fine(struct run *run)
{
    struct errand *errand = run->errand;
    run->waiting = false;
    if (errand->done_well)
        run_note(run, &errand->notices);
    else
        run_fail(run, &errand->failure, errand->failed_at);
    return errand->done_well;
}

void run_errand_end(struct run *run)
{
    if (run->errand)
        errand_destroy(run->errand);
    run->errand = NULL;
}
