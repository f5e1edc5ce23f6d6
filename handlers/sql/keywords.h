/* PostgreSQL 15's key words that may not stand for a name everywhere (manual, appendix C;
 * src/include/parser/kwlist.h). */
#ifndef HANDLERS_SQL_KEYWORDS_H
#define HANDLERS_SQL_KEYWORDS_H

#include "handlers/sql/token.h"

/* Where a word may stand without quotes. */
enum word_use {
    WORD_ANY = 0,
    WORD_NOT_TABLE = 1, /* not the name of a relation or a column (ColId) */
    WORD_NOT_LABEL = 2, /* not a column's label without AS (BareColLabel) */
    WORD_RESERVED = 4,  /* nor a function's */
    WORD_TYPE = 8       /* a built-in type or function: quoted wherever a name is printed */
};

unsigned word_uses(const struct token *token);

/* As quote_identifier() has it: with quotes only where they are needed. `quoted` has room
 * for twice the name and three bytes. Returns its length. */
size_t name_quote(const char *name, char *quoted);

#endif
