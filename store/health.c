#include "store/health.h"

#include "store/log.h"

#include <stdio.h>

void health_init(struct health *health)
{
    pthread_mutex_init(&health->lock, NULL);
    health->up = false;
    snprintf(health->why, sizeof health->why, "not connected to Redis yet");
}

void health_deinit(struct health *health)
{
    pthread_mutex_destroy(&health->lock);
}

bool health_is_up(struct health *health, char *why, size_t why_size)
{
    pthread_mutex_lock(&health->lock);
    bool up = health->up;
    snprintf(why, why_size, "%s", health->why);
    pthread_mutex_unlock(&health->lock);
    return up;
}

void health_set(struct health *health, bool up, const char *why)
{
    pthread_mutex_lock(&health->lock);
    bool changed = health->up != up;
    health->up = up;
    snprintf(health->why, sizeof health->why, "%s", why);
    pthread_mutex_unlock(&health->lock);
    if (changed && up)
        log_write(LOG_LEVEL_INFO, "redis_up", NULL);
    else if (changed)
        LOG(WARN, "redis_down", LOG_TEXT("why", why));
}
