/* Servers without sentinels, and what all setups share. */
#include "tests/chaos/faults.h"
#include "tests/chaos/netfilter.h"
#include "tests/chaos/setup_parts.h"
#include "tests/chaos/strike.h"
#include "tests/process/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SYNC_MS = 20000 };

/* ---- parts ---- */

static void mount_small(struct arena *arena, const char *directory)
{
    char size[32];
    snprintf(size, sizeof size, "size=%dk", (int)arena->setup->disk_kib);
    mkdir(directory, 0755);
    if (mount("seqd", directory, "tmpfs", 0, size) != 0) {
        arena->why_skipped = "a tmpfs cannot be mounted: needs root";
        return;
    }
    snprintf(arena->mounted, sizeof arena->mounted, "%s", directory);
}

struct redis *server_prepare(struct arena *arena)
{
    char directory[160];
    const struct setup *setup = arena->setup;
    const size_t number = arena->server_count++;
    struct redis *server = &arena->servers[number];
    snprintf(directory, sizeof directory, "%s/redis%zu", arena->directory, number);
    if (setup->disk_kib > 0 && number == 0)
        mount_small(arena, directory);
    redis_prepare(server, directory);
    server->group = SERVER_GROUP + (unsigned)number;
    redis_option(server, "--appendonly", "%s", setup->appendfsync != NULL ? "yes" : "no");
    if (setup->appendfsync != NULL)
        redis_option(server, "--appendfsync", "%s", setup->appendfsync);
    redis_option(server, "--repl-diskless-sync-delay", "0");
    redis_option(server, "--enable-debug-command", "yes");
    for (const char *const *o = setup->options; o != NULL && *o != NULL; o += 2)
        redis_option(server, o[0], "%s", o[1]);
    return server;
}

void server_follow(struct arena *arena, size_t number)
{
    redis_option(&arena->servers[number], "--replicaof", "127.0.0.1 %d", primary(arena)->port);
}

void servers_start(struct arena *arena)
{
    for (int i = 0; i <= arena->setup->replicas && arena->why_skipped == NULL; i++) {
        struct redis *server = server_prepare(arena);
        if (i > 0)
            server_follow(arena, (size_t)i);
        redis_start(server);
    }
    if (arena->why_skipped == NULL && !arena_until(arena, replicas_whole, SYNC_MS))
        die("the replicas do not follow");
}

static void start_plain(struct arena *arena)
{
    servers_start(arena);
    snprintf(arena->url, sizeof arena->url, "redis://127.0.0.1:%d", arena->servers[0].port);
}

/* ---- the table ---- */

/* Proofs: two looks at INFO, 5.2 s (store/durability.h), and trying again; or a round trip, where
 * what counts is that a client hears only after a second that it must ask again. */
enum { LOOKS_MS = 5200 + 1000, PROMPT_MS = 1500, WAIT_MS = 1500 };

static const char *const evict[] = {"--maxmemory", "4mb", "--maxmemory-policy", "allkeys-random",
                                    NULL};
/* It would need as much room again, at a time of its own choice. */
static const char *const no_rewrite[] = {"--auto-aof-rewrite-percentage", "0", NULL};

const struct setup single_everysec = {.name = "everysec",
                                      .durability = "fsync",
                                      .proof_ms = LOOKS_MS,
                                      .appendfsync = "everysec",
                                      .start = start_plain};
const struct setup single_always = {.name = "always",
                                    .durability = "fsync",
                                    .proof_ms = PROMPT_MS,
                                    .appendfsync = "always",
                                    .start = start_plain};
/* Whoever is promoted is promoted by the fault; nodes follow by their proxies. */
const struct setup pair_replica = {.name = "a replica, replicas:1",
                                   .durability = "replicas:1",
                                   .proof_ms = WAIT_MS,
                                   .appendfsync = "everysec",
                                   .replicas = 1,
                                   .start = start_plain};
const struct setup pair_both = {.name = "a replica, fsync+replicas:1",
                                .durability = "fsync+replicas:1",
                                .proof_ms = WAIT_MS,
                                .appendfsync = "always",
                                .replicas = 1,
                                .start = start_plain};
const struct setup replicas_unwatched = {.name = "two replicas, fsync+replicas:2",
                                         .durability = "fsync+replicas:2",
                                         .proof_ms = WAIT_MS,
                                         .appendfsync = "always",
                                         .replicas = 2,
                                         .start = start_plain};
const struct setup small_everysec = {.name = "everysec, 4 MiB disk",
                                     .durability = "fsync",
                                     .proof_ms = LOOKS_MS,
                                     .appendfsync = "everysec",
                                     .disk_kib = 4096,
                                     .options = no_rewrite,
                                     .start = start_plain};
const struct setup small_always = {.name = "always, 4 MiB disk",
                                   .durability = "fsync",
                                   .proof_ms = PROMPT_MS,
                                   .appendfsync = "always",
                                   .disk_kib = 4096,
                                   .options = no_rewrite,
                                   .start = start_plain};
const struct setup evicting = {.name = "maxmemory, no durability",
                               .durability = "none",
                               .proof_ms = PROMPT_MS,
                               .appendfsync = "everysec",
                               .options = evict,
                               .start = start_plain};
const struct setup rdb_only = {.name = "RDB, no durability",
                               .durability = "none",
                               .proof_ms = PROMPT_MS,
                               .start = start_plain};
