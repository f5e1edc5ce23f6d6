/*
 * What an operator sees: probes, metrics, logs, flags, environment, listeners, stops.
 */
#include "tests/integration/client.h"
#include "tests/integration/wire.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(operations, .timeout = 60);

/* ---- probes and metrics ---- */

ServiceTest(operations, livez_and_readyz_are_200_and_metrics_is_prometheus_text)
{
    const struct node *node = service_start(NULL);
    expect(get(node, "/livez"), 200);
    expect(get(node, "/readyz"), 200);
    struct reply *metrics = expect(get(node, "/metrics"), 200);
    cr_assert_eq(strncmp(reply_header(metrics, "content-type"), "text/plain", 10), 0);
    cr_assert_not_null(strstr(metrics->body, "\n# TYPE seqd_"));
}

ServiceTest(operations, promtool_finds_nothing_wrong_with_metrics_of_3_sequences)
{
    char file[160], command[400];
    if (system("command -v promtool > /dev/null") != 0) {
        cr_skip_test("promtool is not installed");
    }
    const struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    create(node, "{'name': 'shop.orders', 'cache': 1}");
    create(node, "{'name': 'c', 'max_value': 2}");
    nextval(node, "a");
    nextval(node, "shop.orders");
    nextval(node, "c");
    nextval(node, "c");
    expect(try_nextval(node, "c"), 409);
    expect(get(node, "/v1/sequences/nosuch"), 404);
    snprintf(file, sizeof file, "%s/metrics", scratch());
    FILE *out = fopen(file, "w");
    fputs(expect(get(node, "/metrics"), 200)->body, out);
    fclose(out);
    snprintf(command, sizeof command, "promtool check metrics < %s > %s.report 2>&1", file, file);
    const int status = system(command);
    strcat(file, ".report");
    cr_assert_eq(status, 0, "%s", file_text(file));
}

/* ---- logs ---- */

ServiceTest(operations, every_line_of_the_log_is_json_whatever_clients_send)
{
    static const char *const requests[] = {
        "GET /v1/sequences/a%0d%0a%7b%22level%22:%22x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/sequences/\x01\"\\\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x16\x03\x01 nonsense\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: \"}\r\nX: {\r\n\r\n",
    };
    const struct node *node = service_start(FLAGS("--log-level", "debug"));
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct wire wire;
        wire_open(&wire, node);
        wire_send_text(&wire, requests[i]);
        wire_closed_by(&wire, now_ms() + 200);
        wire_close(&wire);
    }
    create(node, "{'name': 'a'}");
    nextval(node, "a");
    char *text = file_text(node->log), *rest = text, *line;
    int lines = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        cr_assert_not_null(object, "not JSON: %s", line);
        cr_assert(json_is_string(json_object_get(object, "time")), "no time: %s", line);
        cr_assert(json_is_string(json_object_get(object, "level")), "no level: %s", line);
        cr_assert(json_is_string(json_object_get(object, "event")), "no event: %s", line);
        json_decref(object);
        lines++;
    }
    free(text);
    cr_assert_gt(lines, 0);
}

/* ---- flags and the environment ---- */

ServiceTest(operations, help_names_18_flags_and_their_variables_and_version_a_number)
{
    static const char *const flags[] = {
        "--listen",
        "--redis",
        "--data-dir",
        "--key-prefix",
        "--threads",
        "--default-cache",
        "--log-level",
        "--request-timeout-ms",
        "--redis-timeout-ms",
        "--connect-timeout-ms",
        "--idle-timeout-ms",
        "--max-connections",
        "--max-waiting",
        "--session-timeout-ms",
        "--max-sessions",
        "--stop-timeout-ms",
        "--help",
        "--version",
    };
    const struct run *run = run_seqd(FLAGS("--help"), NULL);
    cr_assert_eq(run->status, 0);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        cr_assert_not_null(strstr(run->output, flags[i]), "%s is not in: %s", flags[i],
                           run->output);
    }
    cr_assert_not_null(strstr(run->output, "SEQD_REDIS"));
    run = run_seqd(FLAGS("--version"), NULL);
    cr_assert_eq(run->status, 0);
    cr_assert_neq(run->output[strcspn(run->output, "0123456789")], '\0', "%s", run->output);
}

