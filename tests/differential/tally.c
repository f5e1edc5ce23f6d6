/* Counts of what was compared: see tally.h. */
#include "tests/differential/tally.h"

#include "tests/process/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct tally *tallies_make(size_t count)
{
    void *memory = mmap(NULL, count * sizeof(struct tally), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        die("no shared memory");
    }
    return memory;
}

static void count_error(struct tally *tally, const char *sqlstate, long count)
{
    int i = 0;
    while (tally->errors[i].sqlstate[0] != '\0' &&
           strcmp(tally->errors[i].sqlstate, sqlstate) != 0) {
        if (++i == SQLSTATES_MAX) {
            die("more than %d SQLSTATEs", SQLSTATES_MAX);
        }
    }
    strcpy(tally->errors[i].sqlstate, sqlstate);
    tally->errors[i].count += count;
}

void tally_count(struct tally *tally, const struct outcome *postgres)
{
    tally->statements++;
    if (postgres->failed) {
        count_error(tally, postgres->sqlstate, 1);
    } else if (postgres->columns > 0) {
        tally->rows++;
    } else {
        tally->commands++;
    }
}

void tally_add(struct tally *total, const struct tally *tally)
{
    total->statements += tally->statements;
    total->rows += tally->rows;
    total->commands += tally->commands;
    total->unexpected += tally->unexpected;
    for (int i = 0; i < SQLSTATES_MAX && tally->errors[i].count > 0; i++) {
        count_error(total, tally->errors[i].sqlstate, tally->errors[i].count);
    }
    for (int i = 0; i < DIFFERENCES_MAX; i++) {
        total->meant[i] += tally->meant[i];
    }
}

void tally_print(const struct tally *tally)
{
    printf("%ld statements compared: %ld with rows, %ld commands; errors:", tally->statements,
           tally->rows, tally->commands);
    for (int i = 0; i < SQLSTATES_MAX && tally->errors[i].count > 0; i++) {
        printf(" %s %ld", tally->errors[i].sqlstate, tally->errors[i].count);
    }
    printf("\nmeant differences:");
    for (size_t i = 0; i < differences_count(); i++) {
        if (tally->meant[i] > 0) {
            printf(" %s %ld", difference_at(i)->name, tally->meant[i]);
        }
    }
    printf("\nunexpected differences: %ld\n", tally->unexpected);
}
