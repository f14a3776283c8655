/* SPDX-License-Identifier: MIT
 *
 * The matcher by itself: its budget, its pauses, and thousands of generated
 * patterns that must do what Lua's own do.
 */
#include "lua/pattern.h"

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

/* A matcher for strings that stay on the stack. */
static void begin(struct akt_pattern *m, const char *src, size_t len,
                  const char *pat)
{
    lua_settop(L, 0);
    lua_pushlstring(L, src, len);
    lua_pushstring(L, pat);
    akt_pattern_init(m, L, "find", 1, 2, true);
}

START_TEST(finds_start_and_end)
{
    struct akt_pattern m;
    const char *end;
    begin(&m, "key = value", 11, "%s*=%s*");
    const char *start = m.src;
    ck_assert_int_eq(akt_pattern_search(&m, &start, &end, NULL),
                     AKT_PATTERN_FOUND);
    ck_assert_int_eq(start - m.src, 3);
    ck_assert_int_eq(end - m.src, 6);
}
END_TEST

START_TEST(skips_a_match_that_ends_where_it_must_not)
{
    struct akt_pattern m;
    const char *end;
    begin(&m, "ab", 2, "b*");
    const char *start = m.src;
    ck_assert_int_eq(akt_pattern_search(&m, &start, &end, m.src),
                     AKT_PATTERN_FOUND);
    ck_assert_int_eq(start - m.src, 1);
}
END_TEST

START_TEST(the_same_search_costs_the_same)
{
    int64_t spent[2];
    for (int i = 0; i < 2; i++) {
        struct akt_pattern m;
        const char *end;
        begin(&m, "aaaaaaaaaa", 10, ".-.-b");
        const char *start = m.src;
        akt_pattern_search(&m, &start, &end, NULL);
        spent[i] = m.spent;
    }
    ck_assert_int_gt(spent[0], 100);
    ck_assert_int_eq(spent[0], spent[1]);
}
END_TEST

/* P3, and P2: a linear scan ends however many pauses it takes. */
START_TEST(a_long_search_pauses_and_goes_on)
{
    static char src[8 << 20];
    struct akt_pattern m;
    const char *end;
    int pauses = 0;
    enum akt_pattern_result r;
    memset(src, 'a', sizeof src);
    src[sizeof src - 1] = 'b';
    begin(&m, src, sizeof src, "[b]");
    const char *start = m.src;
    while ((r = akt_pattern_search(&m, &start, &end, NULL)) ==
           AKT_PATTERN_PAUSED) {
        pauses++;
        ck_assert_int_lt(m.spent,
                         AKT_PATTERN_QUARTERS * AKT_PATTERN_PAUSE + 100);
    }
    ck_assert_int_eq(r, AKT_PATTERN_FOUND);
    ck_assert_int_eq(start - m.src, sizeof src - 1);
    ck_assert_int_gt(pauses, 10);
}
END_TEST

START_TEST(plain_patterns_are_known)
{
    ck_assert(akt_pattern_is_plain("abc", 3));
    ck_assert(akt_pattern_is_plain("", 0));
    ck_assert(akt_pattern_is_plain("a\0b", 3));
    ck_assert(!akt_pattern_is_plain("a\0.", 3));
    ck_assert(!akt_pattern_is_plain("a%d", 3));
}
END_TEST

