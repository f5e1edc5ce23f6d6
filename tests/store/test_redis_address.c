#include "store/sentinel.h"

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
        {"redis+sentinel://h/m", "m of h:26379", NONE, NONE, 0},
        {"redis+sentinel://h/m/", "m of h:26379", NONE, NONE, 0},
        {"redis+sentinel://app:p%2Cw@a:1,b,[::1]:3,[::2]/m%2Fx/4",
         "m/x of a:1,b:26379,[::1]:3,[::2]:26379", "app", "p,w", 4},
        {"redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16/m?",
         "m of 1:26379,2:26379,3:26379,4:26379,5:26379,6:26379,7:26379,8:26379,9:26379,10:26379,"
         "11:26379,12:26379,13:26379,14:26379,15:26379,16:26379",
         NONE, NONE, 0},
        {"redis+cluster://h", "cluster of h:6379", NONE, NONE, 0},
        {"redis+cluster://app:p%2Cw@a:1,b,[::1]:3,[::2]/0",
         "cluster of a:1,b:6379,[::1]:3,[::2]:6379", "app", "p,w", 0},
        {"redis+cluster://:secret@a,b/", "cluster of a:6379,b:6379", NONE, "secret", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct redis_address address;
        char why[128] = "", printed[256];
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
    static const char scheme[] =
        "it begins with none of redis://, redis+sentinel://, "
        "redis+cluster:// and unix://";
    static const char host[] = "its host:port part is malformed";
    static const char credentials[] = "its user:password part is malformed";
    static const char database[] = "its database is not a number";
    static const char list[] = "its list of host:port is malformed or too long";
    static const char master[] = "its master's name is missing or malformed";
    static const char query[] = "its query is not ?sentinel-user=...&sentinel-password=...";
    static const char number[] = "a Redis Cluster has no database but 0, and takes no query";
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
        {"sentinel://h/m", scheme},
        {"redis+cluster://", list},
        {"redis+cluster://a,", list},
        {"redis+cluster://a:0", list},
        {"redis+cluster://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", list},
        {"redis+cluster://user@a", credentials},
        {"redis+cluster://a/1", number},
        {"redis+cluster://a,b/x", number},
        {"redis+cluster://a?db=0", number},
        {"redis+sentinel://", list},
        {"redis+sentinel:///m", list},
        {"redis+sentinel://h,/m", list},
        {"redis+sentinel://,h/m", list},
        {"redis+sentinel://a:1,b:x/m", list},
        {"redis+sentinel://a,[::1/m", list},
        {"redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/m", list},
        {"redis+sentinel://u@h/m", credentials},
        {"redis+sentinel://h", master},
        {"redis+sentinel://h/", master},
        {"redis+sentinel://h//1", master},
        {"redis+sentinel://h/%zz", master},
        {"redis+sentinel://h?sentinel-password=p", master},
        {"redis+sentinel://h/m/x", database},
        {"redis+sentinel://h/m/1/2", database},
        {"redis+sentinel://h/m?db=1", query},
        {"redis+sentinel://h/m?sentinel-user=u", query},
        {"redis+sentinel://h/m?sentinel-password=%zz", query},
        {"redis+sentinel://h/m?sentinel-password", query},
        {"redis+sentinel://h/m?sentinel-password=p&sentinel-password=q", query},
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

Test(redis_address, the_sentinels_and_the_servers_have_credentials_of_their_own)
{
    struct redis_address address;
    char why[128];
    cr_assert(
        redis_address_parse("redis+sentinel://app:secret@a:1,b:2/m/5"
                            "?sentinel-user=look%26see&sentinel-password=p%40ss",
                            &address, why, sizeof why));
    cr_expect_str_eq(address.user, "app");
    cr_expect_str_eq(address.password, "secret");
    cr_expect_str_eq(address.sentinels->master, "m");
    cr_expect_eq(address.sentinels->count, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_str_eq(address.sentinels->at[i].user, "look&see");
        cr_expect_str_eq(address.sentinels->at[i].password, "p@ss");
        cr_expect_eq(address.sentinels->at[i].database, 0);
    }
    redis_address_deinit(&address);
}

Test(redis_address, no_reason_holds_the_password)
{
    static const char *const urls[] = {
        "redis://u:hunter2%zz@h",
        "redis://u:hunter2@h:x",
        "redis://u:hunter2@h/x",
        "redis://u:hunter2@",
        "redis://u:hunter2/a@h",
        "redis://hunter2@h",
        "redis://:hunter2@h?x",
        "rediss://u:hunter2@h:1/1",
        "redis+sentinel://u:hunter2@h",
        "redis+sentinel://u:hunter2@h,/m",
        "redis+sentinel://u:hunter2@h/m/x",
        "redis+sentinel://h/m?sentinel-password=hunter2%",
        "redis+sentinel://h/m?sentinel-user=hunter2",
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

Test(redis_address, a_long_list_of_sentinels_is_printed_as_far_as_it_fits)
{
    struct redis_address address;
    char why[128], printed[21];
    cr_assert(redis_address_parse("redis+sentinel://aaaa:1,bbbb:2,cccc:3/name", &address, why,
                                  sizeof why));
    redis_address_print(&address, printed, sizeof printed);
    cr_expect_str_eq(printed, "name of aaaa:1,bbbb:");
    redis_address_deinit(&address);
}
