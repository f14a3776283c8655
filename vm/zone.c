/* SPDX-License-Identifier: MIT */
#include "vm/zone.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"

#define FOLDER "/usr/share/zoneinfo/"
#define FILE_MAX (256u * 1024)
#define DAY_S 86400

/* ---- the calendar ---- */

/* Years from March on, so that a leap day is the last of its year; 400 years
 * have 146097 days. */
int64_t akt_civil_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * 146097 + days - 719468;
}

void akt_civil_of_days(int64_t days, struct akt_civil *out)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month + (month < 10 ? 3 : -9));
    out->year = year + era * 400 + (out->month <= 2);
    out->weekday = (int)(((days + 4) % 7 + 7) % 7);
}

static int64_t floor_days(int64_t s)
{
    return (s >= 0 ? s : s - (DAY_S - 1)) / DAY_S;
}

void akt_civil_of_seconds(int64_t local_s, struct akt_civil *out)
{
    int64_t days = floor_days(local_s);
    int s = (int)(local_s - days * DAY_S);
    akt_civil_of_days(days, out);
    out->hour = s / 3600;
    out->minute = s / 60 % 60;
    out->second = s % 60;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int akt_civil_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* ---- rules ---- */

enum rule_day { BY_WEEKDAY, BY_JULIAN, BY_NUMBER };

/* When the clocks change each year. */
struct change {
    enum rule_day how;
    int month, week, day; /* week 5: the last one */
    int32_t time_s;       /* local, before the change */
};

struct rule {
    bool there, has_summer;
    int32_t winter_s, summer_s; /* offsets */
    struct change begins, ends; /* of summer time */
};

struct akt_zone {
    struct akt_zone *next; /* in a table */
    char name[AKT_ZONE_NAME_MAX + 1];
    uint32_t len;
    int64_t *at; /* when each change happens, ascending */
    int32_t *offsets;
    int32_t first_s;  /* offset before the first change */
    struct rule rule; /* after the last one */
};

static bool take_number(const char **p, int most, int *out)
{
    if (!isdigit((unsigned char)**p))
        return false;
    int n = 0;
    for (; isdigit((unsigned char)**p) && n <= most; ++*p)
        n = n * 10 + (**p - '0');
    *out = n;
    return n <= most;
}

static bool take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    ++*p;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(const char **p, int most_hours, int32_t *out)
{
    bool minus = take_char(p, '-');
    if (!minus)
        take_char(p, '+');
    int h, m = 0, s = 0;
    if (!take_number(p, most_hours, &h))
        return false;
    if (take_char(p, ':') && !take_number(p, 59, &m))
        return false;
    if (take_char(p, ':') && !take_number(p, 59, &s))
        return false;
    *out = (h * 3600 + m * 60 + s) * (minus ? -1 : 1);
    return true;
}

static bool skip_name(const char **p)
{
    const char *start = *p;
    if (take_char(p, '<')) {
        while (**p && **p != '>')
            ++*p;
        return take_char(p, '>');
    }
    while (isalpha((unsigned char)**p))
        ++*p;
    return *p - start >= 3;
}

static bool take_day(const char **p, struct change *c)
{
    if (take_char(p, 'M')) {
        c->how = BY_WEEKDAY;
        return take_number(p, 12, &c->month) && c->month && take_char(p, '.') &&
               take_number(p, 5, &c->week) && c->week && take_char(p, '.') &&
               take_number(p, 6, &c->day);
    }
    c->how = take_char(p, 'J') ? BY_JULIAN : BY_NUMBER;
    return take_number(p, 365, &c->day) && (c->how == BY_NUMBER || c->day);
}

static bool take_change(const char **p, struct change *c)
{
    c->time_s = 2 * 3600;
    if (!take_char(p, ',') || !take_day(p, c))
        return false;
    return !take_char(p, '/') || take_time(p, 167, &c->time_s);
}

/* std offset [dst [offset] [,change,change]] */
static bool read_rule(const char *p, struct rule *r)
{
    int32_t west;
    memset(r, 0, sizeof *r);
    if (!skip_name(&p) || !take_time(&p, 24, &west))
        return false;
    r->there = true;
    r->winter_s = r->summer_s = -west;
    if (!*p)
        return true;
    if (!skip_name(&p))
        return false;
    r->has_summer = true;
    r->summer_s = r->winter_s + 3600;
    if (*p != ',') {
        if (!take_time(&p, 24, &west))
            return false;
        r->summer_s = -west;
    }
    return take_change(&p, &r->begins) && take_change(&p, &r->ends) && !*p;
}

static int64_t nth_weekday(int64_t year, const struct change *c)
{
    struct akt_civil first;
    int64_t days = akt_civil_days(year, c->month, 1);
    akt_civil_of_days(days, &first);
    int day = (c->day - first.weekday + 7) % 7 + (c->week - 1) * 7;
    while (day >= akt_civil_month_days(year, c->month))
        day -= 7; /* there is no fifth one */
    return days + day;
}

static int64_t day_of(int64_t year, const struct change *c)
{
    if (c->how == BY_WEEKDAY)
        return nth_weekday(year, c);
    int64_t first = akt_civil_days(year, 1, 1);
    if (c->how == BY_NUMBER)
        return first + c->day;
    return first + c->day - 1 + (is_leap(year) && c->day >= 60);
}

/* The span by the rule; years beside count, since local years begin at other
 * moments than those of UTC. */
static struct akt_zone_span span_by_rule(const struct rule *r, int64_t utc_s)
{
    struct akt_zone_span span = {INT64_MIN, INT64_MAX, r->winter_s};
    struct akt_civil now;
    if (!r->has_summer)
        return span;
    akt_civil_of_seconds(utc_s, &now);
    for (int64_t y = now.year - 1; y <= now.year + 1; y++) {
        for (int k = 0; k < 2; k++) {
            const struct change *c = k ? &r->ends : &r->begins;
            int64_t at = day_of(y, c) * DAY_S + c->time_s -
                         (k ? r->summer_s : r->winter_s);
            if (at <= utc_s && at > span.from_s) {
                span.from_s = at;
                span.offset_s = k ? r->winter_s : r->summer_s;
            } else if (at > utc_s && at < span.until_s) {
                span.until_s = at;
            }
        }
    }
    return span;
}

/* ---- spans ---- */

/* How many changes have happened by then. */
static uint32_t changes_until(const struct akt_zone *zone, int64_t utc_s)
{
    uint32_t low = 0, high = zone->len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (zone->at[mid] <= utc_s)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct akt_zone_span akt_zone_span_at(const struct akt_zone *zone,
                                      int64_t utc_s)
{
    uint32_t n = changes_until(zone, utc_s);
    int64_t from = n ? zone->at[n - 1] : INT64_MIN;
    if (n == zone->len && zone->rule.there) {
        struct akt_zone_span span = span_by_rule(&zone->rule, utc_s);
        if (span.from_s < from)
            span.from_s = from;
        return span;
    }
    return (struct akt_zone_span){from, n < zone->len ? zone->at[n] : INT64_MAX,
                                  n ? zone->offsets[n - 1] : zone->first_s};
}

int64_t akt_zone_to_utc(const struct akt_zone *zone, int64_t local_s)
{
    /* no zone is further from UTC than this */
    int64_t at = local_s - 2 * DAY_S;
    for (;;) {
        struct akt_zone_span span = akt_zone_span_at(zone, at);
        int64_t utc = local_s - span.offset_s;
        if (utc < span.until_s)
            return utc < span.from_s ? span.from_s : utc;
        at = span.until_s;
    }
}

/* ---- files ---- */

struct tzif {
    const unsigned char *p, *end;
};

static int64_t big_endian(const unsigned char *p, int bytes)
{
    uint64_t n = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        n = n << 8 | p[i];
    return (int64_t)n;
}

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

/* Reads a header; false: it is none, or what it announces is not there. */
static bool read_header(struct tzif *f, uint32_t word, struct counts *c)
{
    if (f->end - f->p < 44 || memcmp(f->p, "TZif", 4) != 0)
        return false;
    uint32_t *fields[] = {&c->isut, &c->isstd, &c->leap,
                          &c->time, &c->type,  &c->chars};
    uint64_t sizes[] = {1, 1, word + 4, word + 1, 6, 1}, all = 0;
    for (int i = 0; i < 6; i++) {
        *fields[i] = (uint32_t)big_endian(f->p + 20 + 4 * i, 4);
        all += *fields[i] * sizes[i];
    }
    f->p += 44;
    return c->type > 0 && c->type <= 256 && all <= (uint64_t)(f->end - f->p);
}

static size_t block_len(const struct counts *c, uint32_t word)
{
    return c->time * (word + 1ul) + c->type * 6ul + c->chars +
           c->leap * (word + 4ul) + c->isstd + c->isut;
}

static bool read_changes(struct akt_zone *zone, struct tzif *f,
                         const struct counts *c)
{
    const unsigned char *kinds = f->p + c->time * 8ul;
    const unsigned char *types = kinds + c->time;
    zone->len = c->time;
    zone->at = akt_calloc(c->time * sizeof *zone->at + 1);
    zone->offsets = akt_calloc(c->time * sizeof *zone->offsets + 1);
    zone->first_s = (int32_t)big_endian(types, 4);
    for (uint32_t i = 0; i < c->time; i++) {
        if (kinds[i] >= c->type)
            return false;
        zone->at[i] = big_endian(f->p + 8ul * i, 8);
        zone->offsets[i] = (int32_t)big_endian(types + 6ul * kinds[i], 4);
        if ((i && zone->at[i] <= zone->at[i - 1]) ||
            abs(zone->offsets[i]) > DAY_S)
            return false;
    }
    f->p += block_len(c, 8);
    return abs(zone->first_s) <= DAY_S;
}

/* "\nRULE\n" */
static bool read_footer(struct akt_zone *zone, const struct tzif *f)
{
    char text[64];
    size_t len = (size_t)(f->end - f->p);
    if (len < 2 || f->p[0] != '\n')
        return false;
    const unsigned char *end = memchr(f->p + 1, '\n', len - 1);
    size_t n = end ? (size_t)(end - f->p) - 1 : sizeof text;
    if (n >= sizeof text)
        return false;
    memcpy(text, f->p + 1, n);
    text[n] = 0;
    return n == 0 || read_rule(text, &zone->rule);
}

static struct akt_zone *new_zone(const char *name)
{
    struct akt_zone *zone = akt_calloc(sizeof *zone);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    return zone;
}

void akt_zone_free(struct akt_zone *zone)
{
    if (!zone)
        return;
    akt_free(zone->at, zone->at ? zone->len * sizeof *zone->at + 1 : 0);
    akt_free(zone->offsets,
             zone->offsets ? zone->len * sizeof *zone->offsets + 1 : 0);
    akt_free(zone, sizeof *zone);
}

struct akt_zone *akt_zone_from_rule(const char *name, const char *rule)
{
    struct akt_zone *zone = new_zone(name);
    if (read_rule(rule, &zone->rule))
        return zone;
    akt_zone_free(zone);
    return NULL;
}

struct akt_zone *akt_zone_parse(const char *name, const unsigned char *bytes,
                                size_t len)
{
    struct tzif f = {bytes, bytes + len};
    struct counts c;
    /* a block of 32-bit times comes first, for old readers */
    if (!read_header(&f, 4, &c) || bytes[4] < '2')
        return NULL;
    f.p += block_len(&c, 4);
    if (!read_header(&f, 8, &c))
        return NULL;
    struct akt_zone *zone = new_zone(name);
    if (read_changes(zone, &f, &c) && read_footer(zone, &f))
        return zone;
    akt_zone_free(zone);
    return NULL;
}

/* ---- the table ---- */

struct akt_zones {
    pthread_mutex_t lock;
    struct akt_zone *first;
};

struct akt_zones *akt_zones_create(void)
{
    struct akt_zones *z = akt_calloc(sizeof *z);
    pthread_mutex_init(&z->lock, NULL);
    return z;
}

void akt_zones_destroy(struct akt_zones *z)
{
    while (z->first) {
        struct akt_zone *zone = z->first;
        z->first = zone->next;
        akt_zone_free(zone);
    }
    pthread_mutex_destroy(&z->lock);
    akt_free(z, sizeof *z);
}

const char *akt_zone_name(const struct akt_zone *zone)
{
    return zone->name;
}

/* A name of the database, and nothing that leads out of its folder. */
static bool is_name(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || len > AKT_ZONE_NAME_MAX || s[0] == '/' || strstr(s, ".."))
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("/_+-", *s))
            return false;
    return true;
}