/* P1 in all the places where the matcher can spend its time. */
START_TEST(evil_patterns_are_too_complex)
{
    stock_run(L,
              "local a = ('a'):rep(1e5)\n"
              "local b = ('a'):rep(400)\n"
              "fails('too_complex', b.find, b, '.-.-.-b')\n"
              "fails('too_complex', b.find, b, '.*.*.*b')\n"
              "fails('too_complex', b.find, b, '(.-)(.-)(.-)%1b')\n"
              "fails('too_complex', b.find, b, 'a?.-a?.-a?.-b')\n"
              "fails('too_complex', b.match, b, '^.-.-.-.-.-b')\n"
              "fails('too_complex', b.gsub, b, '.-.-.-b', '')\n"
              "fails('too_complex', function()\n"
              "  for _ in b:gmatch('.-.-.-b') do end end)\n"
              "fails('too_complex', a.find, a, '%a*%a*%d')\n"
              "fails('too_complex', a.find, a, '['..('b'):rep(1e6)..']')\n"
              "fails('too_complex', a.find, a, '['..('b'):rep(1e6)..'a]*c')\n"
              "fails('too_complex', a.find, a, '['..('b'):rep(1e6)..'a]-c')\n"
              "fails('too_complex', a.find, a, '%f['..('b'):rep(1e6)..']')\n"
              "fails('too_complex', a.find, a, '(.*)%1b')\n"
              "local open = ('('):rep(1e5)\n"
              "fails('too_complex', open.find, open, '%b()')\n"
              "local ok, e = pcall(b.match, b, '.-.-.-b')\n"
              "assert(e.message:find('string.match', 1, true), e.message)\n"
              "assert(e.message:find('20 million', 1, true), e.message)\n");
}
END_TEST

START_TEST(deep_patterns_fail_as_in_lua)
{
    stock_run(L, "for _, n in ipairs { 10, 198, 199, 200, 201, 400 } do\n"
                 "  local s = ('a'):rep(n)\n"
                 "  same('string', function(l)\n"
                 "    return l.find(s, ('a?'):rep(n)) end, { n })\n"
                 "  same('string', function(l)\n"
                 "    return l.find(s, ('()'):rep(n)) end, { n })\n"
                 "end\n");
}
END_TEST

/* Each pattern with each subject, in all functions. */
static const char hand_written[] =
    "local patterns = { '', 'a', '.', '.*', '.-', '.+', 'a*', 'a-b', 'a?b',\n"
    "  '^a', '^', 'a$', '$', '^$', '$a', 'a^', '%a+', '%A+', '%d', '%D',\n"
    "  '%l', '%L', '%u', '%U', '%s', '%S', '%w', '%W', '%p', '%P', '%c',\n"
    "  '%C', '%x', '%X', '%g', '%G', '%z', '%Z', '%%', '%.', '[a-c]', '[]]',\n"
    "  '[^]]', '[]', '[^]', '[', '[a', '[a-', '[a-]', '[-a]', '[%a_]', '[%',\n"
    "  '[%]]', '[^%s]', '[a%-z]', '[%a-z]', '%', 'a%', '(', ')', '(a', 'a)',\n"
    "  '()', '(())', '(a)(b)', '((a)b)', '(a*(.)%w(%s*))', '(.)%1', '%1',\n"
    "  '(a%1)', '()%1', '(.)%2', '%0', '%b', '%b(', '%b()', '%bxx', '%bab',\n"
    "  '%f', '%f[', '%f[a', '%f[%a]', '%f[%A]', '%f[%z]', '%f[^%z]', '%fa',\n"
    "  '*', '+a', '-', '?', 'a**', 'a+-', '(a+)(a+)', '(a-)(a-)$', '\\0',\n"
    "  '[\\0]', '%\\0', 'a\\0b', '[\\0-\\255]', '\\255', '[\\200-\\255]',\n"
    "  '%\\255', '[^\\0]', '(a)(', '^(a', '.-b', 'a.-$', '^%s*(.-)%s*$',\n"
    "  ('(a?)'):rep(32), ('(a?)'):rep(33), ('()'):rep(40), '^*', '[[]', '[^',\n"
    "  '[^^]', '[a^]', '(.-)%f[%W]()', '%b()%b[]', 'b*()', '(%w+)=(%w*)' }\n"
    "local subjects = { '', 'a', 'b', 'ab', 'aab', 'aaab  b', 'hello world',\n"
    "  '((a)b)[c]', 'x=1, y = 22', '\\0', 'a\\0b\\0', '  trim me  ', ']-^[',\n"
    "  'THE (quick) fox', '\\200\\255 \\1\\127', 'abababab', '%d%1', 'a)' }\n"
    "local templates = { '', 'x', '%0', '%1', '<%0%1>', '%2', '%%', '%',\n"
    "  '%x', '%9', 'a%', 12, 1.5 }\n";

