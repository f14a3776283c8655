/* SPDX-License-Identifier: MIT
 *
 * lua/lib_route.c: what stdlib/_router.lua needs of routes: options, lists,
 * and messages to the router itself.
 */
#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "lua/options.h"
#include "vm/base/alloc.h"
#include "vm/route.h"

#define S 1000000000ull
#define INTERVAL_NS (S / 10) /* between two tries of tail_chopping */
#define LIST_STEP 256        /* pids that are read at a time */

/* In the order of enum akt_route_strategy. */
static const char *const strategies[] = {
    "round_robin", "random",         "smallest_mailbox", "consistent_hash",
    "broadcast",   "scatter_gather", "tail_chopping",    NULL};

/* Options of some strategies are mistakes with others. */
static void check_fit(lua_State *L, int idx, const char *key, bool fits,
                      const char *whose)
{
    bool given = lua_getfield(L, idx, key) != LUA_TNIL;
    lua_pop(L, 1);
    if (given && !fits)
        akt_error_raise(L, "bad_option", "router: %s belongs to strategy %s",
                        key, whose);
}

void akt_look_read_route(lua_State *L, int idx, struct akt_route_config *out)
{
    static const char *const keys[] = {"strategy", "key", "within", "interval",
                                       NULL};
    idx = lua_absindex(L, idx);
    akt_options_check(L, idx, "router", keys);
    out->strategy = (enum akt_route_strategy)akt_options_word(
        L, idx, "strategy", strategies, AKT_ROUTE_ROUND_ROBIN);
    out->within_ns = akt_options_duration(L, idx, "within", 5 * S);
    out->interval_ns = akt_options_duration(L, idx, "interval", INTERVAL_NS);
    bool hashes = out->strategy == AKT_ROUTE_CONSISTENT_HASH;
    check_fit(L, idx, "within", akt_route_is_many(out),
              "\"scatter_gather\", \"tail_chopping\" or \"broadcast\"");
    check_fit(L, idx, "interval", out->strategy == AKT_ROUTE_TAIL_CHOPPING,
              "\"tail_chopping\"");
    check_fit(L, idx, "key", hashes, "\"consistent_hash\"");
    lua_getfield(L, idx, "key");
    out->key = (uint64_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (hashes && !akt_lua_kept_image(akt_lua_of(L)->node, out->key))
        akt_error_raise(L, "bad_option",
                        "router: strategy \"consistent_hash\" needs key, a "
                        "function (tag, ...) -> key");
}

/* Pids of the list at idx in a userdata, which is pushed. */
static akt_pid *check_pids(lua_State *L, int idx, uint32_t *len)
{
    luaL_checktype(L, idx, LUA_TTABLE);
    *len = (uint32_t)lua_rawlen(L, idx);
    akt_pid *pids = lua_newuserdatauv(L, *len * sizeof *pids + 1, 0);
    for (uint32_t i = 0; i < *len; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        pids[i] = akt_check_pid(L, -1);
        lua_pop(L, 1);
    }
    return pids;
}

/* core.route_set(pids): of this actor, which is a router */
static int l_route_set(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *self = h->iso->current;
    uint32_t len;
    const akt_pid *pids = check_pids(L, 1, &len);
    luaL_argcheck(L, atomic_load_explicit(&self->route, memory_order_relaxed),
                  1, "this actor is no router");
    akt_route_set(h->iso->node, self, pids, len);
    return 0;
}

/* core.route_retire(pid): a child of this router, which has left the list */
static int l_route_retire(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    lua_pushboolean(
        L, akt_route_retire(h->iso, h->iso->current, akt_check_pid(L, 1)));
    return 1;
}

static uint32_t read_some(struct akt_isolate *iso, akt_pid router,
                          uint32_t *cursor, akt_pid *pids)
{
    uint32_t n = 0;
    akt_route_enter(iso->worker);
    const struct akt_actor *a = akt_actor_find(iso->node->actors, router);
    if (a && akt_route_of(a))
        n = akt_route_list(iso->node, a, cursor, pids, LIST_STEP);
    akt_route_leave(iso->worker);
    return n;
}

/* Pushes the list of the routees that are alive. */
static void push_routees(lua_State *L, akt_pid router)
{
    akt_pid pids[LIST_STEP];
    uint32_t cursor = 0, n;
    lua_Integer len = 0;
    lua_newtable(L);
    while ((n = read_some(akt_lua_of(L)->iso, router, &cursor, pids))) {
        for (uint32_t i = 0; i < n; i++) {
            akt_push_pid(L, pids[i]);
            lua_rawseti(L, -2, ++len);
        }
    }
}

/* core.route(dest) -> pids, strategy, within, interval; nil: no router */
static int l_route(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    akt_pid pid = akt_check_dest(L, 1);
    struct akt_route_config config;
    akt_route_enter(iso->worker);
    const struct akt_actor *a = akt_actor_find(iso->node->actors, pid);
    const struct akt_route_config *c = a ? akt_route_of(a) : NULL;
    if (c)
        config = *c;
    akt_route_leave(iso->worker);
    if (!c)
        return 0;
    push_routees(L, pid);
    lua_pushstring(L, strategies[config.strategy]);
    lua_pushnumber(L, (lua_Number)config.within_ns / 1e9);
    lua_pushnumber(L, (lua_Number)config.interval_ns / 1e9);
    return 4;
}

/* core.is_asked(): whether somebody waits for the answer to this message */
static int l_is_asked(lua_State *L)
{
    const struct akt_msg *m = akt_lua_self(L)->current;
    lua_pushboolean(L, m && m->ask);
    return 1;
}

/* core.set_run_route(fn) */
static int l_set_run_route(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.run_route");
    return 0;
}

void akt_lib_route_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {{"route", l_route},
                                         {"route_set", l_route_set},
                                         {"route_retire", l_route_retire},
                                         {"is_asked", l_is_asked},
                                         {"set_run_route", l_set_run_route},
                                         {NULL, NULL}};
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
