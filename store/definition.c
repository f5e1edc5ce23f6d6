/*
 * One function per option, in the order of PostgreSQL's init_params(): CREATE and
 * ALTER are the same walk, and differ only in what an absent option means (CREATE:
 * the default; ALTER: what it was). The first check that fails ends the walk.
 */
#include "store/definition.h"

#include "store/decimal.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t min, max;
} types[TYPE_COUNT] = {
    [TYPE_SMALLINT] = {"smallint", INT16_MIN, INT16_MAX},
    [TYPE_INTEGER] = {"integer", INT32_MIN, INT32_MAX},
    [TYPE_BIGINT] = {"bigint", INT64_MIN, INT64_MAX},
};

/* One CREATE or ALTER under way. */
struct change {
    const struct options *options;
    bool create;
    bool reset_min, reset_max; /* AS: the bound was the old type's limit, so it follows */
    struct definition *definition;
    struct position *position;
    struct failure *failure;
};

const char *type_name(enum seq_type type)
{
    return types[type].name;
}

bool type_parse(const char *text, enum seq_type *type)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(text, types[i].name) == 0) {
            *type = (enum seq_type)i;
            return true;
        }
    }
    return false;
}

int64_t type_min(enum seq_type type)
{
    return types[type].min;
}

int64_t type_max(enum seq_type type)
{
    return types[type].max;
}

/* As PostgreSQL's int8in() says it. */
static bool read_option(struct change *change, const struct option *option, int64_t *value)
{
    *value = option->value;
    if (!option->text)
        return true;
    switch (decimal_parse(option->text, strlen(option->text), value)) {
    case DECIMAL_OK:
        return true;
    case DECIMAL_OUT_OF_RANGE:
        failure_set(change->failure, ERROR_VALUE_OUT_OF_BOUNDS,
                    "value \"%.400s\" is out of range for type bigint", option->text);
        return false;
    case DECIMAL_MALFORMED:
        break;
    }
    failure_set_sqlstate(change->failure, ERROR_INVALID_PARAMETER, "22P02",
                         "invalid input syntax for type bigint: \"%.400s\"", option->text);
    return false;
}

static bool apply_type(struct change *change)
{
    struct definition *definition = change->definition;
    const struct options *options = change->options;
    if (change->create)
        definition->type = TYPE_BIGINT;
    if (!options->has_type)
        return true;

    enum seq_type old = definition->type;
    if (options->type_text == NULL || !type_parse(options->type_text, &definition->type)) {
        failure_set(change->failure, ERROR_INVALID_PARAMETER,
                    "sequence type must be smallint, integer, or bigint");
        return false;
    }
    if (!change->create) {
        change->reset_max = definition->max_value == type_max(old);
        change->reset_min = definition->min_value == type_min(old);
    }
    return true;
}

static bool apply_increment(struct change *change)
{
    const struct option *option = &change->options->increment;
    if (option->state == OPTION_GIVEN) {
        if (!read_option(change, option, &change->definition->increment))
            return false;
    } else if (change->create) {
        change->definition->increment = 1;
    }
    if (change->definition->increment != 0)
        return true;
    failure_set(change->failure, ERROR_INVALID_PARAMETER, "INCREMENT must not be zero");
    return false;
}

static bool apply_cycle(struct change *change)
{
    if (change->options->has_cycle)
        change->definition->cycle = change->options->cycle;
    else if (change->create)
        change->definition->cycle = false;
    return true;
}

/* A bound is checked even when it was not given: AS alone can put it out of range. */
static bool check_bound(struct change *change, const char *keyword, int64_t bound)
{
    enum seq_type type = change->definition->type;
    if (bound >= type_min(type) && bound <= type_max(type))
        return true;
    failure_set(change->failure, ERROR_INVALID_PARAMETER,
                "%s (%" PRId64 ") is out of range for sequence data type %s", keyword, bound,
                type_name(type));
    return false;
}

static bool apply_max_value(struct change *change)
{
    struct definition *definition = change->definition;
    const struct option *option = &change->options->max_value;
    if (option->state == OPTION_GIVEN) {
        if (!read_option(change, option, &definition->max_value))
            return false;
    } else if (change->reset_max) {
        definition->max_value = type_max(definition->type);
    } else if (change->create || option->state == OPTION_NONE) {
        definition->max_value = definition->increment > 0 ? type_max(definition->type) : -1;
    }
    return check_bound(change, "MAXVALUE", definition->max_value);
}

