/* A random history: see generator.h. */
#include "tests/differential/generator.h"

#include <string.h>

static const struct sequence_name names[GENERATOR_NAMES] = {
    {NULL, "s0", "s0", "s0"},
    {NULL, "s1", "s1", "s1"},
    {NULL, "s2", "S2", "s2"}, /* folded */
    {NULL, "Mixed", "\"Mixed\"", "Mixed"},
    {NULL, "with-dash", "\"with-dash\"", "with-dash"},
    {NULL, "dollar$1", "dollar$1", "dollar$1"},
    {GENERATOR_SCHEMA, "s0", "other.s0", "other.s0"},
    {GENERATOR_SCHEMA, "s1", "other.\"s1\"", "other.s1"},
};

static const struct {
    enum operation_kind kind;
    unsigned weight;
} weights[] = {
    {OPERATION_NEXTVAL, 46}, {OPERATION_ALTER, 13},  {OPERATION_SETVAL, 10}, {OPERATION_CREATE, 9},
    {OPERATION_CURRVAL, 6},  {OPERATION_LASTVAL, 4}, {OPERATION_READ, 5},    {OPERATION_CATALOG, 3},
    {OPERATION_DROP, 6},     {OPERATION_RENAME, 2},  {OPERATION_SERIES, 2},  {OPERATION_DISCARD, 1},
};

void generator_init(struct generator *generator, uint64_t seed, uint64_t episode, bool rest,
                    bool cached)
{
    *generator = (struct generator){.rest = rest, .cached = cached};
    random_seed(&generator->random, seed, episode);
}

static unsigned below(struct generator *generator, unsigned bound)
{
    return random_below(&generator->random, bound);
}

static bool chance(struct generator *generator, unsigned percent)
{
    return random_chance(&generator->random, percent);
}

static struct known *known_of(struct generator *generator, const struct sequence_name *name)
{
    return &generator->known[name - names];
}

/* A name that exists, or one that does not; any if there is none such. */
static const struct sequence_name *pick(struct generator *generator, bool exists)
{
    const unsigned first = below(generator, GENERATOR_NAMES);
    for (unsigned i = 0; i < GENERATOR_NAMES; i++) {
        const unsigned number = (first + i) % GENERATOR_NAMES;
        if (generator->known[number].exists == exists) {
            return &names[number];
        }
    }
    return &names[first];
}

static const struct sequence_name *pick_mostly(struct generator *generator, bool exists)
{
    return pick(generator, chance(generator, 90) ? exists : !exists);
}

/* ---- one operation of each kind ---- */

static void make_create(struct generator *generator, struct operation *operation)
{
    operation->names[0] = pick_mostly(generator, false);
    operation->if_exists = chance(generator, 10);
    generate_options(generator, known_of(generator, operation->names[0]), operation);
}

static void make_alter(struct generator *generator, struct operation *operation)
{
    operation->if_exists = !generator->rest && chance(generator, 5);
    generate_options(generator, known_of(generator, operation->names[0]), operation);
}

/* RENAME keeps the session's block in PostgreSQL, and drops the node's in seqd (README:
 * Differences). So where there are blocks, both drop them just before. */
static void make_rename(struct generator *generator, struct operation *operation)
{
    const struct sequence_name *name = operation->names[0];
    const bool may_fail = !generator->cached;
    do {
        operation->new_name =
            may_fail ? &names[below(generator, GENERATOR_NAMES)] : pick(generator, false);
    } while ((operation->new_name->schema == NULL) != (name->schema == NULL) && may_fail);
    operation->if_exists = !generator->rest && chance(generator, 5);
    if (may_fail || !known_of(generator, name)->exists) {
        return;
    }
    if (known_of(generator, operation->new_name)->exists ||
        (operation->new_name->schema == NULL) != (name->schema == NULL)) {
        operation->kind = OPERATION_READ; /* no name is free */
        return;
    }
    generator->pending[generator->pending_count++] = *operation;
    operation->kind = OPERATION_ALTER;
    operation->if_exists = false;
    operation->options[0] =
        (struct sequence_option){.kind = OPTION_CYCLE, .none = chance(generator, 50)};
    operation->option_count = 1;
}

static void make_drop(struct generator *generator, struct operation *operation)
{
    operation->if_exists = !generator->rest && chance(generator, 30);
    if (!generator->rest && chance(generator, 15)) {
        operation->names[operation->name_count++] = pick_mostly(generator, true);
    }
}

/* REST asks for one after the other, so there an unknown name would come too late. */
static void make_nextval(struct generator *generator, struct operation *operation)
{
    const bool several = chance(generator, 25);
    const unsigned count = several ? 1 + below(generator, OPERATION_NAMES_MAX - 1) : 1;
    const bool known_only = generator->rest && count > 1;
    if (known_only && !known_of(generator, operation->names[0])->exists) {
        return;
    }
    const bool same = chance(generator, 50);
    while (operation->name_count < count) {
        const struct sequence_name *other =
            known_only ? pick(generator, true) : pick_mostly(generator, true);
        operation->names[operation->name_count++] = same ? operation->names[0] : other;
    }
}

