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

#include "tests/chaos/facts.h"
#include "tests/chaos/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
    bool *changed; /* by sequence's number: a generation of it began while clients were at it */
};

struct rule {
    const char *name, *description;
    void (*check)(struct check *check, struct finding *finding);
};

enum { RULES = 15 };
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
