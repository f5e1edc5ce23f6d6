/* Shared by the handlers that hand out numbers. */
#ifndef HANDLERS_VALUES_H
#define HANDLERS_VALUES_H

#include "handlers/request.h"

#define RANGE_COUNT_MAX 1000000000

/* One wish for a range: the body of .../range, and the rows of /v1/ranges. */
struct range_wish {
    const char *sequence; /* of a row; NULL in the body of .../range */
    struct option count;
    bool partial, contiguous;
};

/* Checks the wish and sets up the ticket. */
bool range_prepare(const struct range_wish *wish, struct ticket *ticket, struct failure *failure);

/* {"count", "increment", "ranges"} of an answered ticket. */
json_t *grant_json(const struct request *request, const struct grant *grant);

/* A grant was made to this request: counts it, and defines currval and lastval. */
void grant_note(struct request *request, const struct seq_name *name, const char *session,
                const struct grant *grant);

#endif
