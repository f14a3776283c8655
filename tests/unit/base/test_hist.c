/* SPDX-License-Identifier: MIT */
#include "vm/base/hist.h"

#include <math.h>

#include "tests/unit/check_main.h"

static struct akt_hist hist;
static struct akt_hist_sum sum;

static void clear(void)
{
    hist = (struct akt_hist){0};
    sum = (struct akt_hist_sum){0};
}

START_TEST(a_value_comes_back_nearly_as_it_was)
{
    for (double v = 1e-9; v < 1e10; v *= 1.07) {
        clear();
        akt_hist_record(&hist, v);
        akt_hist_add(&sum, &hist);
        double back = akt_hist_quantile(&sum, 0.5);
        ck_assert_msg(fabs(back - v) <= v * 0.0626, "%g came as %g", v, back);
        ck_assert_uint_eq(sum.count, 1);
        ck_assert_double_eq(sum.sum, v);
    }
}
END_TEST

START_TEST(quantiles_are_in_order)
{
    clear();
    for (int i = 1; i <= 1000; i++)
        akt_hist_record(&hist, i);
    akt_hist_add(&sum, &hist);
    ck_assert_double_eq_tol(akt_hist_quantile(&sum, 0.5), 500, 40);
    ck_assert_double_eq_tol(akt_hist_quantile(&sum, 0.95), 950, 70);
    ck_assert_double_eq_tol(akt_hist_quantile(&sum, 0.99), 990, 70);
    ck_assert_double_eq(sum.sum, 500500);
}
END_TEST

START_TEST(values_out_of_range_are_counted_at_the_ends)
{
    clear();
    static const double small[] = {0, -1, -1e300, 1e-300},
                        big[] = {1e300, 1e11};
    for (int i = 0; i < 4; i++)
        akt_hist_record(&hist, small[i]);
    akt_hist_record(&hist, big[0]);
    akt_hist_record(&hist, big[1]);
    akt_hist_add(&sum, &hist);
    ck_assert_uint_eq(sum.count, 6);
    ck_assert_uint_eq(akt_hist_below(&sum, AKT_HIST_EXP_MIN), 4);
    ck_assert_uint_eq(akt_hist_below(&sum, AKT_HIST_EXP_MAX), 4);
    ck_assert_double_eq(akt_hist_quantile(&sum, 0.1), 0);
    ck_assert_double_eq(akt_hist_quantile(&sum, 1), 0x1p34);
}
END_TEST

START_TEST(bounds_split_exactly_at_powers_of_two)
{
    clear();
    akt_hist_record(&hist, nextafter(4, 0));
    akt_hist_record(&hist, 4);
    akt_hist_add(&sum, &hist);
    ck_assert_uint_eq(akt_hist_below(&sum, 2), 1);
    ck_assert_uint_eq(akt_hist_below(&sum, 3), 2);
    ck_assert_uint_eq(akt_hist_below(&sum, 1), 0);
}
END_TEST

START_TEST(nothing_recorded_is_zero)
{
    clear();
    akt_hist_add(&sum, &hist);
    ck_assert_double_eq(akt_hist_quantile(&sum, 0.99), 0);
}
END_TEST

CHECK_MAIN("hist", a_value_comes_back_nearly_as_it_was, quantiles_are_in_order,
           values_out_of_range_are_counted_at_the_ends,
           bounds_split_exactly_at_powers_of_two, nothing_recorded_is_zero)
