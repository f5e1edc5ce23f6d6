/*
 * A rename in a Redis Cluster, from slot to slot. No script can do that at once, so it is done in
 * steps (move.lua), each of which is recorded where it is done:
 *
 *   1. the old one loses its generation and is marked: nobody is given numbers any more, and its
 *      counter stands still;
 *   2. the new one is made of what the old one holds, in the generation that the mark names;
 *   3. the old one becomes a tombstone.
 *
 * Whoever meets the mark goes on from there: each step is done once, whoever does it. A new one
 * that was dropped since, or renamed on, is remembered there, and not made again. Steps 1 and
 * 2 are proved to survive (durability.h) as far as that takes no time, before the next one. The
 * generation is another one: what is brought back from before the rename has no part in it.
 */
#include "store/admin_cluster.h"

#include "store/clock.h"

#include <stdio.h>
#include <string.h>

/* What was written to the sequence's slot survives. */
static bool prove(struct administration *administration, const struct seq_name *name,
                  struct failure *failure)
{
    const struct administration_options *options = &administration->options;
    char why[160] = "";
    int owner = cluster_owner(options->address.cluster, cluster_slot(name->text));
    if (owner < 0 || admin_is_proved(administration, owner, options->retry_ms, why, sizeof why))
        return true;
    failure_set(failure, ERROR_STORE_UNAVAILABLE, "the rename is not finished yet: %s", why);
    return false;
}

/* The word that the script answers; "" with the reason. */
static bool send_step(struct administration *administration, const struct seq_name *name,
                      const char *step, const char *mark, const char *last, char word[16],
                      struct failure *failure)
{
    struct places places;
    places_print(&places, administration, name);
    struct call call = script_call(&script_move, &places.keys);
    call_add(&call, places.channel);
    call_add(&call, name->text);
    call_add(&call, step);
    call_add(&call, mark);
    call_add(&call, last);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return false;
    snprintf(word, 16, "%s", reply_word(reply));
    freeReplyObject(reply);
    return true;
}

static void print_mark(char mark[RECORD_MARK_SIZE], const struct seq_name *new_name,
                       const char *generation)
{
    snprintf(mark, RECORD_MARK_SIZE, "%s %s", new_name->text, generation);
}

/* Steps 2 and 3. */
static enum heal_result finish(struct administration *administration, const struct seq_name *name,
                               const struct seq_name *new_name, struct record *record,
                               struct failure *failure)
{
    bool existed;
    char mark[RECORD_MARK_SIZE], word[16];
    const char *owner = record->definition.owned_by;
    print_mark(mark, new_name, record->identity.generation);
    record_time(record->updated_at);
    if (!prove(administration, name, failure) ||
        !admin_send_create(administration, new_name, record, &existed, failure))
        return HEAL_FAILED;
    if (existed) {
        bool back = send_step(administration, name, "back", mark, "", word, failure) &&
                    admin_list_add(administration, name, record->identity.oid, owner, failure) &&
                    admin_list_disown(administration, new_name, owner, failure);
        return back ? HEAL_TAKEN : HEAL_FAILED;
    }
    bool done = send_step(administration, name, "done", mark, TOMBSTONE_SECONDS, word, failure) &&
                admin_list_remove(administration, name, "", owner, failure);
    return done ? HEAL_DONE : HEAL_FAILED;
}

enum heal_result admin_heal(struct administration *administration, const struct seq_name *name,
                            const redisReply *described, struct failure *failure)
{
    struct seq_name new_name;
    struct record record;
    if (described->type != REDIS_REPLY_ARRAY || described->elements < 1 ||
        record_parse(described->element[0], NULL, &record) != RECORD_MOVING)
        return HEAL_NOT_NEEDED;
    if (described->elements < 2 ||
        !record_target(described->element[0], described->element[1], &new_name, &record)) {
        fail_lost(failure, name);
        return HEAL_FAILED;
    }
    return finish(administration, name, &new_name, &record, failure);
}

/* Step 1, if the sequence still is what it was; then the others. */
static enum heal_result move(struct administration *administration, const struct seq_name *name,
                             const struct seq_name *new_name, const char *expected, bool *again,
                             struct failure *failure)
{
    struct places places;
    char generation[ID_SIZE], mark[RECORD_MARK_SIZE], word[16];
    record_new_id(generation);
    print_mark(mark, new_name, generation);
    if (!send_step(administration, name, "out", mark, expected, word, failure))
        return HEAL_FAILED;
    *again = strcmp(word, "changed") == 0;
    if (strcmp(word, "ok") != 0) {
        (strcmp(word, "lost") == 0 ? fail_lost : fail_missing)(failure, name);
        return HEAL_FAILED;
    }
    places_print(&places, administration, name);
    struct call call = script_call(&script_describe, &places.keys);
    redisReply *reply = admin_call(administration, &call, failure);
    if (!reply)
        return HEAL_FAILED;
    enum heal_result result = admin_heal(administration, name, reply, failure);
    freeReplyObject(reply);
    return result == HEAL_NOT_NEEDED ? HEAL_DONE : result; /* somebody else was faster */
}

static bool is_taken(struct administration *administration, const struct seq_name *name,
                     struct failure *failure)
{
    struct record record;
    if (admin_describe(administration, name, &record, failure) ||
        failure->code == ERROR_SEQUENCE_LOST)
        admin_fail_exists(failure, name);
    return failure->code != ERROR_SEQUENCE_NOT_FOUND;
}

bool admin_rename(struct administration *administration, const struct seq_name *name,
                  const struct seq_name *new_name, const struct options *options,
                  struct record *record, struct failure *failure)
{
    int64_t until_ns = clock_ns() + administration->options.retry_ms * MS_NS;
    bool again;
    enum heal_result result;
    if (!admin_describe(administration, name, record, failure) ||
        is_taken(administration, new_name, failure) ||
        (admin_changes(options) &&
         !administer_alter(administration, name, NULL, options, record, failure)))
        return false;
    do {
        again = false;
        if (!administer_describe(administration, name, record, failure))
            return false;
        result = move(administration, name, new_name, record->identity.generation, &again, failure);
    } while (again && clock_ns() < until_ns);
    if (result == HEAL_TAKEN)
        return admin_fail_exists(failure, new_name);
    if (result == HEAL_FAILED)
        return false;
    admin_change_here(administration, name, NULL);
    return administer_describe(administration, new_name, record, failure);
}
