/* What came of a text of SQL: see outcome.h. */
#include "tests/differential/outcome.h"

#include <stdio.h>
#include <string.h>

void outcome_clear(struct outcome *outcome)
{
    text_clear(&outcome->results);
    text_clear(&outcome->notices);
    text_clear(&outcome->message);
    text_clear(&outcome->hint);
    outcome->failed = false;
    outcome->sqlstate[0] = '\0';
    outcome->position = 0;
    outcome->statements = 0;
}

void outcome_free(struct outcome *outcome)
{
    text_free(&outcome->results);
    text_free(&outcome->notices);
    text_free(&outcome->message);
    text_free(&outcome->hint);
}

void outcome_command(struct outcome *outcome, const char *command)
{
    text_add(&outcome->results, "%s%s", outcome->statements > 0 ? "; " : "", command);
    outcome->statements++;
    outcome->columns = outcome->rows = outcome->cells = 0;
}

void outcome_column(struct outcome *outcome, const char *name)
{
    text_add(&outcome->results, "%s%s", outcome->columns > 0 ? "|" : " (", name);
    outcome->columns++;
}

void outcome_columns_end(struct outcome *outcome)
{
    text_add(&outcome->results, outcome->columns > 0 ? ")" : " ()");
}

void outcome_row(struct outcome *outcome)
{
    text_add(&outcome->results, outcome->rows > 0 ? " / " : " ");
    outcome->rows++;
    outcome->cells = 0;
}

void outcome_cell(struct outcome *outcome, const char *value)
{
    text_add(&outcome->results, outcome->cells > 0 ? "|" : "");
    outcome->cells++;
    if (value == NULL) {
        text_add(&outcome->results, "\\N");
        return;
    }
    for (; *value != '\0'; value++) {
        switch (*value) {
        case '\n':
            text_add(&outcome->results, "\\n");
            break;
        case '\\':
            text_add(&outcome->results, "\\\\");
            break;
        default:
            text_add_bytes(&outcome->results, value, 1);
        }
    }
}

void outcome_notice(struct outcome *outcome, const char *sqlstate, const char *message)
{
    text_add(&outcome->notices, "%s%s %s", outcome->notices.length > 0 ? "; " : "", sqlstate,
             message);
}

void outcome_error(struct outcome *outcome, const char *sqlstate, const char *message,
                   const char *hint, long position)
{
    outcome->failed = true;
    snprintf(outcome->sqlstate, sizeof outcome->sqlstate, "%s", sqlstate);
    text_add(&outcome->message, "%s", message);
    text_add(&outcome->hint, "%s", hint == NULL ? "" : hint);
    outcome->position = position;
}

void outcome_print(const struct outcome *outcome, struct text *line)
{
    const char *separator = "";
    text_clear(line);
    if (outcome->statements > 0) {
        text_add(line, "%s", text_of(&outcome->results));
        separator = "; ";
    }
    if (outcome->failed) {
        text_add(line, "%serror %s: %s", separator, outcome->sqlstate, text_of(&outcome->message));
        separator = "; ";
    }
    if (outcome->hint.length > 0) {
        text_add(line, " HINT: %s", text_of(&outcome->hint));
    }
    if (outcome->position > 0) {
        text_add(line, " (at %ld)", outcome->position);
    }
    if (outcome->notices.length > 0) {
        text_add(line, "%snotice %s", separator, text_of(&outcome->notices));
    }
}
