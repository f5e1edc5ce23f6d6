/* The checker's table of rules, and running it: see checker.h. */
#include "tests/chaos/checker.h"

#include "tests/chaos/rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct rule rules[RULES] = {
    {"R1", "no value of a generation twice", check_unique},
    {"R2", "values within the bounds", check_bounds},
    {"R3", "values on the generation's grid", check_grid},
    {"R4", "onwards on each connection", check_order},
    {"R5", "a range has the values asked for", check_counts},
    {"R6", "no more wasted than was lost", check_waste},
    {"R7", "answered in time, 503 with Retry-After", check_available},
    {"R8", "refused no longer than a proof takes", check_recovery},
    {"R9", "currval is the session's last value", check_currval},
    {"R10", "a node's values follow its setval", check_setval},
    {"R11", "documented statuses and codes only", check_statuses},
    {"R12", "no crash, no leak", check_ended},
    {"R13", "fails closed after a loss", check_closed},
    {"R14", "the metrics agree", check_metrics},
    {"R0", "what the fault itself expects", check_expected},
};

/* ---- what rules share ---- */

void finding_fail(struct finding *finding, const struct check *check, const char *what,
                  const struct record *record)
{
    char line[600];
    record_text(check->history, record, line, sizeof line);
    finding->verdict = FAIL;
    snprintf(finding->text, sizeof finding->text, "%s: %s", what, line);
}

const struct definition *definition_of(const struct check *check, const struct record *record)
{
    return check->definitions[record->generation];
}

bool record_gives(const struct record *record)
{
    return record->count > 0 && (record->op == OP_NEXTVAL || record->op == OP_RANGE);
}

int64_t record_low(const struct record *record)
{
    return record->from < record->to ? record->from : record->to;
}

int64_t record_high(const struct record *record)
{
    return record->from < record->to ? record->to : record->from;
}

bool began_meanwhile(const struct definition *definition)
{
    return definition->generation[0] == '\0';
}

wide ordinal(const struct definition *definition, int64_t value)
{
    return ((wide)value - definition->start) / definition->increment;
}

/* ---- running ---- */

static const struct definition *find(const struct facts *facts, const char *sequence,
                                     const char *generation)
{
    for (size_t i = 0; i < facts->definition_count; i++) {
        const struct definition *definition = &facts->definitions[i];
        const bool own = strcmp(definition->generation, generation) == 0;
        if (own && (sequence == NULL || strcmp(definition->sequence, sequence) == 0))
            return definition;
    }
    return NULL;
}

/* A generation's own; or what all those of its sequence allow that began meanwhile. */
static void find_definitions(struct check *check)
{
    const struct history *history = check->history;
    for (size_t i = 1; i < history->generations.count; i++)
        check->definitions[i] = find(check->facts, NULL, history->generations.texts[i]);
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i];
        if (record->generation == 0)
            continue;
        if (check->definitions[record->generation] == NULL)
            check->definitions[record->generation] =
                find(check->facts, names_text(&history->sequences, record->sequence), "");
        const struct definition *definition = check->definitions[record->generation];
        check->changed[record->sequence] |= definition != NULL && began_meanwhile(definition);
    }
}

bool history_check(const struct history *history, const struct facts *facts, struct report *report)
{
    bool good = true;
    struct check check = {.history = history, .facts = facts};
    *report = (struct report){0};
    check.definitions = calloc(history->generations.count + 1, sizeof(void *));
    check.changed = calloc(history->sequences.count + 1, sizeof *check.changed);
    find_definitions(&check);
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i];
        check.figures.values += record_gives(record) ? record->count : 0;
    }
    for (size_t i = 0; i < RULES; i++) {
        rules[i].check(&check, &report->findings[i]);
        good = good && report->findings[i].verdict != FAIL;
    }
    report->figures = check.figures;
    free(check.definitions);
    free(check.changed);
    return good;
}

bool report_failed(const struct report *report, const char *rule)
{
    for (size_t i = 0; i < RULES; i++)
        if (strcmp(rules[i].name, rule) == 0)
            return report->findings[i].verdict == FAIL;
    return false;
}

void report_print(const struct report *report, FILE *file)
{
    static const char *const words[] = {[NOT_APPLICABLE] = "n/a", [PASS] = "pass", [FAIL] = "FAIL"};
    const struct figures *figures = &report->figures;
    for (size_t i = 0; i < RULES; i++) {
        const struct finding *finding = &report->findings[i];
        fprintf(file, "    %-4s %-4s %s%s%s\n", rules[i].name, words[finding->verdict],
                rules[i].description, finding->text[0] != '\0' ? ": " : "", finding->text);
    }
    fprintf(file,
            "    %" PRId64 " values, %" PRId64 " repeated, waste %" PRId64 " of at most %" PRId64
            ", no value for %" PRId64 " ms, none fresh for %" PRId64 " ms, recovery %" PRId64
            " ms\n",
            figures->values, figures->repeated, figures->waste, figures->waste_allowed,
            figures->no_value_ms, figures->no_fresh_ms, figures->recovery_ms);
}
