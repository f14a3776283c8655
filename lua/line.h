/* SPDX-License-Identifier: MIT
 *
 * lua/line.h: what ends a line of a session, and where its output goes.
 *
 * stdlib/session.lua runs each line in a coroutine of its own, so that it can
 * be ended without ending the session: when its time is over, or when it is
 * interrupted, every wait in it fails at once and every place where it could
 * be preempted raises, again and again, until its coroutine is dead. What
 * runs outside of that coroutine is never disturbed.
 *
 * Invariants
 *   E1  Only code in a coroutine that the actor itself has resumed is ended.
 *   E2  A line that has been ended cannot wait any more.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LINE_H
#define AKT_LUA_LINE_H

#include "lua/host.h"

#define AKT_LINE_OUTPUT (256u << 10) /* bytes that one line may print */

struct akt_line {
    uint64_t deadline_ns; /* 0: no line runs */
    bool interrupted;
    bool captures; /* print and io.write go to `output` */
    struct akt_buf output;
    size_t dropped; /* bytes that were too many */
};

/* The functions of the table `core` for stdlib/session.lua. */
void akt_lib_line_open(lua_State *L, int core);

/* When the waits of this actor end because of its line; 0: it has none. */
static inline uint64_t akt_line_deadline(const struct akt_lua_actor *la)
{
    return la && la->line ? la->line->deadline_ns : 0;
}

/* For hooks: whether what runs must be ended, and ends it: raises. */
bool akt_line_over(struct akt_lua *h);
void akt_line_raise(struct akt_lua *h, lua_State *L) __attribute__((noreturn));
/* Ends the line that runs. False: there is none. */
bool akt_line_interrupt(struct akt_isolate *iso, struct akt_actor *a);
/* Takes what is printed; false: it goes where it always goes. */
bool akt_line_print(struct akt_lua *h, const char *text, size_t len);
void akt_line_free(struct akt_line *line); /* NULL allowed */

#endif
