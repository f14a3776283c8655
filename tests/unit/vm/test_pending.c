/* SPDX-License-Identifier: MIT
 *
 * What an actor waits for, without a scheduler: the isolate and the actor
 * stand alone. Timers in a running node: test_node.c.
 */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/node.h"

static struct akt_node node;
static struct akt_worker worker;
static struct akt_isolate iso;
static struct akt_actor a, other;
static int64_t before;

static void setup(void)
{
    before = akt_alloc_total();
    memset(&iso, 0, sizeof iso);
    memset(&a, 0, sizeof a);
    memset(&other, 0, sizeof other);
    worker.node = iso.node = &node;
    iso.worker = &worker;
    akt_pendings_init(&iso.pendings);
}

static void teardown(void)
{
    akt_pending_close_all(&iso, &a);
    akt_pending_close_all(&iso, &other);
    ck_assert_uint_eq(iso.pendings.open, 0);
    akt_pendings_fini(&iso.pendings);
    akt_msg_pool_release();
    akt_msg_pool_fini();
    ck_assert_int_eq(akt_alloc_total(), before);
}

START_TEST(an_id_is_never_used_twice)
{
    setup();
    uint64_t last = 0;
    for (int i = 0; i < 1000; i++) {
        struct akt_pending *p = akt_pending_open(&iso, &a, AKT_P_CALL, 0);
        ck_assert_uint_ne(p->id, last);
        ck_assert_ptr_eq(akt_pending_find(&iso, p->id), p);
        ck_assert_ptr_null(akt_pending_find(&iso, last));
        last = p->id;
        akt_pending_close(&iso, p);
        ck_assert_ptr_null(akt_pending_find(&iso, last));
    }
    ck_assert_ptr_null(akt_pending_find(&iso, 0));
    ck_assert_ptr_null(akt_pending_find(&iso, 12345678901234567890u));
    teardown();
}
END_TEST

START_TEST(each_stays_where_it_is)
{
    setup();
    enum { N = 1000 };
    struct akt_pending *p[N];
    uint64_t id[N];
    for (int i = 0; i < N; i++) {
        p[i] = akt_pending_open(&iso, i % 3 ? &a : &other, AKT_P_CALL, 0);
        id[i] = p[i]->id;
    }
    for (int i = 0; i < N; i += 2)
        akt_pending_close(&iso, p[i]);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_eq(akt_pending_find(&iso, id[i]), i % 2 ? p[i] : NULL);
    akt_pending_close_all(&iso, &a);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_eq(akt_pending_find(&iso, id[i]),
                         i % 2 && i % 3 == 0 ? p[i] : NULL);
    teardown();
}
END_TEST

START_TEST(close_type_leaves_the_others)
{
    setup();
    for (int i = 0; i < 100; i++)
        akt_pending_open(&iso, &a, i % 2 ? AKT_P_CALL : AKT_P_GRACE, 1000);
    akt_pending_close_type(&iso, &a, AKT_P_GRACE);
    ck_assert_uint_eq(iso.pendings.open, 50);
    for (struct akt_pending *p = a.pendings; p; p = p->next)
        ck_assert_int_eq(p->type, AKT_P_CALL);
    teardown();
}
END_TEST

START_TEST(the_nearest_deadline_is_first)
{
    setup();
    ck_assert_uint_eq(akt_pending_nearest(&iso), 0);
    struct akt_pending *late = akt_pending_open(&iso, &a, AKT_P_CALL, 300);
    struct akt_pending *soon = akt_pending_open(&iso, &a, AKT_P_CALL, 100);
    akt_pending_open(&iso, &a, AKT_P_CALL, 0); /* never */
    akt_pending_open(&iso, &other, AKT_P_CALL, 200);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 100);
    akt_pending_close(&iso, soon);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 200);
    akt_pending_fire(&iso, 199);
    ck_assert(!late->done);
    akt_pending_fire(&iso, 300);
    ck_assert(late->done);
    ck_assert_int_eq(late->code, AKT_TIMEOUT);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 0);
    teardown();
}
END_TEST

START_TEST(an_answer_wakes_who_waits_for_it)
{
    setup();
    struct akt_pending *p = akt_pending_open(&iso, &a, AKT_P_CALL, 100);
    struct akt_pending *q = akt_pending_open(&iso, &a, AKT_P_CALL, 100);
    q->awaited = true;
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, 0);
    akt_pending_answer(&iso, p, m, AKT_OK); /* nobody waits for this one */
    ck_assert(p->done);
    ck_assert_ptr_eq(p->msg, m);
    ck_assert(!a.ready);
    ck_assert_int_eq(a.todo, 0);
    akt_pending_answer(&iso, q, NULL, AKT_NOPROC);
    ck_assert(a.ready);
    ck_assert_int_eq(a.todo, AKT_DO_RESUME);
    ck_assert(!q->awaited);
    ck_assert_int_eq(q->code, AKT_NOPROC);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 0);
    teardown(); /* frees the answer */
}
END_TEST

START_TEST(a_tick_is_known_by_its_timer)
{
    setup();
    struct akt_pending *once = akt_pending_open(&iso, &a, AKT_P_TIMER, 0);
    struct akt_pending *often = akt_pending_open(&iso, &a, AKT_P_TIMER, 0);
    uint64_t once_id = once->id, often_id = often->id;
    once->queued = often->queued = true;
    often->period_ns = 10;
    ck_assert(akt_pending_tick_taken(&iso, once_id));
    ck_assert(akt_pending_tick_taken(&iso, often_id));
    ck_assert_ptr_null(akt_pending_find(&iso, once_id)); /* it is over */
    ck_assert(!often->queued);
    akt_pending_close(&iso, often);
    ck_assert(!akt_pending_tick_taken(&iso, often_id));
    teardown();
}
END_TEST

START_TEST(a_late_tick_keeps_the_rate)
{
    setup();
    a.self = akt_pid_make(AKT_PID_NODE_SELF, 1, 0);
    struct akt_pending *p = akt_pending_open(&iso, &a, AKT_P_TIMER, 100);
    p->period_ns = 10;
    p->msg = akt_msg_new(AKT_MSG_USER, 0);
    p->msg->target = a.self;
    akt_pending_fire(&iso, 100);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 110);
    ck_assert_ptr_nonnull(a.mail_first);
    ck_assert_ptr_null(a.mail_first->next);
    akt_pending_fire(&iso, 137); /* those at 110, 120 and 130 are one */
    ck_assert_uint_eq(akt_pending_nearest(&iso), 140);
    ck_assert_ptr_null(a.mail_first->next); /* the last one is not taken */
    ck_assert(akt_pending_tick_taken(&iso, p->id));
    akt_pending_fire(&iso, 155);
    ck_assert_uint_eq(akt_pending_nearest(&iso), 160);
    ck_assert_ptr_nonnull(a.mail_first->next);
    akt_msg_free(a.mail_first->next);
    akt_msg_free(a.mail_first);
    teardown();
}
END_TEST

CHECK_MAIN("pending", a_late_tick_keeps_the_rate, an_id_is_never_used_twice,
           each_stays_where_it_is, close_type_leaves_the_others,
           the_nearest_deadline_is_first, an_answer_wakes_who_waits_for_it,
           a_tick_is_known_by_its_timer)
