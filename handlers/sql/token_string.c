/* What string literals stand for (PostgreSQL manual, sections 4.1.2.1, 4.1.2.2, 4.1.2.4). */
#include "handlers/sql/token.h"

#include "store/utf8.h"

#include <string.h>

/* A string that is decoded: where one reads, and where one writes. */
struct decoding {
    const char *at, *end;
    char *decoded;
    size_t length;
    struct string_problem *problem;
};

static int digit_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : 99;
}

/* Up to `most` digits of a base; *count says how many there were. */
static unsigned read_code(const char *text, const char *end, int base, size_t most, size_t *count)
{
    unsigned code = 0;
    *count = 0;
    while (*count < most && text + *count < end && digit_value(text[*count]) < base)
        code = code * (unsigned)base + (unsigned)digit_value(text[(*count)++]);
    return code;
}

static void write_utf8(struct decoding *decoding, unsigned code)
{
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    char *out = decoding->decoded + decoding->length;
    out[0] = (char)(leads[more] | (code >> (6 * more)));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | ((code >> (6 * (more - i))) & 0x3f));
    decoding->length += more + 1;
}

static void fail(struct decoding *decoding, const char *message, const char *at, size_t length)
{
    *decoding->problem = (struct string_problem){.message = message,
                                                 .sqlstate = "42601",
                                                 .hint = "",
                                                 .at = at,
                                                 .length = length,
                                                 .byte = -1};
}

static bool is_surrogate(unsigned code, unsigned first)
{
    return code >= first && code < first + 0x400;
}

/* At the backslash of \uXXXX or \UXXXXXXXX. False: failed. */
static bool read_unicode(struct decoding *decoding, unsigned *code)
{
    size_t wanted = decoding->at[1] == 'u' ? 4 : 8, count;
    *code = read_code(decoding->at + 2, decoding->end, 16, wanted, &count);
    if (count < wanted) {
        fail(decoding, "invalid Unicode escape", decoding->at, 0);
        decoding->problem->sqlstate = "22025";
        decoding->problem->hint = "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.";
    } else if (*code == 0 || *code > 0x10ffff) {
        fail(decoding, "invalid Unicode escape value", decoding->at, 2 + wanted);
    }
    return !decoding->problem->message;
}

static bool begins_unicode(const struct decoding *decoding)
{
    return decoding->end - decoding->at >= 2 && decoding->at[0] == '\\' &&
           (decoding->at[1] == 'u' || decoding->at[1] == 'U');
}

static void decode_unicode(struct decoding *decoding)
{
    static const char bad_pair[] = "invalid Unicode surrogate pair";
    unsigned code, second;
    if (!read_unicode(decoding, &code))
        return;
    const char *at = decoding->at;
    decoding->at += decoding->at[1] == 'u' ? 6 : 10;
    if (is_surrogate(code, 0xdc00)) {
        fail(decoding, bad_pair, at, (size_t)(decoding->at - at));
        return;
    }
    if (is_surrogate(code, 0xd800)) {
        at = decoding->at;
        if (!begins_unicode(decoding)) {
            fail(decoding, bad_pair, at, 1);
            return;
        }
        if (!read_unicode(decoding, &second))
            return;
        decoding->at += decoding->at[1] == 'u' ? 6 : 10;
        if (!is_surrogate(second, 0xdc00)) {
            fail(decoding, bad_pair, at, (size_t)(decoding->at - at));
            return;
        }
        code = 0x10000 + ((code & 0x3ff) << 10) + (second & 0x3ff);
    }
    write_utf8(decoding, code);
}

/* At a backslash that something follows. */
static void decode_escape(struct decoding *decoding)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *after = decoding->at + 1;
    size_t count = 1;
    char meaning = *after;
    if (begins_unicode(decoding)) {
        decode_unicode(decoding);
        return;
    }
    const char *letter = memchr(letters, *after, sizeof letters - 1);
    if (*after >= '0' && *after <= '7') {
        meaning = (char)read_code(after, decoding->end, 8, 3, &count);
    } else if (*after == 'x' && after + 1 < decoding->end && digit_value(after[1]) < 16) {
        meaning = (char)read_code(after + 1, decoding->end, 16, 2, &count);
        count++;
    } else if (letter) {
        meaning = meanings[letter - letters];
    }
    decoding->decoded[decoding->length++] = meaning;
    decoding->at = after + count;
}

static size_t decode_dollar(const struct token *token, char *decoded)
{
    const char *second = memchr(token->begin + 1, '$', token->length - 1);
    size_t tag = (size_t)(second - token->begin) + 1;
    memcpy(decoded, token->begin + tag, token->length - 2 * tag);
    return token->length - 2 * tag;
}

/* Between two quotes; the closing one is passed, too. */
static void decode_piece(struct decoding *decoding, bool escapes)
{
    while (decoding->at < decoding->end && !decoding->problem->message) {
        char byte = *decoding->at;
        if (byte == '\\' && escapes) {
            decode_escape(decoding);
            continue;
        }
        decoding->at++;
        if (byte == '\'') {
            if (decoding->at == decoding->end || *decoding->at != '\'')
                return;
            decoding->at++;
        }
        decoding->decoded[decoding->length++] = byte;
    }
}

/* Escapes may have made bytes that are no characters. */
static void check_bytes(struct decoding *decoding)
{
    size_t valid = utf8_valid(decoding->decoded, decoding->length);
    const char *nul = memchr(decoding->decoded, '\0', valid);
    if (nul)
        valid = (size_t)(nul - decoding->decoded);
    if (valid == decoding->length)
        return;
    fail(decoding, "invalid byte sequence for encoding \"UTF8\"", NULL, 0);
    decoding->problem->sqlstate = "22021";
    decoding->problem->byte = (unsigned char)decoding->decoded[valid];
}

size_t token_decode_string(const struct token *token, char *decoded, struct string_problem *problem)
{
    struct decoding decoding = {.at = token->begin,
                                .end = token->begin + token->length,
                                .decoded = decoded,
                                .problem = problem};
    bool escapes = *decoding.at == 'e' || *decoding.at == 'E';
    problem->message = NULL;
    if (*decoding.at == '$')
        return decode_dollar(token, decoded);
    decoding.at += escapes;
    while (decoding.at < decoding.end && !problem->message) {
        decoding.at++; /* the opening quote */
        decode_piece(&decoding, escapes);
        decoding.at = token_skip(decoding.at, decoding.end);
    }
    if (!problem->message)
        check_bytes(&decoding);
    return decoding.length;
}
