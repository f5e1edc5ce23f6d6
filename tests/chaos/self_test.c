/* The test of the test: see self_test.h. */
#include "tests/chaos/self_test.h"

#include "tests/chaos/checker.h"
#include "tests/process/process.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { CLIENTS = 8, REQUESTS = 500, BLOCK = 1000, START = 10, STEP = 3, MAXIMUM = 100000000 };

static const char generation[] = "0123456789abcdef";

/* ---- a good history ---- */

/* A run of each client's own per node, as blocks would give it. */
static int64_t value_at(int64_t client, int64_t used)
{
    const int64_t block = used / BLOCK;
    return START + STEP * ((block * CLIENTS + client) * BLOCK + used % BLOCK);
}

static int64_t add_request(struct history *history, uint16_t client, int64_t used, int64_t time,
                           uint32_t count)
{
    history_add(history, &(struct record){
                             .t_invoke = time,
                             .t_complete = time + 200000,
                             .from = value_at(client, used),
                             .to = value_at(client, used) + STEP * (int64_t)(count - 1),
                             .increment = count > 1 ? STEP : 0,
                             .count = count,
                             .asked = count,
                             .client = client,
                             .node = client % 3,
                             .status = 200,
                             .op = count > 1 ? OP_RANGE : OP_NEXTVAL,
                             .sequence = names_number(&history->sequences, "a"),
                             .generation = names_number(&history->generations, generation),
                             .code = (uint8_t)names_number(&history->codes, ""),
                         });
    return used + count;
}

static void good_history(struct history *history, int64_t requests)
{
    for (int client = 0; client < CLIENTS; client++) {
        int64_t used = 0;
        for (int64_t i = 0; i < requests; i++) {
            const int64_t room = BLOCK - used % BLOCK;
            const uint32_t count = i % 10 == 9 && room >= 7 ? 7 : 1;
            used = add_request(history, (uint16_t)client, used, 1000000 * (i + 1), count);
        }
    }
}

static struct facts good_facts(void)
{
    struct facts facts = {.nodes = CLIENTS, .block = BLOCK, .window = BLOCK, .deadline_ms = 2000};
    facts_define(&facts, &(struct definition){.sequence = "a",
                                              .generation = "0123456789abcdef",
                                              .start = START,
                                              .increment = STEP,
                                              .min_value = START,
                                              .max_value = MAXIMUM});
    return facts;
}

/* ---- what is done to it ---- */

struct bench {
    struct history history;
    struct facts facts;
};

/* The client's n-th record of an op. */
static struct record *nth(struct bench *bench, uint16_t client, uint8_t op, int n)
{
    for (size_t i = 0; i < bench->history.count; i++) {
        struct record *record = &bench->history.records[i];
        if (record->client == client && record->op == op && n-- == 0)
            return record;
    }
    abort();
}

static void nothing(struct bench *bench)
{
    (void)bench;
}

static void duplicate(struct bench *bench)
{
    nth(bench, 1, OP_NEXTVAL, 449)->from = nth(bench, 1, OP_NEXTVAL, 449)->to =
        nth(bench, 5, OP_NEXTVAL, 449)->from;
}

static void overlap(struct bench *bench)
{
    struct record *range = nth(bench, 2, OP_RANGE, 49);
    range->from = nth(bench, 6, OP_RANGE, 49)->from + STEP;
    range->to = range->from + STEP * 6;
}

/* A range with somebody's single value in its middle, and a longer one before it. */
static void inside(struct bench *bench)
{
    struct record *last = nth(bench, 0, OP_NEXTVAL, 449);
    last->from = last->to = nth(bench, 7, OP_RANGE, 20)->from + STEP * 3;
}

static void late_duplicate(struct bench *bench)
{
    duplicate(bench);
    nth(bench, 1, OP_NEXTVAL, 449)->code = (uint8_t)names_number(&bench->history.codes, "late");
}

