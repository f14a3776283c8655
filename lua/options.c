/* SPDX-License-Identifier: MIT */
#include "lua/options.h"

#include <math.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/error.h"
#include "vm/base/buf.h"

#define WORD_MAX 32 /* longer ones are not compared */
#define NEAR 2      /* letters that may differ in "did you mean" */

/* ---- did you mean ---- */

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Letters to add, drop or change to get from a to b. */
static unsigned distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    unsigned row[WORD_MAX + 1];
    if (la > WORD_MAX || lb > WORD_MAX)
        return WORD_MAX;
    for (unsigned j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1,
                           diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[lb];
}

const char *akt_options_nearest(const char *word, const char *const known[])
{
    const char *found = NULL;
    unsigned best = NEAR + 1;
    for (int i = 0; known[i]; i++) {
        unsigned d = distance(word, known[i]);
        if (d < best && d < strlen(word)) {
            best = d;
            found = known[i];
        }
    }
    return found;
}

/* Pushes "a", "b", "c". */
static const char *push_words(lua_State *L, const char *const words[])
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; words[i]; i++) {
        luaL_addstring(&b, i ? ", \"" : "\"");
        luaL_addstring(&b, words[i]);
        luaL_addchar(&b, '"');
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

static bool is_one_of(const char *word, const char *const words[], int *which)
{
    for (int i = 0; word && words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            *which = i;
            return true;
        }
    }
    return false;
}

static void refuse_key(lua_State *L, const char *what, const char *key,
                       const char *const known[])
{
    const char *near = key ? akt_options_nearest(key, known) : NULL;
    if (!key)
        key = luaL_tolstring(L, -1, NULL);
    if (near)
        akt_error_raise(L, "bad_option",
                        "%s has no option \"%s\"; did you mean \"%s\"?", what,
                        key, near);
    akt_error_raise(L, "bad_option", "%s has no option \"%s\"; it has %s", what,
                    key, push_words(L, known));
}

void akt_options_check(lua_State *L, int idx, const char *what,
                       const char *const known[])
{
    int which;
    idx = lua_absindex(L, idx);
    if (!lua_istable(L, idx))
        akt_error_raise(L, "bad_option", "%s: a table is expected, got %s",
                        what, luaL_typename(L, idx));
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        const char *key =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (!is_one_of(key, known, &which))
            refuse_key(L, what, key, known);
    }
}

/* ---- values ---- */

int akt_options_word(lua_State *L, int idx, const char *key,
                     const char *const words[], int otherwise)
{
    int which = otherwise;
    if (lua_getfield(L, idx, key) != LUA_TNIL) {
        const char *word =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        const char *type = luaL_typename(L, -1);
        if (!is_one_of(word, words, &which))
            akt_error_raise(L, "bad_option", "%s must be one of %s, not %s%s%s",
                            key, push_words(L, words), word ? "\"" : "",
                            word ? word : type, word ? "\"" : "");
    }
    lua_pop(L, 1);
    return which;
}

int akt_options_check_word(lua_State *L, int idx, const char *key,
                           const char *const words[])
{
    int which = 0;
    const char *word =
        lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : NULL;
    if (is_one_of(word, words, &which))
        return which;
    const char *near = word ? akt_options_nearest(word, words) : NULL;
    if (near)
        akt_error_raise(L, "bad_option",
                        "%s: there is no \"%s\"; did you mean \"%s\"?", key,
                        word, near);
    akt_error_raise(L, "bad_option", "%s must be of %s, not %s", key,
                    push_words(L, words), word ? word : luaL_typename(L, idx));
}

uint32_t akt_options_count(lua_State *L, int idx, const char *key,
                           uint32_t otherwise)
{
    uint32_t n = otherwise;
    if (lua_getfield(L, idx, key) != LUA_TNIL) {
        lua_Number x = lua_tonumber(L, -1);
        if (lua_type(L, -1) != LUA_TNUMBER || isnan(x) || x < 0)
            akt_error_raise(L, "bad_option",
                            "%s must be a number, 0 or more, not %s", key,
                            luaL_tolstring(L, -1, NULL));
        n = x >= (lua_Number)UINT32_MAX ? UINT32_MAX : (uint32_t)x;
    }
    lua_pop(L, 1);
    return n;
}

bool akt_options_flag(lua_State *L, int idx, const char *key)
{
    int type = lua_getfield(L, idx, key);
    bool on = lua_toboolean(L, -1);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        akt_error_raise(L, "bad_option", "%s must be true or false, not %s",
                        key, luaL_tolstring(L, -1, NULL));
    lua_pop(L, 1);
    return on;
}

static bool unit_s(const char *unit, lua_Number *seconds)
{
    static const struct {
        const char *name;
        lua_Number seconds;
    } units[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].name, unit) == 0) {
            *seconds = units[i].seconds;
            return true;
        }
    }
    return false;
}

static bool duration_s(lua_State *L, int idx, lua_Number *s)
{
    int isnum;
    *s = lua_tonumberx(L, idx, &isnum);
    if (isnum)
        return true;
    char number[24] = "", unit[4] = "";
    int len = 0;
    lua_Number factor;
    const char *text =
        lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
    if (sscanf(text, "%23[0-9.]%3[a-z]%n", number, unit, &len) != 2 ||
        text[len] || !unit_s(unit, &factor))
        return false;
    lua_pushstring(L, number);
    *s = lua_tonumberx(L, -1, &isnum) * factor;
    lua_pop(L, 1);
    return isnum;
}

bool akt_duration_ns(lua_State *L, int idx, uint64_t *ns)
{
    lua_Number s;
    if (!duration_s(L, idx, &s) || isnan(s) || s < 0)
        return false;
    if (s > 1e9) /* thirty years: the same as never, and fits */
        s = 1e9;
    *ns = (uint64_t)(s * 1e9);
    return true;
}

uint64_t akt_options_duration(lua_State *L, int idx, const char *key,
                              uint64_t otherwise_ns)
{
    uint64_t ns = otherwise_ns;
    if (lua_getfield(L, idx, key) != LUA_TNIL) {
        if (!akt_duration_ns(L, -1, &ns) || ns == 0)
            akt_error_raise(L, "bad_option",
                            "%s must be seconds over 0, or like \"500ms\" or "
                            "\"2m\", not %s",
                            key, luaL_tolstring(L, -1, NULL));
    }
    lua_pop(L, 1);
    return ns;
}

/* ---- for stdlib/ ---- */

#define KEYS_MAX 32

/* core.check_options(what, options, key, ...) */
static int l_check_options(lua_State *L)
{
    const char *known[KEYS_MAX + 1] = {NULL};
    int n = lua_gettop(L) - 2;
    luaL_argcheck(L, n <= KEYS_MAX, n + 2, "too many keys");
    for (int i = 0; i < n; i++)
        known[i] = luaL_checkstring(L, i + 3);
    akt_options_check(L, 2, luaL_checkstring(L, 1), known);
    return 0;
}

/* core.seconds(value, what) -> seconds as a float */
static int l_seconds(lua_State *L)
{
    uint64_t ns;
    if (!akt_duration_ns(L, 1, &ns))
        return akt_error_raise(L, "bad_option",
                               "%s must be seconds, or like \"500ms\" or "
                               "\"2m\", not %s",
                               luaL_checkstring(L, 2),
                               luaL_tolstring(L, 1, NULL));
    lua_pushnumber(L, (lua_Number)ns / 1e9);
    return 1;
}

void akt_options_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {{"check_options", l_check_options},
                                         {"seconds", l_seconds},
                                         {NULL, NULL}};
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
