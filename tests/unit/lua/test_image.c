/* SPDX-License-Identifier: MIT
 *
 * Values go from the state `A` to the state `B` as code images. Most tests are
 * two pieces of Lua: the first, run in A, returns the value; the second, run
 * in B with the copy as its argument, asserts what it must be.
 */
#include "lua/image.h"

#include <check.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "lua/image_names.h"
#include "vm/base/alloc.h"

static lua_State *A;
static lua_State *B;
static struct akt_image_error err;

static const struct akt_image_names *const MODULES = &akt_image_names_modules;

static void setup(void)
{
    A = luaL_newstate();
    B = luaL_newstate();
    luaL_openlibs(A);
    luaL_openlibs(B);
    memset(&err, 0, sizeof err);
}

static void teardown(void)
{
    ck_assert_int_eq(lua_gettop(A), 0);
    ck_assert_int_eq(lua_gettop(B), 0);
    lua_close(A);
    lua_close(B);
}

static void check_ok(lua_State *L, int status)
{
    if (status != LUA_OK)
        ck_abort_msg("%s", luaL_tolstring(L, -1, NULL));
}

/* Pushes what the text returns. */
static void eval(lua_State *L, const char *text)
{
    check_ok(L, luaL_loadbufferx(L, text, strlen(text), "@app.lua", "t"));
    check_ok(L, lua_pcall(L, 0, 1, 0));
}

/* Pops a value and runs the text with it as `...`. */
static void check_value(lua_State *L, const char *text)
{
    check_ok(L, luaL_loadbufferx(L, text, strlen(text), "@check.lua", "t"));
    lua_insert(L, -2);
    check_ok(L, lua_pcall(L, 1, 0, 0));
}

/* The image of what the text returns, or NULL. */
static struct akt_image *make(const char *text)
{
    eval(A, text);
    struct akt_image *image = akt_image_make(A, -1, MODULES, &err);
    ck_assert_int_eq(lua_gettop(A), 1);
    lua_pop(A, 1);
    return image;
}

static void travel(const char *text, const char *check)
{
    struct akt_image *image = make(text);
    ck_assert_msg(image != NULL, "%s", err.text);
    akt_image_load(B, image, MODULES);
    akt_image_unref(image);
    lua_gc(B, LUA_GCCOLLECT);
    check_value(B, check);
}

static void refused(const char *text, const char *why)
{
    ck_assert_ptr_null(make(text));
    ck_assert_str_eq(err.text, why);
}

/* ---- data ---- */

START_TEST(plain_values)
{
    travel("return nil", "assert((...) == nil)");
    travel("return true", "assert((...) == true)");
    travel("return false", "assert((...) == false)");
    travel("return 'a\\0b'", "assert((...) == 'a\\0b')");
    travel("return ''", "assert((...) == '')");
    travel("return ('x'):rep(1000)", "assert(#(...) == 1000)");
    travel("return 1.0", "assert(math.type((...)) == 'float')");
    travel("return 0/0", "local x = ... assert(x ~= x)");
    travel("return -0.0", "assert(1/(...) == -math.huge)");
    travel("return { 0, -1, 1, 63, 64, -64, -65, 2^53|0, math.maxinteger, "
           "math.mininteger }",
           "local w = { 0, -1, 1, 63, 64, -64, -65, 2^53|0, "
           "math.maxinteger, math.mininteger }\n"
           "for i, v in ipairs(...) do\n"
           "  assert(v == w[i] and math.type(v) == 'integer')\n"
           "end\n"
           "assert(#(...) == #w)");
}
END_TEST

START_TEST(light_userdata_keeps_its_bits)
{
    void *bits = (void *)(uintptr_t)0x0001fedcba987654u;
    lua_pushlightuserdata(A, bits);
    struct akt_image *image = akt_image_make(A, -1, NULL, &err);
    lua_pop(A, 1);
    akt_image_load(B, image, NULL);
    ck_assert_ptr_eq(lua_touserdata(B, -1), bits);
    lua_pop(B, 1);
    akt_image_unref(image);
}
END_TEST

