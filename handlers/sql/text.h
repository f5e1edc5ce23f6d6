/*
 * Text that grows: replies are written by hand, piece by piece, as the results of
 * earlier statements must outlive whatever happens to later ones. All JSON is ASCII or
 * the UTF-8 that came in.
 */
#ifndef HANDLERS_SQL_TEXT_H
#define HANDLERS_SQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /* not NUL-terminated; NULL while empty */
    size_t length, capacity;
};

void text_free(struct text *text);

void text_add(struct text *text, const char *bytes, size_t length);
void text_put(struct text *text, const char *string);
void text_put_integer(struct text *text, int64_t value);

/* With JSON's escapes (RFC 8259, section 7), without quotes around it. The bytes are UTF-8. */
void text_add_escaped(struct text *text, const char *bytes, size_t length);

/* A JSON string. */
void text_put_string(struct text *text, const char *string);

#endif
