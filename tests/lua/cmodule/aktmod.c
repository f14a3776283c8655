/* SPDX-License-Identifier: MIT
 *
 * A C module as users write them: it links nothing and finds Lua's functions
 * in the program that loads it. luaL_tolstring and lua_arith are here because
 * a linker that drops what aktvm itself does not call would drop them.
 */
#include <lauxlib.h>
#include <lua.h>
#include <time.h>
#include <unistd.h>

int luaopen_aktmod(lua_State *L);

static int describe(lua_State *L)
{
    lua_settop(L, 2);
    lua_arith(L, LUA_OPADD);
    luaL_tolstring(L, -1, NULL);
    return 1;
}

/* spin(seconds): keeps the thread, and moves Lua's stack about meanwhile. */
static int spin(lua_State *L)
{
    double seconds = luaL_checknumber(L, 1);
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    do {
        luaL_checkstack(L, 1000, "spin");
        lua_gc(L, LUA_GCSTEP, 0);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - from.tv_sec) +
                 (double)(now.tv_nsec - from.tv_nsec) / 1e9 <
             seconds);
    return 0;
}

/* (path): stays in C until there is such a file. */
static int wait_for(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    while (access(path, F_OK) != 0)
        usleep(1000);
    return 0;
}

__attribute__((visibility("default"))) int luaopen_aktmod(lua_State *L)
{
    static const luaL_Reg functions[] = {{"describe", describe},
                                         {"spin", spin},
                                         {"wait_for", wait_for},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