START_TEST(tables_with_all_kinds_of_keys)
{
    travel("return { 1, nil, 3, x = 'y', [true] = 1, [false] = 2, [1.5] = 3,"
           "  [-7] = 4, [2^60|0] = 5, [''] = 6 }",
           "local t = ...\n"
           "assert(t[1] == 1 and t[2] == nil and t[3] == 3 and t.x == 'y')\n"
           "assert(t[true] == 1 and t[false] == 2 and t[1.5] == 3)\n"
           "assert(t[-7] == 4 and t[2^60|0] == 5 and t[''] == 6)\n"
           "local n = 0 for _ in pairs(t) do n = n + 1 end assert(n == 9)");
}
END_TEST

START_TEST(identity_and_cycles)
{
    travel("local a, k = {}, {}\n"
           "a.self, a.list, a[k], k.back = a, { a, k, k }, k, a\n"
           "return a",
           "local a = ...\n"
           "local k = a.list[2]\n"
           "assert(a.self == a and a.list[1] == a and a.list[3] == k)\n"
           "assert(a[k] == k and k.back == a and k ~= a)");
}
END_TEST

START_TEST(metatables)
{
    travel("local mt = { __index = function(t, k) return k .. '!' end }\n"
           "mt.__metatable = 'locked'\n"
           "mt.__pairs = error mt.__len = error mt.__newindex = error\n"
           "mt.__eq = error mt.__name = 'thing'\n"
           "local o = setmetatable({ x = 1 }, mt)\n"
           "local p = setmetatable({}, mt)\n"
           "return { o, p, mt }",
           "local t = ...\n"
           "assert(t[1].x == 1 and t[1].y == 'y!')\n"
           "assert(debug.getmetatable(t[1]) == t[3])\n"
           "assert(debug.getmetatable(t[2]) == t[3])");
}
END_TEST

/* Nothing recurses, so depth is no limit. */
START_TEST(a_very_long_list)
{
    travel("local l for i = 1, 100000 do l = { next = l, i = i } end\n"
           "return l",
           "local l, n = ..., 0\n"
           "while l do n = n + 1 assert(l.i == 100001 - n) l = l.next end\n"
           "assert(n == 100000)");
}
END_TEST

/* ---- functions ---- */

START_TEST(closures_that_share_upvalues)
{
    travel("local n, m = 10, 20\n"
           "local function inc() n = n + 1 end\n"
           "local function get() return n, m end\n"
           "return { inc = inc, get = get,\n"
           "  set = function(x) m, n = x, x end }",
           "local t = ...\n"
           "t.inc() t.inc()\n"
           "local n, m = t.get() assert(n == 12 and m == 20)\n"
           "t.set(5) t.inc()\n"
           "n, m = t.get() assert(n == 6 and m == 5)");
}
END_TEST

START_TEST(upvalues_with_equal_values_stay_apart)
{
    travel("local function new() local n = 0\n"
           "  return function() n = n + 1 return n end end\n"
           "return { new(), new() }",
           "local t = ...\n"
           "assert(t[1]() == 1 and t[1]() == 2 and t[2]() == 1)");
}
END_TEST

START_TEST(recursion)
{
    travel("local function fac(n) return n < 2 and 1 or n * fac(n - 1) end\n"
           "return fac",
           "local fac = ... assert(fac(10) == 3628800)\n"
           "local _, v = debug.getupvalue(fac, 1) assert(v == fac)");
}
END_TEST

START_TEST(mutual_recursion)
{
    travel("local even, odd\n"
           "function even(n) return n == 0 or odd(n - 1) end\n"
           "function odd(n) return n ~= 0 and even(n - 1) end\n"
           "return even",
           "local even = ... assert(even(10) and not even(7))");
}
END_TEST

