/* SPDX-License-Identifier: MIT */
#include "lua/lib_string.h"

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
    stock_run(L, "local function f(g) same('string', g) end\n"
                 "f(function(l) l.find() end)\n"
                 "f(function(l) l.find('a') end)\n"
                 "f(function(l) l.find('a', {}) end)\n"
                 "f(function(l) l.find({}, 'a') end)\n"
                 "f(function(l) l.find('a', 'a', 'x') end)\n"
                 "f(function(l) l.find('a', 'a', 1.5) end)\n"
                 "f(function(l) l.match(nil, 'a') end)\n"
                 "f(function(l) l.match('a', 'a', {}) end)\n"
                 "f(function(l) l.gmatch('a') end)\n"
                 "f(function(l) l.gmatch('a', 'a', {}) end)\n"
                 "f(function(l) for _ in l.gmatch('a', '(') do end end)\n"
                 "f(function(l) l.gsub('a', 'a') end)\n"
                 "f(function(l) l.gsub('a', 'a', nil) end)\n"
                 "f(function(l) l.gsub('a', 'a', true) end)\n"
                 "f(function(l) l.gsub('a', 'a', true, {}) end)\n"
                 "f(function(l) l.gsub('a', 'a', 'b', 'x') end)\n"
                 "f(function(l) l.gsub({}) end)\n"
                 "f(function(l) l.rep() end)\n"
                 "f(function(l) l.rep('x') end)\n"
                 "f(function(l) l.rep('x', 'y') end)\n"
                 "f(function(l) l.rep('x', 2, {}) end)\n"
                 "f(function(l) return l.find(123, 2) end)\n"
                 "f(function(l) return l.match(123, '%d', '2') end)\n"
                 "f(function(l) return l.gsub(123, 2, 7) end)\n"
                 "f(function(l) return l.rep(12, 3, 4) end)\n");
}
END_TEST

START_TEST(errors_name_the_line_of_the_script)
{
    stock_run(L, "local _, e = pcall(function()\n"
                 "  local s = 'a'\n"
                 "  s:gsub('a', {}, {})\n"
                 "end)\n"
                 "assert(e:find('^test:3: bad argument #3 to .gsub.'), e)\n"
                 "_, e = pcall(function()\n"
                 "  string.gsub('a', 'a', function() return {} end)\n"
                 "end)\n"
                 "assert(e == 'test:7: invalid replacement value (a table)')\n"
                 "_, e = pcall(function()\n"
                 "  string.find('a', '[a')\n"
                 "end)\n"
                 "assert(e:find('^test:11: malformed pattern'), e)\n");
}
END_TEST

START_TEST(find_places_are_those_of_lua)
{
    stock_run(
        L,
        "local max, min = math.maxinteger, math.mininteger\n"
        "for _, s in ipairs { '', 'a', 'abc', 'a.c.a', ('xy'):rep(99)..'z' }\n"
        "do\n"
        "  for _, p in ipairs { '', 'a', '.', 'c', 'bc', 'abcd', 'z', 'yz' }\n"
        "  do\n"
        "    for _, i in ipairs { 0, 1, 2, 3, 4, 6, -1, -2, -4, -9, max,\n"
        "      min, 199, 200, 201 } do\n"
        "      for _, plain in ipairs { true, false } do\n"
        "        same('string', function(l)\n"
        "          return l.find(s, p, i, plain) end, { s, p, i })\n"
        "      end\n"
        "      same('string', function(l)\n"
        "        return l.match(s, p, i) end, { s, p, i })\n"
        "    end\n"
        "  end\n"
        "end\n");
}
END_TEST

