#include "store/admin_cluster.h"

#include "store/clock.h"
#include "store/decimal.h"

#include <string.h>

enum change_result { CHANGE_DONE, CHANGE_RETRY, CHANGE_FAILED };

/* Which counters a change is right for; `bound` with all but ANY. */
struct change {
    const struct seq_name *new_name;
    const char *expected_generation;
    const char *test;
    int64_t bound;
    bool keep_counter;
};

static enum change_result change_result(struct call *call, redisReply *reply,
                                        const struct seq_name *name, const struct change *change,
                                        const struct record *record, struct failure *failure)
{
    const char *word = reply_word(reply);
    enum change_result result = CHANGE_FAILED;
    bool ours = call->sent_again && reply->elements == 2 &&
                reply->element[1]->type == REDIS_REPLY_STRING &&
                strcmp(reply->element[1]->str, record->identity.generation) == 0;
    if (strcmp(word, "ok") == 0 || ours)
        result = CHANGE_DONE;
    else if (strcmp(word, "changed") == 0 || strcmp(word, "moved") == 0)
        result = CHANGE_RETRY;
    else if (strcmp(word, "exists") == 0)
        admin_fail_exists(failure, change->new_name);
    else if (strcmp(word, "lost") == 0)
        fail_lost(failure, name);
    else
        fail_missing(failure, name);
    freeReplyObject(reply);
    return result;
}

/* Sends `record`, the sequence as it shall be, if it still is as `change` says. */
static enum change_result send_change(struct administration *administration,
                                      const struct seq_name *name, const struct change *change,
                                      const struct record *record, struct failure *failure)
{
    struct places places, new_places;
    struct record_arguments arguments;
    char bound[DECIMAL_SIZE], ceiling[DECIMAL_SIZE];
    admin_print_ceiling(administration, name, record, ceiling);
    places_print(&places, administration, name);
    record_arguments(record, &arguments);
    decimal_write(bound, change->bound);
    struct call call = script_call(&script_change, &places.keys);
    call.survives = true;
    call_add_shared(&call, administration, places.owners);
    if (change->new_name) {
        places_print(&new_places, administration, change->new_name);
        call_add_key(&call, new_places.keys.definition);
        call_add_key(&call, new_places.keys.next);
        call_add_key(&call, places.index);
        call_add_key(&call, places.oids);
        call.once = true;
    }
    call_add(&call, places.channel);
    call_add(&call, name->text);
    call_add(&call, change->new_name ? change->new_name->text : "");
    call_add(&call, TOMBSTONE_SECONDS);
    call_add(&call, change->expected_generation);
    call_add(&call, change->test);
    call_add(&call, bound);
    call_add(&call, change->keep_counter ? "" : record->next ? "1" : "0");
    call_add(&call, record->identity.generation);
    call_add(&call, ceiling);
    admin_add_record(&call, &arguments);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return CHANGE_FAILED;
    return change_result(&call, reply, name, change, record, failure);
}

/* The same, of a sequence that is `owner`'s and may become another's. */
static enum change_result send_owned_change(struct administration *administration,
                                            const struct seq_name *name,
                                            const struct change *change, const char *owner,
                                            const struct record *record, struct failure *failure)
{
    const char *new_owner = record->definition.owned_by;
    bool apart = admin_is_clustered(administration) && strcmp(owner, new_owner) != 0;
    if (apart && !admin_list_own(administration, name, new_owner, failure))
        return CHANGE_FAILED;
    enum change_result result = send_change(administration, name, change, record, failure);
    if (apart && result == CHANGE_DONE && !admin_list_disown(administration, name, owner, failure))
        return CHANGE_FAILED;
    return result;
}

/* A new generation of `record` that begins at `position`. */
static void renew(struct record *record, const struct position *position)
{
    record_new_id(record->identity.generation);
    record_time(record->updated_at);
    record_set_position(record, position);
}

/* Renaming and OWNED BY leave the numbers alone. */
static bool changes_numbers(const struct options *options)
{
    return options->has_type || options->has_cycle || options->cache_auto ||
           options->increment.state || options->min_value.state || options->max_value.state ||
           options->start.state || options->restart.state || options->cache.state;
}

bool admin_changes(const struct options *options)
{
    return changes_numbers(options) || options->has_owned_by;
}

/* An identity's sequence is its column's, and nobody else's. */
static bool may_be_owned(const struct record *record, const struct options *options,
                         struct failure *failure)
{
    if (!options->has_owned_by || !record->is_identity)
        return true;
    failure_set(failure, ERROR_FEATURE_NOT_SUPPORTED,
                "cannot change ownership of identity sequence");
    return false;
}

