/*
 * One operation on sequences, as the generator makes it. It can be printed as SQL
 * (operation.c), in one of many ways of writing it, and sent as REST requests (rest.c).
 */
#ifndef TESTS_DIFFERENTIAL_OPERATION_H
#define TESTS_DIFFERENTIAL_OPERATION_H

#include "tests/differential/text.h"

#include <stdbool.h>

enum {
    OPERATION_NAMES_MAX = 5,
    OPERATION_OPTIONS_MAX = 12,
    NUMBER_SIZE = 48, /* of digits as text: they may be past int64 */
};

enum operation_kind {
    OPERATION_CREATE,
    OPERATION_ALTER,
    OPERATION_RENAME,
    OPERATION_DROP,    /* one name or more */
    OPERATION_NEXTVAL, /* one name or more, in one SELECT */
    OPERATION_SERIES,  /* nextval from generate_series(1, series) */
    OPERATION_CURRVAL,
    OPERATION_LASTVAL,
    OPERATION_SETVAL,
    OPERATION_READ,    /* SELECT last_value, is_called FROM the sequence */
    OPERATION_CATALOG, /* its row of pg_sequences */
    OPERATION_DISCARD,
};

enum option_kind {
    OPTION_AS,
    OPTION_INCREMENT,
    OPTION_MINVALUE,
    OPTION_MAXVALUE,
    OPTION_START,
    OPTION_RESTART,
    OPTION_CACHE,
    OPTION_CYCLE,
    OPTION_OWNED_BY_NONE,
    OPTION_KINDS
};

struct sequence_option {
    enum option_kind kind;
    bool none;               /* NO MINVALUE, NO MAXVALUE, NO CYCLE; RESTART without a value */
    char value[NUMBER_SIZE]; /* a number, or a type's name */
};

/* A sequence's name in its three forms. */
struct sequence_name {
    const char *schema; /* NULL: public */
    const char *bare;   /* 'Mixed' */
    const char *sql;    /* '"Mixed"', 'other.s' */
    const char *rest;   /* 'Mixed', 'other.s' */
};

enum called { CALLED_DEFAULT, CALLED_TRUE, CALLED_FALSE };

struct operation {
    enum operation_kind kind;
    unsigned session;
    unsigned style; /* seeds the choice between ways of writing it */
    bool if_exists; /* or IF NOT EXISTS */
    const struct sequence_name *names[OPERATION_NAMES_MAX], *new_name;
    unsigned name_count;
    struct sequence_option options[OPERATION_OPTIONS_MAX];
    unsigned option_count;
    char value[NUMBER_SIZE]; /* setval's */
    enum called called;
    unsigned series;
};

/* `plain`: one way of writing it only, for REST, which has no ways. */
void operation_sql(const struct operation *operation, bool plain, struct text *sql);

#endif
