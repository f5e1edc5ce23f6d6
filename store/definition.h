/*
 * What a sequence is: PostgreSQL's options, defaults, checks, their order and
 * their texts (commands/sequence.c, init_params(); PostgreSQL manual, CREATE
 * SEQUENCE and ALTER SEQUENCE). Pure functions, no I/O.
 */
#ifndef STORE_DEFINITION_H
#define STORE_DEFINITION_H

#include "store/error.h"
#include "store/name.h"

#include <stdbool.h>
#include <stdint.h>

enum seq_type { TYPE_SMALLINT, TYPE_INTEGER, TYPE_BIGINT, TYPE_COUNT };

/* "smallint", "integer", "bigint" */
const char *type_name(enum seq_type type);
/* Only the three names above; false otherwise. */
bool type_parse(const char *text, enum seq_type *type);
int64_t type_min(enum seq_type type);
int64_t type_max(enum seq_type type);

#define CACHE_AUTO 0 /* block size by demand; otherwise PostgreSQL's CACHE, 1.. */

struct definition {
    enum seq_type type;
    int64_t start, increment, min_value, max_value;
    int64_t cache; /* CACHE_AUTO or 1.. */
    bool cycle;
    char owned_by[COLUMN_SIZE]; /* "table.column", or "" */
};

/* PostgreSQL's last_value and is_called. */
struct position {
    int64_t last_value;
    bool is_called;
};

/* How an option was given. NULL in JSON and NO MINVALUE in SQL are OPTION_NONE. */
enum option_state { OPTION_ABSENT, OPTION_NONE, OPTION_GIVEN };

struct option {
    enum option_state state;
    int64_t value;    /* if OPTION_GIVEN and there is no text */
    const char *text; /* a number of SQL, borrowed, to be read in its turn; or NULL */
};

/* The options of one CREATE or ALTER. All zero: nothing given. */
struct options {
    bool has_type, has_cycle, has_owned_by;
    const char *type_text;   /* as given, borrowed; checked in its turn */
    struct option increment; /* ABSENT or GIVEN */
    struct option min_value, max_value;
    struct option start;   /* ABSENT or GIVEN */
    struct option restart; /* NONE: RESTART alone (to START); ALTER only */
    struct option cache;   /* GIVEN with CACHE_AUTO only through cache_auto */
    bool cache_auto;       /* then cache.state is ABSENT */
    bool cycle;
    const char *owned_by; /* borrowed; "" or NULL: OWNED BY NONE */
    bool checks_owner;    /* as SQL does: in the same schema, and a column if that is known */
};

/* CREATE: fills `definition` and the starting `position` from nothing.
 * `default_cache` is what an absent cache means. On failure the outputs are
 * unspecified, and `failure` has the first check of PostgreSQL's order that
 * fails: type, INCREMENT, MAXVALUE range, MINVALUE range, MIN<MAX, START,
 * RESTART, CACHE, OWNED BY. */
bool definition_create(const struct options *options, int64_t default_cache,
                       struct definition *definition, struct position *position,
                       struct failure *failure);

/* ALTER: changes `definition` and `position` in place, by the same checks;
 * `position` is where the sequence stands now. On failure both are unspecified. */
bool definition_alter(const struct options *options, struct definition *definition,
                      struct position *position, struct failure *failure);

#endif