static void make_setval(struct generator *generator, struct operation *operation)
{
    generate_number(generator, known_of(generator, operation->names[0]), operation->value);
    operation->called = (enum called)below(generator, 3);
}

static enum operation_kind pick_kind(struct generator *generator)
{
    unsigned total = 0;
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        total += weights[i].weight;
    }
    unsigned at = below(generator, total);
    size_t i = 0;
    while (at >= weights[i].weight) {
        at -= weights[i++].weight;
    }
    const enum operation_kind kind = weights[i].kind;
    /* DISCARD drops a session's block, and no node's (README: Differences). */
    const bool possible = (kind != OPERATION_DISCARD || (!generator->rest && !generator->cached)) &&
                          (kind != OPERATION_SERIES || !generator->rest);
    return possible ? kind : OPERATION_NEXTVAL;
}

static void make(struct generator *generator, struct operation *operation)
{
    switch (operation->kind) {
    case OPERATION_CREATE:
        make_create(generator, operation);
        break;
    case OPERATION_ALTER:
        make_alter(generator, operation);
        break;
    case OPERATION_RENAME:
        make_rename(generator, operation);
        break;
    case OPERATION_DROP:
        make_drop(generator, operation);
        break;
    case OPERATION_NEXTVAL:
        make_nextval(generator, operation);
        break;
    case OPERATION_SERIES:
        operation->series = 1 + below(generator, 8);
        break;
    case OPERATION_SETVAL:
        make_setval(generator, operation);
        break;
    default: /* the name is all there is to them */
        break;
    }
}

void generator_next(struct generator *generator, struct operation *operation)
{
    if (generator->pending_count > 0) {
        *operation = generator->pending[--generator->pending_count];
        return;
    }
    *operation = (struct operation){
        .kind = pick_kind(generator),
        .session = generator->cached ? 0 : below(generator, GENERATOR_SESSIONS),
        .style = (unsigned)random_bits(&generator->random),
        .names = {pick_mostly(generator, true)},
        .name_count = 1,
    };
    make(generator, operation);
}

/* ---- what PostgreSQL said ---- */

static void learn_definition(struct known *known, const struct operation *operation)
{
    for (unsigned i = 0; i < operation->option_count; i++) {
        if (operation->options[i].kind != OPTION_AS && !operation->options[i].none) {
            known_add(known, operation->options[i].value);
        }
    }
}

static void learn_value(struct known *known, const struct outcome *outcome)
{
    const char *results = text_of(&outcome->results), *last = strrchr(results, ' ');
    const char *bar = last == NULL ? NULL : strrchr(last, '|');
    if (last != NULL) {
        known_add(known, (bar == NULL ? last : bar) + 1);
    }
}

/* PostgreSQL has consumed what was left, seqd nothing (README: Differences). A new
 * sequence, used once, has both agree again, on lastval as well. */
static void repair_series(struct generator *generator, const struct operation *operation)
{
    struct operation *next = generator->pending;
    next[2] = next[1] = next[0] = *operation;
    next[2].kind = OPERATION_DROP;
    next[1].kind = OPERATION_CREATE;
    next[0].kind = OPERATION_NEXTVAL;
    generator->pending_count = 3;
}

static void learn_success(struct generator *generator, const struct operation *operation,
                          const struct outcome *outcome)
{
    struct known *known = known_of(generator, operation->names[0]);
    switch (operation->kind) {
    case OPERATION_CREATE:
        if (!known->exists) {
            *known = (struct known){.exists = true};
            learn_definition(known, operation);
        }
        break;
    case OPERATION_ALTER:
        learn_definition(known, operation);
        break;
    case OPERATION_RENAME:
        if (known->exists) { /* else it was IF EXISTS */
            *known_of(generator, operation->new_name) = *known;
            known->exists = false;
        }
        break;
    case OPERATION_DROP:
        for (unsigned i = 0; i < operation->name_count; i++) {
            known_of(generator, operation->names[i])->exists = false;
        }
        break;
    case OPERATION_NEXTVAL:
    case OPERATION_SERIES:
    case OPERATION_SETVAL:
        learn_value(known, outcome);
        break;
    default:
        break;
    }
}

void generator_learn(struct generator *generator, const struct operation *operation,
                     const struct outcome *outcome)
{
    if (!outcome->failed) {
        learn_success(generator, operation, outcome);
    } else if (operation->kind == OPERATION_SERIES && strcmp(outcome->sqlstate, "2200H") == 0) {
        repair_series(generator, operation);
    }
}
