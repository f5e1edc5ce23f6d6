/* seqd as a Redis user with no more rights than the README says it needs. */
#include "tests/integration/redis_cluster.h"
#include "tests/integration/sql.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(redis_user, .timeout = 60);

/* The README's ACL line, from behind the password, word by word. */
static const char *const *readme_rights(void)
{
    static const char *words[64] = {"ACL", "SETUSER", "seqd", "on", ">p@ss"};
    static char text[65536];
    size_t count = 5;
    FILE *file = fopen("README.md", "r");
    cr_assert_not_null(file, "run from the repository's root");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *line = strstr(text, "ACL SETUSER seqd on >PASSWORD ");
    cr_assert_not_null(line);
    line[strcspn(line, "\n")] = '\0';
    for (char *word = strtok(line + strlen("ACL SETUSER seqd on >PASSWORD "), " "); word;
         word = strtok(NULL, " "))
        words[count++] = word;
    return words;
}

/* In database 3, as that user. */
static struct node *start_as_user(struct redis *redis)
{
    char url[128];
    redis_run(redis, readme_rights());
    snprintf(url, sizeof url, "redis://seqd:p%%40ss@127.0.0.1:%d/3", redis->port);
    struct node *node = node_start(NULL, FLAGS("--redis", url, "--request-timeout-ms", "5000"));
    node_wait_ready(node);
    return node;
}

static void use_sql_and_tables(const struct node *node)
{
    sql(node,
        "CREATE SEQUENCE a; SELECT nextval('a'), setval('a', 7), pg_sequence_last_value('a');"
        "ALTER SEQUENCE a RENAME TO b; ALTER SEQUENCE b SET SCHEMA s; SELECT * FROM s.b;"
        "CREATE SEQUENCE c OWNED BY t.v; CREATE TABLE t (id serial, k int GENERATED ALWAYS AS "
        "IDENTITY, v int); INSERT INTO t (v) VALUES (1), (2);"
        "SELECT pg_get_serial_sequence('t', 'id'); SELECT lastval();"
        "SELECT * FROM pg_sequences; SELECT nextval('c') FROM generate_series(1, 10);"
        "ALTER TABLE t RENAME COLUMN id TO key; ALTER TABLE t ADD COLUMN w int;"
        "ALTER TABLE t DROP COLUMN k; ALTER TABLE t RENAME TO u;"
        "DROP SEQUENCE t_id_seq CASCADE");
    expect(post(node, "{'column': 'w', 'type': 'serial'}", "/v1/tables/u/serials"), 201);
    expect(get(node, "/v1/tables/u/serials"), 200);
    sql(node, "INSERT INTO u (v) VALUES (1); DROP SEQUENCE s.b; DISCARD ALL");
    expect(drop(node, "/v1/tables/u/serials"), 204);
    struct reply *list = expect(get(node, "/v1/sequences"), 200);
    cr_assert_eq(reply_size(list, "sequences"), 0, "%s", list->body);
}

ServiceTest(redis_user, sql_and_tables_work_for_a_user_with_the_rights_of_the_readme)
{
    use_sql_and_tables(start_as_user(redis_start(NULL)));
}

/* With what the README adds to it. */
ServiceTest(redis_user, a_cluster_works_for_a_user_with_the_rights_of_the_readme)
{
    char url[128], *readme = file_text("README.md");
    cr_assert_not_null(strstr(readme, "`+cluster|slots +asking` in a Cluster"));
    free(readme);
    const struct redis_cluster *cluster = redis_cluster_start(NULL);
    for (int i = 0; i < CLUSTER_SERVERS; i++) {
        redis_cluster_run(cluster, i, readme_rights());
        redis_cluster_run(cluster, i, FLAGS("ACL", "SETUSER", "seqd", "+cluster|slots", "+asking"));
    }
    snprintf(url, sizeof url, "redis+cluster://seqd:p%%40ss@127.0.0.1:%d",
             cluster->servers[0]->port);
    struct node *node = node_start(NULL, FLAGS("--redis", url, "--request-timeout-ms", "5000"));
    node_wait_ready(node);
    use_sql_and_tables(node);
    create(node, "{'name': 'a', 'cache': 1}");
    const int slot = redis_cluster_slot(cluster, "a");
    const int from = redis_cluster_owner(cluster, slot), to = (from + 1) % CLUSTER_PRIMARIES;
    redis_cluster_open_slot(cluster, slot, from, to);
    while (redis_cluster_move_key(cluster, slot, from, to)) {
    }
    cr_assert_gt(nextval(node, "a"), 0, "by ASK: another server goes on at the ceiling");
    redis_cluster_close_slot(cluster, slot, from, to);
    setval(node, "a", 7, true);
    cr_assert_eq(nextval(node, "a"), 8);
}

ServiceTest(redis_user, all_works_in_database_3_for_a_user_with_the_rights_of_the_readme)
{
    struct redis *redis = redis_start(NULL);
    struct node *node = start_as_user(redis);
    create(node, "{'name': 'a', 'cache': 10}");
    cr_assert_eq(nextval_in(node, "a", "s"), 1);
    setval(node, "a", 41, true);
    cr_assert_eq(nextval_in(node, "a", "s"), 42);
    expect(post(node, "{'value': 45}", "/v1/sequences/a/advance"), 200);
    expect(post(node, "{'value': 44}", "/v1/sequences/a/advance"), 200);
    expect(patch(node, "{'name': 'b'}", "/v1/sequences/a"), 200);
    expect(CALL(node, .path = "/v1/lastval", .session = "s"), 200);
    cr_assert_eq(reply_integer(expect(get(node, "/v1/sequences"), 200), "sequences.0.last_value"),
                 51, "the end of the block");
    cr_assert_eq(nextval(node, "b"), 52, "ALTER drops what is held");
    expect(drop(node, "/v1/sequences/b"), 204);
    create(node, "{'name': 'c', 'cache': 10}");
    cr_assert_eq(nextval(node, "c"), 1);
    node_stop(node); /* gives back 2 to 10 */
    const char *const counter[] = {
        "EVAL", "redis.call('SELECT', '3') return tonumber(redis.call('GET', 'seqd:{c}:next'))",
        "0", NULL};
    cr_assert_eq(redis_run(redis, counter), 1);
}
