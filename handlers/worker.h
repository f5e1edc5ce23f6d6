/*
 * What one HTTP loop has of its own: the requests under way, the queue by which other
 * threads wake it, and its counters. The loop itself is service/http_loop.c.
 */
#ifndef HANDLERS_WORKER_H
#define HANDLERS_WORKER_H

#include "handlers/http_counters.h"
#include "handlers/wakeup.h"
#include "store/store.h"

#include <stdatomic.h>

struct request;
struct run;

/* Shared by all loops; set up before they start. */
struct app {
    struct store *store;
    int64_t request_timeout_ns;
    int64_t max_waiting; /* requests waiting for the store, of all loops */
    _Atomic int64_t waiting;
    int64_t metrics_sequences; /* sequences with metrics of their own */
    struct worker **workers;   /* for /metrics */
    size_t worker_count;
};

struct worker {
    struct app *app;
    struct wakeup wakeup;
    struct http_counters counters;
    int64_t now_ns; /* when the loop last woke up */
    bool stopping;  /* replies close their connections */
    /* Requests under way, oldest first: their deadlines are in order. */
    struct request *first, *last;
    struct request *spare; /* requests to be used again */
    struct run *spare_run; /* of SQL */
};

/* Gives the answered requests back to libmicrohttpd. After the wakeup's descriptor
 * became readable, on the loop's own thread, before MHD_run(). */
void worker_resume(struct worker *worker);

/* Frees the spare requests. No request may be under way. */
void worker_deinit(struct worker *worker);

/* Ends the requests whose deadline has passed: one that waits for the store is
 * answered, one whose client is slow is cut. Returns the next deadline, or INT64_MAX. */
int64_t worker_expire(struct worker *worker);

#endif
