/* Random numbers and options, mostly next to where something happens: see generator.h. */
#include "tests/differential/generator.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PostgreSQL computes a block one value after the other, so blocks stay small. */
enum { CACHE_MAX = 40 };

static unsigned below(struct generator *generator, unsigned bound)
{
    return random_below(&generator->random, bound);
}

static bool chance(struct generator *generator, unsigned percent)
{
    return random_chance(&generator->random, percent);
}

/* ---- numbers ---- */

void known_add(struct known *known, const char *number)
{
    errno = 0;
    char *end;
    const long long value = strtoll(number, &end, 10);
    if (errno == 0 && end != number) {
        known->hints[known->hint_count++ % HINTS] = value;
    }
}

/* Any number at all would hardly ever meet another one. */
static void number_at_edge(struct generator *generator, char number[NUMBER_SIZE])
{
    static const char *const edges[] = {
        "0",          "1",           "-1",          "9223372036854775807",
        "32767",      "-32768",      "32768",       "-9223372036854775808",
        "-32769",     "2147483647",  "-2147483648", "9223372036854775806",
        "2147483648", "-2147483649", "1073741824",  "-9223372036854775807",
        "100000",     "-100000",     "10000000000", "4611686018427387904",
    };
    static const char *const beyond[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "-99999999999999999999999999999999999999",
    };
    const bool far = chance(generator, 8);
    snprintf(number, NUMBER_SIZE, "%s",
             far ? beyond[below(generator, 4)] : edges[below(generator, 20)]);
}

static void small_number(struct generator *generator, int least, unsigned count,
                         char number[NUMBER_SIZE])
{
    snprintf(number, NUMBER_SIZE, "%d", least + (int)below(generator, count));
}

/* A hint, or up to two from it; never past int64, which the edges see to. */
static void number_near(struct generator *generator, const struct known *known,
                        char number[NUMBER_SIZE])
{
    const unsigned count = known->hint_count < HINTS ? known->hint_count : HINTS;
    const int64_t hint = known->hints[below(generator, count)];
    const int64_t step = (int64_t)below(generator, 5) - 2;
    const bool fits = step > 0 ? hint <= INT64_MAX - step : hint >= INT64_MIN - step;
    snprintf(number, NUMBER_SIZE, "%" PRId64, fits ? hint + step : hint);
}

void generate_number(struct generator *generator, const struct known *known,
                     char number[NUMBER_SIZE])
{
    const unsigned how = below(generator, 100);
    if (how < 55 && known->hint_count > 0) {
        number_near(generator, known, number);
    } else if (how < 80) {
        small_number(generator, -10, 31, number);
    } else if (how < 97) {
        number_at_edge(generator, number);
    } else {
        const int shift = (int)below(generator, 63);
        snprintf(number, NUMBER_SIZE, "%" PRId64,
                 (int64_t)random_bits(&generator->random) >> shift);
    }
}

/* ---- options ---- */

static struct sequence_option *add(struct operation *operation, enum option_kind kind)
{
    struct sequence_option *option = &operation->options[operation->option_count++];
    *option = (struct sequence_option){.kind = kind};
    return option;
}

static void add_type(struct generator *generator, struct operation *operation)
{
    static const char *const types[] = {
        "smallint", "integer", "bigint",          "smallint",   "integer", /* REST knows these only
                                                                            */
        "numeric",  "text",    "boolean",         "int2",       "int",     "int4", "INT8",
        "BigInt",   "varchar", "pg_catalog.int4", "nosuchtype",
    };
    const bool odd = chance(generator, 6);
    const unsigned first = odd ? 5 : 0, end = generator->rest ? (odd ? 8 : 5) : odd ? 16 : 5;
    struct sequence_option *option = add(operation, OPTION_AS);
    snprintf(option->value, sizeof option->value, "%s",
             types[first + below(generator, end - first)]);
}

static void add_increment(struct generator *generator, const struct known *known,
                          struct operation *operation)
{
    struct sequence_option *option = add(operation, OPTION_INCREMENT);
    const unsigned how = below(generator, 100);
    if (how < 82) {
        const int step = 1 + (int)below(generator, 5);
        snprintf(option->value, sizeof option->value, "%d", chance(generator, 35) ? -step : step);
    } else {
        generate_number(generator, known, option->value);
    }
}

