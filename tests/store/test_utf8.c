#include "store/utf8.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

TestSuite(utf8, .timeout = 60);

/* RFC 3629 by its definition: what the code point is written as, and nothing else. */
static size_t encode(unsigned code, unsigned char bytes[4])
{
    if (code < 0x80) {
        bytes[0] = (unsigned char)code;
        return 1;
    }
    const size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code >>= 6)
        bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
    bytes[0] = (unsigned char)((0xf00 >> length) | code);
    return length;
}

static bool is_character(unsigned code)
{
    return code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
}

Test(utf8, each_of_1112064_characters_has_its_length_and_2048_surrogates_have_none)
{
    unsigned char bytes[4];
    size_t characters = 0;
    for (unsigned code = 0; code <= 0x10ffff; code++) {
        const size_t length = encode(code, bytes);
        const size_t got = utf8_length((const char *)bytes, length);
        if (got != (is_character(code) ? length : 0))
            cr_assert_fail("U+%X: %zu", code, got);
        characters += got > 0;
    }
    cr_expect_eq(characters, 1112064);
}

Test(utf8, all_pairs_of_bytes_are_what_the_rfc_says)
{
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char text[] = {(char)first, (char)second};
            const bool two = first >= 0xc2 && first <= 0xdf && (second & 0xc0) == 0x80;
            const size_t due = first < 0x80 ? 1 : two ? 2 : 0;
            if (utf8_length(text, 2) != due)
                cr_assert_fail("%02x %02x: %zu", first, second, utf8_length(text, 2));
        }
}

/* Every sequence of 3 and 4 bytes from the borders of the rules. */
Test(utf8, longer_sequences_are_characters_only_as_they_are_encoded)
{
    static const unsigned char edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                          0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5};
    const size_t count = sizeof edges;
    for (unsigned lead = 0xe0; lead < 0x100; lead++)
        for (size_t i = 0; i < count * count * count; i++) {
            const unsigned char text[] = {(unsigned char)lead, edges[i / count / count],
                                          edges[i / count % count], edges[i % count]};
            const size_t got = utf8_length((const char *)text, 4), wanted = lead < 0xf0 ? 3 : 4;
            unsigned code = lead & (lead < 0xf0 ? 0x0f : 0x07);
            for (size_t k = 1; k < wanted; k++)
                code = code << 6 | (text[k] & 0x3f);
            unsigned char again[4];
            const bool fine = is_character(code) && encode(code, again) == wanted &&
                              memcmp(again, text, wanted) == 0;
            if (got != (fine ? wanted : 0))
                cr_assert_fail("%02x %02x %02x %02x: %zu", text[0], text[1], text[2], text[3], got);
        }
}

Test(utf8, a_character_that_is_cut_off_is_none)
{
    static const char *const texts[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < 3; i++)
        for (size_t left = 0; left < strlen(texts[i]); left++)
            cr_expect_eq(utf8_length(texts[i], left), 0);
    cr_expect_eq(utf8_length("", 0), 0);
    cr_expect_eq(utf8_length("\0", 1), 1, "a NUL is a character here");
}

Test(utf8, the_valid_bytes_end_at_the_first_that_is_none)
{
    static const struct {
        const char *text;
        size_t length, valid;
    } rows[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"a\0b", 3, 3},
        {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 11, 11},
        {"abc\xff", 4, 3},
        {"abc\xc3", 4, 3},
        {"abc\xc3\x28", 5, 3},
        {"\x80", 1, 0},
        {"a\xed\xa0\x80", 4, 1},
        {"a\xe2\x82\xac\xe2\x82", 6, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(utf8_valid(rows[i].text, rows[i].length), rows[i].valid, "row %zu", i);
}
