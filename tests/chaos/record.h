/*
 * What clients were told: a history, kept as JSON lines.
 *
 * A line is one run of values that a reply gave, or a reply without values, or a
 * request without a reply. A reply with several ranges is several lines with the same
 * t_invoke. Each client writes a file of its own, in the order of its requests, which
 * it makes one at a time; read one after the other, each client's records stay
 * together and in order, and the checker relies on that.
 */
#ifndef TESTS_CHAOS_RECORD_H
#define TESTS_CHAOS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum record_op { OP_NEXTVAL, OP_RANGE, OP_CURRVAL, OP_SETVAL, OP_COUNT };
extern const char *const record_op_names[OP_COUNT];

enum { RECORD_RETRY_AFTER = 1 }; /* flag: the reply had a Retry-After */

/* 64 bytes, as there are millions. Without values: count 0. */
struct record {
    int64_t t_invoke, t_complete; /* CLOCK_MONOTONIC, ns; complete: the reply's end, or giving up */
    int64_t from, to;             /* the first and the last value */
    int64_t increment;            /* as the reply said it; 0: it did not */
    uint32_t count, asked;        /* values in this record; values in the request */
    uint16_t client, node, connection;     /* connections count from 0 in each client */
    uint16_t sequence, generation, status; /* names by number; status 0: no reply */
    uint8_t op, code, flags;               /* code: the problem's, or why there is no reply */
};

enum { NAME_SIZE = 48 };

struct names {
    char (*texts)[NAME_SIZE];
    size_t count, room;
};

/* All zero at first. */
struct history {
    struct record *records;
    size_t count, room;
    struct names sequences, generations, codes;
};

/* The name's number, a new one if needed. Number 0 of each kind is "". */
uint16_t names_number(struct names *names, const char *text);
const char *names_text(const struct names *names, size_t number);

void history_add(struct history *history, const struct record *record);
void history_free(struct history *history);

/* The names of a record that is to be written; none needs escaping. */
struct record_names {
    const char *sequence, *generation, *code;
};
/* False when the disk is full, or so. */
bool record_write(FILE *file, const struct record *record, const struct record_names *names);

/* One line, as it stands in the file, without its end. */
void record_text(const struct history *history, const struct record *record, char *text,
                 size_t size);

/* Adds a file's lines; false with the reason in `error`. */
bool history_read(struct history *history, const char *path, char *error, size_t size);

#endif
