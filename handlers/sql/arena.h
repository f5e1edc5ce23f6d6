/*
 * Memory of one statement: allocated piece by piece, freed all at once. Whoever owns
 * the arena owns everything in it.
 */
#ifndef HANDLERS_SQL_ARENA_H
#define HANDLERS_SQL_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL is fine */

/* Frees what was allocated; the arena can be used again. */
void arena_clear(struct arena *arena);

/* Zeroed, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* Room for one more element of `size` bytes behind `count` of them: returns the array,
 * which may have moved. *capacity begins at 0, with a NULL array. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

#endif
