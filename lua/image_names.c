/* SPDX-License-Identifier: MIT */
#include "lua/image_names.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/error.h"
#include "lua/registry.h"

#define PREFIX AKT_IMAGE_NAMES_PREFIX
#define PREFIX_LEN (sizeof PREFIX - 1)
#define GLOBALS PREFIX "_G"
/* A lock in front of a lock happens, a long chain of them is a mistake (or a
 * cycle). */
#define LOCKS_MAX 4
/* The deepest place needs: a list, its name, a table, a key, a value, the name
 * made of them, and a few for comparing. */
#define STACK_SLOTS 24

const struct akt_image_names akt_image_names_modules = {
    akt_image_names_find, akt_image_names_resolve, NULL};

static bool is_empty(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushnil(L);
    if (!lua_next(L, idx))
        return true;
    lua_pop(L, 2);
    return false;
}

/* Replaces the lock on top of the stack by what it locks. */
static bool open_lock(lua_State *L)
{
    if (!is_empty(L, -1) || !lua_getmetatable(L, -1))
        return false;
    lua_pushliteral(L, "__index");
    if (lua_rawget(L, -2) != LUA_TTABLE) {
        lua_pop(L, 2);
        return false;
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    return true;
}

/* Replaces the table on top by the one its entries are really in. */
static void open_locks(lua_State *L)
{
    for (int i = 0; i < LOCKS_MAX && open_lock(L); i++)
        ;
}

/* ---- the index ---- */

/*
 * Names are given breadth first: level 0 is the modules, level 1 what they
 * contain, and so on. `found` (value -> name) collects a level; then what is
 * new in it goes to the index, and its tables make the next level. So fewest
 * parts win without comparing levels, and each table is walked once.
 */
enum { SLOT_INDEX = 1, SLOT_LEVEL, SLOT_FOUND, SLOT_LAST = SLOT_FOUND };

static bool can_be_named(lua_State *L, int idx)
{
    int type = lua_type(L, idx);
    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA;
}

/* Is the name at stack index `a` to be preferred to that at `b`? */
static bool is_better(lua_State *L, int a, int b)
{
    size_t la, lb;
    const char *sa = lua_tolstring(L, a, &la);
    const char *sb = lua_tolstring(L, b, &lb);
    return la < lb || (la == lb && memcmp(sa, sb, la) < 0);
}

/* Pops a name; the value below it may get it in this level. */
static void offer(lua_State *L)
{
    lua_pushvalue(L, -2);
    if (lua_rawget(L, SLOT_INDEX) != LUA_TNIL) {
        lua_pop(L, 2);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    bool better = lua_rawget(L, SLOT_FOUND) == LUA_TNIL || is_better(L, -2, -1);
    lua_pop(L, 1);
    if (!better) {
        lua_pop(L, 1);
        return;
    }
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, SLOT_FOUND);
}

/* Pushes the string key at `key` as one more part after `prefix`. */
static void push_name(lua_State *L, int prefix, int key)
{
    key = lua_absindex(L, key);
    lua_pushvalue(L, prefix);
    if (lua_rawlen(L, -1) > PREFIX_LEN) {
        lua_pushlstring(L, "", 1);
        lua_pushvalue(L, key);
        lua_concat(L, 3);
    } else {
        lua_pushvalue(L, key);
        lua_concat(L, 2);
    }
}

/* A key with a zero byte would read as two parts; an empty one is no module
 * name. */
static bool is_part(lua_State *L, int key)
{
    size_t len;
    if (lua_type(L, key) != LUA_TSTRING)
        return false;
    const char *s = lua_tolstring(L, key, &len);
    return len > 0 && memchr(s, 0, len) == NULL;
}

/* Pops a table, whose name is at `prefix`: offers all it contains. */
static void walk_table(lua_State *L, int prefix)
{
    open_locks(L);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (can_be_named(L, -1) && is_part(L, -2)) {
            push_name(L, prefix, -2);
            offer(L);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* What was found becomes the level, and part of the index. */
static void close_level(lua_State *L)
{
    lua_pushvalue(L, SLOT_FOUND);
    lua_replace(L, SLOT_LEVEL);
    lua_newtable(L);
    lua_replace(L, SLOT_FOUND);
    lua_pushnil(L);
    while (lua_next(L, SLOT_LEVEL)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, SLOT_INDEX);
    }
}

static void walk_level(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, SLOT_LEVEL)) {
        if (lua_type(L, -2) == LUA_TTABLE) {
            lua_pushvalue(L, -2);
            walk_table(L, lua_absindex(L, -2));
        }
        lua_pop(L, 1);
    }
    close_level(L);
}

