/*
 * The differences that are meant: differences.txt, and how those that the generator
 * meets by REST are told from others.
 */
#ifndef TESTS_DIFFERENTIAL_DIFFERENCES_H
#define TESTS_DIFFERENTIAL_DIFFERENCES_H

#include "tests/differential/operation.h"
#include "tests/differential/outcome.h"

#include <stdbool.h>
#include <stddef.h>

enum { DIFFERENCES_MAX = 64 };

/* Where a difference is met. */
enum difference_where {
    DIFFERENCE_SQL, /* statement files say it: \differs NAME */
    DIFFERENCE_REST /* the generator, by REST */
};

struct difference {
    char name[64];
    enum difference_where where;
};

/* Reads the list: dies when it is not well-formed. */
void differences_read(const char *path);
size_t differences_count(void);
const struct difference *difference_at(size_t number);
/* Its number, or -1. */
int difference_find(const char *name);

/* The number of the difference that explains these outcomes of an operation by REST; -1:
 * none does. */
int difference_explains(const struct operation *operation, const struct outcome *postgres,
                        const struct outcome *seqd);

#endif
