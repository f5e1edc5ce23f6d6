/* What must hold whatever the text is; abort() when it does not. */
#ifndef TESTS_FUZZ_CHECK_H
#define TESTS_FUZZ_CHECK_H

#include "tests/fuzz/walk.h"

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool fine, const char *what, const char *file, int line);

void check_utf8(const char *text);
void check_name(const struct seq_name *name);
void check_object(const struct object *object);
void check_failure(const struct walk *walk, const struct failure *failure);
void check_notices(const struct notices *notices);

/* A piece of the statement, and what is written instead of it. */
struct change {
    const char *at;
    size_t length;
    size_t begin, end; /* in what was written */
};

/* Reads what was written, piece by piece, beside the statement that it was made of. */
struct comparison {
    const struct walk *walk;
    struct text written;
    const char *at; /* in the statement */
    size_t read;    /* of what was written */
    struct change *changes;
    size_t count, capacity;
};

/* `json` is the inside of a JSON string. */
void comparison_begin(struct comparison *comparison, const struct walk *walk,
                      const struct text *json);
/* Up to `at` nothing has changed. */
void compare_same(struct comparison *comparison, const char *at);
/* That stands there now. */
void compare_word(struct comparison *comparison, const char *word);
/* A number, as it may be written in an expression. */
int64_t compare_number(struct comparison *comparison);
/* Between compare_same() and this: what `length` bytes were replaced by. */
void compare_change(struct comparison *comparison, size_t length);
/* The rest is the same; outside of the changes every token is still the same one. The new
 * statement can be parsed (false: it cannot, and nor could the shard have parsed the old one),
 * and is left in `again`, whose arena is to be destroyed. */
bool comparison_end(struct comparison *comparison, struct walk *again);

#endif
