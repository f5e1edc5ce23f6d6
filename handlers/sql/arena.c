#include "handlers/sql/arena.h"

#include "store/memory.h"

#include <stdalign.h>

#define CHUNK_BYTES ((size_t)4096)

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *chunks; /* the newest first; the oldest has CHUNK_BYTES */
};

static struct chunk *chunk_create(size_t size, struct chunk *next)
{
    struct chunk *chunk = must_realloc(NULL, sizeof *chunk + size);
    *chunk = (struct chunk){.next = next, .size = size};
    return chunk;
}

struct arena *arena_create(void)
{
    struct arena *arena = must_calloc(1, sizeof *arena);
    arena->chunks = chunk_create(CHUNK_BYTES, NULL);
    return arena;
}

void arena_clear(struct arena *arena)
{
    struct chunk *chunk = arena->chunks;
    while (chunk->next) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    chunk->used = 0;
    arena->chunks = chunk;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    arena_clear(arena);
    free(arena->chunks);
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct chunk *chunk = arena->chunks;
    if (rounded > chunk->size - chunk->used) {
        size_t grown = 2 * chunk->size;
        chunk = chunk_create(rounded > grown ? rounded : grown, chunk);
        arena->chunks = chunk;
    }
    void *memory = chunk->bytes + chunk->used;
    chunk->used += rounded;
    return memset(memory, 0, size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? 2 * *capacity : 4;
    void *larger = arena_alloc(arena, *capacity * size);
    if (count > 0)
        memcpy(larger, array, count * size);
    return larger;
}
