/* CREATE, ALTER and DROP SEQUENCE (gram.y: CreateSeqStmt, AlterSeqStmt, SeqOptElem). */
#include "handlers/sql/literal.h"
#include "handlers/sql/statement.h"

#include <stdio.h>
#include <string.h>

/* The parser's failure, for later; the first of its kind stays. */
static bool postpone(struct parser *parser, const struct failure **later)
{
    const struct failure *failure = parser_postpone(parser);
    if (!*later)
        *later = failure;
    return true;
}

/* NumericOnly: [sign] number; read when its turn comes. */
static bool parse_number(struct parser *parser, struct option *option)
{
    bool negative = parser_is_symbol(parser, "-");
    if (negative || parser_is_symbol(parser, "+"))
        parser_next(parser);
    const struct token *token = &parser->token;
    if (token->kind != TOKEN_INTEGER && token->kind != TOKEN_DECIMAL)
        return parser_syntax_error(parser);
    *option = (struct option){
        .state = OPTION_GIVEN,
        .text = number_text(parser->arena, negative, token->begin, token->length),
    };
    parser_next(parser);
    return true;
}

/* Of an AS that is wrong in itself: the type has no name that definition.h knows. */
static bool parse_type(struct parser *parser, struct sequence_statement *sequence,
                       const struct failure **type_failure)
{
    static const char *const names[] = {
        [SQL_SMALLINT] = "smallint", [SQL_INTEGER] = "integer", [SQL_BIGINT] = "bigint"};
    struct type_name type;
    if (!parse_type_name(parser, &type))
        return false;
    if (*type_failure)
        return true; /* the first one counts; to find its position takes time */
    sequence->options.type_text = is_integer_type(type.type) ? names[type.type] : type.text;
    if (type.type == SQL_NO_TYPE)
        parser_fail(parser, type.at, ERROR_INVALID_PARAMETER, "42704", "type \"%s\" does not exist",
                    type.text);
    else if (is_integer_type(type.type) && type.has_modifier)
        parser_fail(parser, type.at, ERROR_SYNTAX_ERROR, NULL,
                    "type modifier is not allowed for type \"%s\"", sql_type_label(type.type));
    else
        return true;
    return postpone(parser, type_failure);
}

/* A dot within a part would make another column of it. */
static bool check_owner(struct parser *parser, struct sequence_statement *sequence,
                        const struct dotted *dotted)
{
    for (size_t i = 0; i < dotted->count; i++) {
        if (name_is_part(dotted->parts[i], strlen(dotted->parts[i])))
            continue;
        if (sequence->options_failure)
            return true;
        parser_fail(parser, NULL, ERROR_INVALID_NAME, NULL,
                    "invalid name \"%s\": seqd keeps names of letters, digits, _, $ and -",
                    dotted->parts[i]);
        return postpone(parser, &sequence->options_failure);
    }
    return true;
}

static bool parse_owned_by(struct parser *parser, struct sequence_statement *sequence)
{
    struct dotted dotted;
    if (!parser_expect_words(parser, "by") || !parse_dotted(parser, WORD_NOT_TABLE, &dotted))
        return false;
    const char *const *parts = dotted.parts;
    sequence->options.checks_owner = true;
    char *text = arena_alloc(parser->arena, NAME_PARTS_MAX * (NAME_PART_MAX + 1)), *out = text;
    bool none = dotted.count == 1 && strcmp(parts[0], "none") == 0;
    for (size_t i = 0; !none && i < dotted.count; i++)
        out += sprintf(out, "%s%s", i ? "." : "", parts[i]);
    sequence->options.owned_by = text;
    return check_owner(parser, sequence, &dotted);
}

/* One kind of option: the words that begin it, what may follow, and where it goes. */
enum option_form {
    FORM_NUMBER, /* a number */
    FORM_NONE,   /* NO MINVALUE */
    FORM_RESTART,
    FORM_CYCLE,
    FORM_NO_CYCLE,
    FORM_TYPE,
    FORM_OWNED_BY,
    FORM_SEQUENCE_NAME
};

