/*
 * Two nodes on one Redis and 16 clients that take numbers of the same two sequences in every
 * way there is, by SQL and by REST, while an administrator changes what INSERT must know of
 * the tables: no number comes twice, and none is lost on the way to a client. SEQD_VALUES/10
 * (default 200,000) numbers are taken at least.
 */
#include "tests/integration/sql.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cluster_sql, .timeout = 300);

enum { CLIENTS = 16, NODES = 2, SEQUENCES = 2, ROWS_MAX = 100, REPLY_MS = 20000, RUN_MS = 200000 };

struct values {
    int64_t *values;
    size_t count, room;
};

struct client {
    pthread_t thread;
    int number;
    unsigned seed;
    struct wire wire;
    struct values taken[SEQUENCES];
    char trouble[400]; /* "" or why it stopped */
};

/* 0: a bare sequence; 1: that of a serial column. */
static const char *const names[SEQUENCES] = {"bare", "t_id_seq"};

static const struct node *nodes[NODES];
static struct client clients[CLIENTS];
static _Atomic int64_t taken;
static _Atomic bool stopping;

static void keep(struct values *values, int64_t value)
{
    if (values->count == values->room) {
        values->room = values->room == 0 ? 1024 : 2 * values->room;
        values->values = realloc(values->values, values->room * sizeof *values->values);
    }
    values->values[values->count++] = value;
    taken++;
}

static bool trouble(struct client *client, const char *what, const struct wire_reply *reply)
{
    snprintf(client->trouble, sizeof client->trouble, "client %d: %s %d %.*s", client->number, what,
             reply->status, reply->body_length < 250 ? (int)reply->body_length : 250,
             reply->body == NULL ? "" : reply->body);
    stopping = true;
    return false;
}

/* ---- what is asked ---- */

enum kind { NEXTVAL, SERIES, INSERT_CALLS, INSERT_SERIAL, REST_NEXTVAL, REST_RANGE, KINDS };

/* INSERT INTO t: rows without the serial column, or with DEFAULT, or calls of the other. */
static size_t write_rows(char *text, const char *row, int rows)
{
    size_t length = 0;
    for (int i = 0; i < rows; i++)
        length += (size_t)sprintf(text + length, "%s%s", i ? ", " : "", row);
    return length;
}

static void write_statement(char *text, enum kind kind, const char *name, int rows)
{
    char row[64];
    switch (kind) {
    case NEXTVAL:
        sprintf(text, "SELECT nextval('%s')", name);
        break;
    case SERIES:
        sprintf(text, "SELECT nextval('%s') FROM generate_series(1, %d)", name, rows);
        break;
    case INSERT_CALLS:
        snprintf(row, sizeof row, "(nextval('%s'))", name);
        write_rows(text + sprintf(text, "INSERT INTO plain VALUES "), row, rows);
        break;
    default:
        write_rows(text + sprintf(text, "INSERT INTO t (id) VALUES "), "(DEFAULT)", rows);
    }
}

static bool send_one(struct client *client, enum kind kind, int sequence, int rows)
{
    char path[64] = "/v1/sql", body[40 * ROWS_MAX] = "", head[256];
    const char *type = kind < REST_NEXTVAL ? "application/sql" : "application/json";
    if (kind < REST_NEXTVAL)
        write_statement(body, kind, names[sequence], rows);
    else
        snprintf(path, sizeof path, "/v1/sequences/%s/%s", names[sequence],
                 kind == REST_RANGE ? "range" : "nextval");
    if (kind == REST_RANGE)
        snprintf(body, sizeof body, "{\"count\": %d}", rows);
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", path,
             type, strlen(body));
    return wire_send_text(&client->wire, head) && wire_send_text(&client->wire, body);
}

/* ---- what comes back ---- */

/* All numbers of a text that has no others. */
static int keep_numbers(struct values *values, const char *text)
{
    int count = 0;
    for (; *text; count++) {
        while (*text && !isdigit((unsigned char)*text))
            text++;
        if (!*text)
            break;
        keep(values, strtoll(text, (char **)(uintptr_t)&text, 10));
    }
    return count;
}

static int keep_spans(struct values *values, const json_t *ranges)
{
    int count = 0;
    for (size_t i = 0; i < json_array_size(ranges); i++) {
        const json_t *range = json_array_get(ranges, i);
        const int64_t last = json_integer_value(json_object_get(range, "last"));
        for (int64_t value = json_integer_value(json_object_get(range, "first")); value <= last;
             value++, count++)
            keep(values, value);
    }
    return count;
}

