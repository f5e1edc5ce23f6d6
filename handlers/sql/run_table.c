/* CREATE, ALTER and DROP TABLE: the clerk does to the sequences what is to be done, and the
 * statement goes on to the shard. */
#include "handlers/sql/run.h"

#include "store/administration_table.h"

bool act_create_table(struct errand *errand, struct administration *administration)
{
    const struct table_statement *table = &errand->statement->table;
    const struct seq_name *name = &table->names[0].object.name;
    struct failure *failure = &errand->failure;
    struct table *known;
    if (!administer_table(administration, name, &known, failure))
        return false;
    table_release(known);
    if (known && table->if_not_exists)
        return true; /* the shard says whether it has it */
    if (table->options_failure) {
        *failure = *table->options_failure;
        return false;
    }
    if (administer_describe(administration, name, &errand->record, failure)) {
        failure_set(failure, ERROR_SEQUENCE_EXISTS, "relation \"%s\" already exists",
                    name_bare(name));
        return false;
    }
    return failure->code == ERROR_SEQUENCE_NOT_FOUND &&
           administer_create_table(administration, name, errand->wanted, table->options,
                                   errand->default_cache, failure);
}

bool act_alter_table(struct errand *errand, struct administration *administration)
{
    const struct table_statement *table = &errand->statement->table;
    return administer_alter_table(administration, &table->names[0].object.name, table->changes,
                                  table->change_count, &errand->failure);
}

/* True when it is a sequence, and no table that is known: not to be dropped. */
static bool fail_if_sequence(struct errand *errand, struct administration *administration,
                             const struct seq_name *name)
{
    struct failure failure;
    struct table *table = NULL;
    if (!administer_describe(administration, name, &errand->record, &failure) ||
        !administer_table(administration, name, &table, &failure) || table) {
        table_release(table);
        return false;
    }
    failure_set_sqlstate(&errand->failure, ERROR_INVALID_PARAMETER, "42809",
                         "\"%s\" is not a table", name_bare(name));
    failure_hint(&errand->failure, "Use DROP SEQUENCE to remove a sequence.");
    return true;
}

bool act_drop_table(struct errand *errand, struct administration *administration)
{
    const struct table_statement *table = &errand->statement->table;
    bool known, fine = true;
    for (size_t i = 0; i < table->name_count; i++)
        if (table->names[i].is_kept &&
            fail_if_sequence(errand, administration, &table->names[i].object.name))
            return false;
    for (size_t i = 0; i < table->name_count && fine; i++)
        fine = !table->names[i].is_kept ||
               administer_drop_table(administration, &table->names[i].object.name, &known,
                                     &errand->failure);
    return fine;
}

bool act_serial_sequence(struct errand *errand, struct administration *administration)
{
    return administer_serial_sequence(administration, &errand->objects[0].name, errand->texts[1],
                                      &errand->name, &errand->found, &errand->failure);
}

static bool is_for_clerk(const struct statement *statement)
{
    const struct table_statement *table = &statement->table;
    switch (statement->kind) {
    case STATEMENT_CREATE_TABLE:
        return table_has_serials(table->wanted);
    case STATEMENT_ALTER_TABLE:
        return table->change_count > 0;
    default:
        return true;
    }
}

static enum progress put_statement(struct run *run, const char *command)
{
    const struct statement *statement = run->statement;
    struct text *text = run_result(run, command);
    text_put(text, ", \"sql\": \"");
    edits_write(&statement->table.edits, statement->begin, statement->end, text);
    text_put(text, "\"");
    run_result_end(run);
    return PROGRESS_DONE;
}

enum progress run_table(struct run *run)
{
    static const struct {
        const char *command;
        bool (*act)(struct errand *errand, struct administration *administration);
    } kinds[STATEMENT_KINDS] = {
        [STATEMENT_CREATE_TABLE] = {"CREATE TABLE", act_create_table},
        [STATEMENT_ALTER_TABLE] = {"ALTER TABLE", act_alter_table},
        [STATEMENT_DROP_TABLE] = {"DROP TABLE", act_drop_table},
    };
    struct statement *statement = run->statement;
    if (!run->errand && is_for_clerk(statement)) {
        struct errand *errand = run_errand(run, kinds[statement->kind].act);
        errand->statement = statement;
        errand->wanted = statement->table.wanted; /* the errand's from now on */
        statement->table.wanted = NULL;
        return run_submit(run);
    }
    if (run->errand && !run_errand_fine(run))
        return PROGRESS_FAILED;
    return put_statement(run, kinds[statement->kind].command);
}
