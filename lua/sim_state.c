/* SPDX-License-Identifier: MIT */
#include "lua/sim_state.h"

#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/arena.h"
#include "vm/tape.h"

/* ---- memory ---- */

static void warn_once(const char *why)
{
    static _Atomic bool told;
    /* relaxed: one line more or less */
    if (!atomic_exchange_explicit(&told, true, memory_order_relaxed))
        fprintf(stderr,
                "aktvm: warning: %s: the order of tables is not repeatable\n",
                why);
}

static struct akt_arena *arena_of(struct akt_lua *h)
{
    struct akt_world *world = h->iso->node->world;
    if (world->taped)
        return h->arena; /* isolates run at the same time */
    if (!world->arena && !world->no_arena) {
        world->arena = akt_arena_create();
        world->no_arena = !world->arena;
        if (world->no_arena)
            warn_once("no address space for a simulated world");
    }
    return world->arena;
}

/* ---- the seed of hashes ---- */

/*
 * Lua makes it from addresses and the time, and asks nobody. It stands in the
 * block that lua_newstate allocates first, beside our allocator and its
 * argument, and is not used before the second allocation; so there it is
 * replaced. This is the beginning of global_State in all of Lua 5.4.
 */
struct lua_value {
    void *value;
    unsigned char type;
};

struct lua_global {
    lua_Alloc alloc;
    void *ud;
    size_t figures[4];
    void *strings;
    int strings_used, strings_size;
    struct lua_value registry, nil;
    unsigned int seed;
};

_Static_assert(LUA_VERSION_NUM == 504, "see struct lua_global");

static bool is_global(const struct lua_global *g, struct akt_lua *h)
{
    return g->alloc == h->fresh_alloc && g->ud == h;
}

/* Nothing has been made in it: no string can have been hashed. */
static bool is_new(const struct lua_global *g)
{
    return !g->strings && !g->strings_used && !g->strings_size &&
           g->registry.type == LUA_TNIL;
}

static void set_seed(struct akt_lua *h)
{
    char *block = h->fresh;
    size_t last = h->fresh_size - sizeof(struct lua_global);
    for (size_t at = 0; at <= last; at += sizeof(void *)) {
        struct lua_global g;
        memcpy(&g, block + at, sizeof g);
        if (!is_global(&g, h))
            continue;
        if (!is_new(&g))
            break;
        g.seed = (unsigned)akt_world_random_of(h->iso->node->world, 0);
        memcpy(block + at, &g, sizeof g);
        return;
    }
    warn_once("unknown version of Lua");
}

void *akt_sim_resize(struct akt_lua *h, void *p, size_t old, size_t size)
{
    struct akt_arena *arena = arena_of(h);
    bool second = h->fresh && h->fresh_size;
    if (second) {
        set_seed(h);
        h->fresh_size = 0;
    }
    void *q = arena ? akt_arena_resize(arena, p, old, size)
                    : akt_try_resize(p, old, size);
    if (!h->fresh) {
        h->fresh = q;
        h->fresh_size = size;
    }
    return q;
}

void akt_sim_free(struct akt_lua *h, void *p, size_t size)
{
    struct akt_arena *arena = arena_of(h);
    if (arena)
        akt_arena_free(arena, p, size);
    else
        akt_free(p, size);
}

lua_State *akt_sim_newstate(struct akt_lua *h, lua_Alloc alloc)
{
    h->fresh = NULL;
    h->fresh_size = 0;
    h->fresh_alloc = alloc;
    if (h->iso->node->world->taped) {
        h->arena = akt_arena_create();
        if (!h->arena)
            warn_once("no address space for each isolate");
    }
    return lua_newstate(alloc, h);
}

/* ---- functions ---- */

#define PINS_MAX 1024 /* of each; the libraries have a quarter of it */
#define PIN_DEPTH 8

struct pins {
    lua_State *L;
    int closures; /* stack: a list, in the order of `functions` */
    uint32_t functions_len, tables_len;
    lua_CFunction functions[PINS_MAX];
    const void *tables[PINS_MAX];
};

static bool is_light(lua_State *L, int idx)
{
    if (!lua_iscfunction(L, idx))
        return false;
    if (!lua_getupvalue(L, idx, 1))
        return true;
    lua_pop(L, 1);
    return false;
}

/* Replaces the function on top by its closure, the same one each time. */
static void pin_function(struct pins *p)
{
    lua_CFunction f = lua_tocfunction(p->L, -1);
    uint32_t i = 0;
    while (i < p->functions_len && p->functions[i] != f)
        i++;
    if (i == PINS_MAX)
        return;
    if (i == p->functions_len) {
        p->functions[p->functions_len++] = f;
        lua_pushboolean(p->L, 0);
        lua_pushcclosure(p->L, f, 1);
        lua_rawseti(p->L, p->closures, (lua_Integer)i + 1);
    }
    lua_pop(p->L, 1);
    lua_rawgeti(p->L, p->closures, (lua_Integer)i + 1);
}

static bool is_seen(struct pins *p, const void *table)
{
    for (uint32_t i = 0; i < p->tables_len; i++)
        if (p->tables[i] == table)
            return true;
    if (p->tables_len < PINS_MAX)
        p->tables[p->tables_len++] = table;
    return false;
}

static void pin_value(struct pins *p, int depth);

/* The table on top; leaves it there. */
static void pin_fields(struct pins *p, int depth)
{
    lua_State *L = p->L;
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (is_light(L, -1)) {
            pin_function(p);
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, table);
        } else {
            pin_value(p, depth);
            lua_pop(L, 1);
        }
    }
}

