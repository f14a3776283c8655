/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/message.h"

static void empty_pools(void)
{
    akt_msg_pool_release();
    akt_msg_pool_fini();
}

START_TEST(a_new_block_is_zeroed)
{
    for (size_t size = 0; size < 6000; size += 37) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_USER, size);
        memset(m->body, 0xff, size);
        m->ask = m->trace = m->deadline_ns = 7;
        m->flags = AKT_MSG_TICK;
        akt_msg_free(m);
        m = akt_msg_new(AKT_MSG_REPLY, size);
        ck_assert_uint_eq(m->size, size);
        ck_assert_int_eq(m->type, AKT_MSG_REPLY);
        ck_assert_uint_eq(m->ask | m->trace | m->deadline_ns | m->flags, 0);
        ck_assert(akt_pid_is_none(m->target));
        ck_assert_ptr_null(m->next);
        akt_msg_free(m);
    }
    akt_msg_free(NULL);
    empty_pools();
}
END_TEST

START_TEST(an_ack_stands_behind_any_body)
{
    int64_t before = akt_alloc_total();
    for (size_t size = 0; size < 6000; size++) {
        struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, size);
        memset(m->body, 0xff, size);
        struct akt_msg_ack *ack = akt_msg_ack_of(m);
        ck_assert_uint_eq((uintptr_t)ack % 8, 0);
        ck_assert_uint_eq(ack->id | ack->deadline_ns, 0);
        ck_assert((char *)ack >= m->body + size);
        ack->id = ack->deadline_ns = UINT64_MAX;
        akt_msg_free(m);
    }
    empty_pools();
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(a_block_drops_its_reason)
{
    int64_t before = akt_alloc_total();
    struct akt_reason *r = akt_reason_make(AKT_CRASH, "abc", 3);
    struct akt_msg *m = akt_msg_with_reason(AKT_MSG_DOWN, akt_reason_ref(r));
    ck_assert_ptr_eq(akt_msg_reason(m), r);
    akt_msg_free(m);
    ck_assert_uint_eq(r->refs, 1);
    akt_reason_unref(r);
    empty_pools();
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(blocks_are_used_again)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 10);
    akt_msg_free(m);
    ck_assert_ptr_eq(akt_msg_new(AKT_MSG_USER, 16), m); /* the same class */
    akt_msg_free(m);
    int64_t before = akt_alloc_total();
    for (int i = 0; i < 1000; i++)
        akt_msg_free(akt_msg_new(AKT_MSG_USER, 12));
    ck_assert_int_eq(akt_alloc_total(), before);
    empty_pools();
}
END_TEST

#define BLOCKS 100000
#define SHARED 65536 /* the shared list keeps so many of a size */

static struct akt_msg *blocks[BLOCKS];

static void *free_blocks(void *arg)
{
    (void)arg;
    for (int i = 0; i < BLOCKS; i++)
        akt_msg_free(blocks[i]);
    /* what is over the limit went to the shared list */
    akt_msg_pool_release();
    return NULL;
}

START_TEST(a_thread_that_only_frees_does_not_hoard)
{
    empty_pools();
    int64_t before = akt_alloc_total();
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = akt_msg_new(AKT_MSG_USER, 12);
    pthread_t t;
    pthread_create(&t, NULL, free_blocks, NULL);
    pthread_join(t, NULL);
    /* most of them come back here without malloc */
    int64_t then = akt_alloc_total();
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = akt_msg_new(AKT_MSG_USER, 12);
    int64_t grown = akt_alloc_total() - then;
    ck_assert_int_le(grown, (BLOCKS - SHARED + AKT_POOL_KEEP + 64) * 104 +
                                AKT_ALLOC_FLUSH);
    for (int i = 0; i < BLOCKS; i++)
        akt_msg_free(blocks[i]);
    empty_pools();
    int64_t left = akt_alloc_total() - before;
    ck_assert_int_le(left, AKT_ALLOC_FLUSH);
}
END_TEST

START_TEST(a_long_block_grows_and_shrinks)
{
    int64_t before = akt_alloc_total();
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, AKT_MSG_RESIZE_MIN);
    memset(m->body, 7, m->size);
    m->ask = 5;
    m = akt_msg_resize(m, 1 << 20);
    ck_assert_uint_eq(m->size, 1 << 20);
    ck_assert_int_ge(akt_alloc_total() - before, 1 << 20);
    m = akt_msg_resize(m, AKT_MSG_RESIZE_MIN);
    ck_assert_uint_eq(m->ask, 5);
    ck_assert_int_eq(m->body[AKT_MSG_RESIZE_MIN - 1], 7);
    akt_msg_free(m);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

CHECK_MAIN("message", a_new_block_is_zeroed, an_ack_stands_behind_any_body,
           a_block_drops_its_reason, blocks_are_used_again,
           a_thread_that_only_frees_does_not_hoard,
           a_long_block_grows_and_shrinks)
