/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/team.h"

#define TICK_US 1000
#define LONG (20 * AKT_TEAM_REST_MAX)

static struct akt_team team;

/* Turns in a tick with so many workers. */
typedef uint64_t (*rate_fn)(uint32_t active);

static uint64_t scales(uint32_t active)
{
    return 1000 * active;
}

static uint64_t collides(uint32_t active)
{
    return 1000 / active;
}

static uint64_t is_even(uint32_t active)
{
    (void)active;
    return 1000;
}

/* The best is in the middle. */
static uint64_t four_at_most(uint32_t active)
{
    return active <= 4 ? 1000 * active : 4000 - 200 * active;
}

/* -> in how many of the ticks others than `best` took part */
static uint32_t run(rate_fn rate, uint32_t ticks, uint32_t best)
{
    uint32_t others = 0;
    for (uint32_t i = 0; i < ticks; i++) {
        others += team.active != best;
        akt_team_tick(&team, rate(team.active), TICK_US, true);
        ck_assert_uint_ge(team.active, 1);
        ck_assert_uint_le(team.active, team.workers);
    }
    return others;
}

/* From one number of workers to another, by what `rate` says. */
static void expect(uint32_t workers, rate_fn rate, uint32_t best)
{
    akt_team_init(&team, workers);
    run(rate, LONG, best);
    ck_assert_uint_eq(team.best, best);
    /* and what is worse is tried for little of the time */
    ck_assert_uint_le(run(rate, LONG, best), LONG / 50);
    ck_assert_uint_eq(team.best, best);
}

START_TEST(it_begins_with_one)
{
    akt_team_init(&team, 8);
    ck_assert_uint_eq(team.active, 1);
}
END_TEST

START_TEST(as_many_as_do_most)
{
    expect(2, scales, 2);
    expect(8, scales, 8);
    expect(6, scales, 6);
    expect(2, collides, 1);
    expect(8, four_at_most, 4);
}
END_TEST

START_TEST(fewer_when_more_do_not_more)
{
    expect(8, is_even, 1);
    expect(8, scales, 8);
    run(is_even, 4 * AKT_TEAM_REST_MAX, 1);
    ck_assert_uint_eq(team.best, 1);
}
END_TEST

START_TEST(it_follows_what_changes)
{
    expect(8, scales, 8);
    run(collides, 4 * AKT_TEAM_REST_MAX, 1);
    ck_assert_uint_eq(team.best, 1);
    run(scales, 4 * AKT_TEAM_REST_MAX, 8);
    ck_assert_uint_eq(team.best, 8);
}
END_TEST

/* The machine gets slower for a moment, in the middle of a comparison. */
START_TEST(one_pair_is_not_enough)
{
    expect(2, scales, 2);
    while (!team.compares)
        run(scales, 1, 2);
    for (int i = 0; i < 2 * AKT_TEAM_TICKS; i++)
        akt_team_tick(&team, team.active == 1 ? 1000 : 10, TICK_US, true);
    ck_assert_uint_eq(team.won, 1);
    run(scales, 2 * AKT_TEAM_TICKS, 2);
    ck_assert(!team.compares);
    ck_assert_uint_eq(team.best, 2);
}
END_TEST

START_TEST(a_break_ends_a_comparison)
{
    expect(2, scales, 2);
    while (!team.compares)
        run(scales, 1, 2);
    ck_assert_uint_eq(team.active, 1);
    akt_team_tick(&team, 0, TICK_US, false);
    ck_assert(!team.compares);
    ck_assert_uint_eq(team.active, 2);
}
END_TEST

START_TEST(one_worker_is_not_compared)
{
    akt_team_init(&team, 1);
    ck_assert_uint_eq(run(scales, LONG, 1), 0);
}
END_TEST

CHECK_MAIN("team", it_begins_with_one, as_many_as_do_most,
           fewer_when_more_do_not_more, it_follows_what_changes,
           one_pair_is_not_enough, a_break_ends_a_comparison,
           one_worker_is_not_compared)
