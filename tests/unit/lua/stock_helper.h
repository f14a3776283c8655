/* SPDX-License-Identifier: MIT
 *
 * tests/unit/lua/stock_helper.h: a state where scripts find our libraries
 * (string, table, math) beside Lua's own (stock.string, ...), to compare them.
 *
 * Threads: none.
 */
#ifndef AKT_TESTS_STOCK_HELPER_H
#define AKT_TESTS_STOCK_HELPER_H

#include <check.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lua/lib_math.h"
#include "lua/lib_string.h"
#include "lua/lib_table.h"

static struct akt_random stock_random;

static inline struct akt_random *stock_random_of(lua_State *L)
{
    (void)L;
    return &stock_random;
}

/* Copies the library `name` into the table on top. */
static inline void stock_keep(lua_State *L, const char *name)
{
    lua_newtable(L);
    lua_getglobal(L, name);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_settable(L, -5);
    }
    lua_pop(L, 1);
    lua_setfield(L, -2, name);
}

/* What the scripts below start with: same(f) calls f with both versions of a
 * library and wants the same results, or the same error. */
static const char stock_prelude[] =
    "local function show(v)\n"
    "  if type(v) == 'table' and not (getmetatable(v) or {}).__tostring then\n"
    "    local t = {}\n"
    "    for i = 1, v.n or rawlen(v) do t[i] = show(v[i]) end\n"
    "    return '{' .. stock.table.concat(t, ', ') .. '}'\n"
    "  end\n"
    "  if type(v) == 'string' then return stock.string.format('%q', v) end\n"
    "  return tostring(v)\n"
    "end\n"
    "function try(f, lib) return show(stock.table.pack(pcall(f, lib))) end\n"
    "function same(name, f, what)\n"
    "  local a, b = try(f, stock[name]), try(f, _G[name])\n"
    "  if a ~= b then\n"
    "    error('\\nstock ' .. a .. '\\nours  ' .. b .. '\\nfor   '\n"
    "      .. (what and show(what) or '?'), 2)\n"
    "  end\n"
    "end\n"
    "function fails(code, f, ...)\n"
    "  local ok, e = pcall(f, ...)\n"
    "  assert(not ok and type(e) == 'table' and e.code == code,\n"
    "         ok and 'no error' or tostring(e))\n"
    "end\n";

/* Runs a script; an error fails the test. */
static inline void stock_run(lua_State *L, const char *text)
{
    ck_assert_int_eq(luaL_loadbuffer(L, text, strlen(text), "=test"), LUA_OK);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        ck_abort_msg("%s", luaL_tolstring(L, -1, NULL));
}

static inline lua_State *stock_new(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    akt_random_seed(&stock_random, 7);
    lua_newtable(L);
    stock_keep(L, "string");
    stock_keep(L, "table");
    stock_keep(L, "math");
    lua_setglobal(L, "stock");
    lua_getglobal(L, "string");
    akt_lib_string_open(L);
    lua_getglobal(L, "table");
    akt_lib_table_open(L);
    lua_getglobal(L, "math");
    akt_lib_math_open(L, stock_random_of);
    ck_assert_int_eq(lua_gettop(L), 3);
    lua_settop(L, 0);
    stock_run(L, stock_prelude);
    return L;
}

static inline void stock_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (lua_isyieldable(L))
        lua_yield(L, 0);
}

/* Runs a script that is preempted at every `count` instructions. Returns how
 * many times it was. */
static inline int stock_run_preempted(lua_State *L, const char *text, int count)
{
    lua_State *co = lua_newthread(L);
    int preempted = 0;
    int results;
    int status;
    ck_assert_int_eq(luaL_loadbuffer(co, text, strlen(text), "=test"), LUA_OK);
    lua_sethook(co, stock_hook, LUA_MASKCOUNT, count);
    while ((status = lua_resume(co, L, 0, &results)) == LUA_YIELD) {
        lua_pop(co, results);
        preempted++;
    }
    if (status != LUA_OK)
        ck_abort_msg("%s", luaL_tolstring(co, -1, NULL));
    lua_pop(L, 1);
    return preempted;
}

#define STOCK_MAIN(name, add_tests)                 \
    int main(void)                                  \
    {                                               \
        Suite *suite = suite_create(name);          \
        TCase *tests = tcase_create(name);          \
        tcase_set_timeout(tests, 60);               \
        add_tests(tests);                           \
        suite_add_tcase(suite, tests);              \
        SRunner *runner = srunner_create(suite);    \
        srunner_run_all(runner, CK_NORMAL);         \
        int failed = srunner_ntests_failed(runner); \
        srunner_free(runner);                       \
        return failed != 0;                         \
    }

#endif
