/* SPDX-License-Identifier: MIT
 *
 * vm/base/random.h: xoshiro256** with splitmix64 seeding. Fast, small, the
 * same sequence for the same seed on every machine; not for secrets.
 */
#ifndef AKT_BASE_RANDOM_H
#define AKT_BASE_RANDOM_H

#include <stdint.h>

struct akt_random {
    uint64_t s[4];
};

void akt_random_seed(struct akt_random *r, uint64_t seed);
uint64_t akt_random_next(struct akt_random *r);
/* Uniform in [0, n); n > 0. */
uint64_t akt_random_below(struct akt_random *r, uint64_t n);
/* Uniform in [0, 1). */
double akt_random_double(struct akt_random *r);

#endif
