/* For LD_PRELOAD: malloc, calloc and realloc fail now and then. How often is the number in the
 * file that MALLOC_FAILS names: of a million calls so many. */
#include "tests/chaos/shim/control.h"

#include <errno.h>
#include <stdint.h>

enum { MILLION = 1000000 };

static const volatile char *failing;
static _Thread_local uint64_t state __attribute__((tls_model("initial-exec")));

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

__attribute__((constructor)) static void begin(void)
{
    failing = control_map("MALLOC_FAILS");
}

static int fails(void)
{
    if (failing == NULL)
        return 0;
    if (state == 0)
        state = (uint64_t)(uintptr_t)&state | 1U;
    state = state * 6364136223846793005U + 1442695040888963407U;
    if ((long)((state >> 33) % MILLION) >= control_number(failing))
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
