/*
 * The write-ahead ceiling, with a Redis that loses what it acknowledged: restarted from an older
 * file, promoted while it lags. Nothing is handed out twice, and with `none` it is.
 */
#include "tests/integration/client.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(ceiling, .timeout = 90);

#define NO_AOF   FLAGS("--appendonly", "no")
#define EVERYSEC FLAGS("--appendfsync", "everysec")

/* cp -a, or rm -rf and cp -a back. */
static void copy_data(const struct redis *redis, bool back)
{
    char command[512];
    int status;
    snprintf(command, sizeof command,
             back ? "rm -rf '%s/appendonlydir' && cp -a '%s.backup' '%s/appendonlydir'"
                  : "rm -rf '%s.backup' && cp -a '%s/appendonlydir' '%s.backup'",
             redis->directory, redis->directory, redis->directory);
    char *arguments[] = {"sh", "-c", command, NULL};
    const pid_t pid = process_spawn(arguments, "/dev/null", NULL);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0, "%s", command);
}

static void lose_since_copy(struct redis *redis)
{
    redis_kill(redis);
    copy_data(redis, true);
    redis_restart(redis);
}

static void expect_not_ready(const struct redis *redis, const char *durability, const char *why)
{
    struct node *node = node_start(redis, FLAGS("--durability", durability));
    EVENTUALLY(strstr(get(node, "/readyz")->body, why) != NULL, 10000);
    expect(get(node, "/readyz"), 503);
    struct reply *reply = expect_problem(post(node, "{'count': 1}", "/v1/sequences/a/range"), 503,
                                         "store_unavailable", "08006", NULL);
    cr_assert_not_null(strstr(reply->body, why), "%s", reply->body);
}

static void expect_class(const struct redis *redis, const char *durability, const char *class)
{
    struct node *node = node_start_ready(redis, FLAGS("--durability", durability));
    cr_assert_str_eq(reply_text(get(node, "/readyz"), "durability"), class);
    char metric[160];
    snprintf(metric, sizeof metric, "seqd_durability{class=\"%s\"} %d\n", class,
             strcmp(class, "none") != 0);
    cr_assert_not_null(strstr(get(node, "/metrics")->body, metric), "%s", metric);
}

ServiceTest(ceiling, after_a_loss_values_go_on_past_those_that_redis_forgot)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    copy_data(redis, false);
    for (int64_t value = 2; value <= 15; value++) {
        cr_assert_eq(nextval(node, "a"), value);
    }
    node_kill(node); /* it is the one that knows */
    lose_since_copy(redis);
    node = node_start_ready(redis, NULL);
    struct reply *reply = describe(node, "a");
    cr_assert_geq(reply_integer(reply, "last_value"), 15, "%s", reply->body);
    const int64_t next = nextval(node, "a");
    cr_assert_gt(next, 15);
    cr_assert_eq(nextval(node, "a"), next + 1);
}

ServiceTest(ceiling, with_none_the_same_loss_repeats_values_and_a_warning_said_so)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, FLAGS("--durability", "none"));
    cr_assert_eq(node_event_count(node, "durability_none"), 1);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    copy_data(redis, false);
    cr_assert_eq(nextval(node, "a"), 2);
    node_kill(node);
    lose_since_copy(redis);
    node = node_start_ready(redis, FLAGS("--durability", "none"));
    cr_assert_eq(nextval(node, "a"), 2);
}

ServiceTest(ceiling, a_node_that_saw_a_higher_ceiling_than_a_backup_has_stops_until_setval)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    copy_data(redis, false);
    for (int i = 0; i < 60; i++) {
        nextval(node, "a"); /* past the ceiling that the copy has */
    }
    lose_since_copy(redis);
    EVENTUALLY(strstr(try_nextval(node, "a")->body, "sequence_lost") != NULL, 10000);
    expect_problem(try_nextval(node, "a"), 503, "sequence_lost", "XX001", NULL);
    setval(node, "a", 1000, true);
    cr_assert_eq(nextval(node, "a"), 1001);
}

