/* What the values of single options look like. Pure functions of config.c. */
#ifndef SERVICE_CONFIG_SYNTAX_H
#define SERVICE_CONFIG_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/* IPV4:PORT, [IPV6]:PORT, HOST:PORT (0..65535), or unix:PATH that a socket can have. */
bool is_listen_address(const char *text);

/* Only the scheme, redis:// or unix:///, and that something follows it: whoever
 * connects knows the rest. */
bool is_redis_url(const char *text);

/* 1 to 64 printable ASCII characters without braces and spaces. */
bool is_key_prefix(const char *text);

/* Writes `text` for an error message: quoted, cut at `size`, control characters
 * replaced. What could be a URL may hold a password, whichever option it was given to by
 * mistake, and errors end up in logs: such a text is not shown. */
void quote_value(const char *text, char *quoted, size_t size);

/* Levenshtein's distance of two short names; SIZE_MAX where `length` is 64 or more. */
size_t edit_distance(const char *name, const char *typed, size_t length);

#endif
