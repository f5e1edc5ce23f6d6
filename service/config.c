#include "service/config.h"

#include "service/config_syntax.h"
#include "store/decimal.h"
#include "store/definition.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum option_type {
    OPTION_LISTEN,
    OPTION_REDIS_URL,
    OPTION_PATH,
    OPTION_PREFIX,
    OPTION_INTEGER,
    OPTION_CACHE,
    OPTION_LOG_LEVEL,
    OPTION_DURABILITY,
    OPTION_HELP, /* this and the next are commands: no value, no environment name */
    OPTION_VERSION
};

/* How a type's value is written; `allowed` is NULL where the row's bounds say it. */
static const struct {
    const char *placeholder, *allowed;
} types[] = {
    [OPTION_LISTEN] = {" ADDRESS",
                       "IPV4:PORT, [IPV6]:PORT, HOST:PORT or unix:PATH; at most 8; a port is "
                       "0..65535, 0 picks a free one"},
    [OPTION_REDIS_URL] = {" URL",
                          "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], "
                          "redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,...]/MASTER[/DATABASE]"
                          "[?sentinel-user=USER&sentinel-password=PASSWORD], "
                          "redis+cluster://[USER:PASSWORD@]HOST[:PORT][,...] or "
                          "unix:///PATH[?db=DATABASE]; a database is a number"},
    [OPTION_PATH] = {" PATH", "a path"},
    [OPTION_PREFIX] = {" TEXT", "1 to 64 printable ASCII characters, no braces, no spaces"},
    [OPTION_INTEGER] = {" N", NULL},
    [OPTION_CACHE] = {" N", "auto or 1..9223372036854775807"},
    [OPTION_LOG_LEVEL] = {" LEVEL", "debug, info, warn or error"},
    [OPTION_DURABILITY] = {" CLASS",
                           "fsync, replicas:N, fsync+replicas:N, none or auto; N is 1..100"},
    [OPTION_HELP] = {"", ""},
    [OPTION_VERSION] = {"", ""},
};

struct config_option {
    const char *flag;
    enum option_type type;
    const char *standard; /* the default, as a user would write it; NULL: none */
    int64_t min, max;     /* of OPTION_INTEGER */
    const char *unit;
    size_t offset; /* in struct config */
    const char *prose;
};

#define AT(member) offsetof(struct config, member)

