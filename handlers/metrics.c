/* GET /metrics: the Prometheus text format, version 0.0.4. */
#include "handlers/handlers.h"
#include "handlers/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)counter, memory_order_relaxed);
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void scalar(FILE *out, const char *name, const char *type, const char *help, int64_t value)
{
    head(out, name, type, help);
    fprintf(out, "%s %" PRId64 "\n", name, value);
}

/* Buckets are cumulative, in seconds. `label` is empty, or `name="value"`. */
static void histogram(FILE *out, const char *name, const char *label,
                      const uint64_t buckets[LATENCY_BUCKETS], uint64_t sum_ns)
{
    static const int64_t bounds_us[] = LATENCY_BOUNDS_US;
    const char *comma = *label ? "," : "", *open = *label ? "{" : "", *close = *label ? "}" : "";
    uint64_t total = 0;
    for (size_t i = 0; i < LATENCY_BUCKETS - 1; i++) {
        total += buckets[i];
        fprintf(out, "%s_bucket{%s%sle=\"%" PRId64 ".%06" PRId64 "\"} %" PRIu64 "\n", name, label,
                comma, bounds_us[i] / 1000000, bounds_us[i] % 1000000, total);
    }
    total += buckets[LATENCY_BUCKETS - 1];
    fprintf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, label, comma, total);
    fprintf(out, "%s_sum%s%s%s %" PRIu64 ".%09" PRIu64 "\n", name, open, label, close,
            sum_ns / 1000000000, sum_ns % 1000000000);
    fprintf(out, "%s_count%s%s%s %" PRIu64 "\n", name, open, label, close, total);
}

static const char *operation(size_t slot)
{
    return slot == 0 ? "none" : routes[slot - 1].operation;
}

static uint64_t requests(const struct app *app, size_t slot, size_t status)
{
    uint64_t total = 0;
    for (size_t i = 0; i < app->worker_count; i++)
        total += read_counter(&app->workers[i]->counters.requests[slot][status]);
    return total;
}

static void print_requests(FILE *out, const struct app *app)
{
    head(out, "seqd_http_requests_total", "counter", "Requests answered, by route and status.");
    for (size_t slot = 0; slot <= route_count; slot++)
        for (size_t status = 0; status < STATUS_SLOTS; status++) {
            uint64_t total = requests(app, slot, status);
            if (total > 0)
                fprintf(out, "seqd_http_requests_total{route=\"%s\",status=\"%d\"} %" PRIu64 "\n",
                        operation(slot), http_statuses[status], total);
        }
}

static void print_latencies(FILE *out, const struct app *app)
{
    head(out, "seqd_http_request_duration_seconds", "histogram",
         "From a request's first line to its answer, by route.");
    for (size_t slot = 0; slot <= route_count; slot++) {
        char label[64];
        uint64_t buckets[LATENCY_BUCKETS] = {0}, sum_ns = 0, any = 0;
        for (size_t i = 0; i < app->worker_count; i++) {
            const struct histogram *own = &app->workers[i]->counters.latency[slot];
            for (size_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++)
                buckets[bucket] += read_counter(&own->buckets[bucket]);
            sum_ns += read_counter(&own->sum_ns);
        }
        for (size_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++)
            any |= buckets[bucket];
        snprintf(label, sizeof label, "route=\"%s\"", operation(slot));
        if (any)
            histogram(out, "seqd_http_request_duration_seconds", label, buckets, sum_ns);
    }
}

/* Sums of the loops' own counters. */
static const struct {
    const char *name, *type, *help;
    size_t offset;
} loop_counters[] = {
    {"seqd_values_total", "counter", "Values handed out.", offsetof(struct http_counters, values)},
    {"seqd_cache_hits_total", "counter", "Requests for values answered from memory.",
     offsetof(struct http_counters, cache_hits)},
    {"seqd_http_timeouts_total", "counter", "Requests that passed their deadline.",
     offsetof(struct http_counters, timeouts)},
    {"seqd_http_connections_total", "counter", "Connections accepted.",
     offsetof(struct http_counters, connections_total)},
    {"seqd_http_connections_refused_total", "counter",
     "Connections refused because there were too many.",
     offsetof(struct http_counters, connections_refused)},
    {"seqd_http_connections", "gauge", "Connections open now.",
     offsetof(struct http_counters, connections)},
};

