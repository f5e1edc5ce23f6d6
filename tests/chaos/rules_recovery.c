/* How long a sequence was refused at a node, again and again: R8. */
#include "tests/chaos/rules.h"

#include <inttypes.h>
#include <stdlib.h>

/* Less time than that without a refusal does not end it: a window that is used up at once, or
 * a small rest that is no range, is no recovery. */
static const int64_t QUIET_NS = 1000000000;

/* Per node and sequence: since when, until when it was refused, and the first values after that;
 * 0: not. */
struct refusal {
    int64_t since, last, again;
};

static int by_completion(const void *a, const void *b)
{
    const struct record *const *left = a, *const *right = b;
    const int64_t l = (*left)->t_complete, r = (*right)->t_complete;
    return l < r ? -1 : l > r;
}

static int64_t later(int64_t since, const struct interval *struck, int64_t again)
{
    return struck->from < again && struck->to > since ? struck->to : since;
}

/* Counted from the end of what struck last: the store's outage, or the node's, as what it had begun
 * to prove ended with it. */
static int64_t took_ms(const struct facts *facts, const struct refusal *refusal, size_t node)
{
    int64_t since = refusal->since;
    for (size_t i = 0; i < facts->outage_count; i++)
        since = later(since, &facts->outages[i], refusal->again);
    for (size_t i = 0; i < facts->pause_count; i++)
        if (facts->pauses[i].node == node)
            since = later(since, &facts->pauses[i].when, refusal->again);
    return (refusal->again - since) / NS_PER_MS;
}

static void end_refusal(struct check *check, struct finding *finding, struct refusal *refusal,
                        size_t node)
{
    const struct facts *facts = check->facts;
    const int64_t most = facts->recovery_ms + STALLS * facts->stall_ms;
    const int64_t ms = took_ms(facts, refusal, node);
    if (ms > check->figures.recovery_ms)
        check->figures.recovery_ms = ms;
    if (ms > most && facts->recovery_ms > 0 && finding->verdict != FAIL) {
        finding->verdict = FAIL;
        snprintf(finding->text, sizeof finding->text,
                 "node %zu refused for %" PRId64 " ms, at most %" PRId64 " ms, until %" PRId64,
                 node, ms, most, refusal->again);
    }
    *refusal = (struct refusal){0};
}

static void follow(struct check *check, struct finding *finding, const struct record *record,
                   struct refusal *refusal)
{
    const bool refused = record_refused(record);
    if (!refused) {
        if (refusal->since != 0 && refusal->again == 0 && record_gives(record))
            refusal->again = record->t_complete;
        return;
    }
    if (refusal->again != 0 && record->t_invoke - refusal->last > QUIET_NS)
        end_refusal(check, finding, refusal, record->node);
    refusal->since = refusal->since == 0 ? record->t_invoke : refusal->since;
    refusal->last = record->t_complete;
    refusal->again = 0;
}

static const struct record **in_order(const struct history *history, size_t *nodes)
{
    const struct record **records = malloc((history->count + 1) * sizeof *records);
    *nodes = 1;
    for (size_t i = 0; i < history->count; i++) {
        records[i] = &history->records[i];
        *nodes = records[i]->node >= *nodes ? records[i]->node + 1U : *nodes;
    }
    qsort(records, history->count, sizeof(const void *), by_completion);
    return records;
}

void check_recovery(struct check *check, struct finding *finding)
{
    size_t nodes;
    const struct history *history = check->history;
    const size_t width = history->sequences.count;
    const struct record **records = in_order(history, &nodes);
    struct refusal *refusals = calloc(nodes * (width + 1), sizeof *refusals);
    finding->verdict = check->facts->recovery_ms > 0 ? PASS : NOT_APPLICABLE;
    for (size_t i = 0; i < history->count; i++)
        if (records[i]->op == OP_NEXTVAL || records[i]->op == OP_RANGE)
            follow(check, finding, records[i],
                   &refusals[records[i]->node * width + records[i]->sequence]);
    const int64_t end = history->count > 0 ? records[history->count - 1]->t_complete : 0;
    for (size_t i = 0; i < nodes * width; i++) {
        if (refusals[i].since == 0)
            continue;
        refusals[i].again = refusals[i].again == 0 ? end : refusals[i].again;
        end_refusal(check, finding, &refusals[i], i / width);
    }
    measure_pauses(check, end);
    free(refusals);
    free(records);
}
