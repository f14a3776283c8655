/* SPDX-License-Identifier: MIT
 *
 * When expressions are due, by a readable trace: each line of a table is an
 * expression, a local time, and the local times (with the offset in hours)
 * that follow.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/random.h"
#include "vm/cron.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static struct akt_zone *zone;

static struct akt_cron parsed(const char *text)
{
    struct akt_cron c;
    char error[160] = "";
    ck_assert_msg(akt_cron_parse(&c, text, error, sizeof error), "%s: %s", text,
                  error);
    return c;
}

static int64_t read_time(const char *text, int *len)
{
    int y, m, d, h, min, s;
    ck_assert_int_eq(
        sscanf(text, "%d-%d-%d %d:%d:%d%n", &y, &m, &d, &h, &min, &s, len), 6);
    return akt_civil_days(y, m, d) * 86400 + h * 3600 + min * 60 + s;
}

/* Local times with "+n", the offset, behind. */
static void write_time(char *out, size_t len, int64_t utc_s)
{
    int32_t offset = akt_zone_span_at(zone, utc_s).offset_s;
    struct akt_civil c;
    akt_civil_of_seconds(utc_s + offset, &c);
    snprintf(out, len, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d+%d", c.year,
             c.month, c.day, c.hour, c.minute, c.second, offset / 3600);
}

/* `from` is UTC. */
static void check(const char *text, const char *from, const char *expected)
{
    struct akt_cron c = parsed(text);
    char trace[512] = "";
    int len;
    int64_t at = read_time(from, &len);
    size_t lines = 1;
    for (const char *p = expected; *p; p++)
        lines += *p == ',';
    for (size_t i = 0; i < lines; i++) {
        char one[64] = "never";
        if (akt_cron_next(&c, zone, at, &at))
            write_time(one, sizeof one, at);
        strcat(trace, i ? ", " : "");
        strcat(trace, one);
    }
    ck_assert_msg(strcmp(trace, expected) == 0, "%s from %s:\n  %s\nnot\n  %s",
                  text, from, trace, expected);
}

static void use(const char *rule)
{
    akt_zone_free(zone);
    zone = akt_zone_from_rule("test", rule);
}

START_TEST(plain_ones)
{
    use("UTC0");
    check("*/20 * * * *", "2026-01-01 00:00:00",
          "2026-01-01 00:20:00+0, 2026-01-01 00:40:00+0, "
          "2026-01-01 01:00:00+0");
    check("*/25 * * * * *", "2026-01-01 00:00:00",
          "2026-01-01 00:00:25+0, 2026-01-01 00:00:50+0, "
          "2026-01-01 00:01:00+0");
    check("30 4 1,15 * *", "2026-01-10 00:00:00",
          "2026-01-15 04:30:00+0, 2026-02-01 04:30:00+0");
    check("0 9-17/4 * * MON-FRI", "2026-01-02 10:00:00",
          "2026-01-02 13:00:00+0, 2026-01-02 17:00:00+0, "
          "2026-01-05 09:00:00+0");
    check("0 22-2/2 * * *", "2026-01-01 12:00:00",
          "2026-01-01 22:00:00+0, 2026-01-02 00:00:00+0, "
          "2026-01-02 02:00:00+0, 2026-01-02 22:00:00+0");
    check("5/20 * * * *", "2026-01-01 00:10:00",
          "2026-01-01 00:25:00+0, 2026-01-01 00:45:00+0, "
          "2026-01-01 01:05:00+0");
    check("0 0 * JAN,dec *", "2026-12-31 00:00:00", "2027-01-01 00:00:00+0");
    check("59 59 23 31 12 ?", "2026-12-31 23:59:59", "2027-12-31 23:59:59+0");
    check("@monthly", "2026-12-31 23:59:59", "2027-01-01 00:00:00+0");
    check("@hourly", "2026-12-31 23:00:00", "2027-01-01 00:00:00+0");
}
END_TEST

START_TEST(days_of_the_week)
{
    use("UTC0");
    check("0 0 * * 0", "2026-01-01 00:00:00", "2026-01-04 00:00:00+0");
    check("0 0 * * 7", "2026-01-01 00:00:00", "2026-01-04 00:00:00+0");
    check("0 0 * * 5-7", "2026-01-01 00:00:00",
          "2026-01-02 00:00:00+0, 2026-01-03 00:00:00+0, "
          "2026-01-04 00:00:00+0, 2026-01-09 00:00:00+0");
    check("0 0 * * FRI-MON", "2026-01-04 00:00:00",
          "2026-01-05 00:00:00+0, 2026-01-09 00:00:00+0");
    /* alternatives, as in Unix */
    check("0 0 13 * FRI", "2026-01-01 00:00:00",
          "2026-01-02 00:00:00+0, 2026-01-09 00:00:00+0, "
          "2026-01-13 00:00:00+0");
    /* one that begins with a star is no alternative */
    check("0 0 */2 * FRI", "2026-01-01 00:00:00",
          "2026-01-09 00:00:00+0, 2026-01-23 00:00:00+0");
}
END_TEST

