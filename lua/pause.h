/* SPDX-License-Identifier: MIT
 *
 * lua/pause.h: a place inside a long C loop where the actor can be preempted.
 *
 * The hook that preempts only acts on Lua instructions. A C function that may
 * run for long therefore calls an empty Lua function now and then, with a
 * continuation: if the hook is armed it yields there, and the C function goes
 * on in its continuation when the actor's next turn comes.
 *
 * The empty function is upvalue 1 of every C closure that pauses. All that
 * the C function still needs must be on the Lua stack before it pauses.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_PAUSE_H
#define AKT_LUA_PAUSE_H

#include <lauxlib.h>
#include <lua.h>

/* Pushes the empty function, to become upvalue 1. */
static inline void akt_pause_push(lua_State *L)
{
    /* The '=' keeps it out of the places that errors are reported at. */
    if (luaL_loadbufferx(L, "", 0, "=pause", "t") != LUA_OK)
        lua_error(L);
}

/* Returns when there was nothing to yield for; else `k` is called with `ctx`
 * when the actor runs again. Leaves the stack as it was. */
static inline void akt_pause(lua_State *L, lua_KContext ctx, lua_KFunction k)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_callk(L, 0, 0, ctx, k);
}

#endif
