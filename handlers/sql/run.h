/*
 * A batch of SQL on its way: one statement after the other, on the loop's thread.
 *
 * A statement goes on by steps. A step that must wait (for numbers, or for the clerk) says
 * so, and the request is suspended; the same function is called again when the answer is
 * there. What a statement leaves behind is text (results, notices), so that nothing of it
 * but that outlives it.
 */
#ifndef HANDLERS_SQL_RUN_H
#define HANDLERS_SQL_RUN_H

#include "handlers/request.h"
#include "handlers/sql/insert_plan.h"
#include "handlers/sql/statement.h"
#include "handlers/sql/text.h"

enum progress { PROGRESS_DONE, PROGRESS_FAILED, PROGRESS_WAITS };

struct run;

/*
 * Work for the clerk. It has what it needs in `arena`, which is the run's; when the
 * request cannot wait any longer, the errand is abandoned and takes the arena with it.
 */
struct errand {
    struct job job;
    struct run *run; /* not to be touched once abandoned */
    struct arena *arena;
    bool (*act)(struct errand *errand, struct administration *administration);

    /* Asked. */
    const struct statement *statement;
    const struct object *objects; /* to be checked, or of the call */
    size_t object_count;
    int64_t value; /* of setval */
    bool is_called;
    const char *texts[2]; /* of pg_get_serial_sequence; the oid of lastval */
    struct table *wanted; /* of CREATE TABLE; the errand's own */
    int64_t default_cache;
    bool int64_as_string;

    /* Answered. */
    bool done_well;
    struct failure failure; /* unless done_well */
    const char *failed_at;  /* where the text names what is missing, or NULL */
    struct notices notices;
    struct record record;
    struct seq_name name;
    bool found;
    struct table *table; /* a reference, or NULL */
    struct text rows;    /* of a SELECT from a relation */
};

struct run {
    struct request *request;
    struct arena *arena; /* NULL: an abandoned errand has it */
    struct parser parser;
    struct statement *statement; /* the present one, in the arena */
    int64_t number;              /* its, from 1 */
    struct text results;         /* the reply so far */
    struct text notices;
    char own_session[SESSION_NAME_MAX + 1]; /* of a batch without Seq-Session, or "" */

    /* Of the present statement. */
    bool begun;
    bool checked;             /* the names were looked up */
    bool waiting;             /* the present step was begun, and its answer has come */
    struct expression *call;  /* the next one to be made */
    struct errand *errand;    /* under way, or answered; or NULL */
    struct draws draws;       /* numbers of many rows */
    struct insert_plan *plan; /* of INSERT, once it was made */
    size_t next_call;         /* of its calls */
    struct ticket *ticket;    /* what is waited for, or NULL */
};

/* Runs `text`, which must live as long as the request; replies. */
void run_start(struct request *request, const char *text, size_t size);
/* Done with; the worker may keep it for the next one. */
void run_destroy(struct run *run);
/* A spare one, when the worker ends. NULL is not allowed. */
void run_free(struct run *run);

/* Replies with what was done before, instead of going on. */
void run_reply_failure(struct run *run, const struct failure *failure);

/* --- For the statements ---------------------------------------------------------------- */

/* The names that this node knows exist; those that it does not, the clerk looks up. A missing
 * one fails the statement before it takes anything. */
enum progress run_check(struct run *run, const struct object *objects, size_t count);

/* Takes ticket->count numbers: PROGRESS_DONE with the answer in the ticket (a failure, too),
 * or PROGRESS_WAITS; PROGRESS_FAILED when too many wait. ticket->answered wakes the request. */
enum progress run_take(struct run *run, const struct seq_name *name, struct ticket *ticket);

/* A new errand; run_submit() gives it to the clerk, and waits. */
struct errand *run_errand(struct run *run, bool (*act)(struct errand *errand,
                                                       struct administration *administration));
enum progress run_submit(struct run *run);

/* The answered errand's failure becomes the run's; false then. Its notices are kept. */
bool run_errand_fine(struct run *run);
void run_errand_end(struct run *run);

/* If the errand's failure is that this sequence is missing: says so as PostgreSQL does. */
void errand_missing(struct errand *errand, const struct object *object);

/* Fails the statement. */
enum progress run_fail(struct run *run, const struct failure *failure, const char *at);

/* The same, of what a sequence said. */
enum progress run_fail_at(struct run *run, const struct failure *failure,
                          const struct object *object);

/* The session in which values are noted; NULL: none is needed, as nothing can ask for it. */
const char *run_session(struct run *run, bool is_last);
const char *run_session_or_null(const struct run *run);

/* True when no statement follows. */
bool run_at_last_statement(const struct run *run);

/* How run->results begins: the reply so far. */
#define RUN_REPLY_BEGIN "{\"results\": ["

void run_note(struct run *run, const struct notices *notices);

/* {"command": ..., and whatever the caller adds; closed by run_result_end(). */
struct text *run_result(struct run *run, const char *command);
void run_result_end(struct run *run);

void run_put_value(struct text *text, enum sql_type type, const struct value *value,
                   bool int64_as_string);

/* What an item is now. */
bool run_item_value(struct run *run, const struct select_item *item, struct value *value,
                    struct failure *failure);

/* "columns": [...], "rows": [ */
void run_put_columns(struct text *text, const struct select *select);

/* Takes what the draws want; PROGRESS_DONE when all of it is there. */
enum progress run_draw(struct run *run);
/* currval and lastval, from what was handed out. */
void run_note_draws(struct run *run);

enum progress run_select(struct run *run);
enum progress run_series(struct run *run);
enum progress run_insert(struct run *run);
enum progress run_table(struct run *run);

/* Makes one call of a sequence function; its value is left in it. */
enum progress run_call(struct run *run, struct expression *call);

/* The clerk's side of statements. */
bool act_create_sequence(struct errand *errand, struct administration *administration);
bool act_alter_sequence(struct errand *errand, struct administration *administration);
bool act_rename_sequence(struct errand *errand, struct administration *administration);
bool act_move_sequence(struct errand *errand, struct administration *administration);
bool act_log_sequence(struct errand *errand, struct administration *administration);
bool act_drop_sequence(struct errand *errand, struct administration *administration);
bool act_create_table(struct errand *errand, struct administration *administration);
bool act_alter_table(struct errand *errand, struct administration *administration);
bool act_drop_table(struct errand *errand, struct administration *administration);
bool act_check(struct errand *errand, struct administration *administration);
bool act_serial_sequence(struct errand *errand, struct administration *administration);
bool act_relation(struct errand *errand, struct administration *administration);

#endif
