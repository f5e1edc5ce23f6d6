#include "store/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

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

enum error_code failure_set(struct failure *failure, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->detail, sizeof failure->detail, format, arguments);
    va_end(arguments);
    failure->code = code;
    failure->hint = NULL;
    failure->sequence[0] = '\0';
    return code;
}