static void beyond_maximum(struct bench *bench)
{
    struct record *record = nth(bench, 3, OP_NEXTVAL, 449);
    record->from = record->to = START + (int64_t)STEP * (MAXIMUM / STEP);
}

static void off_grid(struct bench *bench)
{
    struct record *record = nth(bench, 3, OP_NEXTVAL, 10);
    record->from = record->to = record->from + 1;
}

static void unknown_generation(struct bench *bench)
{
    nth(bench, 3, OP_NEXTVAL, 10)->generation = names_number(&bench->history.generations, "ffff");
}

/* One that began meanwhile, of a sequence of which it is known what those may be. */
static void later_generation(struct bench *bench)
{
    struct definition later = bench->facts.definitions[0];
    later.generation[0] = '\0';
    facts_define(&bench->facts, &later);
    unknown_generation(bench);
}

static void later_generation_beyond(struct bench *bench)
{
    struct record *record = nth(bench, 3, OP_NEXTVAL, 10);
    later_generation(bench);
    record->from = record->to = MAXIMUM + 1;
}

static void swapped(struct bench *bench)
{
    struct record *left = nth(bench, 4, OP_NEXTVAL, 100), *right = left + 1;
    const int64_t value = left->from;
    left->from = left->to = right->from;
    right->from = right->to = value;
}

static void wrong_count(struct bench *bench)
{
    nth(bench, 4, OP_RANGE, 10)->count = 6;
}

static void too_few(struct bench *bench)
{
    struct record *range = nth(bench, 4, OP_RANGE, 10);
    range->count--;
    range->to -= STEP;
}

static void undocumented(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record->status = 500;
    record->count = 0;
}

static void broken_body(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record->code = (uint8_t)names_number(&bench->history.codes, "invalid_body");
    record->count = 0;
}

static void wasteful(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 449);
    record->from = record->to = value_at(4, BLOCK * 10);
}

static void slow(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record->t_complete = record->t_invoke + 2200000000;
}

static void slow_but_paused(struct bench *bench)
{
    slow(bench);
    const struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    facts_pause(&bench->facts, record->node, record->t_invoke, record->t_complete);
}

static void no_retry_after(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record->count = 0;
    record->status = 503;
    record->code = (uint8_t)names_number(&bench->history.codes, "store_unavailable");
}

/* Refused in an outage, and the first values come 100 ms after it, when 50 are allowed. */
static void slow_recovery(struct bench *bench)
{
    facts_outage(&bench->facts, 100000000, 150000000);
    bench->facts.recovery_ms = 50;
    for (size_t i = 0; i < bench->history.count; i++) {
        struct record *record = &bench->history.records[i];
        if (record->t_invoke >= 100000000 && record->t_invoke < 250000000) {
            record->count = 0;
            record->status = 503;
            record->flags = RECORD_RETRY_AFTER;
            record->code = (uint8_t)names_number(&bench->history.codes, "store_unavailable");
        }
    }
}

static void wrong_currval(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record[1] = *record;
    record[1].op = OP_CURRVAL;
    record[1].from = record[1].to = record->from - STEP;
}

static void ignored_setval(struct bench *bench)
{
    struct record *record = nth(bench, 4, OP_NEXTVAL, 10);
    record->op = OP_SETVAL;
    record->from = record->to = record->from + 100 * STEP;
}

static void crashed(struct bench *bench)
{
    bench->facts.ended_known = true;
    bench->facts.crashes = 1;
}

static void open_after_loss(struct bench *bench)
{
    bench->facts.closed = (struct interval){200000000, 400000000};
    bench->facts.closed_values = 100;
}

static void expectation(struct bench *bench)
{
    facts_expect(&bench->facts, false, "%s", "something else");
}

static void metrics_differ(struct bench *bench)
{
    bench->facts.metrics_known = true;
    bench->facts.metric_values = 3;
}

/* ---- the cases ---- */