static void print_loops(FILE *out, struct app *app)
{
    for (size_t row = 0; row < sizeof loop_counters / sizeof *loop_counters; row++) {
        uint64_t total = 0;
        for (size_t i = 0; i < app->worker_count; i++)
            total += read_counter((const void *)((const char *)&app->workers[i]->counters +
                                                 loop_counters[row].offset));
        scalar(out, loop_counters[row].name, loop_counters[row].type, loop_counters[row].help,
               (int64_t)total);
    }
    scalar(out, "seqd_waiting_requests", "gauge", "Requests that wait for the store now.",
           atomic_load(&app->waiting));
}

static void print_durability(FILE *out, struct store *store)
{
    char class[96];
    store_durability(store, class, sizeof class);
    head(out, "seqd_durability", "gauge",
         "1 when numbers are handed out only below a ceiling proved to survive, 0 when not.");
    fprintf(out, "seqd_durability{class=\"%s\"} %d\n", class, store_is_guarded(store));
}

static void print_store(FILE *out, struct store *store)
{
    char why[200];
    const struct store_counters *counters = store_counters(store);
    uint64_t buckets[LATENCY_BUCKETS];
#define X(member, metric, help)                                                                    \
    scalar(out, metric, "counter", help, (int64_t)read_counter(&counters->member));
    STORE_COUNTERS(X)
#undef X
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        buckets[i] = read_counter(&counters->reservation_latency.buckets[i]);
    head(out, "seqd_reservation_duration_seconds", "histogram",
         "From a reservation's wish to Redis' answer.");
    histogram(out, "seqd_reservation_duration_seconds", "", buckets,
              read_counter(&counters->reservation_latency.sum_ns));
    scalar(out, "seqd_store_up", "gauge", "1 when Redis answers and takes writes.",
           store_is_ready(store, why, sizeof why));
    print_durability(out, store);
    scalar(out, "seqd_known_sequences", "gauge", "Sequences known to this node.",
           store_known_sequences(store));
}

struct sequence_lines {
    FILE *remaining, *exhausted;
};

static void print_sequence(struct sequence *sequence, void *context)
{
    const struct sequence_lines *lines = context;
    int64_t remaining = sequence_remaining(sequence);
    int64_t exhausted = atomic_load_explicit(&sequence->exhausted, memory_order_relaxed);
    if (remaining >= 0)
        fprintf(lines->remaining, "seqd_sequence_remaining{sequence=\"%s\"} %" PRId64 "\n",
                sequence->name.text, remaining);
    if (exhausted > 0)
        fprintf(lines->exhausted, "seqd_sequence_exhausted_total{sequence=\"%s\"} %" PRId64 "\n",
                sequence->name.text, exhausted);
}

/* Not more than so many: names come from clients, and each label costs Prometheus. */
static void print_sequences(FILE *out, struct app *app)
{
    char *texts[2];
    size_t sizes[2];
    struct sequence_lines lines = {open_memstream(&texts[0], &sizes[0]),
                                   open_memstream(&texts[1], &sizes[1])};
    store_visit(app->store, app->metrics_sequences, print_sequence, &lines);
    fclose(lines.remaining);
    fclose(lines.exhausted);
    head(out, "seqd_sequence_remaining", "gauge",
         "Values left before the bound that no node has reserved, as far as this node knows.");
    fputs(texts[0], out);
    head(out, "seqd_sequence_exhausted_total", "counter",
         "Requests refused because this sequence is exhausted.");
    fputs(texts[1], out);
    free(texts[0]);
    free(texts[1]);
}

static void print_process(FILE *out)
{
    char line[128];
    FILE *statm = fopen("/proc/self/statm", "r");
    if (!statm)
        return;
    const char *resident = fgets(line, sizeof line, statm) ? strchr(line, ' ') : NULL;
    if (resident)
        scalar(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
               strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE));
    fclose(statm);
}

void handle_metrics(struct request *request)
{
    struct app *app = request->worker->app;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    print_requests(out, app);
    print_latencies(out, app);
    print_loops(out, app);
    print_store(out, app->store);
    print_sequences(out, app);
    print_process(out);
    fclose(out);
    reply_text(request, "text/plain; version=0.0.4; charset=utf-8", text);
    free(text);
}
