/* SPDX-License-Identifier: MIT */
#include "vm/base/random.h"

#include "tests/unit/check_main.h"

#define DRAWS 100000

/* xoshiro256** 1.0 from the state 1, 2, 3, 4: the authors' own values. */
START_TEST(is_xoshiro256_star_star)
{
    static const uint64_t expected[] = {
        11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
    };
    struct akt_random r = {{1, 2, 3, 4}};
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(akt_random_next(&r), expected[i]);
}
END_TEST

/* splitmix64 from 1234567: the reference implementation's first values. */
START_TEST(seeds_with_splitmix64)
{
    static const uint64_t expected[] = {
        6457827717110365317u,
        3203168211198807973u,
        9817491932198370423u,
        4593380528125082431u,
    };
    struct akt_random r;
    akt_random_seed(&r, 1234567);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(r.s[i], expected[i]);
}
END_TEST

START_TEST(same_seed_same_sequence)
{
    struct akt_random a, b, c;
    int different = 0;
    akt_random_seed(&a, 42);
    akt_random_seed(&b, 42);
    akt_random_seed(&c, 43);
    for (int i = 0; i < 1000; i++) {
        uint64_t x = akt_random_next(&a);
        ck_assert_uint_eq(x, akt_random_next(&b));
        different += x != akt_random_next(&c);
    }
    ck_assert_int_eq(different, 1000);
}
END_TEST

START_TEST(seed_zero_works)
{
    struct akt_random r;
    akt_random_seed(&r, 0);
    ck_assert((r.s[0] | r.s[1] | r.s[2] | r.s[3]) != 0);
    ck_assert_uint_ne(akt_random_next(&r), akt_random_next(&r));
}
END_TEST

START_TEST(below_stays_below_and_is_even)
{
    int counts[6] = {0};
    struct akt_random r;
    akt_random_seed(&r, 1);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = akt_random_below(&r, 6);
        ck_assert_uint_lt(x, 6);
        counts[x]++;
    }
    /* 5 % is over six standard deviations of a fair die */
    for (int i = 0; i < 6; i++)
        ck_assert_int_lt(abs(counts[i] - DRAWS / 6), DRAWS / 6 / 20);
}
END_TEST

START_TEST(below_takes_the_ends_of_its_range)
{
    struct akt_random r;
    akt_random_seed(&r, 1);
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(akt_random_below(&r, 1), 0);
        ck_assert_uint_lt(akt_random_below(&r, UINT64_MAX), UINT64_MAX);
        ck_assert_uint_lt(akt_random_below(&r, (1ull << 63) + 1),
                          (1ull << 63) + 1);
    }
}
END_TEST

START_TEST(double_is_in_range_with_a_middle_of_a_half)
{
    struct akt_random r;
    double sum = 0;
    akt_random_seed(&r, 1);
    for (int i = 0; i < DRAWS; i++) {
        double x = akt_random_double(&r);
        ck_assert(x >= 0 && x < 1);
        sum += x;
    }
    ck_assert_double_eq_tol(sum / DRAWS, 0.5, 0.01);
}
END_TEST

CHECK_MAIN("random", is_xoshiro256_star_star, seeds_with_splitmix64,
           same_seed_same_sequence, seed_zero_works,
           below_stays_below_and_is_even, below_takes_the_ends_of_its_range,
           double_is_in_range_with_a_middle_of_a_half)
