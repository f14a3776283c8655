/* SPDX-License-Identifier: MIT
 *
 * lua/pool.h: the coroutines that an isolate's handlers run on, and those that
 * wait for the next one. All are held by a table of the registry.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_POOL_H
#define AKT_LUA_POOL_H

#include "lua/host.h"

/* NULL: no memory for one more. */
lua_State *akt_pool_take(struct akt_lua *h);
/* With nothing on its stack. */
void akt_pool_give(struct akt_lua *h, lua_State *co);
/* It is not used again. */
void akt_pool_drop(struct akt_lua *h, lua_State *co);

#endif
