/*
 * A PostgreSQL database and a seqd, both empty at first, that are sent the same: seqd
 * together with a second database, the shard, which gets what seqd makes of statements
 * on tables.
 */
#ifndef TESTS_DIFFERENTIAL_PAIR_H
#define TESTS_DIFFERENTIAL_PAIR_H

#include "tests/differential/operation.h"
#include "tests/differential/postgres.h"
#include "tests/differential/script.h"
#include "tests/differential/seqd.h"

struct pair {
    char database[32], shard_database[32];
    PGconn *sessions[SESSIONS]; /* opened when first used */
    PGconn *shard;              /* NULL without one */
    bool postgres_only;
    struct seqd seqd;
    struct outcome postgres_outcome, seqd_outcome; /* of the last statement */
    struct text shard_sql;
};

/* `worker` has databases of its own. `binary` NULL: PostgreSQL only. */
void pair_start(struct pair *pair, int worker, const char *binary, bool with_shard);
void pair_stop(struct pair *pair);

void pair_run(struct pair *pair, int session, const char *sql);
/* Runs on the shard rather than on seqd. */
void pair_run_shard(struct pair *pair, int session, const char *sql);
/* `sql` is the operation for PostgreSQL; seqd gets it by REST. */
void pair_run_rest(struct pair *pair, int session, const char *sql,
                   const struct operation *operation);

#endif
