/* SPDX-License-Identifier: MIT
 *
 * Which names lua/image_names.c gives, and what it finds by them. How images
 * use them is tested in test_image.c.
 */
#include "lua/image_names.h"

#include <check.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

static lua_State *L;

static void setup(void)
{
    L = luaL_newstate();
    luaL_openlibs(L);
}

static void teardown(void)
{
    ck_assert_int_eq(lua_gettop(L), 0);
    lua_close(L);
}

/* Pushes what the text returns. */
static void eval(const char *text)
{
    int status = luaL_loadbufferx(L, text, strlen(text), "@app.lua", "t");
    if (status == LUA_OK)
        status = lua_pcall(L, 0, 1, 0);
    if (status != LUA_OK)
        ck_abort_msg("%s", luaL_tolstring(L, -1, NULL));
}

START_TEST(names_are_the_shortest)
{
    static const struct {
        const char *value;
        const char *name;
        size_t len;
    } cases[] = {
#define CASE(value, name) {value, name, sizeof name - 1}
        CASE("return _G", "mod:_G"),
        CASE("return string", "mod:string"),
        CASE("return print", "mod:_G\0print"),
        CASE("return string.format", "mod:string\0format"),
        CASE("return require 'a.b'.c.d", "mod:a.b\0c\0d"),
        CASE("return require 'a.b'.z", "mod:a.b\0z"),
        CASE("return require 'a.b'.l.l.l.l", "mod:a.b\0l\0l\0l\0l"),
    };
    eval("local f = function() end\n"
         "local t = { c = { d = f, e = f, z = {} }, l = { l = { l = { l = {"
         "  l = {} } } } } }\n"
         "t.zz = {} t.z = t.zz\n"
         "package.loaded['a.b'] = t");
    lua_pop(L, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct akt_buf name = AKT_BUF_INIT;
        eval(cases[i].value);
        ck_assert(akt_image_names_find(L, -1, &name, NULL));
        ck_assert_uint_eq(name.len, cases[i].len);
        ck_assert_mem_eq(name.data, cases[i].name, name.len);
        akt_image_names_resolve(L, name.data, name.len, NULL);
        ck_assert(lua_rawequal(L, -1, -2));
        lua_pop(L, 2);
        akt_buf_fini(&name);
    }
    struct akt_buf name = AKT_BUF_INIT;
    eval("return require 'a.b'.l.l.l.l.l"); /* one too deep */
    ck_assert(!akt_image_names_find(L, -1, &name, NULL));
    lua_pop(L, 1);
}
END_TEST

START_TEST(the_index_is_made_again_when_asked)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_image_names_index(L);
    eval("package.loaded.late = {} return package.loaded.late");
    ck_assert(!akt_image_names_find(L, -1, &name, NULL));
    akt_image_names_index(L);
    ck_assert(akt_image_names_find(L, -1, &name, NULL));
    ck_assert_str_eq(akt_buf_cstr(&name), "mod:late");
    akt_buf_fini(&name);
    lua_pop(L, 1);
}
END_TEST

static int do_resolve(lua_State *state)
{
    size_t len;
    const char *name = lua_tolstring(state, 1, &len);
    akt_image_names_resolve(state, name, len, NULL);
    return 1;
}

static void cannot_resolve(const char *name, size_t len, const char *why)
{
    lua_pushcfunction(L, do_resolve);
    lua_pushlstring(L, name, len);
    ck_assert_int_eq(lua_pcall(L, 1, 1, 0), LUA_ERRRUN);
    ck_assert_ptr_nonnull(strstr(luaL_tolstring(L, -1, NULL), why));
    lua_pop(L, 2);
}

START_TEST(names_that_stand_for_nothing)
{
#define NAME(s) s, sizeof s - 1
    cannot_resolve(NAME("mod:string\0nix"),
                   "needs field 'nix' of module 'string', which is not there");
    cannot_resolve(NAME("mod:string\0format\0x"), "needs field 'x'");
    cannot_resolve(NAME("mod:nix.nix"), "module 'nix.nix' not found");
    cannot_resolve(NAME("kind:x"), "unknown name");
    cannot_resolve(NAME("mod:"), "unknown name");
    cannot_resolve(NAME(""), "unknown name");
    eval("require = nil");
    lua_pop(L, 1);
    cannot_resolve(NAME("mod:nix"), "there is no 'require'");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image names");
    TCase *tc = tcase_create("all");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, names_are_the_shortest);
    tcase_add_test(tc, the_index_is_made_again_when_asked);
    tcase_add_test(tc, names_that_stand_for_nothing);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
