/* /v1/tables/{table}/serials: by REST what CREATE TABLE and DROP TABLE do by SQL. */
#include "handlers/body.h"
#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/sequence_json.h"
#include "handlers/task.h"
#include "store/administration_table.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* --- POST --------------------------------------------------------------------------------- */

static void finish_create(struct request *request)
{
    const struct task *task = request->task;
    char location[sizeof "/v1/sequences/" + NAME_MAX_BYTES];
    snprintf(location, sizeof location, "/v1/sequences/%s", task->new_name.text);
    const struct header headers[] = {{MHD_HTTP_HEADER_LOCATION, location}, {NULL, NULL}};
    reply_json(request, 201, sequence_json(task->int64_as_string, &task->new_name, &task->record),
               task->record.identity.generation, headers);
}

static bool act_create(struct task *task, struct administration *administration)
{
    return administer_add_serial(administration, &task->name, &task->column, task->default_cache,
                                 &task->new_name, &task->record, &task->failure);
}

static bool read_type(const char *text, enum seq_type *type, struct failure *failure)
{
    if (serial_type_parse(text, type) || type_parse(text, type))
        return true;
    failure_set(
        failure, ERROR_INVALID_PARAMETER,
        "type \"%.100s\" is not smallserial, serial or bigserial (or smallint, integer, bigint)",
        text);
    return false;
}

struct serial_body {
    const char *column, *type;
    struct option position;
};

static bool read_column(const struct serial_body *body, struct table_column *column,
                        struct failure *failure)
{
    struct seq_name name; /* of one part: a column's is of the same form */
    if (!name_parse(body->column, strlen(body->column), &name, failure))
        return false;
    if (strchr(body->column, '.')) {
        failure_set(failure, ERROR_INVALID_NAME,
                    "invalid name \"%.100s\": a column's name has no dot", body->column);
        return false;
    }
    if (body->position.state == OPTION_GIVEN &&
        (body->position.value < 1 || body->position.value > TABLE_COLUMNS_MAX)) {
        failure_set(failure, ERROR_INVALID_PARAMETER, "position (%lld) must be between 1 and %d",
                    (long long)body->position.value, TABLE_COLUMNS_MAX);
        return false;
    }
    memcpy(column->name, name.text, name.length + 1u);
    column->is_serial = true;
    column->position = (int)body->position.value;
    return read_type(body->type, &column->type, failure);
}

void handle_create_serial(struct request *request)
{
    static const struct member members[] = {
        {"column", MEMBER_TEXT, true, offsetof(struct serial_body, column)},
        {"type", MEMBER_TEXT, false, offsetof(struct serial_body, type)},
        {"position", MEMBER_NUMBER, false, offsetof(struct serial_body, position)},
        {0},
    };
    struct serial_body body = {.type = "bigserial"};
    struct table_column column = {0};
    struct failure failure;
    if (!body_read(request, members, &body))
        return;
    if (!read_column(&body, &column, &failure)) {
        reply_failure(request, &failure);
        return;
    }
    struct task *task = task_create(request, act_create);
    task->column = column;
    task->default_cache = store_default_cache(request->worker->app->store);
    task_run(task, finish_create);
}

/* --- GET ---------------------------------------------------------------------------------- */

static json_t *serial_json(const struct table_column *column)
{
    const char *identity = identity_name(column->identity);
    return json_pack(
        "{s:s, s:s, s:o, s:s, s:o}", "column", column->name, "type", type_name(column->type),
        "position", column->position ? json_integer(column->position) : json_null(), "sequence",
        column->sequence.text, "identity", identity ? json_string(identity) : json_null());
}

static bool fail_unknown(struct task *task)
{
    failure_set(&task->failure, ERROR_SEQUENCE_NOT_FOUND, "relation \"%s\" does not exist",
                task->name.text);
    return false;
}

static bool act_list(struct task *task, struct administration *administration)
{
    struct table *table;
    if (!administer_table(administration, &task->name, &table, &task->failure))
        return false;
    if (!table)
        return fail_unknown(task);
    task->list = json_array();
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].is_serial && table->columns[i].sequence.length > 0)
            json_array_append_new(task->list, serial_json(&table->columns[i]));
    table_release(table);
    return true;
}

static void finish_list(struct request *request)
{
    const struct task *task = request->task;
    reply_json(request, 200,
               json_pack("{s:s, s:O}", "table", task->name.text, "serials", task->list), NULL,
               NULL);
}

void handle_list_serials(struct request *request)
{
    task_run(task_create(request, act_list), finish_list);
}

/* --- DELETE ------------------------------------------------------------------------------- */

static bool act_drop(struct task *task, struct administration *administration)
{
    bool known;
    return administer_drop_table(administration, &task->name, &known, &task->failure) &&
           (known || fail_unknown(task));
}

static void finish_drop(struct request *request)
{
    reply_send(request, &(struct reply){.status = 204});
}

void handle_drop_serials(struct request *request)
{
    task_run(task_create(request, act_drop), finish_drop);
}
