/* A PostgreSQL of this run's own, and statements for it. */
#ifndef TESTS_DIFFERENTIAL_POSTGRES_H
#define TESTS_DIFFERENTIAL_POSTGRES_H

#include "tests/differential/outcome.h"

#include <libpq-fe.h>

/* Makes a cluster in the scratch directory and waits until it answers. A unix socket
 * only, nothing is synced to disk. */
void postgres_start(void);
void postgres_stop(void);

PGconn *postgres_connect(const char *database);
/* Dies when it fails: for what the test itself needs. */
void postgres_do(PGconn *connection, const char *sql);
/* A database without user tables, schemas (but public) and sequences: made when it is
 * missing, else emptied. */
void postgres_fresh_database(const char *database);

/* One text of SQL, in two steps, so that the other side works at the same time. The
 * outcome takes notices from the first one on. */
void postgres_send(PGconn *connection, const char *sql, struct outcome *outcome);
void postgres_receive(PGconn *connection, struct outcome *outcome);

#endif
