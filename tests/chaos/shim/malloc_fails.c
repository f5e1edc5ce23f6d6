/*
 * A library for LD_PRELOAD: malloc, calloc and realloc fail now and then. How often is the
 * number at the beginning of the file that MALLOC_FAILS names: of a million calls so many.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 8, MILLION = 1000000 };

static const volatile char *control; /* NULL: none fails */
static _Thread_local uint64_t state __attribute__((tls_model("initial-exec")));

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("MALLOC_FAILS");
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        control = mapped;
    if (fd >= 0)
        close(fd);
}

static int fails(void)
{
    long often = 0;
    for (int i = 0; control != NULL && i < SIZE && control[i] >= '0' && control[i] <= '9'; i++)
        often = often * 10 + (control[i] - '0');
    if (state == 0)
        state = (uint64_t)(uintptr_t)&state | 1U;
    state = state * 6364136223846793005U + 1442695040888963407U;
    if ((long)((state >> 33) % MILLION) >= often)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}
