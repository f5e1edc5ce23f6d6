/* A PostgreSQL database and a seqd: see pair.h. */
#include "tests/differential/pair.h"

#include "tests/differential/compare.h"
#include "tests/differential/rest.h"
#include "tests/process/process.h"

#include <stdio.h>
#include <string.h>

void pair_start(struct pair *pair, int worker, const char *binary, bool with_shard)
{
    *pair = (struct pair){.postgres_only = binary == NULL};
    snprintf(pair->database, sizeof pair->database, "postgres%d", worker);
    snprintf(pair->shard_database, sizeof pair->shard_database, "shard%d", worker);
    postgres_fresh_database(pair->database);
    if (with_shard) {
        postgres_fresh_database(pair->shard_database);
        pair->shard = postgres_connect(pair->shard_database);
    }
    if (!pair->postgres_only) {
        seqd_start(&pair->seqd, binary);
    }
}

void pair_stop(struct pair *pair)
{
    for (int i = 0; i < SESSIONS; i++) {
        PQfinish(pair->sessions[i]);
    }
    PQfinish(pair->shard);
    if (!pair->postgres_only) {
        seqd_stop(&pair->seqd);
    }
    outcome_free(&pair->postgres_outcome);
    outcome_free(&pair->seqd_outcome);
    text_free(&pair->shard_sql);
}

/* PostgreSQL has no request without a session, so that is a new connection. */
static PGconn *connection_of(struct pair *pair, int session)
{
    if (session == SESSION_NONE) {
        return postgres_connect(pair->database);
    }
    if (pair->sessions[session] == NULL) {
        pair->sessions[session] = postgres_connect(pair->database);
    }
    return pair->sessions[session];
}

/* seqd is new with each pair, so its sessions are, too. */
static const char *name_of(int session)
{
    static char name[2];
    name[0] = (char)('a' + session);
    return session == SESSION_NONE ? NULL : name;
}

/* What the shard says is the outcome of what was sent to it. */
static void merge(struct outcome *outcome, const struct outcome *shard)
{
    if (shard->statements > 0) {
        text_add(&outcome->results, "%s%s", outcome->statements > 0 ? "; " : "",
                 text_of(&shard->results));
        outcome->statements += shard->statements;
    }
    if (shard->notices.length > 0) {
        text_add(&outcome->notices, "%s%s", outcome->notices.length > 0 ? "; " : "",
                 text_of(&shard->notices));
    }
    if (shard->failed && !outcome->failed) {
        outcome_error(outcome, shard->sqlstate, text_of(&shard->message), text_of(&shard->hint),
                      POSITION_UNKNOWN); /* the shard's text is another one */
    }
}

static void run_on_shard(struct pair *pair)
{
    struct outcome outcome = {0};
    const char *sql = text_of(&pair->shard_sql), *end = sql + pair->shard_sql.length;
    for (; sql < end; sql += strlen(sql) + 1) {
        postgres_send(pair->shard, sql, &outcome);
        postgres_receive(pair->shard, &outcome);
        merge(&pair->seqd_outcome, &outcome);
    }
    outcome_free(&outcome);
}

static void finish(struct pair *pair, PGconn *connection, int session)
{
    postgres_receive(connection, &pair->postgres_outcome);
    if (session == SESSION_NONE) {
        PQfinish(connection);
    }
}

void pair_run(struct pair *pair, int session, const char *sql)
{
    PGconn *connection = connection_of(pair, session);
    postgres_send(connection, sql, &pair->postgres_outcome);
    outcome_clear(&pair->seqd_outcome);
    if (!pair->postgres_only) {
        text_clear(&pair->shard_sql);
        seqd_sql(&pair->seqd, name_of(session), sql, &pair->seqd_outcome, &pair->shard_sql);
        if (pair->shard != NULL) {
            run_on_shard(pair);
        }
    }
    finish(pair, connection, session);
}

void pair_run_shard(struct pair *pair, int session, const char *sql)
{
    PGconn *connection = connection_of(pair, session);
    postgres_send(connection, sql, &pair->postgres_outcome);
    finish(pair, connection, session);
    outcome_clear(&pair->seqd_outcome);
    if (!pair->postgres_only) {
        postgres_send(pair->shard, sql, &pair->seqd_outcome);
        postgres_receive(pair->shard, &pair->seqd_outcome);
    }
}

void pair_run_rest(struct pair *pair, int session, const char *sql,
                   const struct operation *operation)
{
    PGconn *connection = connection_of(pair, session);
    postgres_send(connection, sql, &pair->postgres_outcome);
    outcome_clear(&pair->seqd_outcome);
    rest_run(&pair->seqd, name_of(session), operation, &pair->seqd_outcome);
    finish(pair, connection, session);
}
