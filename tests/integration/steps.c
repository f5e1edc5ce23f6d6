/* Whole steps of a test, each asserting success: see client.h. */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

enum { READY_MS = 20000 };

void node_wait_ready(const struct node *node)
{
    EVENTUALLY(get(node, "/readyz")->status == 200, READY_MS);
}

struct node *node_start_ready(const struct redis *redis, const char *const *flags)
{
    struct node *node = node_start(redis, flags);
    node_wait_ready(node);
    return node;
}

struct node *service_start(const char *const *flags)
{
    return node_start_ready(redis_start(NULL), flags);
}

struct reply *create(const struct node *node, const char *body)
{
    return expect(post(node, body, "/v1/sequences"), 201);
}

struct reply *try_nextval(const struct node *node, const char *name)
{
    return post(node, NULL, "/v1/sequences/%s/nextval", name);
}

int64_t nextval(const struct node *node, const char *name)
{
    return reply_integer(expect(try_nextval(node, name), 200), "value");
}

int64_t nextval_in(const struct node *node, const char *name, const char *session)
{
    char path[512];
    snprintf(path, sizeof path, "/v1/sequences/%s/nextval", name);
    struct reply *reply = CALL(node, .method = "POST", .path = path, .session = session);
    return reply_integer(expect(reply, 200), "value");
}

struct reply *setval(const struct node *node, const char *name, int64_t value, bool is_called)
{
    char body[128];
    snprintf(body, sizeof body, "{'value': %" PRId64 "%s}", value,
             is_called ? "" : ", 'is_called': false");
    return expect(post(node, body, "/v1/sequences/%s/setval", name), 200);
}

struct reply *describe(const struct node *node, const char *name)
{
    return expect(get(node, "/v1/sequences/%s", name), 200);
}
