/*
 * What came of a text of SQL, whoever ran it: results of the statements that were
 * done, then perhaps an error. Both sides print it in one form, so that comparing is
 * comparing texts, and so that statement files can say what they expect:
 *
 *     CREATE SEQUENCE
 *     SELECT (last_value|is_called) 5|t
 *     SELECT (nextval) 1 / 2 / 3; ALTER SEQUENCE
 *
 * that is "COMMAND (COLUMNS) ROW / ROW; COMMAND...", a NULL being \N.
 */
#ifndef TESTS_DIFFERENTIAL_OUTCOME_H
#define TESTS_DIFFERENTIAL_OUTCOME_H

#include "tests/differential/text.h"

#include <stdbool.h>

struct outcome {
    struct text results;
    int statements;      /* that were done */
    struct text notices; /* "SQLSTATE message" each, joined by "; " */
    bool failed;         /* then: */
    char sqlstate[6];
    struct text message, hint;
    long position; /* in characters from 1; 0: none */
    /* Of the result that is being written. */
    int columns, rows, cells;
};

void outcome_clear(struct outcome *outcome);
void outcome_free(struct outcome *outcome);

/* One result: its command, its columns, and each row with its cells, in this order. */
void outcome_command(struct outcome *outcome, const char *command);
void outcome_column(struct outcome *outcome, const char *name);
void outcome_columns_end(struct outcome *outcome);
void outcome_row(struct outcome *outcome);
void outcome_cell(struct outcome *outcome, const char *value); /* NULL is NULL */

void outcome_notice(struct outcome *outcome, const char *sqlstate, const char *message);
/* `hint` may be NULL. */
void outcome_error(struct outcome *outcome, const char *sqlstate, const char *message,
                   const char *hint, long position);

/* Everything on one line: "SELECT (nextval) 1", "error 42P01: relation ...". */
void outcome_print(const struct outcome *outcome, struct text *line);

#endif
