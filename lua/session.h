/* SPDX-License-Identifier: MIT
 *
 * lua/session.h: a Lua prompt inside a running node, for somebody outside.
 *
 * A session is an actor under `/system`, in an isolate of its own, that runs
 * stdlib/session.lua. It evaluates one line after another; its globals last
 * from line to line.
 *
 * Invariants
 *   Q1  `done` is called exactly once for every akt_session_ask.
 *   Q2  A session keeps the program no more alive than any other actor.
 *   Q3  A line that does not end in time, or is interrupted, ends alone: the
 *       session keeps its globals and what it has spawned.
 *
 * Threads: [any] unless a line says otherwise.
 */
#ifndef AKT_LUA_SESSION_H
#define AKT_LUA_SESSION_H

#include "vm/node.h"

#define AKT_SESSION_LINE (128u << 10) /* bytes of code in one line */
/* A line that is over its time and does not answer this much later is stuck
 * where it cannot be ended: in a C function that does not return. */
#define AKT_SESSION_GRACE_MS 2000
#define AKT_SESSION_FOREVER_MS (1000000000ull * 1000)

enum akt_session_what { AKT_SESSION_EVAL, AKT_SESSION_COMPLETE };

/* All strings are borrowed for the call of `done`. */
struct akt_session_answer {
    enum akt_code code; /* AKT_OK, or why there is no answer */
    /* "ok", "error", or "more": the line is not complete; of a completion:
     * the bytes to replace */
    const char *status;
    size_t status_len;
    const char *output; /* what it printed; candidates, a line each */
    size_t output_len;
    const char *result; /* or error, rendered; no line end */
    size_t result_len;
};

/* On any thread; must not block. */
typedef void (*akt_session_done)(void *ctx,
                                 const struct akt_session_answer *answer);

struct akt_session_ask {
    enum akt_session_what what;
    const char *text; /* borrowed for the call */
    size_t len;
    uint64_t timeout_ms; /* of an eval */
    akt_session_done done;
    void *ctx;
};

/* `captures`: what lines print is part of their answer; else it goes to
 * stdout. AKT_OK, AKT_LIMIT, AKT_DENIED. */
enum akt_code akt_session_open(struct akt_node *node, bool captures,
                               akt_pid *pid);
void akt_session_ask(struct akt_node *node, akt_pid pid,
                     const struct akt_session_ask *ask);
/* Ends the line that runs; without one it does nothing. */
void akt_session_interrupt(struct akt_node *node, akt_pid pid);
/* Ends the session and what it has spawned. */
void akt_session_close(struct akt_node *node, akt_pid pid);

/* [owner] The host's part of an INFO message; false: not for sessions. */
bool akt_session_message(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m);

#endif
