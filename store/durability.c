#include "store/durability.h"

#include "store/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLICAS_MAX 100

static bool parse_replicas(const char *text, int64_t *replicas)
{
    return strncmp(text, "replicas:", 9) == 0 &&
           decimal_parse(text + 9, strlen(text + 9), replicas) == DECIMAL_OK && *replicas >= 1 &&
           *replicas <= REPLICAS_MAX;
}

bool durability_parse(const char *text, struct durability *durability)
{
    *durability = (struct durability){0};
    if (strcmp(text, "none") == 0)
        return true;
    durability->automatic = strcmp(text, "auto") == 0;
    durability->fsync = strncmp(text, "fsync", 5) == 0;
    if (durability->automatic || strcmp(text, "fsync") == 0)
        return true;
    return parse_replicas(text + (strncmp(text, "fsync+", 6) == 0 ? 6 : 0), &durability->replicas);
}

/* --- What the server says of itself ------------------------------------------------------ */

struct facts {
    bool has_aof, has_waitaof;
    bool settings_known;      /* CONFIG GET may be forbidden */
    char appendfsync[16];     /* or "" */
    bool pauses_for_rewrites; /* no-appendfsync-on-rewrite */
    char eviction[32];
    int64_t replicas; /* connected now, and up to date */
    char run_id[48];
};

/* The value of "name:value\r\n" in INFO's text; "" when there is none. */
static void info_value(const char *info, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *line = info; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, size, "%.*s", (int)strcspn(line + length + 1, "\r\n"),
                     line + length + 1);
            return;
        }
    }
}

static bool info(redisContext *context, const char *section, char **text)
{
    redisReply *reply = redisCommand(context, "INFO %s", section);
    bool fine = reply && (reply->type == REDIS_REPLY_STRING);
    *text = fine ? strdup(reply->str) : NULL;
    if (reply)
        freeReplyObject(reply);
    return *text != NULL;
}

static bool is_7_2(const char *version)
{
    char *rest;
    long major = strtol(version, &rest, 10);
    long minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    return major > 7 || (major == 7 && minor >= 2);
}

/* "slave0:ip=...,state=online,...": one that is being filled yet acknowledges nothing. */
static bool count_replicas(redisContext *context, int64_t *replicas)
{
    static const char online[] = ",state=online,";
    char *text;
    *replicas = 0;
    if (!info(context, "replication", &text))
        return false;
    for (const char *at = text; (at = strstr(at, online)); at += sizeof online - 1)
        ++*replicas;
    free(text);
    return true;
}

/* False: it does not answer, or may not be asked. */
static bool learn_info(redisContext *context, struct facts *facts)
{
    char version[32], has_aof[8], *text;
    const struct {
        const char *section, *name;
        char *value;
        size_t size;
    } wanted[] = {
        {"server", "redis_version", version, sizeof version},
        {"server", "run_id", facts->run_id, sizeof facts->run_id},
        {"persistence", "aof_enabled", has_aof, sizeof has_aof},
        {"memory", "maxmemory_policy", facts->eviction, sizeof facts->eviction},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!info(context, wanted[i].section, &text))
            return false;
        info_value(text, wanted[i].name, wanted[i].value, wanted[i].size);
        free(text);
    }
    facts->has_waitaof = is_7_2(version);
    facts->has_aof = strcmp(has_aof, "1") == 0;
    return count_replicas(context, &facts->replicas);
}

/* False: the connection is gone. What may not be asked stays "". */
static bool config_get(redisContext *context, const char *name, char *value, size_t size)
{
    redisReply *reply = redisCommand(context, "CONFIG GET %s", name);
    value[0] = '\0';
    if (!reply)
        return false;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
        reply->element[1]->type == REDIS_REPLY_STRING)
        snprintf(value, size, "%s", reply->element[1]->str);
    freeReplyObject(reply);
    return true;
}

static bool learn(redisContext *context, struct facts *facts)
{
    char pauses[8];
    *facts = (struct facts){0};
    if (!learn_info(context, facts) ||
        !config_get(context, "appendfsync", facts->appendfsync, sizeof facts->appendfsync) ||
        !config_get(context, "no-appendfsync-on-rewrite", pauses, sizeof pauses))
        return false;
    facts->settings_known = facts->appendfsync[0] && pauses[0];
    facts->pauses_for_rewrites = strcmp(pauses, "yes") == 0;
    return true;
}

/* --- What follows from it ------------------------------------------------------------------ */

/* Why it does not keep what it has on its disk; NULL: it does. */
static const char *no_fsync(const struct facts *facts)
{
    if (!facts->has_aof)
        return "it has no append-only file; set appendonly yes";
    if (facts->settings_known && strcmp(facts->appendfsync, "no") == 0)
        return "its appendfsync is no; set everysec or always";
    if (facts->pauses_for_rewrites)
        return "its no-appendfsync-on-rewrite is yes, which stops fsync while the file is "
               "rewritten; set no";
    return NULL;
}

static void describe(struct surety *surety, const struct facts *facts, bool fsync)
{
    char replicas[32] = "", disk[64] = "";
    if (fsync)
        snprintf(disk, sizeof disk, "fsync (appendfsync %s)",
                 facts->settings_known ? facts->appendfsync : "not readable");
    if (surety->replicas > 0)
        snprintf(replicas, sizeof replicas, "%sreplicas:%" PRId64, fsync ? " + " : "",
                 surety->replicas);
    snprintf(surety->text, sizeof surety->text, "%s%s%s", disk, replicas,
             surety->guarded ? "" : "none");
}

