/* SPDX-License-Identifier: MIT
 *
 * Schedules and clocks that are set. Pauses, names and lists: tests/lua/timers.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/timer.h"

#define S 1000000000ull
#define HOUR (3600 * S)
#define WALL (1767225600 * S) /* 2026-01-01 00:00 UTC */
#define MONO (500 * S)

static struct akt_schedule s;
static struct akt_zone *zone;
static uint64_t wall, mono;
static int fired;

static void start(const char *text)
{
    char error[160];
    zone = akt_zone_from_rule("UTC", "UTC0");
    s.zone = zone;
    wall = WALL;
    mono = MONO;
    fired = 0;
    ck_assert(akt_cron_parse(&s.cron, text, error, sizeof error));
    ck_assert(akt_schedule_start(&s, wall, mono));
}

/* Time passes; the timer is looked at when it has said. */
static void run(uint64_t ns)
{
    uint64_t end = mono + ns;
    while (mono < end) {
        struct akt_schedule_step step = akt_schedule_step(&s, wall, mono);
        fired += step.fire;
        if (step.over)
            return;
        uint64_t wait = step.wait_ns < end - mono ? step.wait_ns : end - mono;
        ck_assert_uint_le(step.wait_ns, AKT_CLOCK_LOOK_S * S);
        ck_assert_uint_gt(wait, 0);
        wall += wait;
        mono += wait;
    }
}

START_TEST(once_a_minute)
{
    start("* * * * *");
    run(HOUR);
    ck_assert_int_eq(fired, 59); /* the 60th is due now */
    run(1);
    ck_assert_int_eq(fired, 60);
    akt_zone_free(zone);
}
END_TEST

START_TEST(a_clock_set_forward_is_noticed)
{
    start("0 12 * * *");
    run(HOUR);
    wall += 12 * HOUR; /* it is 13:00 */
    run(AKT_CLOCK_LOOK_S * S + 1);
    ck_assert_int_eq(fired, 1);
    run(22 * HOUR);
    ck_assert_int_eq(fired, 1);
    run(2 * HOUR);
    ck_assert_int_eq(fired, 2);
    akt_zone_free(zone);
}
END_TEST

START_TEST(what_was_jumped_over_merges)
{
    start("* * * * *");
    run(90 * S);
    ck_assert_int_eq(fired, 1);
    wall += 5 * HOUR;
    run(70 * S);
    ck_assert_int_eq(fired, 3); /* all that was missed; and one minute */
    akt_zone_free(zone);
}
END_TEST

START_TEST(a_correction_does_not_repeat_a_minute)
{
    start("* * * * *");
    for (int i = 0; i < 60; i++) { /* an hour, with a step back each time */
        run(60 * S);
        wall -= 30 * S;
    }
    /* the wall clock has come half an hour further */
    ck_assert_int_ge(fired, 29);
    ck_assert_int_le(fired, 31);
    akt_zone_free(zone);
}
END_TEST

START_TEST(a_clock_set_back_a_day_is_believed)
{
    start("0 * * * *");
    run(10 * HOUR + S);
    ck_assert_int_eq(fired, 10);
    wall -= 24 * HOUR;
    run(5 * HOUR);
    ck_assert_int_eq(fired, 15);
    akt_zone_free(zone);
}
END_TEST

START_TEST(the_last_one_says_so)
{
    start("0 0 1 1 1 ? 2026");
    run(HOUR - 1);
    ck_assert_int_eq(fired, 0);
    run(S);
    ck_assert_int_eq(fired, 1);
    ck_assert_uint_eq(mono, MONO + HOUR); /* and not looked at again */
    akt_zone_free(zone);
}
END_TEST

CHECK_MAIN("timer", once_a_minute, a_clock_set_forward_is_noticed,
           what_was_jumped_over_merges, a_correction_does_not_repeat_a_minute,
           a_clock_set_back_a_day_is_believed, the_last_one_says_so)
