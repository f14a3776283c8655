/* SPDX-License-Identifier: MIT */
#include "lua/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/registry.h"
#include "lua/sim_state.h"

#define MESSAGE_MAX 1024

static int error_tostring(lua_State *L)
{
    lua_getfield(L, 1, "code");
    lua_getfield(L, 1, "message");
    const char *code = lua_tostring(L, -2);
    const char *message = lua_tostring(L, -1);
    lua_pushfstring(L, "%s: %s", code ? code : "error",
                    message ? message : "(no message)");
    return 1;
}

void akt_error_setmetatable(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_ERROR) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 2);
        lua_pushcfunction(L, error_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushliteral(L, "error");
        lua_setfield(L, -2, "__name");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_ERROR);
    }
    lua_setmetatable(L, -2);
}

/* The first level that is a script's own function. */
static void push_where(lua_State *L)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0 && ar.source[0] != '=') {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

static void push_error(lua_State *L, const char *code, const char *text)
{
    luaL_checkstack(L, 8, "error");
    lua_createtable(L, 0, 2);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    push_where(L);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    lua_setfield(L, -2, "message");
    akt_error_setmetatable(L);
}

void akt_error_push(lua_State *L, const char *code, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    push_error(L, code, text);
}

int akt_error_raise(lua_State *L, const char *code, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    push_error(L, code, text);
    lua_error(L);
    __builtin_unreachable();
}

int akt_error_arg(lua_State *L, int arg, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    lua_Debug ar = {0};
    if (lua_getstack(L, 0, &ar))
        lua_getinfo(L, "n", &ar);
    if (ar.namewhat && strcmp(ar.namewhat, "method") == 0)
        arg--; /* `self` is not counted */
    push_where(L);
    if (arg == 0)
        lua_pushfstring(L, "calling '%s' on a bad self (%s)",
                        ar.name ? ar.name : "?", text);
    else if (ar.name)
        lua_pushfstring(L, "bad argument #%d to '%s' (%s)", arg, ar.name, text);
    else
        lua_pushfstring(L, "bad argument #%d (%s)", arg, text);
    lua_concat(L, 2);
    lua_error(L);
    __builtin_unreachable();
}

const char *akt_error_normalize(lua_State *L, int idx, int status)
{
    if (status == LUA_ERRMEM)
        return "memory";
    if (lua_type(L, idx) != LUA_TTABLE)
        return "error";
    lua_pushliteral(L, "code");
    lua_rawget(L, idx);
    const char *code = lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) < 64
                           ? lua_tostring(L, -1)
                           : "error";
    lua_pop(L, 1);
    return code;
}

static int call_tostring(lua_State *L)
{
    akt_tolstring(L, 1, NULL);
    return 1;
}

void akt_error_message(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        lua_rawget(L, idx);
        if (lua_type(L, -1) == LUA_TSTRING)
            return;
        lua_pop(L, 1);
        if (!lua_getmetatable(L, idx)) {
            lua_pushliteral(L, "code"); /* better than an address */
            if (lua_rawget(L, idx) == LUA_TSTRING)
                return;
        }
        lua_pop(L, 1);
    }
    if (lua_type(L, idx) == LUA_TNIL) {
        lua_pushliteral(L, "error(nil)");
        return;
    }
    lua_pushcfunction(L, call_tostring);
    lua_pushvalue(L, idx);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING)
        return;
    lua_pop(L, 1);
    lua_pushfstring(L, "(an error that is a %s whose __tostring fails)",
                    luaL_typename(L, idx));
}
