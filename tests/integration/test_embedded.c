/*
 * seqd without --redis: a private redis-server in --data-dir, which outlives neither
 * seqd nor a kill, and whose data outlives both.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(embedded, .timeout = 120);

enum { HEAL_MS = 20000 };

static const char *data_dir(void)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/data", scratch());
    return path;
}

static struct node *start(void)
{
    return node_start_ready(NULL, FLAGS("--data-dir", data_dir()));
}

/* The id of the redis-server that this node runs now. */
static pid_t redis_of(const struct node *node)
{
    const json_t *event = node_event(node, "embedded_redis_started");
    cr_assert_not_null(event, "no embedded_redis_started in %s", node->log);
    const json_int_t pid = json_integer_value(json_object_get(event, "pid"));
    cr_assert_gt(pid, 1);
    return (pid_t)pid;
}

ServiceTest(embedded, a_restart_continues_behind_3_and_keeps_the_definition)
{
    struct node *node = start();
    create(node, "{'name': 'a', 'cache': 1, 'max_value': 1000000, 'owned_by': 'users.id'}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    cr_assert_eq(nextval(node, "a"), 3);
    node_stop(node);
    node = start();
    cr_assert_gt(nextval(node, "a"), 3);
    struct reply *reply = describe(node, "a");
    cr_assert_eq(reply_integer(reply, "max_value"), 1000000);
    cr_assert_str_eq(reply_text(reply, "owned_by"), "users.id");
}

/* Then the owner's ceilings stay: what the other has seen must not be taken back. */
ServiceTest(embedded, a_restart_goes_on_where_it_was_unless_another_node_is_there)
{
    char url[160];
    struct node *owner = start();
    create(owner, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(owner, "a"), 1);
    node_stop(owner);
    owner = start();
    cr_assert_eq(nextval(owner, "a"), 2);
    snprintf(url, sizeof url, "unix://%s/redis.sock", data_dir());
    struct node *guest = node_start_ready(NULL, FLAGS("--redis", url));
    cr_assert_eq(nextval(guest, "a"), 3);
    node_stop(owner);
    owner = start();
    EVENTUALLY(get(guest, "/readyz")->status == 200, HEAL_MS);
    cr_assert_gt(nextval(guest, "a"), 3);
    cr_assert_gt(nextval(owner, "a"), 4);
}

ServiceTest(embedded, sigterm_ends_seqd_with_0_and_its_redis_with_it)
{
    struct node *node = start();
    create(node, "{'name': 'a'}");
    const pid_t redis = redis_of(node);
    cr_assert(!process_gone(redis));
    node_stop(node);
    EVENTUALLY(process_gone(redis), 5000);
}

ServiceTest(embedded, a_killed_redis_is_started_again_and_no_value_comes_twice)
{
    struct node *node = start();
    create(node, "{'name': 'a', 'cache': 1}");
    int64_t last = 0;
    for (int round = 0; round < 3; round++) {
        const pid_t redis = redis_of(node);
        kill(redis, SIGKILL);
        struct reply *reply;
        EVENTUALLY(redis_of(node) != redis, HEAL_MS);
        EVENTUALLY((reply = try_nextval(node, "a"))->status == 200, HEAL_MS);
        cr_assert_gt(reply_integer(reply, "value"), last);
        last = reply_integer(reply, "value");
        cr_assert_eq(nextval(node, "a"), last + 1);
        last++;
    }
    cr_assert_geq(node_event_count(node, "embedded_redis_started"), 4);
}

ServiceTest(embedded, seqd_killed_leaves_no_redis_behind_and_a_new_one_continues_behind_2)
{
    struct node *node = start();
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    const pid_t redis = redis_of(node);
    node_kill(node);
    EVENTUALLY(process_gone(redis), HEAL_MS);
    node = start();
    cr_assert_gt(nextval(node, "a"), 2);
}

ServiceTest(embedded, five_kills_of_seqd_in_a_row_give_ever_greater_values)
{
    int64_t last = 0;
    for (int round = 0; round < 5; round++) {
        struct node *node = start();
        if (round == 0) {
            create(node, "{'name': 'a'}");
        }
        for (int i = 0; i < 20; i++) {
            const int64_t value = nextval(node, "a");
            cr_assert_gt(value, last);
            last = value;
        }
        node_kill(node);
    }
}

ServiceTest(embedded, a_second_seqd_in_the_same_directory_is_refused_and_the_first_not_disturbed)
{
    struct node *node = start();
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    const struct run *run =
        run_seqd(FLAGS("--listen", "127.0.0.1:0", "--data-dir", data_dir()), NULL);
    cr_assert_neq(run->status, 0);
    cr_assert_lt(run->status, 128, "%s", run->output);
    cr_assert_not_null(strstr(run->output, data_dir()), "%s", run->output);
    cr_assert_eq(nextval(node, "a"), 2);
}

ServiceTest(embedded, a_directory_that_cannot_be_made_is_named)
{
    const struct run *run =
        run_seqd(FLAGS("--listen", "127.0.0.1:0", "--data-dir", "/proc/nowhere/data"), NULL);
    cr_assert_neq(run->status, 0);
    cr_assert_lt(run->status, 128, "%s", run->output);
    cr_assert_not_null(strstr(run->output, "/proc/nowhere/data"), "%s", run->output);
}