ServiceTest(ceiling, what_one_node_knows_to_be_lost_is_lost_for_all_until_setval)
{
    struct redis *redis = redis_start(NULL);
    struct node *knows = node_start_ready(redis, NULL);
    create(knows, "{'name': 'a', 'cache': 20}");
    cr_assert_eq(nextval(knows, "a"), 1);
    copy_data(redis, false);
    for (int i = 0; i < 500; i++) {
        nextval(knows, "a");
    }
    lose_since_copy(redis);
    struct node *knows_nothing = node_start_ready(redis, NULL);
    nextval(knows_nothing, "a"); /* from the copy: it cannot know better */
    EVENTUALLY(strstr(try_nextval(knows, "a")->body, "sequence_lost") != NULL, 10000);
    EVENTUALLY(strstr(try_nextval(knows_nothing, "a")->body, "sequence_lost") != NULL, 10000);
    struct node *late = node_start_ready(redis, NULL);
    expect_problem(try_nextval(late, "a"), 503, "sequence_lost", "XX001", NULL);
    setval(late, "a", 1000, true);
    EVENTUALLY(try_nextval(knows, "a")->status == 200, 10000);
    cr_assert_gt(nextval(knows, "a"), 1000);
    cr_assert_gt(nextval(knows_nothing, "a"), 1000);
}

ServiceTest(ceiling, an_alter_after_a_loss_begins_past_what_was_handed_out)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    nextval(node, "a");
    copy_data(redis, false);
    for (int i = 0; i < 10; i++) {
        nextval(node, "a");
    }
    node_kill(node);
    lose_since_copy(redis);
    node = node_start_ready(redis, NULL);
    expect(patch(node, "{'increment': 10}", "/v1/sequences/a"), 200);
    cr_assert_gt(nextval(node, "a"), 11);
}

ServiceTest(ceiling, a_range_that_is_larger_than_the_window_is_given_whole)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    struct reply *reply = expect(post(node, "{'count': 1000000}", "/v1/sequences/a/range"), 200);
    cr_assert_eq(reply_integer(reply, "ranges.0.first"), 1, "%s", reply->body);
    cr_assert_eq(reply_integer(reply, "ranges.0.last"), 1000000, "%s", reply->body);
    cr_assert_eq(nextval(node, "a"), 1000001);
}

ServiceTest(ceiling, under_everysec_fresh_values_come_again_within_the_proof_and_a_second)
{
    struct redis *redis = redis_start(EVERYSEC);
    struct node *node = node_start_ready(redis, NULL);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_kill(redis);
    redis_restart(redis);
    const int64_t back = now_ms();
    EVENTUALLY(try_nextval(node, "a")->status == 200, 20000);
    const int64_t took = now_ms() - back;
    const bool asked = redis_calls(redis, "waitaof") > 0; /* since Redis 7.2 */
    cr_assert(asked || took >= 3000 + 2200, "%lld ms is no proof", (long long)took);
    cr_assert_gt(nextval(node, "a"), 1);
}

static void replicate(const struct redis *primary, const struct redis *replica)
{
    char port[16];
    snprintf(port, sizeof port, "%d", primary->port);
    redis_run(replica, FLAGS("REPLICAOF", "127.0.0.1", port));
    EVENTUALLY(redis_run(primary, FLAGS("WAIT", "1", "100")) == 1, 20000);
}

/* The value before the first refusal, which must come. */
static int64_t take_all(const struct node *node)
{
    int64_t last = 0;
    struct reply *reply;
    for (int i = 0; (reply = try_nextval(node, "a"))->status == 200; i++) {
        last = reply_integer(reply, "value");
        cr_assert_lt(i, 1000000, "nothing stops it");
    }
    cr_assert_eq(reply->status, 503, "%s", reply->what);
    return last;
}