static int build_index(lua_State *L)
{
    luaL_checkstack(L, STACK_SLOTS, NULL);
    lua_settop(L, 0);
    while (lua_gettop(L) < SLOT_LAST)
        lua_newtable(L);
    /* The globals table first: no module may give it another name. */
    lua_pushglobaltable(L);
    lua_pushliteral(L, GLOBALS);
    lua_rawset(L, SLOT_INDEX);
    lua_pushliteral(L, PREFIX);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    walk_table(L, lua_absindex(L, -2));
    lua_settop(L, SLOT_LAST);
    lua_pushglobaltable(L);
    lua_pushliteral(L, GLOBALS);
    lua_rawset(L, SLOT_FOUND);
    close_level(L);
    for (int depth = 1; depth <= AKT_IMAGE_NAMES_DEPTH; depth++)
        walk_level(L);
    lua_pushvalue(L, SLOT_INDEX);
    lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_NAMES);
    return 0;
}

void akt_image_names_index(lua_State *L)
{
    luaL_checkstack(L, 1, NULL);
    lua_pushcfunction(L, build_index);
    lua_call(L, 0, 0);
}

bool akt_image_names_find(lua_State *L, int idx, struct akt_buf *name,
                          void *ctx)
{
    (void)ctx;
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 4, NULL);
    if (!can_be_named(L, idx))
        return false;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_NAMES) != LUA_TTABLE) {
        lua_pop(L, 1);
        akt_image_names_index(L);
        lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_NAMES);
    }
    lua_pushvalue(L, idx);
    bool found = lua_rawget(L, -2) == LUA_TSTRING;
    if (found) {
        size_t len;
        const char *s = lua_tolstring(L, -1, &len);
        akt_buf_add(name, s, len);
    }
    lua_pop(L, 2);
    return found;
}

/* ---- finding a value again ---- */

/* Pushes the global `require`; the globals may be locked. */
static void push_require(lua_State *L)
{
    lua_pushglobaltable(L);
    open_locks(L);
    lua_pushliteral(L, "require");
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

/* Pushes a module, loading it if it is not there yet. */
static void push_module(lua_State *L, const char *module)
{
    if (strcmp(module, "_G") == 0) {
        lua_pushglobaltable(L);
        return;
    }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushstring(L, module);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    if (type != LUA_TNIL)
        return;
    lua_pop(L, 1);
    push_require(L);
    if (lua_isnil(L, -1))
        akt_error_raise(L, "not_found",
                        "code from another isolate needs module '%s', which "
                        "is not loaded here, and there is no 'require'",
                        module);
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
}

/* Replaces the value on top by its field `key`. */
static void step(lua_State *L, const char *module, const char *key)
{
    int type = LUA_TNIL;
    if (lua_type(L, -1) == LUA_TTABLE) {
        open_locks(L);
        lua_pushstring(L, key);
        type = lua_rawget(L, -2);
        lua_remove(L, -2);
    }
    if (type == LUA_TNIL)
        akt_error_raise(L, "not_found",
                        "code from another isolate needs field '%s' of "
                        "module '%s', which is not there",
                        key, module);
}

void akt_image_names_resolve(lua_State *L, const char *name, size_t len,
                             void *ctx)
{
    (void)ctx;
    luaL_checkstack(L, STACK_SLOTS, NULL);
    if (len <= PREFIX_LEN || memcmp(name, PREFIX, PREFIX_LEN) != 0)
        akt_error_raise(L, "not_found",
                        "code from another isolate uses an unknown name");
    /* A string of Lua's own ends in a zero byte; a part of a name may not. */
    const char *module = lua_pushlstring(L, name, len) + PREFIX_LEN;
    const char *end = module - PREFIX_LEN + len;
    push_module(L, module);
    for (const char *key = module + strlen(module) + 1; key <= end;
         key += strlen(key) + 1)
        step(L, module, key);
    lua_remove(L, -2);
}
