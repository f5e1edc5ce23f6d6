/*
 * The redis-server that seqd runs for itself when no --redis is given: unix socket
 * in the data directory, no TCP port, appendonly yes, appendfsync always, so that a
 * reply means the disk has it.
 *
 * One thread supervises: it starts the child, waits for it, and starts it again,
 * with back-off, whenever it dies. The child dies with seqd (PR_SET_PDEATHSIG). The
 * data directory is held by a flock(2) that seqd and the child share: a second seqd
 * waits for it a while and is then refused, so two never write one directory.
 */
#ifndef SERVICE_EMBEDDED_REDIS_H
#define SERVICE_EMBEDDED_REDIS_H

#include <stddef.h>
#include <stdint.h>

/* How long a start waits for the server of a seqd that was killed to finish. */
#define EMBEDDED_REDIS_LOCK_WAIT_MS 10000

struct embedded_redis;

/* Makes the directory (0700) where it is missing, takes the lock, starts the
 * supervisor; returns without waiting for the server to answer. NULL with the
 * reason in `error` (directory not writable, held by another seqd for all of
 * `lock_wait_ms`, socket path longer than sockaddr_un takes, no redis-server on the
 * PATH). Descriptors 0 to 2 must be open. */
struct embedded_redis *embedded_redis_start(const char *data_dir, int64_t lock_wait_ms, char *error,
                                            size_t error_size);

/* "unix:///absolute/path/redis.sock", valid until stop. */
const char *embedded_redis_url(const struct embedded_redis *server);

/* SIGTERM, so that Redis flushes; SIGKILL after 5 s; waits; frees. NULL is fine. */
void embedded_redis_stop(struct embedded_redis *server);

#endif
