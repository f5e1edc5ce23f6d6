/*
 * A line is built in a buffer of the caller's stack and written at once: no lock,
 * and no heap that could fail. What does not fit is cut where the JSON stays
 * valid: a long text ends in "...", a field without room is left out and the line
 * says "truncated": true.
 */
#include "store/log.h"

#include "store/decimal.h"
#include "store/utf8.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096 /* PIPE_BUF: Linux keeps a write of up to this whole in a pipe */
#define TEXT_BYTES 1024 /* of one text, escaped */

static const char truncated[] = ",\"truncated\":true";
static const char line_end[] = "}\n";

#define TAIL_BYTES (sizeof truncated - 1 + sizeof line_end - 1)

struct line {
    size_t length;
    char bytes[LINE_BYTES];
};

static const char *const level_names[] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

/* Written by whoever configures, read by every thread that logs. It guards no
 * other memory, so relaxed is enough. */
static atomic_int lowest_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lowest_level, (int)level, memory_order_relaxed);
}

bool log_level_parse(const char *text, enum log_level *level)
{
    for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* What is left in front of the tail, which always finds its place. */
static size_t room(const struct line *line)
{
    return LINE_BYTES - TAIL_BYTES - line->length;
}

static bool put(struct line *line, const char *bytes, size_t count)
{
    if (count > room(line))
        return false;
    memcpy(line->bytes + line->length, bytes, count);
    line->length += count;
    return true;
}

static bool put_string(struct line *line, const char *string)
{
    return put(line, string, strlen(string));
}

/* The escaped form of the first character of `text`. Returns the form's length
 * and says how many bytes of the text it stands for. */
static size_t escape(const char *text, char form[sizeof "\\u00ff"], size_t *taken)
{
    unsigned char lead = (unsigned char)text[0];
    size_t length = utf8_length(text, strnlen(text, 4));
    *taken = length == 0 ? 1 : length;
    if (lead == '"' || lead == '\\') {
        form[0] = '\\';
        form[1] = text[0];
        return 2;
    }
    if (length == 0 || lead < 0x20 || lead == 0x7f)
        return (size_t)snprintf(form, sizeof "\\u00ff", "\\u%04x", lead);
    memcpy(form, text, length);
    return length;
}

static bool put_text(struct line *line, const char *text)
{
    static const char cut[] = "...\"";
    const size_t around = 1 + sizeof cut - 1;
    if (room(line) < around)
        return false;
    size_t left = room(line) - around < TEXT_BYTES ? room(line) - around : TEXT_BYTES;

    put_string(line, "\"");
    while (*text != '\0') {
        char form[sizeof "\\u00ff"];
        size_t taken;
        size_t length = escape(text, form, &taken);
        if (length > left)
            return put_string(line, cut);
        put(line, form, length);
        left -= length;
        text += taken;
    }
    return put_string(line, "\"");
}

static bool put_number(struct line *line, int64_t number)
{
    char digits[DECIMAL_SIZE];
    return put(line, digits, decimal_write(digits, number));
}

/* All of the field or nothing. */
static bool put_field(struct line *line, const struct log_field *field)
{
    size_t before = line->length;
    if (put_string(line, ",") && put_text(line, field->key) && put_string(line, ":") &&
        (field->text == NULL ? put_number(line, field->number) : put_text(line, field->text)))
        return true;
    line->length = before;
    return false;
}

/* The members that every line has; they always fit. */
static void put_head(struct line *line, enum log_level level, const char *event)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    char second[sizeof "2026-01-31T23:59:59" + 8]; /* room for years that are not 4 digits */
    if (strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        second[0] = '\0';

    char head[96];
    snprintf(head, sizeof head, "{\"time\":\"%s.%06ldZ\",\"level\":\"%s\",\"event\":", second,
             now.tv_nsec / 1000, level_names[level]);
    put_string(line, head);
    put_text(line, event);
}

/* Into the place that room() keeps free. */
static void put_tail(struct line *line, const char *bytes, size_t count)
{
    memcpy(line->bytes + line->length, bytes, count);
    line->length += count;
}

static void put_fields(struct line *line, const struct log_field *fields)
{
    bool whole = true;
    for (const struct log_field *field = fields; field != NULL && field->key != NULL; field++)
        if (!put_field(line, field))
            whole = false;

    if (!whole)
        put_tail(line, truncated, sizeof truncated - 1);
    put_tail(line, line_end, sizeof line_end - 1);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed))
        return;
    int saved_errno = errno; /* a caller may still want to look at it */
    struct line line;
    line.length = 0;
    put_head(&line, level, event);
    put_fields(&line, fields);

    ssize_t written;
    do
        written = write(STDERR_FILENO, line.bytes, line.length);
    while (written < 0 && errno == EINTR);
    errno = saved_errno;
}
