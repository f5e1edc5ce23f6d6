/* A PostgreSQL of this run's own: see postgres.h. */
#include "tests/differential/postgres.h"

#include "tests/process/process.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { START_MS = 60000, PATH_SIZE = 512 };

static pid_t server;

/* ---- starting and stopping ---- */

/* The newest that Debian has installed; pg_config may be there without a server. */
static bool find_debian(char directory[PATH_SIZE])
{
    glob_t found;
    const bool any = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;
    if (any) {
        snprintf(directory, PATH_SIZE, "%s", found.gl_pathv[found.gl_pathc - 1]);
        *strrchr(directory, '/') = '\0';
        globfree(&found);
    }
    return any;
}

static bool find_pg_config(char directory[PATH_SIZE])
{
    char initdb[PATH_SIZE + 8];
    FILE *pipe = popen("pg_config --bindir 2>/dev/null", "r");
    const bool said = pipe != NULL && fgets(directory, PATH_SIZE, pipe) != NULL;
    if (pipe != NULL) {
        pclose(pipe);
    }
    if (!said) {
        return false;
    }
    directory[strcspn(directory, "\n")] = '\0';
    snprintf(initdb, sizeof initdb, "%s/initdb", directory);
    return access(initdb, X_OK) == 0;
}

/* The path of one of PostgreSQL's programs; lives until the next call. */
static const char *program(const char *name)
{
    static char directory[PATH_SIZE], path[PATH_SIZE + 32];
    if (directory[0] == '\0' && !find_pg_config(directory) && !find_debian(directory)) {
        die("no PostgreSQL server (Debian: apt-get install postgresql)");
    }
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static const char *cluster(void)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/postgres", scratch());
    return path;
}

static void make_cluster(void)
{
    char log[160], data[160];
    snprintf(log, sizeof log, "%s/initdb.log", cluster());
    snprintf(data, sizeof data, "%s/data", cluster());
    if (mkdir(cluster(), 0755) != 0) {
        die("mkdir %s: %s", cluster(), strerror(errno));
    }
    give_to_unprivileged(cluster());
    process_run(&(struct command){
        .arguments =
            ARGUMENTS(program("initdb"), "--pgdata", data, "--auth", "trust", "--username", "seqd",
                      "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
        .log = log,
        .death_signal = SIGKILL,
        .unprivileged = true,
    });
}

static bool answers(void)
{
    PGconn *connection = PQconnectdbParams(ARGUMENTS("host", "dbname", "user"),
                                           ARGUMENTS(cluster(), "postgres", "seqd"), 0);
    const bool well = PQstatus(connection) == CONNECTION_OK;
    PQfinish(connection);
    return well;
}

void postgres_start(void)
{
    char log[160], data[160];
    make_cluster();
    snprintf(log, sizeof log, "%s/log", cluster());
    snprintf(data, sizeof data, "%s/data", cluster());
    /* SIGQUIT: it stops at once, and takes its processes and shared memory with it. */
    server = process_start(&(struct command){
        .arguments = ARGUMENTS(
            program("postgres"), "-D", data, "-k", cluster(), "-c", "listen_addresses=", "-c",
            "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c",
            "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=4GB", "-c",
            "jit=off", "-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic"),
        .log = log,
        .death_signal = SIGQUIT,
        .unprivileged = true,
    });
    const int64_t until = now_ms() + START_MS;
    int status;
    while (!answers()) {
        if (process_ended(server, &status) || now_ms() > until) {
            char *text = file_read(log);
            die("PostgreSQL does not start: %s", text == NULL ? "" : text);
        }
        pause_ms(10);
    }
}

void postgres_stop(void)
{
    process_stop(server, SIGQUIT);
}

/* ---- databases ---- */

PGconn *postgres_connect(const char *database)
{
    PGconn *connection = PQconnectdbParams(ARGUMENTS("host", "dbname", "user", "client_encoding"),
                                           ARGUMENTS(cluster(), database, "seqd", "UTF8"), 0);
    if (PQstatus(connection) != CONNECTION_OK) {
        die("PostgreSQL: %s", PQerrorMessage(connection));
    }
    return connection;
}

void postgres_do(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        die("PostgreSQL: %s: %s", sql, PQerrorMessage(connection));
    }
    PQclear(result);
}

static void make_database(const char *database)
{
    char sql[128];
    PGconn *connection = postgres_connect("postgres");
    snprintf(sql, sizeof sql, "SELECT FROM pg_database WHERE datname = '%s'", database);
    PGresult *found = PQexec(connection, sql);
    if (PQntuples(found) == 0) {
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", database);
        postgres_do(connection, sql);
    }
    PQclear(found);
    PQfinish(connection);
}

void postgres_fresh_database(const char *database)
{
    make_database(database);
    PGconn *connection = postgres_connect(database);
    postgres_do(connection,
                "SET client_min_messages = warning;"
                "DO $$ DECLARE name text; BEGIN"
                " FOR name IN SELECT nspname FROM pg_namespace"
                " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
                " LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;"
                " CREATE SCHEMA public; END $$");
    PQfinish(connection);
}

/* ---- statements ---- */

static void take_notice(void *closure, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    outcome_notice(closure, sqlstate == NULL ? "" : sqlstate,
                   PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

void postgres_send(PGconn *connection, const char *sql, struct outcome *outcome)
{
    outcome_clear(outcome);
    PQsetNoticeReceiver(connection, take_notice, outcome);
    if (PQsendQuery(connection, sql) == 0) {
        die("PostgreSQL: %s: %s", sql, PQerrorMessage(connection));
    }
}

/* "INSERT 0 2" is INSERT, "SELECT 1" is SELECT: the counts are the rows'. */
static void take_command(const PGresult *result, struct outcome *outcome)
{
    char command[64];
    snprintf(command, sizeof command, "%s", PQcmdStatus((PGresult *)(uintptr_t)result));
    command[strcspn(command, "0123456789")] = '\0';
    for (size_t end = strlen(command); end > 0 && command[end - 1] == ' '; end--) {
        command[end - 1] = '\0';
    }
    outcome_command(outcome, command);
}

static void take_rows(const PGresult *result, struct outcome *outcome)
{
    take_command(result, outcome);
    for (int column = 0; column < PQnfields(result); column++) {
        outcome_column(outcome, PQfname(result, column));
    }
    outcome_columns_end(outcome);
    for (int row = 0; row < PQntuples(result); row++) {
        outcome_row(outcome);
        for (int column = 0; column < PQnfields(result); column++) {
            const bool null = PQgetisnull(result, row, column) != 0;
            outcome_cell(outcome, null ? NULL : PQgetvalue(result, row, column));
        }
    }
}

static void take_error(const PGresult *result, struct outcome *outcome)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (sqlstate == NULL) {
        die("PostgreSQL: %s", PQresultErrorMessage(result));
    }
    outcome_error(outcome, sqlstate, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
                  PQresultErrorField(result, PG_DIAG_MESSAGE_HINT),
                  position == NULL ? 0 : strtol(position, NULL, 10));
}

void postgres_receive(PGconn *connection, struct outcome *outcome)
{
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        switch (PQresultStatus(result)) {
        case PGRES_TUPLES_OK:
            take_rows(result, outcome);
            break;
        case PGRES_COMMAND_OK:
            take_command(result, outcome);
            break;
        case PGRES_EMPTY_QUERY:
            break;
        default:
            take_error(result, outcome);
        }
        PQclear(result);
    }
}
