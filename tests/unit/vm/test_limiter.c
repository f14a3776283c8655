/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/limiter.h"

#define S 1000000000ull
#define START (1000 * S)

static struct akt_limiter l;
static uint64_t wait_ns;

static void setup(double rate, double burst)
{
    struct akt_limiter_options o = {rate, burst};
    akt_limiter_init(&l, &o, START);
}

static bool take(double n, uint64_t now, uint64_t max)
{
    return akt_limiter_take(&l, n, now, max, &wait_ns);
}

START_TEST(the_burst_is_there_at_once)
{
    setup(10, 3);
    for (int i = 0; i < 3; i++)
        ck_assert(take(1, START, 0) && wait_ns == 0);
    ck_assert(!take(1, START, 0));
    ck_assert(!take(1, START + S / 10 - 1000, 0));
    ck_assert(take(1, START + S / 10, 0));
    ck_assert_uint_eq(l.refused, 2);
}
END_TEST

START_TEST(waiters_are_served_in_order)
{
    setup(10, 1);
    ck_assert(take(1, START, 0));
    for (uint64_t i = 1; i <= 5; i++) {
        ck_assert(take(1, START, UINT64_MAX));
        ck_assert_uint_ge(wait_ns, i * S / 10);
        ck_assert_uint_le(wait_ns, i * S / 10 + 10);
    }
    /* nobody gets in between */
    ck_assert(!take(1, START + S / 2, 0));
    ck_assert(take(1, START + 6 * S / 10, 0));
}
END_TEST

START_TEST(too_long_a_wait_takes_nothing)
{
    setup(1, 1);
    ck_assert(take(1, START, 0));
    ck_assert(!take(1, START, S / 2));
    ck_assert(take(1, START, S + 1));
    ck_assert_uint_le(wait_ns, S + 1);
}
END_TEST

START_TEST(it_is_never_fuller_than_the_burst)
{
    setup(100, 5);
    ck_assert(akt_limiter_tokens(&l, START + 1000 * S) == 5);
    ck_assert(take(5, START + 1000 * S, 0));
    ck_assert(!take(1, START + 1000 * S, 0));
}
END_TEST

START_TEST(small_steps_add_up)
{
    setup(3, 1);
    ck_assert(take(1, START, 0));
    int got = 0;
    for (uint64_t t = 1; t <= 30000; t++)
        got += take(1, START + t * S / 1000, 0);
    ck_assert_int_ge(got, 89);
    ck_assert_int_le(got, 90);
}
END_TEST

START_TEST(a_rate_that_hardly_is_one)
{
    setup(1e-12, 1);
    ck_assert(take(1, START, 0));
    ck_assert(!take(1, START, 1000000000 * S));
    ck_assert(take(1, START, UINT64_MAX));
}
END_TEST

CHECK_MAIN("limiter", the_burst_is_there_at_once, waiters_are_served_in_order,
           too_long_a_wait_takes_nothing, it_is_never_fuller_than_the_burst,
           small_steps_add_up, a_rate_that_hardly_is_one)