static const struct {
    const char *flags[3], *named, *shown;
} bad[] = {
    {{"--threads", "abc"}, "--threads", "abc"},
    {{"--threads=65"}, "--threads", "65"},
    {{"--threads", "-1"}, "--threads", "-1"},
    {{"--threads", "1.0"}, "--threads", "1.0"},
    {{"--threads"}, "--threads", "--threads"},
    {{"--listen", "nonsense"}, "--listen", "nonsense"},
    {{"--listen", "127.0.0.1:99999"}, "--listen", "127.0.0.1:99999"},
    {{"--listen", "unix:"}, "--listen", "unix:"},
    /* a URL may hold a password, so it is not shown */
    {{"--redis", "http://localhost"}, "--redis", "redis://"},
    {{"--redis", "redis://:secret@localhost:1/x"}, "--redis", "a database is a number"},
    {{"--default-cache", "0"}, "--default-cache", "0"},
    {{"--default-cache", "9223372036854775808"}, "--default-cache", "9223372036854775808"},
    {{"--log-level", "loud"}, "--log-level", "loud"},
    {{"--key-prefix", "a{b}"}, "--key-prefix", "a{b}"},
    {{"--request-timeout-ms", "5"}, "--request-timeout-ms", "5"},
    {{"--max-sessions", ""}, "--max-sessions", ""},
    {{"--nonsense", "1"}, "--nonsense", "--nonsense"},
    {{"nonsense"}, "nonsense", "nonsense"},
};

ServiceTest(operations, each_of_18_bad_flags_is_exit_2_and_named_with_its_value)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct run *run = run_seqd(bad[i].flags, NULL);
        cr_assert_eq(run->status, 2, "%s: %d: %s", bad[i].named, run->status, run->output);
        cr_assert_not_null(strstr(run->output, bad[i].named), "%s: %s", bad[i].named, run->output);
        cr_assert_not_null(strstr(run->output, bad[i].shown), "%s: %s", bad[i].shown, run->output);
        cr_assert_null(strstr(run->output, "secret"), "%s", run->output);
    }
    const struct run *run = run_seqd(FLAGS("--log-level", "loud"), NULL);
    cr_assert_not_null(strstr(run->output, "debug"), "what is allowed: %s", run->output);
    run = run_seqd(FLAGS("--threads", "65"), NULL);
    cr_assert_not_null(strstr(run->output, "64"), "what is allowed: %s", run->output);
    run = run_seqd((const char *const[]){NULL}, "SEQD_THREADS=many");
    cr_assert_eq(run->status, 2);
    cr_assert_not_null(strstr(run->output, "SEQD_THREADS"), "%s", run->output);
    cr_assert_not_null(strstr(run->output, "many"), "%s", run->output);
}

ServiceTest(operations, a_variable_sets_default_cache_7_and_a_flag_9_wins)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_as(seqd_binary(), redis, NULL, "SEQD_DEFAULT_CACHE=7");
    node_wait_ready(node);
    cr_assert_eq(reply_integer(create(node, "{'name': 'a'}"), "cache"), 7);
    node =
        node_start_as(seqd_binary(), redis, FLAGS("--default-cache", "9"), "SEQD_DEFAULT_CACHE=7");
    node_wait_ready(node);
    cr_assert_eq(reply_integer(create(node, "{'name': 'b'}"), "cache"), 9);
}

ServiceTest(operations, the_key_prefix_shop_parts_two_services_on_one_redis)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    const struct node *shop = node_start_ready(redis, FLAGS("--key-prefix", "shop:"));
    create(node, "{'name': 'a', 'cache': 1}");
    create(shop, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(shop, "a"), 1);
    cr_assert_eq(
        redis_run(redis, FLAGS("EXISTS", "seqd:{a}", "seqd:{a}:next", "shop:{a}", "shop:{a}:next")),
        4);
}

/* ---- listeners ---- */

static struct node at(const char *address)
{
    struct node node = {0};
    snprintf(node.address, sizeof node.address, "%s", address);
    return node;
}

