#include "store/lane_state.h"

#include "store/ceiling.h"
#include "store/clock.h"
#include "store/lanes.h"
#include "store/memory.h"
#include "store/reserve_command.h"
#include "store/roster.h"
#include "store/sequence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

#define PROBE_EVERY_NS (1000 * MS_NS)
#define BACKOFF_MIN_NS (10 * MS_NS)
#define BACKOFF_MAX_NS (250 * MS_NS)
#define IDLE_NS        (1000 * MS_NS)

struct lane *lane_create(const struct lane_options *options)
{
    struct lane *lane = must_calloc(1, sizeof *lane);
    lane->options = *options;
    lane->backoff_ns = BACKOFF_MIN_NS;
    health_init(&lane->health);
    pthread_mutex_init(&lane->lock, NULL);
    bell_init(&lane->bell);
    if (getrandom(&lane->nonce, sizeof lane->nonce, 0) != sizeof lane->nonce)
        abort();
    return lane;
}

void lane_reserve(void *context, struct reservation *reservation)
{
    struct lane *lane = context;
    pthread_mutex_lock(&lane->lock);
    bool was_empty = !lane->queue.first;
    reservations_push(&lane->queue, reservation);
    pthread_mutex_unlock(&lane->lock);
    if (was_empty)
        bell_ring(&lane->bell);
}

void lane_wake(struct lane *lane)
{
    bell_ring(&lane->bell);
}

bool lane_is_up(struct lane *lane, char *why, size_t why_size)
{
    return health_is_up(&lane->health, why, why_size);
}

void lane_set_state(struct lane *lane, bool up, const char *why)
{
    health_set(&lane->health, up, why);
    if (up) {
        lane->down_since_ns = 0;
        lane->backoff_ns = BACKOFF_MIN_NS;
    } else if (lane->down_since_ns == 0) {
        lane->down_since_ns = clock_ns();
    }
}

void lane_fail(struct lane *lane, struct reservation *reservation, const char *why)
{
    reservation_answer(lane->catalog, reservation,
                       &(struct reserve_reply){.outcome = RESERVE_UNAVAILABLE, .why = why});
}

static void fail_held(struct lane *lane)
{
    struct reservations failing = lane->held; /* completing may queue anew */
    struct reservation *reservation;
    lane->held = (struct reservations){0};
    while ((reservation = reservations_pop(&failing)))
        lane_fail(lane, reservation, lane->health.why); /* written by this thread alone */
}

/* Half to all of the back-off, so that nodes do not come back in step. */
static int64_t jittered(struct lane *lane)
{
    return lane->backoff_ns / 2 +
           (int64_t)(lane->nonce++ * 2654435761u % 1000) * (lane->backoff_ns / 2) / 1000;
}

/* Down, for `why`; and when to try again. */
static void back_off(struct lane *lane, const char *why)
{
    count(&lane->options.counters->redis_errors, 1);
    redis_suspect(&lane->options.address);
    lane_set_state(lane, false, why);
    lane->retry_at_ns = clock_ns() + jittered(lane);
    if (lane->backoff_ns < BACKOFF_MAX_NS)
        lane->backoff_ns *= 2;
}

/* In a Cluster: this server is no answer to an ASK; who sent it there is asked again. */
static void forget_asking(struct lane *lane)
{
    for (struct reservation *held = lane->held.first; held; held = held->next)
        held->asking = false;
}

/* Ends the connection; what was on its way waits for the next one. */
static void hang_up(struct lane *lane)
{
    struct reservations waiting = lane->held;
    struct reservation *reservation;
    redisFree(lane->context);
    lane->context = NULL;
    lane->probing = false;
    lane->held = (struct reservations){0};
    while ((reservation = reservations_pop(&lane->sent)))
        if (reservation != &lane->probe)
            reservations_push(&lane->held, reservation);
    while ((reservation = reservations_pop(&waiting)))
        reservations_push(&lane->held, reservation);
    forget_asking(lane);
}

/* The connection is of no use any more. */
static void disconnect(struct lane *lane, const char *why)
{
    back_off(lane, why);
    hang_up(lane);
}

static bool master_moved(const struct lane *lane)
{
    return redis_epoch(&lane->options.address) != lane->epoch;
}

