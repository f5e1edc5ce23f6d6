/* What expressions mean: types, casts, functions (PostgreSQL manual, chapter 10). */
#include "handlers/sql/expression.h"

#include "handlers/sql/literal.h"

#include <stdio.h>
#include <string.h>

#define SERVED_CASTS                                                                               \
    "seqd serves casts of literals and of the sequence functions' results to smallint, integer, "  \
    "bigint, boolean and text, and of names to regclass"

void analysis_init(struct analysis *analysis)
{
    *analysis = (struct analysis){.calls_end = &analysis->first_call};
}

void analysis_add_object(struct analysis *analysis, struct arena *arena,
                         const struct object *object)
{
    analysis->objects = arena_grow(arena, analysis->objects, analysis->object_count,
                                   &analysis->object_capacity, sizeof *object);
    analysis->objects[analysis->object_count++] = *object;
}

/* --- Casts ---------------------------------------------------------------------------- */

/* Which casts between types there are; what is not text is spelled out. */
static bool has_cast(enum sql_type from, enum sql_type to)
{
    if (from == SQL_NUMERIC)
        return false;
    if (from == to || to == SQL_TEXT || from == SQL_TEXT)
        return true;
    if (is_integer_type(from) && is_integer_type(to))
        return true;
    return (from == SQL_INTEGER && to == SQL_BOOLEAN) || (from == SQL_BOOLEAN && to == SQL_INTEGER);
}

static bool fail_cast(struct parser *parser, const struct expression *expression,
                      enum sql_type type, const char *at)
{
    enum sql_type from = expression->type;
    if (from == SQL_NUMERIC || from == SQL_OTHER || from == SQL_REGCLASS || type == SQL_REGCLASS)
        return parser_unsupported(parser, expression->at, SERVED_CASTS);
    return parser_fail(parser, at, ERROR_INVALID_PARAMETER, "42846", "cannot cast type %s to %s",
                       sql_type_name(from), sql_type_name(type));
}

/* A literal becomes one of that type; what it names is looked up. */
static bool cast_literal(struct parser *parser, struct analysis *analysis,
                         struct expression *literal, enum sql_type type)
{
    struct value *value = &literal->value;
    literal->type = type;
    if (value->is_null)
        return true;
    if (!literal_read(parser, type, value->text, value->length, literal->at, value))
        return false;
    if (type == SQL_REGCLASS)
        analysis_add_object(analysis, parser->arena, &value->object);
    return true;
}

/* PostgreSQL folds constants before it evaluates anything; but it looks up names in them
 * only when it evaluates them. */
static bool fold(struct parser *parser, struct expression *cast)
{
    struct value value;
    const struct expression *argument = cast->arguments[0];
    if (argument->kind != EXPRESSION_LITERAL ||
        (cast->type == SQL_REGCLASS && argument->type == SQL_TEXT && !argument->value.is_null))
        return true;
    if (!expression_value(cast, parser->arena, &value, &parser->failure))
        return false;
    cast->kind = EXPRESSION_LITERAL;
    cast->argument_count = 0;
    cast->value = value;
    return true;
}

bool cast_expression(struct parser *parser, struct analysis *analysis,
                     struct expression **expression, enum sql_type type, const char *at)
{
    struct expression *argument = *expression;
    if (argument->type == type)
        return true;
    if (argument->type == SQL_UNKNOWN)
        return cast_literal(parser, analysis, argument, type);
    if (!has_cast(argument->type, type))
        return fail_cast(parser, argument, type, at);
    struct expression *cast = arena_alloc(parser->arena, sizeof *cast);
    *cast = (struct expression){
        .kind = EXPRESSION_CAST, .type = type, .at = argument->at, .argument_count = 1};
    cast->arguments[0] = argument;
    *expression = cast;
    return fold(parser, cast);
}

static bool analyze_cast(struct parser *parser, struct analysis *analysis,
                         struct expression **expression)
{
    const struct expression *cast = *expression;
    struct expression *argument = cast->arguments[0];
    if (!analyze_expression(parser, analysis, &argument) || !check_type_name(parser, &cast->cast))
        return false;
    if (argument->kind == EXPRESSION_COLUMN)
        return parser_unsupported(parser, argument->at, SERVED_CASTS);
    if (!cast_expression(parser, analysis, &argument, cast->cast.type, cast->at))
        return false;
    if (argument->kind == EXPRESSION_LITERAL)
        argument->label = sql_type_label(cast->cast.type);
    *expression = argument;
    return true;
}

