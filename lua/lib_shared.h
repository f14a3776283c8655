/* SPDX-License-Identifier: MIT
 *
 * lua/lib_shared.h: akt.shared: views of read-only data that all isolates look
 * into (lua/shared.h).
 *
 * A view is a userdata. That of the whole holds a reference to the data; those
 * of tables and long strings in it hold the first one, so that making them
 * costs no atomic access, and only the first has a finalizer.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LIB_SHARED_H
#define AKT_LUA_LIB_SHARED_H

#include <stdbool.h>

#include <lua.h>

/* Longer strings are not copied into the Lua heap but seen by a handle. */
#define AKT_SHARED_TEXT 4096

void akt_lib_shared_open(lua_State *L, int akt);
/* Raises and allocates nothing. */
bool akt_is_shared(lua_State *L, int idx);

#endif
