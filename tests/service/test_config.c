#include "service/config.h"

#include "store/definition.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})
#define NOTHING    WORDS(NULL)

/* Static, as the strings that a load copies hang on it. Each test is a process of its own. */
static struct config config;
static char error[768];
static char *printed;

/* `flags` without the program's name. */
static enum config_result load(char *const flags[], char *const environment[])
{
    char *argv[24] = {(char *)"seqd"};
    int argc = 1;
    for (; flags[argc - 1]; argc++)
        argv[argc] = flags[argc - 1];
    size_t size = 0;
    free(printed);
    FILE *out = open_memstream(&printed, &size);
    error[0] = '\0';
    enum config_result result =
        config_load(&config, argc, argv, environment, out, error, sizeof error);
    fclose(out);
    return result;
}

static void expect_loaded(char *const flags[], char *const environment[])
{
    cr_assert_eq(load(flags, environment), CONFIG_OK, "%s", error);
}

static void expect_refused(char *const flags[], char *const environment[], const char *reason)
{
    cr_expect_eq(load(flags, environment), CONFIG_BAD, "accepted: %s", flags[0]);
    cr_expect_str_eq(error, reason);
}

static void print(char **text, void (*printer)(FILE *))
{
    size_t size = 0;
    FILE *out = open_memstream(text, &size);
    printer(out);
    fclose(out);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

Test(config, without_flags_and_environment_every_option_has_its_default)
{
    expect_loaded(NOTHING, NOTHING);
    cr_expect_eq(config.listen_count, 1);
    cr_expect_str_eq(config.listen[0], "127.0.0.1:8080");
    cr_expect_null(config.redis);
    cr_expect_str_eq(config.data_dir, "./data");
    cr_expect_str_eq(config.key_prefix, "seqd:");
    cr_expect_eq(config.threads, 0);
    cr_expect_eq(config.default_cache, CACHE_AUTO);
    cr_expect_eq(config.log_level, LOG_LEVEL_INFO);
    cr_expect_eq(config.request_timeout_ms, 2000);
    cr_expect_eq(config.redis_timeout_ms, 1000);
    cr_expect_eq(config.connect_timeout_ms, 1000);
    cr_expect_eq(config.idle_timeout_ms, 75000);
    cr_expect_eq(config.max_connections, 10000);
    cr_expect_eq(config.max_waiting, 10000);
    cr_expect_eq(config.session_timeout_ms, 3600000);
    cr_expect_eq(config.max_sessions, 100000);
    cr_expect_eq(config.metrics_sequences, 100);
    cr_expect_eq(config.stop_timeout_ms, 5000);
    cr_expect_eq(config.lease_ms, 0);
    cr_expect_eq(config.node_timeout_ms, 60000);
}

Test(config, a_flag_takes_the_next_argument_or_what_follows_its_equals_sign)
{
    expect_loaded(WORDS("--threads", "64", "--data-dir=/var/lib/a=b", "--log-level", "debug",
                        "--default-cache=32", "--redis", "redis://u:p@h:6379/0"),
                  NOTHING);
    cr_expect_eq(config.threads, 64);
    cr_expect_str_eq(config.data_dir, "/var/lib/a=b");
    cr_expect_eq(config.log_level, LOG_LEVEL_DEBUG);
    cr_expect_eq(config.default_cache, 32);
    cr_expect_str_eq(config.redis, "redis://u:p@h:6379/0");
}

Test(config, every_option_reads_its_environment_variable)
{
    expect_loaded(NOTHING,
                  WORDS("SEQD_LISTEN=unix:/run/seqd.sock", "SEQD_REDIS=unix:///run/redis.sock",
                        "SEQD_DATA_DIR=/d", "SEQD_KEY_PREFIX=p", "SEQD_THREADS=1",
                        "SEQD_DEFAULT_CACHE=9223372036854775807", "SEQD_LOG_LEVEL=error",
                        "SEQD_REQUEST_TIMEOUT_MS=11", "SEQD_REDIS_TIMEOUT_MS=12",
                        "SEQD_CONNECT_TIMEOUT_MS=13", "SEQD_IDLE_TIMEOUT_MS=1004",
                        "SEQD_MAX_CONNECTIONS=15", "SEQD_MAX_WAITING=16",
                        "SEQD_SESSION_TIMEOUT_MS=1007", "SEQD_MAX_SESSIONS=18",
                        "SEQD_METRICS_SEQUENCES=19", "SEQD_STOP_TIMEOUT_MS=20"));
    cr_expect_str_eq(config.listen[0], "unix:/run/seqd.sock");
    cr_expect_str_eq(config.redis, "unix:///run/redis.sock");
    cr_expect_str_eq(config.data_dir, "/d");
    cr_expect_str_eq(config.key_prefix, "p");
    cr_expect_eq(config.threads, 1);
    cr_expect_eq(config.default_cache, INT64_MAX);
    cr_expect_eq(config.log_level, LOG_LEVEL_ERROR);
    cr_expect_eq(config.request_timeout_ms, 11);
    cr_expect_eq(config.redis_timeout_ms, 12);
    cr_expect_eq(config.connect_timeout_ms, 13);
    cr_expect_eq(config.idle_timeout_ms, 1004);
    cr_expect_eq(config.max_connections, 15);
    cr_expect_eq(config.max_waiting, 16);
    cr_expect_eq(config.session_timeout_ms, 1007);
    cr_expect_eq(config.max_sessions, 18);
    cr_expect_eq(config.metrics_sequences, 19);
    cr_expect_eq(config.stop_timeout_ms, 20);
}

Test(config, a_flag_wins_over_the_environment_even_where_that_is_wrong)
{
    expect_loaded(WORDS("--threads=2", "--listen=a:1"),
                  WORDS("SEQD_THREADS=x", "SEQD_LISTEN=b:2,c:3"));
    cr_expect_eq(config.threads, 2);
    cr_expect_eq(config.listen_count, 1);
    cr_expect_str_eq(config.listen[0], "a:1");
}

Test(config, a_variable_that_is_empty_or_unknown_is_ignored)
{
    expect_loaded(NOTHING,
                  WORDS("SEQD_THREADS=", "SEQD_SERVICE_HOST=10.0.0.1", "SEQD_THREADS_MORE=9",
                        "SEQD_PORT=tcp://10.0.0.1:80", "SEQD_HELP=1", "SEQD_"));
    cr_expect_eq(config.threads, 0);
}

Test(config, listen_is_repeatable_and_a_list_in_the_environment)
{
    expect_loaded(WORDS("--listen", "127.0.0.1:0", "--listen=[::1]:65535"), NOTHING);
    cr_expect_eq(config.listen_count, 2);
    cr_expect_str_eq(config.listen[1], "[::1]:65535");

    expect_loaded(NOTHING, WORDS("SEQD_LISTEN=localhost:80,unix:/run/a b.sock,0.0.0.0:81"));
    cr_expect_eq(config.listen_count, 3);
    cr_expect_str_eq(config.listen[0], "localhost:80");
    cr_expect_str_eq(config.listen[1], "unix:/run/a b.sock");
    cr_expect_str_eq(config.listen[2], "0.0.0.0:81");
}

#define LISTEN_ALLOWED                                                                             \
    " is not allowed; allowed: IPV4:PORT, [IPV6]:PORT, HOST:PORT or unix:PATH; at most 8; "        \
    "a port is 0..65535, 0 picks a free one"

Test(config, eight_addresses_are_taken)
{
    expect_loaded(NOTHING, WORDS("SEQD_LISTEN=h:1,h:2,h:3,h:4,h:5,h:6,h:7,h:8"));
    cr_expect_eq(config.listen_count, 8);
}

Test(config, a_ninth_address_is_refused)
{
    expect_refused(NOTHING, WORDS("SEQD_LISTEN=h:1,h:2,h:3,h:4,h:5,h:6,h:7,h:8,h:9"),
                   "SEQD_LISTEN: \"h:9\"" LISTEN_ALLOWED);
}

Test(config, an_address_that_nobody_can_listen_on_is_refused)
{
    static const char *const wrong[] = {
        "8080",     ":8080",     "host",         "host:",        "host:65536", "host:-1",
        "host:080", "host:http", "1.2.3:80",     "1.2.3.256:80", "::1:80",     "[::1]",
        "[::1:80",  "[]:80",     "[1.2.3.4]:80", "a..b:80",      "-a:80",      "a-:80",
        "a.:80",    "a b:80",    "http//a:80",   "unix:",        "",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char reason[768];
        snprintf(reason, sizeof reason, "--listen: \"%s\"" LISTEN_ALLOWED, wrong[i]);
        expect_refused(WORDS("--listen", (char *)wrong[i]), NOTHING, reason);
    }
}

Test(config, a_socket_path_of_107_bytes_fits_and_one_of_108_does_not)
{
    char address[256];
    snprintf(address, sizeof address, "unix:/%0106d", 0);
    expect_loaded(WORDS("--listen", address), NOTHING);
    snprintf(address, sizeof address, "unix:/%0107d", 0);
    cr_expect_eq(load(WORDS("--listen", address), NOTHING), CONFIG_BAD);
}

Test(config, a_number_is_taken_at_its_bounds_and_refused_beyond)
{
    expect_loaded(WORDS("--request-timeout-ms", "10"), NOTHING);
    expect_loaded(WORDS("--request-timeout-ms", "600000"), NOTHING);
    expect_refused(WORDS("--request-timeout-ms", "9"), NOTHING,
                   "--request-timeout-ms: \"9\" is not allowed; allowed: 10..600000 ms");
    expect_refused(WORDS("--request-timeout-ms=600001"), NOTHING,
                   "--request-timeout-ms: \"600001\" is not allowed; allowed: 10..600000 ms");
    expect_refused(NOTHING, WORDS("SEQD_THREADS=65"),
                   "SEQD_THREADS: \"65\" is not allowed; allowed: 0..64");
    expect_refused(WORDS("--threads", "-1"), NOTHING,
                   "--threads: \"-1\" is not allowed; allowed: 0..64");
    expect_refused(WORDS("--threads="), NOTHING, "--threads: \"\" is not allowed; allowed: 0..64");
    expect_refused(WORDS("--threads", "4.0"), NOTHING,
                   "--threads: \"4.0\" is not allowed; allowed: 0..64");
    expect_refused(WORDS("--threads", "4\n"), NOTHING,
                   "--threads: \"4?\" is not allowed; allowed: 0..64");
}

Test(config, a_cache_is_auto_or_a_number_from_1)
{
    expect_loaded(WORDS("--default-cache", "auto"), NOTHING);
    cr_expect_eq(config.default_cache, CACHE_AUTO);
    expect_refused(
        WORDS("--default-cache", "0"), NOTHING,
        "--default-cache: \"0\" is not allowed; allowed: auto or 1..9223372036854775807");
    expect_refused(WORDS("--default-cache", "9223372036854775808"), NOTHING,
                   "--default-cache: \"9223372036854775808\" is not allowed; "
                   "allowed: auto or 1..9223372036854775807");
}

Test(config, a_log_level_is_one_of_four)
{
    expect_loaded(WORDS("--log-level", "warn"), NOTHING);
    cr_expect_eq(config.log_level, LOG_LEVEL_WARN);
    expect_refused(WORDS("--log-level", "warning"), NOTHING,
                   "--log-level: \"warning\" is not allowed; allowed: debug, info, warn or error");
}

Test(config, a_key_prefix_has_1_to_64_printable_characters_and_no_braces)
{
    char prefix[80];
    snprintf(prefix, sizeof prefix, "%064d", 0);
    expect_loaded(WORDS("--key-prefix", prefix), NOTHING);
    snprintf(prefix, sizeof prefix, "%065d", 0);
    cr_expect_eq(load(WORDS("--key-prefix", prefix), NOTHING), CONFIG_BAD);
    static const char *const wrong[] = {"", "a{b", "a}", "a b", "a\tb", "a\x7f", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(load(WORDS("--key-prefix", (char *)wrong[i]), NOTHING), CONFIG_BAD);
    expect_refused(WORDS("--key-prefix", "{a}"), NOTHING,
                   "--key-prefix: \"{a}\" is not allowed; "
                   "allowed: 1 to 64 printable ASCII characters, no braces, no spaces");
}

Test(config, an_unknown_option_is_refused_with_the_closest_name)
{
    expect_refused(WORDS("--thread", "4"), NOTHING,
                   "unknown option --thread; did you mean --threads?");
    expect_refused(WORDS("--verison"), NOTHING,
                   "unknown option --verison; did you mean --version?");
    expect_refused(WORDS("--colour=red"), NOTHING,
                   "unknown option --colour; --help lists the options");
    expect_refused(WORDS("--"), NOTHING, "unknown option --; --help lists the options");
    expect_refused(WORDS("run"), NOTHING, "unexpected argument: \"run\"; --help lists the options");
    expect_refused(WORDS("-t"), NOTHING, "unexpected argument: \"-t\"; --help lists the options");
}

Test(config, an_option_given_twice_or_without_its_value_is_refused)
{
    expect_refused(WORDS("--threads=1", "--threads=1"), NOTHING,
                   "--threads is given more than once");
    expect_refused(WORDS("--threads"), NOTHING, "--threads: the value is missing; allowed: 0..64");
    expect_refused(WORDS("--data-dir", "--threads=1"), NOTHING,
                   "--data-dir: the value is missing; allowed: a path");
    expect_refused(WORDS("--help=yes"), NOTHING, "--help takes no value");
}

Test(config, a_password_is_in_no_error_wherever_the_url_was_put)
{
    char *const *const mistakes[] = {
        WORDS("--redis", "rediss://user:hunter2@host:6379"),
        WORDS("--redis=user:hunter2"),
        WORDS("--redis", "redis+sentinel://:hunter2@host:26379"),
        WORDS("--redis", "redis+sentinel://host/m?sentinel-password=hunter2&x"),
        WORDS("--redis", "redis://:hunter2@host:6379 "),
        WORDS("--redis-url=redis://:hunter2@host"),
        WORDS("--redis:hunter2@host"),
        WORDS("redis://:hunter2@host"),
        WORDS("--listen", "redis://:hunter2@host"),
        WORDS("--data-dir=x", "--threads", ":hunter2@host"),
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        cr_expect_eq(load(mistakes[i], NOTHING), CONFIG_BAD);
        cr_expect_null(strstr(error, "hunter2"), "%s", error);
        cr_expect_gt(strlen(error), 20);
    }
    expect_refused(NOTHING, WORDS("SEQD_REDIS=http://:hunter2@host"),
                   "SEQD_REDIS: a value that is not shown as it may hold a password is not "
                   "allowed; allowed: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], "
                   "redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,...]/MASTER[/DATABASE]"
                   "[?sentinel-user=USER&sentinel-password=PASSWORD], "
                   "redis+cluster://[USER:PASSWORD@]HOST[:PORT][,...] or "
                   "unix:///PATH[?db=DATABASE]; a database is a number");
}

Test(config, version_is_seqd_0_1_0)
{
    cr_expect_eq(load(WORDS("--threads=1", "--version"), WORDS("SEQD_LISTEN=x")), CONFIG_DONE);
    cr_expect_str_eq(printed, "seqd 0.1.0\n");
}

Test(config, help_names_every_option_once_with_its_default_and_bounds)
{
    cr_expect_eq(load(WORDS("--help"), WORDS("SEQD_LISTEN=x")), CONFIG_DONE);
    cr_expect_eq(occurrences(printed, "\n  --"), 22);
    cr_expect_eq(occurrences(printed, "Environment: SEQD_"), 20);
    cr_expect_not_null(strstr(printed,
                              "\n  --stop-timeout-ms N\n"
                              "      How long a stop waits for requests that are under way.\n"
                              "      Allowed: 0..600000 ms\n"
                              "      Default: 5000. Environment: SEQD_STOP_TIMEOUT_MS.\n"));
    char *help = NULL;
    print(&help, config_print_help);
    cr_expect_str_eq(printed, help);
    free(help);
}

Test(config, markdown_has_a_row_of_five_cells_for_each_option)
{
    char *table = NULL;
    print(&table, config_print_markdown);
    cr_expect_eq(occurrences(table, "\n"), 24);
    cr_expect_eq(occurrences(table, "|"), 24 * 6);
    cr_expect_not_null(strstr(table,
                              "\n| `--threads` | `SEQD_THREADS` | `0` | 0..64 | HTTP loops, "
                              "a thread each; 0 is one a CPU. |\n"));
    cr_expect_not_null(strstr(table, "\n| `--redis` | `SEQD_REDIS` |  | redis://"));
    free(table);
}