#define OPTION(member) offsetof(struct options, member)

static const struct option_rule {
    const char *words, *optional_word;
    enum option_form form;
    size_t offset;
} rules[] = {
    {"as", NULL, FORM_TYPE, 0},
    {"cache", NULL, FORM_NUMBER, OPTION(cache)},
    {"cycle", NULL, FORM_CYCLE, 0},
    {"no cycle", NULL, FORM_NO_CYCLE, 0},
    {"increment", "by", FORM_NUMBER, OPTION(increment)},
    {"maxvalue", NULL, FORM_NUMBER, OPTION(max_value)},
    {"minvalue", NULL, FORM_NUMBER, OPTION(min_value)},
    {"no maxvalue", NULL, FORM_NONE, OPTION(max_value)},
    {"no minvalue", NULL, FORM_NONE, OPTION(min_value)},
    {"owned", NULL, FORM_OWNED_BY, 0},
    {"sequence", NULL, FORM_SEQUENCE_NAME, 0},
    {"start", "with", FORM_NUMBER, OPTION(start)},
    {"restart", NULL, FORM_RESTART, OPTION(restart)},
};

/* True when the option was given before. */
static bool *already(struct options *options, const struct option_rule *rule)
{
    switch (rule->form) {
    case FORM_TYPE:
        return &options->has_type;
    case FORM_CYCLE:
    case FORM_NO_CYCLE:
        return &options->has_cycle;
    case FORM_OWNED_BY:
        return &options->has_owned_by;
    default:
        return NULL;
    }
}

static bool begins_number(const struct parser *parser)
{
    return parser->token.kind == TOKEN_INTEGER || parser->token.kind == TOKEN_DECIMAL ||
           parser_is_symbol(parser, "-") || parser_is_symbol(parser, "+");
}

static bool parse_sequence_name(struct parser *parser, struct sequence_statement *sequence,
                                const char *at)
{
    struct dotted dotted;
    if (!parser_expect_words(parser, "name") || !parse_dotted(parser, WORD_NOT_TABLE, &dotted))
        return false;
    if (sequence->options_failure)
        return true;
    parser_fail(parser, at, ERROR_SYNTAX_ERROR, NULL, "invalid sequence option SEQUENCE NAME");
    return postpone(parser, &sequence->options_failure);
}

/* Behind the words of its rule. */
static bool parse_option(struct parser *parser, struct sequence_statement *sequence,
                         const struct option_rule *rule, struct option *option,
                         const struct failure **type_failure)
{
    switch (rule->form) {
    case FORM_TYPE:
        return parse_type(parser, sequence, type_failure);
    case FORM_CYCLE:
    case FORM_NO_CYCLE:
        sequence->options.cycle = rule->form == FORM_CYCLE;
        return true;
    case FORM_OWNED_BY:
        return parse_owned_by(parser, sequence);
    case FORM_NONE:
        option->state = OPTION_NONE;
        return true;
    case FORM_RESTART:
        option->state = OPTION_NONE;
        if (parser_accept_word(parser, "with") || begins_number(parser))
            return parse_number(parser, option);
        return true;
    default:
        if (rule->optional_word)
            parser_accept_word(parser, rule->optional_word);
        return parse_number(parser, option);
    }
}

static bool apply_rule(struct parser *parser, struct sequence_statement *sequence,
                       const struct option_rule *rule, const char *at,
                       const struct failure **type_failure)
{
    struct option *option = (struct option *)(void *)((char *)&sequence->options + rule->offset);
    if (rule->form == FORM_SEQUENCE_NAME)
        return parse_sequence_name(parser, sequence, at);
    bool *flag = already(&sequence->options, rule);
    bool twice = flag ? *flag : option->state != OPTION_ABSENT;
    if (flag)
        *flag = true;
    if (!parse_option(parser, sequence, rule, option, type_failure))
        return false;
    if (!twice || sequence->options_failure)
        return true;
    parser_fail(parser, at, ERROR_SYNTAX_ERROR, NULL, "conflicting or redundant options");
    return postpone(parser, &sequence->options_failure);
}

