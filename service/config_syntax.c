#include "service/config_syntax.h"

#include "store/redis_link.h"

#include "store/decimal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define LONGEST_NAME 64

/* RFC 1123's labels, and the underscore that container networks use. */
static bool is_host_name(const char *text)
{
    size_t label = 0;
    for (const char *byte = text; *byte != '\0'; byte++) {
        bool edge = label == 0 || byte[1] == '.' || byte[1] == '\0';
        if (*byte == '.' && label > 0 && byte[1] != '\0')
            label = 0;
        else if ((isalnum((unsigned char)*byte) || *byte == '_' || (*byte == '-' && !edge)) &&
                 label < 63)
            label++;
        else
            return false;
    }
    return label > 0 && strlen(text) <= 253;
}

static bool is_host(char *text)
{
    unsigned char address[sizeof(struct in6_addr)];
    size_t length = strlen(text);
    if (text[0] == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        return inet_pton(AF_INET6, text + 1, address) == 1;
    }
    if (strspn(text, "0123456789.") == length)
        return inet_pton(AF_INET, text, address) == 1;
    return is_host_name(text);
}

static bool is_port(const char *text)
{
    int64_t port = -1;
    return decimal_parse(text, strlen(text), &port) == DECIMAL_OK && port >= 0 && port <= 65535;
}

bool is_listen_address(const char *text)
{
    if (strncmp(text, "unix:", 5) == 0)
        return text[5] != '\0' && strlen(text + 5) < sizeof((struct sockaddr_un){0}).sun_path;
    char host[256];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    return is_host(host) && is_port(colon + 1);
}

bool is_redis_url(const char *text)
{
    for (const char *byte = text; *byte != '\0'; byte++)
        if (iscntrl((unsigned char)*byte) || *byte == ' ')
            return false;
    struct redis_address address;
    char why[128];
    bool parsed = redis_address_parse(text, &address, why, sizeof why);
    if (parsed)
        redis_address_deinit(&address);
    return parsed;
}

bool is_key_prefix(const char *text)
{
    for (const char *byte = text; *byte != '\0'; byte++)
        if (*byte <= ' ' || *byte > '~' || *byte == '{' || *byte == '}')
            return false;
    return *text != '\0' && strlen(text) <= 64;
}

void quote_value(const char *text, char *quoted, size_t size)
{
    if (strstr(text, "://") || strchr(text, '@')) {
        snprintf(quoted, size, "a value that is not shown as it may hold a password");
        return;
    }
    snprintf(quoted, size, "\"%.100s\"", text);
    for (char *byte = quoted; *byte != '\0'; byte++)
        if (iscntrl((unsigned char)*byte))
            *byte = '?';
}

/* One row of the dynamic programme at a time. */
size_t edit_distance(const char *name, const char *typed, size_t length)
{
    size_t row[LONGEST_NAME];
    if (length >= LONGEST_NAME)
        return SIZE_MAX;
    for (size_t i = 0; i <= length; i++)
        row[i] = i;
    for (size_t j = 1; name[j - 1] != '\0'; j++) {
        size_t diagonal = row[0];
        row[0] = j;
        for (size_t i = 1; i <= length; i++) {
            size_t replaced = diagonal + (name[j - 1] != typed[i - 1]);
            size_t skipped = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
            diagonal = row[i];
            row[i] = replaced < skipped ? replaced : skipped;
        }
    }
    return row[length];
}
