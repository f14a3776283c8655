/* SPDX-License-Identifier: MIT
 *
 * lua/sandbox.c: the state of an isolate: Lua's libraries with our functions
 * in place of those that could not be preempted, locked tables, and read-only
 * globals.
 *
 * Library tables are locked by views: an empty table whose metatable has the
 * real one as __index. `_G` is such a view too; the real table of globals is
 * what `_ENV` is.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "lua/error.h"
#include "lua/image_names.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/loading.h"
#include "lua/look.h"
#include "lua/options.h"
#include "lua/line.h"
#include "lua/lib_math.h"
#include "lua/lib_shared.h"
#include "lua/lib_string.h"
#include "lua/lib_table.h"
#include "lua/sim_state.h"
#include "lua/test_state.h"
#include "lua/remote.h"

#define GC_PAUSE 200
/* A collection marks all that lives, 60 KB at least, so a small heap waits
 * longer for the next one. */
#define GC_PAUSE_SMALL 400
#define GC_SMALL ((size_t)1024 * 1024)
#define GC_STEP_MUL 200

void akt_pid_open(lua_State *L);

/* ---- memory ---- */

/* Whether so much more is allowed. */
static bool has_room(struct akt_lua *h, size_t more)
{
    size_t limit = h->iso->memory_limit;
    if (h->in_vm)
        limit += AKT_MEMORY_RESERVE;
    /* relaxed: the ticker's reading */
    bool short_of = atomic_load_explicit(&h->node->node->pressure,
                                         memory_order_relaxed) > 1;
    return h->memory_used + more <= limit && (!short_of || h->in_vm);
}

static void *alloc(void *ud, void *p, size_t old, size_t size)
{
    struct akt_lua *h = ud;
    if (!p)
        old = 0; /* Lua passes a type tag there */
    if (size == 0) {
        h->memory_used -= old;
        akt_spare_free(&h->spare, p, old);
        return NULL;
    }
    if (size > old && !has_room(h, size - old))
        return NULL;
    void *q = akt_spare_resize(&h->spare, p, old, size);
    if (q)
        h->memory_used += size - old;
    return q;
}

static void *alloc_simulated(void *ud, void *p, size_t old, size_t size)
{
    struct akt_lua *h = ud;
    if (!p)
        old = 0;
    if (size == 0) {
        h->memory_used -= old;
        akt_sim_free(h, p, old);
        return NULL;
    }
    if (size > old && !has_room(h, size - old))
        return NULL;
    void *q = akt_sim_resize(h, p, old, size);
    if (q)
        h->memory_used += size - old;
    return q;
}

static int panic(lua_State *L)
{
    fprintf(stderr, "aktvm: bug: Lua panic: %s\n", lua_tostring(L, -1));
    return 0;
}

/* ---- locking ---- */

static int locked_newindex(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    const char *what = lua_tostring(L, lua_upvalueindex(1));
    return akt_error_raise(
        L, "read_only", "%s is read-only: cannot assign field '%s'", what, key);
}

static int global_newindex(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return akt_error_raise(L, "read_only",
                           "globals are read-only: cannot assign '%s'; "
                           "declare it local",
                           key);
}

static int locked_next(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

static int locked_pairs(lua_State *L)
{
    lua_pushcfunction(L, locked_next);
    luaL_getmetafield(L, 1, "__index");
    lua_pushnil(L);
    return 3;
}

/* Pushes a view of the table at idx. */
static void push_view(lua_State *L, int idx, const char *what,
                      lua_CFunction newindex)
{
    idx = lua_absindex(L, idx);
    lua_newtable(L);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, idx);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, what);
    lua_pushcclosure(L, newindex, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, locked_pairs);
    lua_setfield(L, -2, "__pairs");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

/* The library becomes its view, as a global and as a module. */
static void lock_library(lua_State *L, const char *name)
{
    lua_getglobal(L, name);
    if (lua_istable(L, -1)) {
        push_view(L, -1, name, locked_newindex);
        lua_pushvalue(L, -1);
        lua_setglobal(L, name);
        luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
        lua_pushvalue(L, -2);
        lua_setfield(L, -2, name);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* ---- parts in C ---- */

/* core.lib(name) -> table of the functions in C behind a part of stdlib/ */
static int l_lib(lua_State *L)
{
    static const struct {
        const char *name;
        const luaL_Reg *functions;
    } libs[] = {{"gates", akt_lib_gates},
                {"timers", akt_lib_timers},
                {"provide", akt_lib_provide},
                {"shared", akt_lib_shared},
                {"remote", akt_lib_remote}};
    const char *name = luaL_checkstring(L, 1);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof libs / sizeof *libs; i++)
        if (strcmp(libs[i].name, name) == 0)
            luaL_setfuncs(L, libs[i].functions, 0);
    return 1;
}

/* ---- the rest of the base library ---- */

static int l_collectgarbage(lua_State *L)
{
    const char *what = luaL_optstring(L, 1, "collect");
    struct akt_lua *h = akt_lua_of(L);
    if (strcmp(what, "count") == 0) {
        lua_pushnumber(L, (lua_Number)h->memory_used / 1024);
        return 1;
    }
    return akt_error_raise(L, "denied",
                           "collectgarbage answers only \"count\": an isolate "
                           "is shared by many actors and collected by the "
                           "machine");
}

static int l_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_type(L, 2) != LUA_TNIL && lua_type(L, 2) != LUA_TTABLE)
        akt_error_arg(L, 2, "nil or table expected");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return akt_error_raise(L, "denied",
                                   "__gc is not available: a finalizer could "
                                   "not be preempted; use __close");
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* A handler is called inside of the hook that raises `stuck`, where no hook
 * is called: it could not be ended, so it gets no such error. */
