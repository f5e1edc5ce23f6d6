/* Faults of the connections between seqd and Redis. */
#include "tests/chaos/netfilter.h"
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <stddef.h>
#include <string.h>

enum { ROUNDS = 3 };

static const struct proxy_rules none;

/* What was under way is given up, and may have been done. */
static void given_up(struct arena *arena, int64_t from, int requests)
{
    strike_outage(arena, from);
    arena->facts.timeouts += NODES * requests;
    arena_recover(arena);
}

static void bad_for(struct arena *arena, const struct proxy_rules *bad, int64_t ms)
{
    const int64_t from = now_ns();
    strike_proxies(arena, 0, NODES, bad, false);
    arena_wait(arena, ms);
    strike_proxies(arena, 0, NODES, &none, false);
    given_up(arena, from, 10);
}

static void replies_swallowed(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++)
        bad_for(arena, &(struct proxy_rules){.swallow = true}, 300);
}

static void replies_late(struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++)
        bad_for(arena, &(struct proxy_rules){.hold = true}, 1500); /* longer than any time-out */
}

static void replies_cut(struct arena *arena)
{
    enum { CUTS = 200 };
    const int64_t from = now_ns();
    for (int bytes = 1; bytes <= CUTS; bytes++) {
        strike_proxies(arena, 0, NODES, &(struct proxy_rules){.cut = true, .cut_after = bytes},
                       false);
        arena_wait(arena, 20);
    }
    strike_proxies(arena, 0, NODES, &none, true);
    given_up(arena, from, CUTS);
}

static void slow(struct arena *arena)
{
    strike_proxies(arena, 0, NODES, &(struct proxy_rules){.delay_ms = {20, 50}}, false);
    arena_wait(arena, 4000);
    strike_proxies(arena, 0, NODES, &none, false);
}

static void refused(struct arena *arena)
{
    static const struct proxy_rules ways[] = {{.refuse = true}, {.blackhole = true}};
    for (size_t i = 0; i < 2; i++) {
        const int64_t from = now_ns();
        strike_proxies(arena, 0, NODES, &ways[i], true);
        arena_wait(arena, 2000);
        /* Or a black hole would go on for those in it. */
        strike_proxies(arena, 0, NODES, &none, true);
        given_up(arena, from, 10);
    }
}

/* ---- by netfilter ---- */

static void lossy(struct arena *arena)
{
    if (!netfilter_possible(arena))
        return;
    const int64_t from = now_ns();
    netfilter_lose(20);
    arena_wait(arena, 4000);
    netfilter_narrow(32); /* 256 kbit/s */
    arena_wait(arena, 3000);
    netfilter_heal();
    given_up(arena, from, 20);
}

/* ---- bytes that no Redis should send ---- */

static const char deep[] =
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n";
static const char *const garbage[] = {
    "\x01\x02\xff\xfe\r\n",
    "$2147483647\r\n",
    "$-5\r\n",
    "*2147483647\r\n",
    "*-7\r\n",
    "$99999999999999999999\r\n",
    ":-9223372036854775808\r\n",
    ":99999999999999999999\r\n",
    "+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
    "-\r\n",
    "*0\r\n",
    "*4\r\n$2\r\nok\r\n$16\r\n0000000000000000\r\n$1\r\n5\r\n$0\r\n\r\n",
    "*5\r\n$2\r\nok\r\n$-1\r\n$2\r\n-5\r\n$0\r\n\r\n$0\r\n\r\n",
    "*3\r\n$7\r\nchanged\r\n:1\r\n*0\r\n",
    "%1\r\n+a\r\n:1\r\n",
    deep,
};

static void nonsense(struct arena *arena)
{
    const int64_t from = now_ns();
    const size_t count = sizeof garbage / sizeof *garbage;
    for (size_t i = 0; i < count; i++) {
        strike_proxies(arena, 0, NODES, &(struct proxy_rules){.instead = garbage[i]}, false);
        arena_wait(arena, 200);
    }
    strike_proxies(arena, 0, NODES, &none, true);
    given_up(arena, from, 10 * (int)count);
}

static const struct fault rows[] = {
    {11, "Redis: slow, 70 ms a round trip", &single_always, STRIKES_NETWORK, NODES, slow, false},
    {12, "Redis: replies swallowed", &single_everysec, STRIKES_NETWORK, NODES, replies_swallowed,
     false},
    {13, "Redis: replies late", &single_everysec, STRIKES_NETWORK, NODES, replies_late, false},
    {14, "Redis: replies cut after 1..200 bytes", &single_always, STRIKES_NETWORK, NODES,
     replies_cut, true},
    {33, "Redis: refused, then a black hole", &single_everysec, STRIKES_NETWORK, NODES, refused,
     false},
    {34, "network: 20 % lost, then 256 kbit/s", &single_always, STRIKES_NETWORK, 0, lossy, false},
    {34, "network: the same with a replica", &watched_replicas, STRIKES_NETWORK, 0, lossy, false},
    {35, "Redis: garbage instead of replies", &single_always, STRIKES_NETWORK, NODES, nonsense,
     false},
};
const struct fault_table faults_network = FAULT_TABLE(rows);
