#include "handlers/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static size_t trimmed(const char **text, size_t length)
{
    while (length > 0 && strchr(" \t", **text))
        ++*text, --length;
    while (length > 0 && strchr(" \t", (*text)[length - 1]))
        length--;
    return length;
}

bool media_type_is(const char *header, const char *type)
{
    if (!header)
        return false;
    size_t length = trimmed(&header, strcspn(header, ";"));
    return length == strlen(type) && strncasecmp(header, type, length) == 0;
}

/* ";q=0.5" in thousandths; 1000 without one. */
static int quality(const char *range, size_t length)
{
    for (size_t i = 0; i + 2 < length; i++) {
        if (range[i] != ';')
            continue;
        const char *parameter = range + i + 1;
        size_t left = trimmed(&parameter, length - i - 1);
        if (left < 3 || strncasecmp(parameter, "q=", 2) != 0)
            continue;
        int thousandths = parameter[2] == '1' ? 1000 : 0;
        for (size_t digit = 4, weight = 100; digit < left && weight > 0; digit++, weight /= 10) {
            if (parameter[digit] < '0' || parameter[digit] > '9')
                break;
            thousandths += (parameter[digit] - '0') * (int)weight;
        }
        return thousandths;
    }
    return 1000;
}

/* How well a range fits a type: 3 exactly, 2 by its major part, 1 any, 0 not. */
static int specificity(const char *range, size_t length, const char *type)
{
    size_t name = length, major = strcspn(type, "/") + 1;
    const char *end = memchr(range, ';', length);
    if (end)
        name = (size_t)(end - range);
    name = trimmed(&range, name);
    if (name == strlen(type) && strncasecmp(range, type, name) == 0)
        return 3;
    if (name == major + 1 && range[major] == '*' && strncasecmp(range, type, major) == 0)
        return 2;
    return name == 3 && strncmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* The quality of `type`, by the range that fits it best. */
static int quality_of(const char *accept, const char *type)
{
    int best = 0, result = 0;
    while (*accept) {
        size_t length = strcspn(accept, ",");
        int fits = specificity(accept, length, type);
        if (fits > best) {
            best = fits;
            result = quality(accept, length);
        }
        accept += length + (accept[length] == ',');
    }
    return result;
}

enum representation accept_choose(const char *accept, bool can_be_plain)
{
    if (strcmp(accept, "*/*") == 0 || accept[strspn(accept, " \t")] == '\0')
        return REPRESENTATION_JSON;
    int json = quality_of(accept, "application/json");
    int plain = can_be_plain ? quality_of(accept, "text/plain") : 0;
    if (json == 0 && plain == 0)
        return REPRESENTATION_NONE;
    return plain > json ? REPRESENTATION_PLAIN : REPRESENTATION_JSON;
}
