/*
 * What the checker must know of a run besides what clients were told; kept beside the history
 * as JSON lines, so that it can be judged again.
 */
#ifndef TESTS_CHAOS_FACTS_H
#define TESTS_CHAOS_FACTS_H

#include "tests/chaos/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a generation of a sequence allows. Without a generation: what all those allow that
 * began while clients were at it, wherever they began. */
struct definition {
    char sequence[NAME_SIZE], generation[NAME_SIZE];
    int64_t start, increment, min_value, max_value;
    int64_t cache; /* 0: not known */
    bool cycle;
};

/* Times are those of the records, ns. */
struct interval {
    int64_t from, to;
};

/* A node that could not answer: stopped, or cut off from its clients. */
struct pause {
    uint16_t node;
    struct interval when;
};

enum { DEFINITIONS_MAX = 64, OUTAGES_MAX = 64, PAUSES_MAX = 64, UNMET_SIZE = 300 };

/* Zero, where not said otherwise: none, or not known. */
struct facts {
    struct definition definitions[DEFINITIONS_MAX];
    size_t definition_count;
    /* For waste: how often nodes or stores lost what they held, and how much that can be. */
    int64_t kills, timeouts, incarnations, nodes;
    int64_t block;  /* values, of sequences whose cache is not known; 0: those are not judged */
    int64_t window; /* values; 0: what the design allows for the speed they were used at */
    struct interval outages[OUTAGES_MAX]; /* of the store; `to` is when it was back */
    size_t outage_count;
    struct pause pauses[PAUSES_MAX];
    size_t pause_count;
    int64_t deadline_ms; /* what a request may take */
    int64_t stall_ms;    /* how long threads had to wait for a processor, at most */
    int64_t recovery_ms; /* from the store's return to fresh values */
    /* From then on only what nodes hold already may be handed out. */
    struct interval closed;
    char closed_sequence[NAME_SIZE]; /* only of this one; "": of all */
    int64_t closed_values;
    int64_t ended_known; /* R12 */
    int64_t crashes, sanitizer_reports, fds_more, rss_more_kib;
    int64_t metrics_known; /* the sums over all nodes, none of which ended */
    int64_t metric_values;
    int64_t redis_kills, failovers; /* for the totals */
    int64_t expectations;           /* that the fault itself had of a node or Redis */
    char unmet[UNMET_SIZE];         /* the first that was not met; or "" */
};

void facts_define(struct facts *facts, const struct definition *definition);
void facts_outage(struct facts *facts, int64_t from, int64_t to);
void facts_pause(struct facts *facts, uint16_t node, int64_t from, int64_t to);
/* That it is so was expected; `what` says what is wrong if it is not. */
__attribute__((format(printf, 3, 4))) void facts_expect(struct facts *facts, bool met,
                                                        const char *what, ...);

/* False with the reason in `error`. */
bool facts_write(const struct facts *facts, const char *path, char *error, size_t size);
bool facts_read(struct facts *facts, const char *path, char *error, size_t size);

#endif
