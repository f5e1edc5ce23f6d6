/* The lane's replies: what is granted, refused, or to be asked elsewhere. */
#include "store/lane_state.h"

#include "store/catalog.h"
#include "store/ceiling.h"
#include "store/clock.h"
#include "store/cluster.h"
#include "store/lanes.h"
#include "store/reserve_command.h"

#include <stdio.h>

void reservation_answer(struct catalog *catalog, struct reservation *reservation,
                        const struct reserve_reply *reply)
{
    struct sequence *sequence = reservation->sequence;
    if (sequence_reserved(sequence, reply))
        catalog_remove(catalog, sequence);
    sequence_release(sequence);
}

/* What was granted, or refused; or, at the ceiling, goes on when that is raised. */
static void settle(struct lane *lane, struct reservation *reservation, struct reserve_reply *reply)
{
    struct ceiling *ceiling = lane->options.ceiling;
    struct store_counters *counters = lane->options.counters;
    count(&counters->adoptions, reply->adopted);
    count(&counters->burnt, (uint64_t)reply->burnt);
    if (reply->outcome == RESERVE_CEILING && sequence_is_plausible(reservation->sequence, reply)) {
        if (ceiling_stopped(ceiling, reservation, reply))
            return;
        *reply = (struct reserve_reply){.outcome = RESERVE_UNAVAILABLE, .why = "seqd is stopping"};
    }
    if (reply->outcome == RESERVE_OK && reservation->want > 0)
        ceiling_passed(ceiling, reservation, reply);
    reservation_answer(lane->catalog, reservation, reply);
}

/* What became of the probe. Where its slot is about to move, another one tells more. */
static void probed(struct lane *lane, const redisReply *reply)
{
    enum redirection redirection = lane->options.lanes ? redirection_of(reply) : REDIRECTION_NONE;
    lane->probing = false;
    if (redirection == REDIRECTION_MOVED)
        cluster_follow(lane->options.address.cluster, reply->str, lane->options.address.primary);
    else if (redirection == REDIRECTION_ASK || redirection == REDIRECTION_TRY_AGAIN)
        lane->probe_tag++;
    else
        lane_set_state(lane, reply->type != REDIS_REPLY_ERROR,
                       reply->type == REDIS_REPLY_ERROR ? reply->str : "");
}

/* In a Cluster: it is another server's, which says nothing against this one. */
static bool redirected(struct lane *lane, struct reservation *reservation, const redisReply *reply)
{
    enum redirection redirection = redirection_of(reply);
    if (!lane->options.lanes || redirection == REDIRECTION_NONE)
        return false;
    if (redirection == REDIRECTION_DOWN)
        lane_set_state(lane, false, reply->str);
    lanes_redirect(lane->options.lanes, reservation, reply, lane->options.address.primary);
    return true;
}

/* A script's answer. False: it is not to this reservation. */
static bool take_answer(struct lane *lane, struct reservation *reservation,
                        const redisReply *redis_reply)
{
    struct store_counters *counters = lane->options.counters;
    struct reserve_reply reply;
    if (!reserve_parse(redis_reply, reservation, &reply))
        return false;
    count(&counters->reservations, 1);
    count(&counters->limits, reply.outcome == RESERVE_LIMIT);
    histogram_observe(&counters->reservation_latency, clock_ns() - reservation->asked_at_ns);
    if (reply.outcome == RESERVE_UNAVAILABLE)
        lane_set_state(lane, false, reply.why);
    else if (!lane->health.up && reply.outcome == RESERVE_OK && reservation->want > 0)
        lane_set_state(lane, true, ""); /* a write; a question says nothing of those */
    settle(lane, reservation, &reply);
    return true;
}

/* False: the connection is to be dropped, with `why`. */
static bool take_reply(struct lane *lane, const redisReply *reply, char *why)
{
    struct reservation *reservation = lane->sent.first;
    if (!reservation) {
        snprintf(why, LANE_WHY_SIZE, "Redis sent a reply that nobody asked for");
        return false;
    }
    if (reservation->awaits_asking) {
        reservation->awaits_asking = false; /* ASKING's own; the script's is the next */
        return true;
    }
    reservations_pop(&lane->sent);
    bool is_probe = reservation == &lane->probe;
    if (redis_error_is_noscript(reply) && !is_probe)
        return lane_append(lane, reservation, true);
    if (reply->type == REDIS_REPLY_ERROR && redis_error_is_fatal(reply->str)) {
        snprintf(why, LANE_WHY_SIZE, "%s", reply->str);
        if (is_probe)
            lane->probing = false;
        else
            reservations_push(&lane->held, reservation);
        return false;
    }
    if (is_probe) {
        probed(lane, reply);
        return true;
    }
    if (redirected(lane, reservation, reply) || take_answer(lane, reservation, reply))
        return true;
    snprintf(why, LANE_WHY_SIZE, "Redis sent a reply that belongs to another request");
    count(&lane->options.counters->nonce_mismatches, 1);
    reservations_push(&lane->held, reservation);
    return false;
}

bool lane_read_replies(struct lane *lane, char *why)
{
    void *reply = NULL;
    if (redisBufferRead(lane->context) != REDIS_OK) {
        snprintf(why, LANE_WHY_SIZE, "%s", lane->context->errstr);
        return false;
    }
    for (;;) {
        if (redisGetReplyFromReader(lane->context, &reply) != REDIS_OK) {
            snprintf(why, LANE_WHY_SIZE, "%s", lane->context->errstr);
            return false;
        }
        if (!reply)
            return true;
        bool fine = take_reply(lane, reply, why);
        freeReplyObject(reply);
        if (!fine)
            return false;
    }
}
