#include "store/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPTURE_BYTES 65536 /* what a pipe holds, so that nobody need read meanwhile */

struct capture {
    int saved, reader;
    char text[CAPTURE_BYTES + 1];
};

static void capture_start(struct capture *capture)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    capture->saved = dup(STDERR_FILENO);
    capture->reader = ends[0];
    cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
}

static const char *capture_stop(struct capture *capture)
{
    dup2(capture->saved, STDERR_FILENO); /* closes the last writing end */
    close(capture->saved);
    size_t length = 0;
    ssize_t count;
    while ((count = read(capture->reader, capture->text + length, CAPTURE_BYTES - length)) > 0)
        length += (size_t)count;
    capture->text[length] = '\0';
    close(capture->reader);
    return capture->text;
}

/* What stands behind the time, which is the only part that varies. */
static const char *after_time(const char *line)
{
    static const char shape[] = "{\"time\":\"dddd-dd-ddTdd:dd:dd.ddddddZ\"";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = line[i] >= '0' && line[i] <= '9';
        cr_assert(shape[i] == 'd' ? digit : line[i] == shape[i], "byte %zu of %s", i, line);
    }
    return line + sizeof shape - 1;
}

/* The line as JSON; it must be one object, one line and at most 4096 bytes. */
static json_t *parse_line(const char *line)
{
    size_t length = strlen(line);
    cr_assert_leq(length, 4096);
    cr_assert_gt(length, 0);
    cr_assert_eq(strchr(line, '\n'), line + length - 1);
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(object, "%s in %s", error.text, line);
    return object;
}

static const char *log_text(struct capture *capture, const char *text)
{
    capture_start(capture);
    LOG(INFO, "e", LOG_TEXT("t", text));
    return capture_stop(capture);
}

Test(log, an_event_without_fields_has_3_members)
{
    struct capture capture;
    capture_start(&capture);
    log_write(LOG_LEVEL_INFO, "ready", NULL);
    const char *line = capture_stop(&capture);
    cr_assert_str_eq(after_time(line), ",\"level\":\"info\",\"event\":\"ready\"}\n");
}

Test(log, fields_keep_their_order_and_numbers_are_exact_beyond_9007199254740993)
{
    struct capture capture;
    capture_start(&capture);
    LOG(WARN, "redis_disconnected", LOG_TEXT("why", "timeout"), LOG_NUMBER("least", INT64_MIN),
        LOG_NUMBER("most", INT64_MAX), LOG_NUMBER("odd", 9007199254740993), LOG_TEXT("empty", ""),
        LOG_NUMBER("zero", 0));
    const char *line = capture_stop(&capture);
    cr_assert_str_eq(after_time(line),
                     ",\"level\":\"warn\",\"event\":\"redis_disconnected\",\"why\":\"timeout\","
                     "\"least\":-9223372036854775808,\"most\":9223372036854775807,"
                     "\"odd\":9007199254740993,\"empty\":\"\",\"zero\":0}\n");
}

Test(log, lines_below_the_level_are_dropped_so_info_leaves_3_of_4)
{
    static const struct {
        enum log_level lowest;
        const char *levels; /* of the lines that are written */
    } rows[] = {
        {LOG_LEVEL_DEBUG, "diwe"},
        {LOG_LEVEL_INFO, "iwe"},
        {LOG_LEVEL_WARN, "we"},
        {LOG_LEVEL_ERROR, "e"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct capture capture;
        capture_start(&capture);
        log_set_level(rows[i].lowest);
        for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++)
            log_write((enum log_level)level, "x", NULL);
        char seen[8] = "";
        size_t count = 0;
        for (const char *at = capture_stop(&capture); (at = strstr(at, "\"level\":\"")); at += 9)
            seen[count++] = at[9];
        cr_expect_str_eq(seen, rows[i].levels, "%s, not %s", seen, rows[i].levels);
    }
}

Test(log, the_level_is_info_until_it_is_set_so_1_of_2_lines_is_written)
{
    struct capture capture;
    capture_start(&capture);
    LOG(DEBUG, "hidden", LOG_NUMBER("n", 1));
    LOG(INFO, "shown", LOG_NUMBER("n", 2));
    const char *line = capture_stop(&capture);
    cr_assert_str_eq(after_time(line), ",\"level\":\"info\",\"event\":\"shown\",\"n\":2}\n");
}

