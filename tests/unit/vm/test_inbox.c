/* SPDX-License-Identifier: MIT
 *
 * The states of an inbox on one thread; with threads: stress_inbox.c.
 */
#include "tests/unit/check_main.h"
#include "vm/inbox.h"

START_TEST(who_makes_it_busy_is_told)
{
    struct akt_inbox in;
    struct akt_msg m[3];
    akt_inbox_init(&in);
    ck_assert(akt_inbox_push(&in, &m[0]));
    ck_assert(!akt_inbox_push(&in, &m[1]));
    ck_assert(!akt_inbox_wake(&in));
    ck_assert(!akt_inbox_try_idle(&in)); /* there is something to take */
    ck_assert_ptr_nonnull(akt_inbox_take(&in));
    ck_assert_ptr_null(akt_inbox_take(&in));
    ck_assert(!akt_inbox_push(&in, &m[2])); /* somebody runs it still */
    ck_assert(!akt_inbox_try_idle(&in));
    ck_assert_ptr_eq(akt_inbox_take(&in), &m[2]);
    ck_assert(akt_inbox_try_idle(&in));
    ck_assert(akt_inbox_wake(&in));
    ck_assert(!akt_inbox_wake(&in));
    ck_assert(akt_inbox_try_idle(&in));
    ck_assert(akt_inbox_push(&in, &m[0]));
}
END_TEST

START_TEST(blocks_come_out_in_order)
{
    struct akt_inbox in;
    struct akt_msg m[5];
    akt_inbox_init(&in);
    for (int i = 0; i < 5; i++)
        akt_inbox_push(&in, &m[i]);
    struct akt_msg *at = akt_inbox_take(&in);
    for (int i = 0; i < 5; i++, at = at->next)
        ck_assert_ptr_eq(at, &m[i]);
    ck_assert_ptr_null(at);
}
END_TEST

START_TEST(a_chain_stays_in_order)
{
    struct akt_inbox in;
    struct akt_msg m[6];
    akt_inbox_init(&in);
    m[2].next = &m[1];
    m[1].next = &m[0];
    ck_assert(akt_inbox_push_chain(&in, &m[2], &m[0]));
    ck_assert(!akt_inbox_push(&in, &m[3]));
    m[5].next = &m[4];
    ck_assert(!akt_inbox_push_chain(&in, &m[5], &m[4]));
    struct akt_msg *at = akt_inbox_take(&in);
    for (int i = 0; i < 6; i++, at = at->next)
        ck_assert_ptr_eq(at, &m[i]);
    ck_assert_ptr_null(at);
    ck_assert(akt_inbox_try_idle(&in));
}
END_TEST

START_TEST(taking_from_an_idle_one_gives_nothing)
{
    struct akt_inbox in;
    akt_inbox_init(&in);
    ck_assert_ptr_null(akt_inbox_take(&in));
    ck_assert(akt_inbox_wake(&in)); /* it is idle as before */
}
END_TEST

CHECK_MAIN("inbox", who_makes_it_busy_is_told, blocks_come_out_in_order,
           a_chain_stays_in_order, taking_from_an_idle_one_gives_nothing)
