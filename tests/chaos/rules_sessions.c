/* Rules about sessions, setval and replies: R9 to R11. */
#include "tests/chaos/rules.h"

#include <stdlib.h>
#include <string.h>

/* ---- R9: each client is a session of its own on each node ---- */

void check_currval(struct check *check, struct finding *finding)
{
    const struct history *history = check->history;
    const struct record *last = NULL; /* what the session must remember; NULL: not known */
    for (size_t i = 0; i < history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &history->records[i];
        if (last != NULL && (last->client != record->client || last->node != record->node))
            last = NULL;
        if (record->op == OP_NEXTVAL) {
            last = record->count > 0 ? record : NULL;
        } else if (record->op != OP_CURRVAL) {
            last = NULL;
        } else if (record->count > 0 && last != NULL && last->sequence == record->sequence) {
            finding->verdict = PASS;
            if (record->from != last->to)
                finding_fail(finding, check, "not the session's last value", record);
        }
    }
}

/* ---- R10 ---- */

/* The same client's next value, on the same node, follows what it has set, unless
 * another setval has come in between: then the generation is another one. */
void check_setval(struct check *check, struct finding *finding)
{
    const struct history *history = check->history;
    const struct record *set = NULL;
    for (size_t i = 0; i < history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &history->records[i];
        const struct definition *definition = definition_of(check, record);
        if (record->op == OP_SETVAL) {
            set = record->status == 200 && record->generation != 0 ? record : NULL;
        } else if (set == NULL || !record_gives(record) || set->sequence != record->sequence) {
            continue;
        } else if (set->client == record->client && set->node == record->node &&
                   set->generation == record->generation && definition != NULL) {
            const wide ahead = (wide)record->from - set->from;
            finding->verdict = PASS;
            if (definition->increment > 0 ? ahead <= 0 : ahead >= 0)
                finding_fail(finding, check, "does not follow the setval", record);
        }
    }
}

/* ---- R11 ---- */

/* Of the documented ones, those that requests for values can get. Status 0: no reply.
 * "late" is the client's word for a reply after its patience ended. */
static const struct answer {
    uint16_t status;
    const char *code;
} answers[] = {
    {200, ""},
    {200, "late"},
    {404, "sequence_not_found"},
    {409, "sequence_exhausted"},
    {409, "session_undefined"},
    {422, "value_out_of_bounds"},
    {503, "store_unavailable"},
    {503, "sequence_lost"},
    {503, "overloaded"},
    {0, "refused"}, /* no connection */
    {0, "closed"},  /* the connection ended without a reply */
    {0, "timeout"},
};

static bool documented(const struct check *check, const struct record *record)
{
    const char *code = names_text(&check->history->codes, record->code);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].status == record->status && strcmp(answers[i].code, code) == 0)
            return true;
    return false;
}

void check_statuses(struct check *check, struct finding *finding)
{
    for (size_t i = 0; i < check->history->count && finding->verdict != FAIL; i++) {
        const struct record *record = &check->history->records[i];
        finding->verdict = PASS;
        if (!documented(check, record))
            finding_fail(finding, check, "not a documented answer", record);
    }
}