Test(log, the_4_levels_are_read_by_name)
{
    static const struct {
        const char *text;
        enum log_level level;
    } rows[] = {{"debug", LOG_LEVEL_DEBUG},
                {"info", LOG_LEVEL_INFO},
                {"warn", LOG_LEVEL_WARN},
                {"error", LOG_LEVEL_ERROR}};
    for (size_t i = 0; i < 4; i++) {
        enum log_level level = (enum log_level)99;
        cr_expect(log_level_parse(rows[i].text, &level));
        cr_expect_eq(level, rows[i].level);
    }
    enum log_level level = (enum log_level)99;
    cr_expect_not(log_level_parse("warning", &level));
    cr_expect_not(log_level_parse("INFO", &level));
    cr_expect_not(log_level_parse("", &level));
    cr_expect_eq((int)level, 99);
}

Test(log, whatever_a_client_sends_is_escaped_into_1_line)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"a\"b\\c/", "a\\\"b\\\\c/"},
        {"\n\r\t\x01\x1f\x7f", "\\u000a\\u000d\\u0009\\u0001\\u001f\\u007f"},
        {"\"}\n{\"level\":\"error\"}", "\\\"}\\u000a{\\\"level\\\":\\\"error\\\"}"},
        {"na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80",
         "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80", "\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"},
        {"\x80", "\\u0080"},                                  /* a tail without its head */
        {"\xff\xfe", "\\u00ff\\u00fe"},                       /* never in UTF-8 */
        {"\xc0\xaf", "\\u00c0\\u00af"},                       /* overlong '/' */
        {"\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf"},            /* overlong */
        {"\xf0\x8f\xbf\xbf", "\\u00f0\\u008f\\u00bf\\u00bf"}, /* overlong */
        {"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"},            /* a surrogate */
        {"\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"}, /* beyond U+10FFFF */
        {"\xc3", "\\u00c3"},                                  /* cut off */
        {"\xe2\x82", "\\u00e2\\u0082"},                       /* cut off */
        {"\xf0\x9f\x98", "\\u00f0\\u009f\\u0098"},            /* cut off */
        {"\xc3(", "\\u00c3("},
        {"\xe2\x82(", "\\u00e2\\u0082("},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct capture capture;
        char expected[256];
        snprintf(expected, sizeof expected, ",\"level\":\"info\",\"event\":\"e\",\"t\":\"%s\"}\n",
                 rows[i].json);
        const char *line = log_text(&capture, rows[i].text);
        cr_expect_str_eq(after_time(line), expected, "row %zu: %s", i, line);
        json_decref(parse_line(line));
    }
}

Test(log, events_and_keys_are_escaped_too_with_u0022_as_2_bytes)
{
    struct capture capture;
    capture_start(&capture);
    LOG(ERROR, "a\"b", LOG_NUMBER("c\nd", 1));
    const char *line = capture_stop(&capture);
    cr_assert_str_eq(after_time(line),
                     ",\"level\":\"error\",\"event\":\"a\\\"b\",\"c\\u000ad\":1}\n");
}

static char *filled(size_t length, const char *unit)
{
    char *text = malloc(length + 1);
    size_t width = strlen(unit);
    for (size_t i = 0; i < length; i++)
        text[i] = unit[i % width];
    text[length] = '\0';
    return text;
}

Test(log, a_text_is_cut_behind_1024_bytes)
{
    static const struct {
        size_t length;
        const char *unit;
        size_t shown; /* bytes of the decoded text, with its "..." */
    } rows[] = {
        {1024, "a", 1024},
        {1025, "a", 1027},
        {1000000, "a", 1027},
        {1000000, "\"", 515},                /* 512 of 2 bytes each */
        {1000000, "\n", 173},                /* 170 of 6 bytes each */
        {999999, "\xe2\x82\xac", 1026},      /* 341 whole characters of 3 bytes */
        {1000000, "\xf0\x9f\x98\x80", 1027}, /* 256 whole characters of 4 bytes */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct capture capture;
        char *text = filled(rows[i].length, rows[i].unit);
        json_t *object = parse_line(log_text(&capture, text));
        const char *shown = json_string_value(json_object_get(object, "t"));
        cr_expect_eq(strlen(shown), rows[i].shown, "row %zu: %zu bytes", i, strlen(shown));
        cr_expect_eq(strcmp(shown + strlen(shown) - 3, "...") == 0, rows[i].length != 1024);
        json_decref(object);
        free(text);
    }
}

