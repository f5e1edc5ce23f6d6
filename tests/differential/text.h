/* A string that grows. */
#ifndef TESTS_DIFFERENTIAL_TEXT_H
#define TESTS_DIFFERENTIAL_TEXT_H

#include <stddef.h>

/* All zero: empty. */
struct text {
    char *at; /* NUL-terminated; NULL: nothing was added yet */
    size_t length, size;
};

__attribute__((format(printf, 2, 3), nonnull(2))) void text_add(struct text *text,
                                                                const char *format, ...);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
/* What was added, "" for nothing. */
const char *text_of(const struct text *text);
void text_clear(struct text *text); /* keeps the memory */
void text_free(struct text *text);

#endif
