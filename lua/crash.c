/* SPDX-License-Identifier: MIT */
#include "lua/crash.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "lua/error.h"
#include "lua/report.h"
#include "lua/secret.h"
#include "vm/show.h"

#define STACK_LEVELS 32
#define ERROR_TEXT 4096
#define LINE_TEXT 200

/* ---- values ---- */

struct walk {
    lua_State *L;
    struct akt_buf *b;
    size_t stop;                         /* of b->len */
    const void *around[AKT_STATE_DEPTH]; /* tables that are being walked */
};

static void walk_value(struct walk *w, int idx, int depth);

static bool is_secret_name(const char *name, size_t len)
{
    static const char *const words[] = {"password", "passwd",      "passphrase",
                                        "secret",   "private_key", "api_key",
                                        "apikey"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        for (size_t at = 0; at + n <= len; at++)
            if (strncasecmp(name + at, words[i], n) == 0)
                return true;
    }
    return false;
}

static void add_text(struct akt_buf *b, const char *s, size_t len)
{
    if (len <= AKT_SHOW_STRING) {
        akt_show_string(b, s, len);
        return;
    }
    akt_show_string(b, s, AKT_SHOW_STRING);
    b->len--; /* the quote */
    akt_buf_printf(b, "... (%zu bytes)\"", len);
}

static void add_number(lua_State *L, int idx, struct akt_buf *b)
{
    double d = lua_tonumber(L, idx);
    if (lua_isinteger(L, idx))
        akt_buf_printf(b, "%lld", (long long)lua_tointeger(L, idx));
    else if (isfinite(d))
        akt_buf_printf(b, "%.17g", d);
    else
        akt_buf_puts(b, isnan(d) ? "\"nan\"" : d > 0 ? "\"inf\"" : "\"-inf\"");
}

static void add_light(lua_State *L, int idx, struct akt_buf *b)
{
    struct akt_buf text = AKT_BUF_INIT;
    akt_pid pid;
    if (akt_to_pid(L, idx, &pid))
        akt_describe(akt_lua_of(L)->iso->node, pid, false, &text);
    else
        akt_buf_puts(&text, "<ref>");
    akt_show_string(b, text.data, text.len);
    akt_buf_fini(&text);
}

static void add_other(lua_State *L, int idx, struct akt_buf *b)
{
    char text[LUA_IDSIZE + 40];
    lua_Debug ar;
    snprintf(text, sizeof text, "<%s>",
             akt_is_secret(L, idx) ? "secret" : luaL_typename(L, idx));
    if (lua_type(L, idx) == LUA_TFUNCTION) {
        lua_pushvalue(L, idx);
        lua_getinfo(L, ">S", &ar);
        if (ar.linedefined > 0)
            snprintf(text, sizeof text, "<function %s:%d>", ar.short_src,
                     ar.linedefined);
    }
    akt_show_string(b, text, strlen(text));
}

/* Whether the table is 1..n and nothing else; it is looked at no further than
 * it will be shown. */
static bool is_array(lua_State *L, int idx)
{
    size_t n = lua_rawlen(L, idx), seen = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
            (size_t)lua_tointeger(L, -1) > n) {
            lua_pop(L, 1);
            return false;
        }
        if (++seen == AKT_STATE_ITEMS) {
            lua_pop(L, 1);
            return true;
        }
    }
    return n > 0 && seen == n;
}

static bool is_enough(const struct walk *w, size_t items)
{
    return w->b->len >= w->stop || items >= AKT_STATE_ITEMS;
}

static void walk_array(struct walk *w, int idx, int depth)
{
    size_t n = lua_rawlen(w->L, idx);
    akt_buf_putc(w->b, '[');
    for (size_t i = 1; i <= n; i++) {
        if (i > 1)
            akt_buf_putc(w->b, ',');
        if (is_enough(w, i - 1)) {
            akt_buf_puts(w->b, "\"...\"");
            break;
        }
        lua_rawgeti(w->L, idx, (lua_Integer)i);
        walk_value(w, lua_gettop(w->L), depth + 1);
        lua_pop(w->L, 1);
    }
    akt_buf_putc(w->b, ']');
}

/* Any key as a JSON string; true: its value must not be shown. */
static bool walk_key(struct walk *w, int idx)
{
    struct akt_buf text = AKT_BUF_INIT;
    size_t len;
    if (lua_type(w->L, idx) == LUA_TSTRING) {
        const char *s = lua_tolstring(w->L, idx, &len);
        add_text(w->b, s, len);
        return is_secret_name(s, len < AKT_SHOW_STRING ? len : AKT_SHOW_STRING);
    }
    struct walk key = {.L = w->L, .b = &text};
    walk_value(&key, idx, AKT_STATE_DEPTH);
    if (text.data[0] == '"')
        akt_buf_add(w->b, text.data, text.len);
    else
        akt_show_string(w->b, text.data, text.len);
    akt_buf_fini(&text);
    return false;
}

static void walk_map(struct walk *w, int idx, int depth)
{
    size_t items = 0;
    akt_buf_putc(w->b, '{');
    lua_pushnil(w->L);
    while (lua_next(w->L, idx)) {
        int top = lua_gettop(w->L);
        if (items)
            akt_buf_putc(w->b, ',');
        if (is_enough(w, items++)) {
            akt_buf_puts(w->b, "\"...\":\"...\"");
            lua_pop(w->L, 2);
            break;
        }
        bool hide = walk_key(w, top - 1);
        akt_buf_putc(w->b, ':');
        if (hide)
            akt_buf_puts(w->b, "\"<secret>\"");
        else
            walk_value(w, top, depth + 1);
        lua_pop(w->L, 1);
    }
    akt_buf_putc(w->b, '}');
}

