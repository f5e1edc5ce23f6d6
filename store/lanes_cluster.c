/* The lanes of a Cluster: which one a reservation goes to, and the thread that keeps them. */
#include "store/lanes_state.h"

#include "store/clock.h"
#include "store/log.h"

#include <stdio.h>

#define HOPS_MAX         5
#define ASK_AGAIN_NS     (20 * MS_NS)
#define REFRESH_MIN_NS   (100 * MS_NS)
#define REFRESH_EVERY_NS (5000 * MS_NS)

/* --- Where to ------------------------------------------------------------------------------ */

static void park(struct lanes *lanes, struct reservation *reservation, const char *why)
{
    pthread_mutex_lock(&lanes->lock);
    reservations_push(&lanes->parked, reservation);
    snprintf(lanes->why, sizeof lanes->why, "%s", why);
    pthread_mutex_unlock(&lanes->lock);
    bell_ring(&lanes->cluster->bell);
}

static void send_to(struct lanes *lanes, int primary, struct reservation *reservation)
{
    struct lane *lane = primary >= 0 ? atomic_load(&lanes->at[primary]) : NULL;
    if (lane)
        lane_reserve(lane, reservation);
    else
        park(lanes, reservation, "no primary is known to have its slot");
}

static void dispatch(struct lanes *lanes, struct reservation *reservation)
{
    const struct seq_name *name = &reservation->sequence->name;
    reservation->asking = false;
    send_to(lanes, cluster_owner(lanes->cluster, cluster_slot(name->text)), reservation);
}

void lanes_reserve(void *context, struct reservation *reservation)
{
    reservation->hops = 0;
    dispatch(context, reservation);
}

void lanes_redirect(struct lanes *lanes, struct reservation *reservation, const redisReply *error,
                    int primary)
{
    enum redirection redirection = redirection_of(error);
    bool named = redirection == REDIRECTION_MOVED || redirection == REDIRECTION_ASK;
    int target = named ? cluster_follow(lanes->cluster, error->str, primary) : CLUSTER_NOBODY;
    if (redirection == REDIRECTION_DOWN)
        cluster_suspect(lanes->cluster);
    if (target < 0 || ++reservation->hops > HOPS_MAX) {
        park(lanes, reservation, error->str);
        return;
    }
    reservation->asking = redirection == REDIRECTION_ASK;
    send_to(lanes, target, reservation);
}

void lanes_again(struct lanes *lanes, struct reservation *reservation, const char *why)
{
    park(lanes, reservation, why);
}

bool lanes_take_back(struct lanes *lanes, struct reservation *reservation, int primary)
{
    int slot = cluster_slot(reservation->sequence->name.text);
    if (reservation->asking || cluster_owner(lanes->cluster, slot) == primary)
        return false;
    park(lanes, reservation, "its slot is on its way to another server");
    return true;
}

bool lanes_find_tag(struct lanes *lanes, int primary, unsigned *tag)
{
    char text[16];
    if (cluster_slots_of(lanes->cluster, primary) == 0)
        return false;
    for (int tries = 0; tries < 64 * CLUSTER_SLOTS; tries++, ++*tag) {
        snprintf(text, sizeof text, "%u", *tag);
        if (cluster_owner(lanes->cluster, cluster_slot(text)) == primary)
            return true;
    }
    return false;
}

/* --- What is parked ------------------------------------------------------------------------ */

static struct reservations take_parked(struct lanes *lanes, char why[LANES_WHY_SIZE])
{
    pthread_mutex_lock(&lanes->lock);
    struct reservations parked = lanes->parked;
    lanes->parked = (struct reservations){0};
    snprintf(why, LANES_WHY_SIZE, "%s", lanes->lost_why[0] ? lanes->lost_why : lanes->why);
    pthread_mutex_unlock(&lanes->lock);
    return parked;
}

static void fail(struct lanes *lanes, struct reservation *reservation, const char *why)
{
    reservation_answer(lanes->catalog, reservation,
                       &(struct reserve_reply){.outcome = RESERVE_UNAVAILABLE, .why = why});
}

void lanes_fail_parked(struct lanes *lanes, const char *why)
{
    char ignored[LANES_WHY_SIZE];
    struct reservations parked = take_parked(lanes, ignored);
    struct reservation *reservation;
    while ((reservation = reservations_pop(&parked)))
        fail(lanes, reservation, why);
}