/* Nothing is reserved before this node is in the roster. In a Cluster that is on another server. */
static bool joins(struct lane *lane, char *why)
{
    return lane->options.lanes ? roster_is_joined(lane->roster, why, LANE_WHY_SIZE)
                               : roster_join(lane->roster, lane->context, why, LANE_WHY_SIZE);
}

static void try_connect(struct lane *lane)
{
    char why[LANE_WHY_SIZE] = "";
    if (lane->options.lanes && master_moved(lane))
        lane->down_since_ns = 0; /* another server has patience of its own */
    lane->epoch = redis_epoch(&lane->options.address);
    lane->context = redis_open(&lane->options.address, &lane->options.timeouts, why, sizeof why);
    if (lane->context && !(ceiling_admits(lane->options.ceiling, lane->context, why, sizeof why) &&
                           joins(lane, why))) {
        redisFree(lane->context);
        lane->context = NULL;
    }
    if (lane->context) {
        /* Set up by blocking calls; from here on by poll(2). */
        int flags = fcntl(lane->context->fd, F_GETFL);
        fcntl(lane->context->fd, F_SETFL, flags | O_NONBLOCK);
        lane->context->flags &= ~REDIS_BLOCK;
        lane->written_at_ns = 0; /* probe at once: does it take writes? */
        count(&lane->options.counters->connects, 1);
        return;
    }
    forget_asking(lane);
    back_off(lane, why);
}

static bool patience_is_over(const struct lane *lane, int64_t now_ns)
{
    return lane->down_since_ns != 0 &&
           now_ns - lane->down_since_ns >= lane->options.patience_ms * MS_NS;
}

bool lane_append(struct lane *lane, struct reservation *reservation, bool whole)
{
    reservation->awaits_asking = reservation->asking;
    if (reservation->asking)
        redisAppendCommand(lane->context, "ASKING");
    reservation->nonce = ++lane->nonce;
    reservation->sent_at_ns = clock_ns();
    lane->written_at_ns = reservation->sent_at_ns;
    reservations_push(&lane->sent, reservation);
    return reserve_append(lane->context, lane->options.key_prefix, reservation->sequence->name.text,
                          reservation, ceiling_guards(lane->options.ceiling), whole);
}

/* A key that the server has the slot of; false: it has no slots. */
static bool print_probe(struct lane *lane, char key[96])
{
    struct lanes *lanes = lane->options.lanes;
    const char *prefix = lane->options.key_prefix;
    if (lanes && !lanes_find_tag(lanes, lane->options.address.primary, &lane->probe_tag))
        return false;
    if (lanes)
        snprintf(key, 96, "%.64s{%u}probe", prefix, lane->probe_tag);
    else
        snprintf(key, 96, "%.64sprobe", prefix);
    return true;
}

/* A write that changes nothing, which a replica, a full disk or a server that is
 * loading refuses: so readiness is known, and found again, without any traffic. */
static void append_probe(struct lane *lane, int64_t now_ns)
{
    char key[96];
    bool writes = print_probe(lane, key);
    const char *argv[] = {writes ? "DEL" : "PING", key};
    lane->probe.sent_at_ns = lane->written_at_ns = now_ns;
    lane->probing = true;
    reservations_push(&lane->sent, &lane->probe);
    redisAppendCommandArgv(lane->context, writes ? 2 : 1, argv, NULL);
}

/* Moves what is queued to `held`; true when the lane is to stop. */
static bool collect(struct lane *lane)
{
    struct reservation *reservation;
    pthread_mutex_lock(&lane->lock);
    struct reservations taken = lane->queue;
    lane->queue = (struct reservations){0};
    bool stopping = lane->stopping;
    pthread_mutex_unlock(&lane->lock);
    while ((reservation = reservations_pop(&taken)))
        reservations_push(&lane->held, reservation);
    return stopping;
}

/* Writes all that waits. *pending: the socket takes no more now. */
static bool send_held(struct lane *lane, bool *pending, char *why)
{
    struct reservation *reservation;
    int64_t now_ns = clock_ns();
    int done = 1;
    /* Before all else on a new connection: a replica answers questions, out of date, and
     * only a write shows what it is. */
    if (!lane->probing && now_ns - lane->written_at_ns >= PROBE_EVERY_NS)
        append_probe(lane, now_ns);
    while ((reservation = reservations_pop(&lane->held))) {
        sequence_sending(reservation->sequence);
        lane_append(lane, reservation, false);
    }
    if (redisBufferWrite(lane->context, &done) != REDIS_OK) {
        snprintf(why, LANE_WHY_SIZE, "%s", lane->context->errstr);
        return false;
    }
    *pending = !done;
    return true;
}

