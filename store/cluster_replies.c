/* What a Cluster's servers answer: CLUSTER SLOTS, MOVED and ASK. Trusting nothing in it. */
#include "store/cluster.h"

#include "store/decimal.h"

#include <stdio.h>
#include <string.h>

/* --- Slots ------------------------------------------------------------------------------------ */

static uint16_t crc16(const char *text, size_t length)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc = (uint16_t)(crc ^ (unsigned)(unsigned char)text[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? (unsigned)crc << 1 ^ 0x1021 : (unsigned)crc << 1);
    }
    return crc;
}

int cluster_slot(const char *key)
{
    const char *open = strchr(key, '{');
    const char *close = open ? strchr(open, '}') : NULL;
    bool tagged = close && close > open + 1;
    return tagged ? crc16(open + 1, (size_t)(close - open) - 1) % CLUSTER_SLOTS
                  : crc16(key, strlen(key)) % CLUSTER_SLOTS;
}

/* --- Servers ---------------------------------------------------------------------------------- */

static bool name_host(struct server_name *server, const char *host, size_t length)
{
    if (length >= sizeof server->host || memchr(host, '\0', length))
        return false;
    memcpy(server->host, host, length);
    server->host[length] = '\0';
    return true;
}

/* "" and "?": it does not know its own address, and is where it was asked. */
static bool is_nowhere(const char *host, size_t length)
{
    return length == 0 || (length == 1 && host[0] == '?');
}

/* [host or nil, port, ...] */
static bool parse_server(const redisReply *reply, const struct server_name *asked,
                         struct server_name *server)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 ||
        reply->element[1]->type != REDIS_REPLY_INTEGER || reply->element[1]->integer < 1 ||
        reply->element[1]->integer > 65535)
        return false;
    const redisReply *host = reply->element[0];
    *server = *asked;
    server->port = (int)reply->element[1]->integer;
    if (host->type == REDIS_REPLY_NIL)
        return true;
    return host->type == REDIS_REPLY_STRING && (is_nowhere(host->str, (size_t)host->len) ||
                                                name_host(server, host->str, (size_t)host->len));
}

static int index_of(struct cluster_map *map, const struct server_name *server)
{
    size_t i = 0;
    while (i < map->count && (map->servers[i].port != server->port ||
                              strcmp(map->servers[i].host, server->host) != 0))
        i++;
    if (i == CLUSTER_PRIMARIES_MAX)
        return CLUSTER_NOBODY;
    if (i == map->count)
        map->servers[map->count++] = *server;
    return (int)i;
}

/* [first, last, primary, replicas...] */
static bool parse_range(const redisReply *range, const struct server_name *asked,
                        struct cluster_map *map)
{
    struct server_name server;
    if (range->type != REDIS_REPLY_ARRAY || range->elements < 3 ||
        range->element[0]->type != REDIS_REPLY_INTEGER ||
        range->element[1]->type != REDIS_REPLY_INTEGER)
        return false;
    long long first = range->element[0]->integer, last = range->element[1]->integer;
    if (first < 0 || last < first || last >= CLUSTER_SLOTS ||
        !parse_server(range->element[2], asked, &server))
        return false;
    int index = index_of(map, &server);
    for (long long slot = first; index >= 0 && slot <= last; slot++)
        map->owners[slot] = (int16_t)index;
    return index >= 0;
}

bool cluster_map_parse(const redisReply *reply, const struct server_name *asked,
                       struct cluster_map *map)
{
    map->count = 0;
    for (size_t slot = 0; slot < CLUSTER_SLOTS; slot++)
        map->owners[slot] = CLUSTER_NOBODY;
    if (reply->type != REDIS_REPLY_ARRAY)
        return false;
    for (size_t i = 0; i < reply->elements; i++)
        if (!parse_range(reply->element[i], asked, map))
            return false;
    return true;
}

/* --- Redirections ----------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    enum redirection redirection;
} redirections[] = {
    {"MOVED ", REDIRECTION_MOVED},
    {"ASK ", REDIRECTION_ASK},
    {"TRYAGAIN", REDIRECTION_TRY_AGAIN},
    {"CLUSTERDOWN", REDIRECTION_DOWN},
};

enum redirection redirection_of(const redisReply *reply)
{
    for (size_t i = 0; reply && reply->type == REDIS_REPLY_ERROR &&
                       i < sizeof redirections / sizeof *redirections;
         i++)
        if (strncmp(reply->str, redirections[i].prefix, strlen(redirections[i].prefix)) == 0)
            return redirections[i].redirection;
    return REDIRECTION_NONE;
}

/* "MOVED 3999 127.0.0.1:6381", "ASK 3999 :6381"; a host may have colons in it. */
bool redirection_parse(const char *error, struct server_name *server, int *slot)
{
    int64_t number, port;
    const char *text = strchr(error, ' ');
    const char *host = text ? strchr(text + 1, ' ') : NULL;
    const char *colon = host ? strrchr(host, ':') : NULL;
    if (!colon || decimal_parse(text + 1, (size_t)(host - text) - 1, &number) != DECIMAL_OK ||
        number < 0 || number >= CLUSTER_SLOTS ||
        decimal_parse(colon + 1, strlen(colon + 1), &port) != DECIMAL_OK || port < 1 ||
        port > 65535)
        return false;
    size_t length = (size_t)(colon - host) - 1;
    *slot = (int)number;
    server->port = (int)port;
    return is_nowhere(host + 1, length) || name_host(server, host + 1, length);
}

int cluster_follow(struct cluster *cluster, const char *error, int asked)
{
    struct server_name server = cluster_server(cluster, asked);
    int slot;
    if (!redirection_parse(error, &server, &slot))
        return CLUSTER_NOBODY;
    return cluster_name_server(cluster, &server, slot, error[0] == 'M');
}
