/* Whether two outcomes are the same. */
#ifndef TESTS_DIFFERENTIAL_COMPARE_H
#define TESTS_DIFFERENTIAL_COMPARE_H

#include "tests/differential/outcome.h"

/* seqd's position, where there can't be one to compare. */
#define POSITION_UNKNOWN (-1L)

/* What differs: "results", "SQLSTATE", ...; NULL: nothing. A position only counts where
 * PostgreSQL gives one. */
const char *outcomes_differ(const struct outcome *postgres, const struct outcome *seqd);

#endif
