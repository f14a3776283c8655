/* SPDX-License-Identifier: MIT
 *
 * vm/cron.h: cron expressions: reading one, and when it is due next. Pure.
 *
 *     [second] minute hour day-of-month month day-of-week [year]
 *
 * Five fields begin with the minute, six with the second, seven end with the
 * year. What each may hold is in docs/timers.md. Days of the week count from
 * Sunday, which is 0 and 7.
 *
 * Invariants
 *   K1  akt_cron_next is after `after_s`, and nothing the expression names is
 *       in between.
 *   K2  Where clocks are set forward, an expression that names hours fires at
 *       the moment of the change for those that are skipped, once. Where they
 *       are set back, it fires in the first of the two equal hours only. One
 *       that is for all hours goes by the time that really passes.
 *
 * Threads: none.
 */
#ifndef AKT_VM_CRON_H
#define AKT_VM_CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/zone.h"

#define AKT_CRON_MAX 256 /* bytes of an expression */
#define AKT_CRON_YEAR_MIN 1970
#define AKT_CRON_YEAR_MAX 2161
#define AKT_CRON_YEAR_WORDS 3

struct akt_cron {
    /* bit n: the value n */
    uint64_t seconds, minutes;
    uint64_t years[AKT_CRON_YEAR_WORDS]; /* from AKT_CRON_YEAR_MIN */
    uint32_t hours, days;
    uint32_t nearest;   /* nW: the weekday nearest to day n */
    uint32_t from_last; /* L-n: n days before the last one; bit 0: L */
    uint16_t months;
    uint8_t weekdays;
    uint8_t last_weekdays;         /* nL: the last one in the month */
    uint8_t nth_weekdays[6];       /* n#k: at k, the weekdays */
    bool last_working;             /* LW */
    bool days_open, weekdays_open; /* the field begins with * or ? */
};

/* False: *error gets one line without a full stop. */
bool akt_cron_parse(struct akt_cron *c, const char *text, char *error,
                    size_t error_len);
/* The next time after `after_s` (seconds from 1970, UTC); false: never. */
bool akt_cron_next(const struct akt_cron *c, const struct akt_zone *zone,
                   int64_t after_s, int64_t *next_s);

#endif
