/* SPDX-License-Identifier: MIT
 *
 * vm/base/hist.h: how values are spread, in fixed memory.
 *
 * Buckets are log-linear: each power of two from 2^AKT_HIST_EXP_MIN to
 * 2^AKT_HIST_EXP_MAX is cut into 8 equal parts, so a value read back is wrong
 * by 6.25 % at most. One bucket more takes what is smaller (zero and negative
 * values too), one what is larger.
 *
 * Threads: one thread adds at a time, [any] reads; a reader may see a value
 *          in one field and not yet in another.
 */
#ifndef AKT_BASE_HIST_H
#define AKT_BASE_HIST_H

#include <stdatomic.h>
#include <stdint.h>

#define AKT_HIST_EXP_MIN (-30)
#define AKT_HIST_EXP_MAX 34
#define AKT_HIST_PARTS 8
#define AKT_HIST_BUCKETS \
    ((AKT_HIST_EXP_MAX - AKT_HIST_EXP_MIN) * AKT_HIST_PARTS + 2)

struct akt_hist {
    _Atomic uint64_t sum; /* the bits of a double */
    _Atomic uint64_t buckets[AKT_HIST_BUCKETS];
};

/* Several histograms added up, for reading. */
struct akt_hist_sum {
    uint64_t count;
    double sum;
    uint64_t buckets[AKT_HIST_BUCKETS];
};

/* Adds a number, which is not NaN. */
void akt_hist_record(struct akt_hist *h, double value);
void akt_hist_add(struct akt_hist_sum *to, const struct akt_hist *h);
/* The value that a share `q` (0 to 1) of all is not above; 0 without any. */
double akt_hist_quantile(const struct akt_hist_sum *h, double q);
/* How many are below 2^exp. */
uint64_t akt_hist_below(const struct akt_hist_sum *h, int exp);

/* A double in an atomic that one thread at a time writes. */
double akt_cell_get(const _Atomic uint64_t *cell);
void akt_cell_set(_Atomic uint64_t *cell, double value);

#endif
