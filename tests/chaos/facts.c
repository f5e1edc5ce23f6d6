/* Facts, and their lines: see facts.h. */
#include "tests/chaos/facts.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void facts_define(struct facts *facts, const struct definition *definition)
{
    for (size_t i = 0; i < facts->definition_count; i++)
        if (strcmp(facts->definitions[i].generation, definition->generation) == 0 &&
            strcmp(facts->definitions[i].sequence, definition->sequence) == 0)
            return;
    if (facts->definition_count < DEFINITIONS_MAX)
        facts->definitions[facts->definition_count++] = *definition;
}

void facts_outage(struct facts *facts, int64_t from, int64_t to)
{
    if (facts->outage_count < OUTAGES_MAX)
        facts->outages[facts->outage_count++] = (struct interval){from, to};
}

void facts_pause(struct facts *facts, uint16_t node, int64_t from, int64_t to)
{
    if (facts->pause_count < PAUSES_MAX)
        facts->pauses[facts->pause_count++] = (struct pause){node, {from, to}};
}

void facts_expect(struct facts *facts, bool met, const char *what, ...)
{
    va_list arguments;
    facts->expectations++;
    if (met || facts->unmet[0] != '\0')
        return;
    va_start(arguments, what);
    vsnprintf(facts->unmet, sizeof facts->unmet, what, arguments);
    va_end(arguments);
}

/* ---- lines ---- */

static const struct number {
    const char *name;
    size_t offset;
} numbers[] = {
#define NUMBER(member)                                                                             \
    {                                                                                              \
#member, offsetof(struct facts, member)                                                    \
    }
    NUMBER(kills),         NUMBER(timeouts),
    NUMBER(incarnations),  NUMBER(nodes),
    NUMBER(block),         NUMBER(window),
    NUMBER(deadline_ms),   NUMBER(recovery_ms),
    NUMBER(closed.from),   NUMBER(closed.to),
    NUMBER(closed_values), NUMBER(ended_known),
    NUMBER(crashes),       NUMBER(sanitizer_reports),
    NUMBER(fds_more),      NUMBER(rss_more_kib),
    NUMBER(metrics_known), NUMBER(metric_values),
    NUMBER(stall_ms),      NUMBER(redis_kills),
    NUMBER(failovers),     NUMBER(expectations),
#undef NUMBER
};

static int64_t *number_at(struct facts *facts, const char *name)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].name, name) == 0)
            return (int64_t *)(void *)((char *)facts + numbers[i].offset);
    return NULL;
}

static bool put(FILE *file, json_t *line)
{
    const bool good = line != NULL && json_dumpf(line, file, JSON_COMPACT) == 0;
    json_decref(line);
    return good && fputc('\n', file) != EOF;
}

static json_t *definition_line(const struct definition *definition)
{
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "fact", "definition", "sequence",
        definition->sequence, "generation", definition->generation, "start",
        (json_int_t)definition->start, "increment", (json_int_t)definition->increment, "min_value",
        (json_int_t)definition->min_value, "max_value", (json_int_t)definition->max_value, "cache",
        (json_int_t)definition->cache, "cycle", (int)definition->cycle);
}

static bool write_lines(struct facts *facts, FILE *file)
{
    bool good = true;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        good &= put(file, json_pack("{s:s, s:s, s:I}", "fact", "number", "name", numbers[i].name,
                                    "value", (json_int_t)*number_at(facts, numbers[i].name)));
    for (size_t i = 0; i < facts->definition_count; i++)
        good &= put(file, definition_line(&facts->definitions[i]));
    for (size_t i = 0; i < facts->outage_count; i++)
        good &= put(file, json_pack("{s:s, s:I, s:I}", "fact", "outage", "from",
                                    (json_int_t)facts->outages[i].from, "to",
                                    (json_int_t)facts->outages[i].to));
    for (size_t i = 0; i < facts->pause_count; i++)
        good &= put(file, json_pack("{s:s, s:i, s:I, s:I}", "fact", "pause", "node",
                                    (int)facts->pauses[i].node, "from",
                                    (json_int_t)facts->pauses[i].when.from, "to",
                                    (json_int_t)facts->pauses[i].when.to));
    good &=
        put(file, json_pack("{s:s, s:s}", "fact", "closed", "sequence", facts->closed_sequence));
    return good && put(file, json_pack("{s:s, s:s}", "fact", "unmet", "what", facts->unmet));
}

