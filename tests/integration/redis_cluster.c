/* A real Redis Cluster: see redis_cluster.h. */
#include "tests/integration/redis_cluster.h"

#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 30000 };

redisReply *redis_cluster_ask(const struct redis_cluster *cluster, int server,
                              const char *const *words)
{
    return redis_ask(cluster->servers[server]->port, CLUSTER_PASSWORD, words);
}

long long redis_cluster_run(const struct redis_cluster *cluster, int server,
                            const char *const *words)
{
    redisReply *reply = redis_cluster_ask(cluster, server, words);
    cr_assert_not_null(reply, "%s: no answer", words[0]);
    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s %s: %s", words[0], words[1], reply->str);
    const long long number = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    freeReplyObject(reply);
    return number;
}

/* ---- starting ---- */

static struct redis *start_server(const char *const *options)
{
    static char ports[CLUSTER_SERVERS][16];
    static const char *words[CLUSTER_SERVERS][32];
    static size_t count;
    const char *const fixed[] = {"--cluster-enabled",
                                 "yes",
                                 "--cluster-node-timeout",
                                 "1500",
                                 "--cluster-replica-validity-factor",
                                 "0",
                                 "--requirepass",
                                 CLUSTER_PASSWORD,
                                 "--masterauth",
                                 CLUSTER_PASSWORD,
                                 "--repl-diskless-sync-delay",
                                 "0",
                                 "--cluster-port"};
    size_t used = sizeof fixed / sizeof *fixed;
    memcpy(words[count], fixed, sizeof fixed);
    snprintf(ports[count], sizeof ports[count], "%d", free_port());
    words[count][used++] = ports[count];
    for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
        words[count][used++] = options[i];
    }
    return redis_start(words[count++]);
}

/* In CLUSTER INFO. */
static bool says(const struct redis_cluster *cluster, int server, const char *line)
{
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("CLUSTER", "INFO"));
    const bool said = reply != NULL && reply->str != NULL && strstr(reply->str, line) != NULL;
    freeReplyObject(reply);
    return said;
}

static void learn_id(struct redis_cluster *cluster, int server)
{
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("CLUSTER", "MYID"));
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_STRING);
    snprintf(cluster->ids[server], sizeof cluster->ids[server], "%s", reply->str);
    freeReplyObject(reply);
}

static void give_slots(const struct redis_cluster *cluster, int server)
{
    char first[16], last[16], epoch[16];
    const int share = CLUSTER_SLOT_COUNT / CLUSTER_PRIMARIES;
    const bool is_last = server == CLUSTER_PRIMARIES - 1;
    snprintf(epoch, sizeof epoch, "%d", server + 1);
    redis_cluster_run(cluster, server, FLAGS("CLUSTER", "SET-CONFIG-EPOCH", epoch));
    if (server >= CLUSTER_PRIMARIES) {
        return;
    }
    snprintf(first, sizeof first, "%d", server * share);
    snprintf(last, sizeof last, "%d", is_last ? CLUSTER_SLOT_COUNT - 1 : (server + 1) * share - 1);
    redis_cluster_run(cluster, server, FLAGS("CLUSTER", "ADDSLOTSRANGE", first, last));
}

static void meet(const struct redis_cluster *cluster, int server)
{
    char port[16], bus[16] = "";
    const struct redis *first = cluster->servers[0];
    snprintf(port, sizeof port, "%d", first->port);
    for (size_t i = 0; first->options[i] != NULL; i++) {
        if (strcmp(first->options[i], "--cluster-port") == 0) {
            snprintf(bus, sizeof bus, "%s", first->options[i + 1]);
        }
    }
    redis_cluster_run(cluster, server, FLAGS("CLUSTER", "MEET", "127.0.0.1", port, bus));
}

static void introduce(const struct redis_cluster *cluster)
{
    for (int i = 1; i < CLUSTER_SERVERS; i++) {
        meet(cluster, i);
    }
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        EVENTUALLY(says(cluster, i, "cluster_known_nodes:6"), START_MS);
    }
}

static bool replicates(const struct redis_cluster *cluster, int server, const char *id)
{
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("CLUSTER", "REPLICATE", id));
    const bool fine = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return fine;
}

struct redis_cluster *redis_cluster_start(const char *const *options)
{
    static struct redis_cluster cluster;
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        cluster.servers[i] = start_server(options);
        learn_id(&cluster, i);
        give_slots(&cluster, i);
    }
    introduce(&cluster);
    for (int i = 0; i < CLUSTER_PRIMARIES; i++) {
        /* It must have heard that this is a primary. */
        EVENTUALLY(replicates(&cluster, redis_cluster_replica_of(i), cluster.ids[i]), START_MS);
    }
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        EVENTUALLY(says(&cluster, i, "cluster_state:ok"), START_MS);
    }
    for (int i = 0; i < CLUSTER_PRIMARIES; i++) {
        redis_cluster_wait_replicated(&cluster, i);
    }
    snprintf(cluster.url, sizeof cluster.url, "redis+cluster://:%s@127.0.0.1:%d,127.0.0.1:%d",
             CLUSTER_PASSWORD, cluster.servers[1]->port, cluster.servers[5]->port);
    return &cluster;
}

