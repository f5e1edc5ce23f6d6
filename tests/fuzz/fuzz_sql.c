/* libFuzzer's side of tests/fuzz/: make fuzz. */
#include "store/utf8.h"
#include "tests/fuzz/check.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* handlers/sql.c refuses what is not UTF-8, and NULs: those bytes become others here, so that
 * no execution is wasted on them. In memory of the text's own size: a byte past it is found. */
static char *make_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1);
    memcpy(text, data, size);
    for (size_t at = 0; at < size;) {
        size_t length = utf8_length(text + at, size - at);
        if (length == 0)
            text[at] = '?';
        else if (text[at] == '\0')
            text[at] = ' ';
        at += length ? length : 1;
    }
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct walk walk;
    char *text = make_text(data, size);
    walk_text(&walk, text, size, true);
    free(text);
    return 0;
}
