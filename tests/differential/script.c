/* Statement files: see script.h. */
#include "tests/differential/script.h"

#include "tests/differential/differences.h"
#include "tests/differential/text.h"
#include "tests/process/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void script_open(struct script *script, const char *path)
{
    *script = (struct script){.path = path, .file = fopen(path, "r")};
    if (script->file == NULL) {
        die("%s: %s", path, strerror(errno));
    }
}

void script_close(struct script *script)
{
    fclose(script->file);
    free(script->line);
}

static _Noreturn void malformed(const struct script *script, const char *what)
{
    die("%s:%d: %s: %s", script->path, script->number, what, script->line);
}

static bool next_line(struct script *script)
{
    const ssize_t length = getline(&script->line, &script->line_size, script->file);
    if (length < 0) {
        return false;
    }
    if (length > 0 && script->line[length - 1] == '\n') {
        script->line[length - 1] = '\0';
    }
    script->number++;
    return true;
}

/* What follows the directive; NULL when the line is not it. */
static const char *directive(const struct script *script, const char *name)
{
    const size_t length = strlen(name);
    if (strncmp(script->line, name, length) != 0 ||
        (script->line[length] != ' ' && script->line[length] != '\0')) {
        return NULL;
    }
    return script->line + length + strspn(script->line + length, " ");
}

/* NAME => OUTCOME */
static void read_difference(struct script *script, const char *words,
                            struct script_statement *statement)
{
    char name[64];
    const size_t length = strcspn(words, " ");
    const char *expected = strstr(words, " => ");
    if (length >= sizeof name || expected == NULL) {
        malformed(script, "not NAME => OUTCOME");
    }
    memcpy(name, words, length);
    name[length] = '\0';
    statement->difference = difference_find(name);
    statement->expected = strdup(expected + 4);
    if (statement->difference < 0) {
        malformed(script, "not in differences.txt");
    }
}

/* Lines until \end. */
static char *read_batch(struct script *script)
{
    struct text sql = {0};
    while (next_line(script)) {
        if (directive(script, "\\end") != NULL) {
            return sql.at;
        }
        text_add(&sql, "%s%s", sql.length > 0 ? "\n" : "", script->line);
    }
    malformed(script, "\\batch without \\end");
}

/* Lines until one that ends with ';', the first being at hand. */
static char *read_statement(struct script *script)
{
    struct text sql = {0};
    do {
        text_add(&sql, "%s%s", sql.length > 0 ? "\n" : "", script->line);
        if (sql.length > 0 && sql.at[sql.length - 1] == ';') {
            sql.at[sql.length - 1] = '\0';
            return sql.at;
        }
    } while (next_line(script));
    malformed(script, "a statement without ';'");
}

static void read_session(struct script *script, const char *name)
{
    const bool none = strcmp(name, "-") == 0;
    if (!none && (name[0] < 'a' || name[0] >= 'a' + SESSIONS || name[1] != '\0')) {
        malformed(script, "a session is a letter from a on, or -");
    }
    script->session = none ? SESSION_NONE : name[0] - 'a';
}

static void read_directive(struct script *script, struct script_statement *statement)
{
    const char *words;
    if ((words = directive(script, "\\session")) != NULL) {
        read_session(script, words);
    } else if ((words = directive(script, "\\differs")) != NULL) {
        read_difference(script, words, statement);
    } else if (directive(script, "\\shard") != NULL) {
        statement->shard = true;
    } else if (directive(script, "\\batch") != NULL) {
        statement->line = script->number;
        statement->sql = read_batch(script);
    } else {
        malformed(script, "no such directive");
    }
}

bool script_next(struct script *script, struct script_statement *statement)
{
    *statement = (struct script_statement){.file = script->path, .difference = -1};
    while (statement->sql == NULL) {
        if (!next_line(script)) {
            if (statement->difference >= 0 || statement->shard) {
                malformed(script, "a directive without its statement");
            }
            return false;
        }
        if (script->line[0] == '\\') {
            read_directive(script, statement);
        } else if (script->line[0] != '\0' && strncmp(script->line, "-- ", 3) != 0) {
            statement->line = script->number;
            statement->sql = read_statement(script);
        }
    }
    statement->session = script->session;
    return true;
}

void script_statement_free(struct script_statement *statement)
{
    free(statement->sql);
    free(statement->expected);
}
