/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/zone.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static int64_t utc(int year, int month, int day, int hour, int minute)
{
    return akt_civil_days(year, month, day) * 86400 + hour * 3600 + minute * 60;
}

static struct akt_zone *rule(const char *text)
{
    struct akt_zone *zone = akt_zone_from_rule("test", text);
    ck_assert_ptr_nonnull(zone);
    return zone;
}

static int32_t offset(const struct akt_zone *zone, int64_t at)
{
    struct akt_zone_span span = akt_zone_span_at(zone, at);
    ck_assert(span.from_s <= at && at < span.until_s);
    return span.offset_s;
}

START_TEST(days_are_counted_and_named)
{
    struct akt_civil c;
    ck_assert_int_eq(akt_civil_days(1970, 1, 1), 0);
    ck_assert_int_eq(akt_civil_days(2000, 3, 1), 11017);
    for (int64_t days = -200000; days < 200000; days++) {
        akt_civil_of_days(days, &c);
        ck_assert_int_eq(akt_civil_days(c.year, c.month, c.day), days);
    }
    akt_civil_of_seconds(utc(2024, 2, 29, 23, 59) + 59, &c);
    ck_assert_int_eq(c.month * 100 + c.day, 229);
    ck_assert_int_eq(c.weekday, 4); /* a Thursday */
    ck_assert_int_eq(c.hour * 10000 + c.minute * 100 + c.second, 235959);
    akt_civil_of_seconds(-1, &c);
    ck_assert_int_eq(c.year, 1969);
    ck_assert_int_eq(c.weekday, 3);
    ck_assert_int_eq(akt_civil_month_days(2100, 2), 28);
    ck_assert_int_eq(akt_civil_month_days(2000, 2), 29);
}
END_TEST

START_TEST(a_rule_has_summers)
{
    struct akt_zone *zone = rule(BERLIN);
    int64_t spring = utc(2026, 3, 29, 1, 0), autumn = utc(2026, 10, 25, 1, 0);
    ck_assert_int_eq(offset(zone, spring - 1), 3600);
    ck_assert_int_eq(offset(zone, spring), 7200);
    ck_assert_int_eq(offset(zone, autumn - 1), 7200);
    ck_assert_int_eq(offset(zone, autumn), 3600);
    struct akt_zone_span span = akt_zone_span_at(zone, spring);
    ck_assert_int_eq(span.from_s, spring);
    ck_assert_int_eq(span.until_s, autumn);
    akt_zone_free(zone);
}
END_TEST

START_TEST(summers_of_the_south_go_over_new_year)
{
    struct akt_zone *zone = rule("AEST-10AEDT,M10.1.0,M4.1.0/3");
    ck_assert_int_eq(offset(zone, utc(2026, 1, 1, 0, 0)), 11 * 3600);
    ck_assert_int_eq(offset(zone, utc(2026, 7, 1, 0, 0)), 10 * 3600);
    ck_assert_int_eq(offset(zone, utc(2026, 12, 31, 23, 0)), 11 * 3600);
    akt_zone_free(zone);
}
END_TEST

START_TEST(other_forms_of_rules)
{
    struct akt_zone *zone = rule("<+0330>-3:30");
    ck_assert_int_eq(offset(zone, 0), 12600);
    akt_zone_free(zone);
    zone = rule("EST5EDT4:00:00,J60/-1,300/26:30");
    /* March 1st in every year, an hour before it */
    ck_assert_int_eq(offset(zone, utc(2024, 3, 1, 4, 0) - 1), -18000);
    ck_assert_int_eq(offset(zone, utc(2024, 3, 1, 4, 0)), -14400);
    ck_assert_int_eq(offset(zone, utc(2025, 3, 1, 4, 0)), -14400);
    akt_zone_free(zone);
    static const char *const bad[] = {"",
                                      "X1",
                                      "CET",
                                      "CET-1CEST,M3.5",
                                      "CET-25",
                                      "CET-1CEST",
                                      "CET-1CEST,M13.1.0,M10.5.0",
                                      "CET-1 ",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0/3x",
                                      "<+1",
                                      "CET-1CEST,J0,J1",
                                      "CET-99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!akt_zone_from_rule("bad", bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(local_times_that_are_twice_or_never)
{
    struct akt_zone *zone = rule(BERLIN);
    int64_t spring = utc(2026, 3, 29, 1, 0);
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 3, 29, 1, 59)),
                     spring - 60);
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 3, 29, 2, 0)), spring);
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 3, 29, 2, 30)), spring);
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 3, 29, 3, 0)), spring);
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 3, 29, 3, 1)),
                     spring + 60);
    /* 02:30 on that day is at 00:30 and at 01:30 UTC */
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 10, 25, 2, 30)),
                     utc(2026, 10, 25, 0, 30));
    ck_assert_int_eq(akt_zone_to_utc(zone, utc(2026, 10, 25, 3, 0)),
                     utc(2026, 10, 25, 2, 0));
    akt_zone_free(zone);
}
END_TEST