static bool analyze_negation(struct parser *parser, struct analysis *analysis,
                             struct expression **expression)
{
    int64_t sign = (*expression)->value.integer;
    const char *at = (*expression)->at;
    *expression = (*expression)->arguments[0];
    if (!analyze_expression(parser, analysis, expression))
        return false;
    if ((*expression)->kind != EXPRESSION_LITERAL || !is_integer_type((*expression)->type))
        return parser_unsupported(parser, at, SERVED_CASTS);
    (*expression)->value.integer *= sign; /* it was not negative */
    (*expression)->label = NULL;
    return true;
}

/* The value of a cast whose argument is not null. */
static bool cast_value(const struct expression *cast, struct arena *arena, const struct value *from,
                       struct value *value, struct failure *failure)
{
    struct parser scratch = {.arena = arena};
    enum sql_type type = cast->type, from_type = cast->arguments[0]->type;
    *value = *from;
    if (type == SQL_TEXT) {
        literal_write(arena, from_type, from, value);
        return true;
    }
    if (from_type == SQL_TEXT) {
        bool fine = literal_read(&scratch, type, from->text, from->length, NULL, value);
        if (!fine)
            *failure = scratch.failure;
        return fine;
    }
    if (type == SQL_BOOLEAN)
        value->integer = from->integer != 0;
    if (!is_integer_type(type) || integer_fits(type, from->integer))
        return true;
    failure_set(failure, ERROR_VALUE_OUT_OF_BOUNDS, "%s out of range", sql_type_name(type));
    return false;
}

bool expression_value(const struct expression *expression, struct arena *arena, struct value *value,
                      struct failure *failure)
{
    struct value argument;
    if (expression->kind != EXPRESSION_CAST) {
        *value = expression->value;
        return true;
    }
    if (!expression_value(expression->arguments[0], arena, &argument, failure))
        return false;
    if (argument.is_null) {
        *value = (struct value){.is_null = true};
        return true;
    }
    return cast_value(expression, arena, &argument, value, failure);
}

/* --- Calls ---------------------------------------------------------------------------- */

/* pg_proc's rows. */
static const struct signature {
    const char *name;
    enum function_kind kind;
    enum sql_type result;
    size_t argument_count;
    enum sql_type arguments[ARGUMENTS_MAX];
} signatures[] = {
    {"nextval", FUNCTION_NEXTVAL, SQL_BIGINT, 1, {SQL_REGCLASS}},
    {"currval", FUNCTION_CURRVAL, SQL_BIGINT, 1, {SQL_REGCLASS}},
    {"lastval", FUNCTION_LASTVAL, SQL_BIGINT, 0, {0}},
    {"setval", FUNCTION_SETVAL, SQL_BIGINT, 2, {SQL_REGCLASS, SQL_BIGINT}},
    {"setval", FUNCTION_SETVAL, SQL_BIGINT, 3, {SQL_REGCLASS, SQL_BIGINT, SQL_BOOLEAN}},
    {"pg_get_serial_sequence", FUNCTION_SERIAL_SEQUENCE, SQL_TEXT, 2, {SQL_TEXT, SQL_TEXT}},
    {"pg_sequence_last_value", FUNCTION_LAST_VALUE, SQL_BIGINT, 1, {SQL_REGCLASS}},
};
#define SIGNATURES (sizeof signatures / sizeof *signatures)

/* Without asking for it: what PostgreSQL's implicit casts do. */
static bool is_implicit(enum sql_type from, enum sql_type to)
{
    return from == SQL_UNKNOWN || from == to || (from == SQL_TEXT && to == SQL_REGCLASS) ||
           (to == SQL_BIGINT && is_integer_type(from));
}

static bool matches(const struct signature *signature, const struct expression *call)
{
    for (size_t i = 0; i < signature->argument_count; i++)
        if (!is_implicit(call->arguments[i]->type, signature->arguments[i]))
            return false;
    return true;
}

/* As it was written. */
static void print_name(char *text, size_t size, const struct dotted *name)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < name->count && length < size; i++)
        length +=
            (size_t)snprintf(text + length, size - length, "%s%s", i ? "." : "", name->parts[i]);
}

