/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/schedule.h"

/* A toy program: `threads` that take `steps` steps each; the trace is who took
 * them. The plain order is that of their numbers. */
#define THREADS 4
#define STEPS 6

struct toy {
    char trace[THREADS * STEPS + 1];
    struct akt_switches made;
};

static uint32_t candidates(const int *left, uint64_t *who)
{
    uint32_t n = 0;
    for (uint64_t i = 0; i < THREADS; i++)
        if (left[i])
            who[n++] = 100 + i;
    return n;
}

static void run(struct akt_sim_plan plan, uint64_t seed, struct toy *toy)
{
    struct akt_sim_schedule s;
    int left[THREADS] = {STEPS, STEPS, STEPS, STEPS};
    uint64_t who[THREADS];
    uint32_t n;
    int at = 0;
    memset(toy, 0, sizeof *toy);
    plan.record = &toy->made;
    akt_sim_schedule_init(&s, &plan, seed);
    while ((n = candidates(left, who))) {
        struct akt_pick p = akt_sim_schedule_pick(&s, who, n);
        ck_assert_uint_lt(p.index, n);
        ck_assert((p.slice & ~AKT_SLICE_CALLS) > 0);
        ck_assert((p.slice & ~AKT_SLICE_CALLS) <= AKT_SLICE);
        uint64_t i = who[p.index] - 100;
        left[i]--;
        toy->trace[at++] = (char)('a' + i);
    }
    akt_sim_schedule_fini(&s);
}

static const char plain[] = "aaaaaabbbbbbccccccdddddd";

START_TEST(a_seed_is_a_run)
{
    for (int e = AKT_EXPLORE_RANDOM; e <= AKT_EXPLORE_PLAIN; e++) {
        struct akt_sim_plan plan = {.explore = (enum akt_explore)e};
        struct toy a, b, other;
        run(plan, 7, &a);
        run(plan, 7, &b);
        run(plan, 8, &other);
        ck_assert_str_eq(a.trace, b.trace);
        if (e == AKT_EXPLORE_PLAIN)
            ck_assert_str_eq(other.trace, plain);
        else
            ck_assert_str_ne(other.trace, a.trace);
        akt_switches_fini(&a.made);
        akt_switches_fini(&b.made);
        akt_switches_fini(&other.made);
    }
}
END_TEST

START_TEST(switches_replay_the_run)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct akt_sim_plan plan = {.explore = seed % 2 ? AKT_EXPLORE_PCT
                                                        : AKT_EXPLORE_RANDOM};
        struct toy first, again;
        run(plan, seed, &first);
        plan.replay = &first.made;
        run(plan, 12345, &again);
        ck_assert_str_eq(first.trace, again.trace);
        ck_assert_uint_eq(first.made.len, again.made.len);
        akt_switches_fini(&first.made);
        akt_switches_fini(&again.made);
    }
}
END_TEST

START_TEST(a_switch_to_nobody_has_no_effect)
{
    struct akt_switches list = {0};
    struct toy toy;
    akt_switches_add(&list, (struct akt_switch){2, 999, AKT_SLICE});
    akt_switches_add(&list, (struct akt_switch){4, 103, AKT_SLICE});
    run((struct akt_sim_plan){.replay = &list}, 1, &toy);
    ck_assert_str_eq(toy.trace, "aaaadaabbbbbbccccccddddd");
    ck_assert_uint_eq(toy.made.len, 1);
    akt_switches_fini(&toy.made);
    akt_switches_fini(&list);
}
END_TEST

START_TEST(pct_changes_seldom)
{
    for (uint64_t seed = 1; seed < 100; seed++) {
        struct toy toy;
        run((struct akt_sim_plan){.explore = AKT_EXPLORE_PCT,
                                  .depth = 3,
                                  .length = THREADS * STEPS},
            seed, &toy);
        int changes = 0;
        for (int i = 1; toy.trace[i]; i++)
            changes += toy.trace[i] != toy.trace[i - 1];
        ck_assert_int_ge(changes, THREADS - 1);
        ck_assert_int_le(changes, THREADS - 1 + 2);
        akt_switches_fini(&toy.made);
    }
}
END_TEST

