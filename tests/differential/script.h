/*
 * Statement files. A statement ends where a line ends with ';', which is not sent
 * (";;" sends one). Lines that begin with "-- " between statements are comments. A line
 * that begins with a backslash is a directive:
 *
 *     \session b               the statements that follow are of another session; a is
 *                              the first one; - is a new session for each statement
 *     \differs NAME => OUTCOME the next statement differs, as differences.txt says of
 *                              NAME, and this is seqd's outcome (outcome.h); of an
 *                              error, and of what ends with "...", only the beginning
 *     \shard                   the next statement is not for seqd, but for the database
 *                              that gets what seqd made of tables' statements
 *     \batch ... \end          the lines between are sent as one text
 */
#ifndef TESTS_DIFFERENTIAL_SCRIPT_H
#define TESTS_DIFFERENTIAL_SCRIPT_H

#include <stdbool.h>
#include <stdio.h>

enum { SESSIONS = 8, SESSION_NONE = -1 };

struct script_statement {
    const char *file;
    int line;
    int session; /* 0 is a; or SESSION_NONE */
    bool shard;
    char *sql;
    int difference; /* its number, or -1 */
    char *expected; /* seqd's outcome; NULL without a difference */
};

struct script {
    const char *path;
    FILE *file;
    char *line; /* the one at hand, without its end */
    size_t line_size;
    int number, session;
};

void script_open(struct script *script, const char *path);
/* False at the end. Dies when the file is not well-formed. */
bool script_next(struct script *script, struct script_statement *statement);
void script_statement_free(struct script_statement *statement);
void script_close(struct script *script);

#endif
