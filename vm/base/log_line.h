/* SPDX-License-Identifier: MIT
 *
 * vm/base/log_line.h: one line of the log, as text or as JSON.
 *
 *     2026-11-21T10:00:00.123Z warn <counter#12> saved rows=12 by="x y"
 *     {"time":"2026-11-21T10:00:00.123Z","level":"warn",
 *      "actor":"<counter#12>","kind":"counter","trace":"9d0f0a4c00000001",
 *      "text":"saved","rows":12,"by":"x y"}
 *
 * Invariants
 *   G1  What comes from a script cannot end the line or reach the terminal as
 *       a control sequence, and JSON is valid UTF-8 whatever its bytes are.
 *   G2  A line is at most AKT_LOG_LINE bytes and what closes it: once that is
 *       reached, values become "..." and keys are left out.
 *
 * Threads: [any]; a buffer belongs to who holds it.
 */
#ifndef AKT_BASE_LOG_LINE_H
#define AKT_BASE_LOG_LINE_H

#include "vm/base/buf.h"
#include "vm/base/log.h"

#define AKT_LOG_LINE 16384
#define AKT_LOG_STRING 4096 /* bytes of one text or string, then "..." */

struct akt_log_head {
    uint64_t wall_ns; /* 0: now */
    enum akt_log_level level;
    const char *actor; /* NULL: none, here and below */
    const char *kind;
    uint64_t trace; /* 0: none */
    const char *text;
    size_t text_len; /* 0: up to its zero byte */
};

/* Begins a line in b in the format of the node. */
void akt_log_begin(struct akt_buf *b, const struct akt_log_head *head);
/* A key, of which a value must follow. False: there is no room, no value. */
bool akt_log_add_key(struct akt_buf *b, const char *key, size_t len);
/* A value behind a key. */
void akt_log_add_value(struct akt_buf *b, const char *s, size_t len);
void akt_log_add_string(struct akt_buf *b, const char *key, const char *s);
void akt_log_add_integer(struct akt_buf *b, const char *key, int64_t n);
void akt_log_end(struct akt_buf *b);

/* A string in quotes as JSON, at most `max` bytes of it and "...". */
void akt_log_json_string(struct akt_buf *b, const char *s, size_t len,
                         size_t max);
bool akt_log_is_utf8(const char *s, size_t len);
/* How much room there is in a line that began at the start of b. */
size_t akt_log_room(const struct akt_buf *b);

#endif
