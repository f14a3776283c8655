/* SPDX-License-Identifier: MIT */
#include "lua/image_impl.h"

#include <lauxlib.h>

/* So many steps are named between the culprit and a function; more would push
 * the end of the sentence out of the text. */
#define STEPS_MAX 6

static void push_object(lua_State *L, int objects, uint32_t id)
{
    lua_rawgeti(L, objects, (lua_Integer)id + 1);
}

/* "a userdata (FILE*)": what is on top of the stack. */
static void describe_value(lua_State *L, struct akt_buf *text)
{
    if (lua_type(L, -1) == LUA_TTHREAD) {
        akt_buf_puts(text, "a coroutine");
        return;
    }
    if (lua_type(L, -1) == LUA_TFUNCTION) {
        akt_buf_puts(text, "a C function that no module contains");
        return;
    }
    akt_buf_puts(text, "a userdata");
    if (!lua_getmetatable(L, -1))
        return;
    lua_pushliteral(L, "__name");
    if (lua_rawget(L, -2) == LUA_TSTRING)
        akt_buf_printf(text, " (%.40s)", lua_tostring(L, -1));
    lua_pop(L, 2);
}

/* "function at worker.lua:12": what is on top of the stack. */
static void describe_function(lua_State *L, struct akt_buf *text)
{
    lua_Debug ar;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    if (ar.linedefined > 0)
        akt_buf_printf(text, "function at %s:%d", ar.short_src, ar.linedefined);
    else
        akt_buf_printf(text, "the main chunk of %s", ar.short_src);
}

/* "upvalue 'sock'": where the function below the top holds the top. */
static void describe_upvalue(lua_State *L, struct akt_buf *text)
{
    const char *name;
    for (int i = 1; (name = lua_getupvalue(L, -2, i)) != NULL; i++) {
        bool found = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
        if (found) {
            akt_buf_printf(text, "upvalue '%.40s'", name);
            return;
        }
    }
    akt_buf_puts(text, "an upvalue"); /* a finalizer changed it since */
}

/* The key is just below the top. */
static void describe_key(lua_State *L, struct akt_buf *text)
{
    if (lua_type(L, -2) == LUA_TSTRING)
        akt_buf_printf(text, "field '%.40s'", lua_tostring(L, -2));
    else if (lua_isinteger(L, -2))
        akt_buf_printf(text, "element [%lld]", (long long)lua_tointeger(L, -2));
    else
        akt_buf_printf(text, "a field with a %s as key", luaL_typename(L, -2));
}

/* "field 'sock'": where the table below the top holds the top. */
static void describe_field(lua_State *L, struct akt_buf *text)
{
    int child = lua_gettop(L);
    int table = child - 1;
    if (lua_getmetatable(L, table)) {
        bool found = lua_rawequal(L, -1, child);
        lua_pop(L, 1);
        if (found) {
            akt_buf_puts(text, "the metatable");
            return;
        }
    }
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_rawequal(L, -1, child)) {
            describe_key(L, text);
            lua_pop(L, 2);
            return;
        }
        lua_pop(L, 1);
    }
    akt_buf_puts(text, "a key"); /* no value, so it must be one */
}

/* One step of the way: where object `parent` holds object `id`. True when
 * `parent` is a function, which ends the way. */
static bool describe_step(lua_State *L, int objects, uint32_t parent,
                          uint32_t id, struct akt_buf *text)
{
    push_object(L, objects, parent);
    push_object(L, objects, id);
    bool is_function = lua_isfunction(L, -2);
    if (is_function)
        describe_upvalue(L, text);
    else if (lua_isuserdata(L, -2))
        akt_buf_puts(text, "the value");
    else
        describe_field(L, text);
    lua_pop(L, 1);
    akt_buf_puts(text, " of ");
    if (is_function)
        describe_function(L, text);
    lua_pop(L, 1);
    return is_function;
}

/* How object `id` is reached, from the nearest function around it or else
 * from the value the image is made of. */
static void describe_path(lua_State *L, int objects, const uint32_t *parents,
                          uint32_t id, struct akt_buf *text)
{
    for (int steps = 0; parents[id] != IMAGE_NO_PARENT; steps++) {
        if (steps == STEPS_MAX) {
            akt_buf_puts(text, "something inside ");
            break;
        }
        if (describe_step(L, objects, parents[id], id, text))
            return;
        id = parents[id];
    }
    akt_buf_puts(text, "the value");
}

void akt_image_explain(lua_State *L, int objects, const uint32_t *parents,
                       uint32_t id, struct akt_buf *text)
{
    bool is_root = parents[id] == IMAGE_NO_PARENT;
    if (!is_root) {
        describe_path(L, objects, parents, id, text);
        akt_buf_puts(text, " holds ");
    }
    push_object(L, objects, id);
    describe_value(L, text);
    lua_pop(L, 1);
    akt_buf_puts(text, is_root ? " cannot travel to another isolate"
                               : ", which cannot travel to another isolate");
}
