/* Histories as JSON lines: see record.h. */
#include "tests/chaos/record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const record_op_names[OP_COUNT] = {"nextval", "range", "currval", "setval"};

/* ---- in memory ---- */

/* Makes room for one more. */
static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 64 : *room * 2;
    void *more = realloc(items, *room * size);
    if (more == NULL)
        abort();
    return more;
}

static void names_add(struct names *names, const char *text)
{
    names->texts = grown(names->texts, names->count, &names->room, sizeof *names->texts);
    snprintf(names->texts[names->count++], NAME_SIZE, "%s", text);
}

uint16_t names_number(struct names *names, const char *text)
{
    if (names->count == 0)
        names_add(names, "");
    for (size_t i = names->count; i > 0; i--) /* the newest is asked for most */
        if (strncmp(names->texts[i - 1], text, NAME_SIZE - 1) == 0)
            return (uint16_t)(i - 1);
    names_add(names, text);
    return (uint16_t)(names->count - 1);
}

const char *names_text(const struct names *names, size_t number)
{
    return number < names->count ? names->texts[number] : "";
}

void history_add(struct history *history, const struct record *record)
{
    history->records =
        grown(history->records, history->count, &history->room, sizeof *history->records);
    history->records[history->count++] = *record;
}

void history_free(struct history *history)
{
    free(history->records);
    free(history->sequences.texts);
    free(history->generations.texts);
    free(history->codes.texts);
    *history = (struct history){0};
}

/* ---- writing ---- */

/* By hand, as it is done for each request of a load; read back by jansson. */
static int format(char *text, size_t size, const struct record *record,
                  const struct record_names *names)
{
    return snprintf(
        text, size,
        "{\"t_invoke\":%" PRId64 ",\"t_complete\":%" PRId64
        ",\"client\":%u,\"connection\":%u,\"node\":%u,\"op\":\"%s\",\"sequence\":\"%s\","
        "\"generation\":\"%s\",\"from\":%" PRId64 ",\"to\":%" PRId64
        ",\"count\":%u,\"asked\":%u,\"increment\":%" PRId64
        ",\"status\":%u,\"code\":\"%s\",\"retry_after\":%s}",
        record->t_invoke, record->t_complete, record->client, record->connection, record->node,
        record_op_names[record->op], names->sequence, names->generation, record->from, record->to,
        record->count, record->asked, record->increment, record->status, names->code,
        (record->flags & RECORD_RETRY_AFTER) != 0 ? "true" : "false");
}

bool record_write(FILE *file, const struct record *record, const struct record_names *names)
{
    char text[640];
    return format(text, sizeof text, record, names) < (int)sizeof text && fputs(text, file) >= 0 &&
           fputc('\n', file) != EOF;
}

void record_text(const struct history *history, const struct record *record, char *text,
                 size_t size)
{
    format(text, size, record,
           &(struct record_names){
               .sequence = names_text(&history->sequences, record->sequence),
               .generation = names_text(&history->generations, record->generation),
               .code = names_text(&history->codes, record->code),
           });
}

/* ---- reading ---- */

/* Members in the order they are written. */
struct parsed {
    json_int_t t_invoke, t_complete, client, connection, node, from, to, count, asked, increment;
    json_int_t status;
    const char *op, *sequence, *generation, *code;
    int retry_after;
};

static bool unpack(json_t *line, struct parsed *parsed, json_error_t *error)
{
    return json_unpack_ex(line, error, JSON_STRICT,
                          "{s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, "
                          "s:s, s:b}",
                          "t_invoke", &parsed->t_invoke, "t_complete", &parsed->t_complete,
                          "client", &parsed->client, "connection", &parsed->connection, "node",
                          &parsed->node, "op", &parsed->op, "sequence", &parsed->sequence,
                          "generation", &parsed->generation, "from", &parsed->from, "to",
                          &parsed->to, "count", &parsed->count, "asked", &parsed->asked,
                          "increment", &parsed->increment, "status", &parsed->status, "code",
                          &parsed->code, "retry_after", &parsed->retry_after) == 0;
}

static uint8_t op_number(const char *name)
{
    uint8_t op = 0;
    while (op < OP_COUNT && strcmp(record_op_names[op], name) != 0)
        op++;
    return op;
}

static void add_parsed(struct history *history, const struct parsed *parsed)
{
    history_add(history, &(struct record){
                             .t_invoke = parsed->t_invoke,
                             .t_complete = parsed->t_complete,
                             .client = (uint16_t)parsed->client,
                             .connection = (uint16_t)parsed->connection,
                             .node = (uint16_t)parsed->node,
                             .op = op_number(parsed->op),
                             .sequence = names_number(&history->sequences, parsed->sequence),
                             .generation = names_number(&history->generations, parsed->generation),
                             .from = parsed->from,
                             .to = parsed->to,
                             .count = (uint32_t)parsed->count,
                             .asked = (uint32_t)parsed->asked,
                             .increment = parsed->increment,
                             .status = (uint16_t)parsed->status,
                             .code = (uint8_t)names_number(&history->codes, parsed->code),
                             .flags = parsed->retry_after != 0 ? RECORD_RETRY_AFTER : 0,
                         });
}

static bool add_line(struct history *history, const char *text, char *error, size_t size)
{
    struct parsed parsed;
    json_error_t reason;
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, &reason);
    const bool good =
        line != NULL && unpack(line, &parsed, &reason) && op_number(parsed.op) < OP_COUNT;
    if (good)
        add_parsed(history, &parsed);
    else
        snprintf(error, size, "%s in: %.200s", reason.text, text);
    json_decref(line);
    return good;
}

bool history_read(struct history *history, const char *path, char *error, size_t size)
{
    char *text = NULL;
    size_t room = 0;
    bool good = true;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        snprintf(error, size, "cannot open %s", path);
        return false;
    }
    while (good && getline(&text, &room, file) > 0)
        good = add_line(history, text, error, size);
    free(text);
    fclose(file);
    return good;
}