static const char all_functions[] =
    "local function check(s, p, r, i)\n"
    "  local what = { s, p, r, i }\n"
    "  same('string', function(l) return l.find(s, p, i) end, what)\n"
    "  same('string', function(l) return l.match(s, p, i) end, what)\n"
    "  same('string', function(l) return l.gsub(s, p, r) end, what)\n"
    "  same('string', function(l) return l.gsub(s, p, r, i) end, what)\n"
    "  same('string', function(l)\n"
    "    local t = {}\n"
    "    for a, b, c in l.gmatch(s, p, i) do\n"
    "      t[#t + 1] = { n = 3, a, b, c }\n"
    "      if #t > 100 then break end\n"
    "    end\n"
    "    return t\n"
    "  end, what)\n"
    "end\n";

START_TEST(hand_written_patterns_match_as_in_lua)
{
    lua_settop(L, 0);
    lua_pushstring(L, hand_written);
    lua_pushstring(L, all_functions);
    lua_pushliteral(L, "local n = 0\n"
                       "for _, p in ipairs(patterns) do\n"
                       "  for _, s in ipairs(subjects) do\n"
                       "    n = n + 1\n"
                       "    check(s, p, templates[n % #templates + 1],\n"
                       "          n % 11 - 5)\n"
                       "  end\n"
                       "end\n");
    lua_concat(L, 3);
    stock_run(L, lua_tostring(L, -1));
}
END_TEST

/* 20,000 of them; the seed of a failure is in the loop's number. */
static const char generated[] =
    "local items = { 'a', 'b', 'x', '.', '%a', '%d', '%s', '%W', '[ab]',\n"
    "  '[^a]', '[a-c]', '[%d%s]', '(', ')', '()', '(a', 'b)', '(.', '-)',\n"
    "  '%1', '%2', '%b()', '%bab', '%f[%w]', '%f[^a]', '$', '^', '*', '+',\n"
    "  '-', '?', ']', '[', '%', '\\0', '%%', '(.-)', '(a*)', '.-' }\n"
    "local chars = { 'a', 'a', 'a', 'b', 'b', 'c', ' ', '1', '(', ')',\n"
    "  '\\0', '%', 'X' }\n"
    "local repls = { '', '-', '%0', '%1', '%2', '[%1%1]', '%%', '%' }\n"
    "local random = stock.math.random\n"
    "local function make(from, most)\n"
    "  local t = {}\n"
    "  for i = 1, random(0, most) do t[i] = from[random(#from)] end\n"
    "  return stock.table.concat(t)\n"
    "end\n"
    "for seed = 1, 20000 do\n"
    "  stock.math.randomseed(seed)\n"
    "  check(make(chars, 14), make(items, 6), repls[random(#repls)],\n"
    "        random(-3, 5))\n"
    "end\n";

START_TEST(generated_patterns_match_as_in_lua)
{
    lua_settop(L, 0);
    lua_pushstring(L, all_functions);
    lua_pushstring(L, generated);
    lua_concat(L, 2);
    stock_run(L, lua_tostring(L, -1));
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, finds_start_and_end);
    tcase_add_test(t, skips_a_match_that_ends_where_it_must_not);
    tcase_add_test(t, the_same_search_costs_the_same);
    tcase_add_test(t, a_long_search_pauses_and_goes_on);
    tcase_add_test(t, plain_patterns_are_known);
    tcase_add_test(t, evil_patterns_are_too_complex);
    tcase_add_test(t, deep_patterns_fail_as_in_lua);
    tcase_add_test(t, hand_written_patterns_match_as_in_lua);
    tcase_add_test(t, generated_patterns_match_as_in_lua);
}

STOCK_MAIN("pattern", add_tests)
