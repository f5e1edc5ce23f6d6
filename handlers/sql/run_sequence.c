/* CREATE, ALTER and DROP SEQUENCE, as the clerk runs them. */
#include "handlers/sql/run.h"

#include "store/administration_table.h"

#include <string.h>

static void skip_missing(struct errand *errand, const struct seq_name *name)
{
    notice_add(&errand->notices, errand->arena, "00000", "relation \"%s\" does not exist, skipping",
               name_bare(name));
}

/* True when the failure is that the sequence is missing, and that is fine. */
static bool may_be_missing(struct errand *errand, const struct seq_name *name)
{
    if (errand->failure.code != ERROR_SEQUENCE_NOT_FOUND)
        return false;
    if (!errand->statement->sequence.if_exists) {
        object_missing(&errand->statement->sequence.objects[0], &errand->failure);
        return false;
    }
    skip_missing(errand, name);
    return true;
}

static bool fail_options(struct errand *errand)
{
    errand->failure = *errand->statement->sequence.options_failure;
    return false;
}

static bool create(struct errand *errand, struct administration *administration, bool *created)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    const struct seq_name *name = &sequence->objects[0].name;
    *created = false;
    if (!sequence->options_failure)
        return administer_create(administration, name, &sequence->options, sequence->if_not_exists,
                                 errand->default_cache, &errand->record, created, &errand->failure);
    /* IF NOT EXISTS skips before any option is looked at. */
    if (sequence->if_not_exists &&
        administer_describe(administration, name, &errand->record, &errand->failure))
        return true;
    return fail_options(errand);
}

bool act_create_sequence(struct errand *errand, struct administration *administration)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    bool created;
    if (!create(errand, administration, &created))
        return false;
    if (!created)
        notice_add(&errand->notices, errand->arena, "42P07",
                   "relation \"%s\" already exists, skipping",
                   name_bare(&sequence->objects[0].name));
    else if (sequence->unlogged)
        notice_add(&errand->notices, errand->arena, "00000",
                   "UNLOGGED makes no difference: seqd keeps every sequence in Redis");
    return true;
}

bool act_alter_sequence(struct errand *errand, struct administration *administration)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    const struct seq_name *name = &sequence->objects[0].name;
    bool fine = sequence->options_failure
                    ? administer_describe(administration, name, &errand->record, &errand->failure)
                    : administer_alter(administration, name, NULL, &sequence->options,
                                       &errand->record, &errand->failure);
    if (!fine)
        return may_be_missing(errand, name);
    return !sequence->options_failure || fail_options(errand);
}

static bool rename_to(struct errand *errand, struct administration *administration,
                      const char *schema, size_t schema_length, const char *bare)
{
    const struct seq_name *name = &errand->statement->sequence.objects[0].name;
    const struct options none = {0};
    if (!name_make(schema, schema_length, bare, &errand->name, &errand->failure))
        return false;
    return administer_alter(administration, name, &errand->name, &none, &errand->record,
                            &errand->failure) ||
           may_be_missing(errand, name);
}

bool act_rename_sequence(struct errand *errand, struct administration *administration)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    const struct seq_name *name = &sequence->objects[0].name;
    size_t schema = (size_t)(name_bare(name) - name->text);
    return rename_to(errand, administration, name->text, schema ? schema - 1 : 0,
                     sequence->new_name);
}

bool act_move_sequence(struct errand *errand, struct administration *administration)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    const struct seq_name *name = &sequence->objects[0].name;
    const char *bare = name_bare(name);
    size_t length = strlen(sequence->new_name);
    if (!administer_describe(administration, name, &errand->record, &errand->failure))
        return may_be_missing(errand, name);
    if (errand->record.definition.owned_by[0]) {
        failure_set(&errand->failure, ERROR_FEATURE_NOT_SUPPORTED,
                    "cannot move an owned sequence into another schema");
        return false;
    }
    const char *schema = bare == name->text ? "public" : name->text;
    size_t schema_length = bare == name->text ? strlen(schema) : (size_t)(bare - schema) - 1;
    if (length == schema_length && memcmp(schema, sequence->new_name, length) == 0)
        return true; /* it is there */
    return rename_to(errand, administration, sequence->new_name, length, bare);
}

bool act_log_sequence(struct errand *errand, struct administration *administration)
{
    const struct seq_name *name = &errand->statement->sequence.objects[0].name;
    return administer_describe(administration, name, &errand->record, &errand->failure) ||
           may_be_missing(errand, name);
}

/* Each once, however often it is named. */
static size_t distinct(const struct sequence_statement *sequence, struct seq_name names[DROP_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < sequence->object_count; i++) {
        size_t before = 0;
        names[count] = sequence->objects[i].name;
        while (strcmp(names[before].text, names[count].text) != 0)
            before++;
        count += before == count;
    }
    return count;
}

/* A notice for each time a missing one is named. */
static void note_missing(struct errand *errand, const struct seq_name *names,
                         const struct drop_outcome *outcomes)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    for (size_t i = 0; i < sequence->object_count; i++) {
        const struct seq_name *name = &sequence->objects[i].name;
        size_t index = 0;
        while (strcmp(names[index].text, name->text) != 0)
            index++;
        if (outcomes[index].missing)
            notice_add(&errand->notices, errand->arena, "00000",
                       "sequence \"%s\" does not exist, skipping", name_bare(name));
    }
}

static void note_cascade(struct errand *errand, const struct drop_outcome *outcome)
{
    const char *column = strrchr(outcome->serial, '.');
    if (!outcome->missing && column)
        notice_add(&errand->notices, errand->arena, "00000",
                   "drop cascades to default value for column %s of table %.*s", column + 1,
                   (int)(column - outcome->serial), outcome->serial);
}

/* A missing sequence may be a table. */
static bool fail_if_table(struct errand *errand, struct administration *administration,
                          const struct seq_name *name)
{
    struct failure ignored;
    struct table *table;
    if (!administer_table(administration, name, &table, &ignored) || !table)
        return false;
    table_release(table);
    failure_set_sqlstate(&errand->failure, ERROR_INVALID_PARAMETER, "42809",
                         "\"%s\" is not a sequence", name_bare(name));
    failure_hint(&errand->failure, "Use DROP TABLE to remove a table.");
    return true;
}

bool act_drop_sequence(struct errand *errand, struct administration *administration)
{
    const struct sequence_statement *sequence = &errand->statement->sequence;
    struct seq_name names[DROP_MAX] = {0};
    struct drop_outcome outcomes[DROP_MAX];
    if (sequence->object_count > DROP_MAX) {
        failure_set(&errand->failure, ERROR_FEATURE_NOT_SUPPORTED,
                    "seqd drops up to %d sequences at once, not %zu", DROP_MAX,
                    sequence->object_count);
        return false;
    }
    size_t count = distinct(sequence, names);
    const struct drop_options options = {.if_exists = sequence->if_exists,
                                         .cascade = sequence->cascade};
    if (!administer_drop(administration, names, count, &options, outcomes, &errand->failure)) {
        for (size_t i = 0; i < count && errand->failure.code == ERROR_SEQUENCE_NOT_FOUND; i++)
            if (strcmp(errand->failure.sequence, names[i].text) == 0)
                fail_if_table(errand, administration, &names[i]);
        return false;
    }
    note_missing(errand, names, outcomes);
    for (size_t i = 0; i < count; i++)
        note_cascade(errand, &outcomes[i]);
    return true;
}
