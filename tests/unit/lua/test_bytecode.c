/* SPDX-License-Identifier: MIT
 *
 * What lua/bytecode.c finds in code whose text is known. These tests are also
 * what proves the opcode numbers: another Lua, or a wrong number, fails here.
 */
#include "lua/bytecode.h"

#include <check.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/base/random.h"

static lua_State *L;
static struct akt_buf dump;
static struct akt_buf found;

static void setup(void)
{
    L = luaL_newstate();
    luaL_openlibs(L);
    akt_buf_init(&dump);
    akt_buf_init(&found);
}

static void teardown(void)
{
    lua_close(L);
    akt_buf_fini(&dump);
    akt_buf_fini(&found);
}

static void note(const struct akt_bytecode_access *a, void *ctx)
{
    static const char *const verbs[] = {"captured", "field", "set", "get"};
    ck_assert_ptr_eq(ctx, &found);
    ck_assert_uint_eq(a->source_len, 7);
    ck_assert_int_eq(memcmp(a->source, "@app.lu", 7), 0);
    akt_buf_printf(&found, "%s %.*s:%d; ", verbs[a->what], (int)a->name_len,
                   a->name, a->line);
}

static void compile(const char *text)
{
    if (luaL_loadbufferx(L, text, strlen(text), "@app.lu", "t") != LUA_OK)
        ck_abort_msg("%s", lua_tostring(L, -1));
}

/* What the function on top of the stack does. */
static const char *look(void)
{
    dump.len = found.len = 0;
    ck_assert(akt_bytecode_dump(L, -1, &dump));
    int r = akt_bytecode_stores(dump.data, dump.len, note, &found);
    ck_assert_msg(r == 0, "%s", akt_bytecode_error(r));
    return akt_buf_cstr(&found);
}

/* What the function that the chunk `text` returns does. */
static const char *look_returned(const char *text)
{
    compile(text);
    ck_assert_int_eq(lua_pcall(L, 0, 1, 0), LUA_OK);
    return look();
}

static const char *look_chunk(const char *text)
{
    compile(text);
    return look();
}

START_TEST(captured_variables_that_are_assigned)
{
    ck_assert_str_eq(look_returned("local n, m = 0, 0\n"
                                   "return function(x)\n"
                                   "  local y = n + m\n"
                                   "  n = x\n"
                                   "  y = y + 1\n"
                                   "  m = y\n"
                                   "end"),
                     "captured n:4; captured m:6; ");
}
END_TEST

START_TEST(assignments_in_nested_functions)
{
    ck_assert_str_eq(look_returned("local n, other = 0\n"
                                   "return function()\n"
                                   "  local own = 0\n"
                                   "  return function()\n"
                                   "    own = own + 1\n"
                                   "    return function()\n"
                                   "      own = 2\n"
                                   "\n"
                                   "      n = own\n"
                                   "    end\n"
                                   "  end\n"
                                   "end"),
                     "captured n:9; ");
}
END_TEST

START_TEST(captured_variables_that_are_only_read)
{
    ck_assert_str_eq(look_returned("local n, t = 0, {}\n"
                                   "return function(self)\n"
                                   "  self.n = n + t.x + #t\n"
                                   "  local u = { n, x = t }\n"
                                   "  u.y = n\n"
                                   "end"),
                     "");
}
END_TEST

START_TEST(stores_into_captured_tables)
{
    ck_assert_str_eq(look_returned("local t, u = {}, {}\n"
                                   "return function(k)\n"
                                   "  t.x = 1\n"
                                   "  u[k] = 2\n"
                                   "  t[1] = 3\n"
                                   "  t[k .. 'x'] = k\n"
                                   "  local own = t\n"
                                   "  own.y = 4\n"
                                   "  own = {}\n"
                                   "  own.y = 5\n"
                                   "end"),
                     "field t:3; field u:4; field t:5; field t:6; field t:8; ");
}
END_TEST

START_TEST(globals_in_a_chunk)
{
    ck_assert_str_eq(look_chunk("local a = 1\n"
                                "x = a\n"
                                "print(x, a)\n"
                                "local function f()\n"
                                "  y = nil\n"
                                "  function z() return a end\n"
                                "end\n"
                                "_ENV[a] = 1\n"),
                     "set x:2; get print:3; get x:3; set ?:8; "
                     "set y:5; set z:6; ");
}
END_TEST

