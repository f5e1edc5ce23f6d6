/* Real sentinels: see sentinels.h. */
#include "tests/integration/sentinels.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { START_MS = 20000, FAILOVER_MS = 30000 };

/* ---- starting ---- */

static struct redis *start_server(const struct redis *master, const char *password)
{
    static char ports[WATCHED_SERVERS][16];
    static const char *options[WATCHED_SERVERS][12];
    static size_t count;
    const char **words = options[count];
    size_t used = 0;
    if (master != NULL) {
        snprintf(ports[count], sizeof ports[count], "%d", master->port);
        words[used++] = "--replicaof";
        words[used++] = "127.0.0.1";
        words[used++] = ports[count];
    }
    if (password != NULL) {
        words[used++] = "--requirepass";
        words[used++] = password;
        words[used++] = "--masterauth";
        words[used++] = password;
    }
    words[used++] = "--repl-diskless-sync-delay";
    words[used++] = "0";
    words[used] = NULL;
    count++;
    return redis_start(words);
}

static void write_configuration(const struct sentinels *sentinels, int index, const char *path)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    fprintf(file,
            "port %d\nbind 127.0.0.1\ndir %s\n"
            "sentinel monitor orders 127.0.0.1 %d 2\n"
            "sentinel down-after-milliseconds orders 500\n"
            "sentinel failover-timeout orders 3000\n"
            "sentinel parallel-syncs orders 2\n",
            sentinels->sentinels[index].port, scratch(), sentinels->servers[0]->port);
    if (sentinels->password != NULL) {
        fprintf(file, "sentinel auth-pass orders %s\n", sentinels->password);
    }
    fclose(file);
}

/* What SENTINEL MASTER says of the master, as a number. */
static int told(const struct sentinels *sentinels, int index, const char *what)
{
    int number = 0;
    redisReply *reply =
        redis_ask(sentinels->sentinels[index].port, NULL, FLAGS("SENTINEL", "MASTER", "orders"));
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY) {
        for (size_t i = 0; i + 1 < reply->elements; i += 2) {
            if (strcmp(reply->element[i]->str, what) == 0) {
                number = atoi(reply->element[i + 1]->str);
            }
        }
    }
    freeReplyObject(reply);
    return number;
}

/* How often it asks for replicas (every 10 s if not told), and how often it tells the others
 * of itself (2 s). */
static bool set_periods(const struct sentinels *sentinels, int index, const char *publish)
{
    redisReply *reply =
        redis_ask(sentinels->sentinels[index].port, NULL,
                  FLAGS("SENTINEL", "DEBUG", "info-period", "200", "publish-period", publish));
    const bool set = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return set;
}

static void start_sentinel(struct sentinels *sentinels, int index)
{
    char path[160], log[160];
    sentinels->sentinels[index].port = free_port();
    snprintf(path, sizeof path, "%s/sentinel%d.conf", scratch(), index);
    snprintf(log, sizeof log, "%s/sentinel%d.log", scratch(), index);
    write_configuration(sentinels, index, path);
    char *arguments[ARGUMENTS_MAX];
    arguments_append(arguments, 0, FLAGS("redis-server", path, "--sentinel"));
    sentinels->sentinels[index].pid = process_spawn(arguments, log, NULL);
    EVENTUALLY(set_periods(sentinels, index, "200"), START_MS);
}