/* Numbers that are taken between reading and writing make an ALTER begin anew. In the second half
 * of its time, those that are about to be taken are passed over: so it comes to an end, however
 * busy the sequence is. */
struct tries {
    int64_t began_ns, late_ns;
    char generation[ID_SIZE]; /* as the last one found it, with `counter` */
    int64_t counter;
    int64_t ahead; /* how many are passed over */
};

static void pass_over(struct record *record, struct tries *tries)
{
    int64_t left = record->limit - record->next, taken = record->next - tries->counter;
    bool same = strcmp(tries->generation, record->identity.generation) == 0;
    tries->counter = record->next;
    memcpy(tries->generation, record->identity.generation, ID_SIZE);
    if (!same || clock_ns() < tries->late_ns || taken <= 0)
        return;
    tries->ahead = taken < left / 8 ? 4 * taken : left / 2;
    record->next += tries->ahead;
}

/* One try of ALTER: reads, computes, writes if nothing has changed in between. */
static enum change_result try_alter(struct administration *administration,
                                    const struct seq_name *name, const struct seq_name *new_name,
                                    const struct options *options, struct tries *tries,
                                    struct record *record, struct failure *failure)
{
    char generation[ID_SIZE], owner[COLUMN_SIZE];
    bool numbers = changes_numbers(options);
    if (!admin_describe(administration, name, record, failure))
        return CHANGE_FAILED;
    if (!record->has_next && options->restart.state == OPTION_ABSENT) {
        fail_lost(failure, name);
        return CHANGE_FAILED;
    }
    bool equal = numbers && options->restart.state == OPTION_ABSENT;
    tries->ahead = 0;
    if (equal)
        pass_over(record, tries);
    memcpy(generation, record->identity.generation, ID_SIZE);
    memcpy(owner, record->definition.owned_by, sizeof owner);
    struct position position =
        record->has_next ? record_position(record) : (struct position){record->rule.base, false};
    struct change change = {
        .new_name = new_name,
        .expected_generation = generation,
        .test = !equal             ? "any"
                : tries->ahead > 0 ? "at_most"
                                   : "equal",
        .bound = record->next,
        .keep_counter = !numbers,
    };
    if (!definition_alter(options, &record->definition, &position, failure) ||
        !admin_check_owner(administration, name, options, &record->definition, failure) ||
        !may_be_owned(record, options, failure)) {
        memcpy(failure->sequence, name->text, name->length + 1u);
        return CHANGE_FAILED;
    }
    if (numbers)
        renew(record, &position);
    else
        record_time(record->updated_at);
    return send_owned_change(administration, name, &change, owner, record, failure);
}

/* Others may change the sequence, or take numbers of it, between reading and writing. */
static bool may_retry(const struct administration *administration, int64_t began_ns,
                      const struct seq_name *name, struct failure *failure)
{
    if (clock_ns() - began_ns < administration->options.retry_ms * MS_NS)
        return true;
    failure_set(failure, ERROR_STORE_UNAVAILABLE, "sequence \"%s\" changes too fast to be altered",
                name_bare(name));
    return false;
}

bool administer_alter(struct administration *administration, const struct seq_name *name,
                      const struct seq_name *new_name, const struct options *options,
                      struct record *record, struct failure *failure)
{
    int64_t now_ns = clock_ns();
    struct tries tries = {now_ns, now_ns + administration->options.retry_ms * MS_NS / 2, "", 0, 0};
    enum change_result result;
    if (new_name && admin_is_clustered(administration))
        return admin_rename(administration, name, new_name, options, record, failure);
    do
        result = try_alter(administration, name, new_name, options, &tries, record, failure);
    while (result == CHANGE_RETRY && may_retry(administration, tries.began_ns, name, failure));
    if (result != CHANGE_DONE)
        return false;
    admin_change_here(administration, name, new_name ? NULL : record);
    return new_name ? administer_describe(administration, new_name, record, failure)
                    : (changes_numbers(options) ||
                       administer_describe(administration, name, record, failure));
}

static bool in_bounds(const struct definition *definition, const struct seq_name *name,
                      int64_t value, struct failure *failure)
{
    if (value >= definition->min_value && value <= definition->max_value)
        return true;
    failure_set(failure, ERROR_VALUE_OUT_OF_BOUNDS,
                "setval: value %lld is out of bounds for sequence \"%s\" (%lld..%lld)",
                (long long)value, name_bare(name), (long long)definition->min_value,
                (long long)definition->max_value);
    memcpy(failure->sequence, name->text, name->length + 1u);
    return false;
}

