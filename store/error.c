#include "store/error.h"

#include "store/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_kind kinds[ERROR_COUNT] = {
#define X(enumerator, wire, status, sqlstate, retryable, title)                                    \
    [ERROR_##enumerator] = {wire, status, sqlstate, retryable, title},
    ERROR_TABLE(X)
#undef X
};

const struct error_kind *error_kind(enum error_code code)
{
    assert(code > ERROR_NONE && code < ERROR_COUNT);
    return &kinds[code];
}

/* A text that was cut may have been cut in the middle of a character. */
static void mend(char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; (at += utf8_valid(text + at, length - at)) < length; at++)
        text[at] = '?';
}

__attribute__((format(printf, 3, 0))) static void set(struct failure *failure, enum error_code code,
                                                      const char *format, va_list arguments)
{
    vsnprintf(failure->detail, sizeof failure->detail, format, arguments);
    mend(failure->detail);
    failure->code = code;
    failure->hint[0] = '\0';
    failure->sqlstate = NULL;
    failure->position = 0;
    failure->sequence[0] = '\0';
}

enum error_code failure_set(struct failure *failure, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set(failure, code, format, arguments);
    va_end(arguments);
    return code;
}

enum error_code failure_set_sqlstate(struct failure *failure, enum error_code code,
                                     const char *sqlstate, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set(failure, code, format, arguments);
    va_end(arguments);
    failure->sqlstate = sqlstate;
    return code;
}

void failure_hint(struct failure *failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->hint, sizeof failure->hint, format, arguments);
    va_end(arguments);
}

const char *failure_sqlstate(const struct failure *failure)
{
    return failure->sqlstate ? failure->sqlstate : error_kind(failure->code)->sqlstate;
}
