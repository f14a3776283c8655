/* SPDX-License-Identifier: MIT
 *
 * lua/error.h: how C code tells a script that something failed.
 *
 * A failure of the machine is a table { code =, message =, ... } with one
 * shared metatable, so tostring(err) and an uncaught error read well.
 *
 * Threads: [owner] the thread that runs the isolate.
 */
#ifndef AKT_LUA_ERROR_H
#define AKT_LUA_ERROR_H

#include <lua.h>

/* Pushes { code = code, message = "file:line: text" }; the place is that of
 * the innermost script function, or left out where there is none. */
void akt_error_push(lua_State *L, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, raised. */
int akt_error_raise(lua_State *L, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* The same for a bad argument `arg` of the running function. */
int akt_error_arg(lua_State *L, int arg, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* The code of the error value at idx, raised with this status: its own, or
 * "error", or "memory". The string lives as long as the value. */
const char *akt_error_normalize(lua_State *L, int idx, int status);

/* Pushes what the error value at idx says, as a string. Runs __tostring,
 * protected; never raises but for lack of memory. */
void akt_error_message(lua_State *L, int idx);

/* Pushes the name of the metatable's registry key; made on first use. */
void akt_error_setmetatable(lua_State *L);

#endif
