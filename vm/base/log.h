/* SPDX-License-Identifier: MIT
 *
 * vm/base/log.h: lines for stderr, written by a thread of their own, so that
 * a slow terminal never holds up a worker.
 *
 * At most AKT_LOG_QUEUE bytes wait; what comes beyond that is dropped and
 * counted, and the count is written when there is room again.
 *
 * Threads: [any] after akt_log_start; before it, and after akt_log_stop, the
 *          caller writes itself.
 */
#ifndef AKT_BASE_LOG_H
#define AKT_BASE_LOG_H

#include <stddef.h>

#define AKT_LOG_QUEUE (4u << 20)

void akt_log_start(void);
/* Writes out what waits and ends the thread. */
void akt_log_stop(void);
/* One or more whole lines; they come out together. */
void akt_log_write(const char *text, size_t len);

#endif