static bool read_file(const char *path, struct akt_buf *out)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    bool ok = f && fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
              st.st_size <= (off_t)FILE_MAX;
    if (ok)
        out->len = fread(akt_buf_reserve(out, FILE_MAX), 1, FILE_MAX, f);
    if (f)
        fclose(f);
    return ok;
}

static struct akt_zone *load(const char *name)
{
    char path[sizeof FOLDER + AKT_ZONE_NAME_MAX];
    struct akt_buf bytes = AKT_BUF_INIT;
    struct akt_zone *zone = NULL;
    if (strcmp(name, "UTC") == 0)
        return akt_zone_from_rule(name, "UTC0");
    if (strcmp(name, "local") == 0)
        snprintf(path, sizeof path, "/etc/localtime");
    else
        snprintf(path, sizeof path, FOLDER "%s", name);
    if (read_file(path, &bytes))
        zone =
            akt_zone_parse(name, (const unsigned char *)bytes.data, bytes.len);
    else if (strcmp(name, "local") == 0 && errno == ENOENT)
        zone = akt_zone_from_rule(name, "UTC0"); /* as libc has it */
    akt_buf_fini(&bytes);
    return zone;
}

const struct akt_zone *akt_zones_get(struct akt_zones *z, const char *name)
{
    if (!is_name(name))
        return NULL;
    pthread_mutex_lock(&z->lock);
    struct akt_zone *zone = z->first;
    while (zone && strcmp(zone->name, name) != 0)
        zone = zone->next;
    if (!zone && (zone = load(name))) {
        zone->next = z->first;
        z->first = zone;
    }
    pthread_mutex_unlock(&z->lock);
    return zone;
}
