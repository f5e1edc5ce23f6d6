/* What the clients of every run ask for, one of each kind at every node. */
#ifndef TESTS_CHAOS_HABITS_H
#define TESTS_CHAOS_HABITS_H

#include "tests/chaos/client.h"

enum { KINDS = 4 };

/* Much, and of what nodes hold for a while; a little of what they hold less of; each value from
 * Redis, so that it is seen when there are fresh ones; a session that sets its sequence. */
extern const struct habit habit_steady, habit_mixed, habit_thin, habit_session;
/* One of a thousand. */
extern const struct habit habit_crowd;

/* The bodies that create the sequences, ends with NULL. */
extern const char *const sequence_bodies[];
extern const char *const sequence_names[];

#endif
