#include "store/ceiling_command.h"
#include "store/ceiling_state.h"

#include "store/clock.h"
#include "store/cluster.h"
#include "store/lanes.h"
#include "store/log.h"
#include "store/memory.h"
#include "store/sequence.h"

#include <stdio.h>

#define RETRY_NS         (50 * MS_NS)
#define LOOK_AGAIN_NS    (100 * MS_NS)
#define ASK_AGAIN_NS     (200 * MS_NS)
#define EXAMINED_FOR_NS  (1000 * MS_NS)
#define EXAMINE_EVERY_NS (5000 * MS_NS) /* with `auto` */
#define WHY_SIZE         200

/* --- What becomes of it ---------------------------------------------------------------------- */

/* No longer queued; what met the ceiling goes on, or fails with `why`. In a Cluster another
 * server may know better: there it is asked again, for as long as it may wait. */
static void finish(struct ceiling *ceiling, struct raise *raise, const char *why)
{
    struct sequence *sequence = raise->sequence;
    struct store_counters *counters = ceiling->options.counters;
    pthread_mutex_lock(ceiling->lock);
    struct reservation *stopped = raise->stopped;
    raise->stopped = NULL;
    raise->asked_at_ns = 0;
    if (!why) {
        raise->due = raise->pending - raise->window / 2;
        raise->witnessed = raise->pending;
    }
    if (raise->waited)
        raise->since_ns = clock_ns(); /* nothing moved while it was being raised */
    raise->waited = false;
    pthread_mutex_unlock(ceiling->lock);
    count(why ? &counters->raise_failures : &counters->raises, 1);
    if (stopped && why && ceiling->options.lanes)
        lanes_again(ceiling->options.lanes, stopped, why);
    else if (stopped && why)
        lane_fail(ceiling->lane, stopped, why);
    else if (stopped)
        lane_reserve(ceiling->lane, stopped);
    sequence_release(sequence);
}

static void finish_all(struct ceiling *ceiling, struct raise *first, const char *why)
{
    while (first) {
        struct raise *raise = first;
        first = raise->next;
        finish(ceiling, raise, why);
    }
}

/* --- On the wire ------------------------------------------------------------------------- */

static void disconnect(struct ceiling *ceiling)
{
    redisFree(ceiling->context);
    ceiling->context = NULL;
}

/* Every connection begins with the scripts, so that all that follows can be written at once. What
 * the server gives is asked again and again: settings change, and replicas come and go. */
static bool connect_if_needed(struct ceiling *ceiling, char *why)
{
    int64_t now_ns = clock_ns();
    if (ceiling->context && now_ns - ceiling->examined_at_ns < EXAMINED_FOR_NS)
        return true;
    ceiling->examined_at_ns = now_ns;
    if (ceiling->context)
        return ceiling_examine(ceiling, ceiling->context, why, WHY_SIZE);
    const struct ceiling_options *options = &ceiling->options;
    ceiling->epoch = redis_epoch(&options->address);
    ceiling->context = redis_open(&options->address, &options->timeouts, why, WHY_SIZE);
    if (!ceiling->context)
        return false;
    if (ceiling_examine(ceiling, ceiling->context, why, WHY_SIZE) &&
        ceiling_load_scripts(ceiling->context))
        return true;
    if (!why[0])
        snprintf(why, WHY_SIZE, "Redis refused SCRIPT LOAD");
    disconnect(ceiling);
    return false;
}

/* NULL: the connection is gone. */
static redisReply *receive(struct ceiling *ceiling, char *why)
{
    void *reply = NULL;
    if (redisGetReply(ceiling->context, &reply) != REDIS_OK)
        snprintf(why, WHY_SIZE, "%s", ceiling->context->errstr);
    return reply;
}

enum answer { ANSWER_DONE, ANSWER_REFUSED, ANSWER_ELSEWHERE, ANSWER_LOST };

/* LOST: the connection is gone, or of no use; ELSEWHERE: another server of the Cluster has it. */
static enum answer read_answer(struct ceiling *ceiling, struct raise *raise, bool confirms,
                               char *why)
{
    if (raise->asking)
        freeReplyObject(receive(ceiling, why));
    redisReply *reply = receive(ceiling, why);
    enum answer answer = ANSWER_REFUSED;
    if (!reply)
        return ANSWER_LOST;
    if (reply->type == REDIS_REPLY_ERROR) {
        snprintf(why, WHY_SIZE, "%s", reply->str);
        bool elsewhere = ceiling->options.lanes && redirection_of(reply) != REDIRECTION_NONE;
        answer = elsewhere ? ANSWER_ELSEWHERE : ANSWER_LOST;
    } else if (confirms ? confirm_parse(reply) : extend_parse(reply, raise)) {
        answer = ANSWER_DONE;
    }
    freeReplyObject(reply);
    return answer;
}

