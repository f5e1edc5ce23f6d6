/* The generator's operations by the REST endpoints: see rest.h. */
#include "tests/differential/rest.h"

#include "tests/differential/compare.h"
#include "tests/process/process.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rest {
    struct seqd *seqd;
    const char *session;
    struct outcome *outcome;
};

/* `body` is taken over; NULL: none. */
__attribute__((format(printf, 4, 5))) static struct http_reply
call(const struct rest *rest, const char *method, json_t *body, const char *format, ...)
{
    char path[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    const struct http_reply reply =
        seqd_call(rest->seqd, &(struct http_request){
                                  .method = method,
                                  .path = path,
                                  .session = rest->session,
                                  .type = text == NULL ? NULL : "application/json",
                                  .body = text,
                              });
    free(text);
    json_decref(body);
    return reply;
}

/* False: it is a problem, and is the outcome. */
static bool succeeded(const struct rest *rest, const struct http_reply *reply)
{
    if (reply->status >= 400) {
        outcome_clear(rest->outcome); /* an error has no rows before it */
        seqd_problem(reply, rest->outcome);
        rest->outcome->position = POSITION_UNKNOWN; /* there is no text */
        return false;
    }
    return true;
}

static void cell(const struct rest *rest, const struct http_reply *reply, const char *member)
{
    char digits[32];
    const json_t *value = json_object_get(reply->json, member);
    if (json_is_integer(value)) {
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        outcome_cell(rest->outcome, digits);
    } else if (json_is_boolean(value)) {
        outcome_cell(rest->outcome, json_is_true(value) ? "t" : "f");
    } else {
        outcome_cell(rest->outcome, json_string_value(value));
    }
}

static void columns(const struct rest *rest, const char *const *names)
{
    outcome_command(rest->outcome, "SELECT");
    for (; *names != NULL; names++) {
        outcome_column(rest->outcome, *names);
    }
    outcome_columns_end(rest->outcome);
}

/* ---- definitions ---- */

static json_t *option_json(const struct sequence_option *option)
{
    switch (option->kind) {
    case OPTION_CYCLE:
        return json_boolean(!option->none);
    case OPTION_OWNED_BY_NONE:
        return json_null();
    case OPTION_RESTART:
        return option->none ? json_true() : json_string(option->value);
    default: /* numbers may be strings, which may be past int64 */
        return option->none ? json_null() : json_string(option->value);
    }
}

static void add_options(json_t *body, const struct operation *operation)
{
    static const char *const members[OPTION_KINDS] = {
        [OPTION_AS] = "type",
        [OPTION_INCREMENT] = "increment",
        [OPTION_MINVALUE] = "min_value",
        [OPTION_MAXVALUE] = "max_value",
        [OPTION_START] = "start",
        [OPTION_RESTART] = "restart",
        [OPTION_CACHE] = "cache",
        [OPTION_CYCLE] = "cycle",
        [OPTION_OWNED_BY_NONE] = "owned_by",
    };
    for (unsigned i = 0; i < operation->option_count; i++) {
        const struct sequence_option *option = &operation->options[i];
        json_object_set_new(body, members[option->kind], option_json(option));
    }
}

static void create(const struct rest *rest, const struct operation *operation)
{
    char skipping[128];
    json_t *body = json_pack("{s:s}", "name", operation->names[0]->rest);
    if (operation->if_exists) {
        json_object_set_new(body, "if_not_exists", json_true());
    }
    add_options(body, operation);
    const struct http_reply reply = call(rest, "POST", body, "/v1/sequences");
    if (!succeeded(rest, &reply)) {
        return;
    }
    outcome_command(rest->outcome, "CREATE SEQUENCE");
    if (reply.status == 200) { /* not 201 */
        snprintf(skipping, sizeof skipping, "relation \"%s\" already exists, skipping",
                 operation->names[0]->bare);
        outcome_notice(rest->outcome, "42P07", skipping);
    }
}

static void alter(const struct rest *rest, const struct operation *operation)
{
    json_t *body = json_object();
    if (operation->kind == OPERATION_RENAME) {
        json_object_set_new(body, "name", json_string(operation->new_name->rest));
    }
    add_options(body, operation);
    const struct http_reply reply =
        call(rest, "PATCH", body, "/v1/sequences/%s", operation->names[0]->rest);
    if (succeeded(rest, &reply)) {
        outcome_command(rest->outcome, "ALTER SEQUENCE");
    }
}

static void drop(const struct rest *rest, const struct operation *operation)
{
    const struct http_reply reply =
        call(rest, "DELETE", NULL, "/v1/sequences/%s", operation->names[0]->rest);
    if (succeeded(rest, &reply)) {
        outcome_command(rest->outcome, "DROP SEQUENCE");
    }
}

/* ---- values ---- */

static void nextval(const struct rest *rest, const struct operation *operation)
{
    outcome_command(rest->outcome, "SELECT");
    for (unsigned i = 0; i < operation->name_count; i++) {
        outcome_column(rest->outcome, "nextval");
    }
    outcome_columns_end(rest->outcome);
    outcome_row(rest->outcome);
    for (unsigned i = 0; i < operation->name_count; i++) {
        const struct http_reply reply =
            call(rest, "POST", NULL, "/v1/sequences/%s/nextval", operation->names[i]->rest);
        if (!succeeded(rest, &reply)) {
            return;
        }
        cell(rest, &reply, "value");
    }
}

static void one_value(const struct rest *rest, const char *column, const struct http_reply *reply)
{
    if (succeeded(rest, reply)) {
        columns(rest, ARGUMENTS(column));
        outcome_row(rest->outcome);
        cell(rest, reply, "value");
    }
}

static void currval(const struct rest *rest, const struct operation *operation)
{
    const struct http_reply reply =
        call(rest, "GET", NULL, "/v1/sequences/%s/currval", operation->names[0]->rest);
    one_value(rest, "currval", &reply);
}

static void lastval(const struct rest *rest)
{
    const struct http_reply reply = call(rest, "GET", NULL, "/v1/lastval");
    one_value(rest, "lastval", &reply);
}

static void setval(const struct rest *rest, const struct operation *operation)
{
    json_t *body = json_pack("{s:s}", "value", operation->value);
    if (operation->called != CALLED_DEFAULT) {
        json_object_set_new(body, "is_called", json_boolean(operation->called == CALLED_TRUE));
    }
    const struct http_reply reply =
        call(rest, "POST", body, "/v1/sequences/%s/setval", operation->names[0]->rest);
    one_value(rest, "setval", &reply);
}

/* ---- reading ---- */

static void read_sequence(const struct rest *rest, const struct operation *operation)
{
    const struct http_reply reply =
        call(rest, "GET", NULL, "/v1/sequences/%s", operation->names[0]->rest);
    if (succeeded(rest, &reply)) {
        columns(rest, ARGUMENTS("last_value", "is_called"));
        outcome_row(rest->outcome);
        cell(rest, &reply, "last_value");
        cell(rest, &reply, "is_called");
    }
}

/* pg_sequences has no row for what is missing, and no last_value before the first one. */
static void catalog(const struct rest *rest, const struct operation *operation)
{
    const struct http_reply reply =
        call(rest, "GET", NULL, "/v1/sequences/%s", operation->names[0]->rest);
    if (reply.status != 404 && !succeeded(rest, &reply)) {
        return;
    }
    columns(rest, ARGUMENTS("data_type", "start_value", "min_value", "max_value", "increment_by",
                            "cycle", "cache_size", "last_value"));
    if (reply.status == 404) {
        return;
    }
    outcome_row(rest->outcome);
    for (const char *const *member =
             ARGUMENTS("type", "start", "min_value", "max_value", "increment", "cycle", "cache");
         *member != NULL; member++) {
        cell(rest, &reply, *member);
    }
    const bool called = json_is_true(json_object_get(reply.json, "is_called"));
    cell(rest, &reply, called ? "last_value" : "(none)");
}

void rest_run(struct seqd *seqd, const char *session, const struct operation *operation,
              struct outcome *outcome)
{
    const struct rest rest = {seqd, session, outcome};
    switch (operation->kind) {
    case OPERATION_CREATE:
        create(&rest, operation);
        break;
    case OPERATION_ALTER:
    case OPERATION_RENAME:
        alter(&rest, operation);
        break;
    case OPERATION_DROP:
        drop(&rest, operation);
        break;
    case OPERATION_NEXTVAL:
        nextval(&rest, operation);
        break;
    case OPERATION_CURRVAL:
        currval(&rest, operation);
        break;
    case OPERATION_LASTVAL:
        lastval(&rest);
        break;
    case OPERATION_SETVAL:
        setval(&rest, operation);
        break;
    case OPERATION_READ:
        read_sequence(&rest, operation);
        break;
    case OPERATION_CATALOG:
        catalog(&rest, operation);
        break;
    case OPERATION_SERIES:
    case OPERATION_DISCARD:
        die("REST has no such operation"); /* the generator does not make them for it */
    }
}
