/* The checker's rules, and what they share. Each leaves its verdict in `finding`. */
#ifndef TESTS_CHAOS_RULES_H
#define TESTS_CHAOS_RULES_H

#include "tests/chaos/checker.h"

__extension__ typedef __int128 wide; /* no overflow to think of */

/* GRACE and STALLS: on top of what something may take; and the machine may have been too busy for
 * clients, and for seqd, some times over. */
enum { NS_PER_MS = 1000000, GRACE_MS = 100, STALLS = 3 };

/* rules_values.c */
void check_unique(struct check *check, struct finding *finding);
void check_bounds(struct check *check, struct finding *finding);
void check_grid(struct check *check, struct finding *finding);
void check_order(struct check *check, struct finding *finding);
void check_counts(struct check *check, struct finding *finding);
/* rules_sessions.c */
void check_currval(struct check *check, struct finding *finding);
void check_setval(struct check *check, struct finding *finding);
void check_statuses(struct check *check, struct finding *finding);
/* rules_waste.c */
void check_waste(struct check *check, struct finding *finding);
/* What requests without a reply may have used up. */
int64_t unknown_values(const struct history *history);
/* rules_recovery.c */
void check_recovery(struct check *check, struct finding *finding);
/* rules_running.c */
/* The figures of the longest times without values, and without fresh ones, until `end`. */
void measure_pauses(struct check *check, int64_t end);
void check_available(struct check *check, struct finding *finding);
void check_ended(struct check *check, struct finding *finding);
void check_closed(struct check *check, struct finding *finding);
void check_metrics(struct check *check, struct finding *finding);
void check_expected(struct check *check, struct finding *finding);

/* Fails with `what` and the record's line. */
void finding_fail(struct finding *finding, const struct check *check, const char *what,
                  const struct record *record);

/* NULL: unknown generation, or none. */
const struct definition *definition_of(const struct check *check, const struct record *record);
/* It hands out values: nextval or range, answered. */
bool record_gives(const struct record *record);
/* No values, because of the store; or no reply. */
bool record_refused(const struct record *record);
int64_t record_low(const struct record *record);
int64_t record_high(const struct record *record);
/* Where it began is not known. */
bool began_meanwhile(const struct definition *definition);
/* How many steps `value` is from the generation's start. */
wide ordinal(const struct definition *definition, int64_t value);

#endif
