/* SPDX-License-Identifier: MIT
 *
 * Classes of ready actors, shares of a core, and where new actors go.
 */
#include "vm/ready.h"

#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/cactor.h"
#include "vm/node.h"

#define MS 1000000ull

static struct akt_node *node;
static struct akt_isolate *iso;
static struct akt_actor actors[16];

static void setup(void)
{
    struct akt_config config = {.workers = 1};
    memset(actors, 0, sizeof actors);
    node = akt_node_create(&config);
    iso = akt_isolate_own(node, &akt_c_host, 1, 0);
}

static void teardown(void)
{
    for (size_t i = 0; i < sizeof actors / sizeof *actors; i++)
        akt_free(actors[i].ext, actors[i].ext ? sizeof *actors[i].ext : 0);
    akt_node_destroy(node);
}

static struct akt_actor *ready(int i, enum akt_priority_class class)
{
    actors[i].class = (uint8_t) class;
    actors[i].extras = class == AKT_CLASS_NORMAL ? 0 : AKT_X_CLASS;
    akt_isolate_ready(iso, &actors[i]);
    return &actors[i];
}

/* All are always ready: who is picked comes back. */
static void pick_many(int picks, int counts[4], bool normal)
{
    for (int i = 0; i < picks; i++) {
        struct akt_actor *a = akt_ready_pick(iso, normal);
        counts[a ? a->class : AKT_CLASS_NORMAL]++;
        if (a)
            akt_isolate_ready(iso, a);
    }
}

START_TEST(everyone_has_a_share)
{
    int counts[4] = {0};
    setup();
    for (int i = 0; i < 8; i++) {
        ready(i, AKT_CLASS_HIGH + i % 3);
        ck_assert(akt_isolate_has_work(iso));
    }
    pick_many(160, counts, true);
    ck_assert_int_eq(counts[AKT_CLASS_HIGH], 80);
    ck_assert_int_eq(counts[AKT_CLASS_DEADLINE], 40);
    ck_assert_int_eq(counts[AKT_CLASS_NORMAL], 30);
    ck_assert_int_eq(counts[AKT_CLASS_LOW], 10);
    teardown();
}
END_TEST

START_TEST(what_one_class_leaves_the_next_gets)
{
    int counts[4] = {0};
    setup();
    ready(0, AKT_CLASS_LOW);
    pick_many(160, counts, true);
    ck_assert_int_eq(counts[AKT_CLASS_NORMAL], 150);
    ck_assert_int_eq(counts[AKT_CLASS_LOW], 10);
    memset(counts, 0, sizeof counts);
    pick_many(16, counts, false);
    ck_assert_int_eq(counts[AKT_CLASS_LOW], 16);
    teardown();
}
END_TEST

static struct akt_actor *due(int i, uint64_t ms)
{
    static struct akt_msg mails[16];
    mails[i].deadline_ns = ms * MS;
    actors[i].mail_first = &mails[i];
    return ready(i, AKT_CLASS_DEADLINE);
}

START_TEST(what_is_due_first_goes_first)
{
    static const uint64_t ms[] = {0, 30, 10, 20, 10, 0};
    static const int order[] = {2, 4, 3, 1, 0, 5}; /* equals as they came */
    setup();
    for (int i = 0; i < 6; i++)
        due(i, ms[i]);
    ck_assert_int_eq(akt_ready_rank(iso), AKT_RANK_HIGH);
    for (int i = 0; i < 6; i++)
        ck_assert_ptr_eq(akt_ready_pick(iso, false), &actors[order[i]]);
    ck_assert(!akt_isolate_has_work(iso));
    ck_assert_int_eq(akt_ready_rank(iso), AKT_RANK_LOW);
    teardown();
}
END_TEST

START_TEST(an_urgent_one_ends_the_batch)
{
    setup();
    iso->batch = &actors[0];
    iso->batch_left = 20;
    ready(1, AKT_CLASS_LOW);
    ck_assert_uint_eq(iso->batch_left, 20);
    ready(2, AKT_CLASS_HIGH);
    ck_assert_uint_eq(iso->batch_left, 0);
    iso->batch = NULL;
    teardown();
}
END_TEST

/* ---- shares ---- */

/* Runs `turn_ms` whenever it may, for 10 s; what it got, in percent. */
static uint64_t run_share(uint32_t percent, uint64_t turn_ms)
{
    struct akt_share s;
    uint64_t now = 5 * MS, end = now + 10000 * MS, ran = 0;
    akt_share_init(&s, percent, now);
    while (now < end) {
        uint64_t until = akt_share_wait(&s, now);
        if (until) {
            ck_assert_uint_gt(until, now); /* it never spins */
            now = until;
            ck_assert_uint_eq(akt_share_wait(&s, now), 0);
        } else {
            akt_share_spend(&s, turn_ms * MS);
            now += turn_ms * MS;
            ran += turn_ms;
        }
    }
    return ran / 100;
}

