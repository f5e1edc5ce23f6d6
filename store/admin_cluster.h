/*
 * What the administration does otherwise in a Redis Cluster, where a sequence's keys are in one
 * slot, and the list of all (index, oids, owners) in another.
 *
 * The list is a superset: entries are made before a sequence is, and removed when it is gone.
 * Whoever reads them looks at the sequence itself. After removing, one looks whether somebody made
 * the sequence anew meanwhile; who makes one lists it once more afterwards.
 */
#ifndef STORE_ADMIN_CLUSTER_H
#define STORE_ADMIN_CLUSTER_H

#include "store/admin_link.h"

/* `owner` is "table.column" or "". */
bool admin_list_add(struct administration *administration, const struct seq_name *name,
                    const char *oid, const char *owner, struct failure *failure);
bool admin_list_remove(struct administration *administration, const struct seq_name *name,
                       const char *oid, const char *owner, struct failure *failure);
/* Only what a column owns. */
bool admin_list_own(struct administration *administration, const struct seq_name *name,
                    const char *owner, struct failure *failure);
bool admin_list_disown(struct administration *administration, const struct seq_name *name,
                       const char *owner, struct failure *failure);

/* True: the sequence says that this column owns it. */
bool admin_is_owned_by(struct administration *administration, const struct seq_name *name,
                       const char *owner);

enum heal_result {
    HEAL_NOT_NEEDED,
    HEAL_DONE,
    HEAL_TAKEN, /* the new name is somebody else's: it keeps the old one */
    HEAL_FAILED
};

/* `described` is describe.lua's reply. A rename to another slot that was begun is brought to an
 * end. */
enum heal_result admin_heal(struct administration *administration, const struct seq_name *name,
                            const redisReply *described, struct failure *failure);

bool admin_rename(struct administration *administration, const struct seq_name *name,
                  const struct seq_name *new_name, const struct options *options,
                  struct record *record, struct failure *failure);

#endif