static const struct config_option options[] = {
    {"--listen", OPTION_LISTEN, "127.0.0.1:8080", 0, 0, "", AT(listen),
     "Where to serve HTTP. Repeatable; in the environment, a list with commas."},
    {"--redis", OPTION_REDIS_URL, NULL, 0, 0, "", AT(redis),
     "The Redis that holds the sequences. Without it seqd runs a private one in --data-dir."},
    {"--data-dir", OPTION_PATH, "./data", 0, 0, "", AT(data_dir),
     "The private Redis's directory; made when it is missing. With --redis: where ceilings are "
     "remembered, if it is there."},
    {"--durability", OPTION_DURABILITY, "auto", 0, 0, "", AT(durability),
     "What Redis must have done before numbers count as reserved; auto is the strongest that its "
     "settings allow."},
    {"--key-prefix", OPTION_PREFIX, "seqd:", 0, 0, "", AT(key_prefix),
     "What every key in Redis begins with. Nodes that share sequences share it."},
    {"--threads", OPTION_INTEGER, "0", 0, 64, "", AT(threads),
     "HTTP loops, a thread each; 0 is one a CPU."},
    {"--default-cache", OPTION_CACHE, "auto", 0, 0, "", AT(default_cache),
     "The cache of sequences that are created without one."},
    {"--log-level", OPTION_LOG_LEVEL, "info", 0, 0, "", AT(log_level),
     "The least severe level that is logged."},
    {"--request-timeout-ms", OPTION_INTEGER, "2000", 10, 600000, "ms", AT(request_timeout_ms),
     "How long a request may wait for Redis before it is answered 503."},
    {"--redis-timeout-ms", OPTION_INTEGER, "1000", 10, 600000, "ms", AT(redis_timeout_ms),
     "How long one Redis command may take before its connection is given up."},
    {"--connect-timeout-ms", OPTION_INTEGER, "1000", 10, 600000, "ms", AT(connect_timeout_ms),
     "How long connecting to Redis may take."},
    {"--idle-timeout-ms", OPTION_INTEGER, "75000", 1000, 86400000, "ms", AT(idle_timeout_ms),
     "After how long without a request an HTTP connection is closed."},
    {"--max-connections", OPTION_INTEGER, "10000", 1, 1000000, "connections", AT(max_connections),
     "HTTP connections open at once."},
    {"--max-waiting", OPTION_INTEGER, "10000", 1, 1000000, "requests", AT(max_waiting),
     "Requests that may wait for Redis at once; more are answered 503."},
    {"--session-timeout-ms", OPTION_INTEGER, "3600000", 1000, 2592000000, "ms",
     AT(session_timeout_ms), "After how long without use a session ends."},
    {"--max-sessions", OPTION_INTEGER, "100000", 1, 10000000, "sessions", AT(max_sessions),
     "Sessions kept; the one idle longest goes first."},
    {"--metrics-sequences", OPTION_INTEGER, "100", 0, 100000, "sequences", AT(metrics_sequences),
     "Sequences with metrics of their own; the rest are counted together."},
    {"--lease-ms", OPTION_INTEGER, "0", 0, 3600000, "ms", AT(lease_ms),
     "How long this node hands out numbers from memory after Redis last heard of it; strict "
     "changes wait no longer for it. 0: for ever, and a strict change that it does not "
     "acknowledge fails."},
    {"--node-timeout-ms", OPTION_INTEGER, "60000", 1000, 86400000, "ms", AT(node_timeout_ms),
     "After how long without a sign of life a node without a lease is taken for dead: strict "
     "changes wait for it until then."},
    {"--stop-timeout-ms", OPTION_INTEGER, "5000", 0, 600000, "ms", AT(stop_timeout_ms),
     "How long a stop waits for requests that are under way."},
    {"--help", OPTION_HELP, NULL, 0, 0, "", 0, "Print this and exit."},
    {"--version", OPTION_VERSION, NULL, 0, 0, "", 0, "Print the version and exit."},
};

#define OPTION_COUNT (sizeof options / sizeof options[0])

/* One call of config_load. */
struct load {
    struct config *config;
    FILE *out;
    char *error;
    size_t error_size;
    bool given[OPTION_COUNT]; /* by a flag */
};

#define ENVIRONMENT_NAME_SIZE 64
#define ALLOWED_SIZE          512

static bool is_command(const struct config_option *option)
{
    return option->type >= OPTION_HELP;
}

/* "--data-dir" is SEQD_DATA_DIR; a command has no name there: "". */
static void environment_name(const struct config_option *option, char name[ENVIRONMENT_NAME_SIZE])
{
    snprintf(name, ENVIRONMENT_NAME_SIZE, "%s%s", is_command(option) ? "" : "SEQD_",
             is_command(option) ? "" : option->flag + 2);
    for (char *byte = name; *byte != '\0'; byte++)
        *byte = (char)(*byte == '-' ? '_' : toupper((unsigned char)*byte));
}

static void describe_allowed(const struct config_option *option, char text[ALLOWED_SIZE])
{
    if (types[option->type].allowed)
        snprintf(text, ALLOWED_SIZE, "%s", types[option->type].allowed);
    else
        snprintf(text, ALLOWED_SIZE, "%lld..%lld%s%s", (long long)option->min,
                 (long long)option->max, *option->unit ? " " : "", option->unit);
}

__attribute__((format(printf, 2, 3))) static enum config_result refuse(struct load *load,
                                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(load->error, load->error_size, format, arguments);
    va_end(arguments);
    return CONFIG_BAD;
}

static bool parse_within(const char *text, int64_t min, int64_t max, int64_t *value)
{
    int64_t parsed = 0;
    if (decimal_parse(text, strlen(text), &parsed) != DECIMAL_OK || parsed < min || parsed > max)
        return false;
    *value = parsed;
    return true;
}