static bool apply_min_value(struct change *change)
{
    struct definition *definition = change->definition;
    const struct option *option = &change->options->min_value;
    if (option->state == OPTION_GIVEN) {
        if (!read_option(change, option, &definition->min_value))
            return false;
    } else if (change->reset_min) {
        definition->min_value = type_min(definition->type);
    } else if (change->create || option->state == OPTION_NONE) {
        definition->min_value = definition->increment < 0 ? type_min(definition->type) : 1;
    }
    return check_bound(change, "MINVALUE", definition->min_value);
}

static bool check_bounds(struct change *change)
{
    const struct definition *definition = change->definition;
    if (definition->min_value < definition->max_value)
        return true;
    failure_set(change->failure, ERROR_INVALID_PARAMETER,
                "MINVALUE (%" PRId64 ") must be less than MAXVALUE (%" PRId64 ")",
                definition->min_value, definition->max_value);
    return false;
}

static bool check_within(struct change *change, const char *keyword, int64_t value)
{
    const struct definition *definition = change->definition;
    if (value < definition->min_value)
        failure_set(change->failure, ERROR_INVALID_PARAMETER,
                    "%s value (%" PRId64 ") cannot be less than MINVALUE (%" PRId64 ")", keyword,
                    value, definition->min_value);
    else if (value > definition->max_value)
        failure_set(change->failure, ERROR_INVALID_PARAMETER,
                    "%s value (%" PRId64 ") cannot be greater than MAXVALUE (%" PRId64 ")", keyword,
                    value, definition->max_value);
    else
        return true;
    return false;
}

static bool apply_start(struct change *change)
{
    struct definition *definition = change->definition;
    const struct option *option = &change->options->start;
    if (option->state == OPTION_GIVEN) {
        if (!read_option(change, option, &definition->start))
            return false;
    } else if (change->create) {
        definition->start =
            definition->increment > 0 ? definition->min_value : definition->max_value;
    }
    return check_within(change, "START", definition->start);
}

/* Without RESTART, ALTER checks where the sequence stands, and PostgreSQL's text
 * says RESTART all the same. */
static bool apply_restart(struct change *change)
{
    const struct option *option = &change->options->restart;
    struct position *position = change->position;
    if (option->state == OPTION_GIVEN) {
        position->is_called = false;
        if (!read_option(change, option, &position->last_value))
            return false;
    } else if (option->state == OPTION_NONE || change->create) {
        *position = (struct position){change->definition->start, false};
    }
    return check_within(change, "RESTART", position->last_value);
}

static bool apply_cache(struct change *change)
{
    const struct options *options = change->options;
    if (options->cache_auto)
        change->definition->cache = CACHE_AUTO;
    int64_t cache;
    if (options->cache.state != OPTION_GIVEN)
        return true;
    if (!read_option(change, &options->cache, &cache))
        return false;
    change->definition->cache = cache;
    if (cache > 0)
        return true;
    failure_set(change->failure, ERROR_INVALID_PARAMETER,
                "CACHE (%" PRId64 ") must be greater than zero", cache);
    return false;
}

static bool apply_owned_by(struct change *change)
{
    const struct options *options = change->options;
    if (!options->has_owned_by)
        return true;
    const char *owned_by = options->owned_by == NULL ? "" : options->owned_by;
    size_t length = strlen(owned_by);
    if (length > 0 && !name_is_column(owned_by, length)) {
        failure_set_sqlstate(change->failure, ERROR_INVALID_PARAMETER, "42601",
                             "invalid OWNED BY option");
        failure_hint(change->failure, "Specify OWNED BY table.column or OWNED BY NONE.");
        return false;
    }
    memcpy(change->definition->owned_by, owned_by, length + 1);
    return true;
}

static bool apply(struct change *change)
{
    return apply_type(change) && apply_increment(change) && apply_cycle(change) &&
           apply_max_value(change) && apply_min_value(change) && check_bounds(change) &&
           apply_start(change) && apply_restart(change) && apply_cache(change) &&
           apply_owned_by(change);
}

bool definition_create(const struct options *options, int64_t default_cache,
                       struct definition *definition, struct position *position,
                       struct failure *failure)
{
    *definition = (struct definition){.cache = default_cache};
    struct change change = {.options = options,
                            .create = true,
                            .definition = definition,
                            .position = position,
                            .failure = failure};
    return apply(&change);
}

bool definition_alter(const struct options *options, struct definition *definition,
                      struct position *position, struct failure *failure)
{
    struct change change = {
        .options = options, .definition = definition, .position = position, .failure = failure};
    return apply(&change);
}
