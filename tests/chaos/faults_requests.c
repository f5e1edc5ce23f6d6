/* What clients themselves can do: change sequences under load, and come in great numbers. */
#include "tests/chaos/habits.h"
#include "tests/chaos/strike.h"

#include "tests/chaos/http.h"
#include "tests/process/process.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CROWD = 1000, CROWD_FIRST = 1000, CROWD_PATIENCE_MS = 1000 };

/* ---- changes ---- */

/* Of every sequence under load. `down` goes down by 7, `thin` up by 3; what begins anew does so
 * anywhere. */
static const struct change {
    const char *method, *path, *body;
} changes[] = {
    {"POST", "/v1/sequences/wide/setval", "{\"value\": 900000000}"},
    {"POST", "/v1/sequences/wide/setval", "{\"value\": 5}"},
    {"POST", "/v1/sequences/up/setval", "{\"value\": 77, \"is_called\": false}"},
    {"PATCH", "/v1/sequences/up", "{\"restart\": true}"},
    {"PATCH", "/v1/sequences/down", "{\"restart\": -50}"},
    {"PATCH", "/v1/sequences/thin", "{\"restart\": 1000}"},
    {"PATCH", "/v1/sequences/wide", "{\"cache\": 20000}"},
    {"POST", "/v1/sequences/thin/advance", "{\"value\": 500000}"},
    {"DELETE", "/v1/sequences/down", NULL},
    {"POST", "/v1/sequences",
     "{\"name\": \"down\", \"cache\": 200, \"increment\": -7, \"start\": -3}"},
    {"PATCH", "/v1/sequences/up", "{\"cache\": 10}"},
    {"DELETE", "/v1/sequences/up", NULL},
    {"POST", "/v1/sequences", "{\"name\": \"up\", \"cache\": 1000}"},
    {"POST", "/v1/sequences/wide/setval?fence=strict", "{\"value\": 1}"},
};

/* 503, 504 and nothing: in doubt, as when something else strikes at the same time. From then on,
 * and from the second time on, it may be there already, or be gone. */
static bool expected(int status, bool *in_doubt)
{
    *in_doubt |= status >= 503 || status == 0;
    return (status >= 200 && status < 300) || status >= 503 || status == 0 ||
           (*in_doubt && (status == 404 || status == 409));
}

static void change(struct arena *arena, size_t round, bool *in_doubt)
{
    char *reply;
    const struct change *now = &changes[round % (sizeof changes / sizeof *changes)];
    const struct node *node = &arena->nodes[round % NODES];
    const int status = http_call(node->port, now->method, now->path, now->body, &reply);
    facts_expect(&arena->facts, expected(status, in_doubt), "%s %s was answered with %d: %.100s",
                 now->method, now->path, status, reply);
    free(reply);
}

static void sequences_changed(struct arena *arena)
{
    enum { CHANGES = 70 };
    bool in_doubt = false;
    for (size_t round = 0; round < CHANGES; round++) {
        in_doubt |= round >= sizeof changes / sizeof *changes;
        change(arena, round, &in_doubt);
        arena_wait(arena, 80);
    }
}

/* ---- numbers of clients ---- */

/* Each with a connection that it keeps: none may be forgotten. */
static void crowd(struct arena *arena)
{
    struct load_options options = {
        .directory = arena->directory,
        .first = CROWD_FIRST,
        .clients = CROWD,
        .nodes = NODES,
        .habits = {&habit_crowd},
        .seed = arena->options->seed,
        .patience_ms = CROWD_PATIENCE_MS,
        .give_up_ms = 10 * CROWD_PATIENCE_MS,
    };
    for (size_t i = 0; i < NODES; i++)
        options.ports[i] = arena->nodes[i].port;
    struct load *load = load_start(&options);
    arena_wait(arena, 5000);
    const int64_t least = load_given(load, &habit_crowd);
    load_stop(load);
    facts_expect(&arena->facts, least >= 5, "one of %d clients had %d replies in 5 s", CROWD,
                 (int)least);
}

static const struct fault rows[] = {
    {31, "setval, restart, drop, create", NULL, STRIKES_CLIENTS, 0, sequences_changed, true},
    {36, "1000 more clients", NULL, STRIKES_CLIENTS, 0, crowd, false},
};
const struct fault_table faults_requests = FAULT_TABLE(rows);