static const struct example {
    const char *name;
    void (*change)(struct bench *bench);
    const char *rule; /* the one that must fail; NULL: none may */
} examples[] = {
    {"a good history", nothing, NULL},
    {"a value twice", duplicate, "R1"},
    {"overlapping ranges", overlap, "R1"},
    {"a value out of another's range", inside, "R1"},
    {"a value twice, once late", late_duplicate, "R1"},
    {"a value beyond the maximum", beyond_maximum, "R2"},
    {"a value off the grid", off_grid, "R3"},
    {"an unknown generation", unknown_generation, "R2"},
    {"a generation that began meanwhile", later_generation, NULL},
    {"the same, a value beyond the maximum", later_generation_beyond, "R2"},
    {"two values swapped on a connection", swapped, "R4"},
    {"a count that is not the range's", wrong_count, "R5"},
    {"fewer values than asked for", too_few, "R5"},
    {"a gap too large", wasteful, "R6"},
    {"a slow reply", slow, "R7"},
    {"a slow reply of a stopped node", slow_but_paused, NULL},
    {"a 503 without Retry-After", no_retry_after, "R7"},
    {"refused for too long after an outage", slow_recovery, "R8"},
    {"another currval", wrong_currval, "R9"},
    {"a setval without effect", ignored_setval, "R10"},
    {"an undocumented status", undocumented, "R11"},
    {"a body that is not JSON", broken_body, "R11"},
    {"a crash", crashed, "R12"},
    {"values after a loss", open_after_loss, "R13"},
    {"metrics that count otherwise", metrics_differ, "R14"},
    {"what the fault does not expect", expectation, "R0"},
};

/* To a file and back, so that writing and reading are tested, too. */
static void through_file(struct bench *bench)
{
    char path[128], error[300];
    struct history copy = {0};
    snprintf(path, sizeof path, "%s/self-test.jsonl", scratch());
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file != NULL && i < bench->history.count; i++) {
        const struct record *record = &bench->history.records[i];
        record_write(file, record,
                     &(struct record_names){
                         names_text(&bench->history.sequences, record->sequence),
                         names_text(&bench->history.generations, record->generation),
                         names_text(&bench->history.codes, record->code),
                     });
    }
    if (file == NULL || fclose(file) != 0 || !history_read(&copy, path, error, sizeof error))
        die("%s: %s", path, file == NULL ? "cannot be written" : error);
    history_free(&bench->history);
    bench->history = copy;
}

static void facts_through_file(struct facts *facts)
{
    char path[128], error[300];
    snprintf(path, sizeof path, "%s/self-test-facts.jsonl", scratch());
    if (!facts_write(facts, path, error, sizeof error) ||
        !facts_read(facts, path, error, sizeof error))
        die("%s", error);
}

static bool run(const struct example *example)
{
    struct report report;
    struct bench bench = {.facts = good_facts()};
    good_history(&bench.history, REQUESTS);
    example->change(&bench);
    through_file(&bench);
    facts_through_file(&bench.facts);
    const bool good = history_check(&bench.history, &bench.facts, &report);
    const bool right = example->rule == NULL ? good : report_failed(&report, example->rule);
    printf("%-4s %-40s %s\n", right ? "ok" : "NOT", example->name,
           example->rule == NULL ? "passes" : example->rule);
    if (!right)
        report_print(&report, stdout);
    history_free(&bench.history);
    return right;
}

bool self_test(void)
{
    bool good = true;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        good = run(&examples[i]) && good;
    return good;
}

bool self_test_large(int64_t requests)
{
    struct report report;
    struct rusage usage;
    struct history history = {0};
    struct facts facts = good_facts();
    facts.definitions[0].max_value = INT64_MAX;
    good_history(&history, requests / CLIENTS);
    const int64_t began = now_ms();
    const bool good = history_check(&history, &facts, &report);
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu records checked in %" PRId64 " ms, %ld MiB\n", history.count, now_ms() - began,
           usage.ru_maxrss / 1024);
    report_print(&report, stdout);
    history_free(&history);
    return good;
}
