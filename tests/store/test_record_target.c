/* A sequence that is on its way to another name, as Redis has it: nothing in it is trusted. */
#include "store/record.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define OID        "0123456789abcdef0123456789abcdef"
#define GENERATION "fedcba9876543210fedcba9876543210"

static const char *const fields[] = {
    "oid",        OID,
    "type",       "bigint",
    "start",      "1",
    "increment",  "1",
    "min_value",  "1",
    "max_value",  "100",
    "cache",      "1",
    "cycle",      "0",
    "owned_by",   "t.c",
    "base",       "1",
    "limit",      "100",
    "created_at", "2026-01-01T00:00:00.000000Z",
    "updated_at", "2026-01-01T00:00:00.000000Z",
};
enum { FIELDS = sizeof fields / sizeof *fields };

static void put(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "$%zu\r\n%s\r\n", strlen(word), word);
}

/* HGETALL's reply with `moving` added, and what is made of it. */
static bool target_of(const char *moving, const char *counter, struct seq_name *name,
                      struct record *record)
{
    char text[2048], next[64] = "";
    void *hash, *string;
    redisReader *reader = redisReaderCreate();
    snprintf(text, sizeof text, "*%d\r\n", FIELDS + 2);
    for (size_t i = 0; i < FIELDS; i++)
        put(text, sizeof text, fields[i]);
    put(text, sizeof text, "moving");
    put(text, sizeof text, moving);
    put(next, sizeof next, counter);
    redisReaderFeed(reader, text, strlen(text));
    redisReaderFeed(reader, next, strlen(next));
    cr_assert_eq(redisReaderGetReply(reader, &hash), REDIS_OK);
    cr_assert_eq(redisReaderGetReply(reader, &string), REDIS_OK);
    cr_assert_eq(record_parse(hash, string, record), RECORD_MOVING);
    bool fine = record_target(hash, string, name, record);
    freeReplyObject(hash);
    freeReplyObject(string);
    redisReaderFree(reader);
    return fine;
}

Test(record_target, is_the_sequence_as_it_begins_under_its_new_name)
{
    struct seq_name name;
    struct record record;
    cr_assert(target_of("shop.b " GENERATION, "42", &name, &record));
    cr_expect_str_eq(name.text, "shop.b");
    cr_expect_str_eq(record.identity.oid, OID);
    cr_expect_str_eq(record.identity.generation, GENERATION);
    cr_expect_str_eq(record.definition.owned_by, "t.c");
    cr_expect_eq(record.next, 42);
}

Test(record_target, is_none_when_the_mark_or_the_counter_is_damaged)
{
    static const struct {
        const char *moving, *counter;
    } rows[] = {
        {"", "42"},
        {"b", "42"},
        {"b ", "42"},
        {" " GENERATION, "42"},
        {"1b " GENERATION, "42"},
        {"b{} " GENERATION, "42"},
        {"b c " GENERATION, "42"},
        {"b " GENERATION "0", "42"},
        {"b 0123", "42"},
        {"b " GENERATION, ""},
        {"b " GENERATION, "-1"},
        {"b " GENERATION, "101"},
        {"b " GENERATION, "x"},
        {"b " GENERATION, "9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seq_name name;
        struct record record;
        cr_expect(!target_of(rows[i].moving, rows[i].counter, &name, &record), "%s, %s",
                  rows[i].moving, rows[i].counter);
    }
}
