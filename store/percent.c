#include "store/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool percent_decode(const char *text, size_t length, char *out, size_t *out_length)
{
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            out[written++] = text[i];
            continue;
        }
        if (length - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
            return false;
        out[written++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    *out_length = written;
    return true;
}
