/* SPDX-License-Identifier: MIT
 *
 * vm/base/log_repeat.h: keeps one line of a program from filling the log.
 *
 * A place in the program (kind, level and text, without fields) may write
 * AKT_LOG_REPEATS lines a second. What is beyond is counted, and the count is
 * written as a line of its own when the second is over.
 *
 * Invariants
 *   R1  Memory is fixed: AKT_LOG_PLACES places. When two share an entry, the
 *       older one's count is written and it begins anew.
 *
 * Threads: [any].
 */
#ifndef AKT_BASE_LOG_REPEAT_H
#define AKT_BASE_LOG_REPEAT_H

#include "vm/base/log_line.h"

#define AKT_LOG_REPEATS 100
#define AKT_LOG_PLACES 512

/* The clock is the machine's; a simulated world writes all lines.
 *
 * Whether this line may be written; kind, level and text of head count.
 * `text` is that part of it which is the same every time. */
bool akt_log_repeat_pass(const struct akt_log_head *head, const char *text,
                         size_t len);
/* Writes the counts of seconds that are over; `all`: of all. */
void akt_log_repeat_flush(bool all);
bool akt_log_repeat_any(void); /* whether there are such counts */
uint64_t akt_log_suppressed(void);

#endif
