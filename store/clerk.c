#include "store/clerk.h"

#include "store/memory.h"

#include <pthread.h>

enum { JOB_SUBMITTED, JOB_DONE, JOB_ABANDONED };

struct clerk {
    struct administration *administration;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job *first, *last;
    bool stopping;
};

/* NULL: stop. */
static struct job *next_job(struct clerk *clerk)
{
    pthread_mutex_lock(&clerk->lock);
    while (!clerk->first && !clerk->stopping)
        pthread_cond_wait(&clerk->work, &clerk->lock);
    struct job *job = clerk->first;
    if (job && !(clerk->first = job->next))
        clerk->last = NULL;
    pthread_mutex_unlock(&clerk->lock);
    return job;
}

static void *run(void *argument)
{
    struct clerk *clerk = argument;
    struct job *job;
    rcu_register_thread();
    while ((job = next_job(clerk))) {
        if (atomic_load(&job->state) != JOB_ABANDONED)
            job->run(job, clerk->administration);
        /* Whoever is second at the exchange cleans up: here, if it was abandoned. */
        if (atomic_exchange(&job->state, JOB_DONE) == JOB_ABANDONED)
            job->dispose(job);
        else
            job->done(job);
    }
    rcu_unregister_thread();
    return NULL;
}

struct clerk *clerk_start(struct administration *administration)
{
    struct clerk *clerk = must_calloc(1, sizeof *clerk);
    clerk->administration = administration;
    pthread_mutex_init(&clerk->lock, NULL);
    pthread_cond_init(&clerk->work, NULL);
    if (pthread_create(&clerk->thread, NULL, run, clerk) != 0)
        abort();
    pthread_setname_np(clerk->thread, "clerk");
    return clerk;
}

void clerk_submit(struct clerk *clerk, struct job *job)
{
    job->next = NULL;
    atomic_store(&job->state, JOB_SUBMITTED);
    pthread_mutex_lock(&clerk->lock);
    if (clerk->last)
        clerk->last->next = job;
    else
        clerk->first = job;
    clerk->last = job;
    pthread_cond_signal(&clerk->work);
    pthread_mutex_unlock(&clerk->lock);
}

bool job_abandon(struct job *job)
{
    int expected = JOB_SUBMITTED;
    return atomic_compare_exchange_strong(&job->state, &expected, JOB_ABANDONED);
}

void clerk_stop(struct clerk *clerk)
{
    pthread_mutex_lock(&clerk->lock);
    clerk->stopping = true;
    pthread_cond_signal(&clerk->work);
    pthread_mutex_unlock(&clerk->lock);
    pthread_join(clerk->thread, NULL);
    pthread_mutex_destroy(&clerk->lock);
    pthread_cond_destroy(&clerk->work);
    free(clerk);
}