static bool no_such_function(struct parser *parser, const struct expression *call)
{
    char types[200] = "", name[150];
    size_t length = 0;
    print_name(name, sizeof name, &call->name);
    for (size_t i = 0; i < call->argument_count && i < ARGUMENTS_MAX; i++)
        length += (size_t)snprintf(types + length, sizeof types - length, "%s%s", i ? ", " : "",
                                   sql_type_name(call->arguments[i]->type));
    if (call->argument_count > ARGUMENTS_MAX)
        snprintf(types + length, sizeof types - length, ", ...");
    parser_fail(parser, call->at, ERROR_INVALID_PARAMETER, "42883",
                "function %s(%s) does not exist", name, types);
    failure_hint(&parser->failure,
                 "No function matches the given name and argument types. You "
                 "might need to add explicit type casts.");
    return false;
}

static bool is_served(const struct dotted *name)
{
    if (name->count > 2 || (name->count == 2 && strcmp(name->parts[0], "pg_catalog") != 0))
        return false;
    for (size_t i = 0; i < SIGNATURES; i++)
        if (strcmp(name->parts[name->count - 1], signatures[i].name) == 0)
            return true;
    return false;
}

static bool fail_column(struct parser *parser, const struct expression *column)
{
    char name[150];
    print_name(name, sizeof name, &column->name);
    if (column->name.count > 1 || column->name.star)
        return parser_fail(parser, column->at, ERROR_SEQUENCE_NOT_FOUND, NULL,
                           "missing FROM-clause entry for table \"%s\"",
                           column->name.parts[column->name.count > 1 ? column->name.count - 2 : 0]);
    return parser_fail(parser, column->at, ERROR_INVALID_PARAMETER, "42703",
                       "column \"%s\" does not exist", name);
}

static bool resolve(struct parser *parser, struct analysis *analysis, struct expression *call)
{
    const char *name = call->name.parts[call->name.count - 1];
    const struct signature *signature = signatures, *end = signatures + SIGNATURES;
    for (; signature < end; signature++)
        if (strcmp(name, signature->name) == 0 && signature->argument_count == call->argument_count)
            break;
    if (signature == end || !matches(signature, call))
        return no_such_function(parser, call);
    call->function = signature->kind;
    call->type = signature->result;
    for (size_t i = 0; i < call->argument_count; i++)
        if (!cast_expression(parser, analysis, &call->arguments[i], signature->arguments[i],
                             call->arguments[i]->at))
            return false;
    return true;
}

static bool analyze_call(struct parser *parser, struct analysis *analysis, struct expression *call)
{
    if (!is_served(&call->name))
        return parser_unsupported(parser, call->at, SERVED_FUNCTIONS);
    for (size_t i = 0; i < call->argument_count && i < ARGUMENTS_MAX; i++) {
        if (!analyze_expression(parser, analysis, &call->arguments[i]))
            return false;
        if (call->arguments[i]->kind == EXPRESSION_COLUMN)
            return fail_column(parser, call->arguments[i]);
    }
    if (!resolve(parser, analysis, call))
        return false;
    *analysis->calls_end = call;
    analysis->calls_end = &call->next_call;
    analysis->call_count++;
    return true;
}

bool analyze_expression(struct parser *parser, struct analysis *analysis,
                        struct expression **expression)
{
    switch ((*expression)->kind) {
    case EXPRESSION_CAST:
        return analyze_cast(parser, analysis, expression);
    case EXPRESSION_NEGATION:
        return analyze_negation(parser, analysis, expression);
    case EXPRESSION_CALL:
        return analyze_call(parser, analysis, *expression);
    case EXPRESSION_LITERAL:
    case EXPRESSION_COLUMN:
        break;
    }
    return true;
}

const char *expression_label(const struct expression *expression)
{
    static const char *const functions[] = {
        [FUNCTION_NEXTVAL] = "nextval",
        [FUNCTION_CURRVAL] = "currval",
        [FUNCTION_LASTVAL] = "lastval",
        [FUNCTION_SETVAL] = "setval",
        [FUNCTION_SERIAL_SEQUENCE] = "pg_get_serial_sequence",
        [FUNCTION_LAST_VALUE] = "pg_sequence_last_value",
    };
    switch (expression->kind) {
    case EXPRESSION_CALL:
        return functions[expression->function];
    case EXPRESSION_COLUMN:
        return expression->name.parts[expression->name.count - 1];
    case EXPRESSION_CAST:
        if (expression->arguments[0]->kind == EXPRESSION_LITERAL)
            return sql_type_label(expression->type);
        return expression_label(expression->arguments[0]);
    case EXPRESSION_LITERAL:
    case EXPRESSION_NEGATION:
        break;
    }
    return expression->label ? expression->label : "?column?";
}
