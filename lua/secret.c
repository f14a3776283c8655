/* SPDX-License-Identifier: MIT */
#include "lua/secret.h"

#include <lauxlib.h>

#include "lua/error.h"
#include "lua/registry.h"

/* Allocates nothing, so it raises nothing. */
bool akt_is_secret(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_SECRET);
    bool yes = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return yes;
}

void akt_secret_reveal(lua_State *L, int idx)
{
    lua_getiuservalue(L, idx, 1);
}

void akt_secret_set(lua_State *L, int idx)
{
    lua_setiuservalue(L, idx, 1);
}

/* ---- what scripts can do with one ---- */

static int tostring(lua_State *L)
{
    lua_pushliteral(L, "<secret>");
    return 1;
}

static int concat(lua_State *L)
{
    return akt_error_raise(L, "bad_argument",
                           "a secret cannot be joined to a text; "
                           "s:reveal() gives its value");
}

static int reveal(lua_State *L)
{
    if (!akt_is_secret(L, 1))
        return akt_error_arg(L, 1, "a secret expected");
    akt_secret_reveal(L, 1);
    return 1;
}

/* Two secrets are equal if their values are. */
static int equal(lua_State *L)
{
    if (!akt_is_secret(L, 1) || !akt_is_secret(L, 2))
        return 0;
    akt_secret_reveal(L, 1);
    akt_secret_reveal(L, 2);
    lua_pushboolean(L, lua_rawequal(L, -1, -2));
    return 1;
}

static void push_metatable(lua_State *L)
{
    static const luaL_Reg meta[] = {
        {"__tostring", tostring},
        {"__concat", concat},
        {"__eq", equal},
        {NULL, NULL},
    };
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_SECRET) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 6);
    luaL_setfuncs(L, meta, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, reveal);
    lua_setfield(L, -2, "reveal");
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushliteral(L, "secret");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_SECRET);
}

void akt_secret_wrap(lua_State *L)
{
    luaL_checkstack(L, 6, "secret");
    lua_newuserdatauv(L, 0, 1);
    push_metatable(L);
    lua_setmetatable(L, -2);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, 1);
}

int akt_secret_new(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (!akt_is_secret(L, 1))
        akt_secret_wrap(L);
    return 1;
}
