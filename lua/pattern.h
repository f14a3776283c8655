/* SPDX-License-Identifier: MIT
 *
 * lua/pattern.h: Lua's patterns, matched within a limit of steps.
 *
 * The language and the texts of the errors are those of Lua 5.4. What is
 * added is a bound: C code cannot be preempted, and a pattern such as
 * ".-.-.-b" takes time that grows with the third power of the subject.
 *
 * A step is one pattern item tried at one place of the subject; where an item
 * is repeated, each further character costs a quarter of a step per byte that
 * the item has in the pattern. 20 million steps take at most about 100 ms
 * (measured: 15 to 100 ms on a 2 GHz Xeon). The count depends on nothing but
 * the pattern and the subject, so a call fails alike on every machine.
 *
 * Invariants
 *   P1  One attempt (one starting place) takes at most AKT_PATTERN_STEPS.
 *   P2  One search takes at most AKT_PATTERN_STEPS + AKT_PATTERN_STEPS_PER_BYTE
 *       for each byte of the subject, so that a scan with short attempts ends
 *       with an answer however long the subject is.
 *   P3  A search that took AKT_PATTERN_PAUSE steps returns at the next
 *       starting place, so that its caller can pause (lua/pause.h).
 *
 * Ownership: none; the subject and the pattern must stay alive (on the Lua
 *            stack) while the structure is used, and end with a zero byte as
 *            all strings of Lua do.
 * Errors:    raised as Lua errors; `too_complex` is a table (lua/error.h).
 * Threads:   [owner].
 */
#ifndef AKT_LUA_PATTERN_H
#define AKT_LUA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#define AKT_PATTERN_STEPS 20000000
#define AKT_PATTERN_STEPS_PER_BYTE 16
/* About half a millisecond, half of a slice. */
#define AKT_PATTERN_PAUSE 100000
/* The matcher counts in quarters, so that the cheap inner loops can be charged
 * less than a whole step. */
#define AKT_PATTERN_QUARTERS 4
/* Both as in Lua: captures in a pattern, depth of the matcher's recursion. */
#define AKT_PATTERN_CAPTURES 32
#define AKT_PATTERN_DEPTH 200

struct akt_pattern_capture {
    const char *start;
    ptrdiff_t len; /* or one of the negative marks of pattern.c */
};

struct akt_pattern {
    lua_State *L;
    const char *name; /* of the script's function, for `too_complex` */
    const char *src;
    const char *src_end;
    const char *pat; /* behind the '^' where `anchored` */
    const char *pat_end;
    bool anchored;
    int64_t budget; /* quarter steps left for this search */
    int64_t spent;  /* quarter steps taken by the latest search call */
    int64_t left;   /* quarter steps left for this attempt */
    int depth;      /* calls of the matcher that may still nest */
    int level;      /* captures made, finished or not */
    struct akt_pattern_capture captures[AKT_PATTERN_CAPTURES];
};

enum akt_pattern_result {
    AKT_PATTERN_NONE,
    AKT_PATTERN_FOUND,
    AKT_PATTERN_PAUSED,
};

/* Takes the strings at the stack indices `src` and `pat`, which must hold
 * strings. A '^' in front is an anchor if `can_anchor`. */
void akt_pattern_init(struct akt_pattern *m, lua_State *L, const char *name,
                      int src, int pat, bool can_anchor);

/* The budget of a new search in this subject, in quarter steps. */
int64_t akt_pattern_budget(const struct akt_pattern *m);

/* Looks for the first match that starts at or after `*start` and does not end
 * at `not_end` (NULL for none; gmatch and gsub pass the end of the previous
 * match). FOUND sets `*start` and `*end`; PAUSED sets `*start` to where to go
 * on, and the search is to be continued with the same `budget`. */
enum akt_pattern_result akt_pattern_search(struct akt_pattern *m,
                                           const char **start, const char **end,
                                           const char *not_end);

/* Pushes capture `i` (from 0) of the match [start, end); a pattern without
 * captures has the whole match as capture 0. */
void akt_pattern_push_capture(struct akt_pattern *m, int i, const char *start,
                              const char *end);

/* The same without making a string: the capture's bytes and their count; or
 * pushes the number of a position capture and returns NULL. */
const char *akt_pattern_capture(struct akt_pattern *m, int i, const char *start,
                                const char *end, size_t *len);

/* Pushes all captures and returns how many; where there are none it is the
 * whole match if `whole`, else nothing. */
int akt_pattern_push_captures(struct akt_pattern *m, const char *start,
                              const char *end, bool whole);

/* True if the pattern is plain text. */
bool akt_pattern_is_plain(const char *pat, size_t len);

#endif