/* ---- files ---- */

/* One block of a file: two changes of offset, then the rule. */
static size_t make_file(unsigned char *out)
{
    static const char empty[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
                                "\0\0\0\0\0\0\0\0\0";
    static const char full[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\2"
                               "\0\0\0\4"
                               "\0\0\0\0\0\0\0\144" /* at 100 */
                               "\0\0\0\0\0\0\0\310" /* at 200 */
                               "\1\0"
                               "\0\0\0\12\0\0" /* 10 s */
                               "\0\0\0\24\0\0" /* 20 s */
                               "abc\0"
                               "\nCET-1\n";
    memcpy(out, empty, 44 + 6);
    memcpy(out + 50, full, sizeof full - 1);
    return 50 + sizeof full - 1;
}

START_TEST(a_file_is_read)
{
    unsigned char bytes[256];
    size_t len = make_file(bytes);
    struct akt_zone *zone = akt_zone_parse("test", bytes, len);
    ck_assert_ptr_nonnull(zone);
    ck_assert_int_eq(offset(zone, -5000), 10);
    ck_assert_int_eq(offset(zone, 99), 10);
    ck_assert_int_eq(offset(zone, 100), 20);
    ck_assert_int_eq(offset(zone, 199), 20);
    ck_assert_int_eq(offset(zone, 200), 3600); /* by the rule */
    ck_assert_int_eq(akt_zone_span_at(zone, 300).from_s, 200);
    akt_zone_free(zone);
}
END_TEST

START_TEST(bad_files_are_refused)
{
    unsigned char good[256], bad[256];
    size_t len = make_file(good);
    struct akt_random r;
    akt_random_seed(&r, 3);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(bad, good, cut);
        ck_assert_ptr_null(akt_zone_parse("bad", bad, cut));
    }
    for (int i = 0; i < 40000; i++) {
        memcpy(bad, good, len);
        for (uint64_t n = akt_random_below(&r, 4); n <= 4; n++)
            bad[akt_random_below(&r, len)] = (unsigned char)akt_random_next(&r);
        struct akt_zone *zone = akt_zone_parse("bad", bad, len);
        if (zone) /* whatever it is, questions to it end */
            akt_zone_to_utc(zone, utc(2026, 1, 1, 0, 0));
        akt_zone_free(zone);
    }
}
END_TEST

START_TEST(names_stay_in_their_folder)
{
    static const char *const bad[] = {
        "",
        "/etc/localtime",
        "../../../etc/localtime",
        "No/Such",
        "a b",
        "Europe",
        ".",
        "Europe/..",
        "zone.tab",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg"};
    struct akt_zones *z = akt_zones_create();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!akt_zones_get(z, bad[i]), "%s", bad[i]);
    const struct akt_zone *u = akt_zones_get(z, "UTC");
    ck_assert_ptr_nonnull(u);
    ck_assert_ptr_eq(akt_zones_get(z, "UTC"), u);
    ck_assert_int_eq(offset(u, 1000000000), 0);
    ck_assert_ptr_nonnull(akt_zones_get(z, "local"));
    akt_zones_destroy(z);
}
END_TEST

/* The system's file and the rule agree, in years that both know. */
START_TEST(the_systems_zone_of_berlin)
{
    struct akt_zones *z = akt_zones_create();
    const struct akt_zone *berlin = akt_zones_get(z, "Europe/Berlin");
    if (berlin) { /* the package tzdata is there */
        struct akt_zone *by_rule = rule(BERLIN);
        for (int64_t at = utc(2000, 1, 1, 0, 0); at < utc(2045, 1, 1, 0, 0);
             at += 5 * 3600) /* meets the hours of the changes, too */
            ck_assert_int_eq(offset(berlin, at), offset(by_rule, at));
        ck_assert_int_eq(offset(berlin, utc(1945, 7, 1, 0, 0)), 10800);
        akt_zone_free(by_rule);
    }
    akt_zones_destroy(z);
}
END_TEST

CHECK_MAIN("zone", days_are_counted_and_named, a_rule_has_summers,
           summers_of_the_south_go_over_new_year, other_forms_of_rules,
           local_times_that_are_twice_or_never, a_file_is_read,
           bad_files_are_refused, names_stay_in_their_folder,
           the_systems_zone_of_berlin)
