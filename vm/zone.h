/* SPDX-License-Identifier: MIT
 *
 * vm/zone.h: time zones: how far local time is from UTC at some moment.
 *
 * libc knows one zone per process, by the environment, so the files of the
 * system's database are read here: /usr/share/zoneinfo/NAME in the format
 * TZif (RFC 8536), the known changes first and behind them a rule for all
 * later years ("CET-1CEST,M3.5.0,M10.5.0/3").
 *
 * A zone is a sequence of spans of UTC, each with one offset. Seconds count
 * from 1970; local seconds are those that a local clock would count.
 *
 * Files are trusted no more than scripts: whatever is in them, reading stays
 * in their bytes and ends.
 *
 * Ownership: zones are immutable, and live as long as the table they are in.
 * Threads:   akt_zones_get [any], it has a lock; the rest: none, pure.
 */
#ifndef AKT_VM_ZONE_H
#define AKT_VM_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AKT_ZONE_NAME_MAX 64

struct akt_zone;
struct akt_zones;

/* The stretch around a moment in which the offset stays the same. */
struct akt_zone_span {
    int64_t from_s;   /* INT64_MIN: always was */
    int64_t until_s;  /* the first second that is not in it; INT64_MAX: none */
    int32_t offset_s; /* local time minus UTC */
};

struct akt_zones *akt_zones_create(void);
void akt_zones_destroy(struct akt_zones *z);
/* "UTC", "local" (the machine's, as it was at the first use) or a name of the
 * database. NULL: there is none such, or its file is bad. */
const struct akt_zone *akt_zones_get(struct akt_zones *z, const char *name);
const char *akt_zone_name(const struct akt_zone *zone);

/* From the bytes of a file, or only a rule; NULL: they are no zone. */
struct akt_zone *akt_zone_parse(const char *name, const unsigned char *bytes,
                                size_t len);
struct akt_zone *akt_zone_from_rule(const char *name, const char *rule);
void akt_zone_free(struct akt_zone *zone);

struct akt_zone_span akt_zone_span_at(const struct akt_zone *zone,
                                      int64_t utc_s);
/* When the local clock shows this: the first time, if it does so twice; the
 * moment at which it jumps over it, if it never does. */
int64_t akt_zone_to_utc(const struct akt_zone *zone, int64_t local_s);

/* ---- the calendar ---- */

struct akt_civil {
    int64_t year;
    int month, day; /* from 1 */
    int hour, minute, second;
    int weekday; /* Sunday is 0 */
};

/* Days from 1970-01-01. */
int64_t akt_civil_days(int64_t year, int month, int day);
void akt_civil_of_days(int64_t days, struct akt_civil *out);
void akt_civil_of_seconds(int64_t local_s, struct akt_civil *out);
int akt_civil_month_days(int64_t year, int month);

#endif
