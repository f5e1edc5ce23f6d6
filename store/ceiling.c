#include "store/ceiling_state.h"

#include "store/clock.h"
#include "store/log.h"
#include "store/memory.h"
#include "store/sequence.h"
#include "store/window.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A minute's use is guessed to be that, when a proof takes seconds: the first one is asked for
 * at half of it. It is also what a new sequence may lose to a crash. */
#define FIRST_IF_LOOKS 10000

#define REPLICAS_GRACE_NS (60000 * MS_NS) /* a split is known by then */
#define PROMOTED_GRACE_NS (5000 * MS_NS)

struct ceiling *ceiling_create(const struct ceiling_options *options)
{
    struct ceiling *ceiling = must_calloc(1, sizeof *ceiling);
    const struct durability *wanted = &options->durability;
    ceiling->options = *options;
    /* Until a server was asked. */
    atomic_init(&ceiling->guards, wanted->automatic || wanted->fsync || wanted->replicas > 0);
    atomic_init(&ceiling->looks, false);
    ceiling->lock = options->raises;
    bell_init(&ceiling->bell);
    return ceiling;
}

/* --- What the server gives -------------------------------------------------------------- */

/* Told in the log when it is another than before. */
static void publish(struct ceiling *ceiling, const struct surety *surety)
{
    pthread_mutex_lock(ceiling->lock);
    bool changed = strcmp(ceiling->surety.text, surety->text) != 0;
    ceiling->surety = *surety;
    pthread_mutex_unlock(ceiling->lock);
    atomic_store(&ceiling->guards, surety->guarded);
    atomic_store(&ceiling->looks, surety->looks);
    if (changed && surety->guarded)
        LOG(INFO, "durability", LOG_TEXT("class", surety->text),
            LOG_TEXT("advice", surety->advice));
    else if (changed)
        LOG(WARN, "durability_none",
            LOG_TEXT("why", surety->advice[0] ? surety->advice : "--durability none"),
            LOG_TEXT("means", "numbers can repeat when Redis loses what it acknowledged"));
}

/* With `auto`: replicas that are gone are not given up at once. A master that lost them may be on
 * the wrong side of a split; one that was just promoted gets them in a moment. */
static bool may_do_with(struct ceiling *ceiling, const struct surety *surety)
{
    int64_t now_ns = clock_ns(), grace_ns = 0;
    pthread_mutex_lock(ceiling->lock);
    bool same = strcmp(surety->run_id, ceiling->surety.run_id) == 0;
    if (surety->replicas < ceiling->surety.replicas)
        grace_ns = same ? REPLICAS_GRACE_NS : surety->replicas == 0 ? PROMOTED_GRACE_NS : 0;
    if (grace_ns == 0) {
        ceiling->shrunk.since_ns = 0;
    } else if (ceiling->shrunk.since_ns == 0 ||
               strcmp(ceiling->shrunk.run_id, surety->run_id) != 0) {
        memcpy(ceiling->shrunk.run_id, surety->run_id, sizeof surety->run_id);
        ceiling->shrunk.since_ns = now_ns;
    }
    bool fine = grace_ns == 0 || now_ns - ceiling->shrunk.since_ns >= grace_ns;
    pthread_mutex_unlock(ceiling->lock);
    return fine;
}

bool ceiling_examine(struct ceiling *ceiling, redisContext *context, char *why, size_t why_size)
{
    struct surety surety;
    if (!surety_examine(context, &ceiling->options.durability, &surety, why, why_size))
        return false;
    if (ceiling->options.durability.automatic && !may_do_with(ceiling, &surety)) {
        snprintf(why, why_size,
                 "Redis has %" PRId64
                 " replicas connected, fewer than a moment ago, and "
                 "--durability auto waits for them",
                 surety.replicas);
        return false;
    }
    publish(ceiling, &surety);
    return true;
}

bool ceiling_admits(struct ceiling *ceiling, redisContext *context, char *why, size_t why_size)
{
    if (ceiling_examine(ceiling, context, why, why_size))
        return true;
    /* Below a ceiling that was proved there is no need for anybody. */
    pthread_mutex_lock(ceiling->lock);
    bool waits = ceiling->shrunk.since_ns != 0;
    pthread_mutex_unlock(ceiling->lock);
    return waits && context->err == 0;
}

bool ceiling_guards(const struct ceiling *ceiling)
{
    return atomic_load_explicit(&ceiling->guards, memory_order_relaxed);
}

bool ceiling_surety(struct ceiling *ceiling, struct surety *surety)
{
    pthread_mutex_lock(ceiling->lock);
    *surety = ceiling->surety;
    pthread_mutex_unlock(ceiling->lock);
    return surety->guarded;
}

int ceiling_rank(struct ceiling *ceiling)
{
    pthread_mutex_lock(ceiling->lock);
    const struct surety *surety = &ceiling->surety;
    int rank = !surety->text[0] ? -1 : surety_rank(surety);
    pthread_mutex_unlock(ceiling->lock);
    return rank;
}

void ceiling_describe(struct ceiling *ceiling, char *text, size_t size)
{
    pthread_mutex_lock(ceiling->lock);
    snprintf(text, size, "%s", ceiling->surety.text[0] ? ceiling->surety.text : "not known yet");
    pthread_mutex_unlock(ceiling->lock);
}

int64_t ceiling_first(const struct ceiling *ceiling, const struct record *record)
{
    const struct definition *definition = &record->definition;
    int64_t left = record->limit - record->next;
    bool looks = atomic_load_explicit(&ceiling->looks, memory_order_relaxed);
    if (!ceiling_guards(ceiling))
        return -1;
    int64_t block = definition->cache == CACHE_AUTO ? 1 : definition->cache;
    int64_t window = window_size(looks ? FIRST_IF_LOOKS : 0, WINDOW_NS, block, left);
    return record->next + (window < left ? window : left);
}

