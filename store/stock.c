#include "store/stock.h"

#include "store/memory.h"

#include <assert.h>

struct block *block_create(const struct identity *identity, const struct progression *rule,
                           int64_t first, int64_t count)
{
    struct block *block = aligned_alloc(_Alignof(struct block), sizeof(struct block));
    if (!block)
        abort();
    *block = (struct block){
        .identity = *identity,
        .rule = *rule,
        .first = first,
        .count = count,
        .low_water = INT64_MAX,
    };
    return block;
}

static void block_free(struct rcu_head *head)
{
    RECLAIM_ACQUIRE(reclaim_grace);
    free(caa_container_of(head, struct block, rcu));
}

void block_retire(struct block *block)
{
    reclaim(&block->rcu, block_free);
}

void stock_push(struct stock *stock, struct block *block)
{
    struct block *last = stock->last;
    stock->total += block->count;
    if (last && last->first + last->count == block->first) {
        last->count += block->count;
        free(block);
        return;
    }
    block->next = NULL;
    if (last)
        last->next = block;
    else
        stock->first = block;
    stock->last = block;
}

void stock_push_front(struct stock *stock, struct block *block)
{
    struct stock old = *stock;
    *stock = (struct stock){0};
    stock_push(stock, block);
    while ((block = stock_pop(&old)))
        stock_push(stock, block);
}

struct block *stock_pop(struct stock *stock)
{
    struct block *block = stock->first;
    if (!block)
        return NULL;
    stock->first = block->next;
    if (!stock->first)
        stock->last = NULL;
    stock->total -= block->count;
    block->next = NULL;
    return block;
}

struct block *stock_pop_last(struct stock *stock)
{
    struct stock kept = {0};
    struct block *block;
    while ((block = stock_pop(stock)) && stock->first)
        stock_push(&kept, block);
    *stock = kept;
    return block;
}

int64_t stock_clear(struct stock *stock)
{
    int64_t discarded = stock->total;
    struct block *block;
    while ((block = stock_pop(stock)))
        free(block);
    return discarded;
}

/* Shortens the first block by `count` ordinals at its front. */
static void trim_first(struct stock *stock, int64_t count)
{
    struct block *block = stock->first;
    assert(count <= block->count);
    block->first += count;
    block->count -= count;
    stock->total -= count;
    if (block->count == 0)
        free(stock_pop(stock));
}

int64_t stock_skip(struct stock *stock, int64_t next)
{
    int64_t total = stock->total;
    while (stock->first && stock->first->first < next) {
        int64_t before = next - stock->first->first;
        trim_first(stock, before < stock->first->count ? before : stock->first->count);
    }
    return total - stock->total;
}

void stock_take(struct stock *stock, int64_t count, struct grant *grant)
{
    while (count > 0) {
        struct block *block = stock->first;
        int64_t part = count < block->count ? count : block->count;
        grant_add(grant, block, block->first, part);
        trim_first(stock, part);
        count -= part;
    }
}

/* Where in the block `count` ordinals without a wrap begin; -1: nowhere. */
static int64_t find_run(const struct block *block, int64_t count)
{
    int64_t offset = 0;
    while (count <= block->count - offset) {
        int64_t lap = progression_lap_left(&block->rule, block->first + offset);
        if (lap >= count)
            return offset;
        offset += lap;
    }
    return -1;
}

bool stock_take_contiguous(struct stock *stock, int64_t count, struct grant *grant,
                           int64_t *discarded)
{
    const struct block *fit = stock->first;
    int64_t offset = -1;
    while (fit && (offset = find_run(fit, count)) < 0)
        fit = fit->next;
    if (!fit)
        return false;
    while (stock->first != fit) {
        struct block *passed = stock_pop(stock);
        *discarded += passed->count;
        free(passed);
    }
    *discarded += offset;
    if (offset > 0)
        trim_first(stock, offset);
    stock_take(stock, count, grant);
    return true;
}

int64_t stock_tail(const struct stock *stock)
{
    const struct block *last = stock->last;
    if (!last)
        return 0;
    int64_t offset = 0;
    for (;;) {
        int64_t lap = progression_lap_left(&last->rule, last->first + offset);
        if (lap > last->count - offset)
            return last->count - offset;
        if (lap == last->count - offset)
            return 0;
        offset += lap;
    }
}

void grant_add(struct grant *grant, const struct block *block, int64_t ordinal, int64_t count)
{
    if (grant->span_count == 0) {
        grant->identity = block->identity;
        grant->increment = block->rule.increment;
        grant->spans = grant->inline_spans;
        grant->capacity = sizeof grant->inline_spans / sizeof *grant->inline_spans;
    }
    grant->count += count;
    while (count > 0) {
        struct span span = progression_span(&block->rule, ordinal, count);
        if (grant->span_count == grant->capacity) {
            bool heap = grant->spans != grant->inline_spans;
            struct span *spans =
                must_realloc(heap ? grant->spans : NULL, 2 * grant->capacity * sizeof *spans);
            if (!heap)
                memcpy(spans, grant->inline_spans, sizeof grant->inline_spans);
            grant->spans = spans;
            grant->capacity *= 2;
        }
        grant->spans[grant->span_count++] = span;
        ordinal += span.count;
        count -= span.count;
    }
}
