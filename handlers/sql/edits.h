/* Words instead of some of a statement's text. */
#ifndef HANDLERS_SQL_EDITS_H
#define HANDLERS_SQL_EDITS_H

#include "handlers/sql/arena.h"
#include "handlers/sql/text.h"

struct edit {
    const char *at;
    size_t length;
    const char *text;
};

struct edits {
    struct edit *edits; /* in the order of the text */
    size_t count, capacity;
};

void edits_add(struct edits *edits, struct arena *arena, const char *at, size_t length,
               const char *text);

/* The text from begin to end with them, as the inside of a JSON string. */
void edits_write(const struct edits *edits, const char *begin, const char *end, struct text *text);

#endif
