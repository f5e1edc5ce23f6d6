/* Faults of Redis's disk: a file system of a few MiB that runs full. */
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEALED_MS = 15000 };

static void ballast_path(struct arena *arena, char *path, size_t size)
{
    snprintf(path, size, "%s/ballast", primary(arena)->directory);
}

/* Until there is no room at all. */
static void fill(struct arena *arena)
{
    char path[200], block[4096];
    ballast_path(arena, path, sizeof path);
    memset(block, 'x', sizeof block);
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        die("cannot write %s", path);
    while (write(fd, block, sizeof block) > 0) {
    }
    close(fd);
}

static void make_room(struct arena *arena)
{
    char path[200];
    ballast_path(arena, path, sizeof path);
    unlink(path);
}

/* It says so, or has ended. Each write uses up some of the last block. */
static bool felt(struct arena *arena)
{
    fill(arena);
    if (redis_ended(primary(arena)))
        return true;
    redisReply *reply = redis_ask(primary(arena), "SET junk %s", "0123456789012345678901234567890");
    const bool refused = reply != NULL && reply->type == REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    return refused;
}

static bool writes(struct arena *arena)
{
    redisReply *reply = redis_ask(primary(arena), "SET junk 1");
    const bool good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return good;
}

static void full(struct arena *arena)
{
    const int64_t from = now_ns();
    const bool always = arena->setup == &small_always;
    const bool was_felt = arena_until(arena, felt, HEALED_MS);
    facts_expect(&arena->facts, was_felt, "Redis goes on with a full disk");
    facts_expect(&arena->facts, !always || redis_ended(primary(arena)),
                 "Redis goes on with a full disk and appendfsync always");
    arena_wait(arena, 2000);
    make_room(arena);
    if (redis_ended(primary(arena))) {
        arena->facts.incarnations++;
        redis_start(primary(arena));
    }
    const bool healed = arena_until(arena, writes, HEALED_MS);
    facts_expect(&arena->facts, healed, "Redis does not write although there is room");
    strike_outage(arena, from);
    arena_recover(arena);
}

static const struct fault rows[] = {
    {21, "disk full, everysec", &small_everysec, STRIKES_REDIS, 0, full, true},
    {21, "disk full, always", &small_always, STRIKES_REDIS, 0, full, true},
};
const struct fault_table faults_disk = FAULT_TABLE(rows);
