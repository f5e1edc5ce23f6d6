/*
 * The clerk: one thread that runs administrative jobs, one after the other, so that
 * they can be straight-line code that blocks, without blocking anybody else.
 *
 * A job is its caller's until it is submitted, then the clerk's, and the caller's
 * again once `done` was called. A caller that cannot wait longer abandons the job: the
 * clerk then disposes of it, having run it or not.
 */
#ifndef STORE_CLERK_H
#define STORE_CLERK_H

#include "store/administration.h"

#include <stdatomic.h>

struct clerk;

struct job {
    void (*run)(struct job *job, struct administration *administration);
    void (*done)(struct job *job);    /* on the clerk's thread; must not block */
    void (*dispose)(struct job *job); /* abandoned: frees it */
    struct job *next;
    _Atomic int state; /* the clerk's own */
};

/* `administration` is the clerk's from now on. */
struct clerk *clerk_start(struct administration *administration);
/* Runs what is queued first. */
void clerk_stop(struct clerk *clerk);

void clerk_submit(struct clerk *clerk, struct job *job);

/* True: the job is no longer the caller's, and `done` will not be called. False: it is
 * done, `done` was or is being called. */
bool job_abandon(struct job *job);

#endif
