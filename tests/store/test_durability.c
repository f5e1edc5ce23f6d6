/* What a server is found to give, and the proofs: by replies that are written beforehand. */
#include "store/durability.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int far_end;
static redisContext *context;
static char why[200];

static void setup(void)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    far_end = ends[1];
    context = redisConnectFd(ends[0]);
    cr_assert_not_null(context);
    why[0] = '\0';
}

static void teardown(void)
{
    redisFree(context);
    close(far_end);
}

TestSuite(durability, .init = setup, .fini = teardown, .timeout = 30);

static void will_reply(const char *text)
{
    cr_assert_eq(write(far_end, text, strlen(text)), (ssize_t)strlen(text));
}

static void will_reply_bulk(const char *text)
{
    char reply[256];
    snprintf(reply, sizeof reply, "$%zu\r\n%s\r\n", strlen(text), text);
    will_reply(reply);
}

#define ONLINE(n) "slave" #n ":ip=127.0.0.1,port=6380,state=online,offset=14,lag=0\r\n"
#define FILLING   "connected_slaves:1\r\nslave0:ip=::1,port=6380,state=wait_bgsave,offset=0,lag=0\r\n"
#define FORBIDDEN "forbidden" /* to ask for it */

/* NULL: "7.0.15", "1", "noeviction", "0", "everysec", "no". */
struct server {
    const char *version, *aof, *eviction, *replicas, *appendfsync, *pauses;
};

static const char *given(const char *text, const char *usual)
{
    return text ? text : usual;
}

/* The sections of INFO, as often as they are asked for, and CONFIG GET twice. */
static void will_describe(const struct server *server)
{
    char text[128];
    snprintf(text, sizeof text, "# Server\r\nredis_version:%s\r\nrun_id:0a1b\r\n",
             given(server->version, "7.0.15"));
    will_reply_bulk(text);
    will_reply_bulk(text);
    snprintf(text, sizeof text, "loading:0\r\naof_enabled:%s\r\n", given(server->aof, "1"));
    will_reply_bulk(text);
    snprintf(text, sizeof text, "maxmemory_policy:%s\r\n", given(server->eviction, "noeviction"));
    will_reply_bulk(text);
    will_reply_bulk(given(server->replicas, "connected_slaves:0\r\n"));
    const char *appendfsync = given(server->appendfsync, "everysec");
    if (strcmp(appendfsync, FORBIDDEN) == 0) {
        will_reply("-NOPERM no CONFIG for you\r\n-NOPERM no CONFIG for you\r\n");
        return;
    }
    will_reply("*2\r\n$11\r\nappendfsync\r\n");
    will_reply_bulk(appendfsync);
    will_reply("*2\r\n$25\r\nno-appendfsync-on-rewrite\r\n");
    will_reply_bulk(given(server->pauses, "no"));
}

static bool examine(const char *wanted, struct server server, struct surety *surety)
{
    struct durability durability;
    cr_assert(durability_parse(wanted, &durability), "%s", wanted);
    will_describe(&server);
    return surety_examine(context, &durability, surety, why, sizeof why);
}

Test(durability, everysec_is_proved_by_waitaof_since_7_2_and_by_looks_before)
{
    static const struct {
        const char *version;
        bool waitaof;
    } rows[] = {{"7.0.15", false}, {"6.2.0", false}, {"7.1.999", false}, {"", false},
                {"7.2.4", true},   {"7.10.0", true}, {"8.0.1", true}};
    struct surety surety;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct server server = {.version = rows[i].version};
        cr_assert(examine("fsync", server, &surety), "%s: %s", rows[i].version, why);
        cr_expect_eq(surety.waitaof, rows[i].waitaof, "%s", rows[i].version);
        cr_expect_eq(surety.looks, !rows[i].waitaof, "%s", rows[i].version);
        cr_expect(surety.guarded);
    }
}

Test(durability, always_needs_neither_and_settings_that_cannot_be_read_are_taken_for_everysec)
{
    struct surety surety;
    cr_assert(examine("fsync", (struct server){.appendfsync = "always"}, &surety), "%s", why);
    cr_expect(!surety.waitaof && !surety.looks && surety.guarded);
    cr_expect_str_eq(surety.text, "fsync (appendfsync always)");
    cr_assert(examine("fsync", (struct server){.appendfsync = FORBIDDEN}, &surety), "%s", why);
    cr_expect(surety.looks && surety.guarded);
    cr_expect_str_eq(surety.text, "fsync (appendfsync not readable)");
}