bool facts_write(const struct facts *facts, const char *path, char *error, size_t size)
{
    struct facts copy = *facts;
    FILE *file = fopen(path, "w");
    const bool written = file != NULL && write_lines(&copy, file);
    const bool closed = file != NULL && fclose(file) == 0;
    if (!written || !closed)
        snprintf(error, size, "cannot write %s", path);
    return written && closed;
}

/* ---- reading ---- */

static bool read_number(struct facts *facts, json_t *line)
{
    const char *name;
    json_int_t value;
    if (json_unpack(line, "{s:s, s:I}", "name", &name, "value", &value) != 0 ||
        number_at(facts, name) == NULL)
        return false;
    *number_at(facts, name) = value;
    return true;
}

static bool read_definition(struct facts *facts, json_t *line)
{
    json_int_t start, increment, min_value, max_value, cache;
    const char *sequence, *generation;
    int cycle;
    if (json_unpack(line, "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "sequence", &sequence,
                    "generation", &generation, "start", &start, "increment", &increment,
                    "min_value", &min_value, "max_value", &max_value, "cache", &cache, "cycle",
                    &cycle) != 0 ||
        increment == 0)
        return false;
    struct definition definition = {.start = start,
                                    .increment = increment,
                                    .min_value = min_value,
                                    .max_value = max_value,
                                    .cache = cache,
                                    .cycle = cycle != 0};
    snprintf(definition.sequence, NAME_SIZE, "%s", sequence);
    snprintf(definition.generation, NAME_SIZE, "%s", generation);
    facts_define(facts, &definition);
    return true;
}

static bool read_outage(struct facts *facts, json_t *line)
{
    json_int_t from, to;
    if (json_unpack(line, "{s:I, s:I}", "from", &from, "to", &to) != 0 ||
        facts->outage_count == OUTAGES_MAX)
        return false;
    facts->outages[facts->outage_count++] = (struct interval){from, to};
    return true;
}

static bool read_pause(struct facts *facts, json_t *line)
{
    json_int_t node, from, to;
    if (json_unpack(line, "{s:I, s:I, s:I}", "node", &node, "from", &from, "to", &to) != 0)
        return false;
    facts_pause(facts, (uint16_t)node, from, to);
    return true;
}

static bool read_unmet(struct facts *facts, json_t *line)
{
    const char *what;
    if (json_unpack(line, "{s:s}", "what", &what) != 0)
        return false;
    snprintf(facts->unmet, sizeof facts->unmet, "%s", what);
    return true;
}

static bool read_closed(struct facts *facts, json_t *line)
{
    const char *sequence;
    if (json_unpack(line, "{s:s}", "sequence", &sequence) != 0)
        return false;
    snprintf(facts->closed_sequence, sizeof facts->closed_sequence, "%s", sequence);
    return true;
}

static const struct kind {
    const char *name;
    bool (*read)(struct facts *facts, json_t *line);
} kinds[] = {{"number", read_number}, {"definition", read_definition}, {"outage", read_outage},
             {"pause", read_pause},   {"closed", read_closed},         {"unmet", read_unmet}};

static bool read_line(struct facts *facts, json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "fact"));
    for (size_t i = 0; name != NULL && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].read(facts, line);
    return false;
}

bool facts_read(struct facts *facts, const char *path, char *error, size_t size)
{
    json_t *line;
    json_error_t reason = {0};
    bool good = true;
    FILE *file = fopen(path, "r");
    *facts = (struct facts){0};
    if (file == NULL) {
        snprintf(error, size, "cannot open %s", path);
        return false;
    }
    while (good && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, &reason)) != NULL) {
        good = read_line(facts, line);
        json_decref(line);
    }
    good = good && feof(file) != 0;
    if (!good)
        snprintf(error, size, "%s is not a file of facts: %.100s", path, reason.text);
    fclose(file);
    return good;
}
