/* SPDX-License-Identifier: MIT */
#include "lua/lib_table.h"

#include <string.h>

#include "tests/unit/lua/stock_helper.h"

static lua_State *L;

static void setup(void)
{
    L = stock_new();
}

static void teardown(void)
{
    lua_close(L);
}

START_TEST(arguments_are_checked_as_in_lua)
{
    stock_run(
        L,
        "local function f(g) same('table', g) end\n"
        "local max, min = math.maxinteger, math.mininteger\n"
        "local function long(n) return setmetatable({}, { __len =\n"
        "  function() return n end }) end\n"
        "f(function(l) l.insert() end)\n"
        "f(function(l) l.insert(1, 2) end)\n"
        "f(function(l) l.insert({}) end)\n"
        "f(function(l) l.insert({}, 1, 2, 3) end)\n"
        "f(function(l) l.insert({}, 0, 1) end)\n"
        "f(function(l) l.insert({}, 2, 1) end)\n"
        "f(function(l) l.insert({}, 'x', 1) end)\n"
        "f(function(l) l.insert(long(max), 1) end)\n"
        "f(function(l) l.insert(long('x'), 1) end)\n"
        "f(function(l) l.remove() end)\n"
        "f(function(l) l.remove({}, 2) end)\n"
        "f(function(l) l.remove({ 1 }, -1) end)\n"
        "f(function(l) l.remove({ 1 }, {}) end)\n"
        "f(function(l) l.move() end)\n"
        "f(function(l) l.move({}, 1) end)\n"
        "f(function(l) l.move({}, 1, 2) end)\n"
        "f(function(l) l.move({}, 1, 2, 3, 4) end)\n"
        "f(function(l) l.move(1, 1, 2, 3) end)\n"
        "f(function(l) l.move({}, 0, max, 1) end)\n"
        "f(function(l) l.move({}, min, 0, 1) end)\n"
        "f(function(l) l.move({}, 1, max, 2) end)\n"
        "f(function(l) l.concat() end)\n"
        "f(function(l) l.concat({}, {}) end)\n"
        "f(function(l) l.concat({}, '', {}) end)\n"
        "f(function(l) l.concat({}, '', 1, {}) end)\n"
        "f(function(l) l.concat({ 1, {} }) end)\n"
        "f(function(l) l.concat({ 1, nil, 3 }, ',', 1, 3) end)\n"
        "f(function(l) l.concat(long(1 << 53)) end)\n"
        "f(function(l) l.sort() end)\n"
        "f(function(l) l.sort(1) end)\n"
        "f(function(l) l.sort({ 1, 2 }, 3) end)\n"
        "f(function(l) l.sort({ 1 }, 3) end)\n"
        "f(function(l) l.sort({ 1, 'x' }) end)\n"
        "f(function(l) l.sort({ {}, {} }) end)\n"
        "f(function(l) l.sort({ true, false }) end)\n"
        "f(function(l) l.sort(long(1 << 31)) end)\n"
        "f(function(l) l.sort(long((1 << 31) - 2)) end)\n"
        "f(function(l) l.sort({ 3, 2, 1 }, function() error('no') end) end)\n");
}
END_TEST

