/* Rules about a run as a whole, and its figures: R7, R12 to R14, R0. */
#include "tests/chaos/rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool record_refused(const struct record *record)
{
    return record->count == 0 && (record->status == 0 || record->status == 503);
}

/* ---- R7 ---- */

/* Its node was stopped while it waited. */
static bool excused(const struct facts *facts, const struct record *record)
{
    for (size_t i = 0; i < facts->pause_count; i++) {
        const struct pause *pause = &facts->pauses[i];
        if (pause->node == record->node && record->t_invoke <= pause->when.to &&
            record->t_complete >= pause->when.from)
            return true;
    }
    return false;
}

void check_available(struct check *check, struct finding *finding)
{
    const struct facts *facts = check->facts;
    const int64_t most = (facts->deadline_ms + GRACE_MS + STALLS * facts->stall_ms) * NS_PER_MS;
    for (size_t i = 0; i < check->history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &check->history->records[i];
        const char *code = names_text(&check->history->codes, record->code);
        const bool lost = strcmp(code, "sequence_lost") == 0; /* nothing to wait for */
        if (facts->deadline_ms == 0)
            return;
        finding->verdict = PASS;
        if (record->t_complete - record->t_invoke > most && !excused(facts, record))
            finding_fail(finding, check, "took too long", record);
        else if (record->status == 503 && !lost && (record->flags & RECORD_RETRY_AFTER) == 0)
            finding_fail(finding, check, "503 without Retry-After", record);
    }
}

/* ---- the longest times without ---- */

struct moment {
    int64_t time;
    wide reached;
    uint16_t generation;
};

static int by_time(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;
    if (left->generation != right->generation)
        return left->generation < right->generation ? -1 : 1;
    return left->time < right->time ? -1 : left->time > right->time;
}

static void longest(int64_t *known_ms, int64_t from, int64_t to)
{
    const int64_t ms = (to - from) / NS_PER_MS;
    *known_ms = ms > *known_ms ? ms : *known_ms;
}

static size_t collect_moments(const struct check *check, struct moment *moments)
{
    size_t count = 0;
    for (size_t i = 0; i < check->history->count; i++) {
        const struct record *record = &check->history->records[i];
        const struct definition *definition = definition_of(check, record);
        if (record_gives(record) && definition != NULL && !definition->cycle &&
            !check->changed[record->sequence]) {
            moments[count++] = (struct moment){record->t_complete, ordinal(definition, record->to),
                                               record->generation};
        }
    }
    return count;
}

/* Up to `end`, too, when there were values no more. */
void measure_pauses(struct check *check, int64_t end)
{
    struct moment *moments = malloc((check->history->count + 1) * sizeof *moments);
    const size_t count = collect_moments(check, moments);
    const struct moment *fresh = moments;
    qsort(moments, count, sizeof *moments, by_time);
    for (size_t i = 1; i < count; i++) {
        const struct moment *moment = &moments[i];
        if (moment->generation != fresh->generation) {
            longest(&check->figures.no_value_ms, moments[i - 1].time, end);
            longest(&check->figures.no_fresh_ms, fresh->time, end);
            fresh = moment;
            continue;
        }
        longest(&check->figures.no_value_ms, moments[i - 1].time, moment->time);
        if (moment->reached > fresh->reached) {
            longest(&check->figures.no_fresh_ms, fresh->time, moment->time);
            fresh = moment;
        }
    }
    if (count > 0) {
        longest(&check->figures.no_value_ms, moments[count - 1].time, end);
        longest(&check->figures.no_fresh_ms, fresh->time, end);
    }
    free(moments);
}

/* ---- R12 to R14 ---- */

enum { FDS_MORE_MAX = 20, RSS_MORE_MAX_KIB = 200000 };

void check_ended(struct check *check, struct finding *finding)
{
    const struct facts *facts = check->facts;
    if (facts->ended_known == 0)
        return;
    const bool clean = facts->crashes == 0 && facts->sanitizer_reports == 0 &&
                       facts->fds_more <= FDS_MORE_MAX && facts->rss_more_kib <= RSS_MORE_MAX_KIB;
    finding->verdict = clean ? PASS : FAIL;
    snprintf(finding->text, sizeof finding->text,
             "%" PRId64 " crashes, %" PRId64 " sanitizer reports, %" PRId64
             " more descriptors, %" PRId64 " KiB more memory",
             facts->crashes, facts->sanitizer_reports, facts->fds_more, facts->rss_more_kib);
}

/* What nodes hold of a generation at most: a block in use, and one ahead. */
static int64_t held(const struct facts *facts, const struct definition *definition)
{
    return definition == NULL || definition->cache == 0 ? facts->closed_values
                                                        : facts->nodes * 2 * definition->cache;
}

void check_closed(struct check *check, struct finding *finding)
{
    const struct interval *closed = &check->facts->closed;
    int64_t *values = calloc(check->history->generations.count + 1, sizeof *values);
    for (size_t i = 0; i < check->history->count && closed->from != 0; i++) {
        const struct record *record = &check->history->records[i];
        const bool within = record->t_invoke >= closed->from && record->t_complete <= closed->to;
        const char *only = check->facts->closed_sequence;
        if (only[0] != '\0' &&
            strcmp(only, names_text(&check->history->sequences, record->sequence)) != 0)
            continue;
        values[record->generation] += record_gives(record) && within ? record->count : 0;
        finding->verdict = finding->verdict == FAIL ? FAIL : PASS;
        if (values[record->generation] > held(check->facts, definition_of(check, record)) &&
            finding->verdict != FAIL)
            finding_fail(finding, check, "more than the nodes held", record);
    }
    free(values);
}

void check_metrics(struct check *check, struct finding *finding)
{
    const int64_t values = check->figures.values, served = check->facts->metric_values;
    if (check->facts->metrics_known == 0)
        return;
    const int64_t most = values + unknown_values(check->history);
    finding->verdict = served >= values && served <= most ? PASS : FAIL;
    snprintf(finding->text, sizeof finding->text,
             "%" PRId64 " values served by the metrics, %" PRId64 " to %" PRId64 " by the history",
             served, values, most);
}

/* What a fault looks at itself, while it strikes. */
void check_expected(struct check *check, struct finding *finding)
{
    const struct facts *facts = check->facts;
    if (facts->expectations == 0)
        return;
    finding->verdict = facts->unmet[0] == '\0' ? PASS : FAIL;
    snprintf(finding->text, sizeof finding->text, "%s", facts->unmet);
}