struct node *redis_cluster_node(const struct redis_cluster *cluster)
{
    struct node *node = node_start(NULL, FLAGS("--redis", cluster->url, "--request-timeout-ms",
                                               "1000", "--redis-timeout-ms", "400"));
    node_wait_ready(node);
    return node;
}

/* ---- afterwards ---- */

int redis_cluster_slot(const struct redis_cluster *cluster, const char *tag)
{
    int server = 0;
    while (cluster->servers[server]->pid == 0) {
        server++;
    }
    return (int)redis_cluster_run(cluster, server, FLAGS("CLUSTER", "KEYSLOT", tag));
}

static int server_on(const struct redis_cluster *cluster, long long port)
{
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        if (cluster->servers[i]->port == port) {
            return i;
        }
    }
    return -1;
}

/* As one of them sees it. */
static int owner_by(const struct redis_cluster *cluster, int server, int slot)
{
    int owner = -1;
    redisReply *reply = redis_cluster_ask(cluster, server, FLAGS("CLUSTER", "SLOTS"));
    for (size_t i = 0; reply != NULL && i < reply->elements; i++) {
        const redisReply *range = reply->element[i];
        if (range->element[0]->integer <= slot && slot <= range->element[1]->integer) {
            owner = server_on(cluster, range->element[2]->element[1]->integer);
        }
    }
    freeReplyObject(reply);
    return owner;
}

int redis_cluster_owner(const struct redis_cluster *cluster, int slot)
{
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        const int owner = cluster->servers[i]->pid != 0 ? owner_by(cluster, i, slot) : -1;
        if (owner >= 0 && cluster->servers[owner]->pid != 0) {
            return owner;
        }
    }
    return -1;
}

const char *redis_cluster_name_at(const struct redis_cluster *cluster, int server,
                                  const char *prefix)
{
    static char names[16][32];
    static size_t count;
    char *name = names[count++ % 16];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof names[0], "%s%d", prefix, i);
        if (redis_cluster_owner(cluster, redis_cluster_slot(cluster, name)) == server) {
            return name;
        }
    }
    cr_assert_fail("no name for server %d", server);
    return NULL;
}

static bool is_replicated(const struct redis_cluster *cluster, int primary)
{
    redisReply *reply = redis_cluster_ask(cluster, primary, FLAGS("WAIT", "1", "1000"));
    const bool replicated =
        reply != NULL && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    freeReplyObject(reply);
    return replicated;
}

void redis_cluster_wait_replicated(const struct redis_cluster *cluster, int primary)
{
    EVENTUALLY(is_replicated(cluster, primary), START_MS);
}

/* In CLUSTER NODES of the first server: "ID HOST:PORT@BUS FLAGS ...". */
static bool is_listed_as_primary(const struct redis_cluster *cluster, int server)
{
    redisReply *reply = redis_cluster_ask(cluster, 0, FLAGS("CLUSTER", "NODES"));
    const char *line = reply != NULL ? strstr(reply->str, cluster->ids[server]) : NULL;
    const char *flags = line != NULL ? strchr(line + 41, ' ') : NULL;
    const bool listed = flags != NULL && strncmp(flags, " master ", 8) == 0;
    freeReplyObject(reply);
    return listed;
}

void redis_cluster_make_empty_primary(const struct redis_cluster *cluster, int server)
{
    redis_cluster_run(cluster, server, FLAGS("CLUSTER", "RESET", "SOFT"));
    meet(cluster, server);
    EVENTUALLY(is_listed_as_primary(cluster, server), START_MS);
    EVENTUALLY(says(cluster, server, "cluster_state:ok"), START_MS);
}

/* ---- a slot moves ---- */

void redis_cluster_open_slot(const struct redis_cluster *cluster, int slot, int from, int to)
{
    char text[16];
    snprintf(text, sizeof text, "%d", slot);
    redis_cluster_run(cluster, to,
                      FLAGS("CLUSTER", "SETSLOT", text, "IMPORTING", cluster->ids[from]));
    redis_cluster_run(cluster, from,
                      FLAGS("CLUSTER", "SETSLOT", text, "MIGRATING", cluster->ids[to]));
}

bool redis_cluster_move_key(const struct redis_cluster *cluster, int slot, int from, int to)
{
    char text[16], port[16];
    snprintf(text, sizeof text, "%d", slot);
    snprintf(port, sizeof port, "%d", cluster->servers[to]->port);
    redisReply *reply =
        redis_cluster_ask(cluster, from, FLAGS("CLUSTER", "GETKEYSINSLOT", text, "1"));
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_ARRAY, "GETKEYSINSLOT");
    const bool any = reply->elements == 1;
    if (any) {
        redis_cluster_run(cluster, from,
                          FLAGS("MIGRATE", "127.0.0.1", port, reply->element[0]->str, "0", "5000",
                                "AUTH", CLUSTER_PASSWORD));
    }
    freeReplyObject(reply);
    return any;
}

void redis_cluster_close_slot(const struct redis_cluster *cluster, int slot, int from, int to)
{
    char text[16];
    snprintf(text, sizeof text, "%d", slot);
    redis_cluster_run(cluster, to, FLAGS("CLUSTER", "SETSLOT", text, "NODE", cluster->ids[to]));
    redis_cluster_run(cluster, from, FLAGS("CLUSTER", "SETSLOT", text, "NODE", cluster->ids[to]));
}
