#include "handlers/sql/token.h"

#include <string.h>
#include <strings.h>

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_name_start(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (unsigned char)byte >= 0x80;
}

bool is_name_byte(char byte)
{
    return is_name_start(byte) || is_digit(byte) || byte == '$';
}

static bool is_operator(char byte)
{
    return byte != '\0' && strchr("~!@#^&|`?+-*/%<>=", byte);
}

/* The source from `at` on. Past the end it reads as NUL, which is in no token. */
struct source {
    const char *at, *end;
};

static char peek(const struct source *source, size_t ahead)
{
    if (ahead < (size_t)(source->end - source->at))
        return source->at[ahead];
    return '\0';
}

static size_t skip_digits(const struct source *source, size_t at)
{
    while (is_digit(peek(source, at)))
        at++;
    return at;
}

static size_t name_end(const struct source *source, size_t at)
{
    while (is_name_byte(peek(source, at)))
        at++;
    return at;
}

static bool skip_line_comment(struct source *source)
{
    if (peek(source, 0) != '-' || peek(source, 1) != '-')
        return false;
    while (source->at < source->end && *source->at != '\n' && *source->at != '\r')
        source->at++;
    return true;
}

/* False: it does not end. */
static bool skip_block_comment(struct source *source)
{
    struct source inside = *source;
    size_t depth = 0;
    do {
        if (inside.at == inside.end)
            return false;
        bool opens = peek(&inside, 0) == '/' && peek(&inside, 1) == '*';
        bool closes = peek(&inside, 0) == '*' && peek(&inside, 1) == '/';
        depth = opens ? depth + 1 : closes ? depth - 1 : depth;
        inside.at += opens || closes ? 2 : 1;
    } while (depth > 0);
    *source = inside;
    return true;
}

static struct token make(const struct source *source, enum token_kind kind, size_t length)
{
    return (struct token){.kind = kind, .begin = source->at, .length = length};
}

static struct token bad(const struct source *source, size_t length, const char *problem)
{
    struct token token = make(source, TOKEN_BAD, length);
    token.problem = problem;
    return token;
}

static struct token unfinished(const struct source *source, const char *problem)
{
    return bad(source, (size_t)(source->end - source->at), problem);
}

/* The length up to and with the quote that ends what began before `from`; 0: none does.
 * A doubled quote does not, nor does one behind a backslash, where those escape. */
static size_t quoted_end(const struct source *source, size_t from, char quote, bool escapes)
{
    size_t left = (size_t)(source->end - source->at);
    for (size_t at = from; at < left; at++) {
        if ((source->at[at] == '\\' && escapes) ||
            (source->at[at] == quote && peek(source, at + 1) == quote))
            at++;
        else if (source->at[at] == quote)
            return at + 1;
    }
    return 0;
}

/* White space with a newline in it, and then a quote: the string goes on. Returns where,
 * or 0. */
static size_t continuation(const struct source *source, size_t from)
{
    struct source rest = {source->at + from, source->end};
    bool newline = false;
    while (rest.at < rest.end) {
        if (is_space(*rest.at))
            newline |= *rest.at == '\n' || *rest.at == '\r', rest.at++;
        else if (!skip_line_comment(&rest))
            break;
    }
    return newline && peek(&rest, 0) == '\'' ? (size_t)(rest.at - source->at) + 1 : 0;
}

/* `prefix` bytes, and the quote. */
static struct token read_string(const struct source *source, size_t prefix, enum token_kind kind)
{
    bool escapes = prefix == 1 && strchr("eE", source->at[0]);
    size_t end = 0;
    for (size_t from = prefix + 1; from > 0; from = continuation(source, end)) {
        end = quoted_end(source, from, '\'', escapes);
        if (end == 0)
            return unfinished(source, "unterminated quoted string");
    }
    return make(source, kind, end);
}

/* `prefix` bytes, and the quote. */
static struct token read_quoted_name(const struct source *source, size_t prefix,
                                     enum token_kind kind)
{
    size_t end = quoted_end(source, prefix + 1, '"', false);
    if (end == 0)
        return unfinished(source, "unterminated quoted identifier");
    return end == prefix + 2 ? bad(source, end, "zero-length delimited identifier")
                             : make(source, kind, end);
}

static struct token read_dollar(const struct source *source)
{
    size_t tag = 1;
    size_t digits = skip_digits(source, 1);
    if (digits > 1)
        return is_name_start(peek(source, digits))
                   ? bad(source, name_end(source, digits), "trailing junk after parameter")
                   : make(source, TOKEN_PARAMETER, digits);
    while (is_name_byte(peek(source, tag)) && peek(source, tag) != '$')
        tag++;
    if (peek(source, tag++) != '$')
        return make(source, TOKEN_SYMBOL, 1); /* which no statement has */
    const char *body = source->at + tag;
    const char *end = memmem(body, (size_t)(source->end - body), source->at, tag);
    if (!end)
        return unfinished(source, "unterminated dollar-quoted string");
    return make(source, TOKEN_STRING, (size_t)(end - source->at) + tag);
}