/* --- What is to be raised ------------------------------------------------------------------ */

/* Under the lock: of another generation nothing is known. (What is queued is the thread's, and of
 * the generation that asked; it finds out.) */
static void begin_generation(struct raise *raise, const struct reservation *reservation,
                             const struct reserve_reply *reply)
{
    if (raise->asked_at_ns != 0 || strcmp(raise->generation, reservation->generation) == 0)
        return;
    memcpy(raise->generation, reservation->generation, ID_SIZE);
    raise->window = reply->pending - reply->counter;
    raise->due = reply->pending - raise->window / 2;
    raise->used = raise->witnessed = 0;
    raise->since_ns = reservation->asked_at_ns;
}

/* At least half of the last one: while Redis was away, nothing was used. (The script sees to the
 * same for who was away himself.) */
static int64_t next_window(const struct raise *raise, int64_t now_ns, int64_t left)
{
    int64_t used = window_size(raise->used, now_ns - raise->since_ns, raise->want, left);
    int64_t half = raise->window / 2 < raise->window_most ? raise->window / 2 : raise->window_most;
    return used > half ? used : half;
}

/* Under the lock. */
static void enqueue(struct ceiling *ceiling, struct reservation *reservation, int64_t counter,
                    int64_t left)
{
    struct raise *raise = &reservation->sequence->raise;
    int64_t now_ns = clock_ns();
    bool acquired = sequence_acquire(reservation->sequence);
    assert(acquired);
    (void)acquired;
    raise->sequence = reservation->sequence;
    raise->want = reservation->want;
    raise->window_most = window_most(left);
    raise->window = next_window(raise, now_ns, left);
    raise->asking = reservation->asking;
    raise->floor = counter > reservation->want ? counter - reservation->want : 0;
    raise->used = 0;
    raise->since_ns = raise->asked_at_ns = now_ns;
    raise->next = ceiling->queue;
    ceiling->queue = raise;
}

bool ceiling_stopped(struct ceiling *ceiling, struct reservation *reservation,
                     const struct reserve_reply *reply)
{
    struct raise *raise = &reservation->sequence->raise;
    int64_t left = sequence_limit(reservation->sequence) - reply->counter;
    pthread_mutex_lock(ceiling->lock);
    bool stopping = ceiling->stopping, first = !raise->waited;
    if (!stopping) {
        begin_generation(raise, reservation, reply);
        raise->stopped = reservation;
        raise->waited = true;
        if (raise->asked_at_ns == 0)
            enqueue(ceiling, reservation, reply->counter, left);
    }
    pthread_mutex_unlock(ceiling->lock);
    count(&ceiling->options.counters->ceiling_waits, !stopping && first);
    bell_ring(&ceiling->bell);
    return !stopping;
}

/* Under the lock. Others may have raised it meanwhile. */
static bool is_due(struct raise *raise, const struct reserve_reply *reply, int64_t left)
{
    int64_t above = reply->pending - reply->counter;
    if (reply->counter < raise->due || above >= left || raise->asked_at_ns != 0)
        return false;
    if (above > raise->window / 2)
        raise->due = reply->pending - raise->window / 2;
    return above <= raise->window / 2;
}

/* Under the lock. A ceiling at which the counter stands may just have been adopted, and be proved
 * by nobody. */
static bool is_news(const struct ceiling *ceiling, const struct raise *raise,
                    const struct reserve_reply *reply)
{
    return ceiling->options.witness && reply->confirmed > reply->counter &&
           reply->confirmed > raise->witnessed;
}

void ceiling_passed(struct ceiling *ceiling, struct reservation *reservation,
                    const struct reserve_reply *reply)
{
    struct raise *raise = &reservation->sequence->raise;
    int64_t left = sequence_limit(reservation->sequence) - reply->counter;
    if (reply->pending < 0)
        return; /* bare */
    pthread_mutex_lock(ceiling->lock);
    begin_generation(raise, reservation, reply);
    raise->used +=
        reservation->want < WINDOW_MAX - raise->used ? reservation->want : WINDOW_MAX - raise->used;
    bool due = !ceiling->stopping && is_due(raise, reply, left);
    bool news = is_news(ceiling, raise, reply);
    if (news)
        raise->witnessed = reply->confirmed;
    if (due)
        enqueue(ceiling, reservation, reply->counter, left);
    pthread_mutex_unlock(ceiling->lock);
    if (news) {
        witness_note(ceiling->options.witness, reservation->generation,
                     reply->counter - reservation->want, reply->confirmed);
        atomic_store(&ceiling->testifies, true);
    }
    if (due || news)
        bell_ring(&ceiling->bell);
}

/* --- The thread, from outside ------------------------------------------------------------- */

void ceiling_start(struct ceiling *ceiling, struct lane *lane)
{
    ceiling->lane = lane;
    if (pthread_create(&ceiling->thread, NULL, ceiling_run, ceiling) != 0)
        abort();
    pthread_setname_np(ceiling->thread, "ceiling");
}

void ceiling_wake(struct ceiling *ceiling)
{
    bell_ring(&ceiling->bell);
}

void ceiling_stop(struct ceiling *ceiling)
{
    pthread_mutex_lock(ceiling->lock);
    ceiling->stopping = true;
    pthread_mutex_unlock(ceiling->lock);
    bell_ring(&ceiling->bell);
    pthread_join(ceiling->thread, NULL);
}

void ceiling_destroy(struct ceiling *ceiling)
{
    bell_deinit(&ceiling->bell);
    free(ceiling);
}
