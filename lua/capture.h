/* SPDX-License-Identifier: MIT
 *
 * lua/capture.h: what a program under test writes, kept instead of written:
 * print and io, the log, crash reports and warnings, in the order in which
 * they came.
 *
 * The first AKT_CAPTURE_MAX bytes are kept, the rest is counted, so that a
 * loop that prints does not grow anything.
 *
 * Threads: [any].
 */
#ifndef AKT_LUA_CAPTURE_H
#define AKT_LUA_CAPTURE_H

#include <pthread.h>

#include "vm/base/buf.h"

#define AKT_CAPTURE_MAX (64u << 10)

struct akt_capture {
    pthread_mutex_t lock;
    struct akt_buf text; /* under the lock, like dropped */
    size_t dropped;
};

void akt_capture_init(struct akt_capture *c);
void akt_capture_fini(struct akt_capture *c);
void akt_capture_add(struct akt_capture *c, const char *text, size_t len);
/* Appends all of it to out, and how much was left out. */
void akt_capture_show(struct akt_capture *c, struct akt_buf *out);

#endif
