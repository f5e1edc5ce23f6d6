/*
 * One HTTP request, from its first line to its answer.
 *
 * It belongs to its loop's thread. While it waits for the store its connection is
 * suspended, and exactly one of two things ends that: the store's answer (by the
 * loop's wakeup), or the deadline (worker_expire).
 */
#ifndef HANDLERS_REQUEST_H
#define HANDLERS_REQUEST_H

#include "handlers/routes.h"
#include "handlers/wakeup.h"
#include "handlers/worker.h"
#include "store/decimal.h"
#include "store/session.h"
#include "store/ticket.h"

#include <jansson.h>
#include <microhttpd.h>

#define TARGET_MAX 2048
#define BODY_MAX   65536
#define SQL_MAX    1048576
#define QUERY_MAX  8

enum request_phase {
    REQUEST_RECEIVING,
    REQUEST_WAITING, /* suspended: the store has it */
    REQUEST_ANSWERED /* a response is queued */
};

struct query_parameter {
    char *name, *value; /* in request->target */
};

/* The last short reply, kept for the next request: making a response anew costs ten times
 * what taking a number does, and mostly only the digits differ. */
#define KEPT_MAX 256
struct kept_response {
    struct MHD_Response *response; /* sends `body`; NULL: none yet */
    const char *content_type;
    size_t size;              /* of the body */
    char generation[ID_SIZE]; /* or "" */
    char body[KEPT_MAX];
};

struct task;
struct run;

struct request {
    struct worker *worker;
    struct MHD_Connection *connection;
    enum request_phase phase;
    int64_t began_ns, deadline_ns;
    struct request *next, *previous; /* the worker's list */
    bool listed;
    bool late; /* the deadline has passed while it waited */

    const struct route *route; /* NULL: none */
    bool head;                 /* HEAD: answered like GET, without the body */
    struct capture capture;
    struct seq_name name; /* of the path */

    /* Headers that matter. Borrowed from the connection. */
    const char *accept, *content_type, *session, *origin, *host;
    const char *content_length, *transfer_encoding;
    unsigned host_count, content_length_count;
    bool bad_header;
    bool started, checked; /* the headers were seen; and found good, or refused */

    bool plain;           /* the client prefers text/plain */
    bool int64_as_string; /* ?int64=string */
    bool strict;          /* ?fence=strict */
    struct query_parameter query[QUERY_MAX];
    size_t query_count;

    char *body;
    size_t body_size, body_capacity;
    bool body_too_large;
    json_t *json; /* the parsed body, or NULL */

    /* Waiting. */
    struct wakeup_node wake;
    void (*finish)(struct request *request); /* replies, once the store has answered */
    bool (*cancel)(struct request *request); /* true: the store will not answer */
    struct ranges *ranges;                   /* of POST /v1/ranges */
    struct task *task;                       /* of an administrative request */
    struct run *run;                         /* of POST /v1/sql */
    bool has_ticket;                         /* `ticket` was used */

    size_t path_length; /* of the path in `target` */
    bool target_too_long;

    /* From here on not cleared between requests. */
    struct ticket ticket;
    struct kept_response kept;
    char target[TARGET_MAX + 1];
};

/* libmicrohttpd's callbacks; `cls` is the worker. request_begin is the
 * MHD_OPTION_URI_LOG_CALLBACK: called when the request line is there, it starts the
 * deadline before the headers; what it returns is the handler's `*context`. */
void *request_begin(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_data_size, void **context);
void request_completed(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode code);

/* Waiting takes three steps: admit, ask the store, and suspend if it has not answered
 * yet (or leave). The answer may come before the suspension: the loop takes it only
 * after the handler has returned. */

/* False: too many requests wait. */
bool request_enter(struct request *request);
/* The same; and has replied so. */
bool request_admit(struct request *request);
/* Admitted, but the store answered at once. */
void request_leave(struct request *request);
/* Suspends until request_answered(); then `finish` replies, on the loop's thread. At the
 * deadline `cancel` is called, and says whether the store will not answer any more. */
void request_suspend(struct request *request, void (*finish)(struct request *request),
                     bool (*cancel)(struct request *request));
/* Any thread: the store has answered. */
void request_answered(struct request *request);

/* How long a body may be: the route says. */
size_t request_body_max(const struct request *request);

/* The value of a query parameter, or NULL. */
const char *request_query(const struct request *request, const char *name);

/* The session's name: NULL when none was given. False, and has replied: a bad one. */
bool request_session(struct request *request, const char **session);

#endif
