/* CREATE TABLE: its columns, and which of them take their numbers from a sequence. */
#include "handlers/sql/statement.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* One column under way. */
struct column {
    struct table_column *column;
    size_t index;
    const char *type_at; /* where its type begins */
    const char *at;      /* of the constraint that is read */
    bool has_default, has_null;
};

static bool fail_column(struct parser *parser, const struct table_statement *table,
                        const struct column *column, const char *at, const char *what)
{
    return parser_fail(parser, at, ERROR_SYNTAX_ERROR, NULL, "%s for column \"%s\" of table \"%s\"",
                       what, column->column->name, name_bare(&table->names[0].object.name));
}

static bool add_column(struct parser *parser, struct table_statement *table, struct column *column)
{
    const char *name;
    struct table *wanted = table->wanted;
    if (!parse_identifier(parser, WORD_NOT_TABLE, &name))
        return false;
    if (table_find(wanted, name))
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, "42701",
                           "column \"%s\" specified more than once", name);
    if (wanted->column_count == TABLE_COLUMNS_MAX)
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, "54011",
                           "tables can have at most %d columns", TABLE_COLUMNS_MAX);
    table->options = arena_grow(parser->arena, table->options, wanted->column_count,
                                &table->option_capacity, sizeof *table->options);
    *column = (struct column){.index = wanted->column_count};
    table->options[column->index] = (struct options){0};
    column->column = table_add(wanted, name);
    /* Behind columns of another table nobody knows. */
    column->column->position = wanted->complete ? (int)wanted->column_count : 0;
    return true;
}

/* At its type. */
static bool parse_serial(struct parser *parser, struct table_statement *table,
                         struct column *column)
{
    static const char *const types[] = {[TYPE_SMALLINT] = "smallint NOT NULL",
                                        [TYPE_INTEGER] = "integer NOT NULL",
                                        [TYPE_BIGINT] = "bigint NOT NULL"};
    struct token behind = parser_peek(parser), *token = &parser->token;
    assert(column->column);
    if (token_is_symbol(&behind, ".") || !token_serial_type(token, &column->column->type))
        return true;
    if (token_is_symbol(&behind, "[") || token_is_word(&behind, "array"))
        return parser_fail(parser, token->begin, ERROR_FEATURE_NOT_SUPPORTED, NULL,
                           "array of serial is not implemented");
    if (token_is_symbol(&behind, "("))
        return parser_fail(parser, token->begin, ERROR_SYNTAX_ERROR, NULL,
                           "type modifier is not allowed for type \"%s\"",
                           type_name(column->column->type));
    column->column->is_serial = true;
    edits_add(&table->edits, parser->arena, token->begin, token->length,
              types[column->column->type]);
    parser_next(parser);
    return true;
}

/* The column's type must be one that a sequence can have. */
static bool check_identity_type(struct parser *parser, struct column *column)
{
    static const enum seq_type types[] = {
        [SQL_SMALLINT] = TYPE_SMALLINT, [SQL_INTEGER] = TYPE_INTEGER, [SQL_BIGINT] = TYPE_BIGINT};
    struct parser sub = {
        .text = parser->text, .end = parser->end, .at = column->type_at, .arena = parser->arena};
    struct type_name type;
    parser_next(&sub);
    if (!parse_type_name(&sub, &type) || !is_integer_type(type.type) || parser_is_symbol(&sub, "["))
        return parser_fail(parser, NULL, ERROR_INVALID_PARAMETER, NULL,
                           "identity column type must be smallint, integer, or bigint");
    column->column->type = types[type.type];
    return true;
}

/* ( options ) */
static bool parse_identity_options(struct parser *parser, struct table_statement *table,
                                   const struct column *column)
{
    struct sequence_statement sequence = {0};
    const char *at = parser->token.begin;
    if (!parser_accept_symbol(parser, "("))
        return true;
    if (!parse_sequence_options(parser, &sequence) || !parser_expect_symbol(parser, ")"))
        return false;
    if (sequence.options.has_type || sequence.options.has_owned_by)
        return parser_fail(parser, at, ERROR_SYNTAX_ERROR, NULL,
                           "conflicting or redundant options");
    table->options[column->index] = sequence.options;
    if (!table->options_failure)
        table->options_failure = sequence.options_failure;
    return true;
}

/* GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY; or AS (expression), which is none of seqd's. */
static bool parse_generated(struct parser *parser, struct table_statement *table,
                            struct column *column)
{
    const char *at = parser->token.begin;
    parser_next(parser);
    bool always = parser_accept_word(parser, "always");
    if ((!always && !parser_expect_words(parser, "by default")) ||
        !parser_expect_words(parser, "as"))
        return false;
    if (always && parser_is_symbol(parser, "("))
        return true;
    if (!parser_expect_words(parser, "identity"))
        return false;
    if (column->column->identity != IDENTITY_NONE)
        return fail_column(parser, table, column, at, "multiple identity specifications");
    if (column->has_default || column->column->is_serial)
        return fail_column(parser, table, column, column->has_default ? at : NULL,
                           "both default and identity specified");
    if (column->has_null)
        return fail_column(parser, table, column, at, "conflicting NULL/NOT NULL declarations");
    if (!check_identity_type(parser, column) || !parse_identity_options(parser, table, column))
        return false;
    column->column->is_serial = true;
    column->column->identity = always ? IDENTITY_ALWAYS : IDENTITY_BY_DEFAULT;
    edits_add(&table->edits, parser->arena, at, (size_t)(parser->taken_end - at), "NOT NULL");
    return true;
}

