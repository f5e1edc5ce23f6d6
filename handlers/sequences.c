#include "handlers/body.h"
#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/sequence_json.h"
#include "handlers/task.h"
#include "store/decimal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIST_LIMIT     100
#define LIST_LIMIT_MAX 1000

static json_t *cache_json(bool as_string, int64_t cache)
{
    return cache == CACHE_AUTO ? json_string("auto") : int64_json(as_string, cache);
}

json_t *sequence_json(bool as_string, const struct seq_name *name, const struct record *record)
{
    const struct definition *definition = &record->definition;
    struct position position = record_position(record);
    json_t *remaining =
        definition->cycle
            ? json_null()
            : int64_json(as_string, progression_remaining(&record->rule, record->next));
    json_t *owned_by = definition->owned_by[0] ? json_string(definition->owned_by) : json_null();
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:b, s:o, s:s, s:s, s:s}",
                     "name", name->text, "type", type_name(definition->type), "start",
                     int64_json(as_string, definition->start), "increment",
                     int64_json(as_string, definition->increment), "min_value",
                     int64_json(as_string, definition->min_value), "max_value",
                     int64_json(as_string, definition->max_value), "cache",
                     cache_json(as_string, definition->cache), "cycle", definition->cycle,
                     "owned_by", owned_by, "last_value", int64_json(as_string, position.last_value),
                     "is_called", position.is_called, "remaining", remaining, "generation",
                     record->identity.generation, "created_at", record->created_at, "updated_at",
                     record->updated_at);
}

static void reply_sequence(struct request *request, int status, const struct header *headers)
{
    const struct task *task = request->task;
    const struct seq_name *name = task->renames ? &task->new_name : &task->name;
    reply_json(request, status, sequence_json(task->int64_as_string, name, &task->record),
               task->record.identity.generation, headers);
}

/* The body of POST and PATCH. */
struct sequence_body {
    const char *name, *type;
    struct option start, increment, min_value, max_value, restart;
    struct cache_member cache;
    struct optional_text owned_by;
    bool cycle, if_not_exists;
};

#define MEMBER(name, kind)                                                                         \
    {                                                                                              \
#name, kind, false, offsetof(struct sequence_body, name)                                   \
    }
#define DEFINITION_MEMBERS                                                                         \
    MEMBER(type, MEMBER_TEXT), MEMBER(start, MEMBER_NUMBER), MEMBER(increment, MEMBER_NUMBER),     \
        MEMBER(min_value, MEMBER_OPTION), MEMBER(max_value, MEMBER_OPTION),                        \
        MEMBER(cache, MEMBER_CACHE), MEMBER(cycle, MEMBER_BOOL),                                   \
        MEMBER(owned_by, MEMBER_TEXT_OR_NULL)

static const struct member create_members[] = {
    {"name", MEMBER_TEXT, true, offsetof(struct sequence_body, name)},
    MEMBER(if_not_exists, MEMBER_BOOL),
    DEFINITION_MEMBERS,
    {0},
};

static const struct member alter_members[] = {
    MEMBER(name, MEMBER_TEXT),
    MEMBER(restart, MEMBER_RESTART),
    DEFINITION_MEMBERS,
    {0},
};

static struct options body_options(const struct request *request, const struct sequence_body *body)
{
    return (struct options){
        .has_type = body->type != NULL,
        .type_text = body->type,
        .has_cycle = json_object_get(request->json, "cycle") != NULL,
        .cycle = body->cycle,
        .has_owned_by = body->owned_by.given,
        .owned_by = body->owned_by.text,
        .increment = body->increment,
        .min_value = body->min_value,
        .max_value = body->max_value,
        .start = body->start,
        .restart = body->restart,
        .cache = body->cache.number,
        .cache_auto = body->cache.is_auto,
    };
}

static void finish_create(struct request *request)
{
    const struct task *task = request->task;
    char location[sizeof "/v1/sequences/" + NAME_MAX_BYTES];
    snprintf(location, sizeof location, "/v1/sequences/%s", task->name.text);
    const struct header headers[] = {{MHD_HTTP_HEADER_LOCATION, location}, {NULL, NULL}};
    reply_sequence(request, task->created ? 201 : 200, task->created ? headers : NULL);
}

static bool act_create(struct task *task, struct administration *administration)
{
    return administer_create(administration, &task->name, &task->options, task->if_not_exists,
                             task->default_cache, &task->record, &task->created, &task->failure);
}