START_TEST(who_never_waits_does_not_run_for_ever)
{
    struct akt_sim_plan plan = {.explore = AKT_EXPLORE_PCT};
    struct akt_sim_schedule s;
    const uint64_t who[] = {1, 2, 3};
    int turns[4] = {0};
    akt_sim_schedule_init(&s, &plan, 1);
    for (int i = 0; i < 10 * AKT_PCT_ROW; i++)
        turns[who[akt_sim_schedule_pick(&s, who, 3).index]]++;
    ck_assert_int_gt(turns[1], AKT_PCT_ROW / 2);
    ck_assert_int_gt(turns[2], AKT_PCT_ROW / 2);
    ck_assert_int_gt(turns[3], AKT_PCT_ROW / 2);
    akt_sim_schedule_fini(&s);
}
END_TEST

START_TEST(the_clock_is_chosen_seldom_and_has_no_slice)
{
    struct akt_sim_plan plan = {.explore = AKT_EXPLORE_RANDOM};
    struct akt_sim_schedule s;
    const uint64_t who[] = {1, AKT_WHO_CLOCK};
    int clocks = 0;
    akt_sim_schedule_init(&s, &plan, 1);
    for (int i = 0; i < 10000; i++) {
        struct akt_pick p = akt_sim_schedule_pick(&s, who, 2);
        clocks += p.index == 1;
        ck_assert(p.index == 0 || p.slice == AKT_SLICE);
    }
    ck_assert_int_gt(clocks, 300);
    ck_assert_int_lt(clocks, 1000);
    akt_sim_schedule_fini(&s);
}
END_TEST

/* A bug that shows when d runs early and then b before a has ended. */
static bool is_bad(const char *trace)
{
    const char *d = strchr(trace, 'd'), *b = strchr(trace, 'b');
    const char *a = strrchr(trace, 'a'), *c = strchr(trace, 'c');
    return d < b && b < a && a < c;
}

static bool fails(const struct akt_switches *s, struct akt_switches *made,
                  void *ctx)
{
    struct toy toy;
    ++*(int *)ctx;
    run((struct akt_sim_plan){.replay = s}, 1, &toy);
    *made = toy.made;
    return is_bad(toy.trace);
}

START_TEST(a_failing_schedule_shrinks_to_the_switches_it_needs)
{
    int found = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct toy toy;
        int runs = 0;
        run((struct akt_sim_plan){.explore = AKT_EXPLORE_RANDOM}, seed, &toy);
        if (is_bad(toy.trace)) {
            uint32_t before = toy.made.len;
            uint32_t gone = akt_sim_shrink(&toy.made, 1000, fails, &runs);
            ck_assert_uint_eq(before - gone, toy.made.len);
            ck_assert_uint_le(toy.made.len, 3);
            ck_assert_int_le(runs, 1000);
            struct akt_switches made = {0};
            ck_assert(fails(&toy.made, &made, &runs));
            akt_switches_fini(&made);
            found++;
        }
        akt_switches_fini(&toy.made);
    }
    ck_assert_int_gt(found, 0);
}
END_TEST

/* Fails when c cuts b's run in the middle, wherever that is. */
static bool fails_cut(const struct akt_switches *s, struct akt_switches *made,
                      void *ctx)
{
    struct toy toy;
    ++*(int *)ctx;
    run((struct akt_sim_plan){.replay = s}, 1, &toy);
    *made = toy.made;
    return strstr(toy.trace, "abbbcbbb") != NULL;
}

START_TEST(what_is_behind_a_switch_that_goes_is_moved)
{
    struct akt_switches s = {0};
    int runs = 0;
    akt_switches_add(&s, (struct akt_switch){0, 103, AKT_SLICE});
    akt_switches_add(&s, (struct akt_switch){10, 102, AKT_SLICE});
    akt_sim_shrink(&s, 1000, fails_cut, &runs);
    ck_assert_uint_eq(s.len, 1);
    ck_assert_uint_eq(s.list[0].step, 9);
    akt_switches_fini(&s);
}
END_TEST

START_TEST(a_turn_is_cut_short_only_if_need_be)
{
    struct akt_switches s = {0};
    int runs = 0;
    akt_switches_add(&s, (struct akt_switch){9, 102, 40});
    akt_sim_shrink(&s, 1000, fails_cut, &runs);
    ck_assert_uint_eq(s.len, 1);
    ck_assert_uint_eq(s.list[0].slice, AKT_SLICE);
    akt_switches_fini(&s);
}
END_TEST

/* Fails when a begins behind all others. */
static bool fails_last(const struct akt_switches *s, struct akt_switches *made,
                       void *ctx)
{
    struct toy toy;
    ++*(int *)ctx;
    run((struct akt_sim_plan){.replay = s}, 1, &toy);
    *made = toy.made;
    return strstr(toy.trace, "bbbbbbccccccddddddaaaaaa") != NULL;
}

