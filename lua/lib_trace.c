/* SPDX-License-Identifier: MIT
 *
 * lua/lib_trace.c: akt.trace_id, and what akt.with_trace is made of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "vm/cause.h"

#define DIGITS 16      /* of a trace */
#define LONG_DIGITS 32 /* of W3C's, whose right half is ours */

/* akt.trace_id() -> 16 hexadecimal digits, or nil: nothing is handled */
static int l_trace_id(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    uint64_t trace = akt_cause_trace(iso, iso->current);
    char text[DIGITS + 1];
    if (!trace) {
        lua_pushnil(L);
        return 1;
    }
    snprintf(text, sizeof text, "%016" PRIx64, trace);
    lua_pushstring(L, text);
    return 1;
}

static bool read_trace(const char *s, size_t len, uint64_t *trace)
{
    if (len == 0 || (len > DIGITS && len != LONG_DIGITS) ||
        strspn(s, "0123456789abcdefABCDEF") != len)
        return false;
    *trace = strtoull(len > DIGITS ? s + DIGITS : s, NULL, 16);
    return *trace != 0;
}

static uint64_t check_trace(lua_State *L, int arg)
{
    size_t len;
    uint64_t trace;
    const char *s =
        lua_type(L, arg) == LUA_TSTRING ? lua_tolstring(L, arg, &len) : NULL;
    if (!s || !read_trace(s, len, &trace))
        akt_error_raise(L, "bad_argument",
                        "with_trace: a trace is 1 to 16 hexadecimal digits, or "
                        "32, and not 0; got %s",
                        luaL_tolstring(L, arg, NULL));
    return trace;
}

/* core.set_trace(id) -> what it was, what it is, whether of a message */
static int l_set_trace(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    uint64_t trace = check_trace(L, 1);
    lua_pushinteger(L, (lua_Integer)akt_cause_set_trace(a, trace));
    lua_pushinteger(L, (lua_Integer)trace);
    lua_pushboolean(L, a->current != NULL);
    return 3;
}

/* core.restore_trace(was, is, of a message): a message that has been taken
 * meanwhile keeps its own */
static int l_restore_trace(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    uint64_t was = (uint64_t)luaL_checkinteger(L, 1);
    uint64_t is = (uint64_t)luaL_checkinteger(L, 2);
    if (!lua_toboolean(L, 3))
        akt_actor_ext(a)->trace = was;
    else if (a->current && a->current->trace == is)
        a->current->trace = was;
    return 0;
}

void akt_lib_trace_open(lua_State *L, int akt, int core_table)
{
    lua_pushcfunction(L, l_trace_id);
    lua_setfield(L, akt, "trace_id");
    lua_pushcfunction(L, l_set_trace);
    lua_setfield(L, core_table, "set_trace");
    lua_pushcfunction(L, l_restore_trace);
    lua_setfield(L, core_table, "restore_trace");
}
