/* SPDX-License-Identifier: MIT
 *
 * lua/policy.c: reading { max =, full = }, { strategy =, ... } and { after = }
 * of kinds and spawns.
 */
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/options.h"
#include "vm/priorities.h"

/* { tag = n, ... } on top. */
static void check_priorities(lua_State *L)
{
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        int isnum;
        lua_Integer value = lua_tointegerx(L, -1, &isnum);
        bool good = lua_type(L, -1) == LUA_TNUMBER && isnum &&
                    value >= AKT_PRIORITY_MIN && value <= AKT_PRIORITY_MAX;
        if (lua_type(L, -2) != LUA_TSTRING)
            akt_error_raise(L, "bad_option",
                            "mailbox priority: a tag is a string, not a %s",
                            luaL_typename(L, -2));
        const char *tag = lua_tostring(L, -2);
        if (!good)
            akt_error_raise(L, "bad_option",
                            "mailbox priority: %s must be an integer from %d "
                            "to %d, not %s",
                            tag, AKT_PRIORITY_MIN, AKT_PRIORITY_MAX,
                            luaL_tolstring(L, -1, NULL));
        if (++n > AKT_PRIORITY_TAGS)
            akt_error_raise(L, "bad_option",
                            "mailbox priority: %d tags are the most",
                            AKT_PRIORITY_TAGS);
        lua_pop(L, 1);
    }
}

/* The same; raises nothing. */
static struct akt_priorities *read_priorities(lua_State *L)
{
    uint32_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        n++;
    }
    struct akt_priorities *p = akt_priorities_new(n);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        size_t len;
        const char *tag = lua_tolstring(L, -2, &len);
        akt_priorities_add(p, tag, len, (int)lua_tointeger(L, -1));
        lua_pop(L, 1);
    }
    return p;
}

static void check_rules(lua_State *L, int idx, struct akt_mailbox_rules *out)
{
    uint64_t ttl_ns = akt_options_duration(L, idx, "ttl", 0);
    if (ttl_ns && (ttl_ns < 1000000 || ttl_ns / 1000000 > UINT32_MAX / 2))
        akt_error_raise(L, "bad_option",
                        "mailbox ttl must be from 1 ms to 24 days");
    akt_priorities_unref(out->tags); /* of a kind that could not be frozen */
    *out = (struct akt_mailbox_rules){.ttl_ms = (uint32_t)(ttl_ns / 1000000)};
    out->fair = akt_options_flag(L, idx, "fair");
    out->signal = akt_options_count(L, idx, "signal", 0);
    int type = lua_getfield(L, idx, "priority");
    if (type != LUA_TNIL && out->fair)
        akt_error_raise(L, "bad_option",
                        "mailbox has priority or fair, not both");
    if (type != LUA_TNIL && type != LUA_TTABLE &&
        (type != LUA_TFUNCTION || lua_iscfunction(L, -1)))
        akt_error_raise(L, "bad_option",
                        "mailbox priority must be a table { tag = n } or a "
                        "Lua function (tag, ...) -> n, not a %s",
                        lua_iscfunction(L, -1) ? "C function"
                                               : luaL_typename(L, -1));
    out->by_function = type == LUA_TFUNCTION;
    if (type == LUA_TTABLE) {
        check_priorities(L);
        out->tags = read_priorities(L);
    }
    lua_pop(L, 1);
}

void akt_check_mailbox(lua_State *L, int idx, struct akt_mailbox_policy *out,
                       struct akt_mailbox_rules *rules)
{
    static const char *const full[] = {"wait", "drop_new", "drop_old", "error",
                                       NULL};
    static const char *const keys[] = {"max", "full",   "priority", "fair",
                                       "ttl", "signal", NULL};
    idx = lua_absindex(L, idx);
    akt_options_check(L, idx, "mailbox", keys);
    out->max = akt_options_count(L, idx, "max", AKT_MAILBOX_MAX);
    if (out->max == 0)
        akt_error_raise(L, "bad_option", "mailbox max must be 1 or more");
    out->max_kb = AKT_MAILBOX_MAX_KB;
    out->full =
        (enum akt_full)akt_options_word(L, idx, "full", full, AKT_FULL_WAIT);
    check_rules(L, idx, rules);
}