/* Both ways of finding plain text: few false starts, and many. */
START_TEST(plain_text_is_found_after_false_starts)
{
    stock_run(L,
              "local function find(s, p)\n"
              "  same('string', function(l) return l.find(s, p, 1, true) end)\n"
              "end\n"
              "for n = 0, 40 do\n"
              "  find(('ab'):rep(n) .. 'ac', 'ac')\n"
              "  find(('a'):rep(n), 'ac')\n"
              "  find((('a' .. ('x'):rep(50)):rep(n)) .. 'ac', 'ac')\n"
              "  find(('a'):rep(n) .. 'b', ('a'):rep(n // 2) .. 'b')\n"
              "  find(('a'):rep(n), ('a'):rep(n + 1))\n"
              "end\n"
              "find(('a'):rep(1000) .. 'b', ('a'):rep(100) .. 'b')\n"
              "find('a\\0b\\0c', '\\0c')\n");
}
END_TEST

START_TEST(gsub_takes_functions_and_tables_as_lua_does)
{
    stock_run(
        L,
        "local function f(g) same('string', g) end\n"
        "local words = 'hello big  world'\n"
        "f(function(l) return l.gsub(words, '%w+', string.upper) end)\n"
        "f(function(l) return l.gsub(words, '%w+', function() end) end)\n"
        "f(function(l) return l.gsub(words, '%w+',\n"
        "  function(w) return w == 'big' and 1.5 end) end)\n"
        "f(function(l) return l.gsub(words, '(%w)(%w*)',\n"
        "  function(a, b) return b .. a end) end)\n"
        "f(function(l) return l.gsub(words, '()%w', function(i)\n"
        "  return i end) end)\n"
        "f(function(l) return l.gsub(words, '', function(...)\n"
        "  return '<' .. select('#', ...) .. ...  .. '>' end) end)\n"
        "f(function(l) return l.gsub(words, '^%w+', '') end)\n"
        "f(function(l) return l.gsub(words, '^x*', '-') end)\n"
        "f(function(l) return l.gsub(words, '%w*', '-') end)\n"
        "f(function(l) return l.gsub(words, 'o', '0', 1) end)\n"
        "f(function(l) return l.gsub(words, 'o', '0', 0) end)\n"
        "f(function(l) return l.gsub(words, 'o', '0', -1) end)\n"
        "f(function(l) return l.gsub(words, '%w+', { big = 'BIG',\n"
        "  world = false }) end)\n"
        "f(function(l) return l.gsub(words, '()(o)', { [5] = 'x' }) end)\n"
        "f(function(l) return l.gsub(words, '%w+', { big = {} }) end)\n"
        "f(function(l) return l.gsub(words, '%w+', { big = true }) end)\n"
        "f(function(l) return l.gsub(words, '%w', error) end)\n"
        "f(function(l) return l.gsub(words, '(', print) end)\n"
        "local t = setmetatable({ big = 1 }, { __index = { world = 2 } })\n"
        "f(function(l) return l.gsub(words, '%w+', t) end)\n"
        "getmetatable(t).__index = function(_, k) return '<' .. k .. '>' end\n"
        "f(function(l) return l.gsub(words, '%w+', t) end)\n"
        "local u = setmetatable({}, { __index = t })\n"
        "f(function(l) return l.gsub(words, '%w+', u) end)\n"
        "getmetatable(t).__index = ''\n" /* strings have an __index */
        "f(function(l) return l.gsub('len', '%w+', u) end)\n"
        "getmetatable(t).__index = 1\n"
        "f(function(l) return l.gsub(words, '%w+', u) end)\n"
        "getmetatable(t).__index = t\n"
        "f(function(l) return l.gsub(words, 'h', t) end)\n");
}
END_TEST

/* The result's bytes move twice: to larger memory, and when gsub yields. */
START_TEST(gsub_makes_results_of_all_sizes)
{
    stock_run(L,
              "for _, n in ipairs { 1, 7, 8, 9, 255, 511, 512, 513, 5000 } do\n"
              "  local s, r = ('ab '):rep(n), ('x'):rep(n)\n"
              "  local function f(g) same('string', g, { n }) end\n"
              "  f(function(l) return l.gsub(s, 'b', 'c') end)\n"
              "  f(function(l) return l.gsub(s, '$', r) end)\n"
              "  f(function(l) return l.gsub(s, 'b', r, 20) end)\n"
              "  f(function(l) return l.gsub(s, 'b', function() return r end,\n"
              "    20) end)\n"
              "  f(function(l) return l.gsub(s, '%a+', { ab = r }, 20) end)\n"
              "end\n");
}
END_TEST