ServiceTest(ceiling, a_lagging_replica_that_is_promoted_repeats_nothing)
{
    struct redis *primary = redis_start(NULL), *replica = redis_start(NULL);
    replicate(primary, replica);
    struct node *node = node_start_ready(primary, FLAGS("--durability", "replicas:1"));
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    EVENTUALLY(redis_run(primary, FLAGS("WAIT", "1", "100")) == 1, 20000);
    redis_pause(replica);
    const int64_t last = take_all(node);
    cr_assert_geq(last, 16);
    redis_kill(primary);
    redis_continue(replica);
    redis_run(replica, FLAGS("REPLICAOF", "NO", "ONE"));
    node = node_start_ready(replica, NULL);
    cr_assert_gt(nextval(node, "a"), last);
}

ServiceTest(ceiling, a_change_that_replicas_do_not_have_is_no_success)
{
    struct redis *primary = redis_start(NO_AOF), *replica = redis_start(NO_AOF);
    replicate(primary, replica);
    struct node *node = node_start_ready(primary, FLAGS("--durability", "replicas:1"));
    EVENTUALLY(post(node, "{'name': 'a', 'cache': 1}", "/v1/sequences")->status != 503, 10000);
    redis_pause(replica);
    struct reply *reply = expect_problem(post(node, "{'value': 500}", "/v1/sequences/a/setval"),
                                         503, "store_unavailable", "08006", NULL);
    cr_assert_not_null(strstr(reply->body, "not known to survive"), "%s", reply->body);
    redis_continue(replica);
    EVENTUALLY(post(node, "{'value': 500}", "/v1/sequences/a/setval")->status == 200, 10000);
    cr_assert_eq(nextval(node, "a"), 501);
}

ServiceTest(ceiling, auto_hears_of_replicas_that_come_and_does_not_give_them_up_at_once)
{
    struct redis *primary = redis_start(NO_AOF), *replica = redis_start(NO_AOF);
    struct node *node = node_start_ready(primary, NULL);
    cr_assert_str_eq(reply_text(get(node, "/readyz"), "durability"), "none");
    replicate(primary, replica);
    EVENTUALLY(strcmp(reply_text(get(node, "/readyz"), "durability"), "replicas:1") == 0, 20000);
    create(node, "{'name': 'a', 'cache': 1}");
    redis_kill(replica);
    cr_assert_geq(take_all(node), 16);
    cr_assert_not_null(strstr(try_nextval(node, "a")->body, "ceiling cannot be raised"));
    redis_restart(replica);
    replicate(primary, replica);
    EVENTUALLY(try_nextval(node, "a")->status == 200, 20000);
}

ServiceTest(ceiling, fsync_without_an_append_only_file_is_refused_with_the_reason)
{
    expect_not_ready(redis_start(NO_AOF), "fsync", "it has no append-only file");
}

ServiceTest(ceiling, fsync_that_stops_for_rewrites_is_refused_with_the_reason)
{
    expect_not_ready(redis_start(FLAGS("--no-appendfsync-on-rewrite", "yes")), "fsync",
                     "no-appendfsync-on-rewrite");
}

ServiceTest(ceiling, a_redis_that_evicts_any_key_is_refused_with_the_reason)
{
    expect_not_ready(redis_start(FLAGS("--maxmemory-policy", "allkeys-lru")), "fsync",
                     "evicts any key");
}

ServiceTest(ceiling, replicas_that_are_not_connected_are_refused_with_the_reason)
{
    expect_not_ready(redis_start(NULL), "fsync+replicas:2", "0 replicas are connected");
}

ServiceTest(ceiling, auto_takes_the_strongest_that_the_server_allows_and_tells_which)
{
    expect_class(redis_start(NULL), "auto", "fsync (appendfsync always)");
    expect_class(redis_start(EVERYSEC), "auto", "fsync (appendfsync everysec)");
    expect_class(redis_start(NO_AOF), "auto", "none");
    expect_class(redis_start(NULL), "none", "none");
}