static bool add_listen(struct config *config, const char *text)
{
    if (config->listen_count == CONFIG_LISTEN_MAX || !is_listen_address(text))
        return false;
    config->listen[config->listen_count++] = text;
    return true;
}

/* Checks `text` and puts it in its member. */
static bool parse_value(struct config *config, const struct config_option *option, const char *text)
{
    void *member = (char *)config + option->offset;
    switch (option->type) {
    case OPTION_LISTEN:
        return add_listen(config, text);
    case OPTION_REDIS_URL:
        *(const char **)member = text;
        return is_redis_url(text);
    case OPTION_PATH:
        *(const char **)member = text;
        return *text != '\0';
    case OPTION_PREFIX:
        *(const char **)member = text;
        return is_key_prefix(text);
    case OPTION_INTEGER:
        return parse_within(text, option->min, option->max, member);
    case OPTION_CACHE:
        *(int64_t *)member = CACHE_AUTO;
        return strcmp(text, "auto") == 0 || parse_within(text, 1, INT64_MAX, member);
    case OPTION_LOG_LEVEL:
        return log_level_parse(text, member);
    case OPTION_DURABILITY:
        return durability_parse(text, member);
    default:
        return false;
    }
}

/* `name` is the flag or the environment variable, whichever the user wrote. */
static enum config_result set_option(struct load *load, const struct config_option *option,
                                     const char *name, const char *text)
{
    if (parse_value(load->config, option, text))
        return CONFIG_OK;
    char allowed[ALLOWED_SIZE], quoted[ALLOWED_SIZE];
    describe_allowed(option, allowed);
    quote_value(option->type == OPTION_REDIS_URL ? "://" : text, quoted, sizeof quoted);
    return refuse(load, "%s: %s is not allowed; allowed: %s", name, quoted, allowed);
}

static enum config_result refuse_missing(struct load *load, const struct config_option *option)
{
    char allowed[ALLOWED_SIZE];
    describe_allowed(option, allowed);
    return refuse(load, "%s: the value is missing; allowed: %s", option->flag, allowed);
}

/* The option within three edits of what was typed, or NULL. */
static const struct config_option *closest_option(const char *typed, size_t length)
{
    const struct config_option *closest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        size_t edits = edit_distance(options[i].flag, typed, length);
        if (edits < best) {
            best = edits;
            closest = &options[i];
        }
    }
    return closest;
}

/* Shows only what can be a flag's name: what follows it may be a password. */
static enum config_result refuse_unknown(struct load *load, const char *argument)
{
    if (strncmp(argument, "--", 2) != 0) {
        char quoted[ALLOWED_SIZE];
        quote_value(argument, quoted, sizeof quoted);
        return refuse(load, "unexpected argument: %s; --help lists the options", quoted);
    }
    size_t length =
        strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    const struct config_option *closest = closest_option(argument, length);
    int shown = length < 64 ? (int)length : 64;
    if (!closest)
        return refuse(load, "unknown option %.*s; --help lists the options", shown, argument);
    return refuse(load, "unknown option %.*s; did you mean %s?", shown, argument, closest->flag);
}

static const struct config_option *find_option(const char *flag, size_t length)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strlen(options[i].flag) == length && strncmp(options[i].flag, flag, length) == 0)
            return &options[i];
    return NULL;
}

static enum config_result answer_command(const struct load *load,
                                         const struct config_option *option)
{
    if (option->type == OPTION_HELP)
        config_print_help(load->out);
    else
        fputs("seqd " SEQD_VERSION "\n", load->out);
    return CONFIG_DONE;
}

