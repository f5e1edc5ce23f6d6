/*
 * What the administration's files share: the connection (one blocking call at a time,
 * connected on demand; in a Cluster one for each primary), the keys, and a few steps. Private to
 * administration*.c and admin*.c.
 */
#ifndef STORE_ADMIN_LINK_H
#define STORE_ADMIN_LINK_H

#include "store/administration.h"
#include "store/cluster.h"
#include "store/decimal.h"
#include "store/keys.h"
#include "store/scripts.h"

#define CALL_ARGUMENTS_MAX (10 + 3 * DROP_MAX)

struct administration {
    struct administration_options options;
    struct catalog *catalog;
    struct tables *tables;
    struct admin_connection {
        redisContext *context;            /* NULL: not connected */
        uint64_t epoch;                   /* of `context` */
    } connections[CLUSTER_PRIMARIES_MAX]; /* by the cluster's indexes; else only the first */
};

static inline bool admin_is_clustered(const struct administration *administration)
{
    return administration->options.address.cluster != NULL;
}

/* Arguments of one command; the strings are borrowed. */
struct call {
    const struct script *script; /* NULL: values[0] is the command's name */
    const char *values[CALL_ARGUMENTS_MAX];
    size_t count;
    size_t key_count; /* the first values, of a script */
    bool once;        /* must not be sent again when the outcome is unknown */
    bool sent_again;  /* it was */
    bool survives;    /* what it writes must, as far as a proof of that takes no time */
};

static inline void call_add(struct call *call, const char *value)
{
    call->values[call->count++] = value;
}

/* The reply, to be freed by the caller; NULL with the reason in `failure`: no
 * connection, no answer in time, or an error reply. */
redisReply *admin_call(struct administration *administration, struct call *call,
                       struct failure *failure);

/* All calls in one write, with scripts that the server has. Returns how many replies
 * came, to be freed by the caller (errors too); fewer than `count`: see `failure`. */
size_t admin_pipeline(struct administration *administration, const struct call *calls, size_t count,
                      redisReply *replies[], struct failure *failure);

void admin_disconnect(struct administration *administration);

/* One attempt at the server with that index. NULL with the reason: no connection or no answer; in
 * the latter case *sent is true. */
redisReply *admin_attempt(struct administration *administration, int index, const struct call *call,
                          bool *sent, struct failure *failure);

/* What was written on the connection to the server with that index survives, by WAIT or WAITAOF:
 * under `appendfsync always` the reply said so, and two looks take seconds, and are for numbers
 * only. False with the reason; true without a connection. */
bool admin_is_proved(struct administration *administration, int index, int64_t timeout_ms,
                     char *why, size_t why_size);

/* In a Cluster: at the primary that has the first key's slot, following redirections, again until
 * options.retry_ms have passed. An error is a reply, too. */
redisReply *admin_cluster_call(struct administration *administration, struct call *call,
                               struct failure *failure);

/* The index of that primary, or CLUSTER_NOBODY. */
int admin_server_of(const struct administration *administration, const struct call *call);

/* A call's words, as EVALSHA or, with the `whole` script, as EVAL. Returns how many. */
#define CALL_WORDS_MAX (CALL_ARGUMENTS_MAX + 3)
size_t call_words(const struct call *call, bool whole, char key_count[24],
                  const char *argv[CALL_WORDS_MAX]);

/* The first word of a script's reply. */
const char *reply_word(const redisReply *reply);

/* How long the tombstone of a dropped sequence tells other nodes so. Nodes that have
 * not heard by then say `sequence_lost` instead of `sequence_not_found`. */
#define TOMBSTONE_SECONDS "86400"

/* The names of everything in Redis that a command may touch. */
struct places {
    struct keys keys;
    char index[KEY_SIZE], oids[KEY_SIZE], owners[KEY_SIZE], channel[KEY_SIZE];
};

/* `name` NULL: only what does not depend on a name. */
void places_print(struct places *places, const struct administration *administration,
                  const struct seq_name *name);

/* A script with the sequence's two keys; more keys go before the arguments. */
struct call script_call(const struct script *script, const struct keys *keys);
void call_add_key(struct call *call, const char *key);
/* A key outside the sequence's slot: in a Cluster the script does without, see admin_cluster.h. */
void call_add_shared(struct call *call, const struct administration *administration,
                     const char *key);

/* The sequence as it stands, even with its counter lost. */
bool admin_describe(struct administration *administration, const struct seq_name *name,
                    struct record *record, struct failure *failure);

/* The same from a reply, which is freed. */
bool admin_described(redisReply *reply, const struct seq_name *name, struct record *record,
                     struct failure *failure);

/* Makes it as `record` says. *existed: somebody else has the name. */
bool admin_send_create(struct administration *administration, const struct seq_name *name,
                       const struct record *record, bool *existed, struct failure *failure);

/* Whether ALTER has anything to do but to rename. */
bool admin_changes(const struct options *options);

/* A sequence that does not exist yet, with ids of its own. */
bool admin_new_record(const struct options *options, int64_t default_cache, struct record *record,
                      struct failure *failure);

/* What PostgreSQL asks of an owner that is given in SQL, as far as it is known here. */
bool admin_check_owner(struct administration *administration, const struct seq_name *name,
                       const struct options *options, const struct definition *definition,
                       struct failure *failure);

/* The ceiling that the record's generation begins with, or "" for none. */
void admin_print_ceiling(const struct administration *administration, const struct seq_name *name,
                         const struct record *record, char text[DECIMAL_SIZE]);

void admin_add_record(struct call *call, const struct record_arguments *arguments);

/* What this node holds of a sequence that it just changed; `record` NULL: it is gone. */
void admin_change_here(struct administration *administration, const struct seq_name *name,
                       const struct record *record);

bool admin_fail_exists(struct failure *failure, const struct seq_name *name);
enum error_code fail_missing(struct failure *failure, const struct seq_name *name);
enum error_code fail_lost(struct failure *failure, const struct seq_name *name);

#endif
