/*
 * The numbers that one statement needs for all its rows: one reservation per sequence,
 * then handed out in order.
 */
#ifndef HANDLERS_SQL_DRAWS_H
#define HANDLERS_SQL_DRAWS_H

#include "handlers/sql/names.h"
#include "store/ticket.h"

struct run;

/* A ticket whose answer wakes a run. */
struct run_ticket {
    struct ticket ticket;
    struct run *run;
};

struct draw_source {
    struct object object;
    int64_t wanted;
    struct run_ticket *ticket; /* NULL: not taken yet */
    bool taken;
    /* How far it was handed out. */
    size_t span;
    int64_t at; /* in the span */
    int64_t last;
    bool used;
};

struct draws {
    struct draw_source *sources;
    size_t count, capacity;
    size_t next; /* the source to be taken */
    size_t last; /* handed out of, latest: where lastval comes from */
};

/* So many sequences in one statement. */
#define DRAW_SOURCES_MAX 100

/* Wants `count` more numbers of a sequence; the index of its source, or DRAW_SOURCES_MAX
 * when there are too many. */
size_t draws_want(struct draws *draws, struct arena *arena, const struct object *object,
                  int64_t count);

/* The next number of a source. As many times as was wanted. */
int64_t draws_value(struct draws *draws, size_t source);

/* Frees what was taken. */
void draws_end(struct draws *draws);

#endif
