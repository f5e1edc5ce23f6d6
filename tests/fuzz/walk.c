#include "tests/fuzz/check.h"

#include <string.h>

static void walk_statement(struct walk *walk)
{
    switch (walk->statement->kind) {
    case STATEMENT_SELECT:
        walk_select(walk);
        break;
    case STATEMENT_INSERT:
        walk_insert(walk);
        break;
    case STATEMENT_CREATE_TABLE:
    case STATEMENT_ALTER_TABLE:
    case STATEMENT_DROP_TABLE:
        walk_table(walk);
        break;
    case STATEMENT_DISCARD_SEQUENCES:
    case STATEMENT_DISCARD_ALL:
        break;
    default:
        walk_sequence(walk);
    }
}

/* False: it failed, or there is none any more. */
static bool parse_next(struct walk *walk, bool *fine)
{
    struct parser *parser = &walk->parser;
    const char *before = parser->at;
    arena_clear(walk->arena);
    walk->statement = arena_alloc(walk->arena, sizeof *walk->statement);
    *fine = parse_statement(parser, walk->statement);
    check_notices(&parser->notices);
    if (!*fine) {
        check_failure(walk, &parser->failure);
        return false;
    }
    CHECK(parser->depth == 0);
    CHECK(parser->at <= walk->end);
    if (walk->statement->kind == STATEMENT_NONE) {
        CHECK(parser->at == walk->end);
        return false;
    }
    CHECK(parser->at > before || parser->token.kind == TOKEN_END);
    const struct statement *statement = walk->statement;
    CHECK(statement->begin >= walk->text && statement->begin < statement->end);
    CHECK(statement->end <= parser->token.begin);
    return true;
}

bool walk_text(struct walk *walk, const char *text, size_t size, bool checked)
{
    bool fine;
    *walk = (struct walk){
        .text = text, .end = text + size, .arena = arena_create(), .checked = checked};
    for (size_t i = 0; i < size; i++)
        walk->characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    parser_init(&walk->parser, walk->arena, text, size);
    while (parse_next(walk, &fine)) {
        walk_statement(walk);
        statement_end(walk->statement);
        walk->parser.failure.code = ERROR_NONE;
        walk->statements++;
    }
    statement_end(walk->statement);
    arena_destroy(walk->arena);
    return fine;
}

/* --- Sequences --------------------------------------------------------------------------- */

static void walk_options(struct walk *walk, const struct options *options)
{
    struct definition definition;
    struct position position;
    struct failure failure;
    if (!definition_create(options, CACHE_AUTO, &definition, &position, &failure))
        check_failure(walk, &failure);
    const struct options none = {0};
    CHECK(definition_create(&none, CACHE_AUTO, &definition, &position, &failure));
    if (!definition_alter(options, &definition, &position, &failure))
        check_failure(walk, &failure);
}

void walk_sequence(struct walk *walk)
{
    const struct sequence_statement *sequence = &walk->statement->sequence;
    for (size_t i = 0; i < sequence->object_count; i++)
        check_object(&sequence->objects[i]);
    if (sequence->options_failure)
        check_failure(walk, sequence->options_failure);
    else
        walk_options(walk, &sequence->options);
    if (sequence->new_name)
        check_utf8(sequence->new_name);
}

/* --- Tables -------------------------------------------------------------------------------- */

/* What the store does with it, up to where Redis is asked. */
static void walk_wanted(struct walk *walk, const struct table_statement *table)
{
    const struct table *wanted = table->wanted;
    struct seq_name name;
    char *text = table_print(wanted);
    struct table *again = table_parse(text);
    free(text);
    CHECK(!again == (wanted->column_count > 0 && table_has_serials(wanted)));
    if (again)
        CHECK(again->column_count == wanted->column_count);
    table_release(again);
    for (size_t i = 0; i < wanted->column_count; i++) {
        const struct table_column *column = &wanted->columns[i];
        check_utf8(column->name);
        CHECK(column->position == (wanted->complete ? (int)i + 1 : 0) ||
              column->position == (int)i + 1);
        for (int pass = 0; table->names[0].is_kept && pass < 12; pass += 11)
            if (serial_sequence_name(&table->names[0].object.name, column->name, pass, &name))
                check_name(&name);
        if (column->is_serial && !table->options_failure)
            walk_options(walk, &table->options[i]);
    }
}

/* As run_table.c does. */
static void check_edits(const struct walk *walk, const struct text *text)
{
    const struct table_statement *table = &walk->statement->table;
    struct comparison comparison;
    struct walk again;
    comparison_begin(&comparison, walk, text);
    for (size_t i = 0; i < table->edits.count; i++) {
        const struct edit *edit = &table->edits.edits[i];
        compare_same(&comparison, edit->at);
        compare_word(&comparison, edit->text);
        compare_change(&comparison, edit->length);
    }
    CHECK(comparison_end(&comparison, &again));
    if (walk->statement->kind == STATEMENT_CREATE_TABLE) {
        const struct table *columns = again.statement->table.wanted;
        CHECK(columns->column_count == table->wanted->column_count);
        CHECK(!table_has_serials(columns));
        CHECK(again.statement->table.edits.count == 0);
    }
    statement_end(again.statement);
    arena_destroy(again.arena);
}

void walk_table(struct walk *walk)
{
    struct table_statement *table = &walk->statement->table;
    struct text text = {0};
    for (size_t i = 0; i < table->name_count; i++)
        if (table->names[i].is_kept)
            check_object(&table->names[i].object);
    for (size_t i = 0; i < table->change_count; i++) {
        check_utf8(table->changes[i].column ? table->changes[i].column : "");
        check_utf8(table->changes[i].new_name ? table->changes[i].new_name : "");
    }
    if (table->options_failure)
        check_failure(walk, table->options_failure);
    if (walk->checked && walk->statement->kind == STATEMENT_CREATE_TABLE)
        walk_wanted(walk, table);
    edits_write(&walk->statement->table.edits, walk->statement->begin, walk->statement->end, &text);
    if (walk->checked)
        check_edits(walk, &text);
    text_free(&text);
}
