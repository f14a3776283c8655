/* SPDX-License-Identifier: MIT
 *
 * lua/sandbox.c: the state of an isolate: Lua's libraries with our functions
 * in place of those that could not be preempted, locked tables, read-only
 * globals, and the loader of scripts and modules.
 *
 * Library tables are locked by views: an empty table whose metatable has the
 * real one as __index. `_G` is such a view too; the real table of globals is
 * what `_ENV` is.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lualib.h>

#include "lua/bytecode.h"
#include "lua/error.h"
#include "lua/image_names.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "lua/options.h"
#include "lua/line.h"
#include "lua/lib_math.h"
#include "lua/lib_shared.h"
#include "lua/lib_string.h"
#include "lua/lib_table.h"
#include "lua/sim_state.h"
#include "lua/test_state.h"
#include "stdlib/embedded.h"
#include "vm/base/alloc.h"
#include "vm/disk.h"

#define STDLIB_MAX 64 /* embedded modules */
#define GC_PAUSE 200
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
        akt_free(p, old);
        return NULL;
    }
    if (size > old && !has_room(h, size - old))
        return NULL;
    void *q = akt_try_resize(p, old, size);
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

/* ---- loading text ---- */

struct global_store {
    lua_Debug chunk;
    char text[256];
    bool any;
};

static void on_global(const struct akt_bytecode_access *access, void *ctx)
{
    struct global_store *g = ctx;
    if (access->what != AKT_BYTECODE_SET_GLOBAL || g->any)
        return;
    g->any = true;
    snprintf(g->text, sizeof g->text,
             "%s:%d: assigns the global '%.*s', but globals are read-only: "
             "declare it local",
             g->chunk.short_src, access->line, (int)access->name_len,
             access->name);
}

/* A byte order mark and a first line that starts with # are no Lua. */
static size_t skip_prelude(const char *text, size_t len)
{
    size_t at = 0;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    if (at < len && text[at] == '#')
        while (at < len && text[at] != '\n')
            at++;
    return at;
}

bool akt_sandbox_load(lua_State *L, const char *text, size_t len,
                      const char *chunkname, bool refuse_globals)
{
    size_t at = skip_prelude(text, len);
    if (at < len && text[at] == LUA_SIGNATURE[0]) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s%sonly text is loaded, not compiled Lua",
                        chunkname[0] == '@' ? chunkname + 1 : "",
                        chunkname[0] == '@' ? ": " : "");
        return false;
    }
    if (luaL_loadbufferx(L, text + at, len - at, chunkname, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return false;
    }
    if (!refuse_globals)
        return true;
    struct akt_buf dump = AKT_BUF_INIT;
    struct global_store found = {.any = false};
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &found.chunk);
    if (akt_bytecode_dump(L, -1, &dump))
        akt_bytecode_stores(dump.data, dump.len, on_global, &found);
    akt_buf_fini(&dump);
    if (!found.any)
        return true;
    lua_pop(L, 1);
    lua_pushnil(L);
    lua_pushstring(L, found.text);
    return false;
}

