/* A number in a file that may change at any time: how libraries for LD_PRELOAD are told what to
 * do. An environment variable names the file; eight bytes of it are looked at. */
#ifndef TESTS_CHAOS_SHIM_CONTROL_H
#define TESTS_CHAOS_SHIM_CONTROL_H

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 8 };

/* NULL: there is none, and the number is 0. */
static inline const volatile char *control_map(const char *variable)
{
    const char *path = getenv(variable);
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    return mapped == MAP_FAILED ? NULL : mapped;
}

static inline long control_number(const volatile char *text)
{
    long value = 0, sign = 1;
    int i = 0;
    if (text == NULL)
        return 0;
    if (text[0] == '-' || text[0] == '+')
        sign = text[i++] == '-' ? -1 : 1;
    for (; i < SIZE && text[i] >= '0' && text[i] <= '9'; i++)
        value = value * 10 + (text[i] - '0');
    return sign * value;
}

#endif