bool administer_setval(struct administration *administration, const struct seq_name *name,
                       int64_t value, bool is_called, struct record *record,
                       struct failure *failure)
{
    int64_t began_ns = clock_ns();
    enum change_result result;
    do {
        char generation[ID_SIZE];
        if (!admin_describe(administration, name, record, failure) ||
            !in_bounds(&record->definition, name, value, failure))
            return false;
        memcpy(generation, record->identity.generation, ID_SIZE);
        renew(record, &(struct position){value, is_called});
        struct change change = {.expected_generation = generation, .test = "any"};
        result = send_change(administration, name, &change, record, failure);
    } while (result == CHANGE_RETRY && may_retry(administration, began_ns, name, failure));
    if (result == CHANGE_DONE)
        admin_change_here(administration, name, record);
    return result == CHANGE_DONE;
}

static bool is_forward(const struct record *record, int64_t value)
{
    struct position position = record_position(record);
    if (value == position.last_value)
        return !position.is_called;
    return record->rule.increment > 0 ? value > position.last_value : value < position.last_value;
}

/* The largest counter from which `value` is still ahead. */
static int64_t forward_until(const struct progression *rule, int64_t value)
{
    int64_t passed = progression_passed(rule, value);
    bool on_grid = passed > 0 && progression_value(rule, passed - 1) == value;
    return on_grid ? passed - 1 : passed;
}

/* The ordinal of the first value behind `value`, which is not ahead of last_value: so many
 * steps back from it. In a cycle that counts in the lap which Redis is in. */
int64_t administer_advance_passes(const struct record *record, int64_t value)
{
    const struct progression *rule = &record->rule;
    uint64_t last = (uint64_t)record_position(record).last_value, wanted = (uint64_t)value;
    bool ascending = rule->increment > 0;
    uint64_t distance = ascending ? last - wanted : wanted - last;
    uint64_t stride = ascending ? (uint64_t)rule->increment : 0 - (uint64_t)rule->increment;
    uint64_t steps = distance / stride + (distance % stride != 0);
    return steps < (uint64_t)record->next ? record->next - (int64_t)steps : 0;
}

/* Already past `value`, in Redis. What nodes hold may not be. */
static void skip_held(struct administration *administration, const struct seq_name *name,
                      const struct record *record, int64_t value)
{
    struct places places;
    struct failure ignored;
    char message[NAME_MAX_BYTES + ID_SIZE + DECIMAL_SIZE + 2], passed[DECIMAL_SIZE];
    int64_t next = administer_advance_passes(record, value);
    struct sequence *sequence = catalog_acquire(administration->catalog, name);
    if (sequence) {
        sequence_skip(sequence, record->identity.generation, next);
        sequence_release(sequence);
    }
    places_print(&places, administration, name);
    decimal_write(passed, next);
    snprintf(message, sizeof message, "%s %s %s", name->text, record->identity.generation, passed);
    struct call call = {.values = {"PUBLISH", places.channel, message}, .count = 3};
    redisReply *reply = admin_call(administration, &call, &ignored);
    if (reply)
        freeReplyObject(reply); /* a hint: it may get lost */
}

bool administer_advance(struct administration *administration, const struct seq_name *name,
                        int64_t value, struct record *record, bool *advanced,
                        struct failure *failure)
{
    int64_t began_ns = clock_ns();
    enum change_result result;
    do {
        char generation[ID_SIZE];
        if (!administer_describe(administration, name, record, failure) ||
            !in_bounds(&record->definition, name, value, failure))
            return false;
        *advanced = is_forward(record, value);
        if (!*advanced) {
            skip_held(administration, name, record, value);
            return true;
        }
        memcpy(generation, record->identity.generation, ID_SIZE);
        struct change change = {
            .expected_generation = generation,
            .test = record->rule.cycle ? "equal" : "at_most",
            .bound = record->rule.cycle ? record->next : forward_until(&record->rule, value),
        };
        renew(record, &(struct position){value, true});
        result = send_change(administration, name, &change, record, failure);
    } while (result == CHANGE_RETRY && may_retry(administration, began_ns, name, failure));
    if (result == CHANGE_DONE)
        admin_change_here(administration, name, record);
    return result == CHANGE_DONE;
}
