/* SPDX-License-Identifier: MIT
 *
 * lua/lib_fault.c: vm/inject.h for stdlib/test.lua, as functions of `core`.
 * Each raises `noproc` for a pid that has ended, `denied`, `limit`, and
 * `not_simulated` in the real world.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "vm/inject.h"

static struct akt_node *check_simulated(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    if (!node->world->simulated)
        akt_error_raise(L, "not_simulated",
                        "faults are injected in the simulated world only");
    return node;
}

static int check(lua_State *L, enum akt_code code)
{
    if (code == AKT_OK)
        return 0;
    if (code == AKT_LIMIT)
        return akt_error_raise(L, "limit", "at most %d faults in one node",
                               AKT_INJECT_MAX);
    if (code == AKT_DENIED)
        return akt_error_raise(L, "denied",
                               "no fault for %s: it is main or the machine's "
                               "own",
                               akt_pid_text(L, akt_check_pid(L, 1)));
    return akt_error_raise(L, "noproc", "a fault for %s, which has ended",
                           akt_pid_text(L, akt_check_pid(L, 1)));
}

/* A pid or nil: anybody. */
static akt_pid opt_pid(lua_State *L, int arg)
{
    return lua_isnoneornil(L, arg) ? AKT_PID_NONE : akt_check_pid(L, arg);
}

/* core.fault_crash(pid) */
static int l_crash(lua_State *L)
{
    struct akt_node *node = check_simulated(L);
    return check(L, akt_inject_crash(node, akt_check_pid(L, 1)));
}

static void read_amount(lua_State *L, int arg, struct akt_inject_drop *drop)
{
    int exact;
    lua_Number share = luaL_checknumber(L, arg);
    lua_Integer count = lua_tointegerx(L, arg, &exact);
    if (lua_isinteger(L, arg) && exact && count >= 1 && count <= UINT32_MAX)
        drop->count = (uint32_t)count;
    else if (!lua_isinteger(L, arg) && share >= 0 && share <= 1)
        drop->share = share;
    else
        akt_error_arg(L, arg,
                      "a number of messages (1, 2, ...) or a share of them "
                      "(0.0 to 1.0)");
}

/* core.fault_drop(pid, count or share, tag?, from?) */
static int l_drop(lua_State *L)
{
    struct akt_node *node = check_simulated(L);
    akt_pid pid = akt_check_pid(L, 1);
    struct akt_inject_drop drop = {.from = opt_pid(L, 4),
                                   .tag = luaL_optstring(L, 3, NULL)};
    if (drop.tag && strlen(drop.tag) > AKT_INJECT_TAG_MAX)
        akt_error_arg(L, 3, "a tag of at most 64 bytes");
    read_amount(L, 2, &drop);
    return check(L, akt_inject_drop(node, pid, &drop));
}

/* seconds, or { least, most } */
static void read_delay(lua_State *L, int arg, struct akt_inject_delay *delay)
{
    if (lua_type(L, arg) != LUA_TTABLE) {
        delay->least_ns = delay->most_ns = akt_check_seconds(L, arg);
        return;
    }
    lua_rawgeti(L, arg, 1);
    lua_rawgeti(L, arg, 2);
    delay->least_ns = akt_check_seconds(L, lua_gettop(L) - 1);
    delay->most_ns = akt_check_seconds(L, lua_gettop(L));
    lua_pop(L, 2);
    if (delay->most_ns < delay->least_ns)
        akt_error_arg(L, arg, "the second is less than the first");
}

/* core.fault_delay(pid, seconds or {least, most}, from?) */
static int l_delay(lua_State *L)
{
    struct akt_node *node = check_simulated(L);
    akt_pid pid = akt_check_pid(L, 1);
    struct akt_inject_delay delay = {.from = opt_pid(L, 3)};
    read_delay(L, 2, &delay);
    return check(L, akt_inject_delay(node, pid, &delay));
}

/* core.fault_slow(pid, seconds) */
static int l_slow(lua_State *L)
{
    struct akt_node *node = check_simulated(L);
    akt_pid pid = akt_check_pid(L, 1);
    return check(L, akt_inject_slow(node, pid, akt_check_seconds(L, 2)));
}

/* core.fault_full(pid, seconds) */
static int l_full(lua_State *L)
{
    struct akt_node *node = check_simulated(L);
    akt_pid pid = akt_check_pid(L, 1);
    return check(L, akt_inject_full(node, pid, akt_check_seconds(L, 2)));
}

/* core.fault_clear(pid?) */
static int l_clear(lua_State *L)
{
    akt_inject_clear(check_simulated(L), opt_pid(L, 1));
    return 0;
}

/* core.fault_stats() -> what faults have done so far */
static int l_stats(lua_State *L)
{
    struct akt_inject_stats s;
    akt_inject_read(check_simulated(L), &s);
    const struct {
        const char *name;
        uint64_t n;
    } figures[] = {{"crashes", s.crashes},
                   {"dropped", s.dropped},
                   {"delayed", s.delayed},
                   {"slowed", s.slowed},
                   {"filled", s.filled}};
    lua_newtable(L);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        lua_pushinteger(L, (lua_Integer)figures[i].n);
        lua_setfield(L, -2, figures[i].name);
    }
    return 1;
}

void akt_lib_fault_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {
        {"fault_crash", l_crash}, {"fault_drop", l_drop},
        {"fault_delay", l_delay}, {"fault_slow", l_slow},
        {"fault_full", l_full},   {"fault_clear", l_clear},
        {"fault_stats", l_stats}, {NULL, NULL},
    };
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
