/* The map of a Redis Cluster's slots: what servers say of it, and what is made of that. */
#include "store/cluster.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

TestSuite(cluster, .timeout = 60);

static struct server_name asked = {"10.0.0.9", 7009};

Test(cluster, the_slot_of_a_key_is_that_of_its_tag)
{
    static const struct {
        const char *key;
        int slot;
    } rows[] = {
        {"123456789", 0x31C3 % 16384}, /* the specification's check vector */
        {"", 0},
        {"foo", 12182},
        {"bar", 5061},
        {"{foo}:next", 12182},
        {"seqd:{foo}", 12182},
        {"seqd:table:{foo}", 12182},
        {"{foo}{bar}", 12182},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(cluster_slot(rows[i].key), rows[i].slot, "%s: %d", rows[i].key,
                     cluster_slot(rows[i].key));
    /* What is no tag is a part of the key. */
    cr_expect_neq(cluster_slot("{}foo"), 12182);
    cr_expect_neq(cluster_slot("{foo"), 12182);
    cr_expect_neq(cluster_slot("foo}"), 12182);
    cr_expect_neq(cluster_slot("{{foo}"), 12182);
}

/* The reply, as it comes over the wire. */
static redisReply *parse(const char *text)
{
    void *reply = NULL;
    redisReader *reader = redisReaderCreate();
    redisReaderFeed(reader, text, strlen(text));
    cr_assert_eq(redisReaderGetReply(reader, &reply), REDIS_OK, "%s", text);
    cr_assert_not_null(reply, "not whole: %s", text);
    redisReaderFree(reader);
    return reply;
}

static bool map_of(const char *text, struct cluster_map *map)
{
    redisReply *reply = parse(text);
    bool parsed = cluster_map_parse(reply, &asked, map);
    freeReplyObject(reply);
    return parsed;
}

#define A      "*3\r\n$8\r\n10.0.0.1\r\n:7001\r\n$1\r\na\r\n"
#define B      "*3\r\n$8\r\n10.0.0.2\r\n:7002\r\n$1\r\nb\r\n"
#define C      "*4\r\n$8\r\n10.0.0.3\r\n:7003\r\n$1\r\nc\r\n*2\r\n$8\r\nhostname\r\n$1\r\nh\r\n"
#define HALVES "*2\r\n*4\r\n:0\r\n:8191\r\n" A C "*3\r\n:8192\r\n:16383\r\n"

Test(cluster, a_map_names_the_primary_of_each_range)
{
    static struct cluster_map map;
    cr_assert(map_of(HALVES B, &map));
    cr_assert_eq(map.count, 2);
    cr_assert_str_eq(map.servers[0].host, "10.0.0.1");
    cr_assert_eq(map.servers[1].port, 7002);
    cr_assert_eq(map.owners[0], 0);
    cr_assert_eq(map.owners[8191], 0);
    cr_assert_eq(map.owners[8192], 1);
    cr_assert_eq(map.owners[16383], 1);
}

Test(cluster, a_server_that_does_not_know_its_host_is_the_one_that_was_asked)
{
    static const char *const hosts[] = {"$0\r\n\r\n", "$1\r\n?\r\n", "$-1\r\n"};
    static struct cluster_map map;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char text[128];
        snprintf(text, sizeof text, "*1\r\n*3\r\n:0\r\n:0\r\n*2\r\n%s:7001\r\n", hosts[i]);
        cr_assert(map_of(text, &map), "%s", text);
        cr_assert_str_eq(map.servers[0].host, "10.0.0.9");
        cr_assert_eq(map.servers[0].port, 7001);
        cr_assert_eq(map.owners[1], CLUSTER_NOBODY);
    }
}

Test(cluster, what_is_no_map_is_refused)
{
    static const char *const rows[] = {
        "-ERR This instance has cluster support disabled\r\n",
        "+OK\r\n",
        "$-1\r\n",
        ":1\r\n",
        "*1\r\n:1\r\n",
        "*1\r\n*0\r\n",
        "*1\r\n*2\r\n:0\r\n:1\r\n",
        "*1\r\n*3\r\n:-1\r\n:1\r\n" A,
        "*1\r\n*3\r\n:2\r\n:1\r\n" A,
        "*1\r\n*3\r\n:0\r\n:16384\r\n" A,
        "*1\r\n*3\r\n:0\r\n:9223372036854775807\r\n" A,
        "*1\r\n*3\r\n$1\r\n0\r\n:1\r\n" A,
        "*1\r\n*3\r\n:0\r\n:1\r\n:7001\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\nh\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:0\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:65536\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:-7001\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n$4\r\n7001\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n:1\r\n:7001\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n*0\r\n:7001\r\n",
    };
    static struct cluster_map map;
    char text[512], host[301] = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect(!map_of(rows[i], &map), "%s", rows[i]);
    memset(host, 'h', 300);
    snprintf(text, sizeof text, "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$300\r\n%s\r\n:7001\r\n", host);
    cr_expect(!map_of(text, &map), "a host of 300 bytes");
}

