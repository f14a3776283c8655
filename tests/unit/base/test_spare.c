/* SPDX-License-Identifier: MIT
 *
 * Tests of vm/base/spare.h: blocks keep what they hold, what waits is used
 * again and bounded, and every byte is counted.
 */
#include "vm/base/spare.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"

static struct akt_spare spare;
static int64_t before;

static void setup(void)
{
    spare = (struct akt_spare){0};
    before = akt_alloc_total();
}

static void teardown(void)
{
    akt_spare_fini(&spare);
    ck_assert_int_eq(akt_alloc_total(), before);
}

static bool is_filled(const void *p, size_t size, uint64_t fill)
{
    const unsigned char *bytes = p;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != (unsigned char)fill)
            return false;
    return true;
}

START_TEST(every_size_is_a_block_of_its_own)
{
    char *p[1200];
    for (int round = 0; round < 2; round++) {
        for (size_t n = 1; n < 1200; n++)
            p[n] = memset(akt_spare_resize(&spare, NULL, 0, n), (int)n, n);
        for (size_t n = 1; n < 1200; n++) {
            ck_assert(is_filled(p[n], n, n));
            akt_spare_free(&spare, p[n], n);
        }
    }
}
END_TEST

START_TEST(a_block_that_was_freed_is_taken_again)
{
#ifndef __SANITIZE_ADDRESS__
    void *p = akt_spare_resize(&spare, NULL, 0, 56);
    akt_spare_free(&spare, p, 56);
    ck_assert_uint_eq(spare.bytes, 56);
    ck_assert_ptr_eq(akt_spare_resize(&spare, NULL, 0, 41), p);
    ck_assert_uint_eq(spare.bytes, 0);
    akt_spare_free(&spare, p, 41);
#endif
}
END_TEST

START_TEST(what_waits_is_bounded)
{
    static void *p[8192];
    for (size_t i = 0; i < 8192; i++)
        p[i] = akt_spare_resize(&spare, NULL, 0, 100);
    for (size_t i = 0; i < 8192; i++)
        akt_spare_free(&spare, p[i], 100);
    ck_assert_uint_lt(spare.bytes, AKT_SPARE_MAX + AKT_SPARE_SIZE);
}
END_TEST

struct block {
    unsigned char *p;
    size_t size;
};

START_TEST(blocks_that_change_size_keep_what_they_hold)
{
    struct akt_random random;
    struct block blocks[64] = {{NULL, 0}};
    akt_random_seed(&random, 7);
    for (int step = 0; step < 20000; step++) {
        uint64_t i = akt_random_below(&random, 64);
        struct block *b = &blocks[i];
        size_t size = akt_random_below(&random, step % 3 ? 200 : 3000);
        ck_assert(is_filled(b->p, b->size, i));
        size_t kept = size < b->size ? size : b->size;
        if (size) {
            b->p = akt_spare_resize(&spare, b->p, b->size, size);
            ck_assert(is_filled(b->p, kept, i));
            memset(b->p, (int)i, size);
        } else {
            akt_spare_free(&spare, b->p, b->size);
            b->p = NULL;
        }
        b->size = size;
    }
    for (size_t i = 0; i < 64; i++)
        akt_spare_free(&spare, blocks[i].p, blocks[i].size);
}
END_TEST

START_TEST(too_much_is_refused_and_what_waits_is_given_back)
{
#ifndef __SANITIZE_ADDRESS__ /* which ends the program */
    char *p = memset(akt_spare_resize(&spare, NULL, 0, 40), 1, 40);
    akt_spare_free(&spare, akt_spare_resize(&spare, NULL, 0, 500), 500);
    ck_assert_ptr_null(akt_spare_resize(&spare, p, 40, PTRDIFF_MAX));
    ck_assert_uint_eq(spare.bytes, 0);
    ck_assert_int_eq(p[39], 1);
    akt_spare_free(&spare, p, 40);
#endif
}
END_TEST

CHECK_MAIN_FIXTURE("spare", setup, teardown, every_size_is_a_block_of_its_own,
                   a_block_that_was_freed_is_taken_again, what_waits_is_bounded,
                   blocks_that_change_size_keep_what_they_hold,
                   too_much_is_refused_and_what_waits_is_given_back)