ServiceTest(ceiling, fresh_numbers_stop_when_the_server_no_longer_gives_what_is_asked_for)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, FLAGS("--durability", "fsync"));
    create(node, "{'name': 'a', 'cache': 1}");
    redis_run(redis, FLAGS("CONFIG", "SET", "appendonly", "no"));
    redis_run(redis, FLAGS("CLIENT", "KILL", "TYPE", "normal"));
    EVENTUALLY(get(node, "/readyz")->status == 503, 10000);
    expect(try_nextval(node, "a"), 503);
    redis_run(redis, FLAGS("CONFIG", "SET", "appendonly", "yes"));
    EVENTUALLY(try_nextval(node, "a")->status == 200, 10000);
}

/* A reply of `appendfsync always` was a proof, until somebody changed that. */
ServiceTest(ceiling, nor_is_a_ceiling_raised_on_a_connection_that_saw_better_settings)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = node_start_ready(redis, FLAGS("--durability", "fsync"));
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    redis_run(redis, FLAGS("CONFIG", "SET", "appendfsync", "no"));
    EVENTUALLY(take_all(node) >= 1, 20000);
    cr_assert_not_null(strstr(try_nextval(node, "a")->body, "its appendfsync is no"));
    redis_run(redis, FLAGS("CONFIG", "SET", "appendfsync", "always"));
    EVENTUALLY(try_nextval(node, "a")->status == 200, 10000);
}

/* Where the second node's file is. */
static const char *data_directory(void)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/node", scratch());
    mkdir(path, 0700);
    return path;
}

ServiceTest(ceiling, a_restarted_node_remembers_the_ceiling_that_a_backup_does_not_have)
{
    struct redis *redis = redis_start(NULL);
    const char *const *flags = FLAGS("--data-dir", data_directory());
    struct node *node = node_start_ready(redis, flags);
    create(node, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(node, "a"), 1);
    copy_data(redis, false);
    for (int i = 0; i < 60; i++) {
        nextval(node, "a");
    }
    node_kill(node);
    lose_since_copy(redis);
    node = node_start_ready(redis, flags);
    expect_problem(try_nextval(node, "a"), 503, "sequence_lost", "XX001", NULL);
    setval(node, "a", 1000, true);
    cr_assert_eq(nextval(node, "a"), 1001);
    node_stop(node);
    node = node_start_ready(redis, flags);
    cr_assert_eq(nextval(node, "a"), 1002);
}

/* Each remembers what others raised, too: it may be the only one that is used afterwards. */
ServiceTest(ceiling, a_restarted_node_remembers_the_ceiling_that_another_one_raised)
{
    struct redis *redis = redis_start(NULL);
    const char *const *flags = FLAGS("--data-dir", data_directory());
    struct node *raises = node_start_ready(redis, NULL), *hears = node_start_ready(redis, flags);
    create(raises, "{'name': 'a', 'cache': 1}");
    cr_assert_eq(nextval(raises, "a"), 1);
    copy_data(redis, false);
    for (int i = 0; i < 60; i++) {
        nextval(raises, "a");
    }
    nextval(hears, "a");
    char path[200];
    snprintf(path, sizeof path, "%s/ceilings", data_directory());
    EVENTUALLY(file_text(path)[0] != '\0', 10000);
    node_kill(raises);
    node_kill(hears);
    lose_since_copy(redis);
    hears = node_start_ready(redis, flags);
    expect_problem(try_nextval(hears, "a"), 503, "sequence_lost", "XX001", NULL);
}

ServiceTest(ceiling, a_block_of_9223372036854775807_stops_at_the_bound_and_nothing_overflows)
{
    struct node *node = service_start(NULL);
    create(node, "{'name': 'a', 'cache': 9223372036854775807}");
    cr_assert_eq(nextval(node, "a"), 1);
    cr_assert_eq(nextval(node, "a"), 2);
    cr_assert_eq(reply_integer(describe(node, "a"), "remaining"), 0);
}
