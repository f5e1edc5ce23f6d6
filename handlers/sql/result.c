/* What statements leave behind, as the JSON that is replied. */
#include "handlers/sql/run.h"

#include <string.h>

struct text *run_result(struct run *run, const char *command)
{
    struct text *text = &run->results;
    bool first = text->length == strlen(RUN_REPLY_BEGIN);
    text_put(text, first ? "{\"command\": \"" : ", {\"command\": \"");
    text_put(text, command);
    text_put(text, "\"");
    return text;
}

void run_result_end(struct run *run)
{
    text_put(&run->results, "}");
}

void run_put_columns(struct text *text, const struct select *select)
{
    text_put(text, ", \"columns\": [");
    for (size_t i = 0; i < select->item_count; i++) {
        text_put(text, i ? ", " : "");
        text_put_string(text, select->items[i].label);
    }
    text_put(text, "], \"rows\": [");
}

void run_put_value(struct text *text, enum sql_type type, const struct value *value,
                   bool int64_as_string)
{
    if (value->is_null) {
        text_put(text, "null");
    } else if (is_integer_type(type)) {
        bool quoted = int64_as_string && type == SQL_BIGINT;
        text_put(text, quoted ? "\"" : "");
        text_put_integer(text, value->integer);
        text_put(text, quoted ? "\"" : "");
    } else if (type == SQL_BOOLEAN) {
        text_put(text, value->integer ? "true" : "false");
    } else {
        text_put(text, "\"");
        text_add_escaped(text, value->text, value->length);
        text_put(text, "\"");
    }
}

void run_note(struct run *run, const struct notices *notices)
{
    for (const struct notice *notice = notices->first; notice; notice = notice->next) {
        struct text *text = &run->notices;
        text_put(text, text->length > 0 ? ", {\"sqlstate\": " : "{\"sqlstate\": ");
        text_put_string(text, notice->sqlstate);
        text_put(text, ", \"message\": ");
        text_put_string(text, notice->message);
        text_put(text, "}");
    }
}
