/* SPDX-License-Identifier: MIT
 *
 * A C module as users write them: it links nothing and finds Lua's functions
 * in the program that loads it. luaL_tolstring and lua_arith are here because
 * a linker that drops what aktvm itself does not call would drop them.
 */
#include <lauxlib.h>
#include <lua.h>
#include <unistd.h>

int luaopen_aktmod(lua_State *L);

static int describe(lua_State *L)
{
    lua_settop(L, 2);
    lua_arith(L, LUA_OPADD);
    luaL_tolstring(L, -1, NULL);
    return 1;
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
    static const luaL_Reg functions[] = {
        {"describe", describe}, {"wait_for", wait_for}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
