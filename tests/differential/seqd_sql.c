/* POST /v1/sql, and its replies as outcomes: see seqd.h. */
#include "tests/differential/seqd.h"
#include "tests/process/process.h"

#include <stdio.h>
#include <string.h>

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void take_cell(const json_t *cell, struct outcome *outcome)
{
    char digits[32];
    switch (json_typeof(cell)) {
    case JSON_NULL:
        outcome_cell(outcome, NULL);
        break;
    case JSON_TRUE:
        outcome_cell(outcome, "t");
        break;
    case JSON_FALSE:
        outcome_cell(outcome, "f");
        break;
    case JSON_STRING:
        outcome_cell(outcome, json_string_value(cell));
        break;
    case JSON_INTEGER:
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(cell));
        outcome_cell(outcome, digits);
        break;
    default:
        outcome_cell(outcome, "(neither a value nor null)");
    }
}

static void take_rows(const json_t *columns, const json_t *rows, struct outcome *outcome)
{
    size_t i, j;
    const json_t *item, *cell;
    json_array_foreach(columns, i, item)
    {
        const char *name = json_string_value(item);
        outcome_column(outcome, name == NULL ? "(no name)" : name);
    }
    outcome_columns_end(outcome);
    json_array_foreach(rows, i, item)
    {
        outcome_row(outcome);
        json_array_foreach(item, j, cell)
        {
            take_cell(cell, outcome);
        }
    }
}

static void take_results(const json_t *results, struct outcome *outcome, struct text *shard)
{
    size_t i;
    const json_t *result;
    json_array_foreach(results, i, result)
    {
        const char *command = member(result, "command"), *sql = member(result, "sql");
        const json_t *columns = json_object_get(result, "columns");
        if (sql != NULL) {
            text_add_bytes(shard, sql, strlen(sql) + 1);
            continue;
        }
        outcome_command(outcome, command == NULL ? "(no command)" : command);
        if (columns != NULL) {
            take_rows(columns, json_object_get(result, "rows"), outcome);
        }
    }
}

static void take_notices(const json_t *notices, struct outcome *outcome)
{
    size_t i;
    const json_t *notice;
    json_array_foreach(notices, i, notice)
    {
        const char *sqlstate = member(notice, "sqlstate"), *message = member(notice, "message");
        outcome_notice(outcome, sqlstate == NULL ? "(none)" : sqlstate,
                       message == NULL ? "(none)" : message);
    }
}

void seqd_problem(const struct http_reply *reply, struct outcome *outcome)
{
    char unexpected[64];
    const char *detail = member(reply->json, "detail"), *sqlstate = member(reply->json, "sqlstate");
    snprintf(unexpected, sizeof unexpected, "(status %d, no detail)", reply->status);
    outcome_error(outcome, sqlstate == NULL ? "?????" : sqlstate,
                  detail == NULL ? unexpected : detail, member(reply->json, "hint"),
                  (long)json_integer_value(json_object_get(reply->json, "position")));
}

/* `statement` says which one failed: the one after those that have results. */
static void check_statement(const struct http_reply *reply)
{
    const json_t *statement = json_object_get(reply->json, "statement");
    const json_t *results = json_object_get(reply->json, "results");
    const size_t done = json_array_size(results);
    if (statement != NULL && json_integer_value(statement) != (json_int_t)done + 1) {
        die("\"statement\" does not follow \"results\": %s", reply->text);
    }
}

void seqd_sql(struct seqd *seqd, const char *session, const char *sql, struct outcome *outcome,
              struct text *shard)
{
    const struct http_reply reply =
        seqd_call(seqd, &(struct http_request){.method = "POST",
                                               .path = "/v1/sql",
                                               .session = session,
                                               .type = "application/sql",
                                               .body = sql});
    take_results(json_object_get(reply.json, "results"), outcome, shard);
    take_notices(json_object_get(reply.json, "notices"), outcome);
    if (reply.status != 200) {
        seqd_problem(&reply, outcome);
        check_statement(&reply);
    }
}
