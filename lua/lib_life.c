/* SPDX-License-Identifier: MIT
 *
 * lua/lib_life.c: what scripts say about the life of actors beside spawning
 * and ending them: akt.passivate, akt.evict, akt.reinstate.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "vm/evict.h"
#include "vm/outside.h"
#include "vm/passivate.h"

/* akt.passivate(word?) -> true, or false and why not */
static int l_passivate(lua_State *L)
{
    static const char *const words[] = {"now", "pause", "resume", NULL};
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_check_effect(L, "passivate");
    if (akt_actor_kind(a)->process)
        return akt_error_raise(L, "denied",
                               "passivate: a process cannot be passivated: "
                               "its function is its state; make it a kind");
    int word = luaL_checkoption(L, 1, "now", words);
    const char *why = word == 0 ? akt_passivate_why_not(h->iso, a) : NULL;
    lua_pushboolean(L, !why);
    if (why) {
        lua_pushstring(L, why);
        return 2;
    }
    if (word == 0)
        akt_passivate_asked(h->iso, a);
    else
        akt_passivate_pause(h->iso, a, word == 1);
    return 1;
}

/* akt.reinstate(pid) -> whether it is there */
static int l_reinstate(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    akt_check_effect(L, "reinstate");
    enum akt_code code = akt_outside_reinstate(h->iso->node, to);
    if (code == AKT_DENIED)
        return akt_error_raise(L, "denied",
                               "reinstate: %s is the machine's or main",
                               akt_pid_text(L, to));
    lua_pushboolean(L, code == AKT_OK);
    return 1;
}

static double check_share(lua_State *L, int idx)
{
    lua_Number share = 0.1;
    if (lua_getfield(L, idx, "share") != LUA_TNIL) {
        share = lua_tonumber(L, -1);
        if (lua_type(L, -1) != LUA_TNUMBER || !(share > 0 && share <= 1))
            akt_error_raise(L, "bad_option",
                            "evict share must be a number over 0, up to 1");
    }
    lua_pop(L, 1);
    return share;
}

static void check_evict(lua_State *L, int idx, struct akt_evict *p)
{
    static const char *const words[] = {"lru", "lfu", "mru", NULL};
    static const char *const keys[] = {"max_actors", "max_bytes", "policy",
                                       "share",      "every",     NULL};
    akt_options_check(L, idx, "evict", keys);
    uint32_t max = akt_options_count(L, idx, "max_actors", 0);
    p->max_actors = max == UINT32_MAX ? 0 : max;
    if (lua_getfield(L, idx, "max_bytes") != LUA_TNIL)
        p->max_bytes = akt_check_memory(L, -1, "evict max_bytes");
    lua_pop(L, 1);
    p->by = (enum akt_evict_by)akt_options_word(L, idx, "policy", words,
                                                AKT_EVICT_LRU);
    p->share = check_share(L, idx);
    uint64_t ms =
        akt_options_duration(L, idx, "every", 1000000000ull) / 1000000;
    p->every_ms = ms > 1000000000 ? 1000000000 : ms < 10 ? 10 : (uint32_t)ms;
    if (!p->max_actors && !p->max_bytes)
        akt_error_raise(L, "bad_option",
                        "evict needs max_actors or max_bytes; false ends it");
}

/* akt.evict { max_actors =, ... }, akt.evict(false) */
static int l_evict(lua_State *L)
{
    struct akt_evict policy = {0};
    akt_check_effect(L, "evict");
    if (!lua_isboolean(L, 1) || lua_toboolean(L, 1))
        check_evict(L, 1, &policy);
    if (akt_evict_set(akt_lua_of(L)->iso->node, &policy) != AKT_OK)
        akt_error_raise(L, "limit", "evict: there is no room for its actor");
    return 0;
}

static const luaL_Reg public[] = {
    {"evict", l_evict},
    {"passivate", l_passivate},
    {"reinstate", l_reinstate},
    {NULL, NULL},
};

void akt_lib_life_open(lua_State *L, int akt, int core_table)
{
    (void)core_table;
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pop(L, 1);
}
