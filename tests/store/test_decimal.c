#include "store/decimal.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

struct row {
    const char *text;
    enum decimal_result result;
    int64_t value;
};

static void expect_rows(const struct row *rows, size_t count)
{
    for (const struct row *row = rows; row < rows + count; row++) {
        int64_t value = 4242;
        enum decimal_result result = decimal_parse(row->text, strlen(row->text), &value);
        cr_expect_eq(result, row->result, "\"%s\": result %d", row->text, (int)result);
        cr_expect_eq(value, row->value, "\"%s\": value %" PRId64, row->text, value);
    }
}

#define EXPECT_ROWS(rows) expect_rows((rows), sizeof(rows) / sizeof *(rows))

Test(decimal, numbers_are_read_up_to_9223372036854775807)
{
    static const struct row rows[] = {
        {"0", DECIMAL_OK, 0},
        {"7", DECIMAL_OK, 7},
        {"-1", DECIMAL_OK, -1},
        {"10", DECIMAL_OK, 10},
        {"-32768", DECIMAL_OK, -32768},
        {"2147483648", DECIMAL_OK, 2147483648},
        {"9007199254740993", DECIMAL_OK, 9007199254740993}, /* 2^53 + 1: no double holds it */
        {"999999999999999999", DECIMAL_OK, 999999999999999999},
        {"9223372036854775806", DECIMAL_OK, 9223372036854775806},
        {"9223372036854775807", DECIMAL_OK, INT64_MAX},
        {"-9223372036854775807", DECIMAL_OK, -9223372036854775807},
        {"-9223372036854775808", DECIMAL_OK, INT64_MIN},
    };
    EXPECT_ROWS(rows);
}

Test(decimal, well_formed_numbers_beyond_int64_are_out_of_range_from_9223372036854775808)
{
    static const struct row rows[] = {
        {"9223372036854775808", DECIMAL_OUT_OF_RANGE, 4242},
        {"-9223372036854775809", DECIMAL_OUT_OF_RANGE, 4242},
        {"9223372036854775810", DECIMAL_OUT_OF_RANGE, 4242},
        {"10000000000000000000", DECIMAL_OUT_OF_RANGE, 4242},
        {"18446744073709551616", DECIMAL_OUT_OF_RANGE, 4242}, /* 2^64: 0 if it wrapped */
        {"-18446744073709551617", DECIMAL_OUT_OF_RANGE, 4242},
        {"99999999999999999999999999999999999999999999", DECIMAL_OUT_OF_RANGE, 4242},
    };
    EXPECT_ROWS(rows);
}

Test(decimal, every_number_has_one_spelling_so_there_is_no_minus_0)
{
    static const struct row rows[] = {
        {"", DECIMAL_MALFORMED, 4242},      {"-", DECIMAL_MALFORMED, 4242},
        {"-0", DECIMAL_MALFORMED, 4242},    {"00", DECIMAL_MALFORMED, 4242},
        {"01", DECIMAL_MALFORMED, 4242},    {"-01", DECIMAL_MALFORMED, 4242},
        {"+1", DECIMAL_MALFORMED, 4242},    {"--1", DECIMAL_MALFORMED, 4242},
        {"1-", DECIMAL_MALFORMED, 4242},    {" 1", DECIMAL_MALFORMED, 4242},
        {"1 ", DECIMAL_MALFORMED, 4242},    {"1\n", DECIMAL_MALFORMED, 4242},
        {"1.5", DECIMAL_MALFORMED, 4242},   {"1.0", DECIMAL_MALFORMED, 4242},
        {"1e3", DECIMAL_MALFORMED, 4242},   {"0x10", DECIMAL_MALFORMED, 4242},
        {"1_000", DECIMAL_MALFORMED, 4242}, {"\xd9\xa1", DECIMAL_MALFORMED, 4242},
        {"/", DECIMAL_MALFORMED, 4242},     {":", DECIMAL_MALFORMED, 4242},
    };
    EXPECT_ROWS(rows);
}

Test(decimal, a_long_text_with_a_letter_behind_30_digits_is_malformed_not_out_of_range)
{
    static const struct row rows[] = {
        {"999999999999999999999999999999x", DECIMAL_MALFORMED, 4242},
        {"09223372036854775808", DECIMAL_MALFORMED, 4242},
    };
    EXPECT_ROWS(rows);
}

Test(decimal, only_the_given_bytes_are_read_so_2_of_123_are_12)
{
    int64_t value = 0;
    cr_assert_eq(decimal_parse("123", 2, &value), DECIMAL_OK);
    cr_assert_eq(value, 12);
    cr_assert_eq(decimal_parse("-123", 1, &value), DECIMAL_MALFORMED);
    cr_assert_eq(decimal_parse("123", 0, &value), DECIMAL_MALFORMED);
    cr_assert_eq(value, 12);
}

Test(decimal, a_nul_byte_is_no_digit_in_3_bytes)
{
    static const char text[] = {'1', '\0', '2'};
    int64_t value = 4242;
    cr_assert_eq(decimal_parse(text, 3, &value), DECIMAL_MALFORMED);
    cr_assert_eq(value, 4242);
}

Test(decimal, numbers_are_written_in_1_to_20_bytes)
{
    static const struct {
        int64_t value;
        const char *text;
        size_t length;
    } rows[] = {
        {0, "0", 1},
        {9, "9", 1},
        {10, "10", 2},
        {-1, "-1", 2},
        {-10, "-10", 3},
        {9007199254740993, "9007199254740993", 16},
        {INT64_MAX, "9223372036854775807", 19},
        {-9223372036854775807, "-9223372036854775807", 20},
        {INT64_MIN, "-9223372036854775808", 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[DECIMAL_SIZE];
        size_t length = decimal_write(text, rows[i].value);
        cr_expect_str_eq(text, rows[i].text, "%s, not %s", text, rows[i].text);
        cr_expect_eq(length, rows[i].length, "%s: length %zu", text, length);
    }
}
