/*
 * Faults, by their number in the matrix of the design, and the arena each is run in:
 * a redis-server, three seqds, clients that ask for values all the time.
 */
#ifndef TESTS_CHAOS_FAULTS_H
#define TESTS_CHAOS_FAULTS_H

#include "tests/chaos/checker.h"
#include "tests/chaos/client.h"
#include "tests/chaos/proxy.h"
#include "tests/chaos/setups.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NODES = 3, SEQUENCES = 2, BLOCK = 1000 };

struct chaos_options {
    const char *seqd;       /* the binary */
    const char *durability; /* seqd's --durability; NULL: the flag is not given */
    int64_t window;         /* values of a write-ahead window; judged only if known */
    int64_t recovery_ms;    /* R8 */
    int64_t scale_percent;  /* of the times that faults take */
    uint64_t seed;
    bool rest_of_report; /* print every rule, not only those that failed */
};

struct arena {
    const struct chaos_options *options;
    char directory[128];
    struct redis redis, replica;
    const char *redis_options[3];
    struct proxy *proxy; /* between nodes and Redis; NULL: there is none */
    struct node nodes[NODES];
    struct load *load;
    struct facts facts;
    const char *why_skipped;
};

struct fault {
    int number;
    const char *name;
    const char *appendfsync;
    int proxied; /* so many of the nodes, from the first on, reach Redis by the proxy */
    void (*run)(struct arena *arena);
};

extern const struct fault faults[];
extern const size_t fault_count;

/* Waits that long, scaled. */
void arena_wait(const struct arena *arena, int64_t ms);

#endif
