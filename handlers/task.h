/*
 * An administrative request on its way through the clerk: what to do, with what, and
 * what came of it. One struct for all, as they differ in one function.
 */
#ifndef HANDLERS_TASK_H
#define HANDLERS_TASK_H

#include "handlers/request.h"

struct task {
    struct job job;
    struct request *request; /* waits for it; not to be touched when abandoned */

    /* Asked. */
    bool (*act)(struct task *task, struct administration *administration);
    struct seq_name name, new_name;
    bool renames, if_not_exists, is_called;
    int64_t value, limit, default_cache;
    struct table_column column; /* of a table */
    struct options options;     /* its texts are in `json` */
    json_t *json;               /* the request's body, or NULL */
    char prefix[NAME_MAX_BYTES + 1], cursor[NAME_MAX_BYTES + 1];
    char session[SESSION_NAME_MAX + 1];
    char oid[ID_SIZE];
    const char *self; /* this node's id, which the store keeps */
    bool int64_as_string, strict;
    void (*finish)(struct request *request);

    /* Answered. */
    bool done_well;
    struct failure failure; /* unless done_well */
    struct record record;
    bool created, advanced, more;
    json_t *list;
    struct fence fence; /* with `strict`: set by `act` */
};

/* A task for this request, with its name and body. */
struct task *task_create(struct request *request,
                         bool (*act)(struct task *task, struct administration *administration));
void task_destroy(struct task *task);

/* In a strict task's `act`, once the change is made: what other nodes may hold of the
 * sequence from now on. `generation` "-": nothing, it is gone under this name. */
void task_fence(struct task *task, const char *generation, int64_t next);

/* Submits it; `finish` replies when it was done well, a failure is replied as it is. */
void task_run(struct task *task, void (*finish)(struct request *request));

#endif
