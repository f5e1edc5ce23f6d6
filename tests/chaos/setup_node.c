/* seqd as a process of the run: see setups.h. */
#include "tests/chaos/http.h"
#include "tests/chaos/setups.h"
#include "tests/process/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { START_MS = 30000 };

void node_prepare(struct node *node, const char *binary, const char *directory, int number,
                  const char *redis_url, const char *const *more)
{
    *node = (struct node){.port = free_port()};
    snprintf(node->log, sizeof node->log, "%s/seqd%d.log", directory, number);
    snprintf(node->listen, sizeof node->listen, "127.0.0.1:%d", node->port);
    snprintf(node->data, sizeof node->data, "%s/seqd%d", directory, number);
    snprintf(node->redis_url, sizeof node->redis_url, "%s", redis_url);
    mkdir(node->data, 0755); /* it remembers ceilings there */
    const char *const first[] = {binary,          "--listen",   node->listen, "--redis",
                                 node->redis_url, "--data-dir", node->data};
    size_t count = sizeof first / sizeof *first;
    memcpy(node->words, first, sizeof first);
    for (size_t i = 0; more != NULL && more[i] != NULL && count < WORDS_MAX - 1; i++)
        node->words[count++] = more[i];
}

bool node_serves(const struct node *node, bool ready)
{
    const int status = http_call(node->port, "GET", ready ? "/readyz" : "/livez", NULL, NULL);
    return status == 200;
}

static void spawn(struct node *node)
{
    const char *words[WORDS_MAX + 16];
    size_t count = 0;
    for (size_t i = 0; node->wrapper != NULL && node->wrapper[i] != NULL && count < 15; i++)
        words[count++] = node->wrapper[i];
    for (size_t i = 0; node->words[i] != NULL; i++)
        words[count++] = node->words[i];
    words[count] = NULL;
    node->pid = process_start(&(struct command){
        .arguments = words, .log = node->log, .death_signal = SIGKILL, .group = node->group});
}

void node_start(struct node *node, bool ready)
{
    const int64_t until = now_ms() + START_MS;
    int status;
    spawn(node);
    while (!node_serves(node, ready)) {
        if (process_ended(node->pid, &status) || now_ms() > until) {
            char *text = file_read(node->log);
            die("seqd does not start: %s", text == NULL ? "" : text);
        }
        pause_ms(5);
    }
}

/* ---- ending ---- */

void node_look(struct node *node)
{
    int status;
    if (node->pid == 0 || !process_ended(node->pid, &status))
        return;
    node->pid = 0;
    if (node->may_abort && status == 128 + SIGABRT) {
        node->aborts++;
        return;
    }
    fprintf(stderr, "seqd ended with %d; its log is %s\n", status, node->log);
    node->ended_badly++;
}

void node_kill(struct node *node)
{
    node_look(node);
    if (node->pid != 0) {
        process_stop(node->pid, SIGKILL);
        node->pid = 0;
    }
}

void node_stop(struct node *node)
{
    node_look(node);
    if (node->pid != 0) {
        node->ended_badly += process_stop(node->pid, SIGTERM) != 0;
        node->pid = 0;
    }
}

void node_signal(const struct node *node, int signal)
{
    if (node->pid != 0)
        kill(node->pid, signal);
}

/* ---- looking at it ---- */

int64_t node_sanitizer_reports(const struct node *node)
{
    char *text = file_read(node->log);
    int64_t reports = 0;
    for (const char *at = text; at != NULL && (at = strpbrk(at, "Sr")) != NULL; at++)
        reports += strncmp(at, "SUMMARY: ", 9) == 0 || strncmp(at, "runtime error:", 14) == 0;
    free(text);
    return reports;
}

int64_t node_descriptors(const struct node *node)
{
    char path[64];
    int64_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)node->pid);
    DIR *directory = opendir(path);
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

int64_t node_rss_kib(const struct node *node)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)node->pid);
    char *text = file_read(path);
    const char *line = text == NULL ? NULL : strstr(text, "VmRSS:");
    const int64_t kib = line == NULL ? 0 : strtoll(line + strlen("VmRSS:"), NULL, 10);
    free(text);
    return kib;
}

int64_t node_metric(const struct node *node, const char *name)
{
    char *text, line[100];
    snprintf(line, sizeof line, "\n%s ", name);
    const int status = http_call(node->port, "GET", "/metrics", NULL, &text);
    const char *at = status == 200 ? strstr(text, line) : NULL;
    const int64_t value = at == NULL ? -1 : strtoll(at + strlen(line), NULL, 10);
    free(text);
    return value;
}

/* ---- sequences ---- */

/* A number, or "auto": not known. */
static int64_t cache_of(const json_t *reply)
{
    return json_integer_value(json_object_get(reply, "cache"));
}

/* 503: it is made, but the replicas have not said so in time. Asked again, it is there. */
static json_t *create(const struct node *node, const char *body)
{
    const int64_t until = now_ms() + START_MS;
    for (;;) {
        char *text;
        const int status = http_call(node->port, "POST", "/v1/sequences", body, &text);
        json_t *reply = json_loads(text, 0, NULL);
        if (status == 200 || status == 201) {
            free(text);
            return reply;
        }
        if (status != 503 || now_ms() > until)
            die("%s was answered with %d: %s", body, status, text);
        json_decref(reply);
        free(text);
        pause_ms(100);
    }
}

void sequence_create(const struct node *node, const char *body, struct facts *facts)
{
    json_int_t start, increment, min_value, max_value;
    const char *generation, *name;
    int cycle;
    json_t *reply = create(node, body);
    if (json_unpack(reply, "{s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "name", &name, "generation",
                    &generation, "start", &start, "increment", &increment, "min_value", &min_value,
                    "max_value", &max_value, "cycle", &cycle) != 0)
        die("%s was answered with something else than a sequence", body);
    struct definition definition = {.start = start,
                                    .increment = increment,
                                    .min_value = min_value,
                                    .max_value = max_value,
                                    .cache = cache_of(reply),
                                    .cycle = cycle != 0};
    snprintf(definition.generation, NAME_SIZE, "%s", generation);
    snprintf(definition.sequence, NAME_SIZE, "%s", name);
    facts_define(facts, &definition);
    json_decref(reply);
}
