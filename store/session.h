/*
 * Sessions: what currval and lastval are defined in, as connections are in PostgreSQL.
 * Per node, in memory. A session begins with its first use and ends after an idle
 * time; their number is capped, and the longest idle goes first. So is the number of
 * sequences in one session.
 *
 * What is remembered belongs to a sequence's oid: a rename keeps it, a sequence
 * dropped and created again has none. Any thread; one lock.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/block.h"
#include "store/name.h"

#define SESSION_NAME_MAX      64
#define SESSION_SEQUENCES_MAX 1000

struct sessions;

struct session_value {
    struct identity identity;
    struct seq_name name; /* when the value was obtained */
    int64_t value;
};

struct sessions *sessions_create(int64_t max_sessions, int64_t idle_timeout_ms);
void sessions_destroy(struct sessions *sessions);

/* 1 to 64 of A-Z a-z 0-9 _ - */
bool session_name_is_valid(const char *session);

/* nextval: defines currval, and lastval from now on. setval: defines currval only. */
void session_note_nextval(struct sessions *sessions, const char *session,
                          const struct session_value *value);
void session_note_setval(struct sessions *sessions, const char *session,
                         const struct session_value *value);

/* Forgets all of it (DISCARD). */
void sessions_end(struct sessions *sessions, const char *session);

/* False: not defined in this session. */
bool session_currval(struct sessions *sessions, const char *session, const char *oid,
                     struct session_value *value);
bool session_lastval(struct sessions *sessions, const char *session, struct session_value *value);

#endif
