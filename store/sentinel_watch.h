/*
 * The watch: a thread that is subscribed to one sentinel's news, because nothing else
 * tells soon that the master has moved: the old one keeps its connections, and takes
 * writes that will be lost, until it is reached and demoted seconds later.
 *
 * Only for speed: what it misses is found out by READONLY, or when the connection fails.
 */
#ifndef STORE_SENTINEL_WATCH_H
#define STORE_SENTINEL_WATCH_H

#include "store/sentinel.h"

struct sentinel_watch;

/* `moved` is called by the watch's thread when redis_epoch has changed. */
struct sentinel_watch *sentinel_watch_start(struct sentinels *sentinels,
                                            void (*moved)(void *context), void *context);
void sentinel_watch_stop(struct sentinel_watch *watch);

#endif