START_TEST(a_local_env_is_not_global)
{
    ck_assert_str_eq(look_chunk("local _ENV = {}\n"
                                "x = 1\n"
                                "local function f() x = y end\n"
                                "local function g(_ENV) x = y end\n"),
                     "");
    ck_assert_str_eq(look_chunk("_ENV = {}"), "captured _ENV:1; ");
}
END_TEST

/* Beyond 256 constants, and for long names, Lua uses registers. */
START_TEST(globals_that_need_registers)
{
    struct akt_buf text = AKT_BUF_INIT;
    akt_buf_puts(&text, "local _\n");
    for (int i = 0; i < 299; i++)
        akt_buf_printf(&text, "_ = 'k%d'\n", i);
    akt_buf_puts(&text, "late = a + b.c(1, 2)\n"
                        "return late\n");
    const char *said = look_chunk(akt_buf_cstr(&text));
    ck_assert_ptr_nonnull(strstr(said, "get a:301; get b:301; set late:301; "
                                       "get late:302; "));
    akt_buf_fini(&text);

#define LONG "a_name_that_is_longer_than_the_forty_bytes_of_short_strings"
    ck_assert_str_eq(look_chunk("local a, b = ...\n" LONG " = a == b and 1\n"
                                "a = " LONG "\n"),
                     "set " LONG ":2; get " LONG ":3; ");
}
END_TEST

/* Far from the function's first line a delta does not fit in a byte, and
 * every 128 instructions the line is written out. */
START_TEST(lines_far_apart)
{
    struct akt_buf text = AKT_BUF_INIT;
    struct akt_buf want = AKT_BUF_INIT;
    akt_buf_puts(&text, "local n, x = 1\nreturn function()\n");
    for (int i = 0; i < 400; i++) {
        int gap = i % 7 == 0 ? 300 : 1;
        for (int j = 0; j < gap; j++)
            akt_buf_putc(&text, '\n');
        akt_buf_puts(&text, "n = x ");
    }
    akt_buf_puts(&text, "\nend");
    int line = 3;
    for (int i = 0; i < 400; i++) {
        line += i % 7 == 0 ? 300 : 1;
        akt_buf_printf(&want, "captured n:%d; ", line);
    }
    ck_assert_str_eq(look_returned(akt_buf_cstr(&text)), akt_buf_cstr(&want));
    akt_buf_fini(&text);
    akt_buf_fini(&want);
}
END_TEST

static const char sample[] = "local n, t = 0, {}\n"
                             "return function(x)\n"
                             "  n = x; t.x = y; z = 1.5\n"
                             "  return function() n = 'a' .. 2^53 end\n"
                             "end";

static void ignore(const struct akt_bytecode_access *a, void *ctx)
{
    (void)ctx;
    ck_assert_ptr_nonnull(a->name);
    ck_assert_ptr_nonnull(a->source);
}

/* The bytes go to a block of their own, so that the address sanitizer sees a
 * read behind the end. */
static int try_bytes(const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    int r = akt_bytecode_stores(copy, len, ignore, NULL);
    free(copy);
    return r;
}

START_TEST(every_shortened_dump_is_refused)
{
    look_returned(sample);
    for (size_t n = 0; n < dump.len; n++)
        ck_assert_int_eq(try_bytes(dump.data, n), AKT_BYTECODE_EDAMAGED);
    akt_buf_putc(&dump, 0);
    ck_assert_int_eq(try_bytes(dump.data, dump.len), AKT_BYTECODE_EDAMAGED);
}
END_TEST

START_TEST(damaged_dumps_are_survived)
{
    struct akt_random random;
    akt_random_seed(&random, 1);
    look_returned(sample);
    char *bytes = malloc(dump.len);
    for (int round = 0; round < 50000; round++) {
        memcpy(bytes, dump.data, dump.len);
        for (uint64_t n = 1 + akt_random_below(&random, 4); n > 0; n--)
            bytes[akt_random_below(&random, dump.len)] =
                (char)akt_random_next(&random);
        try_bytes(bytes, dump.len);
    }
    free(bytes);
}
END_TEST

