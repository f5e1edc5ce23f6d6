/* ALTER TABLE and DROP TABLE, and what all statements about tables share. */
#include "handlers/sql/table.h"

#include <string.h>

bool parse_table_name(struct parser *parser, struct table_name *name)
{
    struct dotted dotted;
    if (!parse_dotted(parser, WORD_NOT_TABLE, &dotted))
        return false;
    if (dotted.count > 2)
        parser_fail(parser, NULL, ERROR_FEATURE_NOT_SUPPORTED, NULL,
                    "cross-database references are not implemented: \"%s.%s.%s\"", dotted.parts[0],
                    dotted.parts[1], dotted.parts[2]);
    name->is_kept =
        dotted.count <= 2 && object_set(parser, dotted.count == 2 ? dotted.parts[0] : NULL,
                                        dotted.parts[dotted.count - 1], dotted.at, &name->object);
    if (!name->is_kept)
        name->failure = parser_postpone(parser);
    return true;
}

static bool is_opening(const struct parser *parser)
{
    return parser_is_symbol(parser, "(") || parser_is_symbol(parser, "[");
}

static bool is_closing(const struct parser *parser)
{
    return parser_is_symbol(parser, ")") || parser_is_symbol(parser, "]");
}

bool skip_item_noting(struct parser *parser, const char *word, const char **at)
{
    *at = NULL;
    for (size_t depth = 0;;) {
        if (parser->token.kind == TOKEN_BAD || (depth > 0 && parser_at_end(parser)))
            return parser_syntax_error(parser);
        if (depth == 0 &&
            (parser_at_end(parser) || is_closing(parser) || parser_is_symbol(parser, ",")))
            return true;
        if (depth == 0 && !*at && parser_is_word(parser, word))
            *at = parser->token.begin;
        depth = is_opening(parser) ? depth + 1 : is_closing(parser) ? depth - 1 : depth;
        parser_next(parser);
    }
}

bool skip_item(struct parser *parser)
{
    const char *at;
    return skip_item_noting(parser, "", &at);
}

bool skip_group(struct parser *parser)
{
    do {
        if (!skip_item(parser))
            return false;
        if (parser_at_end(parser))
            return parser_syntax_error(parser);
    } while (parser_accept_symbol(parser, ","));
    parser_next(parser);
    return true;
}

bool token_serial_type(const struct token *token, enum seq_type *type)
{
    char name[16];
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED) || token->length >= sizeof name)
        return false;
    name[token_decode_name(token, name)] = '\0';
    return serial_type_parse(name, type);
}

bool begins_constraint(const struct parser *parser)
{
    if (parser_is_one_of(parser, " constraint primary unique check foreign "))
        return true;
    struct token behind = parser_peek(parser);
    return parser_is_word(parser, "exclude") &&
           (token_is_word(&behind, "using") || token_is_symbol(&behind, "("));
}

static bool parse_names(struct parser *parser, struct table_statement *table, bool many)
{
    size_t capacity = 0;
    do {
        table->names = arena_grow(parser->arena, table->names, table->name_count, &capacity,
                                  sizeof *table->names);
        if (!parse_table_name(parser, &table->names[table->name_count++]))
            return false;
    } while (many && parser_accept_symbol(parser, ","));
    return true;
}

static bool parse_if_exists(struct parser *parser, struct table_statement *table)
{
    table->if_exists = parser_accept_word(parser, "if");
    return !table->if_exists || parser_expect_words(parser, "exists");
}

bool parse_drop_table(struct parser *parser, struct table_statement *table)
{
    if (!parse_if_exists(parser, table) || !parse_names(parser, table, true))
        return false;
    if (table->name_count > DROP_MAX)
        return parser_unsupported(parser, table->names[0].object.at,
                                  "seqd drops up to 50 tables at once");
    if (!parser_accept_word(parser, "cascade"))
        parser_accept_word(parser, "restrict");
    return true;
}

/* --- ALTER TABLE ------------------------------------------------------------------------ */

static struct table_change *add_change(struct parser *parser, struct table_statement *table)
{
    table->changes = arena_grow(parser->arena, table->changes, table->change_count,
                                &table->change_capacity, sizeof *table->changes);
    return &table->changes[table->change_count++];
}