bool akt_check_class(lua_State *L, int idx, enum akt_priority_class *out)
{
    static const char *const words[] = {"normal", "high", "low", "deadline",
                                        NULL};
    int type = lua_getfield(L, idx, "priority");
    lua_pop(L, 1);
    if (type == LUA_TNIL)
        return false;
    *out = (enum akt_priority_class)akt_options_word(L, idx, "priority", words,
                                                     AKT_CLASS_NORMAL);
    return true;
}

/* { first, longest } as ms; absent: left alone. */
static void check_backoff(lua_State *L, int idx, uint32_t *first_ms,
                          uint32_t *longest_ms)
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
        *first_ms = (uint32_t)(a * 1000);
        *longest_ms = (uint32_t)(b * 1000);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* A duration in ms, 1 at least; what is over 1e6 s does not matter. */
static uint32_t check_ms(lua_State *L, int idx, const char *key,
                         uint32_t otherwise_ms)
{
    uint64_t ms =
        akt_options_duration(L, idx, key, otherwise_ms * 1000000ull) / 1000000;
    return ms > 1000000000 ? 1000000000 : ms ? (uint32_t)ms : 1;
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
    akt_options_check(L, idx, "supervise", keys);
    s.strategy = (enum akt_strategy)akt_options_word(
        L, idx, "strategy", strategies, AKT_ONE_FOR_ONE);
    s.exhausted = (enum akt_exhausted)akt_options_word(
        L, idx, "exhausted", exhausted, AKT_EXHAUSTED_ESCALATE);
    s.max = akt_options_count(L, idx, "max", s.max);
    s.within_ms = check_ms(L, idx, "within", s.within_ms);
    check_backoff(L, idx, &s.backoff_ms, &s.backoff_max_ms);
    *out = s;
}

void akt_check_passivate(lua_State *L, int idx, struct akt_passivate *out)
{
    static const char *const keys[] = {"after", "messages", NULL};
    struct akt_passivate p = {0, 0};
    idx = lua_absindex(L, idx);
    *out = p;
    if (lua_isboolean(L, idx) && !lua_toboolean(L, idx))
        return;
    akt_options_check(L, idx, "passivate", keys);
    uint64_t after_ms = akt_options_duration(L, idx, "after", 0) / 1000000;
    lua_getfield(L, idx, "after");
    if (!lua_isnil(L, -1) && after_ms == 0)
        after_ms = 1;
    lua_pop(L, 1);
    p.after_ms = after_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)after_ms;
    lua_getfield(L, idx, "messages");
    bool counts = !lua_isnil(L, -1);
    lua_pop(L, 1);
    p.messages = akt_options_count(L, idx, "messages", 0);
    if ((counts && p.messages == 0) || (!p.after_ms && !p.messages))
        akt_error_raise(L, "bad_option",
                        "passivate is { after = seconds } or { messages = n "
                        "}, n 1 or more, or false");
    *out = p;
}

void akt_check_health(lua_State *L, int idx, struct akt_health_policy *out)
{
    static const char *const keys[] = {"every", "timeout", "fails", NULL};
    struct akt_health_policy p = AKT_HEALTH_DEFAULT;
    idx = lua_absindex(L, idx);
    akt_options_check(L, idx, "health", keys);
    p.every_ms = check_ms(L, idx, "every", p.every_ms);
    p.timeout_ms = check_ms(L, idx, "timeout", p.timeout_ms);
    p.fails = akt_options_count(L, idx, "fails", p.fails);
    if (p.fails == 0)
        akt_error_raise(L, "bad_option", "health fails must be 1 or more");
    *out = p;
}

void akt_check_init(lua_State *L, int idx, struct akt_init *out)
{
    static const char *const keys[] = {"timeout", "retries", "backoff", NULL};
    struct akt_init init = AKT_INIT_DEFAULT;
    idx = lua_absindex(L, idx);
    akt_options_check(L, idx, "init", keys);
    init.timeout_ms = check_ms(L, idx, "timeout", AKT_INIT_MS);
    init.retries = akt_options_count(L, idx, "retries", 0);
    if (init.retries > AKT_INIT_RETRIES_MAX)
        akt_error_raise(L, "bad_option", "init retries must be 0 to %d",
                        AKT_INIT_RETRIES_MAX);
    check_backoff(L, idx, &init.backoff_ms, &init.backoff_max_ms);
    *out = init;
}
