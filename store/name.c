#include "store/name.h"

#include <stdio.h>
#include <string.h>

/* Of a refused name, so many bytes are shown: the longest part and one more. */
#define SHOWN_BYTES 64
#define SHOWN_SIZE  (4 * SHOWN_BYTES + sizeof "...")

#define DEFAULT_SCHEMA "public"

/* Not isalpha(): a name means the same in every locale. */
static bool is_first(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_later(char byte)
{
    return is_first(byte) || (byte >= '0' && byte <= '9') || byte == '$' || byte == '-';
}

/* The length of the part that `text` begins with; 0 when there is none. */
static size_t part_length(const char *text, size_t length)
{
    if (length == 0 || !is_first(text[0]))
        return 0;
    size_t count = 1;
    while (count < length && is_later(text[count]))
        count++;
    return count <= NAME_PART_MAX ? count : 0;
}

/* How many parts, joined by single dots, make up the whole text; 0 when it is
 * anything else. `*last` is where the last part begins. */
static size_t count_parts(const char *text, size_t length, size_t *last)
{
    size_t at = 0;
    for (size_t parts = 1;; parts++) {
        size_t part = part_length(text + at, length - at);
        if (part == 0)
            return 0;
        *last = at;
        at += part;
        if (at == length)
            return parts;
        if (text[at] != '.')
            return 0;
        at++;
    }
}

/* Makes any bytes fit to print on one line; backslashes and quotes are escaped
 * too, so that the reader can tell where the name ends. */
static void show(char shown[SHOWN_SIZE], const char *text, size_t length)
{
    size_t count = length <= SHOWN_BYTES ? length : SHOWN_BYTES;
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool plain = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
        end += (size_t)snprintf(shown + end, SHOWN_SIZE - end, plain ? "%c" : "\\x%02x", byte);
    }
    snprintf(shown + end, SHOWN_SIZE - end, "%s", count < length ? "..." : "");
}

static bool refuse(const char *text, size_t length, struct failure *failure)
{
    char shown[SHOWN_SIZE];
    show(shown, text, length);
    failure_set(failure, ERROR_INVALID_NAME,
                "invalid name \"%s\": a name is name or schema.name, each part a letter or _ "
                "and then up to %d of A-Z a-z 0-9 _ $ -",
                shown, NAME_PART_MAX - 1);
    return false;
}

bool name_parse(const char *text, size_t length, struct seq_name *name, struct failure *failure)
{
    size_t last;
    size_t parts = count_parts(text, length, &last);
    if (parts != 1 && parts != 2)
        return refuse(text, length, failure);

    const size_t schema = sizeof DEFAULT_SCHEMA; /* with the dot in the NUL's place */
    if (last == schema && memcmp(text, DEFAULT_SCHEMA ".", schema) == 0) {
        text += schema;
        length -= schema;
    }
    memcpy(name->text, text, length);
    name->text[length] = '\0';
    name->length = (unsigned char)length;
    return true;
}

const char *name_bare(const struct seq_name *name)
{
    const char *dot = strchr(name->text, '.');
    return dot == NULL ? name->text : dot + 1;
}

bool name_is_part(const char *text, size_t length)
{
    return length > 0 && part_length(text, length) == length;
}

bool name_make(const char *schema, size_t schema_length, const char *bare, struct seq_name *name,
               struct failure *failure)
{
    char text[NAME_MAX_BYTES + 1];
    if (!name_is_part(bare, strlen(bare)))
        return refuse(bare, strlen(bare), failure);
    if (schema_length > 0 && !name_is_part(schema, schema_length))
        return refuse(schema, schema_length, failure);
    int length = snprintf(text, sizeof text, "%.*s%s%s", (int)schema_length, schema,
                          schema_length > 0 ? "." : "", bare);
    return name_parse(text, (size_t)length, name, failure);
}

bool name_is_column(const char *text, size_t length)
{
    size_t last;
    size_t parts = count_parts(text, length, &last);
    return parts == 2 || parts == 3;
}
