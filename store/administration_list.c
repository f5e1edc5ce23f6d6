#include "store/admin_cluster.h"

#include "store/decimal.h"
#include "store/memory.h"

#include <string.h>

/* One page of names, and one more to know whether there are others. */
static redisReply *list_names(struct administration *administration, const char *prefix,
                              const char *cursor, int64_t limit, struct failure *failure)
{
    struct places places;
    char from[NAME_MAX_BYTES + 2], to[NAME_MAX_BYTES + 3], how_many[DECIMAL_SIZE];
    places_print(&places, administration, NULL);
    bool after_cursor = strcmp(cursor, prefix) >= 0 && cursor[0];
    snprintf(from, sizeof from, "%c%s", after_cursor ? '(' : '[', after_cursor ? cursor : prefix);
    /* Names are ASCII: all that begin with the prefix sort before it with a 0xff. */
    snprintf(to, sizeof to, "(%s\xff", prefix);
    decimal_write(how_many, limit + 1);
    struct call call = {
        .values = {"ZRANGEBYLEX", places.index, from, to, "LIMIT", "0", how_many},
        .count = 7,
    };
    return admin_call(administration, &call, failure);
}

/* The names of a page, and how to ask for each. */
struct page {
    struct seq_name *names;
    struct keys *keys;
    struct call *calls;
    redisReply **replies;
    size_t count;
};

static void page_init(struct page *page, const struct administration *administration,
                      const redisReply *names, size_t limit)
{
    struct failure ignored;
    page->names = must_calloc(limit, sizeof *page->names);
    page->keys = must_calloc(limit, sizeof *page->keys);
    page->calls = must_calloc(limit, sizeof *page->calls);
    page->replies = must_calloc(limit, sizeof(redisReply *));
    page->count = 0;
    for (size_t i = 0; i < names->elements && i < limit; i++) {
        const redisReply *text = names->element[i];
        size_t slot = page->count;
        if (text->type != REDIS_REPLY_STRING ||
            !name_parse(text->str, (size_t)text->len, &page->names[slot], &ignored))
            continue;
        keys_print(&page->keys[slot], administration->options.key_prefix, page->names[slot].text);
        page->calls[slot] = script_call(&script_describe, &page->keys[slot]);
        page->count++;
    }
}

static void page_deinit(struct page *page)
{
    free(page->names);
    free(page->keys);
    free(page->calls);
    free(page->replies);
}

/* The first by itself, so that Redis has the script; then all others at once. */
static bool ask_all(struct administration *administration, struct page *page,
                    struct failure *failure)
{
    if (page->count == 0)
        return true;
    page->replies[0] = admin_call(administration, &page->calls[0], failure);
    if (!page->replies[0] && failure->code == ERROR_STORE_UNAVAILABLE)
        return false;
    return admin_pipeline(administration, page->calls + 1, page->count - 1, page->replies + 1,
                          failure) == page->count - 1;
}

/* In a Cluster names come first and go last: one that has no sequence is brought up to date. */
static bool describe_late(struct administration *administration, const struct seq_name *name,
                          struct record *record, const struct failure *why)
{
    struct failure ignored;
    if (!admin_is_clustered(administration) || why->code != ERROR_SEQUENCE_NOT_FOUND)
        return false;
    if (admin_describe(administration, name, record, &ignored))
        return true;
    if (ignored.code == ERROR_SEQUENCE_NOT_FOUND)
        admin_list_remove(administration, name, "", "", &ignored);
    return false;
}

bool administer_list(struct administration *administration, const char *prefix, const char *cursor,
                     int64_t limit, list_visitor *visit, void *context, bool *more,
                     struct failure *failure)
{
    struct page page;
    redisReply *names = list_names(administration, prefix, cursor, limit, failure);
    if (!names)
        return false;
    *more = names->elements > (size_t)limit;
    page_init(&page, administration, names, (size_t)limit);
    freeReplyObject(names);
    bool fine = ask_all(administration, &page, failure);
    for (size_t i = 0; i < page.count; i++) {
        struct record record;
        struct failure why;
        /* Dropped in between, or lost: the others are still worth showing. */
        if (page.replies[i] &&
            (admin_described(page.replies[i], &page.names[i], &record, &why) ||
             describe_late(administration, &page.names[i], &record, &why)) &&
            record.has_next && fine)
            visit(&page.names[i], &record, context);
    }
    page_deinit(&page);
    return fine;
}