static int guarded_handler(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_pushliteral(L, "code");
        lua_rawget(L, 1);
        const char *code =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        bool stuck = strcmp(code, "stuck") == 0;
        lua_settop(L, 1);
        if (stuck)
            return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int xpcall_k(lua_State *L, int status, lua_KContext below)
{
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)below;
}

static int l_xpcall(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (!lua_iscfunction(L, 2)) {
        lua_pushvalue(L, 2);
        lua_pushcclosure(L, guarded_handler, 1);
        lua_replace(L, 2);
    }
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, xpcall_k);
    return xpcall_k(L, status, 2);
}

static struct akt_random *random_of(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_actor *la = akt_lua_actor(h->iso->current);
    if (!la->random_seeded) {
        struct akt_actor *a = h->iso->current;
        /* relaxed: the owner writes it; after a restart, other numbers */
        uint64_t life =
            atomic_load_explicit(&a->restarts, memory_order_relaxed);
        akt_random_seed(&la->random,
                        akt_world_random_of(h->iso->node->world,
                                            a->self.bits ^ life << 32));
        la->random_seeded = true;
    }
    return &la->random;
}

/* As Lua's, but without `func` of a C function found by its level: the
 * machine's own are among them. */
static int l_getinfo(lua_State *L)
{
    int arg = lua_isthread(L, 1) ? 2 : 1;
    bool by_level = !lua_isfunction(L, arg);
    bool own = arg == 1 || lua_tothread(L, 1) == L;
    if (by_level) {
        lua_Integer level = luaL_checkinteger(L, arg);
        if (own && level > 0 && level < INT_MAX) { /* this one's level */
            lua_pushinteger(L, level + 1);
            lua_replace(L, arg);
        }
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    if (by_level && lua_istable(L, -1)) {
        lua_getfield(L, -1, "func");
        if (lua_iscfunction(L, -1)) {
            lua_pushnil(L);
            lua_setfield(L, -3, "func");
        }
        lua_pop(L, 1);
    }
    return 1;
}

static void open_debug(lua_State *L)
{
    static const char *const keep[] = {"traceback", "getinfo", NULL};
    luaL_requiref(L, LUA_DBLIBNAME, luaopen_debug, 1);
    lua_newtable(L);
    for (int i = 0; keep[i]; i++) {
        lua_getfield(L, -2, keep[i]);
        lua_setfield(L, -2, keep[i]);
    }
    lua_getfield(L, -1, "getinfo");
    lua_pushcclosure(L, l_getinfo, 1);
    lua_setfield(L, -2, "getinfo");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, LUA_DBLIBNAME);
    lua_pop(L, 1);
    lua_setglobal(L, LUA_DBLIBNAME);
    lua_pop(L, 1);
}

static void open_stock(lua_State *L)
{
    static const luaL_Reg libs[] = {
        {LUA_GNAME, luaopen_base},
        {LUA_LOADLIBNAME, luaopen_package},
        {LUA_TABLIBNAME, luaopen_table},
        {LUA_IOLIBNAME, luaopen_io},
        {LUA_OSLIBNAME, luaopen_os},
        {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},
        {NULL, NULL},
    };
    for (const luaL_Reg *lib = libs; lib->func; lib++) {
        luaL_requiref(L, lib->name, lib->func, 1);
        lua_pop(L, 1);
    }
    open_debug(L);
}

static void open_replacements(lua_State *L)
{
    lua_getglobal(L, LUA_STRLIBNAME);
    akt_lib_string_open(L);
    lua_pop(L, 1);
    lua_getglobal(L, LUA_TABLIBNAME);
    akt_lib_table_open(L);
    lua_pop(L, 1);
    lua_getglobal(L, LUA_MATHLIBNAME);
    akt_lib_math_open(L, random_of);
    lua_pop(L, 1);
    akt_coroutine_open(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, LUA_COLIBNAME);
    lua_pop(L, 1);
    lua_setglobal(L, LUA_COLIBNAME);
    static const luaL_Reg base[] = {
        {"collectgarbage", l_collectgarbage},
        {"setmetatable", l_setmetatable},
        {"xpcall", l_xpcall},
        {NULL, NULL},
    };
    lua_pushglobaltable(L);
    luaL_setfuncs(L, base, 0);
    luaL_setfuncs(L, akt_loading_base, 0);
    lua_pop(L, 1);
    akt_lib_io_open(L);
    if (akt_lua_of(L)->repeatable)
        akt_lib_sim_open(L);
}

