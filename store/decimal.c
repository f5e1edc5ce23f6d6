#include "store/decimal.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* One spelling per number, so that equal numbers are equal texts: no plus sign,
 * no leading zero, no "-0". */
static bool is_well_formed(const char *digits, size_t count, bool negative)
{
    if (count == 0)
        return false;
    if (digits[0] == '0' && (count > 1 || negative))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_digit(digits[i]))
            return false;
    return true;
}

enum decimal_result decimal_parse(const char *text, size_t length, int64_t *value)
{
    bool negative = length > 0 && text[0] == '-';
    size_t sign = negative ? 1 : 0;
    if (!is_well_formed(text + sign, length - sign, negative))
        return DECIMAL_MALFORMED;

    /* Accumulated below zero, where int64 reaches one further. */
    int64_t sum = 0;
    for (size_t i = sign; i < length; i++)
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, text[i] - '0', &sum))
            return DECIMAL_OUT_OF_RANGE;
    if (!negative && __builtin_sub_overflow(0, sum, &sum))
        return DECIMAL_OUT_OF_RANGE;
    *value = sum;
    return DECIMAL_OK;
}

size_t decimal_write(char text[DECIMAL_SIZE], int64_t value)
{
    /* -INT64_MIN exists only without a sign. */
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[DECIMAL_SIZE];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';

    size_t length = sizeof digits - at;
    memcpy(text, digits + at, length);
    text[length] = '\0';
    return length;
}