Test(durability, what_is_not_given_is_refused_with_the_reason)
{
    static const struct {
        const char *wanted;
        struct server server;
        const char *reason;
    } rows[] = {
        {"fsync", {.aof = "0"}, "no append-only file"},
        {"fsync", {.appendfsync = "no"}, "appendfsync is no"},
        {"fsync", {.pauses = "yes"}, "no-appendfsync-on-rewrite is yes"},
        {"fsync", {.eviction = "allkeys-lfu"}, "evicts any key"},
        {"replicas:2", {.replicas = ONLINE(0)}, "1 replicas are connected, 2 are asked for"},
        {"replicas:1", {.replicas = FILLING}, "0 replicas are connected"},
        {"fsync+replicas:1", {.replicas = ONLINE(0), .aof = "0"}, "no append-only file"},
    };
    struct surety surety;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect(!examine(rows[i].wanted, rows[i].server, &surety), "row %zu", i);
        cr_expect_not_null(strstr(why, rows[i].reason), "%s", why);
    }
}

Test(durability, auto_takes_what_there_is_and_says_why_it_is_not_more)
{
    static const struct {
        struct server server;
        const char *text, *advice;
    } rows[] = {
        {{.replicas = ONLINE(0) ONLINE(1)}, "fsync (appendfsync everysec) + replicas:2", ""},
        {{.replicas = ONLINE(0) ONLINE(1), .aof = "0"}, "replicas:2", "appendonly yes"},
        {{.aof = "0"}, "none", "appendonly yes"},
        {{.replicas = ONLINE(0) ONLINE(1), .eviction = "allkeys-lru"}, "none", "noeviction"},
    };
    struct surety surety;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert(examine("auto", rows[i].server, &surety), "%s", why);
        cr_expect_str_eq(surety.text, rows[i].text);
        cr_expect_not_null(strstr(surety.advice, rows[i].advice), "%s", surety.advice);
        cr_expect_str_eq(surety.run_id, "0a1b");
    }
}

Test(durability, only_the_replies_that_prove_it_are_proofs)
{
    static const struct {
        const char *replies;
        bool proved;
        const char *reason;
    } rows[] = {
        {":2\r\n*2\r\n:1\r\n:0\r\n", true, ""},
        {":3\r\n*2\r\n:1\r\n:2\r\n", true, ""},
        {":1\r\n", false, "only 1 of 2 replicas"},
        {":2\r\n*2\r\n:0\r\n:2\r\n", false, "its disk is late"},
        {":2\r\n:1\r\n", false, "its disk is late"},
        {":2\r\n*1\r\n:1\r\n", false, "its disk is late"},
        {":2\r\n-ERR WAITAOF cannot be used\r\n", false, "cannot be used"},
        {"-READONLY You can't\r\n", false, "READONLY"},
    };
    const struct surety surety = {.guarded = true, .replicas = 2, .waitaof = true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        will_reply(rows[i].replies);
        cr_expect_eq(surety_wait(context, &surety, 100, why, sizeof why), rows[i].proved,
                     "row %zu: %s", i, why);
        if (!rows[i].proved)
            cr_expect_not_null(strstr(why, rows[i].reason), "%s", why);
    }
}

Test(durability, a_look_is_clean_only_if_nothing_is_pending_or_failed)
{
    static const struct {
        const char *info;
        enum look look;
    } rows[] = {
#define LOOK(aof, pending, status, rewrite, save)                                                  \
    "loading:0\r\naof_enabled:" aof "\r\naof_pending_bio_fsync:" pending                           \
    "\r\naof_last_write_status:" status "\r\naof_rewrite_in_progress:" rewrite                     \
    "\r\nrdb_bgsave_in_progress:" save "\r\n"
        {LOOK("1", "0", "ok", "0", "0"), LOOK_CLEAN}, {LOOK("0", "0", "ok", "0", "0"), LOOK_BUSY},
        {LOOK("1", "1", "ok", "0", "0"), LOOK_BUSY},  {LOOK("1", "0", "err", "0", "0"), LOOK_BUSY},
        {LOOK("1", "0", "ok", "1", "0"), LOOK_BUSY},  {LOOK("1", "0", "ok", "0", "1"), LOOK_BUSY},
        {"aof_pending_bio_fsync:0\r\n", LOOK_BUSY},   {"", LOOK_BUSY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        will_reply_bulk(rows[i].info);
        cr_expect_eq(surety_look(context), rows[i].look, "row %zu", i);
    }
    will_reply("-NOPERM\r\n");
    cr_expect_eq(surety_look(context), LOOK_FAILED);
}