START_TEST(insert_remove_move_and_concat_do_as_in_lua)
{
    stock_run(
        L,
        "local function f(g) same('table', g) end\n"
        "local max, min = math.maxinteger, math.mininteger\n"
        "for i = 1, 5 do\n"
        "  f(function(l) local t = { 1, 2, 3, 4 } l.insert(t, i, 'x')\n"
        "    return t end)\n"
        "  f(function(l) local t = { 1, 2, 3, 4 } l.insert(t, i .. '', 'x')\n"
        "    return t end)\n"
        "  f(function(l) local t = { 1, 2, 3, 4 }\n"
        "    return l.remove(t, i), t end)\n"
        "  for e = 0, 6 do\n"
        "    for to = -1, 7 do\n"
        "      f(function(l) local t = { 1, 2, 3, 4, 5, 6 }\n"
        "        local r = l.move(t, i, e, to) return r == t, r end)\n"
        "      f(function(l) return l.move({ 1, 2, 3, 4, 5, 6 }, i, e, to,\n"
        "        { 7, 8, 9 }) end)\n"
        "    end\n"
        "    f(function(l) return l.concat({ 1, 2.5, 'x', 4, 5, 6 }, ', ',\n"
        "      i, e) end)\n"
        "  end\n"
        "end\n"
        "f(function(l) local t = {} l.insert(t, 'x') return t end)\n"
        "f(function(l) return l.remove({}) end)\n"
        "f(function(l) return l.remove({}, 0) end)\n"
        "f(function(l) return l.remove({ 1 }, 2) end)\n"
        "f(function(l) return l.remove({ [0] = 'z' }) end)\n"
        "f(function(l) return l.concat({ 1, 2 }) end)\n"
        "f(function(l) return l.concat({ 1, 2 }, 3) end)\n"
        "f(function(l) return l.concat({ 1, 2 }, nil, 2) end)\n"
        "f(function(l) return l.concat({ [max] = 'a', [max - 1] = 'b' }, ' ',\n"
        "  max - 1, max) end)\n"
        "f(function(l) return l.concat({ [min] = 'a' }, ' ', min, min) end)\n"
        "f(function(l) return l.concat({}, 'x', max, min) end)\n"
        "f(function(l) return l.move({ [max] = 'a' }, max, max, 1) end)\n"
        "f(function(l) return l.move({ [min] = 'a' }, min, min, 1) end)\n"
        "local function proxy(t) return setmetatable({}, { __index = t,\n"
        "  __newindex = t, __len = function() return #t end }) end\n"
        "f(function(l) local t = { 1, 2, 3 } local p = proxy(t)\n"
        "  l.insert(p, 1, 0) l.insert(p, 9) local r = l.remove(p, 2)\n"
        "  l.move(p, 1, 3, 2) return r, t, l.concat(p, ' ') end)\n"
        "f(function(l) local t = { 3, 1, 2 } l.sort(proxy(t)) return t end)\n");
}
END_TEST

/* Long enough for pieces that are put together, and for pauses. */
START_TEST(concat_of_many_elements_is_whole)
{
    stock_run(
        L, "local t = {}\n"
           "for i = 1, 300000 do t[i] = i end\n"
           "for _, n in ipairs { 32767, 32768, 32769, 65536, 65537, 300000 }\n"
           "do\n"
           "  assert(table.concat(t, ',', 1, n) ==\n"
           "         stock.table.concat(t, ',', 1, n))\n"
           "end\n"
           "local big = ('x'):rep(3 << 20)\n"
           "assert(#table.concat({ big, big, big, big, big, 'y' }) ==\n"
           "       5 * #big + 1)\n");
}
END_TEST

/* All kinds of elements, with the sizes at which the ways of sorting change. */
static const char sorted_as_in_lua[] =
    "local random = stock.math.random\n"
    "local mt = { __lt = function(a, b) return a.k < b.k end }\n"
    "local kinds = {\n"
    "  function() return random(-50, 50) end,\n"
    "  function() return random(0) end,\n"
    "  function() return random() - 0.5 end,\n"
    "  function() return random(2) == 1 and random(9) or random() * 9 end,\n"
    "  function() return tostring(random(200)) end,\n"
    "  function() return random(2) == 1 and math.huge or -math.huge end,\n"
    "  function() return setmetatable({ k = random(20) }, mt) end,\n"
    "}\n"
    "local orders = { false, function(a, b) return a < b end,\n"
    "  function(a, b) return b < a end }\n"
    "local function key(v) return type(v) == 'table' and v.k or v end\n"
    "for _, n in ipairs { 0, 1, 2, 3, 4, 5, 11, 12, 13, 24, 25, 100, 199,\n"
    "  200, 201, 257, 1000 } do\n"
    "  for seed, make in ipairs(kinds) do\n"
    "    for _, order in ipairs(orders) do\n"
    "      stock.math.randomseed(seed, n)\n"
    "      local a, b = {}, {}\n"
    "      for i = 1, n do a[i] = make() b[i] = a[i] end\n"
    "      stock.table.sort(a, order or nil)\n"
    "      table.sort(b, order or nil)\n"
    "      for i = 1, n do\n"
    "        assert(key(a[i]) == key(b[i]) and math.type(a[i]) ==\n"
    "               math.type(b[i]), i)\n"
    "      end\n"
    "      assert(#b == n)\n"
    "    end\n"
    "  end\n"
    "end\n";

START_TEST(sort_sorts_as_in_lua)
{
    stock_run(L, sorted_as_in_lua);
}
END_TEST