START_TEST(a_callback_may_yield)
{
    stock_run(
        L,
        "local yield = coroutine.yield\n"
        "local function run(f)\n"
        "  local got, co = {}, coroutine.wrap(f)\n"
        "  local v = co()\n"
        "  while type(v) == 'table' do\n"
        "    got[#got + 1] = v[1]\n"
        "    v = co(v[1]:upper())\n"
        "  end\n"
        "  return v, table.concat(got, ' ')\n"
        "end\n"
        "local function ask(w) return yield({ w }) end\n"
        "local t = setmetatable({}, { __index = function(_, k)\n"
        "  return ask(k) end })\n"
        "local u = setmetatable({}, { __index = t })\n"
        "for _, how in ipairs { ask, t, u } do\n"
        "  local v, asked = run(function()\n"
        "    return (('one two three'):gsub('%a+', how)) end)\n"
        "  assert(v == 'ONE TWO THREE' and asked == 'one two three')\n"
        "  v, asked = run(function()\n"
        "    return (('one two'):gsub('^%a', how)) end)\n"
        "  assert(v == 'One two' and asked == 'o')\n"
        "  v = run(function()\n"
        "    return (('ab'):rep(2000):gsub('%a', how)) end)\n"
        "  assert(v == ('AB'):rep(2000))\n"
        "end\n"
        "local v = run(function() return (('a b'):gsub('%a', function(a)\n"
        "  return (('x y'):gsub('%a', ask)) end)) end)\n" /* one in one */
        "assert(v == 'X Y X Y')\n"
        /* what was made before the first yield */
        "local half = setmetatable({ one = 'x' }, getmetatable(t))\n"
        "v = run(function() return (('one two'):gsub('%a+', half)) end)\n"
        "assert(v == 'x TWO')\n"
        "local ok, e = pcall(run, function()\n"
        "  ('a'):gsub('a', function(w) ask(w) return {} end) end)\n"
        "assert(not ok and e:find('invalid replacement value %(a table%)'))\n");
}
END_TEST

START_TEST(preemption_anywhere_changes_nothing)
{
    static const char script[] =
        "local words = ('one two '):rep(30)\n"
        "local t = setmetatable({}, { __index = function(_, k)\n"
        "  return k:upper() end })\n"
        "assert(words:gsub('%a+', t) == ('ONE TWO '):rep(30))\n"
        "assert(words:gsub('t(%a+)', function(a) return a end) ==\n"
        "       ('one wo '):rep(30))\n"
        "local n = 0\n"
        "for a, b in words:gmatch('(%a+) (%a+)') do\n"
        "  n = n + 1\n"
        "  assert(a == 'one' and b == 'two')\n"
        "end\n"
        "assert(n == 30)\n";
    ck_assert_int_gt(stock_run_preempted(L, script, 1), 300);
    ck_assert_int_gt(stock_run_preempted(L, script, 7), 50);
}
END_TEST

/* One instruction of the script, but many pauses inside of it. */
static int preemptions_of(const char *call)
{
    static const char text[] = "local s = ('a'):rep(3000000) .. 'bc'\n"
                               "local x, y = %s\n"
                               "assert(x == %s)\n";
    lua_settop(L, 0);
    const char *comma = strchr(call, '|');
    lua_pushlstring(L, call, (size_t)(comma - call));
    char script[256];
    snprintf(script, sizeof script, text, lua_tostring(L, -1), comma + 1);
    return stock_run_preempted(L, script, 1);
}

