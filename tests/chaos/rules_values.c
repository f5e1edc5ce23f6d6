/* Rules about the values themselves: R1 to R5. */
#include "tests/chaos/rules.h"

#include <stdlib.h>
#include <string.h>

/* ---- R1 ---- */

/* What sorting moves: less than a record. */
struct span {
    int64_t low, high;
    uint32_t record;
    uint16_t generation;
};

static int by_value(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    if (left->generation != right->generation)
        return left->generation < right->generation ? -1 : 1;
    return left->low < right->low ? -1 : left->low > right->low;
}

/* Of all generations that don't cycle; also of those whose definition is unknown. */
static size_t collect(const struct check *check, struct span *spans)
{
    const struct history *history = check->history;
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i];
        const struct definition *definition = definition_of(check, record);
        if (record_gives(record) && (definition == NULL || !definition->cycle)) {
            spans[count++] = (struct span){record_low(record), record_high(record), (uint32_t)i,
                                           record->generation};
        }
    }
    return count;
}

static void twice(struct check *check, struct finding *finding, const struct span *span,
                  const struct span *before)
{
    const struct record *record = &check->history->records[span->record];
    const struct definition *definition = definition_of(check, record);
    const wide step = definition == NULL ? 1 : definition->increment;
    const int64_t end = span->high < before->high ? span->high : before->high;
    check->figures.repeated += (int64_t)(((wide)end - span->low) / (step < 0 ? -step : step)) + 1;
    if (finding->verdict != FAIL) {
        char other[600], what[640];
        record_text(check->history, &check->history->records[before->record], other, sizeof other);
        snprintf(what, sizeof what, "handed out twice, after %s", other);
        finding_fail(finding, check, what, record);
    }
}

void check_unique(struct check *check, struct finding *finding)
{
    struct span *spans = malloc((check->history->count + 1) * sizeof *spans);
    const size_t count = collect(check, spans);
    const struct span *highest = spans; /* the one that reaches furthest so far */
    finding->verdict = count > 0 ? PASS : NOT_APPLICABLE;
    qsort(spans, count, sizeof *spans, by_value);
    for (size_t i = 1; i < count; i++) {
        if (spans[i].generation != highest->generation) {
            highest = &spans[i];
            continue;
        }
        if (spans[i].low <= highest->high)
            twice(check, finding, &spans[i], highest);
        highest = spans[i].high > highest->high ? &spans[i] : highest;
    }
    free(spans);
}

/* ---- R2, R3 ---- */

typedef const char *judge(const struct definition *definition, const struct record *record);

/* Every record with values; `offence` says what is wrong, or NULL. */
static void check_each(struct check *check, struct finding *finding, judge *offence)
{
    for (size_t i = 0; i < check->history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &check->history->records[i];
        if (record_gives(record)) {
            const struct definition *definition = definition_of(check, record);
            const char *what =
                definition == NULL ? "unknown generation" : offence(definition, record);
            finding->verdict = PASS;
            if (what != NULL)
                finding_fail(finding, check, what, record);
        }
    }
}

static const char *beyond(const struct definition *definition, const struct record *record)
{
    const bool within =
        record_low(record) >= definition->min_value && record_high(record) <= definition->max_value;
    return within ? NULL : "out of bounds";
}

void check_bounds(struct check *check, struct finding *finding)
{
    check_each(check, finding, beyond);
}

/* Before the start counts as off the grid, too: a generation begins there. */
static const char *off_grid(const struct definition *definition, const struct record *record)
{
    const wide offset = (wide)record->from - definition->start;
    const bool behind = definition->increment > 0 ? offset < 0 : offset > 0;
    const bool on = definition->cycle || began_meanwhile(definition) ||
                    (!behind && offset % definition->increment == 0);
    return on ? NULL : "off the grid";
}

void check_grid(struct check *check, struct finding *finding)
{
    check_each(check, finding, off_grid);
}

/* ---- R4 ---- */

/* The last value of each generation on the connection at hand. */
struct last {
    int64_t value;
    size_t connection; /* which one it is of: they are counted as they come */
};

static bool onwards(const struct definition *definition, int64_t before, int64_t value)
{
    return definition->increment > 0 ? value > before : value < before;
}

void check_order(struct check *check, struct finding *finding)
{
    const struct history *history = check->history;
    struct last *lasts = calloc(history->generations.count + 1, sizeof *lasts);
    size_t connection = 0;
    for (size_t i = 0; i < history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &history->records[i], *before = i == 0 ? NULL : record - 1;
        const struct definition *definition = definition_of(check, record);
        struct last *last = &lasts[record->generation];
        connection += before == NULL || before->client != record->client ||
                      before->connection != record->connection || before->node != record->node;
        if (!record_gives(record) || definition == NULL || definition->cycle)
            continue;
        finding->verdict = PASS;
        if (last->connection == connection && !onwards(definition, last->value, record->from))
            finding_fail(finding, check, "not onwards on its connection", record);
        *last = (struct last){record->to, connection};
    }
    free(lasts);
}

/* ---- R5 ---- */

/* A record's ends and count belong together. */
static bool consistent(const struct check *check, const struct record *record)
{
    const struct definition *definition = definition_of(check, record);
    const int64_t increment = definition != NULL ? definition->increment : record->increment;
    const bool said = record->increment == 0 || record->increment == increment;
    return said && (wide)record->from + (wide)(record->count - 1) * increment == record->to;
}

static bool same_reply(const struct record *left, const struct record *right)
{
    return left->client == right->client && left->t_invoke == right->t_invoke;
}

void check_counts(struct check *check, struct finding *finding)
{
    const struct history *history = check->history;
    int64_t given = 0;
    for (size_t i = 0; i < history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &history->records[i];
        if (!record_gives(record))
            continue;
        const bool first = i == 0 || !same_reply(record - 1, record);
        const bool last = i + 1 == history->count || !same_reply(record, record + 1);
        given = (first ? 0 : given) + record->count;
        finding->verdict = PASS;
        if (!consistent(check, record))
            finding_fail(finding, check, "the ends do not fit the count", record);
        else if (last && given != record->asked)
            finding_fail(finding, check, "not as many as asked for", record);
    }
}