START_TEST(sort_is_the_same_when_preempted_anywhere)
{
    ck_assert_int_gt(stock_run_preempted(L, sorted_as_in_lua, 3), 1000);
}
END_TEST

START_TEST(sort_sorts_many)
{
    stock_run(L, "local t = {}\n"
                 "local function check(order)\n"
                 "  for i = 1, 100000 do t[i] = math.random(1000000) end\n"
                 "  table.sort(t, order)\n"
                 "  order = order or function(a, b) return a < b end\n"
                 "  for i = 2, #t do assert(not order(t[i], t[i - 1])) end\n"
                 "  table.sort(t, order)\n"
                 "  for i = 2, #t do assert(not order(t[i], t[i - 1])) end\n"
                 "end\n"
                 "check()\n"
                 "check(function(a, b) return a > b end)\n"
                 "check(function(a, b) return a <= b and a ~= b end)\n"
                 "t = {}\n"
                 "for i = 1, 1000000 do t[i] = math.random() end\n"
                 "table.sort(t)\n"
                 "for i = 2, #t do assert(t[i - 1] <= t[i]) end\n");
}
END_TEST

START_TEST(sort_keeps_nan_and_zeros)
{
    stock_run(L, "local nan = 0.0 / 0.0\n"
                 "local t = { 3.0, nan, -0.0, 1.0, nan, 0.0, -1.0, 2.0 }\n"
                 "table.sort(t)\n"
                 "local n, sum = 0, 0\n"
                 "for _, v in ipairs(t) do\n"
                 "  if v ~= v then n = n + 1 else sum = sum + v end\n"
                 "end\n"
                 "assert(#t == 8 and n == 2 and sum == 5)\n");
}
END_TEST

/* T2 and T3. */
START_TEST(sort_survives_inconsistent_comparators)
{
    stock_run(L, "local function always() return true end\n"
                 "for n = 4, 50 do\n"
                 "  local t = {}\n"
                 "  for i = 1, n do t[i] = i end\n"
                 "  local ok, e = pcall(table.sort, t, always)\n"
                 "  assert(not ok and e:find('invalid order function'), e)\n"
                 "  for i = 1, n do assert(t[i] == i) end\n"
                 "end\n"
                 "local bad = { function() return math.random(2) == 1 end,\n"
                 "  function(a, b) return a <= b end, function() end,\n"
                 "  function(a, b) return (a * 7 + b * 13) % 5 < 2 end }\n"
                 "for _, f in ipairs(bad) do\n"
                 "  for n = 1, 300, 13 do\n"
                 "    local t, seen = {}, {}\n"
                 "    for i = 1, n do t[i] = i end\n"
                 "    table.sort(t, f)\n"
                 "    for i = 1, n do\n"
                 "      assert(not seen[t[i]] and t[i] <= n)\n"
                 "      seen[t[i]] = true\n"
                 "    end\n"
                 "    assert(#t == n)\n"
                 "  end\n"
                 "end\n"
                 "local t = { 5, 4, 3, 2, 1 }\n" /* all true, and yet right */
                 "table.sort(t, function(a, b) return a < b end)\n"
                 "assert(table.concat(t) == '12345')\n");
}
END_TEST

/* T1, also when the comparator empties the table. */
START_TEST(an_error_leaves_the_table_as_it_was)
{
    stock_run(L, "local t, n = {}, 0\n"
                 "for i = 1, 500 do t[i] = 501 - i end\n"
                 "assert(not pcall(table.sort, t, function(a, b)\n"
                 "  n = n + 1\n"
                 "  if n == 1000 then error('enough') end\n"
                 "  return a < b\n"
                 "end))\n"
                 "for i = 1, 500 do assert(t[i] == 501 - i) end\n"
                 "table.sort(t, function(a, b)\n"
                 "  for i = #t, 1, -1 do t[i] = nil end\n"
                 "  collectgarbage('step')\n"
                 "  return a < b\n"
                 "end)\n"
                 "for i = 1, 500 do assert(t[i] == i) end\n");
}
END_TEST

