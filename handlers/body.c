#include "handlers/body.h"

#include "handlers/reply.h"
#include "store/decimal.h"

#include <stdio.h>
#include <string.h>

static bool out_of_range(struct failure *failure, const char *digits, size_t length)
{
    failure_set(failure, ERROR_VALUE_OUT_OF_BOUNDS,
                "value \"%.*s\" is out of range for type bigint",
                (int)(length > 100 ? 100 : length), digits);
    return false;
}

/* jansson refuses the whole document for one number past int64, and says how far it had
 * read: to the end of that number. */
static void fail_number(const char *body, size_t size, const json_error_t *error,
                        struct failure *failure)
{
    size_t end = error->position > 0 ? (size_t)error->position : 0;
    if (end > size)
        end = size;
    while (end > 0 && !strchr("0123456789", body[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && strchr("0123456789-", body[begin - 1]))
        begin--;
    if (strstr(error->text, "integer"))
        out_of_range(failure, body + begin, end - begin);
    else
        failure_set(failure, ERROR_INVALID_REQUEST, "a number is not an integer");
}

static bool parse(const char *body, size_t size, json_t **json, struct failure *failure)
{
    json_error_t error;
    *json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(*json))
        return true;
    if (*json)
        failure_set(failure, ERROR_INVALID_REQUEST, "the body must be a JSON object");
    else if (json_error_code(&error) == json_error_numeric_overflow)
        fail_number(body, size, &error, failure);
    else
        failure_set(failure, ERROR_INVALID_JSON, "the body is not JSON: %s (line %d, column %d)",
                    error.text, error.line, error.column);
    return false;
}

bool body_parse(struct request *request)
{
    struct failure failure;
    if (request->body_size == 0) {
        request->json = json_object();
        return true;
    }
    if (parse(request->body, request->body_size, &request->json, &failure))
        return true;
    reply_failure(request, &failure);
    return false;
}

static bool wrong_type(struct failure *failure, const struct member *member, const char *wanted)
{
    failure_set(failure, ERROR_INVALID_REQUEST, "\"%s\" must be %s", member->name, wanted);
    return false;
}

#define AN_INTEGER "an integer, or a string of decimal digits"

static bool read_int64(const json_t *json, const struct member *member, int64_t *value,
                       struct failure *failure)
{
    if (json_is_integer(json)) {
        *value = json_integer_value(json);
        return true;
    }
    if (!json_is_string(json))
        return wrong_type(failure, member, AN_INTEGER);
    const char *text = json_string_value(json);
    switch (decimal_parse(text, json_string_length(json), value)) {
    case DECIMAL_OK:
        return true;
    case DECIMAL_OUT_OF_RANGE:
        return out_of_range(failure, text, strlen(text));
    case DECIMAL_MALFORMED:
        break;
    }
    return wrong_type(failure, member, AN_INTEGER);
}

static bool read_text(const json_t *json, const struct member *member, void *value,
                      struct failure *failure)
{
    if (!json_is_string(json))
        return wrong_type(failure, member, "a string");
    *(const char **)value = json_string_value(json);
    return true;
}

static bool read_text_or_null(const json_t *json, const struct member *member, void *value,
                              struct failure *failure)
{
    struct optional_text *text = value;
    text->given = true;
    text->text = json_string_value(json); /* NULL for null */
    return json_is_string(json) || json_is_null(json) ||
           wrong_type(failure, member, "a string or null");
}

static bool read_bool(const json_t *json, const struct member *member, void *value,
                      struct failure *failure)
{
    if (!json_is_boolean(json))
        return wrong_type(failure, member, "true or false");
    *(bool *)value = json_is_true(json);
    return true;
}

static bool read_plain_int64(const json_t *json, const struct member *member, void *value,
                             struct failure *failure)
{
    return read_int64(json, member, value, failure);
}

static bool read_number(const json_t *json, const struct member *member, void *value,
                        struct failure *failure)
{
    struct option *option = value;
    option->state = OPTION_GIVEN;
    return read_int64(json, member, &option->value, failure);
}

static bool read_option(const json_t *json, const struct member *member, void *value,
                        struct failure *failure)
{
    struct option *option = value;
    if (!json_is_null(json))
        return read_number(json, member, value, failure);
    option->state = OPTION_NONE;
    return true;
}

static bool read_restart(const json_t *json, const struct member *member, void *value,
                         struct failure *failure)
{
    struct option *option = value;
    option->state = OPTION_NONE;
    if (json_is_true(json))
        return true;
    if (json_is_boolean(json) || json_is_null(json))
        return wrong_type(failure, member, "true, or the value to go on with");
    return read_number(json, member, value, failure);
}

static bool read_cache(const json_t *json, const struct member *member, void *value,
                       struct failure *failure)
{
    struct cache_member *cache = value;
    cache->is_auto = json_is_string(json) && strcmp(json_string_value(json), "auto") == 0;
    if (cache->is_auto || read_number(json, member, &cache->number, failure))
        return true;
    return failure->code == ERROR_VALUE_OUT_OF_BOUNDS
               ? false
               : wrong_type(failure, member, "\"auto\" or an integer");
}

static bool read_array(const json_t *json, const struct member *member, void *value,
                       struct failure *failure)
{
    if (!json_is_array(json))
        return wrong_type(failure, member, "an array");
    *(const json_t **)value = json;
    return true;
}

typedef bool reader(const json_t *json, const struct member *member, void *value,
                    struct failure *failure);

static reader *const readers[] = {
    [MEMBER_TEXT] = read_text,       [MEMBER_TEXT_OR_NULL] = read_text_or_null,
    [MEMBER_BOOL] = read_bool,       [MEMBER_INT64] = read_plain_int64,
    [MEMBER_OPTION] = read_option,   [MEMBER_NUMBER] = read_number,
    [MEMBER_RESTART] = read_restart, [MEMBER_CACHE] = read_cache,
    [MEMBER_ARRAY] = read_array,
};

static const struct member *find_member(const struct member *members, const char *name)
{
    for (; members->name; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

static void fail_unknown(struct failure *failure, const char *name, const struct member *members)
{
    failure_set(failure, ERROR_INVALID_REQUEST, "unknown member \"%.100s\"; known:%s", name,
                members->name ? "" : " none");
    size_t written = strlen(failure->detail);
    for (; members->name && written < sizeof failure->detail; members++)
        written += (size_t)snprintf(failure->detail + written, sizeof failure->detail - written,
                                    " %s", members->name);
}

static bool refuse_unknown(const json_t *object, const struct member *members,
                           struct failure *failure)
{
    const char *name;
    json_t *ignored;
    json_object_foreach((json_t *)(uintptr_t)object, name, ignored)
    {
        if (find_member(members, name))
            continue;
        fail_unknown(failure, name, members);
        return false;
    }
    return true;
}

bool members_read(const json_t *object, const struct member *members, void *values,
                  struct failure *failure)
{
    if (!refuse_unknown(object, members, failure))
        return false;
    for (const struct member *member = members; member->name; member++) {
        const json_t *json = json_object_get(object, member->name);
        if (!json && member->required) {
            failure_set(failure, ERROR_INVALID_REQUEST, "member \"%s\" is missing", member->name);
            return false;
        }
        if (json && !readers[member->kind](json, member, (char *)values + member->offset, failure))
            return false;
    }
    return true;
}

bool body_read(struct request *request, const struct member *members, void *values)
{
    struct failure failure;
    if (!body_parse(request))
        return false;
    if (members_read(request->json, members, values, &failure))
        return true;
    reply_failure(request, &failure);
    return false;
}
