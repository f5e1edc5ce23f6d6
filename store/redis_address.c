#include "store/cluster.h"
#include "store/decimal.h"
#include "store/memory.h"
#include "store/percent.h"
#include "store/redis_link.h"
#include "store/sentinel.h"

#include <stdio.h>
#include <string.h>

/* NULL on a bad escape, and on a NUL: what follows it would be lost. */
static char *decode(const char *text, size_t length)
{
    char *decoded = must_calloc(length + 1, 1);
    size_t decoded_length;
    if (percent_decode(text, length, decoded, &decoded_length) && strlen(decoded) == decoded_length)
        return decoded;
    free(decoded);
    return NULL;
}

static bool refuse(char *why, size_t why_size, const char *text)
{
    snprintf(why, why_size, "%s", text);
    return false;
}

static bool parse_number(const char *text, size_t length, int64_t min, int64_t max, int *number)
{
    int64_t value;
    if (decimal_parse(text, length, &value) != DECIMAL_OK || value < min || value > max)
        return false;
    *number = (int)value;
    return true;
}

static bool parse_credentials(const char *text, size_t length, struct redis_address *address)
{
    const char *colon = memchr(text, ':', length);
    if (!colon)
        return false; /* a user without a password */
    if (colon != text && !(address->user = decode(text, (size_t)(colon - text))))
        return false;
    address->password = decode(colon + 1, length - (size_t)(colon - text) - 1);
    return address->password != NULL;
}

/* host, host:port, [v6] or [v6]:port */
static bool parse_authority(const char *text, size_t length, int default_port,
                            struct redis_address *address)
{
    size_t host = length;
    const char *begin = text, *colon;
    if (length > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', length);
        if (!close)
            return false;
        begin = text + 1;
        host = (size_t)(close - begin);
        colon = close + 1 < text + length ? close + 1 : NULL;
        if (colon && *colon != ':')
            return false;
    } else {
        colon = memchr(text, ':', length);
        if (colon)
            host = (size_t)(colon - text);
    }
    address->port = default_port;
    if (host == 0 || (colon && !parse_number(colon + 1, (size_t)(text + length - colon) - 1, 1,
                                             65535, &address->port)))
        return false;
    address->host = decode(begin, host);
    return address->host != NULL;
}

static bool parse_tcp(const char *rest, struct redis_address *address, char *why, size_t why_size)
{
    size_t authority = strcspn(rest, "/?");
    const char *at = memrchr(rest, '@', authority);
    if (at && !parse_credentials(rest, (size_t)(at - rest), address))
        return refuse(why, why_size, "its user:password part is malformed");
    const char *host = at ? at + 1 : rest;
    if (!parse_authority(host, authority - (size_t)(host - rest), 6379, address))
        return refuse(why, why_size, "its host:port part is malformed");
    const char *database = rest + authority;
    if (*database == '/' && database[1] &&
        !parse_number(database + 1, strlen(database + 1), 0, INT32_MAX, &address->database))
        return refuse(why, why_size, "its database is not a number");
    return *database != '?' || refuse(why, why_size, "it has a query");
}

/* sentinel-user=..., sentinel-password=..., each at most once; "" is fine, too. */
static bool parse_sentinel_query(const char *text, struct redis_address *credentials)
{
    while (*text) {
        size_t length = strcspn(text, "&"), name = strcspn(text, "=");
        char **value = strncmp(text, "sentinel-user=", 14) == 0       ? &credentials->user
                       : strncmp(text, "sentinel-password=", 18) == 0 ? &credentials->password
                                                                      : NULL;
        if (!value || *value || !(*value = decode(text + name + 1, length - name - 1)))
            return false;
        text += length + (text[length] == '&');
    }
    return !credentials->user || credentials->password;
}

/* host[:port], with commas between them; all get the same credentials. */
static bool parse_sentinel_list(const char *text, size_t length,
                                const struct redis_address *credentials,
                                struct sentinels *sentinels)
{
    const char *end = text + length;
    for (;;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        if (sentinels->count == SENTINELS_MAX)
            return false;
        struct redis_address *sentinel = &sentinels->at[sentinels->count++];
        if (!parse_authority(text, (size_t)((comma ? comma : end) - text), 26379, sentinel))
            return false;
        if (credentials->user)
            sentinel->user = must_strdup(credentials->user);
        if (credentials->password)
            sentinel->password = must_strdup(credentials->password);
        if (!comma)
            return true;
        text = comma + 1;
    }
}

/* /master[/database], up to `end` */
static bool parse_master(const char *path, const char *end, struct redis_address *address,
                         char *why, size_t why_size)
{
    const char *name = path < end ? path + 1 : end;
    const char *slash = memchr(name, '/', (size_t)(end - name));
    size_t length = (size_t)((slash ? slash : end) - name);
    if (length == 0 || !(address->sentinels->master = decode(name, length)))
        return refuse(why, why_size, "its master's name is missing or malformed");
    if (slash && slash + 1 < end &&
        !parse_number(slash + 1, (size_t)(end - slash) - 1, 0, INT32_MAX, &address->database))
        return refuse(why, why_size, "its database is not a number");
    return true;
}

