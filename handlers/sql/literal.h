/* Texts as the input functions of PostgreSQL's types read them, and values as the output
 * functions write them. */
#ifndef HANDLERS_SQL_LITERAL_H
#define HANDLERS_SQL_LITERAL_H

#include "handlers/sql/expression.h"

/* Reads `text` as a value of `type`; `at` is where it stands, for the error. */
bool literal_read(struct parser *parser, enum sql_type type, const char *text, size_t length,
                  const char *at, struct value *value);

/* The text of a value that is not null; in the arena. */
void literal_write(struct arena *arena, enum sql_type type, const struct value *value,
                   struct value *text);

/* A name as SQL writes it: with quotes where they are needed, and with its schema unless that
 * is public and `qualified` is false. */
void name_write(struct arena *arena, const struct seq_name *name, bool qualified,
                struct value *text);

/* [sign] digits, without leading zeros and with at most a minus: fit for decimal_parse(). */
const char *number_text(struct arena *arena, bool negative, const char *digits, size_t length);

/* In the range of an integer type. */
bool integer_fits(enum sql_type type, int64_t value);

#endif
