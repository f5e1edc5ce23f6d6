#include "handlers/sql/relation.h"

#include "store/decimal.h"

#include <string.h>

/* Every getter has the same head. What it does not need it does not name. */
#define GETTER(function)                                                                           \
    static void function(const struct seq_name *name, const struct record *record,                 \
                         struct arena *arena, struct value *value)

/* An integer of the record: as it is, and in decimal for the information schema. */
#define INTEGER(column, expression)                                                                \
    GETTER(column)                                                                                 \
    {                                                                                              \
        (void)name, (void)arena;                                                                   \
        *value = (struct value){.integer = (expression)};                                          \
    }                                                                                              \
    GETTER(column##_text)                                                                          \
    {                                                                                              \
        struct value integer;                                                                      \
        column(name, record, arena, &integer);                                                     \
        char *digits = arena_alloc(arena, DECIMAL_SIZE);                                           \
        *value = (struct value){.text = digits, .length = decimal_write(digits, integer.integer)}; \
    }

#define TEXT(column, expression)                                                                   \
    GETTER(column)                                                                                 \
    {                                                                                              \
        (void)name, (void)record, (void)arena;                                                     \
        const char *text = (expression);                                                           \
        *value = (struct value){.text = text, .length = strlen(text)};                             \
    }

INTEGER(start_value, record->definition.start)
INTEGER(min_value, record->definition.min_value)
INTEGER(max_value, record->definition.max_value)
INTEGER(increment, record->definition.increment)
TEXT(bare_name, name_bare(name))
TEXT(data_type, type_name(record->definition.type))
TEXT(cycle_option, record->definition.cycle ? "YES" : "NO")
TEXT(owner, "seqd") /* roles are the shards' business; so are databases */

GETTER(schema)
{
    const char *bare = name_bare(name);
    const char *text = bare == name->text
                           ? "public"
                           : arena_copy(arena, name->text, (size_t)(bare - name->text) - 1);
    (void)record;
    *value = (struct value){.text = text, .length = strlen(text)};
}

GETTER(cycle)
{
    (void)name, (void)arena;
    *value = (struct value){.integer = record->definition.cycle};
}

GETTER(cache_size)
{
    (void)name, (void)arena;
    int64_t cache = record->definition.cache;
    *value = (struct value){.is_null = cache == CACHE_AUTO, .integer = cache};
}

GETTER(last_value)
{
    (void)name, (void)arena;
    *value = (struct value){.integer = record_position(record).last_value};
}

GETTER(is_called)
{
    (void)name, (void)arena;
    *value = (struct value){.integer = record_position(record).is_called};
}

GETTER(last_value_if_called)
{
    last_value(name, record, arena, value);
    value->is_null = !record_position(record).is_called;
}

/* How many values PostgreSQL's write-ahead log is ahead: there is no such log here. */
GETTER(log_cnt)
{
    (void)name, (void)record, (void)arena;
    *value = (struct value){.integer = 0};
}

GETTER(numeric_precision)
{
    static const int64_t bits[] = {[TYPE_SMALLINT] = 16, [TYPE_INTEGER] = 32, [TYPE_BIGINT] = 64};
    (void)name, (void)arena;
    *value = (struct value){.integer = bits[record->definition.type]};
}

GETTER(numeric_radix)
{
    (void)name, (void)record, (void)arena;
    *value = (struct value){.integer = 2};
}

GETTER(numeric_scale)
{
    (void)name, (void)record, (void)arena;
    *value = (struct value){.integer = 0};
}

static const struct relation_column sequence_columns[] = {
    {"last_value", SQL_BIGINT, last_value},
    {"log_cnt", SQL_BIGINT, log_cnt},
    {"is_called", SQL_BOOLEAN, is_called},
};

static const struct relation_column pg_sequences_columns[] = {
    {"schemaname", SQL_TEXT, schema},
    {"sequencename", SQL_TEXT, bare_name},
    {"sequenceowner", SQL_TEXT, owner},
    {"data_type", SQL_TEXT, data_type},
    {"start_value", SQL_BIGINT, start_value},
    {"min_value", SQL_BIGINT, min_value},
    {"max_value", SQL_BIGINT, max_value},
    {"increment_by", SQL_BIGINT, increment},
    {"cycle", SQL_BOOLEAN, cycle},
    {"cache_size", SQL_BIGINT, cache_size},
    {"last_value", SQL_BIGINT, last_value_if_called},
};

static const struct relation_column information_schema_columns[] = {
    {"sequence_catalog", SQL_TEXT, owner},
    {"sequence_schema", SQL_TEXT, schema},
    {"sequence_name", SQL_TEXT, bare_name},
    {"data_type", SQL_TEXT, data_type},
    {"numeric_precision", SQL_INTEGER, numeric_precision},
    {"numeric_precision_radix", SQL_INTEGER, numeric_radix},
    {"numeric_scale", SQL_INTEGER, numeric_scale},
    {"start_value", SQL_TEXT, start_value_text},
    {"minimum_value", SQL_TEXT, min_value_text},
    {"maximum_value", SQL_TEXT, max_value_text},
    {"increment", SQL_TEXT, increment_text},
    {"cycle_option", SQL_TEXT, cycle_option},
};

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

const struct relation sequence_relation = {NULL, NULL, COLUMNS(sequence_columns)};

static const struct relation views[] = {
    {"pg_catalog", "pg_sequences", COLUMNS(pg_sequences_columns)},
    {"information_schema", "sequences", COLUMNS(information_schema_columns)},
};

const struct relation *relation_find(const char *wanted_schema, const char *name)
{
    const char *in = wanted_schema ? wanted_schema : "pg_catalog";
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (strcmp(in, views[i].schema) == 0 && strcmp(name, views[i].name) == 0)
            return &views[i];
    return NULL;
}

int relation_column(const struct relation *relation, const char *name)
{
    for (size_t i = 0; i < relation->column_count; i++)
        if (strcmp(name, relation->columns[i].name) == 0)
            return (int)i;
    return -1;
}
