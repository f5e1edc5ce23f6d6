/* seqd as a test's own process: see harness.h. */
#include "tests/integration/harness.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { NODES_MAX = 64, START_MS = 20000, STOP_MS = 20000 };

static struct node nodes[NODES_MAX];
static size_t node_count;

const char *seqd_binary(void)
{
    const char *binary = getenv("SEQD_BINARY");
    return binary != NULL ? binary : "build/asan/seqd";
}

/* ---- the log ---- */

/* Calls `visit` for each line that is JSON with this event. */
static void each_event(const struct node *node, const char *event,
                       void (*visit)(json_t *line, void *closure), void *closure)
{
    char *text = file_text(node->log), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        json_t *object = json_loads(line, 0, NULL);
        const char *name = json_string_value(json_object_get(object, "event"));
        if (name != NULL && strcmp(name, event) == 0) {
            visit(object, closure);
        }
        json_decref(object);
    }
    free(text);
}

static void keep_last(json_t *line, void *closure)
{
    json_t **last = closure;
    json_decref(*last);
    *last = json_incref(line);
}

json_t *node_event(const struct node *node, const char *event)
{
    static json_t *last;
    json_decref(last);
    last = NULL;
    each_event(node, event, keep_last, &last);
    return last;
}

static void count_line(json_t *line, void *closure)
{
    (void)line;
    int *count = closure;
    (*count)++;
}

int node_event_count(const struct node *node, const char *event)
{
    int count = 0;
    each_event(node, event, count_line, &count);
    return count;
}

struct wanted {
    const char *member, *text;
    bool found;
};

static void match_text(json_t *line, void *closure)
{
    struct wanted *wanted = closure;
    const char *text = json_string_value(json_object_get(line, wanted->member));
    wanted->found |= text != NULL && strcmp(text, wanted->text) == 0;
}

static bool node_logged(const struct node *node, const char *event, const char *member,
                        const char *text)
{
    struct wanted wanted = {member, text, false};
    each_event(node, event, match_text, &wanted);
    return wanted.found;
}

void node_wait_event(const struct node *node, const char *event, const char *member,
                     const char *text)
{
    EVENTUALLY(node_logged(node, event, member, text), START_MS);
}

/* ---- starting ---- */

static void take_tcp_address(json_t *line, void *closure)
{
    char *address = closure;
    const char *text = json_string_value(json_object_get(line, "address"));
    if (address[0] == '\0' && text != NULL && strncmp(text, "127.0.0.1:", 10) == 0) {
        snprintf(address, sizeof((struct node *)NULL)->address, "%s", text);
    }
}

static bool node_listens(struct node *node)
{
    each_event(node, "listening", take_tcp_address, node->address);
    return node->address[0] != '\0';
}

static void node_wait_listening(struct node *node)
{
    const int64_t until = now_ms() + START_MS;
    int status = 0;
    while (!node_listens(node)) {
        const bool stopped = process_ended(node->pid, &status);
        if (stopped || now_ms() > until) {
            cr_assert_fail("seqd %s (%d) before it listened: %s", stopped ? "ended" : "waited",
                           status, node_last_words(node));
        }
        pause_ms(5);
    }
}

struct node *node_start_as(const char *binary, const struct redis *redis, const char *const *flags,
                           const char *environment)
{
    char *arguments[ARGUMENTS_MAX];
    cr_assert_lt(node_count, (size_t)NODES_MAX);
    struct node *node = &nodes[node_count];
    snprintf(node->log, sizeof node->log, "%s/seqd%zu.log", scratch(), node_count++);
    size_t count = arguments_append(arguments, 0, FLAGS(binary, "--listen", "127.0.0.1:0"));
    if (redis != NULL) {
        count = arguments_append(arguments, count, FLAGS("--redis", redis->url));
    }
    arguments_append(arguments, count, flags);
    node->pid = process_spawn(arguments, node->log, environment);
    node_wait_listening(node);
    return node;
}

struct node *node_start(const struct redis *redis, const char *const *flags)
{
    return node_start_as(seqd_binary(), redis, flags, NULL);
}

/* ---- stopping ---- */

/* Where a sanitizer's report begins; NULL when there is none. */
static const char *sanitizer_report(const char *log)
{
    const char *report = strstr(log, "Sanitizer");
    return report != NULL ? report : strstr(log, "runtime error:");
}

const char *node_last_words(const struct node *node)
{
    static char words[3000];
    char *text = file_text(node->log);
    const size_t length = strlen(text);
    const char *report = sanitizer_report(text);
    snprintf(words, sizeof words, "%s",
             report != NULL ? report : text + (length > 1000 ? length - 1000 : 0));
    free(text);
    return words;
}

static void assert_no_sanitizer_report(const struct node *node)
{
    char *text = file_text(node->log);
    cr_assert_null(sanitizer_report(text), "%s: ... %s", node->log, node_last_words(node));
    free(text);
}

void node_stop(struct node *node)
{
    const int64_t until = now_ms() + STOP_MS;
    int status = 0;
    kill(node->pid, SIGCONT);
    kill(node->pid, SIGTERM);
    while (!process_ended(node->pid, &status)) {
        cr_assert(now_ms() < until, "SIGTERM did not end seqd in %d ms; log: %s", STOP_MS,
                  node_last_words(node));
        pause_ms(5);
    }
    node->pid = 0;
    assert_no_sanitizer_report(node);
    cr_assert_eq(status, 0, "seqd ended with %d; log: %s", status, node_last_words(node));
}

void nodes_stop(void)
{
    for (size_t i = 0; i < node_count; i++) {
        if (nodes[i].pid != 0) {
            node_stop(&nodes[i]);
        }
    }
}

void node_kill(struct node *node)
{
    process_kill(&node->pid);
    assert_no_sanitizer_report(node);
}

void node_pause(const struct node *node)
{
    kill(node->pid, SIGSTOP);
}

void node_continue(const struct node *node)
{
    kill(node->pid, SIGCONT);
}

/* ---- a run to the end ---- */

const struct run *run_seqd(const char *const *flags, const char *environment)
{
    static struct run run;
    static int runs;
    char *arguments[ARGUMENTS_MAX], log[160];
    snprintf(log, sizeof log, "%s/run%d.log", scratch(), runs++);
    const size_t count = arguments_append(arguments, 0, FLAGS(seqd_binary()));
    arguments_append(arguments, count, flags);
    const pid_t pid = process_spawn(arguments, log, environment);
    EVENTUALLY(process_ended(pid, &run.status), START_MS);
    char *text = file_text(log);
    snprintf(run.output, sizeof run.output, "%s", text);
    free(text);
    return &run;
}
