/* SPDX-License-Identifier: MIT */
#include "vm/base/alloc.h"

#include <pthread.h>
#include <string.h>

#include "tests/unit/check_main.h"

#define BIG (8 * AKT_ALLOC_FLUSH)

START_TEST(counts_what_is_allocated_and_freed)
{
    int64_t before = akt_alloc_total();
    void *p = akt_alloc(BIG);
    ck_assert_int_eq(akt_alloc_total() - before, BIG);
    akt_free(p, BIG);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(counts_small_blocks_of_the_own_thread_exactly)
{
    int64_t before = akt_alloc_total();
    char *s = akt_strdup("twelve bytes");
    ck_assert_int_eq(akt_alloc_total() - before, 13);
    akt_strfree(s);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(calloc_is_zero)
{
    unsigned char *p = akt_calloc(1000);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(p[i], 0);
    akt_free(p, 1000);
}
END_TEST

START_TEST(resize_keeps_the_contents_and_counts_the_difference)
{
    int64_t before = akt_alloc_total();
    char *p = akt_resize(NULL, 0, 4);
    memcpy(p, "abc", 4);
    p = akt_resize(p, 4, BIG);
    ck_assert_str_eq(p, "abc");
    ck_assert_int_eq(akt_alloc_total() - before, BIG);
    p = akt_resize(p, BIG, 4);
    ck_assert_str_eq(p, "abc");
    ck_assert_int_eq(akt_alloc_total() - before, 4);
    akt_free(p, 4);
}
END_TEST

START_TEST(try_resize_fails_without_touching_the_block)
{
    /* Read at run time, so that no compiler or sanitizer sees the size. */
    volatile size_t too_much = SIZE_MAX / 2;
    int64_t before = akt_alloc_total();
    char *p = akt_alloc(4);
    memcpy(p, "abc", 4);
    ck_assert_ptr_null(akt_try_resize(p, 4, too_much));
    ck_assert_str_eq(p, "abc");
    ck_assert_int_eq(akt_alloc_total() - before, 4);
    akt_free(p, 4);
}
END_TEST

START_TEST(zero_bytes_is_a_block_too)
{
    void *p = akt_alloc(0);
    ck_assert_ptr_nonnull(p);
    akt_free(p, 0);
    p = akt_calloc(0);
    ck_assert_ptr_nonnull(p);
    p = akt_resize(p, 0, 0);
    ck_assert_ptr_nonnull(p);
    akt_free(p, 0);
}
END_TEST

START_TEST(null_may_be_freed)
{
    int64_t before = akt_alloc_total();
    akt_free(NULL, 100);
    akt_strfree(NULL);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

static void *alloc_here(void *size)
{
    return akt_alloc(*(size_t *)size);
}

START_TEST(a_block_may_be_freed_by_another_thread)
{
    size_t size = BIG;
    int64_t before = akt_alloc_total();
    pthread_t thread;
    void *p;
    ck_assert_int_eq(pthread_create(&thread, NULL, alloc_here, &size), 0);
    ck_assert_int_eq(pthread_join(thread, &p), 0);
    ck_assert_int_eq(akt_alloc_total() - before, BIG);
    akt_free(p, size);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

CHECK_MAIN("alloc", counts_what_is_allocated_and_freed,
           counts_small_blocks_of_the_own_thread_exactly, calloc_is_zero,
           resize_keeps_the_contents_and_counts_the_difference,
           try_resize_fails_without_touching_the_block,
           zero_bytes_is_a_block_too, null_may_be_freed,
           a_block_may_be_freed_by_another_thread)
