/*
 * LeakSanitizer looks at the tests, not at the runner that starts each in a process of its own:
 * Criterion's runner now and then leaves 48 bytes of its own behind.
 */
#include <stdlib.h>

int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return getenv("BXFI_MAP") == NULL; /* BoxFort's, in what the runner started */
}