/* The string metatable's __index is the real table: s:find() is quick, and
 * getmetatable("") answers false. */
static void lock_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static void lock_globals(lua_State *L)
{
    static const char *const libs[] = {
        LUA_STRLIBNAME, LUA_TABLIBNAME, LUA_MATHLIBNAME,
        LUA_IOLIBNAME,  LUA_OSLIBNAME,  LUA_UTF8LIBNAME,
        LUA_COLIBNAME,  LUA_DBLIBNAME,  NULL};
    lock_strings(L);
    for (int i = 0; libs[i]; i++)
        lock_library(L, libs[i]);
    lua_pushglobaltable(L);
    push_view(L, -1, "_G", global_newindex);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "_G");
    lua_createtable(L, 0, 2); /* `_ENV.x = 1` at run time */
    lua_pushcfunction(L, global_newindex);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -3);
    lua_pop(L, 2);
}

static void lock_field(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    push_view(L, lua_gettop(L), name, locked_newindex);
    lua_setfield(L, table, name);
    lua_pop(L, 1);
}

static void open_akt(lua_State *L)
{
    lua_newtable(L);
    int akt = lua_gettop(L);
    lua_newtable(L);
    int core = akt + 1;
    akt_lib_message_open(L, akt, core);
    akt_lib_future_open(L, akt, core);
    akt_lib_task_open(L, akt);
    akt_lib_receive_open(L, core);
    akt_lib_actor_open(L, akt, core);
    akt_lib_info_open(L, akt);
    akt_lib_life_open(L, akt, core);
    akt_lib_node_open(L, akt, core);
    akt_lib_log_open(L, akt);
    akt_lib_metrics_open(L, akt);
    akt_lib_trace_open(L, akt, core);
    akt_lib_events_open(L, akt);
    akt_lib_topic_open(L, akt);
    akt_lib_reload_open(L, core);
    akt_lib_shared_open(L, akt);
    akt_lib_fault_open(L, core);
    akt_options_open(L, core);
    akt_lib_route_open(L, core);
    akt_lib_line_open(L, core);
    akt_lib_test_open(L);
    lua_pushvalue(L, core);
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.core");
    lua_pushvalue(L, core);
    luaL_setfuncs(L, akt_loading_core, 0);
    lua_pushcfunction(L, l_lib);
    lua_setfield(L, -2, "lib");
    lua_pop(L, 1);
    if (akt_lua_of(L)->repeatable) {
        akt_sim_pin_calls(L, akt);
        akt_sim_pin_calls(L, core);
        akt_sim_pin(L, akt);
    }
    /* stdlib/akt.lua(akt, core, G) -> methods of pids */
    akt_loading_stdlib(L, "akt");
    lua_pushvalue(L, akt);
    lua_pushvalue(L, core);
    lua_pushglobaltable(L);
    lua_call(L, 3, 1);
    akt_pid_open(L);
    lua_pop(L, 1);
    lock_field(L, akt, "log");
    lock_field(L, akt, "metrics");
    lock_field(L, akt, "group");
    push_view(L, akt, "akt", locked_newindex);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "akt");
    if (!akt_lua_of(L)->node->script_path) { /* -e: at hand as a global */
        lua_pushvalue(L, -2);
        lua_setglobal(L, "akt");
    }
    lua_settop(L, akt - 1);
}

/* Nobody holds the sentinel, so each collection comes to it once; it is marked
 * for the next one again. Nothing is allocated in here. */
static int collected(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    if (h->closing)
        return 0;
    akt_count(&h->iso->collections);
    if (h->iso->worker)
        akt_count(&h->iso->worker->stats.collections);
    if (lua_getmetatable(L, 1))
        lua_setmetatable(L, 1);
    return 0;
}

static void count_collections(lua_State *L)
{
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, collected);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

static int open_all(lua_State *L)
{
    count_collections(L);
    open_stock(L);
    open_replacements(L);
    open_akt(L);
    lock_globals(L);
    return 0;
}

lua_State *akt_sandbox_create(struct akt_lua *h)
{
    lua_State *L = h->repeatable ? akt_sim_newstate(h, alloc_simulated)
                                 : lua_newstate(alloc, h);
    if (!L)
        return NULL;
    h->L = L;
    *(struct akt_lua **)lua_getextraspace(L) = h;
    lua_atpanic(L, panic);
    lua_gc(L, LUA_GCSTOP, 0);
    lua_pushcfunction(L, open_all);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
        fprintf(stderr, "aktvm: cannot open an isolate: %s\n",
                lua_tostring(L, -1));
        lua_close(L);
        return NULL;
    }
    lua_gc(L, LUA_GCRESTART, 0);
    lua_gc(L, LUA_GCINC, GC_PAUSE, GC_STEP_MUL, 0);
    return L;
}

void akt_sandbox_pace(struct akt_lua *h)
{
    bool small = h->memory_used < GC_SMALL;
    if (small == h->gc_small || h->repeatable)
        return;
    h->gc_small = small;
    lua_gc(h->L, LUA_GCINC, small ? GC_PAUSE_SMALL : GC_PAUSE, GC_STEP_MUL, 0);
}