START_TEST(last_nearest_and_nth)
{
    use("UTC0");
    check("0 0 L * ?", "2026-01-31 00:00:00",
          "2026-02-28 00:00:00+0, 2026-03-31 00:00:00+0");
    check("0 0 L-3 * ?", "2024-02-01 00:00:00", "2024-02-26 00:00:00+0");
    /* May 31st 2026 is a Sunday */
    check("0 0 LW * ?", "2026-05-01 00:00:00", "2026-05-29 00:00:00+0");
    /* the 15th: Saturday in August 2026, Sunday in November */
    check("0 0 15W 8,11 ?", "2026-08-01 00:00:00",
          "2026-08-14 00:00:00+0, 2026-11-16 00:00:00+0");
    check("0 0 1W 8 ?", "2026-07-30 00:00:00", "2026-08-03 00:00:00+0");
    check("0 0 ? * 5L", "2026-01-01 00:00:00",
          "2026-01-30 00:00:00+0, 2026-02-27 00:00:00+0");
    check("0 0 ? * MON#5", "2026-01-01 00:00:00",
          "2026-03-30 00:00:00+0, 2026-06-29 00:00:00+0");
}
END_TEST

START_TEST(leap_years)
{
    use("UTC0");
    check("0 0 29 2 *", "2025-01-01 00:00:00",
          "2028-02-29 00:00:00+0, 2032-02-29 00:00:00+0");
    check("0 0 29 2 *", "2096-03-01 00:00:00", "2104-02-29 00:00:00+0");
    check("0 0 0 29 2 ? 2100-2110", "2026-01-01 00:00:00",
          "2104-02-29 00:00:00+0, 2108-02-29 00:00:00+0, never");
}
END_TEST

START_TEST(what_never_comes)
{
    use("UTC0");
    check("0 0 31 2 *", "2026-01-01 00:00:00", "never");
    check("0 0 30 FEB ?", "2026-01-01 00:00:00", "never");
    check("0 0 31 4,6,9,11 *", "2026-01-01 00:00:00", "never");
    check("0 0 0 1 1 ? 2025", "2026-01-01 00:00:00", "never");
    check("0 0 0 1 1 ? 2027", "2026-01-01 00:00:00",
          "2027-01-01 00:00:00+0, never");
    use(BERLIN);
    check("0 0 31 2 *", "2026-01-01 00:00:00", "never");
    check("* * 31 2 *", "2026-01-01 00:00:00", "never");
}
END_TEST

/* On 2026-03-29 clocks in Berlin go from 02:00 to 03:00. */
START_TEST(skipped_hours)
{
    use(BERLIN);
    check("30 2 * * *", "2026-03-28 00:00:00",
          "2026-03-28 02:30:00+1, 2026-03-29 03:00:00+2, "
          "2026-03-30 02:30:00+2");
    check("*/20 2 * * *", "2026-03-28 23:00:00",
          "2026-03-29 03:00:00+2, 2026-03-30 02:00:00+2");
    check("0 3 * * *", "2026-03-28 23:00:00",
          "2026-03-29 03:00:00+2, 2026-03-30 03:00:00+2");
    /* all hours: as time passes */
    check("30 * * * *", "2026-03-29 00:00:00",
          "2026-03-29 01:30:00+1, 2026-03-29 03:30:00+2");
}
END_TEST

/* On 2026-10-25 they go from 03:00 back to 02:00. */
START_TEST(doubled_hours)
{
    use(BERLIN);
    check("30 2 * * *", "2026-10-24 22:00:00",
          "2026-10-25 02:30:00+2, 2026-10-26 02:30:00+1");
    check("*/30 2 * * *", "2026-10-24 22:00:00",
          "2026-10-25 02:00:00+2, 2026-10-25 02:30:00+2, "
          "2026-10-26 02:00:00+1");
    check("30 * * * *", "2026-10-24 23:00:00",
          "2026-10-25 01:30:00+2, 2026-10-25 02:30:00+2, "
          "2026-10-25 02:30:00+1, 2026-10-25 03:30:00+1");
    /* asked for in the second of the two */
    check("45 2 * * *", "2026-10-25 01:10:00", "2026-10-26 02:45:00+1");
    check("45 3 * * *", "2026-10-25 01:10:00", "2026-10-25 03:45:00+1");
}
END_TEST

