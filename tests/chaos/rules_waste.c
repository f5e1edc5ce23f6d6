/* How much was wasted: R6. */
#include "tests/chaos/rules.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t NS_PER_S = 1000000000;

/* What requests without a reply may have used up. */
int64_t unknown_values(const struct history *history)
{
    int64_t values = 0;
    for (size_t i = 0; i < history->count; i++)
        values += history->records[i].status == 0 ? history->records[i].asked : 0;
    return values;
}

/* Of a generation. */
struct reach {
    const struct definition *definition; /* NULL: none of its values can be judged */
    wide highest;                        /* ordinals up to here are used */
    int64_t values;
    int64_t peak; /* values in one second, at most */
};

/* Records come client by client, so a second's values are added up in a table. */
static void count_second(struct reach *reach, int64_t *seconds, int64_t second, int64_t count)
{
    seconds[second] += count;
    reach->peak = seconds[second] > reach->peak ? seconds[second] : reach->peak;
}

static void times(const struct history *history, int64_t *first, int64_t *seconds)
{
    int64_t last = 0;
    *first = INT64_MAX;
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i];
        *first = record->t_complete < *first ? record->t_complete : *first;
        last = record->t_complete > last ? record->t_complete : last;
    }
    *seconds = history->count == 0 ? 0 : (last - *first) / NS_PER_S + 1;
}

static void reach_all(const struct check *check, struct reach *reaches)
{
    int64_t first, seconds;
    times(check->history, &first, &seconds);
    int64_t *table = calloc(check->history->generations.count * (size_t)seconds + 1, sizeof *table);
    for (size_t i = 0; i < check->history->count; i++) {
        const struct record *record = &check->history->records[i];
        const struct definition *definition = definition_of(check, record);
        if (record_gives(record) && definition != NULL && !definition->cycle &&
            !began_meanwhile(definition)) {
            struct reach *reach = &reaches[record->generation];
            const wide reached = ordinal(definition, record->to) + 1;
            reach->definition = definition;
            reach->highest = reached > reach->highest ? reached : reach->highest;
            reach->values += record->count;
            count_second(reach, &table[record->generation * seconds],
                         (record->t_complete - first) / NS_PER_S, record->count);
        }
    }
    free(table);
}

/* What nodes hold of it, and at each incarnation of a store what is below the ceiling: ten
 * blocks, or a minute of what nodes took, and half of that again, as it is raised ahead. */
static int64_t allowed(const struct facts *facts, const struct reach *reach)
{
    const int64_t cache = reach->definition->cache;
    const int64_t block = cache > 0 ? 2 * cache : facts->block;
    const int64_t losses = facts->kills + facts->timeouts + facts->nodes;
    const int64_t minute = 60 * (reach->peak + facts->nodes * block);
    const int64_t blocks = 10 * block;
    const int64_t window = facts->window > 0 ? facts->window : 2 * (minute + blocks);
    return losses * block + facts->incarnations * (window + facts->nodes * block);
}

/* What was repeated does not fill gaps; R1 has counted that already. */
void check_waste(struct check *check, struct finding *finding)
{
    const size_t generations = check->history->generations.count;
    struct reach *reaches = calloc(generations + 1, sizeof *reaches);
    bool judged = false;
    reach_all(check, reaches);
    check->figures.waste = check->figures.repeated;
    check->figures.waste_allowed = unknown_values(check->history);
    for (size_t i = 0; i < generations; i++) {
        if (reaches[i].definition == NULL)
            continue;
        check->figures.waste += (int64_t)(reaches[i].highest - reaches[i].values);
        check->figures.waste_allowed += allowed(check->facts, &reaches[i]);
        judged |= check->facts->block > 0;
    }
    free(reaches);
    if (!judged)
        return;
    finding->verdict = check->figures.waste <= check->figures.waste_allowed ? PASS : FAIL;
    snprintf(finding->text, sizeof finding->text, "%" PRId64 " of at most %" PRId64,
             check->figures.waste, check->figures.waste_allowed);
}