START_TEST(varargs_and_nested_functions)
{
    travel("local base = 100\n"
           "return function(...)\n"
           "  local n = select('#', ...)\n"
           "  local function add(x)\n"
           "    return function() return x + n + base end\n"
           "  end\n"
           "  return add(...)\n"
           "end",
           "local f = ... assert(f(1, nil, nil)() == 104)");
}
END_TEST

START_TEST(a_kind)
{
    travel("local limit = 3\n"
           "local Kind = { on = {}, version = 2 }\n"
           "local Base = { hello = function() return 'hello' end }\n"
           "Base.__index = Base\n"
           "setmetatable(Kind, Base)\n"
           "function Kind:init(n) self.n, self.kind = n or 0, Kind end\n"
           "function Kind.on:inc() self.n = math.min(self.n + 1, limit) end\n"
           "function Kind.on:get() return self.n end\n"
           "return Kind",
           "local Kind = ...\n"
           "local self = {}\n"
           "Kind.init(self, 2)\n"
           "Kind.on.inc(self) Kind.on.inc(self)\n"
           "assert(Kind.on.get(self) == 3 and self.kind == Kind)\n"
           "assert(Kind.hello() == 'hello' and Kind.version == 2)");
}
END_TEST

START_TEST(a_function_with_many_upvalues)
{
    struct akt_buf text = AKT_BUF_INIT;
    /* 255 with _ENV, all that Lua allows; locals are at most 200 a function,
     * so they come from two. */
    for (int i = 0; i < 150; i++)
        akt_buf_printf(&text, "local a%d = %d\n", i, i);
    akt_buf_puts(&text, "return (function()\n");
    for (int i = 0; i < 104; i++)
        akt_buf_printf(&text, "local b%d = %d\n", i, i);
    akt_buf_puts(&text, "return { function() return tostring(0");
    for (int i = 0; i < 150; i++)
        akt_buf_printf(&text, " + a%d", i);
    for (int i = 0; i < 104; i++)
        akt_buf_printf(&text, " + b%d", i);
    akt_buf_puts(&text, ") end, function() b103 = b103 + 1 end }\n"
                        "end)()");
    travel(akt_buf_cstr(&text),
           "local f = ... f[2]() assert(f[1]() == '16532')");
    akt_buf_fini(&text);
}
END_TEST

START_TEST(debug_information_travels)
{
    travel("\n\nreturn function(x)\n  local y = x\n  error('oops')\nend",
           "local f = ...\n"
           "local ok, e = pcall(f) assert(e == 'app.lua:5: oops', e)\n"
           "local i = debug.getinfo(f, 'S')\n"
           "assert(i.source == '@app.lua' and i.linedefined == 3)\n"
           "assert(debug.getlocal(f, 1) == 'x')");
}
END_TEST

START_TEST(variables_of_a_running_function_are_copied_as_they_are)
{
    eval(A, "return coroutine.create(function()\n"
            "  local n = 1\n"
            "  local function get() return n end\n"
            "  n = 2\n"
            "  coroutine.yield(get)\n"
            "  return n\n"
            "end)");
    lua_State *co = lua_tothread(A, -1);
    int n;
    ck_assert_int_eq(lua_resume(co, A, 0, &n), LUA_YIELD);
    struct akt_image *image = akt_image_make(co, -1, MODULES, &err);
    ck_assert_ptr_nonnull(image);
    akt_image_load(B, image, MODULES);
    akt_image_unref(image);
    check_value(B, "assert((...)() == 2)");
    lua_pop(A, 1);
}
END_TEST

START_TEST(each_load_is_private)
{
    struct akt_image *image =
        make("local t, n = {}, 0\n"
             "return function() n = n + 1 t[n] = n return n, #t end");
    akt_image_load(B, image, MODULES);
    akt_image_load(B, image, MODULES);
    akt_image_unref(image);
    lua_setglobal(B, "second");
    check_value(B, "local f = ... f() f()\n"
                   "local n, len = f() assert(n == 3 and len == 3)\n"
                   "n, len = second() assert(n == 1 and len == 1)\n"
                   "second = nil");
}
END_TEST