START_TEST(one_that_waits_long_is_one_switch)
{
    struct akt_switches s = {0}, made = {0}, again = {0};
    int runs = 0;
    for (uint64_t i = 0; i < 18; i++)
        akt_switches_add(&s, (struct akt_switch){i, 101 + i / 6, AKT_SLICE});
    ck_assert(fails_last(&s, &made, &runs));
    ck_assert_uint_eq(made.len, 18);
    akt_sim_shrink(&made, 1000, fails_last, &runs);
    ck_assert_uint_eq(made.len, 1);
    ck_assert_uint_eq(made.list[0].who, 100);
    ck_assert_uint_eq(made.list[0].hold, 18);
    ck_assert(fails_last(&made, &again, &runs));
    ck_assert_uint_eq(again.len, 1);
    ck_assert_uint_eq(again.list[0].hold, 18);
    akt_switches_fini(&again);
    akt_switches_fini(&made);
    akt_switches_fini(&s);
}
END_TEST

static bool always(const struct akt_switches *s, struct akt_switches *made,
                   void *ctx)
{
    ++*(int *)ctx;
    return true;
}

START_TEST(what_fails_in_any_case_needs_no_switch)
{
    struct akt_switches s = {0};
    int runs = 0;
    for (uint64_t i = 0; i < 50; i++)
        akt_switches_add(&s, (struct akt_switch){i, 1, 1});
    ck_assert_uint_eq(akt_sim_shrink(&s, 10, always, &runs), 50);
    ck_assert_int_eq(runs, 1);
    ck_assert_uint_eq(akt_sim_shrink(&s, 10, always, &runs), 0);
    akt_switches_fini(&s);
}
END_TEST

START_TEST(runs_are_limited)
{
    struct toy toy;
    int runs = 0;
    run((struct akt_sim_plan){.explore = AKT_EXPLORE_RANDOM}, 3, &toy);
    akt_sim_shrink(&toy.made, 4, fails, &runs);
    ck_assert_int_le(runs, 4);
    akt_switches_fini(&toy.made);
}
END_TEST

START_TEST(switches_are_text_too)
{
    struct akt_switches s = {0}, again = {0};
    struct akt_buf text = AKT_BUF_INIT;
    akt_switches_add(&s, (struct akt_switch){12, 0x1000000400000, 40});
    akt_switches_add(&s, (struct akt_switch){17, AKT_WHO_CLOCK, AKT_SLICE});
    akt_switches_add(&s, (struct akt_switch){18, 1, AKT_SLICE_CALLS | 2});
    akt_switches_add(&s, (struct akt_switch){20, 0xab, AKT_SLICE, 9});
    akt_switches_show(&s, &text);
    akt_buf_putc(&text, 0);
    ck_assert_str_eq(text.data,
                     "12:1000000400000/40,17:8000000000000000,18:1/c2,20:abh9");
    ck_assert(akt_switches_parse(&again, text.data));
    ck_assert_uint_eq(again.len, 4);
    ck_assert_uint_eq(again.list[3].hold, 9);
    ck_assert_uint_eq(again.list[2].slice, AKT_SLICE_CALLS | 2);
    ck_assert_mem_eq(&again.list[1].who, &s.list[1].who, 8);
    ck_assert_uint_eq(again.list[0].slice, 40);
    static const char *const bad[] = {"1",         "1:",
                                      ":1",        "1:2/",
                                      "1:2/0",     "x",
                                      "1:2/30000", "1:2/c",
                                      "1:2/c0",    "1:2/c1001",
                                      "1:2;",      " 1:2",
                                      "1:2h",      "1:2h0",
                                      "1:2h9/4",   "1:2h9999999999",
                                      "-1:2",      "99999999999999999999:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!akt_switches_parse(&again, bad[i]), "%s", bad[i]);
    akt_buf_fini(&text);
    akt_switches_fini(&s);
    akt_switches_fini(&again);
}
END_TEST

CHECK_MAIN("schedule", a_seed_is_a_run, switches_replay_the_run,
           a_switch_to_nobody_has_no_effect, pct_changes_seldom,
           who_never_waits_does_not_run_for_ever,
           the_clock_is_chosen_seldom_and_has_no_slice,
           a_failing_schedule_shrinks_to_the_switches_it_needs,
           what_is_behind_a_switch_that_goes_is_moved,
           a_turn_is_cut_short_only_if_need_be,
           one_that_waits_long_is_one_switch,
           what_fails_in_any_case_needs_no_switch, runs_are_limited,
           switches_are_text_too)
