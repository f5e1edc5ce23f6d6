#include "handlers/sql/text.h"

#include "store/decimal.h"
#include "store/memory.h"

#include <stdio.h>

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

static char *reserve(struct text *text, size_t length)
{
    if (length > text->capacity - text->length) {
        text->capacity = 2 * (text->length + length) + 128;
        text->bytes = must_realloc(text->bytes, text->capacity);
    }
    return text->bytes + text->length;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(reserve(text, length), bytes, length);
    text->length += length;
}

void text_put(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_put_integer(struct text *text, int64_t value)
{
    text->length += decimal_write(reserve(text, DECIMAL_SIZE), value);
}

static bool needs_escape(char byte)
{
    return byte == '"' || byte == '\\' || (unsigned char)byte < 0x20;
}

static void add_escape(struct text *text, char byte)
{
    char form[sizeof "\\u0000"];
    if (byte == '"' || byte == '\\')
        snprintf(form, sizeof form, "\\%c", byte);
    else if (byte == '\n')
        snprintf(form, sizeof form, "\\n");
    else
        snprintf(form, sizeof form, "\\u%04x", (unsigned char)byte);
    text_put(text, form);
}

void text_add_escaped(struct text *text, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t plain = at;
        while (plain < length && !needs_escape(bytes[plain]))
            plain++;
        text_add(text, bytes + at, plain - at);
        if (plain < length)
            add_escape(text, bytes[plain++]);
        at = plain;
    }
}

void text_put_string(struct text *text, const char *string)
{
    text_add(text, "\"", 1);
    text_add_escaped(text, string, strlen(string));
    text_add(text, "\"", 1);
}
