/* SPDX-License-Identifier: MIT
 *
 * lua/lib_string.h: the functions of the string library that could keep a
 * worker for long, made bounded or preemptible.
 *
 *   find, match, gmatch, gsub   match within the steps of lua/pattern.h, else
 *                               raise `too_complex`; they pause between two
 *                               starting places, and gsub between matches. The
 *                               limits hold for each search: one find, one
 *                               round of gmatch, one match of gsub
 *   gsub                        its function, or the __index of its table, may
 *                               wait and be preempted
 *   rep                         refuses results over AKT_STRING_REP_MAX with
 *                               "resulting string too large"
 *   dump                        is gone: code travels as images only
 *
 * All else behaves as in Lua 5.4, messages of errors included.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LIB_STRING_H
#define AKT_LUA_LIB_STRING_H

#include <lua.h>

/* Making 256 MiB takes about 100 ms, most of it page faults; it is also all
 * that a shared isolate may have. */
#define AKT_STRING_REP_MAX ((size_t)256 << 20)

/* With the stock string table on top of the stack: replaces functions in it
 * and leaves it there. */
void akt_lib_string_open(lua_State *L);

#endif
