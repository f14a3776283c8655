/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/base/random.h"
#include "vm/breaker.h"

#define S 1000000000ull
#define START (1000 * S)

static struct akt_breaker b;

static void setup(uint32_t half_open)
{
    struct akt_breaker_options o = {.failures = 0.5,
                                    .calls = 10,
                                    .window_ns = 60 * S,
                                    .open_ns = 30 * S,
                                    .half_open = half_open};
    akt_breaker_init(&b, &o);
}

static void calls(int n, enum akt_call_result result, uint64_t now)
{
    for (int i = 0; i < n; i++) {
        uint64_t ticket = akt_breaker_enter(&b, now);
        ck_assert_uint_ne(ticket, 0);
        akt_breaker_leave(&b, ticket, result, now);
    }
}

static void open_it(uint64_t now)
{
    calls(10, AKT_CALL_FAILED, now);
    ck_assert_int_eq(akt_breaker_look(&b, now), AKT_BREAKER_OPEN);
}

START_TEST(opens_at_half_of_ten_calls)
{
    setup(1);
    calls(4, AKT_CALL_OK, START);
    calls(5, AKT_CALL_FAILED, START);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED); /* nine calls */
    calls(1, AKT_CALL_FAILED, START);
    ck_assert_int_eq(b.state, AKT_BREAKER_OPEN);
    ck_assert_uint_eq(akt_breaker_enter(&b, START + 30 * S - 1), 0);
    ck_assert_uint_eq(b.rejected, 1);
    ck_assert_uint_eq(b.opened, 1);
}
END_TEST

START_TEST(few_failures_do_not_open_it)
{
    setup(1);
    calls(60, AKT_CALL_OK, START);
    calls(59, AKT_CALL_FAILED, START);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
    calls(1, AKT_CALL_FAILED, START);
    ck_assert_int_eq(b.state, AKT_BREAKER_OPEN);
}
END_TEST

