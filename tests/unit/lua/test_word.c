/* SPDX-License-Identifier: MIT
 *
 * Tests of lua/word.h: which string comes of which bytes, what is remembered,
 * and that it is bounded.
 */
#include "lua/word.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>

#include "tests/unit/check_main.h"

static lua_State *L;
static struct akt_words words;
static bool starved;

static void *allocate(void *ud, void *p, size_t old, size_t new)
{
    (void)ud;
    if (new == 0) {
        free(p);
        return NULL;
    }
    if (starved && (!p || new > old))
        return NULL;
    return realloc(p, new);
}

static void setup(void)
{
    L = lua_newstate(allocate, NULL);
    words = (struct akt_words){NULL};
}

static void teardown(void)
{
    lua_close(L);
    akt_words_free(&words);
}

/* From a block of exactly that size, so that a sanitizer sees a read behind
 * it; the string stays on the stack. */
static void check_push(const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    size_t got_len;
    memcpy(copy, bytes, len);
    luaL_checkstack(L, 2, NULL);
    akt_words_push(L, &words, copy, len);
    free(copy);
    const char *got = lua_tolstring(L, -1, &got_len);
    ck_assert_uint_eq(got_len, len);
    ck_assert_mem_eq(got, bytes, len);
}

static unsigned remembered(void)
{
    unsigned n = 0;
    for (unsigned i = 0; words.slots && i < AKT_WORDS; i++)
        n += words.slots[i].word.len > 0;
    return n;
}

START_TEST(strings_of_all_lengths_come_back)
{
    const char text[] = "abcdefghijklmnop\0rstu";
    for (size_t len = 0; len < sizeof text; len++)
        for (int again = 0; again < 4; again++)
            check_push(text, len);
    lua_settop(L, 0);
}
END_TEST

START_TEST(words_that_differ_in_a_byte_are_told_apart)
{
    for (size_t len = 1; len <= AKT_WORD_MAX; len++)
        for (size_t at = 0; at < len; at++)
            for (int i = 0; i < 8; i++) {
                char text[AKT_WORD_MAX] = {0};
                text[at] = (char)(i / 2);
                check_push(text, len);
                check_push(text, len);
                lua_settop(L, 0);
            }
}
END_TEST

START_TEST(a_word_is_remembered_when_it_comes_again)
{
    check_push("once", 4);
    ck_assert_uint_eq(remembered(), 0);
    check_push("twice", 5);
    check_push("twice", 5);
    ck_assert_uint_eq(remembered(), 1);
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    starved = true; /* it is there, so nothing is made */
    check_push("twice", 5);
    starved = false;
}
END_TEST

START_TEST(what_is_remembered_is_bounded)
{
    for (int i = 0; i < 20000; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%d", i);
        check_push(text, (size_t)len);
        check_push(text, (size_t)len);
        lua_settop(L, 0);
    }
    ck_assert_uint_gt(remembered(), AKT_WORDS / 2);
    ck_assert_uint_le(lua_rawlen(L, LUA_REGISTRYINDEX), AKT_WORDS + 8);
}
END_TEST

static int push_new(lua_State *l)
{
    akt_words_push(l, &words, "new", 3);
    return 1;
}

START_TEST(without_memory_nothing_is_remembered)
{
    akt_words_init(&words);
    for (int i = 0; i < 2; i++) {
        lua_pushcfunction(L, push_new);
        starved = true;
        int status = lua_pcall(L, 0, 1, 0);
        starved = false;
        ck_assert_int_eq(status, LUA_ERRMEM);
        lua_settop(L, 0);
    }
    ck_assert_uint_eq(remembered(), 0);
    check_push("new", 3);
}
END_TEST

CHECK_MAIN_FIXTURE("word", setup, teardown, strings_of_all_lengths_come_back,
                   words_that_differ_in_a_byte_are_told_apart,
                   a_word_is_remembered_when_it_comes_again,
                   what_is_remembered_is_bounded,
                   without_memory_nothing_is_remembered)