static bool is_cycle(struct walk *w, const void *table, int depth)
{
    for (int i = 0; i < depth; i++)
        if (w->around[i] == table)
            return true;
    return false;
}

static void walk_table(struct walk *w, int idx, int depth)
{
    const void *table = lua_topointer(w->L, idx);
    if (depth >= AKT_STATE_DEPTH) {
        akt_buf_puts(w->b, "\"{...}\"");
        return;
    }
    if (is_cycle(w, table, depth)) {
        akt_buf_puts(w->b, "\"<cycle>\"");
        return;
    }
    w->around[depth] = table;
    if (is_array(w->L, idx))
        walk_array(w, idx, depth);
    else
        walk_map(w, idx, depth);
}

static void walk_value(struct walk *w, int idx, int depth)
{
    size_t len;
    luaL_checkstack(w->L, 8, "state");
    switch (lua_type(w->L, idx)) {
    case LUA_TNIL:
        akt_buf_puts(w->b, "null");
        break;
    case LUA_TBOOLEAN:
        akt_buf_puts(w->b, lua_toboolean(w->L, idx) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        add_number(w->L, idx, w->b);
        break;
    case LUA_TSTRING: {
        const char *s = lua_tolstring(w->L, idx, &len);
        add_text(w->b, s, len);
        break;
    }
    case LUA_TTABLE:
        walk_table(w, idx, depth);
        break;
    case LUA_TLIGHTUSERDATA:
        add_light(w->L, idx, w->b);
        break;
    default:
        add_other(w->L, idx, w->b);
    }
}

void akt_crash_value(lua_State *L, int idx, struct akt_buf *b)
{
    struct walk w = {.L = L, .b = b, .stop = b->len + AKT_STATE_BYTES};
    walk_value(&w, lua_absindex(L, idx), 0);
}

/* ---- the scene ---- */

static void tell_error(lua_State *L, const struct akt_crash_scene *s,
                       struct akt_buf *b)
{
    char handler[64];
    size_t len;
    akt_handler_name(s->actor, handler, sizeof handler);
    akt_error_message(L, s->err);
    const char *text = lua_tolstring(L, -1, &len);
    akt_show_key(b, "error");
    akt_buf_putc(b, '{');
    akt_show_field(b, "code",
                   strcmp(s->code, "error") == 0 ? "crash" : s->code);
    akt_show_key(b, "message");
    akt_show_string(b, text, len < ERROR_TEXT ? len : ERROR_TEXT);
    akt_show_field(b, "handler", handler);
    if (lua_type(L, s->err) == LUA_TTABLE) {
        akt_show_key(b, "value");
        akt_crash_value(L, s->err, b);
    }
    akt_buf_putc(b, '}');
    lua_pop(L, 1);
}

static void tell_place(const struct akt_crash_scene *s, struct akt_buf *b)
{
    struct akt_place place;
    char line[LINE_TEXT];
    if (!akt_place_find(s->co, &place))
        return;
    akt_show_key(b, "place");
    akt_buf_putc(b, '{');
    akt_show_field(b, "file", place.source);
    akt_show_number(b, "line", (uint64_t)place.line);
    if (akt_place_read_line(place.path, place.line, line, sizeof line))
        akt_show_field(b, "source", line);
    akt_buf_putc(b, '}');
}

static void tell_level(const lua_Debug *ar, struct akt_buf *b)
{
    akt_buf_putc(b, '{');
    akt_show_field(b, "file", ar->short_src);
    if (ar->currentline > 0)
        akt_show_number(b, "line", (uint64_t)ar->currentline);
    akt_show_field(b, "function",
                   ar->name                        ? ar->name
                   : strcmp(ar->what, "main") == 0 ? "main chunk"
                                                   : NULL);
    akt_buf_putc(b, '}');
}

static void tell_stack(const struct akt_crash_scene *s, struct akt_buf *b)
{
    lua_Debug ar;
    akt_show_key(b, "stack");
    akt_buf_putc(b, '[');
    for (int level = 0; level < STACK_LEVELS && lua_getstack(s->co, level, &ar);
         level++) {
        lua_getinfo(s->co, "Sln", &ar);
        if (level)
            akt_buf_putc(b, ',');
        tell_level(&ar, b);
    }
    akt_buf_putc(b, ']');
}

static void tell_state(lua_State *L, const struct akt_crash_scene *s,
                       struct akt_buf *b)
{
    if (!s->actor->self_ref)
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, akt_lua_of(L)->selves);
    lua_rawgeti(L, -1, (lua_Integer)s->actor->self_ref);
    akt_show_key(b, "state");
    akt_crash_value(L, -1, b);
    lua_pop(L, 2);
}

void akt_crash_tell(lua_State *L, const struct akt_crash_scene *scene,
                    struct akt_buf *b, size_t *whole)
{
    luaL_checkstack(L, 20, "crash");
    tell_error(L, scene, b);
    *whole = b->len;
    if (scene->co) {
        tell_place(scene, b);
        tell_stack(scene, b);
    }
    *whole = b->len;
    tell_state(L, scene, b);
    *whole = b->len;
}
