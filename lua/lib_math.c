/* SPDX-License-Identifier: MIT */
#include "lua/lib_math.h"

#include <string.h>

#include <lauxlib.h>

static struct akt_random *state(lua_State *L)
{
    akt_random_of_fn **state_of = lua_touserdata(L, lua_upvalueindex(1));
    return (*state_of)(L);
}

/* Uniform in [low, up], which may be all the integers there are. */
static lua_Integer between(struct akt_random *r, lua_Integer low,
                           lua_Integer up)
{
    lua_Unsigned n = (lua_Unsigned)up - (lua_Unsigned)low + 1;
    lua_Unsigned x = n ? akt_random_below(r, n) : akt_random_next(r);
    return (lua_Integer)((lua_Unsigned)low + x);
}

static int math_random(lua_State *L)
{
    lua_Integer low = 1;
    lua_Integer up;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, akt_random_double(state(L)));
        return 1;
    case 1:
        up = luaL_checkinteger(L, 1);
        if (up == 0) {
            lua_pushinteger(L, (lua_Integer)akt_random_next(state(L)));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        up = luaL_checkinteger(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= up, 1, "interval is empty");
    lua_pushinteger(L, between(state(L), low, up));
    return 1;
}

/* An integer as it is; another float by its bits. */
static lua_Integer check_seed(lua_State *L, int arg)
{
    int exact;
    lua_Integer seed = lua_tointegerx(L, arg, &exact);
    if (!exact) {
        lua_Number x = luaL_checknumber(L, arg);
        memcpy(&seed, &x, sizeof seed);
    }
    return seed;
}

static int math_randomseed(lua_State *L)
{
    struct akt_random *r = state(L);
    lua_Integer a, b;
    if (lua_isnone(L, 1)) {
        a = (lua_Integer)akt_random_next(r);
        b = (lua_Integer)akt_random_next(r);
    } else {
        a = check_seed(L, 1);
        b = luaL_optinteger(L, 2, 0);
    }
    /* An odd factor, so that (1, 2) and (2, 1) differ; `b` is mostly 0. */
    akt_random_seed(r, (uint64_t)a ^ (uint64_t)b * 0xd1342543de82ef95u);
    lua_pushinteger(L, a);
    lua_pushinteger(L, b);
    return 2;
}

void akt_lib_math_open(lua_State *L, akt_random_of_fn *state_of)
{
    static const luaL_Reg functions[] = {
        {"random", math_random},
        {"randomseed", math_randomseed},
        {NULL, NULL},
    };
    akt_random_of_fn **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = state_of;
    luaL_setfuncs(L, functions, 1);
}