ServiceTest(operations, two_tcp_ports_and_a_unix_socket_are_served_by_one_seqd_also_after_a_kill)
{
    struct redis *redis = redis_start(NULL);
    char unix_address[160], tcp_address[64];
    snprintf(unix_address, sizeof unix_address, "unix:%s/seqd.sock", scratch());
    snprintf(tcp_address, sizeof tcp_address, "127.0.0.1:%d", free_port());
    for (int64_t round = 0; round < 2; round++) {
        struct node *node =
            node_start_ready(redis, FLAGS("--listen", tcp_address, "--listen", unix_address));
        node_wait_event(node, "listening", "address", tcp_address);
        node_wait_event(node, "listening", "address", unix_address);
        const struct node tcp = at(tcp_address), local = at(unix_address);
        if (round == 0) {
            create(&local, "{'name': 'a', 'cache': 1}");
        }
        cr_assert_eq(nextval(node, "a"), 3 * round + 1);
        cr_assert_eq(nextval(&tcp, "a"), 3 * round + 2);
        cr_assert_eq(nextval(&local, "a"), 3 * round + 3);
        node_kill(node);
    }
}

ServiceTest(operations, a_port_in_use_is_refused_and_named)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(redis, NULL);
    const struct run *run = run_seqd(FLAGS("--listen", node->address, "--redis", redis->url), NULL);
    cr_assert_neq(run->status, 0);
    cr_assert_lt(run->status, 128, "%s", run->output);
    cr_assert_not_null(strstr(run->output, node->address), "%s", run->output);
    expect(get(node, "/livez"), 200);
}

ServiceTest(operations, redis_is_reached_by_its_unix_socket)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node = node_start_ready(NULL, FLAGS("--redis", redis->unix_url));
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
}

/* ---- stopping, and too many ---- */

ServiceTest(operations, sigint_ends_it_with_0_too)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a'}");
    nextval(node, "a");
    int status = -1;
    kill(node->pid, SIGINT);
    EVENTUALLY(process_ended(node->pid, &status), 15000);
    node->pid = 0;
    cr_assert_eq(status, 0, "%s", file_text(node->log));
}

#define NEXTVAL                                                                                    \
    "POST /v1/sequences/a/nextval HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"

ServiceTest(operations, a_request_that_waits_for_redis_is_answered_200_after_sigterm)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(
        redis, FLAGS("--request-timeout-ms", "10000", "--redis-timeout-ms", "10000"));
    struct wire wire;
    struct wire_reply reply = {0};
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    wire_open(&wire, node);
    redis_pause(redis);
    cr_assert(wire_send_text(&wire, NEXTVAL));
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 300), WIRE_LATE);
    kill(node->pid, SIGTERM);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 300), WIRE_LATE);
    redis_continue(redis);
    cr_assert_eq(wire_receive(&wire, &reply, now_ms() + 10000), WIRE_REPLY);
    cr_assert_eq(reply.status, 200, "%.*s", (int)reply.body_length, reply.body);
    wire_close(&wire);
}

ServiceTest(operations, the_fifth_request_that_would_wait_where_4_may_is_503_overloaded_at_once)
{
    struct redis *redis = redis_start(NULL);
    const struct node *node =
        node_start_ready(redis, FLAGS("--max-waiting", "4", "--request-timeout-ms", "3000",
                                      "--threads", "1", "--redis-timeout-ms", "3000"));
    static struct wire wires[20];
    int overloaded = 0;
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_pause(redis);
    for (int i = 0; i < 20; i++) {
        wire_open(&wires[i], node);
        wire_send_text(&wires[i], NEXTVAL);
    }
    const int64_t until = now_ms() + 1500;
    for (int i = 0; i < 20; i++) {
        struct wire_reply reply = {0};
        char retry[32];
        if (wire_receive(&wires[i], &reply, until) == WIRE_REPLY) {
            cr_assert_eq(reply.status, 503);
            cr_assert_not_null(memmem(reply.body, reply.body_length, "\"overloaded\"", 12));
            cr_assert_not_null(memmem(reply.body, reply.body_length, "\"53300\"", 7));
            cr_assert(wire_header(&reply, "retry-after", retry, sizeof retry));
            overloaded++;
        }
    }
    cr_assert_geq(overloaded, 16);
    redis_continue(redis);
    for (int i = 0; i < 20; i++) {
        wire_close(&wires[i]);
    }
}
