/*
 * A server on a TCP port that takes Redis's protocol and gives one and the same answer
 * to every command: an error that is hard to bring about in a real server, or bytes
 * that no server should send.
 */
#ifndef TESTS_INTEGRATION_FAKE_REDIS_H
#define TESTS_INTEGRATION_FAKE_REDIS_H

#include <stdatomic.h>
#include <sys/types.h>

struct fake_redis {
    pid_t pid;
    _Atomic int *commands; /* how many were answered so far */
};

/* `answer` NULL: closes at the first command; "": never answers. Ends with the test. */
struct fake_redis fake_redis_start(int port, const char *answer);
void fake_redis_stop(struct fake_redis *fake);

#endif