/* A script for each, in one write. Those that it refuses are finished: the sequence is not what
 * it was, as the next reservation will find. False: none of the rest is known. */
static bool send_all(struct ceiling *ceiling, struct raise **first, bool confirms, char *why)
{
    for (const struct raise *raise = *first; raise; raise = raise->next)
        (confirms ? confirm_append : extend_append)(ceiling->context, ceiling->options.key_prefix,
                                                    raise);
    for (struct raise **link = first; *link;) {
        struct raise *raise = *link;
        enum answer answer = read_answer(ceiling, raise, confirms, why);
        if (answer == ANSWER_LOST)
            return false;
        if (answer == ANSWER_DONE) {
            link = &raise->next;
        } else {
            *link = raise->next;
            finish(ceiling, raise, answer == ANSWER_ELSEWHERE ? why : NULL);
        }
    }
    return true;
}

/* --- The thread -------------------------------------------------------------------------- */

/* All that was on its way goes back to the queue, or fails when it has waited too long. */
static void give_up(struct ceiling *ceiling, struct raise *first, const char *why)
{
    int64_t late_ns = clock_ns() - ceiling->options.patience_ms * MS_NS;
    count(&ceiling->options.counters->redis_errors, 1);
    redis_suspect(&ceiling->options.address);
    while (first) {
        struct raise *raise = first;
        first = raise->next;
        pthread_mutex_lock(ceiling->lock);
        bool again = !ceiling->options.lanes && !ceiling->stopping && raise->asked_at_ns > late_ns;
        if (again) {
            raise->next = ceiling->queue;
            ceiling->queue = raise;
        }
        pthread_mutex_unlock(ceiling->lock);
        if (!again)
            finish(ceiling, raise, why);
    }
    ceiling->retry_at_ns = clock_ns() + RETRY_NS;
}

/* The connection is gone: so is what was to be proved on it. */
static void lose(struct ceiling *ceiling, struct raise *first, const char *why)
{
    char text[WHY_SIZE + 64];
    snprintf(text, sizeof text, "its ceiling cannot be raised: %s", why);
    if (ceiling->context)
        disconnect(ceiling);
    give_up(ceiling, first, text);
    while (ceiling->looking) {
        struct batch *batch = ceiling->looking;
        ceiling->looking = batch->next;
        give_up(ceiling, batch->first, text);
        free(batch);
    }
}

/* Proved. The witness knows of it before numbers below it are handed out. */
static void confirm(struct ceiling *ceiling, struct raise *first)
{
    char why[WHY_SIZE] = "";
    struct witness *witness = ceiling->options.witness;
    for (const struct raise *raise = first; raise; raise = raise->next) {
        int64_t ordinal = raise->floor < raise->pending ? raise->floor : raise->pending;
        witness_note(witness, raise->generation, ordinal, raise->pending);
    }
    witness_sync(witness); /* if it cannot be written, numbers go on: it is the second line */
    if (send_all(ceiling, &first, true, why))
        finish_all(ceiling, first, NULL);
    else
        lose(ceiling, first, why);
}

static void look_later(struct ceiling *ceiling, struct raise *first)
{
    struct batch *batch = must_calloc(1, sizeof *batch), **last = &ceiling->looking;
    batch->first = first;
    batch->look_at_ns = clock_ns() + LOOK_FIRST_MS * MS_NS;
    while (*last)
        last = &(*last)->next;
    *last = batch;
}

/* Without those of which another server may still come to know better. */
static struct raise *settled_here(struct ceiling *ceiling, struct raise *first)
{
    char why[WHY_SIZE];
    for (struct raise **link = &first; *link;) {
        struct raise *raise = *link;
        if (!raise->asking ||
            ceiling_source_forgets(ceiling, raise->sequence->name.text, why, sizeof why)) {
            link = &raise->next;
        } else {
            *link = raise->next;
            finish(ceiling, raise, why);
        }
    }
    return first;
}

static void extend(struct ceiling *ceiling, struct raise *first)
{
    char why[WHY_SIZE] = "";
    first = settled_here(ceiling, first);
    if (!first)
        return;
    int64_t half_ms = ceiling->options.timeouts.command_ms / 2;
    if (!connect_if_needed(ceiling, why) || !send_all(ceiling, &first, false, why)) {
        lose(ceiling, first, why);
        return;
    }
    struct surety surety;
    ceiling_surety(ceiling, &surety);
    if (!surety_wait(ceiling->context, &surety, half_ms, why, sizeof why))
        lose(ceiling, first, why);
    else if (surety.looks && first)
        look_later(ceiling, first);
    else
        confirm(ceiling, first);
}