START_TEST(long_searches_can_be_preempted)
{
    ck_assert_int_gt(preemptions_of("s:find('[b]')|3000001"), 20);
    ck_assert_int_gt(preemptions_of("s:match('[b](.)')|'c'"), 20);
    ck_assert_int_gt(preemptions_of("s:gmatch('[b]')()|'b'"), 20);
    ck_assert_int_gt(preemptions_of("#s:gsub('a', 'xy')|6000002"), 25);
    ck_assert_int_gt(preemptions_of("#s:gsub('[b]', '')|3000001"), 20);
    ck_assert_int_gt(preemptions_of("#s:gsub('()[b]', '%1')|3000008"), 20);
}
END_TEST

/* Pauses do not renew the budget: AKT_PATTERN_STEPS_PER_BYTE. */
START_TEST(a_search_that_pauses_has_one_budget)
{
    static const char script[] = "local s = ('a'):rep(20000)\n"
                                 "fails('too_complex', s.find, s, '.-b')\n"
                                 "fails('too_complex', s.match, s, '.-b')\n"
                                 "fails('too_complex', s.gsub, s, '.-b', '')\n"
                                 "fails('too_complex', s:gmatch('.-b'))\n"
                                 "s = s:sub(1, 5000)\n"
                                 "assert(not s:find('.-b'))\n";
    stock_run(L, script);
    ck_assert_int_gt(stock_run_preempted(L, script, 1), 100);
}
END_TEST

START_TEST(rep_repeats_as_lua_does)
{
    stock_run(
        L, "for _, s in ipairs { '', 'x', 'ab', ('y'):rep(100) } do\n"
           "  for _, sep in ipairs { '', ',', ', ' } do\n"
           "    for _, n in ipairs { -1, 0, 1, 2, 3, 7, 100, math.mininteger } "
           "do\n"
           "      same('string', function(l) return l.rep(s, n, sep) end)\n"
           "      same('string', function(l) return l.rep(s, n) end)\n"
           "    end\n"
           "  end\n"
           "end\n"
           "assert((''):rep(math.maxinteger) == '')\n"); /* stock never ends */
}
END_TEST

START_TEST(rep_refuses_what_is_too_large)
{
    stock_run(L,
              "local most = 256 << 20\n"
              "local function no(...)\n"
              "  local ok, e = pcall(string.rep, ...)\n"
              "  assert(not ok and e:find('resulting string too large'), e)\n"
              "end\n"
              "no('x', 10000000000)\n"
              "no('x', math.maxinteger)\n"
              "no('xyz', math.maxinteger, 'abc')\n"
              "no('x', most + 1)\n"
              "no('x', most // 2 + 1, 'y')\n"
              "no('', most + 2, 'y')\n"
              "assert(#('x'):rep(most) == most)\n"
              "collectgarbage()\n"
              "assert(#('x'):rep(most // 2, 'y') == most - 1)\n");
}
END_TEST

START_TEST(dump_is_gone)
{
    stock_run(L, "assert(string.dump == nil and stock.string.dump)\n"
                 "assert(string.format and string.pack and string.byte)\n");
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, arguments_are_checked_as_in_lua);
    tcase_add_test(t, errors_name_the_line_of_the_script);
    tcase_add_test(t, find_places_are_those_of_lua);
    tcase_add_test(t, plain_text_is_found_after_false_starts);
    tcase_add_test(t, gsub_takes_functions_and_tables_as_lua_does);
    tcase_add_test(t, gsub_makes_results_of_all_sizes);
    tcase_add_test(t, a_callback_may_yield);
    tcase_add_test(t, preemption_anywhere_changes_nothing);
    tcase_add_test(t, long_searches_can_be_preempted);
    tcase_add_test(t, a_search_that_pauses_has_one_budget);
    tcase_add_test(t, rep_repeats_as_lua_does);
    tcase_add_test(t, rep_refuses_what_is_too_large);
    tcase_add_test(t, dump_is_gone);
}

STOCK_MAIN("lib_string", add_tests)
