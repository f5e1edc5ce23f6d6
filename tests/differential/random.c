/* Random numbers that the seed decides: see random.h. */
#include "tests/differential/random.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t bits = *state += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

void random_seed(struct random *random, uint64_t seed, uint64_t stream)
{
    uint64_t state = seed;
    state = splitmix(&state) ^ stream;
    for (int i = 0; i < 4; i++) {
        random->state[i] = splitmix(&state);
    }
}

static uint64_t rotate(uint64_t bits, int count)
{
    return (bits << count) | (bits >> (64 - count));
}

uint64_t random_bits(struct random *random)
{
    uint64_t *state = random->state;
    const uint64_t result = rotate(state[1] * 5, 7) * 9, shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45);
    return result;
}

unsigned random_below(struct random *random, unsigned bound)
{
    return (unsigned)(random_bits(random) % bound);
}

bool random_chance(struct random *random, unsigned percent)
{
    return random_below(random, 100) < percent;
}
