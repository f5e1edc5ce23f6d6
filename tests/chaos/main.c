#include "tests/chaos/self_test.h"
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--self-test") != 0) {
        return self_test_large(atoll(argv[1])) ? 0 : 1;
    }
    return self_test() ? 0 : 1;
}