static void choose(struct surety *surety, const struct facts *facts, bool fsync, int64_t replicas)
{
    bool always = facts->settings_known && strcmp(facts->appendfsync, "always") == 0;
    surety->guarded = fsync || replicas > 0;
    surety->fsync = fsync;
    surety->waitaof = fsync && !always && facts->has_waitaof;
    surety->looks = fsync && !always && !facts->has_waitaof;
    surety->replicas = replicas;
    snprintf(surety->run_id, sizeof surety->run_id, "%s", facts->run_id);
    describe(surety, facts, fsync);
}

int surety_rank(const struct surety *surety)
{
    return (surety->fsync ? 1 : 0) + 2 * (int)surety->replicas;
}

static bool refuse(char *why, size_t why_size, const struct durability *durability,
                   const char *reason)
{
    snprintf(why, why_size, "Redis does not give --durability %s: %s",
             durability->fsync && durability->replicas ? "fsync+replicas"
             : durability->fsync                       ? "fsync"
                                                       : "replicas",
             reason);
    return false;
}

bool surety_examine(redisContext *context, const struct durability *durability,
                    struct surety *surety, char *why, size_t why_size)
{
    struct facts facts;
    *surety = (struct surety){0};
    if (!durability->automatic && !durability->fsync && !durability->replicas) {
        choose(surety, &(struct facts){0}, false, 0);
        return true;
    }
    if (!learn(context, &facts)) {
        snprintf(why, why_size, "Redis does not answer INFO: %s",
                 context->err ? context->errstr : "not allowed; --durability needs +info");
        return false;
    }
    const char *disk = no_fsync(&facts);
    bool evicts = strncmp(facts.eviction, "allkeys-", 8) == 0;
    if (durability->automatic) {
        choose(surety, &facts, !disk && !evicts, evicts ? 0 : facts.replicas);
        snprintf(surety->advice, sizeof surety->advice, "%s",
                 evicts ? "it evicts any key (maxmemory-policy allkeys-...); set noeviction"
                 : disk ? disk
                        : "");
        return true;
    }
    if (evicts)
        return refuse(why, why_size, durability,
                      "it evicts any key (maxmemory-policy allkeys-...); set noeviction");
    if (durability->fsync && disk)
        return refuse(why, why_size, durability, disk);
    if (facts.replicas < durability->replicas) {
        char few[96];
        snprintf(few, sizeof few, "%" PRId64 " replicas are connected, %" PRId64 " are asked for",
                 facts.replicas, durability->replicas);
        return refuse(why, why_size, durability, few);
    }
    choose(surety, &facts, durability->fsync, durability->replicas);
    return true;
}

/* --- Proofs ---------------------------------------------------------------------------------- */

static bool wait_replicas(redisContext *context, int64_t replicas, int64_t timeout_ms, char *why,
                          size_t why_size)
{
    redisReply *reply =
        redisCommand(context, "WAIT %lld %lld", (long long)replicas, (long long)timeout_ms);
    bool fine = reply && reply->type == REDIS_REPLY_INTEGER && reply->integer >= replicas;
    if (!fine && reply && reply->type == REDIS_REPLY_INTEGER)
        snprintf(why, why_size, "only %lld of %lld replicas have it after %lld ms", reply->integer,
                 (long long)replicas, (long long)timeout_ms);
    else if (!fine)
        snprintf(why, why_size, "WAIT: %s", reply && reply->str ? reply->str : context->errstr);
    if (reply)
        freeReplyObject(reply);
    return fine;
}

/* WAITAOF answers how many local (0 or 1) and replicas' files have it (Redis 7.2). */
static bool wait_aof(redisContext *context, int64_t timeout_ms, char *why, size_t why_size)
{
    redisReply *reply = redisCommand(context, "WAITAOF 1 0 %lld", (long long)timeout_ms);
    bool fine = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
                reply->element[0]->type == REDIS_REPLY_INTEGER && reply->element[0]->integer >= 1;
    if (!fine)
        snprintf(why, why_size, "WAITAOF: %s",
                 !reply       ? context->errstr
                 : reply->str ? reply->str
                              : "its disk is late");
    if (reply)
        freeReplyObject(reply);
    return fine;
}

bool surety_wait(redisContext *context, const struct surety *surety, int64_t timeout_ms, char *why,
                 size_t why_size)
{
    if (surety->replicas > 0 &&
        !wait_replicas(context, surety->replicas, timeout_ms, why, why_size))
        return false;
    return !surety->waitaof || wait_aof(context, timeout_ms, why, why_size);
}

enum look surety_look(redisContext *context)
{
    static const struct {
        const char *name, *clean;
    } wanted[] = {
        {"aof_enabled", "1"},
        {"aof_pending_bio_fsync", "0"},
        {"aof_last_write_status", "ok"},
        {"aof_rewrite_in_progress", "0"},
        {"rdb_bgsave_in_progress", "0"},
        {"loading", "0"},
    };
    char *text, value[32];
    enum look look = LOOK_CLEAN;
    if (!info(context, "persistence", &text))
        return LOOK_FAILED;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        info_value(text, wanted[i].name, value, sizeof value);
        if (strcmp(value, wanted[i].clean) != 0)
            look = LOOK_BUSY;
    }
    free(text);
    return look;
}
