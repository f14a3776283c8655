/* SPDX-License-Identifier: MIT */
#include "lua/lib_math.h"

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
    stock_run(L, "local function f(g) same('math', g) end\n"
                 "f(function(l) l.random(1, 2, 3) end)\n"
                 "f(function(l) l.random(-1) end)\n"
                 "f(function(l) l.random(3, 1) end)\n"
                 "f(function(l) l.random(0.5) end)\n"
                 "f(function(l) l.random('x') end)\n"
                 "f(function(l) l.random(1, {}) end)\n"
                 "f(function(l) return l.random(1) end)\n"
                 "f(function(l) return l.random('1', 1.0) end)\n"
                 "f(function(l) return l.random(-7, -7) end)\n"
                 "f(function(l) l.randomseed({}) end)\n"
                 "f(function(l) l.randomseed(nil) end)\n"
                 "f(function(l) l.randomseed(1, 'x') end)\n"
                 "f(function(l) return l.randomseed(3) end)\n"
                 "f(function(l) return l.randomseed(3, 4) end)\n");
}
END_TEST

START_TEST(numbers_are_in_their_range)
{
    stock_run(L, "local max, min = math.maxinteger, math.mininteger\n"
                 "local seen = {}\n"
                 "for i = 1, 10000 do\n"
                 "  local x = math.random()\n"
                 "  assert(math.type(x) == 'float' and x >= 0 and x < 1)\n"
                 "  x = math.random(6)\n"
                 "  assert(math.type(x) == 'integer' and x >= 1 and x <= 6)\n"
                 "  seen[x] = true\n"
                 "  x = math.random(-2, 2)\n"
                 "  assert(x >= -2 and x <= 2)\n"
                 "  seen[x - 10] = true\n"
                 "  assert(math.random(max - 1, max) >= max - 1)\n"
                 "  assert(math.random(min, min + 1) <= min + 1)\n"
                 "  assert(math.type(math.random(min, max)) == 'integer')\n"
                 "  assert(math.random(0, max) >= 0)\n"
                 "  seen[math.random(0) >> 63 == 1 and 'top' or 'low'] = true\n"
                 "end\n"
                 "for i = 1, 6 do assert(seen[i]) end\n"
                 "for i = -12, -8 do assert(seen[i]) end\n"
                 "assert(seen.top and seen.low)\n");
}
END_TEST

START_TEST(a_seed_repeats_the_sequence)
{
    stock_run(L,
              "local function draw(...)\n"
              "  math.randomseed(...)\n"
              "  return math.random(0) .. ' ' .. math.random()\n"
              "end\n"
              "assert(draw(42) == draw(42) and draw(42) ~= draw(43))\n"
              "assert(draw(42) == draw(42, 0) and draw(42) == draw(42.0))\n"
              "assert(draw(1, 2) ~= draw(2, 1) and draw(1, 2) ~= draw(1, 3))\n"
              "assert(draw(0.5) == draw(0.5) and draw(0.5) ~= draw(0.25))\n"
              "assert(draw() ~= draw())\n"
              "draw(9)\n" /* without arguments: from the state, so repeatable */
              "local a = draw()\n"
              "draw(9)\n"
              "assert(a == draw())\n");
}
END_TEST

/* Each actor has its own state. */
START_TEST(only_the_given_state_is_used)
{
    stock_run(L, "math.randomseed(5) first = math.random(0)\n");
    struct akt_random other = stock_random;
    stock_run(L, "math.randomseed(6) math.random()\n");
    stock_random = other;
    stock_run(L, "second = math.random(0)\n"
                 "math.randomseed(5)\n"
                 "assert(math.random(0) == first)\n"
                 "assert(math.random(0) == second)\n");
    akt_random_seed(&stock_random, 5);
    lua_getglobal(L, "first");
    ck_assert_int_eq((lua_Integer)akt_random_next(&stock_random),
                     lua_tointeger(L, -1));
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, arguments_are_checked_as_in_lua);
    tcase_add_test(t, numbers_are_in_their_range);
    tcase_add_test(t, a_seed_repeats_the_sequence);
    tcase_add_test(t, only_the_given_state_is_used);
}

STOCK_MAIN("lib_math", add_tests)
