/* SPDX-License-Identifier: MIT */
#include "vm/cron.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DAY_S 86400
#define FIELDS 7
#define ALL_HOURS ((1u << 24) - 1)

/* ---- reading ---- */

enum field { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR };

struct range {
    const char *name;
    int min, max;
    const char *words; /* three letters each, from `min` */
};

static const struct range ranges[FIELDS] = {
    {"second", 0, 59, NULL},
    {"minute", 0, 59, NULL},
    {"hour", 0, 23, NULL},
    {"day of month", 1, 31, NULL},
    {"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
    {"day of week", 0, 7, "SUNMONTUEWEDTHUFRISATSUN"},
    {"year", AKT_CRON_YEAR_MIN, AKT_CRON_YEAR_MAX, NULL},
};

struct reader {
    struct akt_cron *cron;
    enum field field;
    const char *p; /* in the field; ends with a zero byte */
    char *error;
    size_t error_len;
};

static bool fail(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *r, const char *fmt, ...)
{
    int n = snprintf(r->error, r->error_len, "%s: ", ranges[r->field].name);
    va_list args;
    va_start(args, fmt);
    if (n > 0 && (size_t)n < r->error_len)
        vsnprintf(r->error + n, r->error_len - (size_t)n, fmt, args);
    va_end(args);
    return false;
}

static void set(struct reader *r, int value)
{
    struct akt_cron *c = r->cron;
    switch (r->field) {
    case SECOND:
        c->seconds |= 1ull << value;
        break;
    case MINUTE:
        c->minutes |= 1ull << value;
        break;
    case HOUR:
        c->hours |= 1u << value;
        break;
    case DAY:
        c->days |= 1u << value;
        break;
    case MONTH:
        c->months |= (uint16_t)(1u << value);
        break;
    case WEEKDAY:
        c->weekdays |= (uint8_t)(1u << value % 7);
        break;
    case YEAR:
        value -= AKT_CRON_YEAR_MIN;
        c->years[value / 64] |= 1ull << value % 64;
        break;
    }
}

static bool take(struct reader *r, char c)
{
    if (toupper((unsigned char)*r->p) != c)
        return false;
    r->p++;
    return true;
}

static bool read_digits(struct reader *r, int *out)
{
    int n = 0;
    if (!isdigit((unsigned char)*r->p))
        return false;
    for (; isdigit((unsigned char)*r->p); r->p++)
        n = n > 9999 ? n : n * 10 + (*r->p - '0');
    *out = n;
    return true;
}

static bool read_word(struct reader *r, int *out)
{
    const struct range *range = &ranges[r->field];
    for (int i = 0; range->words && range->words[3 * i]; i++) {
        if (strncasecmp(r->p, range->words + 3 * i, 3) == 0) {
            r->p += 3;
            *out = range->min + i;
            return true;
        }
    }
    return false;
}

static bool read_value(struct reader *r, int *out)
{
    const struct range *range = &ranges[r->field];
    if (read_word(r, out))
        return true;
    if (!read_digits(r, out))
        return fail(r, "\"%.16s\" is no value; it has %d to %d%s", r->p,
                    range->min, range->max,
                    r->field == MONTH     ? " or JAN to DEC"
                    : r->field == WEEKDAY ? " or SUN to SAT"
                                          : "");
    if (*out < range->min || *out > range->max)
        return fail(r, "%d is not within %d to %d", *out, range->min,
                    range->max);
    return true;
}

/* From `first` on by `step` until `last`; over the end if that is before. */
static void set_range(struct reader *r, int first, int last, int step)
{
    int max = r->field == WEEKDAY ? 6 : ranges[r->field].max;
    int size = max - ranges[r->field].min + 1;
    int end = last < first ? last + size : last;
    for (int v = first; v <= end; v += step)
        set(r, v > max && v > ranges[r->field].max ? v - size : v);
}

static bool read_step(struct reader *r, int *step)
{
    const struct range *range = &ranges[r->field];
    if (!read_digits(r, step) || *step < 1 || *step > range->max - range->min)
        return fail(r, "a step is a number from 1 to %d",
                    range->max - range->min);
    return true;
}

/* L, L-n, LW, nW in a month. */
static bool read_special_day(struct reader *r, bool *found)
{
    int n = 0;
    const char *start = r->p;
    *found = true;
    if (take(r, 'L')) {
        if (take(r, 'W')) {
            r->cron->last_working = true;
            return true;
        }
        if (take(r, '-') && (!read_digits(r, &n) || n > 30))
            return fail(r, "L-n is n days before the last one, n up to 30");
        r->cron->from_last |= 1u << n;
        return true;
    }
    if (read_digits(r, &n) && take(r, 'W')) {
        if (n < 1 || n > 31)
            return fail(r, "%d is not within 1 to 31", n);
        r->cron->nearest |= 1u << n;
        return true;
    }
    r->p = start;
    *found = false;
    return true;
}

/* nL and n#k in a week. */
static bool read_special_weekday(struct reader *r, int day, bool *found)
{
    int k;
    *found = true;
    if (take(r, 'L')) {
        r->cron->last_weekdays |= (uint8_t)(1u << day % 7);
        return true;
    }
    if (take(r, '#')) {
        if (!read_digits(r, &k) || k < 1 || k > 5)
            return fail(r, "n#k is the k-th of the month, k from 1 to 5");
        r->cron->nth_weekdays[k] |= (uint8_t)(1u << day % 7);
        return true;
    }
    *found = false;
    return true;
}

/* a, a-b, each with /n; `a/n` is from a on. */
static bool read_span(struct reader *r)
{
    int first, last, step = 1;
    bool found;
    if (!read_value(r, &first))
        return false;
    if (r->field == WEEKDAY) {
        if (!read_special_weekday(r, first, &found))
            return false;
        if (found)
            return true;
    }
    last = first;
    bool to = take(r, '-');
    if (to && !read_value(r, &last))
        return false;
    if (to && last < first && r->field == YEAR)
        return fail(r, "%d-%d is the wrong way round", first, last);
    if (take(r, '/')) {
        if (!read_step(r, &step))
            return false;
        if (!to)
            last = r->field == WEEKDAY ? 6 : ranges[r->field].max;
    }
    set_range(r, first, last, step);
    return true;
}

static bool read_item(struct reader *r)
{
    int step = 1;
    bool found = false;
    if (take(r, '*') ||
        ((r->field == DAY || r->field == WEEKDAY) && take(r, '?'))) {
        if (take(r, '/') && !read_step(r, &step))
            return false;
        set_range(r, ranges[r->field].min,
                  r->field == WEEKDAY ? 6 : ranges[r->field].max, step);
        return true;
    }
    if (r->field == DAY && !read_special_day(r, &found))
        return false;
    return found || read_span(r);
}

static bool read_field(struct reader *r)
{
    bool open = *r->p == '*' || *r->p == '?';
    if (r->field == DAY)
        r->cron->days_open = open;
    if (r->field == WEEKDAY)
        r->cron->weekdays_open = open;
    do {
        if (!read_item(r))
            return false;
    } while (take(r, ','));
    if (*r->p)
        return fail(r, "\"%.16s\" is not understood", r->p);
    return true;
}

static const char *of_macro(const char *text)
{
    static const char *const macros[][2] = {
        {"@yearly", "0 0 1 1 *"},  {"@annually", "0 0 1 1 *"},
        {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    };
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (strcasecmp(macros[i][0], text) == 0)
            return macros[i][1];
    return text;
}

/* Cuts at white space; the number of words, at most one too many. */
static int split(char *text, char *words[FIELDS + 1])
{
    int n = 0;
    char *save = NULL;
    for (char *w = strtok_r(text, " \t", &save); w && n <= FIELDS;
         w = strtok_r(NULL, " \t", &save))
        words[n++] = w;
    return n;
}

bool akt_cron_parse(struct akt_cron *c, const char *text, char *error,
                    size_t error_len)
{
    char copy[AKT_CRON_MAX + 1], *words[FIELDS + 1];
    struct reader r = {.cron = c, .error = error, .error_len = error_len};
    memset(c, 0, sizeof *c);
    if (strlen(text) > AKT_CRON_MAX) {
        snprintf(error, error_len, "it has more than %d bytes", AKT_CRON_MAX);
        return false;
    }
    strcpy(copy, of_macro(text));
    int n = split(copy, words);
    if (n < 5 || n > FIELDS) {
        snprintf(error, error_len,
                 "5 fields are expected (minute hour day month weekday), or 6 "
                 "with the second first, or 7 with the year last");
        return false;
    }
    c->seconds = 1; /* of five fields: at the full minute */
    memset(c->years, 0xff, sizeof c->years);
    if (n >= 6)
        c->seconds = 0;
    if (n == 7)
        memset(c->years, 0, sizeof c->years);
    for (int i = 0; i < n; i++) {
        r.field = (enum field)(i + (n == 5));
        r.p = words[i];
        if (!read_field(&r))
            return false;
    }
    return true;
}

/* ---- which days ---- */

static int weekday_of(const struct akt_civil *day, int other)
{
    return ((day->weekday + other - day->day) % 7 + 7) % 7;
}

/* The working day nearest to day n, in the same month. */
static int nearest_to(const struct akt_civil *day, int n, int len)
{
    int weekday = weekday_of(day, n);
    if (weekday == 6)
        return n > 1 ? n - 1 : n + 2;
    if (weekday == 0)
        return n < len ? n + 1 : n - 2;
    return n;
}

static bool matches_day(const struct akt_cron *c, const struct akt_civil *day)
{
    int len = akt_civil_month_days(day->year, day->month);
    if (c->days >> day->day & 1 || c->from_last >> (len - day->day) & 1)
        return true;
    if (c->last_working && day->day == nearest_to(day, len, len))
        return true;
    for (int n = 1; c->nearest && n <= len; n++)
        if (c->nearest >> n & 1 && nearest_to(day, n, len) == day->day)
            return true;
    return false;
}

static bool matches_weekday(const struct akt_cron *c,
                            const struct akt_civil *day)
{
    int len = akt_civil_month_days(day->year, day->month);
    uint32_t bit = 1u << day->weekday;
    return c->weekdays & bit || c->nth_weekdays[(day->day + 6) / 7] & bit ||
           (c->last_weekdays & bit && day->day + 7 > len);
}

/* As in Unix: days of the month and of the week, when both are given, are
 * alternatives; one that is open leaves it to the other. */
static bool matches_date(const struct akt_cron *c, const struct akt_civil *day)
{
    bool by_day = matches_day(c, day), by_weekday = matches_weekday(c, day);
    if (c->days_open || c->weekdays_open)
        return by_day && by_weekday;
    return by_day || by_weekday;
}

static bool has_year(const struct akt_cron *c, int64_t year)
{
    int64_t n = year - AKT_CRON_YEAR_MIN;
    return n >= 0 && year <= AKT_CRON_YEAR_MAX &&
           c->years[n / 64] >> n % 64 & 1;
}

/* ---- local time ---- */

/* The lowest bit that is set, from n on; -1: none. */
static int bit_from(uint64_t bits, int n)
{
    bits = n > 63 ? 0 : bits >> n << n;
    return bits ? __builtin_ctzll(bits) : -1;
}

/* The first second of the day that matches, from s on; -1: none. */
static int time_from(const struct akt_cron *c, int s)
{
    int hour = s / 3600, minute = s / 60 % 60;
    if (c->hours >> hour & 1) {
        int second = bit_from(c->seconds, s % 60);
        if (second >= 0 && c->minutes >> minute & 1)
            return s - s % 60 + second;
        minute = bit_from(c->minutes, minute + 1);
        if (minute >= 0)
            return hour * 3600 + minute * 60 + bit_from(c->seconds, 0);
    }
    hour = bit_from(c->hours, hour + 1);
    if (hour < 0)
        return -1;
    return hour * 3600 + bit_from(c->minutes, 0) * 60 + bit_from(c->seconds, 0);
}

/* The first local second that matches, from `s` on. */
static bool local_from(const struct akt_cron *c, int64_t s, int64_t *found)
{
    struct akt_civil day;
    akt_civil_of_seconds(s, &day);
    int64_t days = akt_civil_days(day.year, day.month, day.day);
    int from = (int)(s - days * DAY_S);
    while (akt_civil_of_days(days, &day), day.year <= AKT_CRON_YEAR_MAX) {
        if (!has_year(c, day.year)) {
            days = akt_civil_days(day.year + 1, 1, 1);
        } else if (!(c->months >> day.month & 1)) {
            days += akt_civil_month_days(day.year, day.month) - day.day + 1;
        } else {
            int at = matches_date(c, &day) ? time_from(c, from) : -1;
            if (at >= 0) {
                *found = days * DAY_S + at;
                return true;
            }
            days++;
        }
        from = 0;
    }
    return false;
}

/* ---- real time ---- */

/* For all hours: as time passes, span by span. */
static bool next_by_spans(const struct akt_cron *c, const struct akt_zone *zone,
                          int64_t from_s, int64_t *next_s)
{
    for (;;) {
        struct akt_zone_span span = akt_zone_span_at(zone, from_s);
        int64_t local;
        if (!local_from(c, from_s + span.offset_s, &local))
            return false;
        if (local - span.offset_s < span.until_s) {
            *next_s = local - span.offset_s;
            return true;
        }
        from_s = span.until_s;
    }
}

/* For certain hours: by what clocks show. Several local times may come to the
 * same moment, or to one that is over. */
static bool next_by_clock(const struct akt_cron *c, const struct akt_zone *zone,
                          int64_t after_s, int64_t *next_s)
{
    int64_t local = after_s + akt_zone_span_at(zone, after_s).offset_s;
    do {
        if (!local_from(c, local, &local))
            return false;
        *next_s = akt_zone_to_utc(zone, local++);
    } while (*next_s <= after_s);
    return true;
}

bool akt_cron_next(const struct akt_cron *c, const struct akt_zone *zone,
                   int64_t after_s, int64_t *next_s)
{
    if (c->hours == ALL_HOURS)
        return next_by_spans(c, zone, after_s + 1, next_s);
    return next_by_clock(c, zone, after_s, next_s);
}
