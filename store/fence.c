#include "store/fence.h"

#include "store/clock.h"
#include "store/memory.h"
#include "store/node_entry.h"
#include "store/record.h"
#include "store/roster_link.h"
#include "store/scripts.h"

#include <stdio.h>
#include <string.h>

/* Acknowledgements take a millisecond or two, or for ever. */
#define PAUSE_MIN_NS  (MS_NS / 2)
#define PAUSE_MAX_NS  (16 * MS_NS)
#define TELL_EVERY_NS (100 * MS_NS)

/* "!FENCE NAME GENERATION", or with NEXT behind it: see hints.c. */
#define MESSAGE_SIZE (NAME_MAX_BYTES + 2 * ID_SIZE + 32)

void roster_fence(struct roster *roster, struct fence *fence)
{
    record_new_id(fence->id);
    fence->complete = false;
    fence->missing = NULL;
    fence->ask_at_ns = fence->tell_at_ns = 0;
    fence->pause_ns = PAUSE_MIN_NS;
    pthread_mutex_lock(&roster->lock);
    fence->following = roster->new_fences;
    roster->new_fences = fence;
    pthread_mutex_unlock(&roster->lock);
    bell_ring(&roster->bell);
}

void fences_collect(struct roster *roster)
{
    pthread_mutex_lock(&roster->lock);
    struct fence *fence = roster->new_fences;
    roster->new_fences = NULL;
    pthread_mutex_unlock(&roster->lock);
    while (fence) {
        struct fence *following = fence->following;
        fence->following = roster->fences;
        roster->fences = fence;
        count(&roster->options.counters->fences, 1);
        fence = following;
    }
}

static void add_missing(const struct node_entry *entry, void *context)
{
    if (entry->live && !entry->acknowledged && !entry->self)
        json_array_append_new(context, json_pack("{s:s, s:s, s:s}", "id", entry->id, "hostname",
                                                 entry->hostname, "address", entry->address));
}

static redisReply *ask(struct roster *roster, struct fence *fence, int64_t now_ns)
{
    char message[MESSAGE_SIZE] = "", key[KEY_SIZE], why[160] = "";
    if (now_ns >= fence->tell_at_ns) {
        int length = snprintf(message, sizeof message, "!%s %s %s", fence->id, fence->name.text,
                              fence->generation);
        if (fence->next > 0)
            snprintf(message + length, sizeof message - (size_t)length, " %lld",
                     (long long)fence->next);
        fence->tell_at_ns = now_ns + TELL_EVERY_NS;
    }
    snprintf(key, sizeof key, "%.64s" NODES_TAG "fence:%s", roster->options.key_prefix, fence->id);
    const char *values[] = {roster->nodes_key, key, roster->channel, message};
    return roster_call(roster, roster->context, &script_roster, 2, values, 4, why, sizeof why);
}

/* "hostname (address, node id), ..." as far as there is room. */
static void print_missing(const json_t *missing, char *text, size_t size)
{
    size_t written = 0, i;
    json_t *node;
    json_array_foreach(missing, i, node)
    {
        const char *hostname, *address, *id;
        json_unpack(node, "{s:s, s:s, s:s}", "hostname", &hostname, "address", &address, "id", &id);
        size_t wanted = strlen(hostname) + strlen(address) + strlen(id) + sizeof ",  (, node )";
        if (written + wanted + sizeof " and others" > size) {
            snprintf(text + written, size - written, " and others");
            return;
        }
        written += (size_t)snprintf(text + written, size - written, "%s%s (%s, node %s)",
                                    i > 0 ? ", " : "", hostname, address, id);
    }
}

static void fail(struct roster *roster, struct fence *fence)
{
    char nodes[320] = "";
    count(&roster->options.counters->fences_incomplete, 1);
    if (fence->missing)
        print_missing(fence->missing, nodes, sizeof nodes);
    else
        snprintf(nodes, sizeof nodes, "which nodes is not known, as Redis did not answer");
    failure_set(&fence->failure, ERROR_FENCE_INCOMPLETE,
                "the change was made, but not every node has confirmed in time that it dropped "
                "its old numbers: %s",
                nodes);
    failure_hint(&fence->failure,
                 "Repeating the request asks again. GET /v1/nodes shows who is live; with "
                 "--lease-ms a node that does not answer is waited for no longer than its lease.");
    memcpy(fence->failure.sequence, fence->name.text, fence->name.length + 1u);
}

/* True: everybody has acknowledged, or is gone. */
static bool understand(struct roster *roster, struct fence *fence, const redisReply *reply)
{
    json_decref(fence->missing);
    fence->missing = json_array();
    node_entries_visit(reply, roster->id, add_missing, fence->missing);
    fence->complete = json_array_size(fence->missing) == 0;
    return fence->complete;
}

/* Takes it out of the list and gives it back. `link` is where it hangs. */
static void pass(struct roster *roster, struct fence **link)
{
    struct fence *fence = *link;
    *link = fence->following;
    if (!fence->complete)
        fail(roster, fence);
    fence->passed(fence);
}

bool fences_work(struct roster *roster, int64_t now_ns)
{
    struct fence **link = &roster->fences;
    while (*link) {
        struct fence *fence = *link;
        if (now_ns >= fence->ask_at_ns) {
            redisReply *reply = ask(roster, fence, now_ns);
            if (!reply)
                return false;
            bool complete = understand(roster, fence, reply);
            freeReplyObject(reply);
            fence->ask_at_ns = now_ns + fence->pause_ns;
            fence->pause_ns = fence->pause_ns < PAUSE_MAX_NS ? 2 * fence->pause_ns : PAUSE_MAX_NS;
            if (complete) {
                pass(roster, link);
                continue;
            }
        }
        link = &fence->following;
    }
    return true;
}

void fences_expire(struct roster *roster, int64_t now_ns)
{
    struct fence **link = &roster->fences;
    while (*link) {
        if (now_ns >= (*link)->deadline_ns)
            pass(roster, link);
        else
            link = &(*link)->following;
    }
}

int64_t fences_due_ns(const struct roster *roster)
{
    int64_t due_ns = INT64_MAX;
    for (const struct fence *fence = roster->fences; fence; fence = fence->following) {
        int64_t own_ns = roster->context && fence->ask_at_ns < fence->deadline_ns
                             ? fence->ask_at_ns
                             : fence->deadline_ns;
        due_ns = own_ns < due_ns ? own_ns : due_ns;
    }
    return due_ns;
}
