/* POST /v1/ranges: several wishes, each answered for itself. */
#ifndef HANDLERS_RANGES_H
#define HANDLERS_RANGES_H

struct ranges;

void ranges_destroy(struct ranges *ranges);

#endif
