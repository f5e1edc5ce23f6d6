#include "store/redis_link.h"

#include <criterion/criterion.h>
#include <string.h>

#define NONE "(none)"

static const char *text_of(const char *text)
{
    return text ? text : NONE;
}

Test(redis_address, forms_that_are_understood)
{
    static const struct {
        const char *url, *printed, *user, *password;
        int database;
    } rows[] = {
        {"redis://localhost", "localhost:6379", NONE, NONE, 0},
        {"redis://localhost/", "localhost:6379", NONE, NONE, 0},
        {"redis://localhost:1", "localhost:1", NONE, NONE, 0},
        {"redis://10.0.0.1:65535/15", "10.0.0.1:65535", NONE, NONE, 15},
        {"redis://[::1]", "[::1]:6379", NONE, NONE, 0},
        {"redis://[fe80::1]:7000/2", "[fe80::1]:7000", NONE, NONE, 2},
        {"redis://:secret@h", "h:6379", NONE, "secret", 0},
        {"redis://app:secret@h:7000/1", "h:7000", "app", "secret", 1},
        {"redis://app:@h", "h:6379", "app", "", 0},
        {"redis://a%3Ab:p%40ss%2Fw%25rd@h", "h:6379", "a:b", "p@ss/w%rd", 0},
        {"redis://app:a@b:c@h:7000", "h:7000", "app", "a@b:c", 0},
        {"redis://:%e2%82%ac@h", "h:6379", NONE, "\xe2\x82\xac", 0},
        {"unix:///run/redis.sock", "unix:/run/redis.sock", NONE, NONE, 0},
        {"unix:///run/redis%20two.sock?db=3", "unix:/run/redis two.sock", NONE, NONE, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct redis_address address;
        char why[128] = "", printed[128];
        cr_assert(redis_address_parse(rows[i].url, &address, why, sizeof why), "%s: %s",
                  rows[i].url, why);
        redis_address_print(&address, printed, sizeof printed);
        cr_expect_str_eq(printed, rows[i].printed, "%s is %s", rows[i].url, printed);
        cr_expect_str_eq(text_of(address.user), rows[i].user, "%s", rows[i].url);
        cr_expect_str_eq(text_of(address.password), rows[i].password, "%s", rows[i].url);
        cr_expect_eq(address.database, rows[i].database, "%s", rows[i].url);
        redis_address_deinit(&address);
    }
}

Test(redis_address, forms_that_are_refused_with_their_reason)
{
    static const char scheme[] = "it begins with neither redis:// nor unix://";
    static const char host[] = "its host:port part is malformed";
    static const char credentials[] = "its user:password part is malformed";
    static const char database[] = "its database is not a number";
    static const struct {
        const char *url, *why;
    } rows[] = {
        {"", scheme},
        {"localhost:6379", scheme},
        {"REDIS://localhost", scheme},
        {"rediss://localhost", scheme},
        {"http://localhost", scheme},
        {"redis://", host},
        {"redis:///1", host},
        {"redis://:6379", host},
        {"redis://h:", host},
        {"redis://h:0", host},
        {"redis://h:65536", host},
        {"redis://h:-1", host},
        {"redis://h:6379x", host},
        {"redis://h:06379", host},
        {"redis://[::1", host},
        {"redis://[]:6379", host},
        {"redis://[::1]6379", host},
        {"redis://h%zz", host},
        {"redis://h%00", host},
        {"redis://::1", host},
        {"redis://user@h", credentials},
        {"redis://u:p%@h", credentials},
        {"redis://u:p%4@h", credentials},
        {"redis://u:p%zz@h", credentials},
        {"redis://u:p%00@h", credentials},
        {"redis://u%g1:p@h", credentials},
        {"redis://h/x", database},
        {"redis://h/-1", database},
        {"redis://h/01", database},
        {"redis://h/1/2", database},
        {"redis://h/2147483648", database},
        {"redis://h?db=1", "it has a query"},
        {"unix://run/redis.sock", "its path is not absolute"},
        {"unix:///", "its path is not absolute"},
        {"unix://", "its path is not absolute"},
        {"unix:///a%", "its path is not absolute"},
        {"unix:///a?database=1", "its query is not ?db=number"},
        {"unix:///a?db=", "its query is not ?db=number"},
        {"unix:///a?db=x", "its query is not ?db=number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct redis_address address;
        char why[128] = "";
        cr_expect_not(redis_address_parse(rows[i].url, &address, why, sizeof why), "%s",
                      rows[i].url);
        cr_expect_str_eq(why, rows[i].why, "%s: %s", rows[i].url, why);
        redis_address_deinit(&address); /* nothing is left in it */
    }
}

Test(redis_address, no_reason_holds_the_password)
{
    static const char *const urls[] = {
        "redis://u:hunter2%zz@h", "redis://u:hunter2@h:x",    "redis://u:hunter2@h/x",
        "redis://u:hunter2@",     "redis://u:hunter2/a@h",    "redis://hunter2@h",
        "redis://:hunter2@h?x",   "rediss://u:hunter2@h:1/1",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct redis_address address;
        char why[128] = "";
        cr_expect_not(redis_address_parse(urls[i], &address, why, sizeof why), "%s", urls[i]);
        cr_expect_null(strstr(why, "hunter2"), "%s: %s", urls[i], why);
    }
}

Test(redis_address, a_printed_address_has_no_password)
{
    struct redis_address address;
    char why[128], printed[128];
    cr_assert(redis_address_parse("redis://app:hunter2@h:7000/1", &address, why, sizeof why));
    redis_address_print(&address, printed, sizeof printed);
    cr_expect_str_eq(printed, "h:7000");
    redis_address_deinit(&address);
}