/* ---- what cannot travel ---- */

START_TEST(userdata_is_refused_with_its_upvalue)
{
    refused("local sock = io.tmpfile()\n"
            "\n"
            "local function f() return sock end\n"
            "return { on = { inc = f } }",
            "upvalue 'sock' of function at app.lua:3 holds a userdata "
            "(FILE*), which cannot travel to another isolate");
}
END_TEST

START_TEST(paths_through_tables)
{
    refused("local cfg = { conn = { 1, { sock = io.tmpfile() } } }\n"
            "return function() return cfg end",
            "field 'sock' of element [2] of field 'conn' of upvalue 'cfg' of "
            "function at app.lua:2 holds a userdata (FILE*), which cannot "
            "travel to another isolate");
    refused("return { on = { x = coroutine.create(print) } }",
            "field 'x' of field 'on' of the value holds a coroutine, which "
            "cannot travel to another isolate");
    refused("return { [coroutine.create(print)] = 1 }",
            "a key of the value holds a coroutine, which cannot travel to "
            "another isolate");
    refused("return { [true] = coroutine.create(print) }",
            "a field with a boolean as key of the value holds a coroutine, "
            "which cannot travel to another isolate");
    refused("return setmetatable({}, { __gc = string.gmatch('', '') })",
            "field '__gc' of the metatable of the value holds a C function "
            "that no module contains, which cannot travel to another isolate");
}
END_TEST

START_TEST(the_value_itself)
{
    refused("return coroutine.create(print)",
            "a coroutine cannot travel to another isolate");
    refused("return coroutine.wrap(print)",
            "a C function that no module contains cannot travel to another "
            "isolate");
    refused("return io.tmpfile()",
            "a userdata (FILE*) cannot travel to another isolate");
}
END_TEST

START_TEST(long_paths_are_cut)
{
    ck_assert_ptr_null(
        make("local t = { io.tmpfile() }\n"
             "for i = 1, 100 do t = { [('k'):rep(1000)] = t } end\n"
             "return t"));
    ck_assert_ptr_nonnull(strstr(err.text, "element [1] of field 'kkkk"));
    ck_assert_ptr_nonnull(
        strstr(err.text, "something inside the value holds a userdata "
                         "(FILE*), which cannot travel to another isolate"));
}
END_TEST

START_TEST(a_refusal_leaks_nothing)
{
    int64_t before = akt_alloc_total();
    for (int i = 0; i < 1000; i++) /* over AKT_ALLOC_FLUSH if it leaks */
        ck_assert_ptr_null(make("return { ('x'):rep(1000), a = { b = {} }, "
                                "coroutine.create(print) }"));
    ck_assert_int_lt(akt_alloc_total() - before, 2 * AKT_ALLOC_FLUSH);
}
END_TEST

/* ---- memory ---- */

struct budget {
    long left; /* allocations until the next one fails; < 0: no limit */
};

static void *limited(void *ud, void *p, size_t old, size_t size)
{
    struct budget *b = ud;
    if (size == 0) {
        free(p);
        return NULL;
    }
    if ((!p || size > old) && b->left >= 0 && b->left-- == 0) {
        b->left = 0;
        return NULL;
    }
    return realloc(p, size);
}

static const char memory_sample[] =
    "local n, t = 0, { 1, 2, 3, x = { ('y'):rep(100) } }\n"
    "local function f() n = n + 1 return t, n end\n"
    "return setmetatable({ f = f, g = function() return f(), n end }, t)";

static int do_load(lua_State *L)
{
    akt_image_load(L, lua_touserdata(L, 1), MODULES);
    return 1;
}

