/* What a process runs out of, and a clock that jumps. */
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DESCRIPTORS = 64, GREEDY = 200, MALLOC_MS = 4000, FAILING_PER_MILLION = 100 };

/* ---- descriptors ---- */

static void limit_descriptors(const struct node *node, rlim_t most)
{
    struct rlimit limit;
    prlimit(node->pid, RLIMIT_NOFILE, NULL, &limit);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    prlimit(node->pid, RLIMIT_NOFILE, &limit, NULL);
}

/* Connections that ask for nothing take what there is, and seqd must reconnect to Redis. */
static void no_descriptors(struct arena *arena)
{
    static struct http greedy[GREEDY];
    const int64_t from = now_ns();
    limit_descriptors(&arena->nodes[0], DESCRIPTORS);
    for (size_t i = 0; i < GREEDY; i++)
        http_open(&greedy[i], arena->nodes[0].port);
    arena_wait(arena, 1500);
    strike_proxies(arena, 0, 1, &(struct proxy_rules){0}, true);
    arena_wait(arena, 1500);
    for (size_t i = 0; i < GREEDY; i++)
        http_close(&greedy[i]);
    limit_descriptors(&arena->nodes[0], 4096);
    arena->facts.timeouts += 20;
    strike_outage(arena, from);
    arena_recover(arena);
}

/* ---- memory ---- */

/* In place: a file that is mapped must not be shorter for a moment. */
static void write_text(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || pwrite(fd, text, strlen(text), 0) < 0 || close(fd) != 0)
        die("cannot write %s", path);
}

/* "LD_PRELOAD=..."; false, and the run is skipped, if it is not there. */
static bool preload(struct arena *arena, const char *name, char *text, size_t size)
{
    const char *directory = arena->options->shims == NULL ? "" : arena->options->shims;
    snprintf(text, size, "LD_PRELOAD=%s/%s", directory, name);
    if (access(strchr(text, '=') + 1, R_OK) == 0)
        return true;
    arena->why_skipped = "the library for LD_PRELOAD is not there: see --shims";
    return false;
}

/* A node with another environment, in place of the one there is. */
static void restart_with(struct arena *arena, size_t number, const char *const *wrapper)
{
    struct node *node = &arena->nodes[number];
    node_stop(node);
    arena->facts.kills++;
    node->wrapper = wrapper;
    strike_node_start(arena, number);
    node->wrapper = NULL; /* from its next start on */
}

/* Where it can't refuse a request for want of memory it ends, and what it held is a gap. */
static void no_memory(struct arena *arena)
{
    char library[300], control[300], path[250], text[32];
    const int64_t until = now_ms() + MALLOC_MS;
    struct node *node = &arena->nodes[0];
    snprintf(path, sizeof path, "%s/malloc", arena->directory);
    snprintf(control, sizeof control, "MALLOC_FAILS=%s", path);
    if (!preload(arena, "malloc_fails.so", library, sizeof library))
        return;
    write_text(path, "0       \n");
    restart_with(arena, 0, ARGUMENTS("env", library, control));
    node->may_abort = true;
    snprintf(text, sizeof text, "%-8d\n", FAILING_PER_MILLION);
    write_text(path, text);
    while (now_ms() < until) {
        arena_wait(arena, 20);
        node_look(node);
        if (node->pid == 0) {
            arena->facts.kills++;
            write_text(path, "0       \n");
            restart_with(arena, 0, ARGUMENTS("env", library, control));
            write_text(path, text);
        }
    }
    write_text(path, "0       \n");
}

/* ---- clocks ---- */

struct clock {
    char file[250], set[300], library[300];
    const char *wrapper[4];
};

/* The time of day is the file's; what is measured by CLOCK_MONOTONIC goes on. */
static bool clock_prepare(struct arena *arena, struct clock *clock)
{
    if (!preload(arena, "clock_ahead.so", clock->library, sizeof clock->library))
        return false;
    snprintf(clock->file, sizeof clock->file, "%s/clock", arena->directory);
    snprintf(clock->set, sizeof clock->set, "CLOCK_AHEAD=%s", clock->file);
    const char *const words[] = {"env", clock->library, clock->set, NULL};
    memcpy(clock->wrapper, words, sizeof words);
    write_text(clock->file, "+00000\n ");
    return true;
}

static void jump(struct arena *arena, const struct clock *clock)
{
    static const char *const offsets[] = {"+86400\n ", "-86400\n ", "+00000\n "};
    for (size_t i = 0; i < 3; i++) {
        write_text(clock->file, offsets[i]);
        arena_wait(arena, 2500);
    }
}

static void node_clock(struct arena *arena)
{
    struct clock clock;
    if (!clock_prepare(arena, &clock))
        return;
    restart_with(arena, 0, clock.wrapper);
    jump(arena, &clock);
}

static void redis_clock(struct arena *arena)
{
    struct clock clock;
    if (!clock_prepare(arena, &clock))
        return;
    const int64_t from = now_ns();
    primary(arena)->wrapper = clock.wrapper;
    strike_redis_kill(arena);
    redis_start(primary(arena));
    primary(arena)->wrapper = NULL;
    strike_outage(arena, from);
    arena_recover(arena);
    jump(arena, &clock);
}

static const struct fault rows[] = {
    {32, "seqd: clock a day off", &single_always, STRIKES_SEQD, 0, node_clock, false},
    {32, "Redis: clock a day off", &single_everysec, STRIKES_REDIS, 0, redis_clock, false},
    {37, "seqd: no descriptors left", &single_always, STRIKES_SEQD | STRIKES_NETWORK, NODES,
     no_descriptors, false},
    {37, "seqd: malloc fails", &single_always, STRIKES_SEQD, 0, no_memory, false},
};
const struct fault_table faults_limits = FAULT_TABLE(rows);