/* Takes argv[*next], and the argument after it where that is its value. */
static enum config_result load_flag(struct load *load, char *const argv[], int argc, int *next)
{
    const char *argument = argv[(*next)++];
    size_t length = strcspn(argument, "=");
    const struct config_option *option = find_option(argument, length);
    if (!option)
        return refuse_unknown(load, argument);
    if (is_command(option))
        return argument[length] == '\0' ? answer_command(load, option)
                                        : refuse(load, "%s takes no value", option->flag);
    bool *given = &load->given[option - options];
    if (*given && option->type != OPTION_LISTEN)
        return refuse(load, "%s is given more than once", option->flag);
    *given = true;
    if (argument[length] == '=')
        return set_option(load, option, option->flag, argument + length + 1);
    if (*next == argc || strncmp(argv[*next], "--", 2) == 0)
        return refuse_missing(load, option);
    return set_option(load, option, option->flag, argv[(*next)++]);
}

/* The first NAME=VALUE of that name, as getenv(3); NULL when there is none or it is empty. */
static const char *find_environment(char *const environment[], const char *name)
{
    size_t length = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return (*environment)[length + 1] != '\0' ? *environment + length + 1 : NULL;
    return NULL;
}

/* A list is cut in place, in a copy that lives as long as the process. */
static enum config_result set_listen_list(struct load *load, const struct config_option *option,
                                          const char *name, const char *list)
{
    char *rest = strdup(list);
    if (!rest)
        return refuse(load, "%s: out of memory", name);
    enum config_result result = CONFIG_OK;
    while (rest && result == CONFIG_OK)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the copy is kept for ever */
        result = set_option(load, option, name, strsep(&rest, ","));
    return result;
}

static enum config_result load_unflagged(struct load *load, const struct config_option *option,
                                         char *const environment[])
{
    char name[ENVIRONMENT_NAME_SIZE];
    environment_name(option, name);
    const char *text = find_environment(environment, name);
    if (text && option->type == OPTION_LISTEN)
        return set_listen_list(load, option, name, text);
    if (!text)
        text = option->standard;
    return text ? set_option(load, option, name, text) : CONFIG_OK;
}

enum config_result config_load(struct config *config, int argc, char *const argv[],
                               char *const environment[], FILE *out, char *error, size_t error_size)
{
    struct load load = {.config = config, .out = out, .error = error, .error_size = error_size};
    enum config_result result = CONFIG_OK;
    *config = (struct config){0};
    for (int next = 1; next < argc && result == CONFIG_OK;)
        result = load_flag(&load, argv, argc, &next);
    for (size_t i = 0; i < OPTION_COUNT && result == CONFIG_OK; i++)
        if (!load.given[i] && !is_command(&options[i]))
            result = load_unflagged(&load, &options[i], environment);
    return result;
}

void config_print_help(FILE *out)
{
    fputs(
        "Usage: seqd [OPTION]...\n"
        "PostgreSQL's sequences as a service, kept in Redis.\n\n"
        "Each option is also an environment variable; the option wins.\n",
        out);
    for (const struct config_option *option = options; option < options + OPTION_COUNT; option++) {
        char name[ENVIRONMENT_NAME_SIZE], allowed[ALLOWED_SIZE];
        environment_name(option, name);
        describe_allowed(option, allowed);
        fprintf(out, "\n  %s%s\n      %s\n", option->flag, types[option->type].placeholder,
                option->prose);
        if (!is_command(option))
            fprintf(out, "      Allowed: %s\n      Default: %s. Environment: %s.\n", allowed,
                    option->standard ? option->standard : "none", name);
    }
}

void config_print_markdown(FILE *out)
{
    fputs(
        "| Option | Environment | Default | Allowed | Meaning |\n"
        "| --- | --- | --- | --- | --- |\n",
        out);
    for (const struct config_option *option = options; option < options + OPTION_COUNT; option++) {
        char name[ENVIRONMENT_NAME_SIZE], allowed[ALLOWED_SIZE];
        environment_name(option, name);
        describe_allowed(option, allowed);
        const char *tick = is_command(option) ? "" : "`",
                   *default_tick = option->standard ? "`" : "";
        fprintf(out, "| `%s` | %s%s%s | %s%s%s | %s | %s |\n", option->flag, tick, name, tick,
                default_tick, option->standard ? option->standard : "", default_tick, allowed,
                option->prose);
    }
}
