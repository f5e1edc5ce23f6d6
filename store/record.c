#include "store/record.h"

#include "store/decimal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

bool reply_integer(const redisReply *reply, int64_t *value)
{
    return reply && reply->type == REDIS_REPLY_STRING &&
           decimal_parse(reply->str, (size_t)reply->len, value) == DECIMAL_OK;
}

static const redisReply *field(const redisReply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        const redisReply *key = fields->element[i];
        if (key->type == REDIS_REPLY_STRING && strcmp(key->str, name) == 0)
            return fields->element[i + 1];
    }
    return NULL;
}

static bool text_field(const redisReply *fields, const char *name, char *text, size_t size)
{
    const redisReply *value = field(fields, name);
    if (!value || value->type != REDIS_REPLY_STRING || (size_t)value->len >= size ||
        strlen(value->str) != (size_t)value->len)
        return false;
    memcpy(text, value->str, (size_t)value->len + 1);
    return true;
}

static bool integer_field(const redisReply *fields, const char *name, int64_t *value)
{
    return reply_integer(field(fields, name), value);
}

static bool parse_definition(const redisReply *fields, struct definition *definition)
{
    char type[16], cache[DECIMAL_SIZE], cycle[2];
    if (!text_field(fields, "type", type, sizeof type) || !type_parse(type, &definition->type) ||
        !text_field(fields, "cache", cache, sizeof cache) ||
        !text_field(fields, "cycle", cycle, sizeof cycle) ||
        !text_field(fields, "owned_by", definition->owned_by, sizeof definition->owned_by))
        return false;
    definition->cycle = cycle[0] == '1';
    if (strcmp(cache, "auto") == 0)
        definition->cache = CACHE_AUTO;
    else if (decimal_parse(cache, strlen(cache), &definition->cache) != DECIMAL_OK ||
             definition->cache < 1)
        return false;
    return integer_field(fields, "start", &definition->start) &&
           integer_field(fields, "increment", &definition->increment) &&
           integer_field(fields, "min_value", &definition->min_value) &&
           integer_field(fields, "max_value", &definition->max_value) &&
           definition->increment != 0 && definition->min_value < definition->max_value;
}

/* But the generation, which is given. */
static bool parse_fields(const redisReply *fields, struct record *record)
{
    if (!text_field(fields, "oid", record->identity.oid, ID_SIZE) || !record->identity.oid[0] ||
        !record->identity.generation[0] || /* "" is: not known */
        !parse_definition(fields, &record->definition) ||
        !integer_field(fields, "base", &record->rule.base) ||
        !integer_field(fields, "limit", &record->limit) ||
        !text_field(fields, "created_at", record->created_at, TIME_SIZE) ||
        !text_field(fields, "updated_at", record->updated_at, TIME_SIZE))
        return false;
    if (field(fields, "serial") &&
        !text_field(fields, "serial", record->serial, sizeof record->serial))
        return false;
    record->is_identity = field(fields, "identity") != NULL;
    const struct definition *definition = &record->definition;
    record->rule.increment = definition->increment;
    record->rule.min_value = definition->min_value;
    record->rule.max_value = definition->max_value;
    record->rule.cycle = definition->cycle;
    return record->rule.base >= definition->min_value &&
           record->rule.base <= definition->max_value &&
           record->limit == progression_limit(&record->rule);
}

static void parse_counter(const redisReply *counter, struct record *record)
{
    record->has_next =
        reply_integer(counter, &record->next) && record->next >= 0 && record->next <= record->limit;
}

enum record_result record_parse(const redisReply *fields, const redisReply *counter,
                                struct record *record)
{
    if (!fields || fields->type != REDIS_REPLY_ARRAY)
        return RECORD_DAMAGED;
    if (fields->elements == 0)
        return RECORD_NONE;
    if (!field(fields, "generation"))
        return field(fields, "moving")    ? RECORD_MOVING
               : field(fields, "dropped") ? RECORD_DROPPED
                                          : RECORD_DAMAGED;
    memset(record, 0, sizeof *record);
    if (!text_field(fields, "generation", record->identity.generation, ID_SIZE) ||
        !parse_fields(fields, record))
        return RECORD_DAMAGED;
    parse_counter(counter, record);
    return RECORD_OK;
}

bool record_target(const redisReply *fields, const redisReply *counter, struct seq_name *name,
                   struct record *record)
{
    char mark[RECORD_MARK_SIZE], *space;
    struct failure ignored;
    memset(record, 0, sizeof *record);
    if (fields->type != REDIS_REPLY_ARRAY || !text_field(fields, "moving", mark, sizeof mark) ||
        !(space = strchr(mark, ' ')) || strlen(space + 1) != ID_SIZE - 1 ||
        !name_parse(mark, (size_t)(space - mark), name, &ignored))
        return false;
    memcpy(record->identity.generation, space + 1, ID_SIZE);
    if (!parse_fields(fields, record))
        return false;
    parse_counter(counter, record);
    return record->has_next;
}

void record_set_position(struct record *record, const struct position *position)
{
    const struct definition *definition = &record->definition;
    record->rule = (struct progression){
        .base = position->last_value,
        .increment = definition->increment,
        .min_value = definition->min_value,
        .max_value = definition->max_value,
        .cycle = definition->cycle,
    };
    record->limit = progression_limit(&record->rule);
    record->has_next = true;
    record->next = position->is_called ? 1 : 0;
}

struct position record_position(const struct record *record)
{
    return progression_position(&record->rule, record->next);
}

void record_new_id(char id[ID_SIZE])
{
    unsigned char bits[16];
    ssize_t got = getrandom(bits, sizeof bits, 0);
    if (got != sizeof bits)
        abort(); /* never for so few bytes (getrandom(2)); a poor id could repeat */
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(id + 2 * i, 3, "%02x", bits[i]);
}

void record_time(char text[TIME_SIZE])
{
    struct timespec now;
    struct tm utc;
    char seconds[sizeof "2026-01-01T00:00:00"];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, TIME_SIZE, "%s.%06uZ", seconds, (unsigned)(now.tv_nsec / 1000) % 1000000u);
}

static const char *integer_text(struct record_arguments *arguments, size_t slot, int64_t value)
{
    decimal_write(arguments->text[slot], value);
    return arguments->text[slot];
}

void record_arguments(const struct record *record, struct record_arguments *arguments)
{
    const struct definition *definition = &record->definition;
    const char *pairs[RECORD_ARGUMENTS] = {
        "type",
        type_name(definition->type),
        "start",
        integer_text(arguments, 0, definition->start),
        "increment",
        integer_text(arguments, 1, definition->increment),
        "min_value",
        integer_text(arguments, 2, definition->min_value),
        "max_value",
        integer_text(arguments, 3, definition->max_value),
        "cache",
        definition->cache == CACHE_AUTO ? "auto" : integer_text(arguments, 4, definition->cache),
        "cycle",
        definition->cycle ? "1" : "0",
        "owned_by",
        definition->owned_by,
        "base",
        integer_text(arguments, 5, record->rule.base),
        "limit",
        integer_text(arguments, 6, record->limit),
        "created_at",
        record->created_at,
        "updated_at",
        record->updated_at,
    };
    size_t count = RECORD_ARGUMENTS - 4;
    if (record->serial[0]) {
        pairs[count++] = "serial";
        pairs[count++] = record->serial;
    }
    if (record->is_identity) {
        pairs[count++] = "identity";
        pairs[count++] = "1";
    }
    arguments->count = count;
    memcpy(arguments->values, pairs, sizeof pairs);
}
