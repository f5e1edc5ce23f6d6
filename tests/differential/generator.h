/*
 * A random history: operations that the seed decides, and what PostgreSQL said of
 * the earlier ones, which is the same each time.
 */
#ifndef TESTS_DIFFERENTIAL_GENERATOR_H
#define TESTS_DIFFERENTIAL_GENERATOR_H

#include "tests/differential/operation.h"
#include "tests/differential/outcome.h"
#include "tests/differential/random.h"

#include <stdint.h>

/* A schema that some of the names are in; PostgreSQL wants it made. */
#define GENERATOR_SCHEMA "other"

enum { GENERATOR_NAMES = 8, HINTS = 8, PENDING_MAX = 4, GENERATOR_SESSIONS = 4 };

/* What is known of one name: if there is such a sequence, and numbers that matter to
 * it (its bounds, values it had), because what is next to them is worth trying. */
struct known {
    bool exists;
    int64_t hints[HINTS];
    unsigned hint_count; /* ever; the ring keeps the last ones */
};

struct generator {
    struct random random;
    bool rest;   /* only what REST can say */
    bool cached; /* one session and CACHE n; else several, and CACHE 1 */
    struct known known[GENERATOR_NAMES];
    struct operation pending[PENDING_MAX]; /* to come next, the last one first */
    unsigned pending_count;
};

void generator_init(struct generator *generator, uint64_t seed, uint64_t episode, bool rest,
                    bool cached);
void generator_next(struct generator *generator, struct operation *operation);
/* What PostgreSQL made of it. */
void generator_learn(struct generator *generator, const struct operation *operation,
                     const struct outcome *outcome);

/* ---- between generator.c and generator_options.c ---- */

/* The options of a CREATE or an ALTER of what is `known`. */
void generate_options(struct generator *generator, const struct known *known,
                      struct operation *operation);
/* A number as text: next to a hint, small, at an edge of a type, or past all of them. */
void generate_number(struct generator *generator, const struct known *known,
                     char number[NUMBER_SIZE]);
void known_add(struct known *known, const char *number);

#endif
