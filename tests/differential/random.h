/* Random numbers that the seed decides: xoshiro256**, seeded by splitmix64. */
#ifndef TESTS_DIFFERENTIAL_RANDOM_H
#define TESTS_DIFFERENTIAL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* Streams of one seed have nothing to do with each other. */
void random_seed(struct random *random, uint64_t seed, uint64_t stream);
uint64_t random_bits(struct random *random);
/* 0 .. bound-1. The remainder's bias does not matter here. */
unsigned random_below(struct random *random, unsigned bound);
/* True in `percent` of 100 cases. */
bool random_chance(struct random *random, unsigned percent);

#endif
