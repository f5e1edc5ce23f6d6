/*
 * One JSON object a line on standard error: {"time": RFC 3339 with microseconds,
 * "level", "event", ...fields}. Everything a client or a server sent is escaped
 * (RFC 8259, section 7), so one event is one line whatever is in it.
 *
 * It lives in the lowest layer because every layer tells what happens to it.
 * Thread-safe: a line is one write(2).
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Lines below the level are dropped. Default: info. */
void log_set_level(enum log_level level);
bool log_level_parse(const char *text, enum log_level *level);

/* One member of a line. */
struct log_field {
    const char *key;
    const char *text; /* NULL: the number is meant */
    int64_t number;
};

#define LOG_TEXT(key, text)     ((struct log_field){(key), (text), 0})
#define LOG_NUMBER(key, number) ((struct log_field){(key), NULL, (number)})

/* `fields` ends with a row whose key is NULL; NULL: no fields. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* LOG(WARN, "redis_disconnected", LOG_TEXT("why", why), LOG_NUMBER("pid", pid));
 * an event without fields: log_write(LOG_LEVEL_INFO, "ready", NULL). */
#define LOG(level, event, ...)                                                                     \
    log_write(LOG_LEVEL_##level, (event), (const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})

#endif
