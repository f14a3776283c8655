/* SPDX-License-Identifier: MIT */
#include "vm/base/hist.h"

#include <math.h>
#include <string.h>

#define MANTISSA_SHIFT 49 /* leaves the three bits that choose the part */
#define FIRST ((1023 + AKT_HIST_EXP_MIN) * AKT_HIST_PARTS)

/* relaxed, here and below: single figures that nothing else hangs on */
double akt_cell_get(const _Atomic uint64_t *cell)
{
    uint64_t bits = atomic_load_explicit(cell, memory_order_relaxed);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void akt_cell_set(_Atomic uint64_t *cell, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    atomic_store_explicit(cell, bits, memory_order_relaxed);
}

static int index_of(double value)
{
    uint64_t bits;
    if (!(value >= 0x1p-30))
        return 0;
    if (value >= 0x1p34)
        return AKT_HIST_BUCKETS - 1;
    memcpy(&bits, &value, sizeof bits);
    return (int)(bits >> MANTISSA_SHIFT) - FIRST + 1;
}

void akt_hist_record(struct akt_hist *h, double value)
{
    _Atomic uint64_t *bucket = &h->buckets[index_of(value)];
    uint64_t n = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, n + 1, memory_order_relaxed);
    akt_cell_set(&h->sum, akt_cell_get(&h->sum) + value);
}

void akt_hist_add(struct akt_hist_sum *to, const struct akt_hist *h)
{
    to->sum += akt_cell_get(&h->sum);
    for (int i = 0; i < AKT_HIST_BUCKETS; i++) {
        uint64_t n = atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
        to->buckets[i] += n;
        to->count += n;
    }
}

/* Where bucket i begins; i is neither the first nor the last. */
static double lower_bound(int i)
{
    int exp = AKT_HIST_EXP_MIN + (i - 1) / AKT_HIST_PARTS;
    return ldexp(1.0 + (double)((i - 1) % AKT_HIST_PARTS) / AKT_HIST_PARTS,
                 exp);
}

static double middle(int i)
{
    if (i == 0)
        return 0;
    if (i == AKT_HIST_BUCKETS - 1)
        return ldexp(1.0, AKT_HIST_EXP_MAX);
    int exp = AKT_HIST_EXP_MIN + (i - 1) / AKT_HIST_PARTS;
    return lower_bound(i) + ldexp(0.5 / AKT_HIST_PARTS, exp);
}

double akt_hist_quantile(const struct akt_hist_sum *h, double q)
{
    uint64_t rank = (uint64_t)ceil(q * (double)h->count), seen = 0;
    if (rank == 0)
        rank = 1;
    for (int i = 0; i < AKT_HIST_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen >= rank)
            return middle(i);
    }
    return 0;
}

uint64_t akt_hist_below(const struct akt_hist_sum *h, int exp)
{
    int end = (exp - AKT_HIST_EXP_MIN) * AKT_HIST_PARTS + 1;
    uint64_t n = 0;
    for (int i = 0; i < end; i++)
        n += h->buckets[i];
    return n;
}
