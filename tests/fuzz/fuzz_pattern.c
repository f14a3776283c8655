/* SPDX-License-Identifier: MIT
 *
 * Any pattern on any subject does what Lua's own matcher does, results and
 * errors alike, unless it takes too many steps. The input is one byte with the
 * length of the pattern, the pattern, and the subject.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lua/lib_string.h"

/* Ours goes first: what it finds too complex would keep Lua's for ever. */
static const char script[] =
    "local stock, ours = ...\n"
    "local pcall, pack, type, select = pcall, table.pack, type, select\n"
    "local function all(l, s, p)\n"
    "  local t = {}\n"
    "  local function add(...)\n"
    "    for i = 1, select('#', ...) do t[#t + 1] = tostring(select(i, ...))\n"
    "    end\n"
    "  end\n"
    "  local function try(f)\n"
    "    local r = pack(pcall(f))\n"
    "    if not r[1] and type(r[2]) == 'table' then return true end\n"
    "    add(table.unpack(r, 1, r.n))\n"
    "  end\n"
    "  local hard = try(function() return l.find(s, p) end) or\n"
    "    try(function() return l.match(s, p, 2) end) or\n"
    "    try(function() return l.gsub(s, p, '<%0%1>') end) or\n"
    "    try(function() return l.gsub(s, p, function(...) add(...) end) end)\n"
    "    or try(function()\n"
    "      for a, b in l.gmatch(s, p) do add(a, b) end\n"
    "    end)\n"
    "  return not hard and table.concat(t, '\\1')\n"
    "end\n"
    "return function(p, s)\n"
    "  local a = all(ours, s, p)\n"
    "  if not a then return end\n"
    "  local b = all(stock, s, p)\n"
    "  if a ~= b then error('stock ' .. b .. '\\nours  ' .. a) end\n"
    "end\n";

static void die(lua_State *L)
{
    fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
    abort();
}

static lua_State *start(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (luaL_loadstring(L, script))
        die(L);
    luaopen_string(L);
    luaopen_string(L);
    akt_lib_string_open(L);
    if (lua_pcall(L, 2, 1, 0))
        die(L);
    return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lua_State *L;
    if (!L)
        L = start();
    if (size == 0)
        return 0;
    size_t len = data[0] < size - 1 ? data[0] : size - 1;
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data + 1, len);
    lua_pushlstring(L, (const char *)data + 1 + len, size - 1 - len);
    if (lua_pcall(L, 2, 0, 0))
        die(L);
    return 0;
}