/* Asks again; what has waited too long fails, and at once while slots have long been out. */
static void ask_again(struct lanes *lanes, int64_t now_ns)
{
    char why[LANES_WHY_SIZE];
    int64_t patience_ns = lanes->options.patience_ms * MS_NS;
    bool out = lanes->out_since_ns != 0 && now_ns - lanes->out_since_ns > patience_ns;
    struct reservations parked = take_parked(lanes, why);
    struct reservation *reservation;
    while ((reservation = reservations_pop(&parked))) {
        int slot = cluster_slot(reservation->sequence->name.text);
        bool nobody = cluster_owner(lanes->cluster, slot) == CLUSTER_NOBODY;
        if ((out && nobody) || now_ns - reservation->asked_at_ns > patience_ns) {
            fail(lanes, reservation, why);
        } else {
            reservation->hops = 0;
            dispatch(lanes, reservation);
        }
    }
}

/* --- The thread ------------------------------------------------------------------------------ */

static void start_new(struct lanes *lanes)
{
    int count = (int)atomic_load(&lanes->cluster->count);
    for (int i = 0; i < count; i++) {
        if (atomic_load(&lanes->at[i]))
            continue;
        atomic_store(&lanes->at[i], lanes_make(lanes, i));
        lanes_start_one(lanes, i);
    }
}

static void set_lost(struct lanes *lanes, const char *why)
{
    pthread_mutex_lock(&lanes->lock);
    bool news = !lanes->lost_why[0] != !why[0];
    snprintf(lanes->lost_why, sizeof lanes->lost_why, "%s", why);
    pthread_mutex_unlock(&lanes->lock);
    if (news && why[0])
        LOG(WARN, "cluster_unavailable", LOG_TEXT("why", why));
}

static void refresh(struct lanes *lanes)
{
    char why[LANES_WHY_SIZE] = "";
    bool changed = false;
    struct cluster *cluster = lanes->cluster;
    bool fine = cluster_refresh(&lanes->options.address, &lanes->options.timeouts, &changed, why,
                                sizeof why);
    int uncovered = cluster_uncovered(cluster);
    lanes->refreshed_at_ns = clock_ns();
    set_lost(lanes, fine ? "" : why);
    if (!fine || uncovered > 0)
        lanes->out_since_ns = lanes->out_since_ns ? lanes->out_since_ns : lanes->refreshed_at_ns;
    else
        lanes->out_since_ns = 0;
    bool whole = fine && uncovered == 0;
    lanes->refresh_failures = whole ? 0 : lanes->refresh_failures + (lanes->refresh_failures < 3);
    if (!whole)
        cluster_suspect(cluster); /* servers may differ while one takes over */
    if (!changed)
        return;
    LOG(INFO, "cluster_changed", LOG_NUMBER("uncovered_slots", uncovered));
    start_new(lanes);
    lanes_wake(lanes);
    lanes->options.moved(lanes->options.context);
    lanes->ask_at_ns = 0;
}

static bool has_parked(struct lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    bool has = lanes->parked.first != NULL;
    pthread_mutex_unlock(&lanes->lock);
    return has;
}

static int64_t refresh_at_ns(const struct lanes *lanes)
{
    int64_t soon_ns = REFRESH_MIN_NS << lanes->refresh_failures;
    bool soon = atomic_load(&lanes->cluster->suspected);
    return lanes->refreshed_at_ns == 0
               ? 0
               : lanes->refreshed_at_ns + (soon ? soon_ns : REFRESH_EVERY_NS);
}

static void wait_for_work(struct lanes *lanes)
{
    int64_t until_ns = refresh_at_ns(lanes);
    if (has_parked(lanes) && lanes->ask_at_ns < until_ns)
        until_ns = lanes->ask_at_ns;
    bell_wait(&lanes->cluster->bell, until_ns);
}

void *lanes_run(void *argument)
{
    struct lanes *lanes = argument;
    rcu_register_thread();
    while (!atomic_load(&lanes->stopping)) {
        int64_t now_ns = clock_ns();
        if (now_ns >= refresh_at_ns(lanes))
            refresh(lanes);
        start_new(lanes); /* a redirection may have named one that is new */
        if (now_ns >= lanes->ask_at_ns && has_parked(lanes)) {
            ask_again(lanes, now_ns);
            lanes->ask_at_ns = now_ns + ASK_AGAIN_NS;
        }
        wait_for_work(lanes);
    }
    rcu_unregister_thread();
    return NULL;
}