static struct token read_number(const struct source *source)
{
    size_t at = skip_digits(source, 0);
    enum token_kind kind = TOKEN_INTEGER;
    if (peek(source, at) == '.' && peek(source, at + 1) != '.') {
        kind = TOKEN_DECIMAL;
        at = skip_digits(source, at + 1);
    }
    char e = peek(source, at);
    if (e == 'e' || e == 'E') {
        bool sign = peek(source, at + 1) == '+' || peek(source, at + 1) == '-';
        size_t digits = at + 1 + sign;
        size_t end = skip_digits(source, digits);
        if (end == digits)
            return bad(source, digits, "trailing junk after numeric literal");
        kind = TOKEN_DECIMAL;
        at = end;
    }
    if (is_name_start(peek(source, at)))
        return bad(source, name_end(source, at), "trailing junk after numeric literal");
    return make(source, kind, at);
}

/* A longer one is none of PostgreSQL's (NAMEDATALEN); and what is cut off below is read again. */
#define OPERATOR_MAX 64

/* As in scan.l: a comment ends it, and it ends in + or - only if it has a character that
 * SQL's own operators do not have. */
static struct token read_operator(const struct source *source)
{
    static const char *const known[] = {"<=", ">=", "<>", "!=", "=>"};
    size_t length = 0;
    bool unusual = false;
    while (length < OPERATOR_MAX && is_operator(peek(source, length))) {
        char here = peek(source, length), after = peek(source, length + 1);
        if (length > 0 && ((here == '-' && after == '-') || (here == '/' && after == '*')))
            break;
        unusual |= strchr("~!@#%^&|`?", here) != NULL;
        length++;
    }
    while (length > 1 && !unusual && strchr("+-", source->at[length - 1]))
        length--;
    bool symbol = length == 1 && strchr("+-*/%^<>=", source->at[0]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        symbol |= length == 2 && memcmp(source->at, known[i], 2) == 0;
    return make(source, symbol ? TOKEN_SYMBOL : TOKEN_OPERATOR, length);
}

static struct token read_word(const struct source *source)
{
    char first = source->at[0], second = peek(source, 1);
    if (second == '\'' && strchr("eE", first))
        return read_string(source, 1, TOKEN_STRING);
    if (second == '\'' && strchr("bBxXnN", first))
        return read_string(source, 1, TOKEN_OTHER);
    if (second == '&' && strchr("uU", first) && peek(source, 2) == '\'')
        return read_string(source, 2, TOKEN_OTHER);
    if (second == '&' && strchr("uU", first) && peek(source, 2) == '"')
        return read_quoted_name(source, 2, TOKEN_OTHER);
    return make(source, TOKEN_WORD, name_end(source, 0));
}

static struct token read_symbol(const struct source *source)
{
    char first = source->at[0], second = peek(source, 1);
    bool two =
        (first == ':' && (second == ':' || second == '=')) || (first == '.' && second == '.');
    return make(source, TOKEN_SYMBOL, two ? 2 : 1);
}

static struct token read_at(const struct source *source)
{
    char first = source->at[0];
    if (is_name_start(first))
        return read_word(source);
    if (is_digit(first) || (first == '.' && is_digit(peek(source, 1))))
        return read_number(source);
    if (first == '\'')
        return read_string(source, 0, TOKEN_STRING);
    if (first == '"')
        return read_quoted_name(source, 0, TOKEN_QUOTED);
    if (first == '$')
        return read_dollar(source);
    return is_operator(first) ? read_operator(source) : read_symbol(source);
}

/* False: a block comment that does not end is what follows. */
static bool skip(struct source *source)
{
    while (source->at < source->end) {
        if (is_space(*source->at))
            source->at++;
        else if (peek(source, 0) == '/' && peek(source, 1) == '*') {
            if (!skip_block_comment(source))
                return false;
        } else if (!skip_line_comment(source))
            break;
    }
    return true;
}

const char *token_skip(const char *text, const char *end)
{
    struct source source = {text, end};
    skip(&source);
    return source.at;
}

struct token token_read(const char *text, const char *end)
{
    struct source source = {text, end};
    if (!skip(&source))
        return unfinished(&source, "unterminated /* comment");
    return source.at < end ? read_at(&source) : make(&source, TOKEN_END, 0);
}

bool token_is_word(const struct token *token, const char *word)
{
    /* Mostly the first letter tells: this is asked several times of each token. */
    return token->kind == TOKEN_WORD && (token->begin[0] | 0x20) == word[0] &&
           strncasecmp(token->begin, word, token->length) == 0 && word[token->length] == '\0';
}

bool token_is_symbol(const struct token *token, const char *symbol)
{
    return token->kind == TOKEN_SYMBOL && token->begin[0] == symbol[0] &&
           (token->length == 1 ? symbol[1] == '\0' : token->begin[1] == symbol[1]);
}

size_t token_decode_name(const struct token *token, char *decoded)
{
    size_t length = 0;
    if (token->kind == TOKEN_WORD) {
        for (; length < token->length; length++) {
            decoded[length] = token->begin[length];
            if (decoded[length] >= 'A' && decoded[length] <= 'Z')
                decoded[length] = (char)(decoded[length] + 'a' - 'A');
        }
        return length;
    }
    for (size_t at = 1; at + 1 < token->length; at++) {
        decoded[length++] = token->begin[at];
        at += token->begin[at] == '"';
    }
    return length;
}

bool is_plain_name(const char *name)
{
    if (!(*name >= 'a' && *name <= 'z') && *name != '_')
        return false;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0';
}
