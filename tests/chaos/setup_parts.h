/* What setups are made of: for the files that define some. */
#ifndef TESTS_CHAOS_SETUP_PARTS_H
#define TESTS_CHAOS_SETUP_PARTS_H

#include "tests/chaos/faults.h"

/* The next of arena->servers, with the options of the setup; to be started. */
struct redis *server_prepare(struct arena *arena);
/* From its next start on it is a replica of the primary. */
void server_follow(struct arena *arena, size_t number);
/* A primary and the setup's replicas; returns when they have all. */
void servers_start(struct arena *arena);

#endif
