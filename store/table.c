#include "store/table.h"

#include "store/memory.h"

#include <jansson.h>
#include <stdio.h>

struct table *table_create(void)
{
    struct table *table = must_calloc(1, sizeof *table);
    atomic_init(&table->references, 1);
    return table;
}

struct table *table_share(struct table *table)
{
    atomic_fetch_add(&table->references, 1);
    return table;
}

void table_release(struct table *table)
{
    if (!table || atomic_fetch_sub(&table->references, 1) != 1)
        return;
    free(table->columns);
    free(table);
}

struct table_column *table_add(struct table *table, const char *name)
{
    if (table->column_count == table->capacity) {
        table->capacity = 2 * table->capacity + 4;
        table->columns = must_realloc(table->columns, table->capacity * sizeof *table->columns);
    }
    struct table_column *column = &table->columns[table->column_count++];
    memset(column, 0, sizeof *column);
    snprintf(column->name, sizeof column->name, "%s", name);
    return column;
}

struct table_column *table_find(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

void table_remove(struct table *table, struct table_column *column)
{
    int position = column->position;
    size_t index = (size_t)(column - table->columns);
    table->column_count--;
    memmove(column, column + 1, (table->column_count - index) * sizeof *column);
    for (size_t i = 0; i < table->column_count; i++) {
        int *other = &table->columns[i].position;
        if (position == 0)
            *other = 0; /* who knows which moved */
        else if (*other > position)
            --*other;
    }
}

bool table_has_serials(const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].is_serial)
            return true;
    return false;
}

bool serial_type_parse(const char *name, enum seq_type *type)
{
    static const struct {
        const char *name;
        enum seq_type type;
    } names[] = {{"serial", TYPE_INTEGER},       {"serial4", TYPE_INTEGER},
                 {"bigserial", TYPE_BIGINT},     {"serial8", TYPE_BIGINT},
                 {"smallserial", TYPE_SMALLINT}, {"serial2", TYPE_SMALLINT}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *type = names[i].type;
        if (strcmp(name, names[i].name) == 0)
            return true;
    }
    return false;
}

static const char *const identities[] = {
    [IDENTITY_NONE] = NULL, [IDENTITY_ALWAYS] = "always", [IDENTITY_BY_DEFAULT] = "by default"};

const char *identity_name(enum identity_kind kind)
{
    return identities[kind];
}

static enum identity_kind identity_parse(const char *text)
{
    for (int kind = IDENTITY_ALWAYS; text && kind <= IDENTITY_BY_DEFAULT; kind++)
        if (strcmp(text, identities[kind]) == 0)
            return (enum identity_kind)kind;
    return IDENTITY_NONE;
}

static bool parse_column(struct table *table, const json_t *json)
{
    const char *name, *type = NULL, *identity = NULL, *oid = NULL;
    int position = 0;
    if (json_unpack((json_t *)(uintptr_t)json, "{s:s, s:i, s?s, s?s, s?s}", "name", &name,
                    "position", &position, "type", &type, "identity", &identity, "oid",
                    &oid) != 0 ||
        strlen(name) > NAME_PART_MAX || position < 0 || position > TABLE_COLUMNS_MAX)
        return false;
    struct table_column *column = table_add(table, name);
    column->position = position;
    column->identity = identity_parse(identity);
    column->is_serial = oid != NULL;
    if (!oid)
        return true;
    if (strlen(oid) != ID_SIZE - 1 || !type || !type_parse(type, &column->type))
        return false;
    memcpy(column->oid, oid, ID_SIZE);
    return true;
}

struct table *table_parse(const char *text)
{
    struct table *table = table_create();
    json_t *json = json_loads(text, 0, NULL);
    const json_t *columns = json_object_get(json, "columns");
    table->complete = json_is_true(json_object_get(json, "complete"));
    bool fine = json_is_array(columns);
    for (size_t i = 0; fine && i < json_array_size(columns); i++)
        fine = parse_column(table, json_array_get(columns, i));
    json_decref(json);
    if (fine)
        return table;
    table_release(table);
    return NULL;
}

static json_t *print_column(const struct table_column *column)
{
    json_t *json = json_pack("{s:s, s:i}", "name", column->name, "position", column->position);
    if (column->is_serial)
        json_object_update_new(json,
                               json_pack("{s:s, s:s, s:s*}", "type", type_name(column->type), "oid",
                                         column->oid, "identity", identity_name(column->identity)));
    return json;
}

char *table_print(const struct table *table)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < table->column_count; i++)
        json_array_append_new(columns, print_column(&table->columns[i]));
    json_t *json = json_pack("{s:b, s:o}", "complete", table->complete, "columns", columns);
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(json);
    if (!text)
        abort(); /* names are UTF-8: their statement was */
    return text;
}

bool serial_sequence_name(const struct seq_name *table, const char *column, int pass,
                          struct seq_name *name)
{
    if (!name_is_part(column, strlen(column)))
        return false;
    char label[16] = "seq", text[NAME_MAX_BYTES + 1];
    struct failure ignored;
    const char *bare = name_bare(table);
    size_t schema = (size_t)(bare - table->text);
    if (pass > 0)
        snprintf(label, sizeof label, "seq%d", pass);
    size_t available = NAME_PART_MAX - strlen(label) - 2;
    size_t first = strlen(bare), second = strlen(column);
    while (first + second > available) {
        if (first > second)
            first--;
        else
            second--;
    }
    int length = snprintf(text, sizeof text, "%.*s%.*s_%.*s_%s", (int)schema, table->text,
                          (int)first, bare, (int)second, column, label);
    return name_parse(text, (size_t)length, name, &ignored);
}
