#include "handlers/ranges.h"

#include "handlers/body.h"
#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/values.h"
#include "store/memory.h"

#include <stddef.h>

#define RANGES_MAX 100

struct row {
    struct ranges *ranges;
    const char *sequence; /* as given; in the request's body */
    struct seq_name name;
    bool asked; /* the ticket was given to the store */
    bool late;  /* and taken back, at the deadline */
    struct ticket ticket;
};

struct ranges {
    struct request *request;
    size_t count;
    /* Tickets that wait, and one for the handler until it has asked for all. Whoever
     * takes the last one off answers. Any thread. */
    _Atomic size_t pending;
    struct row rows[];
};

void ranges_destroy(struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (ranges->rows[i].asked)
            ticket_deinit(&ranges->rows[i].ticket);
    free(ranges);
}

static bool is_last(struct ranges *ranges)
{
    return atomic_fetch_sub(&ranges->pending, 1) == 1;
}

static void answered(struct ticket *ticket)
{
    struct ranges *ranges = caa_container_of(ticket, struct row, ticket)->ranges;
    if (is_last(ranges))
        request_answered(ranges->request);
}

static json_t *row_json(struct request *request, struct row *row)
{
    const struct ticket *ticket = &row->ticket;
    if (ticket->failure.code != ERROR_NONE)
        return json_pack("{s:s, s:o}", "sequence",
                         row->name.length ? row->name.text : row->sequence, "error",
                         problem_json(&ticket->failure));
    grant_note(request, &row->name, request->session, &ticket->grant);
    json_t *json = json_pack("{s:s}", "sequence", row->name.text);
    json_object_update_new(json, grant_json(request, &ticket->grant));
    return json;
}

static void finish(struct request *request)
{
    struct ranges *ranges = request->ranges;
    json_t *results = json_array();
    for (size_t i = 0; i < ranges->count; i++)
        json_array_append_new(results, row_json(request, &ranges->rows[i]));
    reply_json(request, 200, json_pack("{s:o}", "results", results), NULL, NULL);
}

/* At the deadline the rows that wait fail, and the others keep what they got. */
static bool cancel(struct request *request)
{
    struct ranges *ranges = request->ranges;
    bool last = false;
    for (size_t i = 0; i < ranges->count; i++) {
        struct row *row = &ranges->rows[i];
        if (!row->asked || row->late || !row->ticket.sequence || !store_cancel(&row->ticket))
            continue;
        row->late = true;
        failure_set(&row->ticket.failure, ERROR_STORE_UNAVAILABLE,
                    "the store did not answer in time");
        memcpy(row->ticket.failure.sequence, row->name.text, row->name.length + 1u);
        last = is_last(ranges);
    }
    if (last)
        request_answered(request); /* with what there is: `finish` replies */
    return false;
}

/* Asks for all rows; true when all were answered at once. */
static bool take_all(struct ranges *ranges)
{
    struct worker *worker = ranges->request->worker;
    for (size_t i = 0; i < ranges->count; i++) {
        struct row *row = &ranges->rows[i];
        if (row->ticket.failure.code != ERROR_NONE)
            continue; /* refused already */
        row->asked = true;
        row->ticket.answered = answered;
        if (store_take(worker->app->store, &row->name, &row->ticket)) {
            own_count(&worker->counters.cache_hits, 1);
            continue;
        }
        atomic_fetch_add(&ranges->pending, 1);
        if (store_wait(worker->app->store, &row->name, &row->ticket))
            atomic_fetch_sub(&ranges->pending, 1);
    }
    return is_last(ranges);
}

/* A row that is not of the right form refuses the whole request, before anything is
 * taken; a bad name or count fails its row alone. */
static bool read_row(const json_t *json, size_t index, struct row *row, struct failure *failure)
{
    static const struct member members[] = {
        {"sequence", MEMBER_TEXT, true, offsetof(struct range_wish, sequence)},
        {"count", MEMBER_NUMBER, true, offsetof(struct range_wish, count)},
        {"partial", MEMBER_BOOL, false, offsetof(struct range_wish, partial)},
        {"contiguous", MEMBER_BOOL, false, offsetof(struct range_wish, contiguous)},
        {0},
    };
    struct range_wish wish = {0};
    struct failure form;
    if (!json_is_object(json)) {
        failure_set(failure, ERROR_INVALID_REQUEST, "ranges[%zu] must be an object", index);
        return false;
    }
    if (!members_read(json, members, &wish, &form)) {
        failure_set(failure, form.code, "ranges[%zu]: %.400s", index, form.detail);
        return false;
    }
    row->sequence = wish.sequence;
    if (name_parse(wish.sequence, strlen(wish.sequence), &row->name, &row->ticket.failure))
        range_prepare(&wish, &row->ticket, &row->ticket.failure);
    return true;
}

static bool read_rows(const json_t *array, struct ranges *ranges, struct failure *failure)
{
    for (size_t i = 0; i < ranges->count; i++) {
        ranges->rows[i].ranges = ranges;
        if (!read_row(json_array_get(array, i), i, &ranges->rows[i], failure))
            return false;
    }
    return true;
}

void handle_ranges(struct request *request)
{
    static const struct member members[] = {{"ranges", MEMBER_ARRAY, true, 0}, {0}};
    const json_t *array = NULL;
    const char *session;
    struct failure failure;
    if (!request_session(request, &session) || !body_read(request, members, &array))
        return;
    size_t count = json_array_size(array);
    if (count < 1 || count > RANGES_MAX) {
        reply_error(request, ERROR_INVALID_REQUEST, "\"ranges\" must have 1 to %d rows, not %zu",
                    RANGES_MAX, count);
        return;
    }
    struct ranges *ranges = must_calloc(1, sizeof *ranges + count * sizeof *ranges->rows);
    request->ranges = ranges;
    ranges->request = request;
    ranges->count = count;
    atomic_init(&ranges->pending, 1);
    if (!read_rows(array, ranges, &failure)) {
        reply_failure(request, &failure);
    } else if (request_admit(request)) {
        if (!take_all(ranges)) {
            request_suspend(request, finish, cancel);
            return;
        }
        request_leave(request);
        finish(request);
    }
}
