#include "handlers/sql/literal.h"

#include "store/decimal.h"
#include "store/definition.h"

#include <string.h>
#include <strings.h>

static const char spaces[] = " \t\n\r\f\v";

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && strchr(spaces, (*text)[0]))
        ++*text, --*length;
    while (*length > 0 && strchr(spaces, (*text)[*length - 1]))
        --*length;
}

const char *number_text(struct arena *arena, bool negative, const char *digits, size_t length)
{
    while (length > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
        digits++, length--;
    negative &= !(length == 1 && digits[0] == '0');
    char *text = arena_alloc(arena, length + 2);
    text[0] = '-';
    memcpy(text + negative, digits, length);
    return text;
}

bool integer_fits(enum sql_type type, int64_t value)
{
    static const enum seq_type types[] = {
        [SQL_SMALLINT] = TYPE_SMALLINT,
        [SQL_INTEGER] = TYPE_INTEGER,
        [SQL_BIGINT] = TYPE_BIGINT,
    };
    return value >= type_min(types[type]) && value <= type_max(types[type]);
}

static bool read_integer(struct parser *parser, enum sql_type type, const char *text, size_t length,
                         const char *at, int64_t *integer)
{
    const char *digits = text;
    size_t count = length;
    trim(&digits, &count);
    bool negative = count > 0 && digits[0] == '-';
    bool sign = negative || (count > 0 && digits[0] == '+');
    const char *number = number_text(parser->arena, negative, digits + sign, count - sign);
    enum decimal_result result = count > sign && strspn(digits + sign, "0123456789") >= count - sign
                                     ? decimal_parse(number, strlen(number), integer)
                                     : DECIMAL_MALFORMED;
    if (result == DECIMAL_OK && integer_fits(type, *integer))
        return true;
    if (result == DECIMAL_MALFORMED)
        return parser_fail(parser, at, ERROR_INVALID_PARAMETER, "22P02",
                           "invalid input syntax for type %s: \"%.300s\"", sql_type_name(type),
                           text);
    return parser_fail(parser, at, ERROR_VALUE_OUT_OF_BOUNDS, NULL,
                       "value \"%.300s\" is out of range for type %s", text, sql_type_name(type));
}

/* A word, or its beginning of at least so many letters (boolin()). */
static bool read_boolean(struct parser *parser, const char *text, size_t length, const char *at,
                         int64_t *integer)
{
    static const struct {
        const char *word;
        size_t least;
        bool value;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
    const char *word = text;
    size_t count = length;
    trim(&word, &count);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (count < words[i].least || count > strlen(words[i].word) ||
            strncasecmp(word, words[i].word, count) != 0)
            continue;
        *integer = words[i].value;
        return true;
    }
    return parser_fail(parser, at, ERROR_INVALID_PARAMETER, "22P02",
                       "invalid input syntax for type boolean: \"%.300s\"", text);
}

bool literal_read(struct parser *parser, enum sql_type type, const char *text, size_t length,
                  const char *at, struct value *value)
{
    *value = (struct value){.text = text, .length = length};
    switch (type) {
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
        return read_integer(parser, type, text, length, at, &value->integer);
    case SQL_BOOLEAN:
        return read_boolean(parser, text, length, at, &value->integer);
    case SQL_REGCLASS:
        return parse_regclass(parser, text, length, at, &value->object);
    default:
        return true;
    }
}

void name_write(struct arena *arena, const struct seq_name *name, bool qualified,
                struct value *text)
{
    char *out = arena_alloc(arena, 2 * (2 * sizeof name->text + 3));
    const char *bare = name_bare(name), *schema = "public";
    size_t length = 0;
    if (bare != name->text)
        schema = arena_copy(arena, name->text, (size_t)(bare - name->text) - 1);
    if (qualified || bare != name->text) {
        length = name_quote(schema, out);
        out[length++] = '.';
    }
    length += name_quote(bare, out + length);
    *text = (struct value){.text = out, .length = length};
}

void literal_write(struct arena *arena, enum sql_type type, const struct value *value,
                   struct value *text)
{
    char *digits;
    if (is_integer_type(type)) {
        digits = arena_alloc(arena, DECIMAL_SIZE);
        *text = (struct value){.text = digits, .length = decimal_write(digits, value->integer)};
    } else if (type == SQL_BOOLEAN) {
        const char *word = value->integer ? "true" : "false";
        *text = (struct value){.text = word, .length = strlen(word)};
    } else if (type == SQL_REGCLASS) {
        name_write(arena, &value->object.name, false, text);
    } else {
        *text = *value;
    }
}
