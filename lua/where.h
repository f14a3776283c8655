/* SPDX-License-Identifier: MIT
 *
 * lua/where.h: where a coroutine is, for watchdogs and profiles.
 */
#ifndef AKT_LUA_WHERE_H
#define AKT_LUA_WHERE_H

#include "lua/host.h"

/* [owner] "app.lua:12", with the C function that was called from there if L is
 * in one. L must be at a safe point: in a hook, in a C function or suspended.
 * Allocates nothing. */
void akt_where(lua_State *L, char *out, size_t size);
/* [owner] The stack of L for a profile (vm/profile.h): the actor's kind, the
 * functions as name@file:line from the outermost on, and the line. */
void akt_where_stack(lua_State *L, const struct akt_actor *a, char *out,
                     size_t size);
/* The same from a signal handler of the thread that runs L, anywhere. Only
 * for an L that has not run an instruction for many ticks, so that it sits in
 * a C function. False: it could not be told. */
bool akt_where_in_signal(lua_State *L, char *out, size_t size);
/* [start] Before the first signal. */
void akt_where_init(void);

#endif
