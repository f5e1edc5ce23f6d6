/*
 * A TCP proxy on 127.0.0.1, in a thread of its own, that can treat connections badly.
 * Rules may be changed at any time, from any thread.
 */
#ifndef TESTS_CHAOS_PROXY_H
#define TESTS_CHAOS_PROXY_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: passes everything on. */
struct proxy_rules {
    int64_t delay_ms[2]; /* of what goes to the server; of what goes to the client */
    bool cut;            /* ends a connection after `cut_after` bytes of replies */
    int64_t cut_after;   /* counted in each connection since the rules were set */
    bool swallow;        /* drops what the server sends */
    bool hold;           /* keeps what the server sends, and delivers it when that ends */
    bool refuse;         /* ends new connections at once */
    bool blackhole;      /* takes new connections, and nothing goes on from there */
    const char *instead; /* what the server sends is replaced by this, each time; or NULL */
};

struct proxy;

/* To a port of 127.0.0.1. */
struct proxy *proxy_start(int target_port);
void proxy_stop(struct proxy *proxy);
int proxy_port(const struct proxy *proxy);
void proxy_set(struct proxy *proxy, const struct proxy_rules *rules);
/* Where new connections go: "127.0.0.1:PORT", or "unix:PATH". */
void proxy_target(struct proxy *proxy, const char *target);
/* Ends all connections there are. */
void proxy_drop(struct proxy *proxy);

#endif
