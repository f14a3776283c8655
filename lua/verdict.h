/* SPDX-License-Identifier: MIT
 *
 * lua/verdict.h: what the error of a handler comes to: the reason others are
 * told, the report, the crash file.
 *
 * Finding it runs Lua (the error's own __tostring, for one), protected; what
 * could not be found is filled in without.
 *
 * Ownership: the last two calls below end a verdict and free what it holds.
 * Threads: [owner].
 */
#ifndef AKT_LUA_VERDICT_H
#define AKT_LUA_VERDICT_H

#include "lua/host.h"

struct akt_verdict {
    struct akt_actor *actor;
    lua_State *co; /* NULL: it had none */
    int status;
    bool expired; /* a deadline it inherited has passed: no crash */
    char code[64];
    struct akt_reason *reason;
    struct akt_buf report;
    bool whole; /* the report is */
    bool dumps; /* a crash file is to be made */
    struct akt_buf details;
    size_t details_whole;
};

void akt_verdict_start(struct akt_verdict *v, struct akt_actor *a,
                       lua_State *co, int status);
/* With the error on top of co, which it takes. */
void akt_verdict_find(struct akt_lua *h, struct akt_verdict *v);
/* The turn in progress fails. */
void akt_verdict_fail_turn(struct akt_lua *h, struct akt_verdict *v);
/* ... it was upgrade, idle or health: the actor goes on as it was. */
void akt_verdict_refuse(struct akt_lua *h, struct akt_verdict *v);

/* m has no handler, where the state is `state` (NULL: at all): who asked is
 * told and it is a dead letter. */
void akt_unknown_tag(struct akt_lua *h, struct akt_actor *a, struct akt_msg *m,
                     const char *state);

#endif