START_TEST(mistakes_are_named)
{
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"", "5 fields"},
        {"* * * *", "5 fields"},
        {"* * * * * * * *", "5 fields"},
        {"60 * * * *", "minute: 60 is not within 0 to 59"},
        {"* 24 * * *", "hour: 24 is not within 0 to 23"},
        {"* * 0 * *", "day of month: 0 is not within 1 to 31"},
        {"* * * 13 *", "month: 13 is not within 1 to 12"},
        {"* * * * 8", "day of week: 8 is not within 0 to 7"},
        {"* * * * MOON", "\"MOON\" is no value; it has 0 to 7 or SUN to SAT"},
        {"* * * * MONDAY", "\"DAY\" is not understood"},
        {"*/0 * * * *", "a step is a number from 1 to 59"},
        {"*/60 * * * *", "a step"},
        {"1-x * * * *", "\"x\" is no value"},
        {"1, * * * *", "\"\" is no value"},
        {"? * * * *", "\"?\" is no value"},
        {"* * 32W * *", "32 is not within 1 to 31"},
        {"* * L-31 * *", "L-n"},
        {"* * * * 5#6", "k-th"},
        {"0 0 0 1 1 ? 2030-2020", "the wrong way round"},
        {"0 0 0 1 1 ? 1969", "year: 1969"},
        {"999999999999999999999 * * * *", "is not within"},
        {"@often", "5 fields"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct akt_cron c;
        char error[160] = "";
        ck_assert_msg(!akt_cron_parse(&c, bad[i].text, error, sizeof error),
                      "%s", bad[i].text);
        ck_assert_msg(strstr(error, bad[i].error), "%s: %s", bad[i].text,
                      error);
    }
}
END_TEST

START_TEST(long_ones_are_refused)
{
    struct akt_cron c;
    char text[400], error[160];
    memset(text, '1', sizeof text);
    text[399] = 0;
    ck_assert(!akt_cron_parse(&c, text, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "256 bytes"));
}
END_TEST

/* Against the definition: every second is looked at. */
static bool is_due(const struct akt_cron *c, int64_t utc_s)
{
    int64_t next;
    return akt_cron_next(c, zone, utc_s - 1, &next) && next == utc_s;
}

START_TEST(nothing_in_between_is_missed)
{
    struct akt_random r;
    akt_random_seed(&r, 11);
    use(BERLIN);
    int64_t start = akt_civil_days(2026, 3, 28) * 86400;
    for (int i = 0; i < 200; i++) {
        char text[64];
        snprintf(
            text, sizeof text, "%d */%d %d-%d * * *",
            (int)akt_random_below(&r, 60), 1 + (int)akt_random_below(&r, 5),
            (int)akt_random_below(&r, 15), 15 + (int)akt_random_below(&r, 9));
        struct akt_cron c = parsed(text);
        int64_t at = start + (int64_t)akt_random_below(&r, 86400), next;
        ck_assert(akt_cron_next(&c, zone, at, &next));
        ck_assert_int_gt(next, at);
        for (int64_t s = at + 1; s < next && s < at + 20000; s += 60)
            ck_assert(!is_due(&c, s));
        ck_assert(is_due(&c, next));
    }
}
END_TEST

START_TEST(random_texts_do_no_harm)
{
    static const char letters[] = "*/-,?LW#0123456789 MONJANSUN@x";
    struct akt_random r;
    akt_random_seed(&r, 5);
    use(BERLIN);
    for (int i = 0; i < 60000; i++) {
        char text[41], error[160];
        size_t len = akt_random_below(&r, 40);
        for (size_t k = 0; k < len; k++)
            text[k] = letters[akt_random_below(&r, sizeof letters - 1)];
        text[len] = 0;
        struct akt_cron c;
        int64_t next;
        if (akt_cron_parse(&c, text, error, sizeof error))
            akt_cron_next(&c, zone, 1800000000, &next);
    }
}
END_TEST

CHECK_MAIN("cron", plain_ones, days_of_the_week, last_nearest_and_nth,
           leap_years, what_never_comes, skipped_hours, doubled_hours,
           mistakes_are_named, long_ones_are_refused,
           nothing_in_between_is_missed, random_texts_do_no_harm)
