/*
 * Many keep-alive connections whose requests become ready at the same moment.
 *
 * libmicrohttpd's own epoll loop stalls when exactly 128 (or a multiple) events are
 * ready at once; seqd's loops must not. To make "at once" true, seqd is stopped
 * (SIGSTOP) while the requests are written and continued when all are there.
 */
#include "tests/integration/client.h"
#include "tests/integration/crowd.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(connections, .timeout = 180);

enum { ROUNDS = 3, ROUND_MS = 10000 };

static const int counts[] = {127, 128, 129, 256, 1000};

static void run_crowd(const struct node *node, int count, const char *cache)
{
    struct crowd crowd;
    char name[RANDOM_NAME_SIZE], body[128];
    random_name(name);
    snprintf(body, sizeof body, "{'name': '%s', 'cache': %s}", name, cache);
    create(node, body);
    crowd_open(&crowd, node, count, name);
    crowd_round(&crowd, NULL, ROUND_MS); /* so that every connection is accepted */
    for (int round = 1; round <= ROUNDS; round++) {
        crowd_round(&crowd, node, ROUND_MS);
    }
    cr_assert_eq(crowd.value_count, (size_t)count * (ROUNDS + 1));
    crowd_assert_consecutive(&crowd, 1);
    crowd_close(&crowd);
}

static void run_crowds(const char *threads)
{
    raise_file_limit();
    const struct node *node = service_start(FLAGS("--threads", threads));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        run_crowd(node, counts[i], "1");     /* each waits for Redis */
        run_crowd(node, counts[i], "10000"); /* nearly all are answered from memory */
    }
}

ServiceTest(connections, with_1_thread_127_128_129_256_and_1000_at_once_are_all_answered)
{
    run_crowds("1");
}

ServiceTest(connections, with_2_threads_127_128_129_256_and_1000_at_once_are_all_answered)
{
    run_crowds("2");
}

ServiceTest(connections, after_32_connections_where_8_are_allowed_the_server_still_serves)
{
    const struct node *node = service_start(FLAGS("--threads", "1", "--max-connections", "8"));
    static struct wire wires[32];
    for (int i = 0; i < 32; i++) {
        wire_open(&wires[i], node);
        wire_send_text(&wires[i], "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    for (int i = 0; i < 32; i++) {
        wire_close(&wires[i]);
    }
    EVENTUALLY(get(node, "/livez")->status == 200, 10000);
}
