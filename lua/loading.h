/* SPDX-License-Identifier: MIT
 *
 * lua/loading.h: from text to functions: scripts, files, modules, and the
 * modules that are embedded. Only text is loaded: bytecode that somebody made
 * could do anything.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LOADING_H
#define AKT_LUA_LOADING_H

#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>

/* Pushes the function of a script's text, or nil and an error message. */
bool akt_loading_text(lua_State *L, const char *text, size_t len,
                      const char *chunkname, bool refuse_globals);
/* Pushes the function of an embedded module; false and nothing: there is none.
 * Raises when memory ends. */
bool akt_loading_stdlib(lua_State *L, const char *name);

extern const luaL_Reg akt_loading_base[]; /* globals, in place of Lua's own */
extern const luaL_Reg akt_loading_core[]; /* for stdlib/ */

#endif
