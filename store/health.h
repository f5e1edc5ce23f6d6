/* Whether Redis answers and takes writes, as its lane last saw it; read by any thread. */
#ifndef STORE_HEALTH_H
#define STORE_HEALTH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define HEALTH_WHY_SIZE 200

struct health {
    pthread_mutex_t lock;
    bool up;
    char why[HEALTH_WHY_SIZE]; /* not up */
};

void health_init(struct health *health);
void health_deinit(struct health *health);

/* One log line for each change. */
void health_set(struct health *health, bool up, const char *why);
bool health_is_up(struct health *health, char *why, size_t why_size);

#endif
