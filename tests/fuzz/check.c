#include "tests/fuzz/check.h"

#include "store/memory.h"
#include "store/utf8.h"

#include <stdio.h>
#include <string.h>

void check(bool fine, const char *what, const char *file, int line)
{
    if (fine)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

void check_utf8(const char *text)
{
    CHECK(utf8_valid(text, strlen(text)) == strlen(text));
}

void check_name(const struct seq_name *name)
{
    struct seq_name again;
    struct failure failure;
    CHECK(name->length == strlen(name->text));
    CHECK(name_parse(name->text, name->length, &again, &failure));
    CHECK(strcmp(again.text, name->text) == 0);
}

void check_object(const struct object *object)
{
    check_name(&object->name);
    check_utf8(object->shown);
}

void check_failure(const struct walk *walk, const struct failure *failure)
{
    CHECK(failure->code > ERROR_NONE && failure->code < ERROR_COUNT);
    CHECK(failure->detail[0] != '\0');
    check_utf8(failure->detail);
    check_utf8(failure->hint);
    check_utf8(failure->sequence);
    CHECK(strlen(failure_sqlstate(failure)) == 5);
    CHECK(failure->position >= 0 && failure->position <= walk->characters + 1);
}

void check_notices(const struct notices *notices)
{
    for (const struct notice *notice = notices->first; notice; notice = notice->next) {
        CHECK(strlen(notice->sqlstate) == 5);
        check_utf8(notice->message);
    }
}

/* --- What was written -------------------------------------------------------------------- */

static unsigned hex(const char *text)
{
    char digits[5] = {0}, *end;
    memcpy(digits, text, 4);
    unsigned long code = strtoul(digits, &end, 16);
    CHECK(end == digits + 4);
    return (unsigned)code;
}

/* RFC 8259, section 7; of the escapes only those that text.c writes. */
static void decode(struct text *decoded, const struct text *json)
{
    decoded->bytes = must_realloc(NULL, json->length + 1); /* it gets no longer */
    for (size_t i = 0; i < json->length; i++) {
        char byte = json->bytes[i];
        CHECK((unsigned char)byte >= 0x20 && byte != '"');
        if (byte == '\\') {
            CHECK(i + 1 < json->length);
            byte = json->bytes[++i];
            if (byte == 'u') {
                CHECK(i + 4 < json->length);
                unsigned code = hex(json->bytes + i + 1);
                CHECK(code > 0 && code < 0x20);
                byte = (char)code;
                i += 4;
            } else {
                CHECK(byte == '"' || byte == '\\' || byte == 'n');
                byte = byte == 'n' ? '\n' : byte;
            }
        }
        decoded->bytes[decoded->length++] = byte;
    }
    CHECK(utf8_valid(decoded->bytes, decoded->length) == decoded->length);
}

void comparison_begin(struct comparison *comparison, const struct walk *walk,
                      const struct text *json)
{
    *comparison = (struct comparison){.walk = walk, .at = walk->statement->begin};
    decode(&comparison->written, json);
}

static const char *unread(const struct comparison *comparison)
{
    return comparison->written.bytes + comparison->read;
}

static size_t left(const struct comparison *comparison)
{
    return comparison->written.length - comparison->read;
}

void compare_same(struct comparison *comparison, const char *at)
{
    CHECK(at >= comparison->at && at <= comparison->walk->statement->end);
    size_t length = (size_t)(at - comparison->at);
    CHECK(length <= left(comparison));
    CHECK(length == 0 || memcmp(unread(comparison), comparison->at, length) == 0);
    comparison->at = at;
    comparison->read += length;
    comparison->changes =
        arena_grow(comparison->walk->arena, comparison->changes, comparison->count,
                   &comparison->capacity, sizeof *comparison->changes);
    comparison->changes[comparison->count] = (struct change){.at = at, .begin = comparison->read};
}

static bool skip(struct comparison *comparison, const char *word)
{
    size_t length = strlen(word);
    bool is = length <= left(comparison) && memcmp(unread(comparison), word, length) == 0;
    comparison->read += is ? length : 0;
    return is;
}

void compare_word(struct comparison *comparison, const char *word)
{
    if (!skip(comparison, word)) {
        skip(comparison, " "); /* may keep it from what is before it */
        CHECK(skip(comparison, word));
    }
}

int64_t compare_number(struct comparison *comparison)
{
    int64_t number = 0;
    int open = 0, length = 0;
    char digits[32];
    skip(comparison, " ");
    while (skip(comparison, "("))
        open++;
    size_t shown = left(comparison) < sizeof digits ? left(comparison) : sizeof digits - 1;
    memcpy(digits, unread(comparison), shown);
    digits[shown] = '\0';
    CHECK(sscanf(digits, "%ld%n", &number, &length) == 1);
    comparison->read += (size_t)length;
    for (; open > 0; open--) {
        skip(comparison, "::bigint");
        CHECK(skip(comparison, ")"));
    }
    return number;
}

void compare_change(struct comparison *comparison, size_t length)
{
    struct change *change = &comparison->changes[comparison->count++];
    change->length = length;
    comparison->at += length;
    /* A blank may keep it from what is behind it. */
    if (comparison->at < comparison->walk->statement->end && *comparison->at != ' ')
        skip(comparison, " ");
    change->end = comparison->read;
}

/* --- Its tokens --------------------------------------------------------------------------- */

/* Tokens of one text that are not in a change, and which change comes next. */
struct reader {
    const char *begin, *at, *end;
    size_t change;
};

static void change_ends(const struct comparison *comparison, const struct reader *reader,
                        bool written, const char **begin, const char **end)
{
    const struct change *change = &comparison->changes[reader->change];
    *begin = written ? reader->begin + change->begin : change->at;
    *end = written ? reader->begin + change->end : change->at + change->length;
}

static struct token next_token(const struct comparison *comparison, struct reader *reader,
                               bool written)
{
    for (;;) {
        struct token token = token_read(reader->at, reader->end);
        const char *begin, *end;
        CHECK(token.kind != TOKEN_BAD);
        reader->at = token.begin + token.length;
        if (reader->change == comparison->count)
            return token;
        change_ends(comparison, reader, written, &begin, &end);
        if (token.begin < begin) {
            CHECK(reader->at <= begin); /* what was put there does not stick to it */
            return token;
        }
        if (token.begin >= end) {
            reader->change++;
            reader->at = token.begin;
        } else {
            CHECK(reader->at <= end);
        }
    }
}

static void compare_tokens(const struct comparison *comparison)
{
    const struct statement *statement = comparison->walk->statement;
    const struct text *written = &comparison->written;
    struct reader old = {statement->begin, statement->begin, statement->end, 0};
    struct reader new = {written->bytes, written->bytes, written->bytes + written->length, 0};
    struct token a, b;
    do {
        a = next_token(comparison, &old, false);
        b = next_token(comparison, &new, true);
        CHECK(a.kind == b.kind && a.length == b.length);
        CHECK(memcmp(a.begin, b.begin, a.length) == 0);
    } while (a.kind != TOKEN_END);
}

static bool is_name(const struct token *token, const char *name)
{
    char decoded[16];
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED) ||
        token->length >= sizeof decoded)
        return false;
    decoded[token_decode_name(token, decoded)] = '\0';
    return strcmp(decoded, name) == 0;
}

