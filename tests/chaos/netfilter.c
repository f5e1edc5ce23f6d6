/* Dropped packets: see netfilter.h. */
#include "tests/chaos/netfilter.h"

#include "tests/process/process.h"

#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *impossible = "no network of its own: needs root"; /* NULL: it can be done */

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP;
    const bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return up;
}

/* ---- rules ---- */

/* nft -f of a text. */
static bool apply(const char *text)
{
    char path[200], log[200];
    snprintf(path, sizeof path, "%s/rules.nft", scratch());
    snprintf(log, sizeof log, "%s/nft.log", scratch());
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        die("cannot write %s", path);
    return process_wait(process_start(&(struct command){
        .arguments = ARGUMENTS("nft", "-f", path), .log = log, .death_signal = SIGKILL}));
}

static int mark_rule(char *text, size_t size, int group)
{
    return snprintf(text, size, "ct state new meta skgid %d ct mark set %d\n", group, group);
}

/* Who began a connection, for as long as it lasts. */
static bool mark_connections(void)
{
    char text[4000];
    int used = snprintf(text, sizeof text,
                        "table inet marks {\n"
                        "chain origin { type filter hook output priority -100;\n");
    for (int i = 0; i < NODES; i++)
        used += mark_rule(text + used, sizeof text - (size_t)used, NODE_GROUP + i);
    for (int i = 0; i < SERVERS_MAX; i++)
        used += mark_rule(text + used, sizeof text - (size_t)used, SERVER_GROUP + i);
    used += mark_rule(text + used, sizeof text - (size_t)used, SENTINEL_GROUP);
    snprintf(text + used, sizeof text - (size_t)used, "}\n}\n");
    return apply(text);
}

void private_network(void)
{
    scratch(); /* its janitor stays outside */
    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        die("the mounts cannot be made private");
    if (unshare(CLONE_NEWNET) != 0)
        return;
    if (!raise_loopback())
        die("the loopback device of a network of its own cannot be raised");
    impossible = mark_connections() ? NULL : "nft cannot mark connections here";
}

bool netfilter_possible(struct arena *arena)
{
    if (impossible != NULL)
        arena->why_skipped = impossible;
    return impossible == NULL;
}

static void strike(const char *drops)
{
    char text[16000];
    snprintf(text, sizeof text,
             "table inet strike\ndelete table inet strike\ntable inet strike {\n"
             "chain packets { type filter hook output priority 0;\n%s}\n}\n",
             drops);
    if (!apply(text))
        die("nft refuses %s/rules.nft", scratch());
}

/* Connections that this group began to that port. */
static size_t part(char *text, size_t size, int group, int port)
{
    return (size_t)snprintf(text, size,
                            "ct mark %d tcp dport %d drop\nct mark %d tcp sport %d drop\n", group,
                            port, group, port);
}

static size_t part_from_servers(const struct arena *arena, unsigned servers, int group, bool inside,
                                char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < arena->server_count; i++)
        if (((servers >> i & 1U) != 0) != inside)
            used += part(text + used, size - used, group, arena->servers[i].port);
    for (size_t i = 0; i < arena->sentinel_count && inside; i++)
        used += part(text + used, size - used, group, arena->sentinels[i].port);
    return used;
}

void netfilter_part(const struct arena *arena, unsigned servers, unsigned nodes)
{
    char text[15000] = "";
    const size_t size = sizeof text;
    size_t used = 0;
    for (int i = 0; i < NODES; i++)
        used += part_from_servers(arena, servers, NODE_GROUP + i, (nodes >> i & 1U) != 0,
                                  text + used, size - used);
    for (size_t i = 0; i < arena->server_count; i++)
        used += part_from_servers(arena, servers, SERVER_GROUP + (int)i, (servers >> i & 1U) != 0,
                                  text + used, size - used);
    part_from_servers(arena, servers, SENTINEL_GROUP, false, text + used, size - used);
    strike(text);
}

void netfilter_lose(int percent)
{
    char text[1000];
    size_t used = 0;
    for (int i = 0; i < NODES; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "ct mark %d numgen random mod 100 < %d drop\n", NODE_GROUP + i,
                                 percent);
    strike(text);
}

void netfilter_narrow(int kbytes_per_s)
{
    char text[1000];
    size_t used = 0;
    for (int i = 0; i < NODES; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "ct mark %d limit rate over %d kbytes/second drop\n",
                                 NODE_GROUP + i, kbytes_per_s);
    strike(text);
}

void netfilter_heal(void)
{
    strike("");
}
