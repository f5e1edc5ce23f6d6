/* The one strict parser and writer of decimal int64: no double, no locale. */
#ifndef STORE_DECIMAL_H
#define STORE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum decimal_result {
    DECIMAL_OK,
    DECIMAL_MALFORMED,   /* not [-]digits, a leading zero, "-0", or empty */
    DECIMAL_OUT_OF_RANGE /* a well-formed integer that int64 cannot hold */
};

/* Parses exactly `length` bytes. `*value` is written only on DECIMAL_OK. */
enum decimal_result decimal_parse(const char *text, size_t length, int64_t *value);

#define DECIMAL_SIZE 21 /* "-9223372036854775808" and its NUL */

/* Writes value and a NUL; returns the length without the NUL (1..20). */
size_t decimal_write(char text[DECIMAL_SIZE], int64_t value);

#endif