/* A name that is called only now that a number in parentheses is behind it. No SQL is like
 * that: the shard refuses the one and the other. */
static bool has_stray_name(const struct statement *statement)
{
    static const char *const names[] = {"nextval", "currval", "lastval", "setval"};
    struct token token = token_read(statement->begin, statement->end);
    while (token.kind != TOKEN_END) {
        struct token behind = token_read(token.begin + token.length, statement->end);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (is_name(&token, names[i]) && !token_is_symbol(&behind, "("))
                return true;
        token = behind;
    }
    return false;
}

bool comparison_end(struct comparison *comparison, struct walk *again)
{
    compare_same(comparison, comparison->walk->statement->end);
    CHECK(left(comparison) == 0);
    compare_tokens(comparison);
    *again = (struct walk){.arena = arena_create()};
    /* As long as the statement is: what is parsed keeps pointing to it. */
    char *text = arena_copy(again->arena, comparison->written.bytes, comparison->written.length);
    parser_init(&again->parser, again->arena, text, comparison->written.length);
    again->statement = arena_alloc(again->arena, sizeof *again->statement);
    bool fine = parse_statement(&again->parser, again->statement);
    CHECK(fine || has_stray_name(comparison->walk->statement));
    CHECK(again->statement->kind == comparison->walk->statement->kind);
    text_free(&comparison->written);
    return fine;
}
