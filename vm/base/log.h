/* SPDX-License-Identifier: MIT
 *
 * vm/base/log.h: lines for stderr, written by a thread of their own, so that
 * a slow terminal never holds up a worker; which lines are wanted, and how
 * they look (vm/base/log_line.h).
 *
 * At most AKT_LOG_QUEUE bytes wait; what comes beyond that is dropped and
 * counted, and the count is written when there is room again.
 *
 * Threads: [any] after akt_log_start; before it, and after akt_log_stop, the
 *          caller writes itself.
 */
#ifndef AKT_BASE_LOG_H
#define AKT_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AKT_LOG_QUEUE (4u << 20)

enum akt_log_level {
    AKT_LOG_DEBUG,
    AKT_LOG_INFO,
    AKT_LOG_WARN,
    AKT_LOG_ERROR,
    AKT_LOG_LEVELS
};
enum akt_log_format { AKT_LOG_TEXT, AKT_LOG_JSON };

void akt_log_start(void);
/* Writes out what waits and ends the thread. */
void akt_log_stop(void);
/* One or more whole lines; they come out together. */
void akt_log_write(const char *text, size_t len);
/* Wakes the thread, which then looks whether sums are due (log_repeat.h). */
void akt_log_poke(void);
/* [any] How many times akt_log_write had no room. */
uint64_t akt_log_dropped(void);

/* [any] The level of the node: lines below it are not wanted. A kind may have
 * one of its own (vm/metrics.h). At the start: AKT_LOG_INFO. */
enum akt_log_level akt_log_level(void);
void akt_log_set_level(enum akt_log_level level);
const char *akt_log_level_name(enum akt_log_level level);
/* [any] False: there is no such level. */
bool akt_log_level_find(const char *name, enum akt_log_level *level);

enum akt_log_format akt_log_format(void); /* [any] */
/* [start] `json_reports`: crash reports and warnings as well. */
void akt_log_set_format(enum akt_log_format to, bool json_reports);
bool akt_log_reports_are_json(void); /* [any] */

#endif
