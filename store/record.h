/*
 * A sequence as Redis has it: the hash `PREFIX{NAME}` and the counter
 * `PREFIX{NAME}:next`. The braces put both in one slot of a Redis Cluster.
 *
 *   oid, generation           128 random bits in hex
 *   type .. owned_by          the definition, integers in decimal, cache "auto" or n
 *   base, limit               the generation's progression; limit saves the script
 *                             from knowing about bounds
 *   created_at, updated_at    RFC 3339, UTC
 *   serial, identity          of a table's column: "table.column", and "1" (table.h)
 *
 * A hash with `dropped` (the oid) and no generation is the tombstone of a dropped
 * sequence. One with `moving` ("NEW_NAME NEW_GENERATION") and no generation is on its way there,
 * in a Redis Cluster (move.lua). `born`, there: the generations that the last ones of this name
 * began with; it stays in the tombstone (create.lua). Fields that this version does not know are
 * left alone.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/block.h"
#include "store/definition.h"
#include "store/name.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#define TIME_SIZE 28 /* "2026-01-01T00:00:00.000000Z" and NUL */

struct record {
    struct identity identity;
    struct definition definition;
    struct progression rule;
    int64_t limit;
    char created_at[TIME_SIZE], updated_at[TIME_SIZE];
    char serial[COLUMN_SIZE]; /* "table.column" whose default it is, or "" */
    bool is_identity;         /* of that column */
    bool has_next;            /* false: the counter is lost */
    int64_t next;
};

enum record_result {
    RECORD_OK,
    RECORD_NONE,    /* no hash at all */
    RECORD_DROPPED, /* a tombstone */
    RECORD_MOVING,  /* on its way to another name: see record_target */
    RECORD_DAMAGED  /* anything that seqd would not have written */
};

/* Reads HGETALL's and GET's replies, trusting nothing in them. */
enum record_result record_parse(const redisReply *fields, const redisReply *counter,
                                struct record *record);

/* "NEW_NAME NEW_GENERATION" and NUL. */
#define RECORD_MARK_SIZE (NAME_MAX_BYTES + 1 + ID_SIZE)

/* Of one that is on its way: the name, and *record as it begins there. False: damaged. */
bool record_target(const redisReply *fields, const redisReply *counter, struct seq_name *name,
                   struct record *record);

/* A decimal integer in a string reply. */
bool reply_integer(const redisReply *reply, int64_t *value);

/* Computes rule and limit from the definition and the position. */
void record_set_position(struct record *record, const struct position *position);
struct position record_position(const struct record *record);

/* 128 bits of getrandom(2) in hex. */
void record_new_id(char id[ID_SIZE]);
void record_time(char text[TIME_SIZE]);

/* The hash's fields and values, but oid and generation, as arguments of a command:
 * pairs of strings, in `text` and static memory. */
#define RECORD_ARGUMENTS 28
struct record_arguments {
    const char *values[RECORD_ARGUMENTS];
    size_t count;
    char text[8][24];
};
void record_arguments(const struct record *record, struct record_arguments *arguments);

#endif