static void pin_value(struct pins *p, int depth)
{
    lua_State *L = p->L;
    int type = lua_type(L, -1);
    if (depth == 0 || (type != LUA_TTABLE && type != LUA_TUSERDATA))
        return;
    luaL_checkstack(L, 8, NULL);
    if (lua_getmetatable(L, -1)) {
        pin_value(p, depth - 1);
        lua_pop(L, 1);
    }
    if (type == LUA_TTABLE && !is_seen(p, lua_topointer(L, -1)))
        pin_fields(p, depth - 1);
}

static void pin_one(struct pins *p, int idx)
{
    lua_pushvalue(p->L, idx);
    pin_value(p, PIN_DEPTH);
    lua_pop(p->L, 1);
}

void akt_sim_pin(lua_State *L, int idx)
{
    struct pins p = {.L = L};
    idx = lua_absindex(L, idx);
    lua_newtable(L);
    p.closures = lua_gettop(L);
    pin_one(&p, idx);
    lua_pop(L, 1);
}

void akt_sim_pin_one(lua_State *L)
{
    if (!is_light(L, -1))
        return;
    lua_CFunction f = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    lua_pushboolean(L, 0);
    lua_pushcclosure(L, f, 1);
}

void akt_sim_pin_all(lua_State *L)
{
    lua_newtable(L); /* one walk over all of them */
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_rawseti(L, -2, 1);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_rawseti(L, -2, 2);
    lua_pushliteral(L, "");
    if (lua_getmetatable(L, -1))
        lua_rawseti(L, -3, 3);
    lua_pop(L, 1);
    akt_sim_pin(L, -1);
    lua_pop(L, 1);
}

/* The function has no upvalues of its own, so it can run in this frame. */
static int call(lua_State *L)
{
    lua_CFunction f = lua_tocfunction(L, lua_upvalueindex(1));
    if (akt_tape) {
        akt_tape->calls++;
        if (akt_tape->replays) /* one that calls back may be preempted there */
            akt_preempt_replayed(L);
        int n = f(L);
        if (akt_tape && akt_tape->replays)
            akt_preempt_replayed(L);
        return n;
    }
    akt_preempt_called(L);
    return f(L);
}

void akt_sim_pin_calls(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (!is_light(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        lua_pushcclosure(L, call, 1);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, idx);
    }
}

/* ---- text ---- */

/* Stock Lua would show its address. */
static bool is_nameless(lua_State *L, int idx)
{
    switch (lua_type(L, idx)) {
    case LUA_TTABLE:
    case LUA_TUSERDATA:
        if (luaL_getmetafield(L, idx, "__tostring") == LUA_TNIL)
            return true;
        lua_pop(L, 1);
        return false;
    case LUA_TFUNCTION:
    case LUA_TTHREAD:
        return true;
    default:
        return false;
    }
}

const void *akt_sim_pointer(lua_State *L, int idx)
{
    struct akt_lua *h = akt_lua_of(L);
    const void *p = lua_topointer(L, idx);
    if (!h->repeatable)
        return p;
    const struct akt_arena *arena = arena_of(h);
    uint32_t at = arena && p ? akt_arena_offset(arena, p) : 0;
    return (const void *)(uintptr_t)at;
}

const char *akt_sim_place(lua_State *L, int idx)
{
    char text[24];
    snprintf(text, sizeof text, "0x%08x",
             (unsigned)(uintptr_t)akt_sim_pointer(L, idx));
    return lua_pushstring(L, text);
}

const char *akt_tolstring(lua_State *L, int idx, size_t *len)
{
    if (!akt_lua_of(L)->repeatable || !is_nameless(L, idx))
        return luaL_tolstring(L, idx, len);
    int top = lua_gettop(L);
    const char *name = luaL_typename(L, idx);
    idx = lua_absindex(L, idx);
    if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING)
        name = lua_tostring(L, -1);
    lua_pushfstring(L, "%s: %s", name, akt_sim_place(L, idx));
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    return lua_tolstring(L, -1, len);
}

static int l_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    akt_tolstring(L, 1, NULL);
    return 1;
}

/* Behind the flags, the width and the precision. */
static char *conversion(char *p)
{
    while (*p && strchr("-+ #0123456789.", *p))
        p++;
    return p;
}

/* The places of nameless values go in as text. */
static void format_places(lua_State *L, char *format)
{
    int arg = 1;
    for (char *p = format; *p; p++) {
        if (*p != '%')
            continue;
        p = conversion(p + 1);
        if (!*p)
            return;
        if (*p == '%')
            continue;
        if (++arg > lua_gettop(L) - 1) /* the format is on top */
            return;
        bool place = *p == 'p' && lua_topointer(L, arg);
        if (place)
            akt_sim_place(L, arg);
        else if (*p == 's' && is_nameless(L, arg))
            akt_tolstring(L, arg, NULL);
        else
            continue;
        lua_replace(L, arg);
        *p = 's';
    }
}

/* string.format; upvalue 1 is Lua's own. */
static int l_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);
    char *copy = lua_newuserdatauv(L, len + 1, 0);
    memcpy(copy, format, len + 1);
    format_places(L, copy);
    lua_pushlstring(L, copy, len);
    lua_replace(L, 1);
    lua_pop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

void akt_sim_text_open(lua_State *L)
{
    lua_pushcfunction(L, l_tostring);
    lua_setglobal(L, "tostring");
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, l_format, 1);
    lua_setfield(L, -2, "format");
    lua_pop(L, 1);
}
