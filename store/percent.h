/* Percent-encoding (RFC 3986, section 2.1), decoded exactly once. */
#ifndef STORE_PERCENT_H
#define STORE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* False on a bad escape. `out` has room for `length` bytes and may be `text`; what is
 * decoded may hold anything, NUL too, and is not terminated. */
bool percent_decode(const char *text, size_t length, char *out, size_t *out_length);

#endif
