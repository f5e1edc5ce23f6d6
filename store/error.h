/*
 * Everything that a request can fail with, in one table.
 *
 * A call site names the code and gives PostgreSQL's text; the HTTP status, the
 * SQLSTATE, the wire name and the title follow from here. SQLSTATEs are
 * PostgreSQL's (manual, appendix A); "" where PostgreSQL has nothing alike.
 */
#ifndef STORE_ERROR_H
#define STORE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/* X(enumerator, wire name, HTTP status, SQLSTATE, client may retry, title) */
#define ERROR_TABLE(X)                                                                             \
    X(SEQUENCE_NOT_FOUND, "sequence_not_found", 404, "42P01", false, "Sequence not found")         \
    X(SEQUENCE_EXISTS, "sequence_exists", 409, "42P07", false, "Sequence already exists")          \
    X(SEQUENCE_EXHAUSTED, "sequence_exhausted", 409, "2200H", false, "Sequence exhausted")         \
    X(VALUE_OUT_OF_BOUNDS, "value_out_of_bounds", 422, "22003", false, "Value out of bounds")      \
    X(INVALID_PARAMETER, "invalid_parameter", 422, "22023", false, "Invalid parameter")            \
    X(SESSION_UNDEFINED, "session_undefined", 409, "55000", false, "Not defined in this session")  \
    X(INVALID_NAME, "invalid_name", 400, "42602", false, "Invalid name")                           \
    X(INVALID_JSON, "invalid_json", 400, "22023", false, "Invalid JSON")                           \
    X(INVALID_REQUEST, "invalid_request", 400, "22023", false, "Invalid request")                  \
    X(SYNTAX_ERROR, "syntax_error", 400, "42601", false, "Syntax error")                           \
    X(FEATURE_NOT_SUPPORTED, "feature_not_supported", 422, "0A000", false,                         \
      "Feature not supported")                                                                     \
    X(SEQUENCE_IN_USE, "sequence_in_use", 409, "2BP01", false, "Sequence in use")                  \
    X(NOT_FOUND, "not_found", 404, "", false, "Not found")                                         \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405, "", false, "Method not allowed")              \
    X(BODY_TOO_LARGE, "body_too_large", 413, "", false, "Body too large")                          \
    X(UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", 415, "", false, "Unsupported media type")  \
    X(NOT_ACCEPTABLE, "not_acceptable", 406, "", false, "Not acceptable")                          \
    X(STORE_UNAVAILABLE, "store_unavailable", 503, "08006", true, "Store unavailable")             \
    X(SEQUENCE_LOST, "sequence_lost", 503, "XX001", false, "Sequence lost")                        \
    /* As PostgreSQL's own time-outs; a class that no driver repeats by itself. */                 \
    X(FENCE_INCOMPLETE, "fence_incomplete", 504, "57014", false, "Fence incomplete")               \
    X(OVERLOADED, "overloaded", 503, "53300", true, "Overloaded")

enum error_code {
    ERROR_NONE = 0,
#define X(enumerator, wire, status, sqlstate, retryable, title) ERROR_##enumerator,
    ERROR_TABLE(X)
#undef X
        ERROR_COUNT
};

struct error_kind {
    const char *wire; /* `code` of the problem document */
    int status;       /* HTTP */
    const char *sqlstate;
    bool retryable; /* the reply carries Retry-After */
    const char *title;
};

/* `code` must not be ERROR_NONE. The row lives as long as the process. */
const struct error_kind *error_kind(enum error_code code);

/* One failure, by value: nothing in it needs freeing. */
struct failure {
    enum error_code code;
    char detail[512];     /* PostgreSQL's own message where it has one */
    char hint[256];       /* or "" */
    const char *sqlstate; /* static text, finer than the code's; or NULL */
    int64_t position;     /* in the SQL text, 1-based, in characters; 0: none */
    char sequence[128];   /* the sequence's name, or "" */
};

/* Fills `failure` (all that is not given is empty) and returns `code`, so that a check
 * can end with `return failure_set(...)`. */
enum error_code failure_set(struct failure *failure, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with an SQLSTATE that is not the code's. */
enum error_code failure_set_sqlstate(struct failure *failure, enum error_code code,
                                     const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

void failure_hint(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The failure's own, or else its code's; "" for none. */
const char *failure_sqlstate(const struct failure *failure);

#endif
