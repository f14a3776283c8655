/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/arena.h"
#include "vm/base/random.h"

#define BLOCKS 200

/* What a run of random calls does, as the offsets it got. */
static uint64_t play(struct akt_arena *a, uint64_t seed)
{
    struct akt_random r;
    void *blocks[BLOCKS] = {0};
    size_t sizes[BLOCKS] = {0};
    uint64_t hash = 0;
    akt_random_seed(&r, seed);
    for (int i = 0; i < 20000; i++) {
        uint32_t at = (uint32_t)akt_random_below(&r, BLOCKS);
        size_t size = akt_random_below(&r, 2ull << akt_random_below(&r, 14));
        unsigned char *p = akt_arena_resize(a, blocks[at], sizes[at], size);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        size_t kept = size < sizes[at] ? size : sizes[at];
        for (size_t k = 0; k < kept; k += 97)
            ck_assert_uint_eq(p[k], at & 255);
        memset(p, (int)at, size);
        blocks[at] = p;
        sizes[at] = size;
        hash = hash * 31 + akt_arena_offset(a, p);
    }
    for (int i = 0; i < BLOCKS; i++)
        akt_arena_free(a, blocks[i], sizes[i]);
    return hash;
}

START_TEST(the_same_calls_give_the_same_offsets)
{
    struct akt_arena *a = akt_arena_create(), *b = akt_arena_create();
    ck_assert_uint_eq(play(a, 1), play(b, 1));
    ck_assert_uint_ne(play(a, 2), play(b, 3));
    akt_arena_destroy(a);
    akt_arena_destroy(b);
}
END_TEST

START_TEST(the_lower_half_of_an_address_is_the_offset)
{
    struct akt_arena *a = akt_arena_create();
    int outside;
    void *p = akt_arena_resize(a, NULL, 0, 100);
    ck_assert_uint_eq((uint32_t)(uintptr_t)p, akt_arena_offset(a, p));
    ck_assert_uint_ne(akt_arena_offset(a, p), 0);
    ck_assert_uint_eq(akt_arena_offset(a, &outside), 0);
    akt_arena_destroy(a);
}
END_TEST

START_TEST(what_is_taken_is_counted)
{
    int64_t before = akt_alloc_total();
    struct akt_arena *a = akt_arena_create();
    void *p = akt_arena_resize(a, NULL, 0, 4 * AKT_ALLOC_FLUSH);
    ck_assert_int_ge(akt_alloc_total(), before + 3 * AKT_ALLOC_FLUSH);
    ck_assert_uint_eq(akt_arena_bytes(a), 4 * AKT_ALLOC_FLUSH);
    p = akt_arena_resize(a, p, 4 * AKT_ALLOC_FLUSH, 16);
    ck_assert_uint_eq(akt_arena_bytes(a), 16);
    akt_arena_free(a, p, 16);
    ck_assert_uint_eq(akt_arena_bytes(a), 0);
    ck_assert_int_le(akt_alloc_total(), before + AKT_ALLOC_FLUSH);
    akt_arena_destroy(a);
}
END_TEST

START_TEST(it_has_an_end)
{
    struct akt_arena *a = akt_arena_create();
    ck_assert_ptr_null(akt_arena_resize(a, NULL, 0, AKT_ARENA_MAX));
    ck_assert_ptr_null(akt_arena_resize(a, NULL, 0, SIZE_MAX / 2));
    size_t half = AKT_ARENA_MAX / 4 + 1;
    void *p = akt_arena_resize(a, NULL, 0, half);
    void *q = akt_arena_resize(a, NULL, 0, half);
    void *r = akt_arena_resize(a, NULL, 0, half);
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_nonnull(q);
    ck_assert(!r || !akt_arena_resize(a, NULL, 0, half));
    akt_arena_free(a, p, half);
    ck_assert_ptr_eq(akt_arena_resize(a, NULL, 0, half), p);
    akt_arena_free(a, p, half);
    akt_arena_free(a, q, half);
    akt_arena_free(a, r, r ? half : 0);
    akt_arena_destroy(a);
}
END_TEST

CHECK_MAIN("arena", the_same_calls_give_the_same_offsets,
           the_lower_half_of_an_address_is_the_offset, what_is_taken_is_counted,
           it_has_an_end)