bool parse_sequence_options(struct parser *parser, struct sequence_statement *sequence)
{
    const struct failure *type_failure = NULL;
    for (;;) {
        const char *at = parser->token.begin;
        const struct option_rule *rule = rules, *end = rules + sizeof rules / sizeof *rules;
        while (rule < end && !parser_accept_words(parser, rule->words))
            rule++;
        if (rule == end)
            break;
        if (!apply_rule(parser, sequence, rule, at, &type_failure))
            return false;
    }
    if (!sequence->options_failure) /* types are looked at after all options were */
        sequence->options_failure = type_failure;
    return !parser_is_word(parser, "no") || (parser_next(parser), parser_syntax_error(parser));
}

bool parse_create_sequence(struct parser *parser, struct sequence_statement *sequence)
{
    sequence->objects = arena_alloc(parser->arena, sizeof *sequence->objects);
    sequence->object_count = 1;
    struct token behind = parser_peek(parser);
    if (parser_is_word(parser, "if") &&
        (token_is_word(&behind, "not") || token_is_word(&behind, "exists"))) {
        parser_next(parser); /* any other IF is a sequence's name */
        if (!parser_expect_words(parser, "not exists"))
            return false;
        sequence->if_not_exists = true;
    }
    return parse_object(parser, "qualified", sequence->objects) &&
           parse_sequence_options(parser, sequence);
}

/* Behind SET. */
static bool parse_set(struct parser *parser, struct statement *statement)
{
    if (parser_accept_word(parser, "schema")) {
        statement->kind = STATEMENT_MOVE_SEQUENCE;
        return parse_identifier(parser, WORD_NOT_TABLE, &statement->sequence.new_name);
    }
    statement->kind = STATEMENT_LOG_SEQUENCE;
    return parser_accept_word(parser, "logged") || parser_expect_words(parser, "unlogged");
}

bool parse_alter_sequence(struct parser *parser, struct statement *statement)
{
    struct sequence_statement *sequence = &statement->sequence;
    sequence->objects = arena_alloc(parser->arena, sizeof *sequence->objects);
    sequence->object_count = 1;
    statement->kind = STATEMENT_ALTER_SEQUENCE;
    sequence->if_exists = parser_accept_words(parser, "if exists");
    if (!parse_object(parser, "qualified", sequence->objects))
        return false;
    const char *at = parser->token.begin;
    if (parser_accept_word(parser, "not")) /* of ALTER TABLE's actions: NOT OF */
        return parser_expect_words(parser, "of") &&
               parser_unsupported(parser, at, "seqd serves ALTER SEQUENCE's own actions");
    if (parser_accept_word(parser, "rename")) {
        statement->kind = STATEMENT_RENAME_SEQUENCE;
        return parser_expect_words(parser, "to") &&
               parse_identifier(parser, WORD_NOT_TABLE, &sequence->new_name);
    }
    if (parser_accept_word(parser, "set"))
        return parse_set(parser, statement);
    if (parser_accept_word(parser, "owner")) {
        const char *owner;
        return parser_expect_words(parser, "to") && parse_identifier(parser, WORD_ANY, &owner) &&
               parser_unsupported(parser, at,
                                  "seqd knows no roles: OWNER TO is for the shards' own objects");
    }
    if (!parse_sequence_options(parser, sequence))
        return false;
    /* At least one option. */
    return at != parser->token.begin || parser_syntax_error(parser);
}

bool parse_drop_sequence(struct parser *parser, struct sequence_statement *sequence)
{
    size_t capacity = 0;
    sequence->if_exists = parser_accept_words(parser, "if exists");
    do {
        sequence->objects = arena_grow(parser->arena, sequence->objects, sequence->object_count,
                                       &capacity, sizeof *sequence->objects);
        if (!parse_object(parser, "relation", &sequence->objects[sequence->object_count++]))
            return false;
    } while (parser_accept_symbol(parser, ","));
    sequence->cascade = parser_accept_word(parser, "cascade");
    if (!sequence->cascade)
        parser_accept_word(parser, "restrict");
    return true;
}
