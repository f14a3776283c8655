/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include <string.h>

#include "vm/world.h"

START_TEST(the_real_world_has_clocks_and_no_choice)
{
    struct akt_world w;
    akt_world_real(&w);
    uint64_t t = akt_world_mono_ns(&w);
    ck_assert_uint_gt(t, 0);
    ck_assert_uint_ge(akt_world_mono_ns(&w), t);
    /* of the same clock, by a second at least */
    ck_assert_uint_gt(akt_world_soon_ns(&w) + 1000000000, t);
    ck_assert_uint_gt(akt_world_wall_ns(&w), AKT_SIM_EPOCH_NS / 2);
    ck_assert_uint_ne(akt_world_random(&w), akt_world_random(&w));
    for (uint32_t n = 1; n < 10; n++)
        ck_assert_uint_eq(akt_world_choose(&w, n), 0);
}
END_TEST

START_TEST(in_the_simulated_world_time_stands_still)
{
    struct akt_world w;
    akt_world_simulated(&w, 1);
    uint64_t t = akt_world_mono_ns(&w);
    ck_assert_uint_gt(t, 0); /* 0 means "none" */
    ck_assert_uint_eq(akt_world_mono_ns(&w), t);
    ck_assert_uint_eq(akt_world_wall_ns(&w), AKT_SIM_EPOCH_NS + t);
    w.now_ns += 5;
    ck_assert_uint_eq(akt_world_mono_ns(&w), t + 5);
    ck_assert_uint_eq(akt_world_soon_ns(&w), t + 5);
}
END_TEST

START_TEST(a_seed_is_a_run)
{
    struct akt_world v, w, other;
    akt_world_simulated(&v, 7);
    akt_world_simulated(&w, 7);
    akt_world_simulated(&other, 8);
    bool seen[6] = {0};
    for (int i = 0; i < 1000; i++) {
        uint32_t n = 1 + (uint32_t)i % 6;
        uint32_t x = akt_world_choose(&v, n);
        ck_assert_uint_lt(x, n);
        ck_assert_uint_eq(akt_world_choose(&w, n), x);
        akt_world_choose(&other, n);
        seen[x] = true;
        if (i % 3 == 0)
            ck_assert_uint_eq(akt_world_random(&v), akt_world_random(&w));
    }
    for (int i = 0; i < 6; i++)
        ck_assert(seen[i]);
    ck_assert_uint_eq(v.trace_hash, w.trace_hash);
    ck_assert_uint_ne(v.trace_hash, other.trace_hash);
    akt_world_note(&v, 1);
    ck_assert_uint_ne(v.trace_hash, w.trace_hash);
}
END_TEST

START_TEST(numbers_of_somebody_do_not_depend_on_what_ran_before)
{
    struct akt_world v, w;
    akt_world_simulated(&v, 7);
    akt_world_simulated(&w, 7);
    akt_world_random(&v);
    ck_assert_uint_eq(akt_world_random_of(&v, 1), akt_world_random_of(&w, 1));
    ck_assert_uint_ne(akt_world_random_of(&v, 1), akt_world_random_of(&v, 2));
    akt_world_fini(&v);
    akt_world_fini(&w);
}
END_TEST

static struct akt_world happening;
static struct akt_later things[4];
static char happened[8];

static void happen(struct akt_later *self)
{
    size_t n = strlen(happened);
    happened[n] = (char)('0' + (self - things));
    if (self == &things[2]) /* one that is due already */
        akt_world_at(&happening, &things[3], happening.now_ns - 1);
}

START_TEST(things_happen_in_the_order_of_their_times)
{
    akt_world_simulated(&happening, 1);
    uint64_t now = happening.now_ns;
    for (int i = 0; i < 4; i++)
        things[i].fire = happen;
    ck_assert_uint_eq(akt_world_next_ns(&happening), 0);
    akt_world_at(&happening, &things[1], now + 20);
    akt_world_at(&happening, &things[2], now + 20);
    akt_world_at(&happening, &things[0], now + 10);
    akt_world_at(&happening, &things[3], now + 15);
    akt_world_cancel(&happening, &things[3]);
    ck_assert_uint_eq(akt_world_next_ns(&happening), now + 10);
    akt_world_fire(&happening);
    ck_assert_str_eq(happened, "");
    happening.now_ns = now + 20;
    akt_world_fire(&happening);
    ck_assert_str_eq(happened, "0123");
    akt_world_fini(&happening);
}
END_TEST

CHECK_MAIN("world", the_real_world_has_clocks_and_no_choice,
           in_the_simulated_world_time_stands_still, a_seed_is_a_run,
           numbers_of_somebody_do_not_depend_on_what_ran_before,
           things_happen_in_the_order_of_their_times)
