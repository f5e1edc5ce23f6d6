/*
 * Clients: a thread each, which asks one node for values, one request at a time over a
 * kept connection, and records every answer in a file of its own.
 *
 * A reply that comes after `patience_ms` is recorded with the code "late"; none
 * until `give_up_ms` is a "timeout", and a new connection follows.
 */
#ifndef TESTS_CHAOS_CLIENT_H
#define TESTS_CHAOS_CLIENT_H

#include <stdint.h>

enum { CLIENT_SEQUENCES_MAX = 4, CLIENT_NODES_MAX = 8 };

struct load_options {
    const char *directory; /* for client0.jsonl, client1.jsonl, ... */
    int clients;           /* client i asks node i % nodes */
    int ports[CLIENT_NODES_MAX];
    int nodes;
    const char *sequences[CLIENT_SEQUENCES_MAX]; /* picked at random, ends with NULL */
    uint64_t seed;
    unsigned range_percent; /* of requests; the others are nextvals */
    unsigned range_most;    /* values in a range */
    int64_t patience_ms, give_up_ms, pause_us;
};

struct load;

struct load *load_start(const struct load_options *options);
/* Ends and frees it; returns how many requests there were. */
int64_t load_stop(struct load *load);

#endif
