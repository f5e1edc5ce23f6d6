/* Whether two outcomes are the same: see compare.h. */
#include "tests/differential/compare.h"

#include <string.h>

static bool same(const struct text *a, const struct text *b)
{
    return strcmp(text_of(a), text_of(b)) == 0;
}

const char *outcomes_differ(const struct outcome *postgres, const struct outcome *seqd)
{
    if (postgres->failed != seqd->failed) {
        return "success";
    }
    if (strcmp(postgres->sqlstate, seqd->sqlstate) != 0) {
        return "SQLSTATE";
    }
    if (!same(&postgres->message, &seqd->message)) {
        return "message";
    }
    if (!same(&postgres->results, &seqd->results)) {
        return "results";
    }
    if (!same(&postgres->hint, &seqd->hint)) {
        return "hint";
    }
    if (!same(&postgres->notices, &seqd->notices)) {
        return "notices";
    }
    const bool positions = postgres->position > 0 && seqd->position != POSITION_UNKNOWN;
    return positions && postgres->position != seqd->position ? "position" : NULL;
}