START_TEST(other_formats_are_named)
{
    look_returned(sample);
    for (size_t i = 0; i < 31; i++) { /* signature to float sample */
        dump.data[i] ^= 1;
        ck_assert_int_eq(try_bytes(dump.data, dump.len), AKT_BYTECODE_EFORMAT);
        dump.data[i] ^= 1;
    }
    ck_assert_int_eq(try_bytes("return 1", 8), AKT_BYTECODE_EFORMAT);
}
END_TEST

static int append(lua_State *state, const void *bytes, size_t n, void *ctx)
{
    (void)state;
    akt_buf_add(ctx, bytes, n);
    return 0;
}

START_TEST(a_stripped_dump_is_refused)
{
    compile(sample);
    lua_dump(L, append, &dump, 1);
    ck_assert_int_eq(try_bytes(dump.data, dump.len), AKT_BYTECODE_ESTRIPPED);
}
END_TEST

/* Lua's parser gives up soon after. */
START_TEST(functions_deep_inside_functions)
{
    struct akt_buf text = AKT_BUF_INIT;
    for (int i = 0; i < 60; i++)
        akt_buf_puts(&text, "return function() ");
    akt_buf_puts(&text, "g = 1 ");
    for (int i = 0; i < 60; i++)
        akt_buf_puts(&text, "end ");
    ck_assert_str_eq(look_chunk(akt_buf_cstr(&text)), "set g:1; ");
    akt_buf_fini(&text);
}
END_TEST

/* Bytes that claim one more inner function for ever use no C stack. */
START_TEST(endless_nesting_is_refused)
{
    static const char head[] = "\x80\x80\x80\0\0\0\x80\x80\x80\x81";
    look_chunk("return");
    dump.len = 32; /* the header and the number of upvalues */
    for (int i = 0; i < 1000000; i++)
        akt_buf_add(&dump, head, sizeof head - 1);
    ck_assert_int_eq(try_bytes(dump.data, dump.len), AKT_BYTECODE_EDAMAGED);
}
END_TEST

START_TEST(only_lua_functions_have_code)
{
    lua_getglobal(L, "print");
    ck_assert(!akt_bytecode_dump(L, -1, &dump));
    lua_pushnil(L);
    ck_assert(!akt_bytecode_dump(L, -1, &dump));
    ck_assert_uint_eq(dump.len, 0);
}
END_TEST

static void add_line(int line, void *ctx)
{
    char word[16];
    snprintf(word, sizeof word, " %d ", line);
    if (!strstr(akt_buf_cstr(ctx), word))
        akt_buf_puts(ctx, word);
}

/* Which lines hold code, in the order of functions and instructions. */
START_TEST(lines_that_can_run)
{
    compile("local a = 1\n"
            "\n"
            "local function f(...)\n"
            "  if a then\n"
            "    return ...\n"
            "  end\n"
            "end\n"
            "return f,\n"
            "  function()\n"
            "    a = 2 -- a comment\n"
            "  end\n");
    dump.len = found.len = 0;
    ck_assert(akt_bytecode_dump(L, -1, &dump));
    ck_assert_int_eq(akt_bytecode_lines(dump.data, dump.len, add_line, &found),
                     0);
    ck_assert_str_eq(akt_buf_cstr(&found), " 1  7  8  11  4  5  10 ");
    for (size_t len = 0; len < dump.len; len++)
        ck_assert_int_ne(akt_bytecode_lines(dump.data, len, add_line, &found),
                         0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bytecode");
    TCase *tc = tcase_create("all");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, captured_variables_that_are_assigned);
    tcase_add_test(tc, assignments_in_nested_functions);
    tcase_add_test(tc, captured_variables_that_are_only_read);
    tcase_add_test(tc, stores_into_captured_tables);
    tcase_add_test(tc, globals_in_a_chunk);
    tcase_add_test(tc, a_local_env_is_not_global);
    tcase_add_test(tc, globals_that_need_registers);
    tcase_add_test(tc, lines_far_apart);
    tcase_add_test(tc, lines_that_can_run);
    tcase_add_test(tc, every_shortened_dump_is_refused);
    tcase_add_test(tc, damaged_dumps_are_survived);
    tcase_add_test(tc, other_formats_are_named);
    tcase_add_test(tc, a_stripped_dump_is_refused);
    tcase_add_test(tc, functions_deep_inside_functions);
    tcase_add_test(tc, endless_nesting_is_refused);
    tcase_add_test(tc, only_lua_functions_have_code);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