static bool refuse_serial(struct parser *parser, const char *at)
{
    parser_unsupported(parser, at,
                       "seqd cannot number the rows that are there: it adds no serial column to a "
                       "table");
    failure_hint(&parser->failure,
                 "Add the column without SERIAL or IDENTITY, fill it from POST "
                 "/v1/sequences/{name}/range, and tell seqd with POST /v1/tables/{table}/serials.");
    return false;
}

/* Behind ADD. */
static bool parse_add(struct parser *parser, struct table_statement *table)
{
    bool column = parser_accept_word(parser, "column");
    if (!column && begins_constraint(parser))
        return skip_item(parser);
    if (parser_accept_word(parser, "if") && !parser_expect_words(parser, "not exists"))
        return false;
    struct table_change *change = add_change(parser, table);
    change->kind = TABLE_ADD_COLUMN;
    if (!parse_identifier(parser, WORD_NOT_TABLE, &change->column))
        return false;
    enum seq_type type;
    const char *identity;
    if (token_serial_type(&parser->token, &type))
        return refuse_serial(parser, parser->token.begin);
    return skip_item_noting(parser, "identity", &identity) &&
           (!identity || refuse_serial(parser, identity));
}

/* Behind DROP. */
static bool parse_drop(struct parser *parser, struct table_statement *table)
{
    if (parser_is_word(parser, "constraint"))
        return skip_item(parser);
    parser_accept_word(parser, "column");
    if (!parse_if_exists(parser, table))
        return false;
    struct table_change *change = add_change(parser, table);
    change->kind = TABLE_DROP_COLUMN;
    return parse_identifier(parser, WORD_NOT_TABLE, &change->column) && skip_item(parser);
}

/* Behind RENAME. */
static bool parse_rename(struct parser *parser, struct table_statement *table)
{
    if (parser_is_word(parser, "constraint"))
        return skip_item(parser);
    struct table_change *change = add_change(parser, table);
    change->kind = TABLE_RENAME;
    if (!parser_accept_word(parser, "to")) {
        change->kind = TABLE_RENAME_COLUMN;
        parser_accept_word(parser, "column");
        if (!parse_identifier(parser, WORD_NOT_TABLE, &change->column) ||
            !parser_expect_words(parser, "to"))
            return false;
    }
    return parse_identifier(parser, WORD_NOT_TABLE, &change->new_name);
}

/* Behind ALTER. */
static bool parse_alter(struct parser *parser)
{
    const char *identity;
    return skip_item_noting(parser, "identity", &identity) &&
           (!identity || refuse_serial(parser, identity));
}

static bool parse_action(struct parser *parser, struct table_statement *table)
{
    if (parser_accept_word(parser, "add"))
        return parse_add(parser, table);
    if (parser_accept_word(parser, "drop"))
        return parse_drop(parser, table);
    if (parser_accept_word(parser, "rename"))
        return parse_rename(parser, table);
    if (parser_accept_word(parser, "alter"))
        return parse_alter(parser);
    if (parser_is_word(parser, "set")) {
        struct token behind = parser_peek(parser);
        if (token_is_word(&behind, "schema"))
            return parser_unsupported(parser, parser->token.begin,
                                      "seqd does not move tables, and what their columns own, into "
                                      "another schema");
    }
    return parser_at_end(parser) || parser_is_symbol(parser, ",") ? parser_syntax_error(parser)
                                                                  : skip_item(parser);
}

bool parse_alter_table(struct parser *parser, struct table_statement *table)
{
    if (!parse_if_exists(parser, table))
        return false;
    parser_accept_word(parser, "only");
    if (!parse_names(parser, table, false))
        return false;
    parser_accept_symbol(parser, "*");
    do {
        if (table->change_count == TABLE_COLUMNS_MAX)
            return parser_unsupported(parser, parser->token.begin,
                                      "seqd reads up to 1600 actions of an ALTER TABLE");
        if (!parse_action(parser, table))
            return false;
    } while (parser_accept_symbol(parser, ","));
    if (!table->names[0].is_kept)
        table->change_count = 0; /* nothing is known of such a table */
    return true;
}