void handle_create_sequence(struct request *request)
{
    struct sequence_body body = {0};
    struct failure failure;
    if (!body_read(request, create_members, &body))
        return;
    if (!name_parse(body.name, strlen(body.name), &request->name, &failure)) {
        reply_failure(request, &failure);
        return;
    }
    struct task *task = task_create(request, act_create);
    task->options = body_options(request, &body);
    task->if_not_exists = body.if_not_exists;
    task->default_cache = store_default_cache(request->worker->app->store);
    task_run(task, finish_create);
}

static void finish_ok(struct request *request)
{
    reply_sequence(request, 200, NULL);
}

static bool act_describe(struct task *task, struct administration *administration)
{
    return administer_describe(administration, &task->name, &task->record, &task->failure);
}

void handle_get_sequence(struct request *request)
{
    task_run(task_create(request, act_describe), finish_ok);
}

static bool act_alter(struct task *task, struct administration *administration)
{
    if (!administer_alter(administration, &task->name, task->renames ? &task->new_name : NULL,
                          &task->options, &task->record, &task->failure))
        return false;
    task_fence(task, task->renames ? "-" : task->record.identity.generation, 0);
    return true;
}

void handle_alter_sequence(struct request *request)
{
    struct sequence_body body = {0};
    struct failure failure;
    struct seq_name new_name;
    if (!body_read(request, alter_members, &body))
        return;
    if (body.name && !name_parse(body.name, strlen(body.name), &new_name, &failure)) {
        reply_failure(request, &failure);
        return;
    }
    struct task *task = task_create(request, act_alter);
    task->options = body_options(request, &body);
    task->renames = body.name != NULL;
    if (task->renames)
        task->new_name = new_name;
    task_run(task, finish_ok);
}

static void finish_drop(struct request *request)
{
    reply_send(request, &(struct reply){.status = 204});
}

static bool act_drop(struct task *task, struct administration *administration)
{
    struct drop_outcome outcome;
    task_fence(task, "-", 0);
    return administer_drop(administration, &task->name, 1, &(struct drop_options){0}, &outcome,
                           &task->failure);
}

void handle_drop_sequence(struct request *request)
{
    task_run(task_create(request, act_drop), finish_drop);
}

/* The names of a page, the last of them the cursor of the next one. */
static void list_one(const struct seq_name *name, const struct record *record, void *context)
{
    struct task *task = context;
    json_array_append_new(task->list, sequence_json(task->int64_as_string, name, record));
    memcpy(task->cursor, name->text, name->length + 1u);
}

static bool act_list(struct task *task, struct administration *administration)
{
    char cursor[sizeof task->cursor];
    memcpy(cursor, task->cursor, sizeof cursor);
    task->list = json_array();
    return administer_list(administration, task->prefix, cursor, task->limit, list_one, task,
                           &task->more, &task->failure);
}

static void finish_list(struct request *request)
{
    struct task *task = request->task;
    reply_json(request, 200,
               json_pack("{s:O, s:o}", "sequences", task->list, "next_cursor",
                         task->more ? json_string(task->cursor) : json_null()),
               NULL, NULL);
}

/* A query parameter that is (the beginning of) a name. */
static bool read_name_part(struct request *request, const char *parameter, char *text)
{
    const char *value = request_query(request, parameter);
    if (!value)
        return true;
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$-.";
    if (strncmp(value, "public.", 7) == 0)
        value += 7; /* names are listed without it */
    if (strlen(value) <= NAME_MAX_BYTES && value[strspn(value, allowed)] == '\0') {
        strcpy(text, value);
        return true;
    }
    reply_error(request, ERROR_INVALID_REQUEST, "%s \"%.200s\" is not %s", parameter, value,
                strcmp(parameter, "cursor") == 0 ? "a next_cursor of an earlier reply"
                                                 : "the beginning of a name");
    return false;
}

static bool read_limit(struct request *request, int64_t *limit)
{
    const char *value = request_query(request, "limit");
    *limit = LIST_LIMIT;
    if (!value || (decimal_parse(value, strlen(value), limit) == DECIMAL_OK && *limit >= 1 &&
                   *limit <= LIST_LIMIT_MAX))
        return true;
    reply_error(request, ERROR_INVALID_REQUEST, "limit \"%.100s\" is not between 1 and %d", value,
                LIST_LIMIT_MAX);
    return false;
}

void handle_list_sequences(struct request *request)
{
    struct task *task = task_create(request, act_list);
    if (read_name_part(request, "prefix", task->prefix) &&
        read_name_part(request, "cursor", task->cursor) && read_limit(request, &task->limit))
        task_run(task, finish_list);
    else
        task_destroy(task);
}
