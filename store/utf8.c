#include "store/utf8.h"

#include <stdbool.h>

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* What a lead byte announces; 0 for none. */
static size_t announced(unsigned char lead)
{
    return lead < 0x80                    ? 1
           : is_between(lead, 0xc2, 0xdf) ? 2
           : is_between(lead, 0xe0, 0xef) ? 3
           : is_between(lead, 0xf0, 0xf4) ? 4
                                          : 0;
}

size_t utf8_length(const char *text, size_t left)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (left == 0)
        return 0;
    unsigned char lead = bytes[0];
    size_t length = announced(lead);
    if (length <= 1 || length > left)
        return length <= left ? length : 0;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (!is_between(bytes[1], low, high))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_between(bytes[i], 0x80, 0xbf))
            return 0;
    return length;
}

size_t utf8_valid(const char *text, size_t length)
{
    size_t at = 0, step;
    while (at < length && (step = utf8_length(text + at, length - at)) > 0)
        at += step;
    return at;
}
