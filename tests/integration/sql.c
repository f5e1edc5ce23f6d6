/* SQL for tests: see sql.h. */
#include "tests/integration/sql.h"

#include <criterion/criterion.h>

struct reply *try_sql_in(const struct node *node, const char *session, const char *text)
{
    return CALL(node, .method = "POST", .path = "/v1/sql", .body = text, .type = "application/sql",
                .session = session, .verbatim = true);
}

struct reply *try_sql(const struct node *node, const char *text)
{
    return try_sql_in(node, NULL, text);
}

struct reply *sql_in(const struct node *node, const char *session, const char *text)
{
    return expect(try_sql_in(node, session, text), 200);
}

struct reply *sql(const struct node *node, const char *text)
{
    return sql_in(node, NULL, text);
}

int64_t sql_value_in(const struct node *node, const char *session, const char *text)
{
    struct reply *reply = sql_in(node, session, text);
    cr_assert_eq(reply_size(reply, "results"), 1, "%s", reply->what);
    cr_assert_eq(reply_size(reply, "results.0.rows"), 1, "%s", reply->what);
    cr_assert_eq(reply_size(reply, "results.0.rows.0"), 1, "%s", reply->what);
    return reply_integer(reply, "results.0.rows.0.0");
}

int64_t sql_value(const struct node *node, const char *text)
{
    return sql_value_in(node, NULL, text);
}

const char *sql_text(const struct node *node, const char *text)
{
    struct reply *reply = sql(node, text);
    cr_assert_eq(reply_size(reply, "results"), 1, "%s", reply->what);
    return reply_text(reply, "results.0.sql");
}

size_t reply_size(const struct reply *reply, const char *path)
{
    json_t *array = reply_member(reply, path);
    cr_assert(json_is_array(array), "%s is no array: %s", path, reply->what);
    return json_array_size(array);
}

void expect_done_before(const struct reply *reply, int64_t statement, size_t results)
{
    cr_assert_eq(reply_integer(reply, "statement"), statement, "%s", reply->what);
    cr_assert_eq(reply_size(reply, "results"), results, "%s", reply->what);
    reply_size(reply, "notices");
}
