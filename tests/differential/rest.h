/* The generator's operations by the REST endpoints. */
#ifndef TESTS_DIFFERENTIAL_REST_H
#define TESTS_DIFFERENTIAL_REST_H

#include "tests/differential/operation.h"
#include "tests/differential/outcome.h"
#include "tests/differential/seqd.h"

/* What came of it, in the words of SQL: a value is `SELECT (nextval) 5`. */
void rest_run(struct seqd *seqd, const char *session, const struct operation *operation,
              struct outcome *outcome);

#endif