static bool see_default(struct parser *parser, struct table_statement *table, struct column *column)
{
    column->has_default = true;
    if (column->column->identity != IDENTITY_NONE)
        return fail_column(parser, table, column, parser->token.begin,
                           "both default and identity specified");
    if (column->column->is_serial)
        return fail_column(parser, table, column, NULL, "multiple default values specified");
    parser_next(parser);
    return true;
}

static bool see_null(struct parser *parser, struct table_statement *table, struct column *column)
{
    column->has_null = true;
    if (column->column->is_serial)
        return fail_column(parser, table, column,
                           column->column->identity != IDENTITY_NONE ? parser->token.begin : NULL,
                           "conflicting NULL/NOT NULL declarations");
    parser_next(parser);
    return true;
}

/* One token, or one group in parentheses, of a column's constraints. */
static bool parse_constraint_part(struct parser *parser, struct table_statement *table,
                                  struct column *column)
{
    if (parser_is_word(parser, "generated"))
        return parse_generated(parser, table, column);
    if (parser_is_word(parser, "default"))
        return see_default(parser, table, column);
    if (parser_is_word(parser, "null"))
        return see_null(parser, table, column);
    /* Words before which NULL or DEFAULT are no constraints of their own. */
    bool takes_word = parser_is_word(parser, "not") || parser_is_word(parser, "set");
    bool group = parser_is_symbol(parser, "(") || parser_is_symbol(parser, "[");
    parser_next(parser);
    if (takes_word && parser->token.kind == TOKEN_WORD)
        parser_next(parser);
    return !group || skip_group(parser);
}

static bool parse_column(struct parser *parser, struct table_statement *table)
{
    struct column column = {0};
    if (!add_column(parser, table, &column))
        return false;
    column.type_at = parser->token.begin;
    if (!parse_serial(parser, table, &column))
        return false;
    while (!parser_is_symbol(parser, ",") && !parser_is_symbol(parser, ")")) {
        if (parser_at_end(parser) || parser->token.kind == TOKEN_BAD)
            return parser_syntax_error(parser);
        if (!parse_constraint_part(parser, table, &column))
            return false;
    }
    return true;
}

static bool parse_element(struct parser *parser, struct table_statement *table)
{
    if (parser_is_word(parser, "like")) {
        table->wanted->complete = false; /* its columns are of another table */
        return skip_item(parser);
    }
    return begins_constraint(parser) ? skip_item(parser) : parse_column(parser, table);
}

/* Behind the opening parenthesis. */
static bool parse_elements(struct parser *parser, struct table_statement *table)
{
    if (parser_accept_symbol(parser, ")"))
        return true;
    do {
        if (parser_is_symbol(parser, ")"))
            return parser_syntax_error(parser);
        if (!parse_element(parser, table))
            return false;
    } while (parser_accept_symbol(parser, ","));
    return parser_expect_symbol(parser, ")");
}

static void forget_positions(struct table *table)
{
    table->complete = false;
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].position = 0;
}

/* What follows the columns, or stands instead of them. */
static bool skip_rest(struct parser *parser, struct table_statement *table)
{
    while (!parser_at_end(parser)) {
        if (parser->token.kind == TOKEN_BAD || parser_is_symbol(parser, ")"))
            return parser_syntax_error(parser);
        if (parser_is_word(parser, "inherits"))
            forget_positions(table->wanted); /* its parents' columns come first */
        bool group = parser_is_symbol(parser, "(");
        parser_next(parser);
        if (group && !skip_group(parser))
            return false;
    }
    return true;
}

bool parse_create_table(struct parser *parser, struct table_statement *table)
{
    table->names = arena_alloc(parser->arena, sizeof *table->names);
    table->name_count = 1;
    table->wanted = table_create();
    table->wanted->complete = true;
    if (parser_accept_word(parser, "if")) {
        if (!parser_expect_words(parser, "not exists"))
            return false;
        table->if_not_exists = true;
    }
    if (!parse_table_name(parser, table->names))
        return false;
    if (parser_at_end(parser) ||
        (parser_accept_symbol(parser, "(") && !parse_elements(parser, table)))
        return parser->failure.code != ERROR_NONE ? false : parser_syntax_error(parser);
    if (!skip_rest(parser, table))
        return false;
    if (!table_has_serials(table->wanted) || table->names[0].is_kept)
        return true;
    parser->failure = *table->names[0].failure;
    return false;
}
