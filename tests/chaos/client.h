/*
 * Clients: a thread each, which asks one node for values, one request at a time over a
 * kept connection, and records every answer in a file of its own.
 *
 * A reply that comes after `patience_ms` is recorded with the code "late"; none
 * until `give_up_ms` is a "timeout", and a new connection follows.
 */
#ifndef TESTS_CHAOS_CLIENT_H
#define TESTS_CHAOS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

enum { HABIT_SEQUENCES_MAX = 4, HABITS_MAX = 4, CLIENT_NODES_MAX = 8 };

/* What a client asks for. Percents are of its requests; the rest are nextvals. */
struct habit {
    const char *sequences[HABIT_SEQUENCES_MAX]; /* picked at random, ends with NULL */
    unsigned range_percent, currval_percent, setval_percent;
    unsigned range_most; /* values in a range */
    int64_t pause_us;    /* between requests */
    bool session;        /* of its own */
};

struct load_options {
    const char *directory; /* for client0.jsonl, client1.jsonl, ... */
    int first, clients;    /* their numbers: client i asks node i % nodes */
    int ports[CLIENT_NODES_MAX];
    int nodes;
    const struct habit *habits[HABITS_MAX]; /* client i has the (i / nodes)th, or the last */
    uint64_t seed;
    int64_t patience_ms, give_up_ms;
};

struct load;

struct load *load_start(const struct load_options *options);
/* From now on no setvals: they would repair what is to be seen. */
void load_calm(struct load *load);
/* How many replies with values the clients with this habit have got, the least lucky one's. */
int64_t load_given(const struct load *load, const struct habit *habit);
/* How many requests for values in a row were answered with some, for every client, since the last
 * load_begin_streaks(). */
int64_t load_streak(const struct load *load);
void load_begin_streaks(struct load *load);
/* How long a thread here had to wait for a processor so far, at most. */
int64_t load_stall_ms(const struct load *load);
/* Ends and frees it; returns how many requests there were. */
int64_t load_stop(struct load *load);

#endif