/* Every allocation of making and of loading fails once. */
START_TEST(lack_of_memory_anywhere)
{
    struct budget budget = {-1};
    lua_State *L = lua_newstate(limited, &budget);
    luaL_openlibs(L);
    akt_image_names_index(L);
    eval(L, memory_sample);
    lua_gc(L, LUA_GCSTOP);
    struct akt_image *image = NULL;
    int refusals = 0;
    for (long n = 0; !image; n++, refusals++) {
        budget.left = n;
        image = akt_image_make(L, -1, MODULES, &err);
        budget.left = -1;
        ck_assert_int_eq(lua_gettop(L), 1);
        if (!image)
            ck_assert_str_eq(err.text, "not enough memory");
    }
    ck_assert_int_gt(refusals, 5);
    int status = LUA_ERRMEM;
    for (long n = 0; status != LUA_OK; n++) {
        lua_pushcfunction(L, do_load);
        lua_pushlightuserdata(L, image);
        budget.left = n;
        status = lua_pcall(L, 1, 1, 0);
        budget.left = -1;
        ck_assert(status == LUA_OK || status == LUA_ERRMEM);
        if (status != LUA_OK)
            lua_pop(L, 1);
    }
    check_value(L, "local t, n = (...).f() assert(n == 1 and t[3] == 3)");
    akt_image_unref(image);
    lua_close(L);
}
END_TEST

/* ---- names ---- */

START_TEST(module_functions_travel_by_name)
{
    travel("local format, s, std = string.format, string, io.stdout\n"
           "local l = package.loaded\n"
           "return function() return format, s, print, std, l end",
           "local f, s, p, o, l = (...)()\n"
           "assert(f == string.format and s == string and p == print)\n"
           "assert(o == io.stdout and l == package.loaded)");
    travel("return string.format", "assert((...) == string.format)");
}
END_TEST

START_TEST(the_globals_are_known_by_value)
{
    travel("local other = _ENV\n"
           "return function() return _ENV, other, _G end",
           "local a, b, c = (...)()\n"
           "assert(a == _G and b == _G and c == _G)");
    travel("local _ENV <const> = { x = 1 }\n"
           "return function() return x end",
           "assert((...)() == 1)");
}
END_TEST