static bool read_file(lua_State *L, const char *path, struct akt_buf *out)
{
    int found = akt_sim_load(L, path, out);
    if (found != AKT_DISK_ELSEWHERE)
        return found == 0;
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n;
    do {
        n = fread(akt_buf_reserve(out, 16384), 1, 16384, f);
        out->len += n;
    } while (n > 0);
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

static int load_file(lua_State *L, const char *path)
{
    struct akt_buf text = AKT_BUF_INIT;
    if (!read_file(L, path, &text)) {
        akt_buf_fini(&text);
        lua_pushnil(L);
        lua_pushfstring(L, "cannot read %s", path);
        return 2;
    }
    lua_pushfstring(L, "@%s", path);
    const char *chunkname = lua_tostring(L, -1);
    int name = lua_gettop(L);
    bool ok = akt_sandbox_load(L, text.data ? text.data : "", text.len,
                               chunkname, true);
    akt_buf_fini(&text);
    lua_remove(L, name);
    return ok ? 1 : 2;
}

/* load(text | function, chunkname, mode, env): text only */
static int l_load(lua_State *L)
{
    const char *chunkname = luaL_optstring(L, 2, "=(load)");
    bool has_env = !lua_isnone(L, 4);
    if (lua_type(L, 1) == LUA_TFUNCTION) {
        luaL_Buffer b;
        lua_settop(L, 4);
        luaL_buffinit(L, &b);
        for (;;) {
            lua_pushvalue(L, 1);
            lua_call(L, 0, 1);
            size_t len;
            const char *piece = lua_tolstring(L, -1, &len);
            if (!piece || len == 0) {
                lua_pop(L, 1);
                break;
            }
            luaL_addvalue(&b);
        }
        luaL_pushresult(&b);
        lua_replace(L, 1);
    }
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    if (!lua_isstring(L, 2))
        chunkname = text;
    if (!akt_sandbox_load(L, text, len, chunkname, !has_env))
        return 2;
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

static int call_k(lua_State *L, int status, lua_KContext first)
{
    (void)status;
    return lua_gettop(L) - (int)first;
}

static int l_dofile(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    if (load_file(L, path) != 1)
        return akt_error_raise(L, "bad_file", "%s", lua_tostring(L, -1));
    lua_callk(L, 0, LUA_MULTRET, 1, call_k);
    return call_k(L, LUA_OK, 1);
}

static int l_loadfile(lua_State *L)
{
    return load_file(L, luaL_checkstring(L, 1));
}

/* core.load_module(name, path) -> function, or nil, error */
static int l_load_module(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    const char *name = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    struct akt_text *text = akt_modules_get(n, name, NULL);
    if (!text) {
        text = akt_text_read(path);
        if (!text) {
            lua_pushnil(L);
            lua_pushfstring(L, "cannot read %s: %s", path, strerror(errno));
            return 2;
        }
        text = akt_modules_put(n, name, path, text);
    }
    lua_pushfstring(L, "@%s", path);
    bool ok =
        akt_sandbox_load(L, text->bytes, text->len, lua_tostring(L, -1), true);
    akt_text_unref(text);
    return ok ? 1 : 2;
}

/* core.module_path(name) -> where the node has it from, or nil */
static int l_module_path(lua_State *L)
{
    char *path = NULL;
    struct akt_text *text =
        akt_modules_get(akt_lua_of(L)->node, luaL_checkstring(L, 1), &path);
    akt_text_unref(text);
    lua_pushstring(L, path);
    akt_strfree(path);
    return 1;
}

/* core.is_file(path): a regular one; opening another kind could block */
static int l_is_file(lua_State *L)
{
    struct stat st;
    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &st) == 0 &&
                           S_ISREG(st.st_mode));
    return 1;
}

/* core.module_sync(): forgets what a reload has changed */
static int l_module_sync(lua_State *L)
{
    akt_modules_sync(akt_lua_of(L), L);
    return 0;
}

/* core.module_requires(name, other): while it loads */
static int l_module_requires(lua_State *L)
{
    akt_modules_require(akt_lua_of(L)->node, luaL_checkstring(L, 1),
                        luaL_checkstring(L, 2));
    return 0;
}

/* core.loading(delta): effects are refused while a module loads */
static int l_loading(lua_State *L)
{
    akt_lua_of(L)->loading += (int)luaL_checkinteger(L, 1);
    return 0;
}

/* core.is_loading(pid|nil): whether that actor of this isolate loads a module
 * now; one that was killed while it did does not. */
static int l_is_loading(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid pid;
    bool is = false;
    if (akt_to_pid(L, 1, &pid)) {
        struct akt_actor *a = akt_actor_find(h->iso->node->actors, pid);
        const struct akt_lua_actor *la = a ? a->host_data : NULL;
        if (a == h->iso->current)
            is = h->loading > h->node->definition;
        else
            is = la && la->loading > h->node->definition;
    }
    lua_pushboolean(L, is);
    return 1;
}

