#include "handlers/sql/run.h"

#include <assert.h>
#include <string.h>

size_t draws_want(struct draws *draws, struct arena *arena, const struct object *object,
                  int64_t count)
{
    size_t slot = 0;
    while (slot < draws->count &&
           strcmp(draws->sources[slot].object.name.text, object->name.text) != 0)
        slot++;
    if (slot == DRAW_SOURCES_MAX)
        return slot;
    if (slot == draws->count) {
        draws->sources = arena_grow(arena, draws->sources, draws->count, &draws->capacity,
                                    sizeof *draws->sources);
        draws->sources[draws->count++] = (struct draw_source){.object = *object};
    }
    draws->sources[slot].wanted += count;
    return slot;
}

int64_t draws_value(struct draws *draws, size_t index)
{
    struct draw_source *source = &draws->sources[index];
    const struct grant *grant = &source->ticket->ticket.grant;
    if (source->at == grant->spans[source->span].count) {
        source->span++;
        source->at = 0;
    }
    assert(source->span < grant->span_count);
    const struct span *span = &grant->spans[source->span];
    /* Between first and last: nothing overflows. The stride is an int64; so far from the
     * first, it is taken in unsigned steps. */
    source->last =
        (int64_t)((uint64_t)span->first + (uint64_t)source->at * (uint64_t)grant->increment);
    source->at++;
    source->used = true;
    draws->last = index;
    return source->last;
}

void draws_end(struct draws *draws)
{
    for (size_t i = 0; i < draws->count; i++)
        if (draws->sources[i].taken)
            ticket_deinit(&draws->sources[i].ticket->ticket);
    *draws = (struct draws){0};
}

static void ticket_answered(struct ticket *ticket)
{
    request_answered(caa_container_of(ticket, struct run_ticket, ticket)->run->request);
}

static enum progress take_one(struct run *run, struct draw_source *source)
{
    if (!run->waiting) {
        source->ticket = arena_alloc(run->arena, sizeof *source->ticket);
        source->ticket->ticket.count = source->wanted;
        source->ticket->run = run;
        source->ticket->ticket.answered = ticket_answered;
        enum progress progress = run_take(run, &source->object.name, &source->ticket->ticket);
        if (progress != PROGRESS_DONE)
            return progress;
    }
    run->waiting = false;
    source->taken = true;
    const struct failure *failure = &source->ticket->ticket.failure;
    if (failure->code == ERROR_NONE)
        return PROGRESS_DONE;
    return run_fail_at(run, failure, &source->object);
}

enum progress run_draw(struct run *run)
{
    struct draws *draws = &run->draws;
    for (; draws->next < draws->count; draws->next++) {
        if (draws->sources[draws->next].wanted == 0)
            continue;
        enum progress progress = take_one(run, &draws->sources[draws->next]);
        if (progress != PROGRESS_DONE)
            return progress;
    }
    return PROGRESS_DONE;
}

static void note(struct run *run, const struct draw_source *source, const char *session)
{
    const struct grant *grant = &source->ticket->ticket.grant;
    own_count(&run->request->worker->counters.values, (uint64_t)grant->count);
    if (session)
        session_note_nextval(store_sessions(run->request->worker->app->store), session,
                             &(struct session_value){
                                 .identity = grant->identity,
                                 .name = source->object.name,
                                 .value = source->last,
                             });
}

void run_note_draws(struct run *run)
{
    struct draws *draws = &run->draws;
    const char *session = run_session(run, run_at_last_statement(run));
    for (size_t i = 0; i < draws->count; i++)
        if (draws->sources[i].used && i != draws->last)
            note(run, &draws->sources[i], session);
    if (draws->count > 0 && draws->sources[draws->last].used)
        note(run, &draws->sources[draws->last], session);
}
