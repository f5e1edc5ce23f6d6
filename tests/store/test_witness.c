/* The file that remembers ceilings. */
#include "store/witness.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define G1 "11111111111111111111111111111111"
#define G2 "22222222222222222222222222222222"

static char directory[] = "/tmp/seqd-test-XXXXXX", why[128];

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status, (void)flag, (void)walk;
    return remove(path);
}

static void setup(void)
{
    cr_assert_not_null(mkdtemp(directory));
}

static void teardown(void)
{
    nftw(directory, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

TestSuite(witness, .init = setup, .fini = teardown, .timeout = 20);

static struct witness *reopen(struct witness *witness)
{
    witness_close(witness);
    witness = witness_open(directory, why, sizeof why);
    cr_assert_not_null(witness, "%s", why);
    return witness;
}

static void expect_known(struct witness *witness, const char *generation, int64_t ordinal,
                         int64_t ceiling)
{
    int64_t known_ordinal = -1, known_ceiling = -1;
    cr_assert(witness_find(witness, generation, &known_ordinal, &known_ceiling));
    cr_expect_eq(known_ordinal, ordinal);
    cr_expect_eq(known_ceiling, ceiling);
}

static void append(const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/ceilings", directory);
    FILE *file = fopen(path, "a");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

Test(witness, remembers_the_last_of_each_generation_after_it_was_closed)
{
    int64_t ordinal, ceiling;
    struct witness *witness = reopen(NULL);
    cr_expect_not(witness_find(witness, G1, &ordinal, &ceiling));
    witness_note(witness, G1, 10, 100);
    witness_note(witness, G2, 1, 9223372036854775807);
    witness_note(witness, G1, 90, 200);
    cr_expect(witness_sync(witness));
    witness = reopen(reopen(witness));
    expect_known(witness, G1, 90, 200);
    expect_known(witness, G2, 1, 9223372036854775807);
    witness_close(witness);
}

Test(witness, ignores_a_line_that_was_cut_and_one_that_is_no_line)
{
    int64_t ordinal, ceiling;
    struct witness *witness = reopen(NULL);
    witness_note(witness, G1, 10, 100);
    cr_expect(witness_sync(witness));
    append("rubbish\n" G1 " 500 400\n" G2 " 1 5");
    witness = reopen(witness);
    expect_known(witness, G1, 10, 100);
    cr_expect_not(witness_find(witness, G2, &ordinal, &ceiling));
    witness_close(witness);
}

Test(witness, is_one_nodes_own)
{
    struct witness *witness = reopen(NULL);
    cr_expect_null(witness_open(directory, why, sizeof why));
    cr_expect_str_eq(why, "another seqd uses it");
    witness_close(witness);
    cr_expect_null(witness_open("/nowhere/at/all", why, sizeof why));
    cr_expect_str_eq(why, "No such file or directory");
}

Test(witness, none_remembers_nothing)
{
    int64_t ordinal, ceiling;
    witness_note(NULL, G1, 1, 2);
    cr_expect(witness_sync(NULL));
    cr_expect_not(witness_find(NULL, G1, &ordinal, &ceiling));
}
