/*
 * HTTP calls for tests, and what one asks of their replies.
 *
 *     create(node, "{'name': 'a', 'start': 5}");
 *     cr_assert_eq(nextval(node, "a"), 5);
 *     reply = expect(CALL(node, .method = "POST", .path = "/v1/sequences/a/nextval",
 *                         .session = "s1"), 200);
 *     cr_assert_eq(reply_integer(reply, "value"), 6);
 *     expect_problem(get(node, "/v1/sequences/%s", "b"), 404, "sequence_not_found", "42P01",
 *                    "relation \"b\" does not exist");
 *
 * In bodies an apostrophe stands for a quotation mark. Every reply is checked for
 * what the API promises of all of them (nosniff, no-store under /v1, Retry-After
 * with a 503 of the store), and appended to the file that SEQD_RECORD names, one
 * JSON line each. Replies live as long as the test. One thread only.
 */
#ifndef TESTS_INTEGRATION_CLIENT_H
#define TESTS_INTEGRATION_CLIENT_H

#include "tests/integration/harness.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call {
    const char *method;  /* NULL: GET, or POST with a body */
    const char *path;    /* with its query; sent as it is */
    const char *body;    /* NULL: none */
    const char *type;    /* NULL: application/json with a body, none without */
    const char *accept;  /* NULL: none sent */
    const char *session; /* NULL: no Seq-Session */
    const char *header;  /* one more, "Name: value", or NULL */
    bool verbatim;       /* apostrophes of the body stay what they are */
};

struct reply {
    int status;      /* 0: none came within 30 s, or the connection failed */
    json_t *headers; /* lower-case name to text */
    char *body;      /* NUL-terminated */
    size_t length;
    json_t *json; /* the body, NULL when it is not JSON */
    int64_t took_ms;
    struct reply *next;      /* all of a test, so that nothing is lost */
    const struct node *node; /* who was asked */
    char what[512];          /* method, path, status and start of the body, for messages */
};

/* `node` as node_start returned it, or any with an address of "HOST:PORT" or "unix:PATH". */
struct reply *call(const struct node *node, struct call request);
#define CALL(node, ...) call((node), (struct call){__VA_ARGS__})

/* `body` NULL: none. */
struct reply *post(const struct node *node, const char *body, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
struct reply *patch(const struct node *node, const char *body, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
struct reply *get(const struct node *node, const char *path, ...)
    __attribute__((format(printf, 2, 3)));
struct reply *drop(const struct node *node, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

struct reply *expect(struct reply *reply, int status);
/* A problem document with this status, code, and (unless NULL) sqlstate and detail. */
struct reply *expect_problem(struct reply *reply, int status, const char *code,
                             const char *sqlstate, const char *detail);

/* A member by its path, "ranges.0.first", which must be there. */
json_t *reply_member(const struct reply *reply, const char *path);
int64_t reply_integer(const struct reply *reply, const char *path);
const char *reply_text(const struct reply *reply, const char *path);
bool reply_boolean(const struct reply *reply, const char *path);
bool reply_null(const struct reply *reply, const char *path);
/* A header by its lower-case name; NULL when it was not sent. */
const char *reply_header(const struct reply *reply, const char *name);

/* ---- whole steps, each asserting success ---- */

/* A redis-server and one seqd on it that is ready; `flags` may be NULL. */
struct node *service_start(const char *const *flags);
/* One more node on the same redis-server, ready. */
struct node *node_start_ready(const struct redis *redis, const char *const *flags);
void node_wait_ready(const struct node *node);
/* POST /v1/sequences with this body: 201. */
struct reply *create(const struct node *node, const char *body);
/* POST nextval: 200, the value. */
int64_t nextval(const struct node *node, const char *name);
/* The same in a session. */
int64_t nextval_in(const struct node *node, const char *name, const char *session);
/* POST setval with is_called (default of the API when true): 200. */
struct reply *setval(const struct node *node, const char *name, int64_t value, bool is_called);
/* GET of the sequence: 200. */
struct reply *describe(const struct node *node, const char *name);
/* Like nextval, but gives back whatever was answered. */
struct reply *try_nextval(const struct node *node, const char *name);

#endif