struct sentinels *sentinels_start(const char *password)
{
    static struct sentinels sentinels;
    sentinels.password = password;
    for (int i = 0; i < WATCHED_SERVERS; i++) {
        sentinels.servers[i] = start_server(sentinels.servers[0], password);
    }
    for (int i = 0; i < SENTINELS; i++) {
        start_sentinel(&sentinels, i);
    }
    for (int i = 0; i < SENTINELS; i++) {
        EVENTUALLY(told(&sentinels, i, "num-slaves") == WATCHED_SERVERS - 1, START_MS);
        EVENTUALLY(told(&sentinels, i, "num-other-sentinels") == SENTINELS - 1, START_MS);
    }
    for (int i = 0; i < SENTINELS; i++) {
        /* An old master is let be for four of these, and then demoted. */
        cr_assert(set_periods(&sentinels, i, "2000"));
    }
    snprintf(sentinels.url, sizeof sentinels.url,
             "redis+sentinel://%s%s%s127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/orders/0",
             password != NULL ? ":" : "", password != NULL ? password : "",
             password != NULL ? "@" : "", sentinels.sentinels[0].port, sentinels.sentinels[1].port,
             sentinels.sentinels[2].port);
    sentinels_wait_replicated(&sentinels);
    return &sentinels;
}

/* ---- afterwards ---- */

static int master_by(const struct sentinels *sentinels, int index)
{
    int master = -1;
    redisReply *reply = redis_ask(sentinels->sentinels[index].port, NULL,
                                  FLAGS("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders"));
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY) {
        for (int i = 0; i < WATCHED_SERVERS; i++) {
            if (sentinels->servers[i]->port == atoi(reply->element[1]->str)) {
                master = i;
            }
        }
    }
    freeReplyObject(reply);
    return master;
}

int sentinels_master(const struct sentinels *sentinels)
{
    for (int i = 0; i < SENTINELS; i++) {
        if (sentinels->sentinels[i].pid != 0) {
            return master_by(sentinels, i);
        }
    }
    return -1;
}

void sentinels_wait_master_other_than(const struct sentinels *sentinels, int server)
{
    for (int i = 0; i < SENTINELS; i++) {
        if (sentinels->sentinels[i].pid != 0) {
            EVENTUALLY(master_by(sentinels, i) != server, FAILOVER_MS);
        }
    }
}

static long long replicas_with_all(const struct sentinels *sentinels)
{
    const struct redis *master = sentinels->servers[sentinels_master(sentinels)];
    redisReply *reply = redis_ask(master->port, sentinels->password, FLAGS("WAIT", "2", "1000"));
    const long long replicas =
        reply != NULL && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    freeReplyObject(reply);
    return replicas;
}

void sentinels_wait_replicated(const struct sentinels *sentinels)
{
    EVENTUALLY(replicas_with_all(sentinels) == 2, START_MS);
}

bool sentinels_says_master(const struct sentinels *sentinels, int server)
{
    redisReply *reply;
    const int port = sentinels->servers[server]->port;
    /* A server that is being demoted closes its connections. */
    EVENTUALLY((reply = redis_ask(port, sentinels->password, FLAGS("ROLE"))) != NULL, START_MS);
    cr_assert_eq(reply->type, REDIS_REPLY_ARRAY, "%s", reply->str);
    const bool master = strcmp(reply->element[0]->str, "master") == 0;
    freeReplyObject(reply);
    return master;
}

int sentinels_clients(const struct sentinels *sentinels, int server)
{
    int clients = 0;
    redisReply *reply =
        redis_ask(sentinels->servers[server]->port, sentinels->password, FLAGS("CLIENT", "LIST"));
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_STRING, "no CLIENT LIST");
    char *rest = reply->str, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        clients += line[0] != '\0' && strstr(line, "name=sentinel-") == NULL &&
                   strstr(line, "cmd=client|list") == NULL &&
                   strstr(line, "cmd=replconf") == NULL && strstr(line, "cmd=psync") == NULL &&
                   strstr(line, "flags=M") == NULL;
    }
    freeReplyObject(reply);
    return clients;
}

void sentinels_fail_over(const struct sentinels *sentinels)
{
    redisReply *reply =
        redis_ask(sentinels->sentinels[0].port, NULL, FLAGS("SENTINEL", "FAILOVER", "orders"));
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_STATUS, "%s",
              reply != NULL ? reply->str : "no answer");
    freeReplyObject(reply);
}

void sentinels_kill_one(struct sentinels *sentinels, int sentinel)
{
    process_kill(&sentinels->sentinels[sentinel].pid);
}