/* Both states lock the module `lib`, a table in it, and the globals. */
START_TEST(locked_modules)
{
    static const char lock_all[] =
        "local function lock(t)\n"
        "  return setmetatable({}, { __index = t, __newindex = error,\n"
        "    __metatable = false, __pairs = error })\n"
        "end\n"
        "package.loaded.lib = lock { f = function() return 1 end,\n"
        "  sub = lock { g = function() return 2 end } }\n"
        "package.loaded.string = lock(string)\n"
        "local globals = _G\n"
        "return lock(globals)";
    static const char value[] =
        "local lib = require 'lib'\n"
        "local f, sub, g, format = lib.f, lib.sub, lib.sub.g, string.format\n"
        "local s, p = require 'string', print\n"
        "return function() return lib, f, sub, g, format, s, p, _ENV end";
    lua_State *states[] = {A, B};
    for (int i = 0; i < 2; i++) {
        eval(states[i], lock_all);
        lua_pushvalue(states[i], -1);
        luaL_getsubtable(states[i], LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
        lua_insert(states[i], -2);
        lua_setfield(states[i], -2, "_G");
        lua_pop(states[i], 1);
        lua_rawseti(states[i], LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    }
    travel(value, "local lib, f, sub, g, format, s, p, env = (...)()\n"
                  "local want = require 'lib'\n"
                  "assert(lib == want and f == want.f and sub == want.sub)\n"
                  "assert(g == want.sub.g and format == string.format)\n"
                  "assert(s == require 'string' and p == print)\n"
                  "assert(env == _ENV and rawequal(env, _ENV))");
}
END_TEST

START_TEST(a_module_is_required_where_it_is_missing)
{
    eval(A, "package.loaded['my.mod'] = { deep = { f = function() end } }\n"
            "return package.loaded['my.mod']");
    lua_pop(A, 1);
    eval(B, "package.preload['my.mod'] = function(name)\n"
            "  return { deep = { f = name } }\n"
            "end");
    lua_pop(B, 1);
    travel("local f = require 'my.mod'.deep.f\n"
           "return function() return f end",
           "assert((...)() == 'my.mod')");
}
END_TEST

/* ---- kinds that name one another ---- */

/* Kinds are registry fields; the one being made is not a name. */
static bool kind_name(lua_State *L, int idx, struct akt_buf *name, void *ctx)
{
    static const char *const kinds[] = {"kind:ping", "kind:pong"};
    for (int i = 0; i < 2; i++) {
        lua_getfield(L, LUA_REGISTRYINDEX, kinds[i]);
        bool same = lua_rawequal(L, idx, -1);
        lua_pop(L, 1);
        if (same && strcmp(kinds[i], ctx) != 0) {
            akt_buf_puts(name, kinds[i]);
            return true;
        }
    }
    return akt_image_names_find(L, idx, name, NULL);
}

static struct akt_image *ping, *pong;

static void kind_push(lua_State *L, const char *name, size_t len, void *ctx)
{
    const struct akt_image_names names = {kind_name, kind_push, ctx};
    if (memcmp(name, "kind:", 5) != 0) {
        akt_image_names_resolve(L, name, len, NULL);
        return;
    }
    lua_pushlstring(L, name, len);
    const char *key = lua_tostring(L, -1);
    if (lua_getfield(L, LUA_REGISTRYINDEX, key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, key);
        akt_image_load_into(L, strcmp(key, "kind:ping") == 0 ? ping : pong,
                            &names, -1);
    }
    lua_remove(L, -2);
}

START_TEST(kinds_that_name_one_another)
{
    eval(A, "local Ping, Pong = {}, {}\n"
            "function Ping.f() return Ping, Pong end\n"
            "function Pong.f() return Ping, Pong end\n"
            "return { Ping, Pong }");
    lua_geti(A, 1, 1);
    lua_geti(A, 1, 2);
    lua_pushvalue(A, 2);
    lua_setfield(A, LUA_REGISTRYINDEX, "kind:ping");
    lua_pushvalue(A, 3);
    lua_setfield(A, LUA_REGISTRYINDEX, "kind:pong");
    struct akt_image_names names = {kind_name, kind_push, "kind:ping"};
    ping = akt_image_make(A, 2, &names, &err);
    names.ctx = "kind:pong";
    pong = akt_image_make(A, 3, &names, &err);
    lua_settop(A, 0);
    kind_push(B, "kind:ping", 9, "");
    kind_push(B, "kind:pong", 9, "");
    lua_setglobal(B, "Pong");
    check_value(B, "local Ping = ...\n"
                   "for _, f in ipairs { Ping.f, Pong.f } do\n"
                   "  local a, b = f() assert(a == Ping and b == Pong)\n"
                   "end");
    akt_image_unref(ping);
    akt_image_unref(pong);
}
END_TEST

/* ---- the bytes ---- */

static const char hashed[] =
    "local a, b, c = 1, string.format, {}\n"
    "for i = 1, 300 do c['k' .. i], c[i * 3], c[i + .5] = i, i, i end\n"
    "local function f() return a, b, c end\n"
    "local t = { init = f, on = {}, [true] = 1, [false] = c }\n"
    "function t.on.x(self) self.x = a end\n"
    "function t.on.y() return f, t end\n"
    "return t";

START_TEST(the_same_text_has_the_same_hash)
{
    struct akt_image *first = make(hashed);
    struct akt_image *second = make(hashed);
    ck_assert_ptr_nonnull(first);
    ck_assert_uint_eq(akt_image_hash(first), akt_image_hash(second));
    ck_assert_uint_eq(akt_image_size(first), akt_image_size(second));
    akt_image_unref(second);

    /* Another state has another seed, and strings elsewhere; the text is run
     * among other work, so that tables grow differently. */
    eval(B, "for i = 300, 1, -1 do _G['k' .. i] = {} end");
    lua_pop(B, 1);
    eval(B, hashed);
    second = akt_image_make(B, -1, MODULES, &err);
    ck_assert_uint_eq(akt_image_hash(first), akt_image_hash(second));
    akt_image_unref(second);
    check_value(B, "local c = (...).on.y()\n"
                   "local _, _, t = c()\n"
                   "t.k300 = nil t.k300 = 300\n"
                   "t.new = 1 t.new = nil\n"
                   "_G.again = ...");
    lua_getglobal(B, "again");
    second = akt_image_make(B, -1, MODULES, &err);
    lua_pop(B, 1);
    ck_assert_uint_eq(akt_image_hash(first), akt_image_hash(second));
    akt_image_unref(second);

    second = make("local a = 1 return { a }");
    ck_assert_uint_ne(akt_image_hash(first), akt_image_hash(second));
    akt_image_unref(second);
    akt_image_unref(first);
}
END_TEST

/* A copy of a copy is the same image. */
START_TEST(a_copy_has_the_same_image)
{
    struct akt_image *first = make(hashed);
    akt_image_load(B, first, MODULES);
    struct akt_image *second = akt_image_make(B, -1, MODULES, &err);
    ck_assert_uint_eq(akt_image_hash(first), akt_image_hash(second));
    lua_pop(B, 1);
    akt_image_unref(first);
    akt_image_unref(second);
}
END_TEST

START_TEST(references_are_counted)
{
    struct akt_image *image = make("return { 1 }");
    ck_assert_ptr_eq(akt_image_ref(image), image);
    akt_image_unref(image);
    akt_image_load(B, image, NULL);
    lua_pop(B, 1);
    akt_image_unref(image);
    akt_image_unref(NULL);
}
END_TEST

static TCase *values_case(void)
{
    TCase *tc = tcase_create("values");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, plain_values);
    tcase_add_test(tc, light_userdata_keeps_its_bits);
    tcase_add_test(tc, tables_with_all_kinds_of_keys);
    tcase_add_test(tc, identity_and_cycles);
    tcase_add_test(tc, metatables);
    tcase_add_test(tc, a_very_long_list);
    tcase_add_test(tc, closures_that_share_upvalues);
    tcase_add_test(tc, upvalues_with_equal_values_stay_apart);
    tcase_add_test(tc, recursion);
    tcase_add_test(tc, mutual_recursion);
    tcase_add_test(tc, varargs_and_nested_functions);
    tcase_add_test(tc, a_kind);
    tcase_add_test(tc, a_function_with_many_upvalues);
    tcase_add_test(tc, debug_information_travels);
    tcase_add_test(tc, variables_of_a_running_function_are_copied_as_they_are);
    tcase_add_test(tc, each_load_is_private);
    return tc;
}

static TCase *refusals_case(void)
{
    TCase *tc = tcase_create("refusals");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, userdata_is_refused_with_its_upvalue);
    tcase_add_test(tc, paths_through_tables);
    tcase_add_test(tc, the_value_itself);
    tcase_add_test(tc, long_paths_are_cut);
    tcase_add_test(tc, a_refusal_leaks_nothing);
    tcase_add_test(tc, lack_of_memory_anywhere);
    return tc;
}

static TCase *names_case(void)
{
    TCase *tc = tcase_create("names");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, module_functions_travel_by_name);
    tcase_add_test(tc, the_globals_are_known_by_value);
    tcase_add_test(tc, locked_modules);
    tcase_add_test(tc, a_module_is_required_where_it_is_missing);
    tcase_add_test(tc, kinds_that_name_one_another);
    return tc;
}

static TCase *bytes_case(void)
{
    TCase *tc = tcase_create("bytes");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_same_text_has_the_same_hash);
    tcase_add_test(tc, a_copy_has_the_same_image);
    tcase_add_test(tc, references_are_counted);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("image");
    suite_add_tcase(suite, values_case());
    suite_add_tcase(suite, refusals_case());
    suite_add_tcase(suite, names_case());
    suite_add_tcase(suite, bytes_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
