/*
 * One HTTP loop: a thread with an epoll set and a libmicrohttpd daemon of its own.
 *
 * libmicrohttpd's internal epoll threads stall when exactly 128 connections (or 256,
 * ...) are ready at once, and MHD_resume_connection from another thread does not wake
 * a loop driven from outside. So the loop is ours: it accepts, waits in epoll for
 * libmicrohttpd's own epoll descriptor, for new connections and for the wakeup, and
 * calls MHD_run().
 *
 * It also keeps time: a request has a deadline from its first line on (handlers), and
 * a connection that sends nothing, or less than a request line, is closed here.
 */
#ifndef SERVICE_HTTP_LOOP_H
#define SERVICE_HTTP_LOOP_H

#include "handlers/worker.h"
#include "service/listener.h"

struct http_loop;

struct http_loop_options {
    struct app *app;
    struct listener *listeners; /* borrowed; of each, the descriptor at `index` */
    size_t listener_count, index;
    int64_t idle_timeout_ms;
    int64_t max_connections;      /* of all loops together */
    _Atomic int64_t *connections; /* of all loops together */
};

/* Ready to be started; its worker is at http_loop_worker(). */
struct http_loop *http_loop_create(const struct http_loop_options *options);
struct worker *http_loop_worker(struct http_loop *loop);

void http_loop_start(struct http_loop *loop);

/* Takes no more connections, and ends when the requests under way are answered, or
 * after `grace_ms`. Returns at once. */
void http_loop_stop(struct http_loop *loop, int64_t grace_ms);

/* Waits for the end. */
void http_loop_join(struct http_loop *loop);

/* After the store has stopped: the thread that answered the last request may still be
 * about to ring for it. */
void http_loop_destroy(struct http_loop *loop);

#endif