START_TEST(a_comparator_may_yield)
{
    stock_run(L,
              "local function run(f)\n"
              "  local co, yields = coroutine.create(f), 0\n"
              "  repeat\n"
              "    local ok, e = coroutine.resume(co)\n"
              "    assert(ok, e)\n"
              "    yields = yields + 1\n"
              "  until coroutine.status(co) == 'dead'\n"
              "  return yields - 1\n"
              "end\n"
              "local mt = { __lt = function(a, b)\n"
              "  coroutine.yield() return a.k < b.k end }\n"
              "for _, n in ipairs { 2, 5, 200, 201, 1000 } do\n"
              "  local t = {}\n"
              "  for i = 1, n do t[i] = setmetatable({ k = (i * 7919) % n }, "
              "mt) end\n"
              "  assert(run(function() table.sort(t) end) >= n - 1)\n"
              "  for i = 1, n do assert(t[i].k == i - 1 or 7919 % n == 0) end\n"
              "  assert(run(function() table.sort(t, function(a, b)\n"
              "    coroutine.yield() return a.k > b.k end) end) >= n - 1)\n"
              "  for i = 2, n do assert(t[i - 1].k >= t[i].k) end\n"
              "end\n"
              "local ok, e = pcall(run, function()\n" /* in the check too */
              "  table.sort({ 1, 2, 3, 4 }, function()\n"
              "    coroutine.yield() return true end) end)\n"
              "assert(not ok and e:find('invalid order function'), e)\n");
}
END_TEST

/* Few instructions of the script, but many pauses inside of them. */
static void check_pauses(const char *call, int least)
{
    char script[512];
    snprintf(script, sizeof script,
             "local t = made\n"
             "%s\n",
             call);
    int n = stock_run_preempted(L, script, 1);
    ck_assert_msg(n >= least, "%s: %d preemptions", call, n);
}

START_TEST(long_work_can_be_preempted)
{
    stock_run(L, "made = {}\n"
                 "for i = 1, 1000000 do made[i] = i * 7919 % 1000003 end\n");
    check_pauses("table.insert(t, 1, 0) assert(t[1000001])", 30);
    check_pauses("table.remove(t, 1) assert(not t[1000001])", 30);
    check_pauses("local u = table.move(t, 1, #t, 2, {}) assert(#u > 9)", 30);
    check_pauses("assert(#table.concat(t) > 5e6)", 30);
    check_pauses("table.sort(t) for i = 2, 9 do assert(t[i-1]<=t[i]) end", 400);
    check_pauses("for i = 1, 1e5 do t[i] = t[i] .. '' end\n"
                 "table.sort(table.move(t, 1, 1e5, 1, {}))",
                 400030);
}
END_TEST

/* The number of preemptions of work that would not end. */
static int stop_count;

static void stop_hook(lua_State *co, lua_Debug *ar)
{
    (void)ar;
    if (++stop_count > 1000)
        luaL_error(co, "stopped");
}

START_TEST(endless_work_can_be_stopped)
{
    static const char *const calls[] = {
        "table.concat(endless, '', 1)",
        "table.insert(endless, 1, 'x')",
        "table.remove(endless, 1)",
        "table.move(endless, 1, 1 << 53, 2)",
    };
    stock_run(L, "endless = setmetatable({}, { __index = function()\n"
                 "  return '' end, __newindex = rawequal,\n"
                 "  __len = function() return 1 << 53 end })\n");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        stop_count = 0;
        lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1);
        ck_assert_int_eq(luaL_loadstring(L, calls[i]), LUA_OK);
        ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
        ck_assert_ptr_nonnull(strstr(lua_tostring(L, -1), "stopped"));
        lua_sethook(L, NULL, 0, 0);
        lua_settop(L, 0);
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, arguments_are_checked_as_in_lua);
    tcase_add_test(t, insert_remove_move_and_concat_do_as_in_lua);
    tcase_add_test(t, concat_of_many_elements_is_whole);
    tcase_add_test(t, sort_sorts_as_in_lua);
    tcase_add_test(t, sort_is_the_same_when_preempted_anywhere);
    tcase_add_test(t, sort_sorts_many);
    tcase_add_test(t, sort_keeps_nan_and_zeros);
    tcase_add_test(t, sort_survives_inconsistent_comparators);
    tcase_add_test(t, an_error_leaves_the_table_as_it_was);
    tcase_add_test(t, a_comparator_may_yield);
    tcase_add_test(t, long_work_can_be_preempted);
    tcase_add_test(t, endless_work_can_be_stopped);
}

STOCK_MAIN("lib_table", add_tests)
