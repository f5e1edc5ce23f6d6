/* Administrative calls in a Redis Cluster: which server a call goes to. */
#include "store/admin_link.h"

#include "store/clock.h"

#include <poll.h>

#define HOPS_MAX 5
#define PAUSE_MS 20

/* The slot of its first key. (Any server will do for PUBLISH: it is told to all.) */
static int slot_of(const struct call *call)
{
    return cluster_slot(call->values[call->script ? 0 : 1]);
}

int admin_server_of(const struct administration *administration, const struct call *call)
{
    return cluster_owner(administration->options.address.cluster, slot_of(call));
}

static redisReply *ask_elsewhere(struct administration *administration, const struct call *call,
                                 int index, const redisReply *error, struct failure *failure)
{
    const char *argv[CALL_WORDS_MAX];
    char key_count[24], why[160] = "";
    const struct administration_options *options = &administration->options;
    size_t argc = call_words(call, true, key_count, argv);
    redisReply *reply = cluster_ask(&options->address, error->str, index, &options->timeouts,
                                    (int)argc, argv, why, sizeof why);
    if (!reply)
        failure_set(failure, ERROR_STORE_UNAVAILABLE, "Redis did not answer: %s", why);
    return reply;
}

/* One attempt, and the one that an ASK asks for. *index: the server. */
static redisReply *attempt(struct administration *administration, struct call *call, int *index,
                           bool *sent, struct failure *failure)
{
    struct cluster *cluster = administration->options.address.cluster;
    int slot = slot_of(call);
    *sent = false;
    if ((*index = cluster_owner(cluster, slot)) < 0) {
        cluster_suspect(cluster);
        failure_set(failure, ERROR_STORE_UNAVAILABLE,
                    "Redis cannot be reached: no primary is known to have slot %d", slot);
        return NULL;
    }
    redisReply *reply = admin_attempt(administration, *index, call, sent, failure);
    if (redirection_of(reply) != REDIRECTION_ASK)
        return reply;
    redisReply *asked = ask_elsewhere(administration, call, *index, reply, failure);
    freeReplyObject(reply);
    return asked;
}

/* Whether a reply, or none, is final; otherwise what it says is learnt. */
static bool is_final(struct administration *administration, struct call *call, int index, bool sent,
                     const redisReply *reply)
{
    struct cluster *cluster = administration->options.address.cluster;
    if (!reply) {
        call->sent_again |= sent;
        return sent && call->once;
    }
    switch (redirection_of(reply)) {
    case REDIRECTION_MOVED:
        cluster_follow(cluster, reply->str, index);
        return false;
    case REDIRECTION_DOWN:
        cluster_suspect(cluster);
        return false;
    case REDIRECTION_ASK:
    case REDIRECTION_TRY_AGAIN:
        return false;
    case REDIRECTION_NONE:
        break;
    }
    return reply->type != REDIS_REPLY_ERROR || !redis_error_is_fatal(reply->str);
}

redisReply *admin_cluster_call(struct administration *administration, struct call *call,
                               struct failure *failure)
{
    int64_t until_ns = clock_ns() + administration->options.retry_ms * MS_NS;
    for (int hops = 1;; hops++) {
        int index;
        bool sent;
        redisReply *reply = attempt(administration, call, &index, &sent, failure);
        if (is_final(administration, call, index, sent, reply) || clock_ns() >= until_ns)
            return reply;
        bool moved = redirection_of(reply) == REDIRECTION_MOVED;
        freeReplyObject(reply);
        if (!moved || hops % HOPS_MAX == 0)
            poll(NULL, 0, PAUSE_MS);
    }
}