Test(cluster, more_than_256_primaries_are_no_map)
{
    static struct cluster_map map;
    static char text[65536];
    for (int count = 256; count <= 257; count++) {
        size_t length = (size_t)snprintf(text, sizeof text, "*%d\r\n", count);
        for (int i = 0; i < count; i++)
            length +=
                (size_t)snprintf(text + length, sizeof text - length,
                                 "*3\r\n:%d\r\n:%d\r\n*2\r\n$1\r\nh\r\n:%d\r\n", i, i, 7000 + i);
        cr_expect_eq(map_of(text, &map), count == 256, "%d", count);
    }
}

static struct cluster *cluster_of(const char *text)
{
    static struct cluster_map map;
    struct cluster *cluster = cluster_create();
    cr_assert(map_of(text, &map));
    cr_assert(cluster_adopt(cluster, &map));
    cr_assert(!cluster_adopt(cluster, &map), "the same again is no change");
    return cluster;
}

static bool adopt(struct cluster *cluster, const char *text)
{
    static struct cluster_map map;
    cr_assert(map_of(text, &map));
    return cluster_adopt(cluster, &map);
}

Test(cluster, a_successor_gets_the_index_of_the_server_that_it_follows)
{
    struct cluster *cluster = cluster_of(HALVES B);
    uint64_t first = cluster_epoch(cluster, 0, -1), second = cluster_epoch(cluster, 1, -1);
    uint64_t of_slot = cluster_epoch(cluster, -1, 9000);
    cr_assert(adopt(cluster, HALVES C));
    cr_expect_eq(cluster_owner(cluster, 9000), 1);
    cr_expect_str_eq(cluster_server(cluster, 1).host, "10.0.0.3");
    cr_expect_eq(cluster_epoch(cluster, 0, -1), first);
    cr_expect_neq(cluster_epoch(cluster, 1, -1), second);
    cr_expect_neq(cluster_epoch(cluster, -1, 9000), of_slot);
    cr_expect_eq(cluster_epoch(cluster, -1, 1), first);
    cr_expect_eq(atomic_load(&cluster->count), 2);
    cluster_destroy(cluster);
}

Test(cluster, a_server_that_gets_all_slots_of_another_keeps_its_index)
{
    struct cluster *cluster = cluster_of(HALVES B);
    uint64_t first = cluster_epoch(cluster, 0, -1);
    cr_assert(adopt(cluster, "*1\r\n*3\r\n:0\r\n:16383\r\n" A));
    cr_expect_eq(cluster_owner(cluster, 9000), 0);
    cr_expect_eq(cluster_epoch(cluster, 0, -1), first);
    cr_expect_eq(cluster_slots_of(cluster, 0), 16384);
    cr_expect_eq(cluster_slots_of(cluster, 1), 0);
    cr_expect_eq(cluster_uncovered(cluster), 0);
    cr_assert(adopt(cluster, "*1\r\n*3\r\n:0\r\n:16381\r\n" C));
    cr_expect_eq(cluster_uncovered(cluster), 2);
    cluster_destroy(cluster);
}

Test(cluster, moved_gives_the_slot_away_and_ask_does_not)
{
    struct cluster *cluster = cluster_of(HALVES B);
    cr_expect_eq(cluster_follow(cluster, "ASK 3999 10.0.0.2:7002", 0), 1);
    cr_expect_eq(cluster_owner(cluster, 3999), 0);
    cr_expect(!atomic_load(&cluster->suspected));
    cr_expect_eq(cluster_follow(cluster, "MOVED 3999 10.0.0.2:7002", 0), 1);
    cr_expect_eq(cluster_owner(cluster, 3999), 1);
    cr_expect_eq(cluster_slots_of(cluster, 0), 8191);
    cr_expect(atomic_load(&cluster->suspected));
    cr_expect_eq(cluster_follow(cluster, "MOVED 4000 :7005", 1), 2);
    cr_expect_str_eq(cluster_server(cluster, 2).host, "10.0.0.2", "an empty host is the same");
    cr_expect_eq(cluster_server(cluster, 2).port, 7005);
    cr_expect_eq(cluster_follow(cluster, "MOVED 4000 fe80::1:7005", 1), 3);
    cr_expect_str_eq(cluster_server(cluster, 3).host, "fe80::1");
    cluster_destroy(cluster);
}

Test(cluster, a_redirection_that_makes_no_sense_leads_nowhere)
{
    static const char *const rows[] = {
        "MOVED",       "MOVED ",       "MOVED 1",         "MOVED 1 ",
        "MOVED 1 h",   "MOVED 1 h:",   "MOVED 1 h:0",     "MOVED 1 h:65536",
        "MOVED x h:1", "MOVED -1 h:1", "MOVED 16384 h:1", "MOVED 1 h:1 x",
        "ASK 1 h:-1",  "ASK 01 h:1",   "MOVED  h:1",      "ASK 99999999999999999999 h:1",
    };
    struct cluster *cluster = cluster_of(HALVES B);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(cluster_follow(cluster, rows[i], 0), CLUSTER_NOBODY, "%s", rows[i]);
    cr_expect_eq(atomic_load(&cluster->count), 2);
    cluster_destroy(cluster);
}
