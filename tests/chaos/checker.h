/*
 * Whether a history can be right: rules over what clients were told and a few facts
 * about the run.
 *
 * A rule that the facts don't suffice for is "not applicable", never silently passed.
 * A record whose reply came late counts as handed out; one without a reply gave
 * nothing that a client knows of, and may have used up what it asked for.
 */
#ifndef TESTS_CHAOS_CHECKER_H
#define TESTS_CHAOS_CHECKER_H

#include "tests/chaos/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What a generation of a sequence allows. */
struct definition {
    char generation[NAME_SIZE];
    int64_t start, increment, min_value, max_value;
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

enum { DEFINITIONS_MAX = 64, OUTAGES_MAX = 64, PAUSES_MAX = 64 };

/* Zero, where not said otherwise: none, or not known. */
struct facts {
    struct definition definitions[DEFINITIONS_MAX];
    size_t definition_count;
    /* For waste: how often nodes or stores lost what they held, and how much that can be. */
    int64_t kills, timeouts, incarnations, nodes;
    int64_t block, window;                /* values; block 0: waste is reported, not judged */
    struct interval outages[OUTAGES_MAX]; /* of the store; `to` is when it was back */
    size_t outage_count;
    struct pause pauses[PAUSES_MAX];
    size_t pause_count;
    int64_t deadline_ms; /* what a request may take */
    int64_t recovery_ms; /* from the store's return to fresh values */
    /* From then on only what nodes hold already may be handed out. */
    struct interval closed;
    int64_t closed_values;
    bool ended_known; /* R12 */
    int64_t crashes, sanitizer_reports, fds_more, rss_more_kib;
    bool metrics_known; /* the sums over all nodes, none of which ended */
    int64_t metric_values;
};

void facts_define(struct facts *facts, const struct definition *definition);
void facts_outage(struct facts *facts, int64_t from, int64_t to);
void facts_pause(struct facts *facts, uint16_t node, int64_t from, int64_t to);

struct figures {
    int64_t values, repeated; /* handed out; of them, handed out before */
    int64_t waste, waste_allowed;
    int64_t no_value_ms; /* the longest time in which a sequence gave no value */
    int64_t no_fresh_ms; /* ... in which its highest value did not move on */
    int64_t recovery_ms; /* the longest, of all outages after which a node refused */
};

enum verdict { NOT_APPLICABLE, PASS, FAIL };

struct finding {
    enum verdict verdict;
    char text[1300]; /* FAIL: what, and the first offending record */
};

struct check {
    const struct history *history;
    const struct facts *facts;
    struct figures figures;
    const struct definition **definitions; /* by generation's number; NULL: unknown */
};

struct rule {
    const char *name, *description;
    void (*check)(struct check *check, struct finding *finding);
};

enum { RULES = 14 };
extern const struct rule rules[RULES];

struct report {
    struct finding findings[RULES];
    struct figures figures;
};

/* False when a rule failed. */
bool history_check(const struct history *history, const struct facts *facts, struct report *report);
bool report_failed(const struct report *report, const char *rule);
void report_print(const struct report *report, FILE *file);

#endif
