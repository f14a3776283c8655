/* SPDX-License-Identifier: MIT
 *
 * lua/policy.c: reading { max =, full = } and { strategy =, ... } of kinds and
 * spawns.
 */
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"

static uint32_t check_count(lua_State *L, int idx, const char *key,
                            uint32_t otherwise)
{
    lua_getfield(L, idx, key);
    uint32_t n = otherwise;
    if (!lua_isnil(L, -1)) {
        lua_Number x = lua_tonumber(L, -1);
        if (!lua_isnumber(L, -1) || isnan(x) || x < 0)
            akt_error_raise(L, "bad_option", "%s must be a number, 0 or more",
                            key);
        n = x >= (lua_Number)UINT32_MAX ? UINT32_MAX : (uint32_t)x;
    }
    lua_pop(L, 1);
    return n;
}

static int check_word(lua_State *L, int idx, const char *key,
                      const char *const words[], int otherwise)
{
    lua_getfield(L, idx, key);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return otherwise;
    }
    const char *word = lua_tostring(L, -1);
    for (int i = 0; word && words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            lua_pop(L, 1);
            return i;
        }
    }
    struct akt_buf all = AKT_BUF_INIT;
    for (int i = 0; words[i]; i++)
        akt_buf_printf(&all, "%s\"%s\"", i ? ", " : "", words[i]);
    lua_pushstring(L, akt_buf_cstr(&all));
    akt_buf_fini(&all);
    return akt_error_raise(L, "bad_option", "%s must be one of %s, not %s%s%s",
                           key, lua_tostring(L, -1), word ? "\"" : "",
                           word ? word : luaL_typename(L, -2),
                           word ? "\"" : "");
}

/* An option nobody knows is a typing mistake. */
static void check_keys(lua_State *L, int idx, const char *what,
                       const char *const known[])
{
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        bool found = false;
        const char *key =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        for (int i = 0; key && known[i] && !found; i++)
            found = strcmp(known[i], key) == 0;
        if (!found)
            akt_error_raise(L, "bad_option", "%s has no option \"%s\"", what,
                            key ? key : luaL_typename(L, -1));
    }
}

void akt_check_mailbox(lua_State *L, int idx, struct akt_mailbox_policy *out)
{
    static const char *const full[] = {"wait", "drop_new", "drop_old", "error",
                                       NULL};
    static const char *const keys[] = {"max", "full", NULL};
    idx = lua_absindex(L, idx);
    luaL_checktype(L, idx, LUA_TTABLE);
    check_keys(L, idx, "mailbox", keys);
    out->max = check_count(L, idx, "max", AKT_MAILBOX_MAX);
    if (out->max == 0)
        akt_error_raise(L, "bad_option", "mailbox max must be 1 or more");
    out->max_kb = AKT_MAILBOX_MAX_KB;
    out->full = (enum akt_full)check_word(L, idx, "full", full, AKT_FULL_WAIT);
}

static void check_backoff(lua_State *L, int idx, struct akt_supervise *out)
{
    lua_getfield(L, idx, "backoff");
    if (!lua_isnil(L, -1)) {
        if (!lua_istable(L, -1))
            akt_error_raise(L, "bad_option",
                            "backoff must be { first, longest } in seconds");
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        lua_Number a = lua_tonumber(L, -2), b = lua_tonumber(L, -1);
        if (!lua_isnumber(L, -2) || !lua_isnumber(L, -1) || !(a >= 0) ||
            !(b >= a) || b > 1e6)
            akt_error_raise(L, "bad_option",
                            "backoff must be { first, longest } in seconds, "
                            "0 <= first <= longest");
        out->backoff_ms = (uint32_t)(a * 1000);
        out->backoff_max_ms = (uint32_t)(b * 1000);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

void akt_check_supervise(lua_State *L, int idx, struct akt_supervise *out)
{
    static const char *const strategies[] = {"one_for_one", "one_for_all",
                                             "rest_for_one", NULL};
    static const char *const exhausted[] = {"escalate", "stop", "park", NULL};
    static const char *const keys[] = {"strategy", "max",       "within",
                                       "backoff",  "exhausted", NULL};
    struct akt_supervise s = AKT_SUPERVISE_DEFAULT;
    idx = lua_absindex(L, idx);
    luaL_checktype(L, idx, LUA_TTABLE);
    check_keys(L, idx, "supervise", keys);
    s.strategy = (enum akt_strategy)check_word(L, idx, "strategy", strategies,
                                               AKT_ONE_FOR_ONE);
    s.exhausted = (enum akt_exhausted)check_word(L, idx, "exhausted", exhausted,
                                                 AKT_EXHAUSTED_ESCALATE);
    s.max = check_count(L, idx, "max", s.max);
    lua_getfield(L, idx, "within");
    if (!lua_isnil(L, -1)) {
        lua_Number w = lua_tonumber(L, -1);
        if (!lua_isnumber(L, -1) || !(w > 0) || w > 1e6)
            akt_error_raise(L, "bad_option", "within must be seconds, over 0");
        s.within_ms = (uint32_t)(w * 1000);
    }
    lua_pop(L, 1);
    check_backoff(L, idx, &s);
    *out = s;
}
