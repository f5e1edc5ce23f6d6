/* UTF-8 (RFC 3629, section 4): no overlong forms, no surrogates. */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stddef.h>

/* The length of the character at `text`, of which `left` bytes are there; 0 when it is
 * none. A NUL is a character of one byte. */
size_t utf8_length(const char *text, size_t left);

/* How many of the first bytes are whole, well-formed characters. */
size_t utf8_valid(const char *text, size_t length);

#endif
