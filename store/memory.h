/* Allocation that ends the process when there is none: a node without memory cannot
 * say anything true, and numbers it held are only a gap. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include <stdlib.h>
#include <string.h>

static inline void *must_malloc(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        abort();
    return memory;
}

static inline void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

static inline void *must_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (!memory)
        abort();
    return memory;
}

static inline char *must_strdup(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

#endif
