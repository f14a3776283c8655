/* SPDX-License-Identifier: MIT
 *
 * lua/inspect_value.c: a value of a script as JSON. Reads without metamethods,
 * so that no script runs and nothing changes.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lua/inspect.h"
#include "lua/secret.h"
#include "lua/sim_state.h"
#include "vm/show.h"

#define SHOWN_STRING 200

struct look {
    lua_State *L;
    struct akt_buf *b;
    uint32_t *left;
};

static void add_string(struct akt_buf *b, const char *s, size_t len)
{
    if (len <= SHOWN_STRING) {
        akt_show_string(b, s, len);
        return;
    }
    struct akt_buf cut = AKT_BUF_INIT;
    akt_buf_add(&cut, s, SHOWN_STRING);
    akt_buf_printf(&cut, "... (%zu bytes)", len);
    akt_show_string(b, cut.data, cut.len);
    akt_buf_fini(&cut);
}

/* What has no value to show: what it is, and where. */
static void add_text(struct look *k, int idx)
{
    const char *what = luaL_typename(k->L, idx);
    char text[64];
    if (akt_is_secret(k->L, idx)) {
        akt_buf_puts(k->b, "\"<secret>\"");
        return;
    }
    int n = snprintf(text, sizeof text, "<%s %p>", what,
                     akt_sim_pointer(k->L, idx));
    akt_show_string(k->b, text, (size_t)n);
}

static void add_number(struct look *k, int idx)
{
    double x = lua_tonumber(k->L, idx);
    if (lua_isinteger(k->L, idx))
        akt_buf_printf(k->b, "%" PRId64, (int64_t)lua_tointeger(k->L, idx));
    else if (isfinite(x))
        akt_buf_printf(k->b, "%.17g", x);
    else
        akt_buf_puts(k->b, isnan(x) ? "\"nan\""
                           : x > 0  ? "\"inf\""
                                    : "\"-inf\"");
}

static void add_pid(struct look *k, int idx)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_pid pid;
    if (akt_to_pid(k->L, idx, &pid))
        akt_describe(akt_lua_of(k->L)->iso->node, pid, false, &name);
    else
        akt_buf_puts(&name, "<ref>");
    akt_show_string(k->b, name.data, name.len);
    akt_buf_fini(&name);
}

/* The key at idx, which may not be converted in place, as a JSON string. */
static void add_key(struct look *k, int idx)
{
    struct akt_buf plain = AKT_BUF_INIT;
    struct look inner = {k->L, &plain, k->left};
    size_t len;
    switch (lua_type(k->L, idx)) {
    case LUA_TSTRING: {
        const char *s = lua_tolstring(k->L, idx, &len);
        add_string(k->b, s, len);
        break;
    }
    case LUA_TNUMBER:
        add_number(&inner, idx);
        akt_show_string(k->b, plain.data, plain.len);
        break;
    case LUA_TBOOLEAN:
        akt_buf_puts(k->b, lua_toboolean(k->L, idx) ? "\"true\"" : "\"false\"");
        break;
    case LUA_TLIGHTUSERDATA:
        add_pid(k, idx);
        break;
    default:
        add_text(k, idx);
    }
    akt_buf_fini(&plain);
}

static void add_value(struct look *k, int idx, int depth);

/* A list is one whose border is as long as it has keys that are shown. */
static bool add_list(struct look *k, int idx, int depth)
{
    lua_Unsigned n = lua_rawlen(k->L, idx), i;
    uint32_t keys = 0;
    for (lua_pushnil(k->L); keys <= AKT_LOOK_KEYS && lua_next(k->L, idx);
         keys++)
        lua_pop(k->L, 1);
    if (keys > AKT_LOOK_KEYS)
        lua_pop(k->L, 1); /* the key */
    if (!n || (keys <= AKT_LOOK_KEYS && keys != n))
        return false;
    akt_buf_putc(k->b, '[');
    for (i = 1; i <= n && i <= AKT_LOOK_KEYS && *k->left; i++) {
        if (i > 1)
            akt_buf_putc(k->b, ',');
        lua_rawgeti(k->L, idx, (lua_Integer)i);
        add_value(k, lua_gettop(k->L), depth + 1);
        lua_pop(k->L, 1);
    }
    if (i <= n)
        akt_buf_printf(k->b, "%s\"... of %llu\"", i > 1 ? "," : "",
                       (unsigned long long)n);
    akt_buf_putc(k->b, ']');
    return true;
}

static void add_map(struct look *k, int idx, int depth)
{
    uint32_t n = 0;
    akt_buf_putc(k->b, '{');
    lua_pushnil(k->L);
    while (lua_next(k->L, idx)) {
        if (n)
            akt_buf_putc(k->b, ',');
        if (n++ == AKT_LOOK_KEYS || !*k->left) {
            akt_buf_puts(k->b, "\"...\":\"more\"");
            lua_pop(k->L, 2);
            break;
        }
        add_key(k, lua_gettop(k->L) - 1);
        akt_buf_putc(k->b, ':');
        add_value(k, lua_gettop(k->L), depth + 1);
        lua_pop(k->L, 1);
    }
    akt_buf_putc(k->b, '}');
}

static void add_table(struct look *k, int idx, int depth)
{
    if (depth >= AKT_LOOK_DEPTH || !lua_checkstack(k->L, 8))
        akt_buf_puts(k->b, "\"{...}\"");
    else if (!add_list(k, idx, depth))
        add_map(k, idx, depth);
}

static void add_value(struct look *k, int idx, int depth)
{
    size_t len;
    *k->left -= *k->left > 0;
    switch (lua_type(k->L, idx)) {
    case LUA_TNIL:
        akt_buf_puts(k->b, "null");
        break;
    case LUA_TBOOLEAN:
        akt_buf_puts(k->b, lua_toboolean(k->L, idx) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        add_number(k, idx);
        break;
    case LUA_TSTRING: {
        const char *s = lua_tolstring(k->L, idx, &len);
        add_string(k->b, s, len);
        break;
    }
    case LUA_TTABLE:
        add_table(k, idx, depth);
        break;
    case LUA_TLIGHTUSERDATA:
        add_pid(k, idx);
        break;
    default:
        add_text(k, idx);
    }
}

void akt_look_value(lua_State *L, int idx, struct akt_buf *b, uint32_t *left)
{
    struct look k = {L, b, left};
    add_value(&k, lua_absindex(L, idx), 0);
}
