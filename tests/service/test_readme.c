/* The README's table of options is the program's own. */
#include "service/config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(readme);

static char *read_all(FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getdelim(&text, &size, '\0', file);
    cr_assert_gt(length, 0);
    return text;
}

Test(readme, its_table_of_options_is_the_one_that_the_program_prints)
{
    char *printed = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&printed, &size), *file = fopen("README.md", "r");
    cr_assert_not_null(file, "run from the repository's root");
    config_print_markdown(out);
    fclose(out);
    char *readme = read_all(file);
    fclose(file);
    cr_expect_not_null(strstr(readme, printed),
                       "the README's table of options is out of date; it must be:\n%s", printed);
    free(readme);
    free(printed);
}