/* In a Cluster: a server that has no slots any more is left alone. */
static bool is_wanted(const struct lane *lane)
{
    return !lane->options.lanes || lane->held.first ||
           lanes_has_slots(lane->options.lanes, lane->options.address.primary);
}

/* In a Cluster: what waits here for a connection may have another primary by now. */
static void let_strays_go(struct lane *lane)
{
    struct reservation *reservation;
    struct reservations held = lane->held;
    lane->held = (struct reservations){0};
    while ((reservation = reservations_pop(&held)))
        if (!lanes_take_back(lane->options.lanes, reservation, lane->options.address.primary))
            reservations_push(&lane->held, reservation);
}

static int64_t wait_ns(const struct lane *lane, int64_t now_ns)
{
    int64_t until;
    if (!lane->context && !is_wanted(lane))
        until = now_ns + IDLE_NS;
    else if (!lane->context)
        until = lane->retry_at_ns;
    else if (lane->sent.first)
        until = lane->sent.first->sent_at_ns + lane->options.timeouts.command_ms * MS_NS;
    else
        until = lane->written_at_ns + PROBE_EVERY_NS;
    return until > now_ns ? until - now_ns : 0;
}

/* Waits for work, replies, or time. Returns poll's events of the connection. */
static short wait_for_events(struct lane *lane, bool pending)
{
    int64_t ns = wait_ns(lane, clock_ns());
    struct timespec timeout = {.tv_sec = ns / (1000 * MS_NS), .tv_nsec = ns % (1000 * MS_NS)};
    struct pollfd fds[2] = {
        {.fd = lane->bell.descriptor, .events = POLLIN},
        {.fd = lane->context ? lane->context->fd : -1,
         .events = (short)(pending ? POLLIN | POLLOUT : POLLIN)},
    };
    if (ppoll(fds, 2, &timeout, NULL) < 0)
        return 0;
    if (fds[0].revents)
        bell_heard(&lane->bell);
    return fds[1].revents;
}

static bool timed_out(const struct lane *lane)
{
    return lane->sent.first && wait_ns(lane, clock_ns()) == 0;
}

/* One round with a connection. False: drop it. */
static bool work(struct lane *lane, bool *pending, char *why)
{
    short events = wait_for_events(lane, *pending);
    if (master_moved(lane)) {
        snprintf(why, LANE_WHY_SIZE, REDIS_MOVED);
        return false;
    }
    if (events && !lane_read_replies(lane, why))
        return false;
    if (timed_out(lane)) {
        snprintf(why, LANE_WHY_SIZE, "Redis did not answer in %lld ms",
                 (long long)lane->options.timeouts.command_ms);
        return false;
    }
    collect(lane);
    return send_held(lane, pending, why);
}

static void *run(void *context)
{
    struct lane *lane = context;
    bool pending = false;
    rcu_register_thread();
    while (!collect(lane)) {
        char why[LANE_WHY_SIZE] = "";
        if (!lane->context && lane->options.lanes)
            let_strays_go(lane);
        if (!lane->context && is_wanted(lane) &&
            (clock_ns() >= lane->retry_at_ns || master_moved(lane))) {
            try_connect(lane);
            pending = false;
        }
        if (patience_is_over(lane, clock_ns()))
            fail_held(lane);
        if (!lane->context)
            wait_for_events(lane, false);
        else if (!work(lane, &pending, why))
            disconnect(lane, why);
    }
    if (lane->context)
        hang_up(lane);
    fail_held(lane);
    rcu_unregister_thread();
    return NULL;
}

void lane_start(struct lane *lane, struct catalog *catalog, struct roster *roster)
{
    lane->catalog = catalog;
    lane->roster = roster;
    if (pthread_create(&lane->thread, NULL, run, lane) != 0)
        abort();
    pthread_setname_np(lane->thread, "lane");
}

void lane_stop(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->stopping = true;
    pthread_mutex_unlock(&lane->lock);
    bell_ring(&lane->bell);
    pthread_join(lane->thread, NULL);
}

void lane_drain(struct lane *lane)
{
    collect(lane);
    fail_held(lane);
}

void lane_destroy(struct lane *lane)
{
    health_deinit(&lane->health);
    bell_deinit(&lane->bell);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}