static bool parse_sentinels(const char *rest, struct redis_address *address, char *why,
                            size_t why_size)
{
    size_t authority = strcspn(rest, "/?"), query = strcspn(rest, "?");
    const char *at = memrchr(rest, '@', authority);
    struct redis_address credentials = {0};
    address->sentinels = must_calloc(1, sizeof *address->sentinels);
    if (at && !parse_credentials(rest, (size_t)(at - rest), address))
        return refuse(why, why_size, "its user:password part is malformed");
    const char *list = at ? at + 1 : rest;
    bool parsed = rest[query] == '\0' || parse_sentinel_query(rest + query + 1, &credentials);
    if (!parsed)
        refuse(why, why_size, "its query is not ?sentinel-user=...&sentinel-password=...");
    else if (!(parsed = parse_sentinel_list(list, authority - (size_t)(list - rest), &credentials,
                                            address->sentinels)))
        refuse(why, why_size, "its list of host:port is malformed or too long");
    redis_address_deinit(&credentials);
    return parsed && parse_master(rest + authority, rest + query, address, why, why_size);
}

/* host[:port], with commas between them. */
static bool parse_seeds(const char *text, size_t length, struct cluster *cluster)
{
    const char *end = text + length;
    for (;;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        struct redis_address seed = {0};
        if (cluster->seed_count == CLUSTER_SEEDS_MAX ||
            !parse_authority(text, (size_t)((comma ? comma : end) - text), 6379, &seed))
            return false;
        struct server_name *server = &cluster->seeds[cluster->seed_count++];
        bool fits = strlen(seed.host) < sizeof server->host;
        snprintf(server->host, sizeof server->host, "%s", seed.host);
        server->port = seed.port;
        redis_address_deinit(&seed);
        if (!fits || !comma)
            return fits;
        text = comma + 1;
    }
}

static bool parse_cluster(const char *rest, struct redis_address *address, char *why,
                          size_t why_size)
{
    size_t authority = strcspn(rest, "/?");
    const char *at = memrchr(rest, '@', authority);
    const char *list = at ? at + 1 : rest, *path = rest + authority;
    address->cluster = cluster_create();
    address->primary = address->slot = CLUSTER_NOBODY;
    if (at && !parse_credentials(rest, (size_t)(at - rest), address))
        return refuse(why, why_size, "its user:password part is malformed");
    if (!parse_seeds(list, authority - (size_t)(list - rest), address->cluster))
        return refuse(why, why_size, "its list of host:port is malformed or too long");
    if (strcmp(path, "") != 0 && strcmp(path, "/") != 0 && strcmp(path, "/0") != 0)
        return refuse(why, why_size, "a Redis Cluster has no database but 0, and takes no query");
    return true;
}

static bool parse_unix(const char *rest, struct redis_address *address, char *why, size_t why_size)
{
    size_t length = strcspn(rest, "?");
    if (rest[0] != '/' || length < 2 || !(address->path = decode(rest, length)))
        return refuse(why, why_size, "its path is not absolute");
    if (rest[length] && (strncmp(rest + length, "?db=", 4) != 0 ||
                         !parse_number(rest + length + 4, strlen(rest + length + 4), 0, INT32_MAX,
                                       &address->database)))
        return refuse(why, why_size, "its query is not ?db=number");
    return true;
}

bool redis_address_parse(const char *url, struct redis_address *address, char *why, size_t why_size)
{
    bool parsed;
    *address = (struct redis_address){0};
    if (strncmp(url, "redis://", 8) == 0)
        parsed = parse_tcp(url + 8, address, why, why_size);
    else if (strncmp(url, "redis+sentinel://", 17) == 0)
        parsed = parse_sentinels(url + 17, address, why, why_size);
    else if (strncmp(url, "redis+cluster://", 16) == 0)
        parsed = parse_cluster(url + 16, address, why, why_size);
    else if (strncmp(url, "unix://", 7) == 0)
        parsed = parse_unix(url + 7, address, why, why_size);
    else
        parsed = refuse(why, why_size,
                        "it begins with none of redis://, redis+sentinel://, redis+cluster:// "
                        "and unix://");
    if (!parsed)
        redis_address_deinit(address);
    return parsed;
}

static void sentinels_destroy(struct sentinels *sentinels)
{
    for (size_t i = 0; i < sentinels->count; i++)
        redis_address_deinit(&sentinels->at[i]);
    free(sentinels->master);
    free(sentinels);
}

void redis_address_deinit(struct redis_address *address)
{
    if (address->sentinels)
        sentinels_destroy(address->sentinels);
    if (address->cluster)
        cluster_destroy(address->cluster);
    free(address->host);
    free(address->path);
    free(address->user);
    free(address->password);
    *address = (struct redis_address){0};
}

static void print_sentinels(const struct sentinels *sentinels, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s of ", sentinels->master);
    for (size_t i = 0; i < sentinels->count && length + 1 < size; i++) {
        if (i > 0)
            text[length++] = ',';
        redis_address_print(&sentinels->at[i], text + length, size - length);
        length += strlen(text + length);
    }
}

static void print_seeds(const struct cluster *cluster, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "cluster of ");
    for (size_t i = 0; i < cluster->seed_count && length + 1 < size; i++) {
        const struct server_name *seed = &cluster->seeds[i];
        snprintf(text + length, size - length, strchr(seed->host, ':') ? "%s[%s]:%d" : "%s%s:%d",
                 i > 0 ? "," : "", seed->host, seed->port);
        length += strlen(text + length);
    }
}

void redis_address_print(const struct redis_address *address, char *text, size_t size)
{
    if (address->sentinels)
        print_sentinels(address->sentinels, text, size);
    else if (address->cluster)
        print_seeds(address->cluster, text, size);
    else if (address->path)
        snprintf(text, size, "unix:%s", address->path);
    else
        snprintf(text, size, strchr(address->host, ':') ? "[%s]:%d" : "%s:%d", address->host,
                 address->port);
}