static void add_cache(struct generator *generator, struct operation *operation)
{
    static const char *const odd[] = {"0", "-5", "9223372036854775808", "-9223372036854775808"};
    struct sequence_option *option = add(operation, OPTION_CACHE);
    if (chance(generator, 5)) {
        snprintf(option->value, sizeof option->value, "%s", odd[below(generator, 4)]);
    } else {
        small_number(generator, 1, generator->cached ? CACHE_MAX : 1, option->value);
    }
}

static void add_number(struct generator *generator, const struct known *known,
                       struct operation *operation, enum option_kind kind)
{
    struct sequence_option *option = add(operation, kind);
    const bool may_be_none = kind != OPTION_START;
    option->none = may_be_none && chance(generator, kind == OPTION_RESTART ? 40 : 25);
    if (!option->none) {
        generate_number(generator, known, option->value);
    }
}

static void add_any(struct generator *generator, const struct known *known,
                    struct operation *operation, enum option_kind kind)
{
    switch (kind) {
    case OPTION_AS:
        add_type(generator, operation);
        break;
    case OPTION_INCREMENT:
        add_increment(generator, known, operation);
        break;
    case OPTION_CACHE:
        add_cache(generator, operation);
        break;
    case OPTION_CYCLE:
        add(operation, OPTION_CYCLE)->none = chance(generator, 30);
        break;
    case OPTION_OWNED_BY_NONE:
        add(operation, OPTION_OWNED_BY_NONE);
        break;
    default:
        add_number(generator, known, operation, kind);
    }
}

/* Bounds, a start between them and a step that fit together, so that the sequence is
 * made, and its end is not far. */
static void add_short_range(struct generator *generator, struct operation *operation)
{
    static const int64_t bases[] = {
        0, 0, 0, 0, 0, 32750, -32768, INT32_MAX - 9, INT32_MIN, INT64_MAX - 15};
    const int64_t base = bases[below(generator, 10)];
    const int64_t min = base - (base == 0 ? (int64_t)below(generator, 12) : 0);
    const int64_t max = min + 1 + (int64_t)below(generator, 14);
    const int64_t start = min + (int64_t)below(generator, (unsigned)(max - min + 1));
    snprintf(add(operation, OPTION_MINVALUE)->value, NUMBER_SIZE, "%" PRId64, min);
    snprintf(add(operation, OPTION_MAXVALUE)->value, NUMBER_SIZE, "%" PRId64, max);
    if (chance(generator, 50)) {
        snprintf(add(operation, OPTION_START)->value, NUMBER_SIZE, "%" PRId64, start);
    }
}

static bool has(const struct operation *operation, enum option_kind kind)
{
    for (unsigned i = 0; i < operation->option_count; i++) {
        if (operation->options[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void shuffle(struct generator *generator, struct operation *operation)
{
    for (unsigned i = operation->option_count; i > 1; i--) {
        const unsigned other = below(generator, i);
        const struct sequence_option kept = operation->options[i - 1];
        operation->options[i - 1] = operation->options[other];
        operation->options[other] = kept;
    }
}

/* RESTART may stand in CREATE as well, in SQL; rarely does. */
static bool wanted(struct generator *generator, bool create, bool ranged, enum option_kind kind)
{
    switch (kind) {
    case OPTION_RESTART:
        return create ? !generator->rest && chance(generator, 2) : chance(generator, 30);
    case OPTION_CACHE:
        return chance(generator, generator->cached && create ? 70 : 8);
    case OPTION_CYCLE:
        return chance(generator, create ? 40 : 12);
    case OPTION_INCREMENT:
        return chance(generator, create ? 50 : 15);
    case OPTION_OWNED_BY_NONE:
        return chance(generator, 3);
    case OPTION_AS:
        return chance(generator, create && !ranged ? 30 : 8);
    default:
        return chance(generator, ranged ? 3 : create ? 20 : 15);
    }
}

void generate_options(struct generator *generator, const struct known *known,
                      struct operation *operation)
{
    const bool create = operation->kind == OPERATION_CREATE;
    const bool ranged = chance(generator, create ? 60 : 6);
    do {
        if (ranged && operation->option_count == 0) {
            add_short_range(generator, operation);
        }
        for (unsigned kind = 0; kind < OPTION_KINDS; kind++) {
            if (!has(operation, (enum option_kind)kind) &&
                wanted(generator, create, ranged, (enum option_kind)kind)) {
                add_any(generator, known, operation, (enum option_kind)kind);
            }
        }
    } while (!create && operation->option_count == 0);
    shuffle(generator, operation);
    if (!generator->rest && chance(generator, 2)) { /* once too often */
        add_any(generator, known, operation, (enum option_kind)below(generator, OPTION_KINDS));
    }
}