START_TEST(a_share_is_kept)
{
    static const uint32_t percents[] = {1, 5, 20, 50, 99};
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        uint64_t got = run_share(percents[i], 1);
        ck_assert_uint_ge(got + 1, percents[i]);
        ck_assert_uint_le(got, percents[i] + 2); /* the first bucket is full */
    }
    ck_assert_uint_eq(run_share(100, 1), 100);
    ck_assert_uint_le(run_share(20, 90), 22); /* turns that do not give way */
}
END_TEST

START_TEST(a_debt_has_an_end)
{
    struct akt_share s;
    akt_share_init(&s, 1, MS);
    akt_share_spend(&s, UINT64_MAX);
    uint64_t until = akt_share_wait(&s, MS);
    ck_assert_uint_gt(until, MS);
    ck_assert_uint_le(until, MS + AKT_SHARE_DEBT_NS + AKT_SHARE_WINDOW_NS);
    /* time that was slept through fills the bucket once */
    ck_assert_uint_eq(akt_share_wait(&s, 1000000 * MS), 0);
    ck_assert_int_eq(s.left_ns, AKT_SHARE_WINDOW_NS / 100);
    ck_assert_uint_eq(akt_share_wait(&s, 5), 0); /* a clock that goes back */
}
END_TEST

/* ---- placing ---- */

static uint32_t weight_of(struct akt_isolate *home)
{
    return (uint32_t)atomic_load(&home->weight);
}

/* Each as the first child of its parent, so one by one. */
static void place(int n)
{
    for (int i = 0; i < n; i++) {
        akt_actor_ext(&actors[0])->children = 0;
        akt_actor_ext(&actors[0])->home_left = 0;
        akt_isolate_place(node, &akt_c_host, &actors[0], 1);
    }
}

static void busy_gets_fewer(_Atomic uint32_t *figure, uint32_t value)
{
    struct akt_isolate *busy = node->homes[3];
    place(AKT_HOMES_PER_WORKER * 10);
    for (uint32_t i = 0; i < node->homes_len; i++)
        ck_assert_uint_eq(weight_of(node->homes[i]), 11); /* evenly */
    atomic_store(figure, value);
    place(AKT_HOMES_PER_WORKER * 10);
    ck_assert_uint_eq(weight_of(busy), 11);
    atomic_store(figure, value / 100);
    place(AKT_HOMES_PER_WORKER * 10);
    ck_assert_uint_gt(weight_of(busy), 11);
}

START_TEST(who_is_busy_gets_fewer)
{
    setup();
    place(AKT_HOMES_PER_WORKER);
    busy_gets_fewer(&node->homes[3]->busy_percent, 100);
    teardown();
    setup();
    place(AKT_HOMES_PER_WORKER);
    busy_gets_fewer(&node->homes[3]->shown_ready, 1000);
    teardown();
}
END_TEST

START_TEST(small_homes_are_kept_without_actors)
{
    setup();
    place(AKT_HOMES_PER_WORKER);
    struct akt_isolate *home = node->homes[0];
    home->plain = true;
    ck_assert(akt_isolate_is_kept(home));
    atomic_store(&home->shown_bytes, AKT_KEPT_BYTES + 1);
    ck_assert(!akt_isolate_is_kept(home));
    atomic_store(&home->shown_bytes, AKT_KEPT_BYTES);
    ck_assert(akt_isolate_is_kept(home));
    home->exclusive = true;
    ck_assert(!akt_isolate_is_kept(home));
    home->exclusive = false;
    home->broken = true;
    ck_assert(!akt_isolate_is_kept(home));
    home->broken = false;
    home->plain = false; /* simulated, recorded */
    ck_assert(!akt_isolate_is_kept(home));
    home->plain = true;
    /* one more than are kept */
    akt_isolate_place(node, &akt_c_host, &actors[0], AKT_ISOLATE_WEIGHT);
    ck_assert(!akt_isolate_is_kept(home));
    teardown();
}
END_TEST

CHECK_MAIN("ready", everyone_has_a_share, what_one_class_leaves_the_next_gets,
           what_is_due_first_goes_first, an_urgent_one_ends_the_batch,
           a_share_is_kept, a_debt_has_an_end, who_is_busy_gets_fewer,
           small_homes_are_kept_without_actors)