START_TEST(what_left_the_window_does_not_count)
{
    setup(1);
    calls(9, AKT_CALL_FAILED, START);
    calls(9, AKT_CALL_FAILED, START + 60 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
    /* 54 s later the second nine are still there */
    calls(1, AKT_CALL_FAILED, START + 114 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_OPEN);
}
END_TEST

START_TEST(half_open_lets_in_exactly_so_many)
{
    setup(3);
    open_it(START);
    uint64_t now = START + 30 * S, tickets[3];
    ck_assert_int_eq(akt_breaker_look(&b, now), AKT_BREAKER_HALF_OPEN);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_ne(tickets[i] = akt_breaker_enter(&b, now), 0);
    ck_assert_uint_eq(akt_breaker_enter(&b, now), 0);
    akt_breaker_leave(&b, tickets[0], AKT_CALL_OK, now);
    ck_assert_uint_eq(akt_breaker_enter(&b, now), 0);
    akt_breaker_leave(&b, tickets[1], AKT_CALL_OK, now);
    ck_assert_int_eq(b.state, AKT_BREAKER_HALF_OPEN);
    akt_breaker_leave(&b, tickets[2], AKT_CALL_OK, now);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
}
END_TEST

START_TEST(a_failed_trial_opens_it_again)
{
    setup(2);
    open_it(START);
    uint64_t now = START + 31 * S;
    uint64_t one = akt_breaker_enter(&b, now), two = akt_breaker_enter(&b, now);
    akt_breaker_leave(&b, one, AKT_CALL_FAILED, now);
    ck_assert_int_eq(b.state, AKT_BREAKER_OPEN);
    akt_breaker_leave(&b, two, AKT_CALL_OK, now);
    ck_assert_int_eq(b.state, AKT_BREAKER_OPEN);
    ck_assert_int_eq(akt_breaker_look(&b, now + 30 * S), AKT_BREAKER_HALF_OPEN);
}
END_TEST

START_TEST(late_results_count_for_nothing)
{
    setup(1);
    uint64_t slow[20];
    for (int i = 0; i < 20; i++)
        slow[i] = akt_breaker_enter(&b, START);
    open_it(START);
    uint64_t trial = akt_breaker_enter(&b, START + 30 * S);
    for (int i = 0; i < 10; i++) /* must not close it */
        akt_breaker_leave(&b, slow[i], AKT_CALL_OK, START + 30 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_HALF_OPEN);
    akt_breaker_leave(&b, trial, AKT_CALL_OK, START + 31 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
    for (int i = 10; i < 20; i++) /* must not open it */
        akt_breaker_leave(&b, slow[i], AKT_CALL_FAILED, START + 31 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
    ck_assert_uint_eq(b.late, 20);
}
END_TEST

START_TEST(a_trial_without_a_verdict_gives_its_place_back)
{
    setup(1);
    open_it(START);
    uint64_t now = START + 30 * S;
    uint64_t ticket = akt_breaker_enter(&b, now);
    akt_breaker_leave(&b, ticket, AKT_CALL_IGNORED, now);
    ck_assert_int_eq(b.state, AKT_BREAKER_HALF_OPEN);
    ck_assert_uint_ne(akt_breaker_enter(&b, now), 0);
    ck_assert_uint_eq(akt_breaker_enter(&b, now), 0);
}
END_TEST

START_TEST(lost_trials_are_given_up)
{
    setup(1);
    open_it(START);
    uint64_t now = START + 100 * S;
    uint64_t lost = akt_breaker_enter(&b, now);
    ck_assert_uint_eq(akt_breaker_enter(&b, now + 30 * S - 1), 0);
    uint64_t next = akt_breaker_enter(&b, now + 30 * S);
    ck_assert_uint_ne(next, 0);
    ck_assert_uint_ne(next, lost);
    akt_breaker_leave(&b, lost, AKT_CALL_FAILED, now + 31 * S);
    ck_assert_int_eq(b.state, AKT_BREAKER_HALF_OPEN);
}
END_TEST

START_TEST(ignored_calls_are_no_calls)
{
    setup(1);
    calls(100, AKT_CALL_IGNORED, START);
    calls(9, AKT_CALL_FAILED, START);
    ck_assert_int_eq(b.state, AKT_BREAKER_CLOSED);
    ck_assert_uint_eq(b.ignored, 100);
}
END_TEST

/* Whatever comes: never more than `half_open` trials at the same time. */
START_TEST(random_calls_keep_the_invariants)
{
    struct akt_random r;
    akt_random_seed(&r, 7);
    setup(3);
    uint64_t open[64] = {0}, now = START;
    for (int i = 0; i < 50000; i++) {
        uint32_t at = akt_random_below(&r, 64);
        now += akt_random_below(&r, 2000) * (S / 1000);
        if (open[at]) {
            enum akt_call_result result =
                (enum akt_call_result)akt_random_below(&r, 3);
            akt_breaker_leave(&b, open[at], result, now);
            open[at] = 0;
        } else {
            open[at] = akt_breaker_enter(&b, now);
        }
        uint32_t trials = 0;
        for (int k = 0; k < 64; k++)
            trials += open[k] == b.period;
        if (b.state == AKT_BREAKER_HALF_OPEN)
            ck_assert_uint_le(trials + b.passed, 3);
        if (b.state == AKT_BREAKER_OPEN)
            ck_assert_uint_eq(trials, 0);
    }
    ck_assert_uint_gt(b.opened, 100);
}
END_TEST

CHECK_MAIN("breaker", opens_at_half_of_ten_calls, few_failures_do_not_open_it,
           what_left_the_window_does_not_count,
           half_open_lets_in_exactly_so_many, a_failed_trial_opens_it_again,
           late_results_count_for_nothing,
           a_trial_without_a_verdict_gives_its_place_back,
           lost_trials_are_given_up, ignored_calls_are_no_calls,
           random_calls_keep_the_invariants)