/* The embedded modules, compiled at their first use by any isolate: loading
 * the code again is a fifth of the work of compiling the text. */
static pthread_mutex_t compiled_lock = PTHREAD_MUTEX_INITIALIZER;
static struct akt_buf compiled[STDLIB_MAX]; /* under the lock */

static int add_piece(lua_State *L, const void *p, size_t len, void *ud)
{
    (void)L;
    akt_buf_add(ud, p, len);
    return 0;
}

/* Under the lock; raises nothing. The code is kept without lines and names:
 * what fails in it is reported at the script's own line. */
static bool compile_module(const struct akt_stdlib_module *m,
                           struct akt_buf *out)
{
    /* in a state of its own: whether an isolate is the first to need a module
     * must make no difference to its memory */
    lua_State *L = luaL_newstate();
    bool ok = L &&
              luaL_loadbufferx(L, m->text, m->len, "=akt", "t") == LUA_OK &&
              lua_dump(L, add_piece, out, 1) == 0;
    if (L)
        lua_close(L);
    return ok;
}

/* Pushes the function of module i. */
static void push_module(lua_State *L, size_t i)
{
    const struct akt_stdlib_module *m = &akt_stdlib_modules[i];
    pthread_mutex_lock(&compiled_lock);
    bool ok = compiled[i].len || compile_module(m, &compiled[i]);
    struct akt_buf code = compiled[i]; /* it is never changed again */
    pthread_mutex_unlock(&compiled_lock);
    if (!ok)
        luaL_error(L, "cannot compile %s", m->name);
    if (luaL_loadbufferx(L, code.data, code.len, "=akt", "b") != LUA_OK)
        lua_error(L);
}

bool akt_sandbox_stdlib(lua_State *L, const char *name)
{
    for (size_t i = 0; i < akt_stdlib_count && i < STDLIB_MAX; i++) {
        if (strcmp(akt_stdlib_modules[i].name, name) == 0) {
            push_module(L, i);
            return true;
        }
    }
    return false;
}

/* core.stdlib(name) -> function of an embedded module, or nil */
static int l_stdlib(lua_State *L)
{
    return akt_sandbox_stdlib(L, luaL_checkstring(L, 1));
}

/* core.lib(name) -> table of the functions in C behind a part of stdlib/ */
static int l_lib(lua_State *L)
{
    static const struct {
        const char *name;
        const luaL_Reg *functions;
    } libs[] = {{"gates", akt_lib_gates},
                {"timers", akt_lib_timers},
                {"provide", akt_lib_provide},
                {"shared", akt_lib_shared}};
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
                        akt_world_random_of(&h->iso->node->world,
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
        {"load", l_load},
        {"dofile", l_dofile},
        {"loadfile", l_loadfile},
        {"collectgarbage", l_collectgarbage},
        {"setmetatable", l_setmetatable},
        {"xpcall", l_xpcall},
        {NULL, NULL},
    };
    lua_pushglobaltable(L);
    luaL_setfuncs(L, base, 0);
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
    static const luaL_Reg mine[] = {
        {"load_module", l_load_module},
        {"module_path", l_module_path},
        {"module_requires", l_module_requires},
        {"module_sync", l_module_sync},
        {"is_file", l_is_file},
        {"loading", l_loading},
        {"is_loading", l_is_loading},
        {"stdlib", l_stdlib},
        {"lib", l_lib},
        {NULL, NULL},
    };
    lua_pushvalue(L, core);
    luaL_setfuncs(L, mine, 0);
    lua_pop(L, 1);
    if (akt_lua_of(L)->repeatable) {
        akt_sim_pin_calls(L, akt);
        akt_sim_pin_calls(L, core);
        akt_sim_pin(L, akt);
    }
    /* stdlib/akt.lua(akt, core, G) -> methods of pids */
    lua_pushcfunction(L, l_stdlib);
    lua_pushliteral(L, "akt");
    lua_call(L, 1, 1);
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
    struct akt_worker *w = akt_lua_of(L)->iso->worker;
    if (w)
        akt_count(&w->stats.collections);
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