static struct raise *join(struct raise *first, struct raise *rest)
{
    struct raise **last = &first;
    while (*last)
        last = &(*last)->next;
    *last = rest;
    return first;
}

/* One INFO for all whose time has come. */
static void look(struct ceiling *ceiling)
{
    int64_t now_ns = clock_ns();
    enum look seen = surety_look(ceiling->context);
    struct raise *proved = NULL;
    if (seen == LOOK_FAILED) {
        lose(ceiling, NULL, ceiling->context->errstr);
        return;
    }
    for (struct batch **link = &ceiling->looking; *link;) {
        struct batch *batch = *link;
        bool due = batch->look_at_ns <= now_ns;
        if (due && seen == LOOK_CLEAN && batch->looked) {
            *link = batch->next;
            proved = join(batch->first, proved);
            free(batch);
            continue;
        }
        if (due) {
            batch->looked = seen == LOOK_CLEAN;
            batch->look_at_ns = now_ns + (batch->looked ? LOOK_SECOND_MS * MS_NS : LOOK_AGAIN_NS);
        }
        link = &batch->next;
    }
    if (proved)
        confirm(ceiling, proved);
}

/* Another node may have had its proof before: whoever waits at the ceiling asks again now and
 * then, and is stopped again if it has not. */
static void ask_again(struct ceiling *ceiling)
{
    ceiling->ask_again_at_ns = clock_ns() + ASK_AGAIN_NS;
    for (const struct batch *batch = ceiling->looking; batch; batch = batch->next)
        for (struct raise *raise = batch->first; raise; raise = raise->next) {
            pthread_mutex_lock(ceiling->lock);
            struct reservation *stopped = raise->stopped;
            raise->stopped = NULL;
            pthread_mutex_unlock(ceiling->lock);
            if (stopped)
                lane_reserve(ceiling->lane, stopped);
        }
}

static struct raise *take_queue(struct ceiling *ceiling, bool *stopping)
{
    pthread_mutex_lock(ceiling->lock);
    struct raise *first = ceiling->queue;
    *stopping = ceiling->stopping;
    ceiling->queue = NULL;
    pthread_mutex_unlock(ceiling->lock);
    return first;
}

static int64_t examine_at(const struct ceiling *ceiling)
{
    return ceiling->options.durability.automatic ? ceiling->examined_at_ns + EXAMINE_EVERY_NS
                                                 : INT64_MAX;
}

/* Replicas that came, or a setting that was changed. */
static void examine_if_due(struct ceiling *ceiling)
{
    char why[WHY_SIZE] = "";
    if (clock_ns() >= examine_at(ceiling) && !connect_if_needed(ceiling, why) && ceiling->context &&
        ceiling->context->err)
        lose(ceiling, NULL, why);
}

/* The oldest is the first to be looked at. */
static void wait_for_work(struct ceiling *ceiling)
{
    int64_t until_ns = INT64_MAX;
    pthread_mutex_lock(ceiling->lock);
    if (ceiling->queue)
        until_ns = ceiling->retry_at_ns;
    pthread_mutex_unlock(ceiling->lock);
    for (const struct batch *batch = ceiling->looking; batch; batch = batch->next)
        if (batch->look_at_ns < until_ns)
            until_ns = batch->look_at_ns;
    if (ceiling->looking && ceiling->ask_again_at_ns < until_ns)
        until_ns = ceiling->ask_again_at_ns;
    int64_t examine_at_ns = examine_at(ceiling);
    bell_wait(&ceiling->bell, examine_at_ns < until_ns ? examine_at_ns : until_ns);
}

static bool is_time_to_look(const struct ceiling *ceiling)
{
    for (const struct batch *batch = ceiling->looking; batch; batch = batch->next)
        if (batch->look_at_ns <= clock_ns())
            return true;
    return false;
}

void *ceiling_run(void *argument)
{
    struct ceiling *ceiling = argument;
    bool stopping = false;
    rcu_register_thread();
    while (!stopping) {
        wait_for_work(ceiling);
        if (ceiling->context && redis_epoch(&ceiling->options.address) != ceiling->epoch)
            lose(ceiling, NULL, REDIS_MOVED);
        if (is_time_to_look(ceiling))
            look(ceiling);
        if (ceiling->looking && clock_ns() >= ceiling->ask_again_at_ns)
            ask_again(ceiling);
        examine_if_due(ceiling);
        if (atomic_exchange(&ceiling->testifies, false))
            witness_sync(ceiling->options.witness);
        struct raise *first = take_queue(ceiling, &stopping);
        if (stopping)
            give_up(ceiling, first, "seqd is stopping");
        else if (first)
            extend(ceiling, first);
    }
    lose(ceiling, NULL, "seqd is stopping");
    rcu_unregister_thread();
    return NULL;
}
