/*
 * How sure Redis is of what it acknowledged, and how that is proved.
 *
 *   fsync          on its disk: under `appendfsync always` the reply is the proof (it is written
 *                  after fsync(2)); under everysec WAITAOF (Redis 7.2), or before that two looks
 *                  at INFO persistence;
 *   replicas:N     in the memory of N replicas, all that can be promoted: WAIT, on the
 *                  connection that wrote;
 *   none           nothing is proved, and nothing kept back: after a loss numbers may repeat.
 *
 * Why two looks are a proof (aof.c of Redis 7.0): a write that was put off because an fsync was
 * under way is forced after 2 s, so after 3 s the bytes are in the file; with no fsync pending
 * then, the next one begins within a second or so and covers them; and when none is pending
 * 2.2 s later, it has ended. It is no proof against a disk that lies.
 */
#ifndef STORE_DURABILITY_H
#define STORE_DURABILITY_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOK_FIRST_MS  3000 /* after the write */
#define LOOK_SECOND_MS 2200 /* after the first look */

/* What is asked for. */
struct durability {
    bool automatic; /* the strongest that the server's settings allow */
    bool fsync;
    int64_t replicas; /* 0: none */
};

/* "fsync", "replicas:N", "fsync+replicas:N", "none" or "auto". */
bool durability_parse(const char *text, struct durability *durability);

/* What a server was found to give. */
struct surety {
    bool guarded; /* false: "none" */
    bool fsync;
    bool looks; /* two looks are needed */
    bool waitaof;
    int64_t replicas; /* to wait for */
    char run_id[48];  /* the server's; "" if it was not asked */
    char text[128];   /* for people: "fsync (appendfsync everysec)" */
    char advice[160]; /* why it is no more than that, or "" */
};

/* The stronger the higher; "none" is 0. */
int surety_rank(const struct surety *surety);

/* Asks a server about its settings. False with the reason: it does not give what is asked for,
 * or does not answer (context->err). */
bool surety_examine(redisContext *context, const struct durability *durability,
                    struct surety *surety, char *why, size_t why_size);

/* What this connection wrote is on so many replicas, or on the disk: false with the reason. */
bool surety_wait(redisContext *context, const struct surety *surety, int64_t timeout_ms, char *why,
                 size_t why_size);

enum look { LOOK_CLEAN, LOOK_BUSY, LOOK_FAILED /* context->err */ };

/* Whether an fsync is pending or has failed, or the file is being rewritten. */
enum look surety_look(redisContext *context);

#endif