static int keep_reply(struct values *values, const json_t *json)
{
    const json_t *result = json_array_get(json_object_get(json, "results"), 0);
    const json_t *rows = json_object_get(result, "rows");
    const char *text = json_string_value(json_object_get(result, "sql"));
    if (text)
        return keep_numbers(values, text);
    if (!result && json_object_get(json, "value")) {
        keep(values, json_integer_value(json_object_get(json, "value")));
        return 1;
    }
    for (size_t i = 0; i < json_array_size(rows); i++)
        keep(values, json_integer_value(json_array_get(json_array_get(rows, i), 0)));
    return rows ? (int)json_array_size(rows) : keep_spans(values, json_object_get(json, "ranges"));
}

static bool take_some(struct client *client)
{
    const enum kind kind = (enum kind)(rand_r(&client->seed) % KINDS);
    const int sequence = kind == INSERT_SERIAL ? 1 : rand_r(&client->seed) % SEQUENCES;
    const bool one = kind == NEXTVAL || kind == REST_NEXTVAL;
    const int rows = one ? 1 : 1 + rand_r(&client->seed) % ROWS_MAX;
    struct wire_reply reply = {0};
    if (!send_one(client, kind, sequence, rows) ||
        wire_receive(&client->wire, &reply, now_ms() + REPLY_MS) != WIRE_REPLY ||
        reply.status != 200)
        return trouble(client, "refused", &reply);
    json_t *json = json_loadb(reply.body, reply.body_length, 0, NULL);
    const int kept = keep_reply(&client->taken[sequence], json);
    json_decref(json);
    return kept == rows || trouble(client, "not as many as were asked for", &reply);
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    struct wire_reply none = {0};
    if (!wire_try_open(&client->wire, nodes[client->number % NODES])) {
        trouble(client, "cannot connect", &none);
        return NULL;
    }
    while (!stopping && take_some(client)) {
    }
    wire_close(&client->wire);
    return NULL;
}

/* ---- the run ---- */

static int64_t wanted_values(void)
{
    const char *text = getenv("SEQD_VALUES");
    return (text != NULL ? strtoll(text, NULL, 10) : 2000000) / 10;
}

/* What makes nodes forget what they know of tables, and changes no number. */
static void disturb(int step)
{
    static const char *const changes[] = {
        "CREATE TABLE other (k serial); DROP TABLE other",
        "ALTER TABLE t ADD COLUMN more int; ALTER TABLE t DROP COLUMN more",
        "ALTER TABLE plain ADD COLUMN more int",
        "CREATE SEQUENCE passing; ALTER SEQUENCE passing RENAME TO passed; DROP SEQUENCE passed",
    };
    sql(nodes[step % NODES], changes[step / NODES % 4]);
}

static int by_value(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static void check_sequence(int sequence)
{
    struct values all = {0};
    for (int i = 0; i < CLIENTS; i++)
        for (size_t k = 0; k < clients[i].taken[sequence].count; k++)
            keep(&all, clients[i].taken[sequence].values[k]);
    qsort(all.values, all.count, sizeof *all.values, by_value);
    cr_assert_gt(all.count, 1000);
    for (size_t i = 1; i < all.count; i++)
        cr_assert_neq(all.values[i], all.values[i - 1], "%s: %" PRId64 " came twice",
                      names[sequence], all.values[i]);
    cr_assert_geq(all.values[0], 1);
    cr_assert_leq(all.values[all.count - 1],
                  reply_integer(describe(nodes[0], names[sequence]), "last_value"));
    free(all.values);
}

ServiceTest(cluster_sql, of_200000_numbers_by_sql_and_rest_none_comes_twice)
{
    struct redis *redis = redis_start(NULL);
    const int64_t until = now_ms() + RUN_MS, wanted = wanted_values();
    for (int i = 0; i < NODES; i++)
        nodes[i] = node_start_ready(redis, FLAGS("--threads", "2"));
    sql(nodes[0], "CREATE SEQUENCE bare; CREATE TABLE t (id serial)");
    expect(get(nodes[1], "/v1/tables/t/serials"), 200);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.number = i, .seed = (unsigned)i + 1};
        cr_assert_eq(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
    for (int step = 0; !stopping && (taken < wanted || step < 100); step++) {
        cr_assert(now_ms() < until, "%" PRId64 " of %" PRId64, taken, wanted);
        disturb(step);
        pause_ms(5); /* the administrator's pace */
    }
    stopping = true;
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
    for (int i = 0; i < CLIENTS; i++)
        cr_assert_str_empty(clients[i].trouble, "%s", clients[i].trouble);
    for (int i = 0; i < SEQUENCES; i++)
        check_sequence(i);
}
