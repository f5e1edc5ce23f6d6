/* A redis-server and seqds of this run's own, and SQL for them. */
#ifndef TESTS_DIFFERENTIAL_SEQD_H
#define TESTS_DIFFERENTIAL_SEQD_H

#include "tests/differential/http.h"
#include "tests/differential/outcome.h"

#include <sys/types.h>

void redis_start(void);
void redis_stop(void);

struct seqd {
    pid_t pid;
    char directory[128]; /* its socket and its log are there */
    char log[160];
    struct http *http;
};

/* A seqd without sequences and sessions. Answers when this returns. */
void seqd_start(struct seqd *seqd, const char *binary);
/* It must end with 0, and without a sanitizer's report. */
void seqd_stop(struct seqd *seqd);

/* One call; dies when there is no reply. */
struct http_reply seqd_call(struct seqd *seqd, const struct http_request *request);

/* POST /v1/sql. `session` NULL: none. Statements for the shard are added to `shard`,
 * each ended by a NUL, and are no results yet. */
void seqd_sql(struct seqd *seqd, const char *session, const char *sql, struct outcome *outcome,
              struct text *shard);
/* A problem+json becomes the outcome's error. */
void seqd_problem(const struct http_reply *reply, struct outcome *outcome);

#endif
