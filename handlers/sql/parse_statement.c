/* Which statement it is, and its end. */
#include "handlers/sql/statement.h"

#include <string.h>

#define SERVED_STATEMENTS                                                                          \
    "seqd serves CREATE, ALTER and DROP SEQUENCE, SELECT of the sequence functions, CREATE, "      \
    "ALTER "                                                                                       \
    "and DROP TABLE, INSERT, DISCARD SEQUENCES and DISCARD ALL"

/* Words that begin a statement of PostgreSQL's that is not for seqd. */
static bool begins_other(const struct parser *parser)
{
    return parser_is_symbol(parser, "(") ||
           parser_is_one_of(
               parser,
               " abort alter analyse analyze begin call checkpoint close cluster comment commit "
               "copy "
               "create deallocate declare delete discard do drop end execute explain fetch grant "
               "import insert listen load lock merge move notify prepare reassign refresh reindex "
               "release reset revoke rollback savepoint security select set show start table "
               "truncate "
               "unlisten update vacuum values with ");
}

/* At the statement that `beginning` is at. */
static bool refuse(struct parser *parser, const struct parser *beginning)
{
    return begins_other(beginning)
               ? parser_unsupported(parser, beginning->token.begin, SERVED_STATEMENTS)
               : parser_syntax_error(parser);
}

static bool parse_create(struct parser *parser, struct statement *statement)
{
    const struct parser before = *parser;
    static const char *const temporary[] = {"temp",        "temporary",       "local temp",
                                            "global temp", "local temporary", "global temporary"};
    parser_next(parser);
    const char *at = parser->token.begin;
    bool is_temporary = false;
    for (size_t i = 0; i < sizeof temporary / sizeof *temporary && !is_temporary; i++)
        is_temporary = parser_accept_words(parser, temporary[i]);
    bool unlogged = !is_temporary && parser_accept_word(parser, "unlogged");
    if (parser_accept_word(parser, "sequence")) {
        statement->kind = STATEMENT_CREATE_SEQUENCE;
        statement->sequence.unlogged = unlogged;
        if (!parse_create_sequence(parser, &statement->sequence))
            return false;
    } else if (parser_accept_word(parser, "table")) {
        statement->kind = STATEMENT_CREATE_TABLE;
        if (!parse_create_table(parser, &statement->table))
            return false;
        is_temporary &= table_has_serials(statement->table.wanted);
    } else {
        return parser_at_end(parser) ? parser_syntax_error(parser) : refuse(parser, &before);
    }
    return !is_temporary ||
           parser_unsupported(parser, at,
                              "seqd keeps sequences for all shards and sessions: there are no "
                              "temporary ones");
}

/* SEQUENCE or TABLE, behind ALTER and DROP. */
static bool parse_alter(struct parser *parser, struct statement *statement)
{
    const struct parser before = *parser;
    parser_next(parser);
    if (parser_accept_word(parser, "sequence"))
        return parse_alter_sequence(parser, statement);
    statement->kind = STATEMENT_ALTER_TABLE;
    if (parser_accept_word(parser, "table"))
        return parse_alter_table(parser, &statement->table);
    return parser_at_end(parser) ? parser_syntax_error(parser) : refuse(parser, &before);
}

static bool parse_drop(struct parser *parser, struct statement *statement)
{
    const struct parser before = *parser;
    parser_next(parser);
    statement->kind = STATEMENT_DROP_SEQUENCE;
    if (parser_accept_word(parser, "sequence"))
        return parse_drop_sequence(parser, &statement->sequence);
    statement->kind = STATEMENT_DROP_TABLE;
    if (parser_accept_word(parser, "table"))
        return parse_drop_table(parser, &statement->table);
    return parser_at_end(parser) ? parser_syntax_error(parser) : refuse(parser, &before);
}

static bool parse_insertion(struct parser *parser, struct statement *statement)
{
    parser_next(parser);
    statement->kind = STATEMENT_INSERT;
    return parse_insert(parser, &statement->insert);
}

static bool parse_discard(struct parser *parser, struct statement *statement)
{
    const char *at = parser->token.begin;
    parser_next(parser);
    if (parser_accept_word(parser, "all"))
        statement->kind = STATEMENT_DISCARD_ALL;
    else if (parser_accept_word(parser, "sequences"))
        statement->kind = STATEMENT_DISCARD_SEQUENCES;
    else if (parser_is_word(parser, "plans") || parser_is_word(parser, "temp") ||
             parser_is_word(parser, "temporary"))
        return parser_unsupported(parser, at, SERVED_STATEMENTS);
    else
        return parser_syntax_error(parser);
    return true;
}

static bool parse_selection(struct parser *parser, struct statement *statement)
{
    parser_next(parser);
    statement->kind = STATEMENT_SELECT;
    return parse_select(parser, &statement->select);
}

static const struct {
    const char *word;
    bool (*parse)(struct parser *parser, struct statement *statement);
} beginnings[] = {
    {"select", parse_selection}, {"create", parse_create},   {"alter", parse_alter},
    {"drop", parse_drop},        {"discard", parse_discard}, {"insert", parse_insertion},
};

static bool parse_beginning(struct parser *parser, struct statement *statement)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (parser_is_word(parser, beginnings[i].word))
            return beginnings[i].parse(parser, statement);
    return refuse(parser, parser);
}

void statement_end(struct statement *statement)
{
    if (statement->kind != STATEMENT_CREATE_TABLE)
        return;
    table_release(statement->table.wanted);
    statement->table.wanted = NULL;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

bool parse_statement(struct parser *parser, struct statement *statement)
{
    parser->notices = (struct notices){0};
    statement->begin = parser->taken_end;
    while (parser_accept_symbol(parser, ";"))
        statement->begin = parser->taken_end;
    if (parser->token.kind == TOKEN_END)
        return true;
    if (!parse_beginning(parser, statement))
        return false;
    if (!parser_at_end(parser))
        return parser_syntax_error(parser);
    if (statement->kind == STATEMENT_SELECT)
        analyze_select(parser, &statement->select);
    statement->end = parser->token.begin;
    while (is_space(*statement->begin))
        statement->begin++;
    while (is_space(statement->end[-1]))
        statement->end--;
    return true;
}
