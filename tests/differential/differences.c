/* The differences that are meant: see differences.h. */
#include "tests/differential/differences.h"

#include "tests/process/process.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct difference list[DIFFERENCES_MAX];
static size_t count;

/* ---- the list ---- */

/* "sql NAME" or "rest NAME" begins an entry; indented lines are its reason. */
static void read_line(const char *path, const char *line, bool *reasoned)
{
    char where[8], name[64];
    if (line[0] == '#' || line[0] == '\0') {
        return;
    }
    if (isspace((unsigned char)line[0])) {
        *reasoned = true;
        return;
    }
    if (!*reasoned || count == DIFFERENCES_MAX || sscanf(line, "%7s %63s", where, name) != 2 ||
        (strcmp(where, "sql") != 0 && strcmp(where, "rest") != 0)) {
        die("%s: not an entry with a reason: %s", path, line);
    }
    struct difference *difference = &list[count++];
    difference->where = strcmp(where, "rest") == 0 ? DIFFERENCE_REST : DIFFERENCE_SQL;
    snprintf(difference->name, sizeof difference->name, "%s", name);
    *reasoned = false;
}

void differences_read(const char *path)
{
    char *text = file_read(path), *rest = text, *line;
    bool reasoned = true;
    if (text == NULL) {
        die("no %s", path);
    }
    while ((line = strsep(&rest, "\n")) != NULL) {
        read_line(path, line, &reasoned);
    }
    if (!reasoned) {
        die("%s: the last entry has no reason", path);
    }
    free(text);
}

size_t differences_count(void)
{
    return count;
}

const struct difference *difference_at(size_t number)
{
    return &list[number];
}

int difference_find(const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- by REST ---- */

static bool is_error(const struct outcome *outcome, const char *sqlstate)
{
    return outcome->failed && strcmp(outcome->sqlstate, sqlstate) == 0;
}

/* A number past int64 is refused where JSON is read. */
static bool number_first(const struct operation *operation, const struct outcome *postgres,
                         const struct outcome *seqd)
{
    static const char tail[] = "is out of range for type bigint";
    (void)operation;
    return is_error(seqd, "22003") && strstr(text_of(&seqd->message), tail) != NULL &&
           (postgres->failed || postgres->notices.length > 0);
}

int difference_explains(const struct operation *operation, const struct outcome *postgres,
                        const struct outcome *seqd)
{
    static const struct {
        const char *name;
        bool (*explains)(const struct operation *operation, const struct outcome *postgres,
                         const struct outcome *seqd);
    } known[] = {
        {"rest_number_first", number_first},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].explains(operation, postgres, seqd)) {
            return difference_find(known[i].name);
        }
    }
    return -1;
}
