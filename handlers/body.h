/*
 * Reading a JSON body by a table of its members: strict, each refusal names the member
 * (RFC 8259; no duplicate keys; unknown members are refused). int64 members may be
 * integers or decimal strings; 1.0 and 1e3 are not integers.
 */
#ifndef HANDLERS_BODY_H
#define HANDLERS_BODY_H

#include "handlers/request.h"

enum member_kind {
    MEMBER_TEXT,         /* const char * */
    MEMBER_TEXT_OR_NULL, /* struct optional_text */
    MEMBER_BOOL,         /* bool */
    MEMBER_INT64,        /* int64_t */
    MEMBER_OPTION,       /* struct option; null is OPTION_NONE */
    MEMBER_NUMBER,       /* struct option; no null */
    MEMBER_RESTART,      /* struct option; true is OPTION_NONE */
    MEMBER_CACHE,        /* struct cache_member */
    MEMBER_ARRAY         /* json_t *, borrowed */
};

struct optional_text {
    bool given;
    const char *text; /* NULL: null */
};

struct cache_member {
    bool is_auto;
    struct option number;
};

struct member {
    const char *name;
    enum member_kind kind;
    bool required;
    size_t offset; /* in the struct that is filled */
};

/* Parses the request's body into request->json (an empty one is {}). False: replied. */
bool body_parse(struct request *request);

/* Fills `values` (which has the defaults) from an object, by `members`, which ends with
 * a NULL name. Texts are borrowed from the object. */
bool members_read(const json_t *object, const struct member *members, void *values,
                  struct failure *failure);

/* Both, for the whole body. False: replied. */
bool body_read(struct request *request, const struct member *members, void *values);

#endif