Test(log, a_line_has_at_most_4096_bytes_and_says_so)
{
    char *text = filled(5000, "x");
    struct capture capture;
    capture_start(&capture);
    LOG(INFO, "e", LOG_TEXT("a", text), LOG_TEXT("b", text), LOG_TEXT("c", text),
        LOG_TEXT("d", text), LOG_TEXT("e", text), LOG_NUMBER("f", 7), LOG_TEXT(text, "key"));
    json_t *object = parse_line(capture_stop(&capture));
    cr_expect_eq(json_string_length(json_object_get(object, "c")), 1027);
    cr_expect_not_null(json_object_get(object, "d"));
    cr_expect_lt(json_string_length(json_object_get(object, "d")), 1027);
    cr_expect_null(json_object_get(object, "e"));
    cr_expect_eq(json_object_get(object, "truncated"), json_true());
    json_decref(object);
    free(text);
}

/* The last field's end walks over the end of the line, byte by byte. */
Test(log, every_length_around_the_end_gives_valid_json_within_4096_bytes)
{
    for (size_t length = 700; length < 1030; length++) {
        char *full = filled(1024, "x"), *text = filled(length, "\xe2\x82\xac\n\"");
        text[length - length % 5] = '\0'; /* no half characters */
        struct capture capture;
        capture_start(&capture);
        LOG(INFO, full, LOG_TEXT("a", full), LOG_TEXT("b", full), LOG_TEXT("c", text),
            LOG_NUMBER("n", INT64_MIN), LOG_TEXT("d", text), LOG_NUMBER("m", 1));
        json_t *object = parse_line(capture_stop(&capture));
        cr_expect_not_null(json_object_get(object, "b"));
        json_decref(object);
        free(full);
        free(text);
    }
}

Test(log, a_line_is_complete_or_says_truncated_at_every_length_up_to_1024)
{
    bool some_complete = false, some_truncated = false;
    for (size_t length = 800; length < 1024; length++) {
        char *full = filled(1024, "x"), *text = filled(length, "x");
        struct capture capture;
        capture_start(&capture);
        LOG(INFO, full, LOG_TEXT("a", full), LOG_TEXT("b", full), LOG_TEXT("c", text),
            LOG_NUMBER("n", INT64_MIN), LOG_NUMBER("m", 1));
        json_t *object = parse_line(capture_stop(&capture));
        bool complete = json_object_get(object, "n") && json_object_get(object, "m");
        bool truncated = json_object_get(object, "truncated") != NULL;
        cr_expect_neq(complete, truncated, "length %zu", length);
        some_complete |= complete;
        some_truncated |= truncated;
        json_decref(object);
        free(full);
        free(text);
    }
    cr_expect(some_complete && some_truncated);
}

Test(log, errno_survives_as_4242_even_when_standard_error_is_closed)
{
    int saved = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = 4242;
    LOG(ERROR, "nobody_hears", LOG_NUMBER("n", 1));
    int after = errno;
    dup2(saved, STDERR_FILENO);
    close(saved);
    cr_assert_eq(after, 4242);
}

static void *write_50_lines(void *name)
{
    for (int i = 0; i < 50; i++)
        LOG(INFO, "turn", LOG_TEXT("thread", name), LOG_NUMBER("turn", i),
            LOG_TEXT("rest", "0123456789012345678901234567890123456789"));
    return NULL;
}

Test(log, lines_of_4_threads_are_never_torn)
{
    static char names[][2] = {"a", "b", "c", "d"};
    struct capture capture;
    capture_start(&capture);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, write_50_lines, names[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    capture_stop(&capture);

    json_int_t next[4] = {0, 0, 0, 0};
    char *rest;
    for (char *line = strtok_r(capture.text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        cr_assert_not_null(object, "%s", line);
        int thread = json_string_value(json_object_get(object, "thread"))[0] - 'a';
        cr_expect_eq(json_integer_value(json_object_get(object, "turn")), next[thread]++);
        json_decref(object);
    }
    for (int i = 0; i < 4; i++)
        cr_expect_eq(next[i], 50);
}
