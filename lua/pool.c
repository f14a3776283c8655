/* SPDX-License-Identifier: MIT */
#include "lua/pool.h"

#include "lua/registry.h"

void akt_pool_drop(struct akt_lua *h, lua_State *co)
{
    lua_State *L = h->L;
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_THREADS);
    lua_pushnil(L);
    lua_rawsetp(L, -2, co);
    lua_pop(L, 1);
}

/* Called protected: (light userdata of a lua_State *) */
static int make_coroutine(lua_State *L)
{
    lua_State **out = lua_touserdata(L, 1);
    lua_State *co = lua_newthread(L);
    akt_preempt_prepare(co);
    akt_mark(co, AKT_HELD, true);
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_THREADS);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, co);
    *out = co;
    return 0;
}

lua_State *akt_pool_take(struct akt_lua *h)
{
    if (h->pool_len)
        return h->pool[--h->pool_len];
    lua_State *co = NULL;
    lua_pushcfunction(h->L, make_coroutine);
    lua_pushlightuserdata(h->L, &co);
    if (lua_pcall(h->L, 1, 0, 0) != LUA_OK)
        lua_pop(h->L, 1);
    return co;
}

/* Lua's collector shrinks the stack of a coroutine that has grown, so one
 * that was in a deep recursion can be used again. */
void akt_pool_give(struct akt_lua *h, lua_State *co)
{
    if (h->pool_len == AKT_POOL_COROUTINES)
        akt_pool_drop(h, co);
    else
        h->pool[h->pool_len++] = co;
}
