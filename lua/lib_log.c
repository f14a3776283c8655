/* SPDX-License-Identifier: MIT
 *
 * lua/lib_log.c: akt.log: lines with fields, from scripts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/secret.h"
#include "lua/sim_state.h"
#include "lua/test_state.h"
#include "vm/base/log_repeat.h"
#include "vm/cause.h"
#include "vm/metrics.h"

#define FIELDS_MAX 64 /* of one line, and entries of a nested table */
#define KEYS_MAX 4096 /* that are looked at in one table */
#define DEPTH_MAX 4   /* of tables in a field */
#define KEY_MAX 256   /* bytes of a key in a nested table */

/* ---- levels ---- */

/* A node under test has a level of its own, and its lines go elsewhere. */
static struct akt_test_state *captured(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    return akt_captured(n) ? akt_test_state_of(n) : NULL;
}

/* Repeated lines are left out by the machine's clock, so not in a world that
 * has another one. */
static bool is_limited(lua_State *L)
{
    return !captured(L) && !akt_lua_of(L)->iso->node->world->simulated;
}

static enum akt_log_level node_level(lua_State *L)
{
    struct akt_test_state *t = captured(L);
    return t ? atomic_load_explicit(&t->level, memory_order_relaxed)
             : akt_log_level();
}

static void set_node_level(lua_State *L, enum akt_log_level level)
{
    struct akt_test_state *t = captured(L);
    if (t) /* relaxed: a line more or less when it is changed */
        atomic_store_explicit(&t->level, level, memory_order_relaxed);
    else
        akt_log_set_level(level);
}

static struct akt_metric_kind *kind_of(struct akt_node *node,
                                       const struct akt_kind *kind)
{
    return &node->metrics->kinds[kind->metrics];
}

static bool is_wanted(lua_State *L, enum akt_log_level level)
{
    const struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_metric_kind *k =
        kind_of(iso->node, akt_actor_kind(iso->current));
    /* relaxed: a line more or less when it is changed */
    int own = atomic_load_explicit(&k->log_level, memory_order_relaxed);
    return (int)level >= (own < 0 ? (int)node_level(L) : own);
}

static enum akt_log_level check_level(lua_State *L, int idx)
{
    enum akt_log_level level = AKT_LOG_INFO;
    if (lua_type(L, idx) != LUA_TSTRING ||
        !akt_log_level_find(lua_tostring(L, idx), &level))
        akt_error_raise(L, "bad_option",
                        "a log level is \"debug\", \"info\", \"warn\" or "
                        "\"error\"");
    return level;
}

void akt_log_read_level(lua_State *L, int idx, const struct akt_kind *kind)
{
    struct akt_metric_kind *k = kind_of(akt_lua_of(L)->node->node, kind);
    lua_pushliteral(L, "log");
    /* kinds beyond AKT_METRIC_KINDS have no level of their own */
    if (lua_rawget(L, idx) != LUA_TNIL) {
        int level = check_level(L, -1);
        if (kind->metrics)
            atomic_store_explicit(&k->log_level, level, memory_order_relaxed);
    }
    lua_pop(L, 1);
}

/* ---- values ---- */

static int call_tostring(lua_State *L)
{
    akt_tolstring(L, 1, NULL);
    return 1;
}

/* Pushes what tostring says; a __tostring that fails is no error here. */
static const char *push_text(lua_State *L, int idx, size_t *len)
{
    lua_pushvalue(L, idx);
    lua_pushcfunction(L, call_tostring);
    lua_insert(L, -2);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != LUA_OK) {
        /* not once more for each field */
        if (strcmp(akt_error_normalize(L, lua_gettop(L), status), "stuck") == 0)
            lua_error(L);
        lua_pop(L, 1);
        lua_pushfstring(L, "(a %s whose __tostring fails)",
                        luaL_typename(L, idx));
    }
    return lua_tolstring(L, -1, len);
}

static void put_number(lua_State *L, struct akt_buf *b, int idx)
{
    lua_Number n = lua_tonumber(L, idx);
    if (lua_isinteger(L, idx))
        akt_buf_printf(b, "%lld", (long long)lua_tointeger(L, idx));
    else if (isfinite(n))
        akt_buf_printf(b, "%.14g", n);
    else
        akt_log_add_value(b,
                          isnan(n) ? "nan"
                          : n > 0  ? "inf"
                                   : "-inf",
                          n < 0 ? 4 : 3);
}

static void put_json(lua_State *L, struct akt_buf *b, int idx, int depth);

/* Whether a table is to be shown by what it holds. */
static bool is_plain(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TTABLE)
        return false;
    if (luaL_getmetafield(L, idx, "__tostring") == LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

static void put_list(lua_State *L, struct akt_buf *b, int idx, int depth)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    akt_buf_putc(b, '[');
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1)
            akt_buf_putc(b, ',');
        if (i > FIELDS_MAX || akt_log_room(b) == 0) {
            akt_buf_puts(b, "\"...\"");
            break;
        }
        lua_rawgeti(L, idx, i);
        put_json(L, b, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
    akt_buf_putc(b, ']');
}

/* ---- the keys of a table, in order ---- */

struct field {
    const char *key; /* or the text of it */
    size_t len;
    int slot; /* of the key on the stack */
};

static int compare_fields(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Leaves the keys of the table at idx on the stack, at most FIELDS_MAX; with
 * `all` keys that are no strings too, and their texts. */
static int collect_fields(lua_State *L, int idx, bool all, struct field *fields)
{
    int n = 0, seen = 0;
    luaL_checkstack(L, 3 * FIELDS_MAX + 8, "log");
    lua_pushnil(L);
    while (n < FIELDS_MAX && seen++ < KEYS_MAX && lua_next(L, idx)) {
        lua_pop(L, 1);
        bool string = lua_type(L, -1) == LUA_TSTRING;
        if (!string && !all)
            continue;
        struct field *f = &fields[n++];
        f->slot = lua_gettop(L);
        f->key = string ? lua_tolstring(L, -1, &f->len)
                        : push_text(L, f->slot, &f->len);
        lua_pushvalue(L, f->slot); /* one stays, one goes on */
    }
    qsort(fields, (size_t)n, sizeof *fields, compare_fields);
    return n;
}

static void put_map(lua_State *L, struct akt_buf *b, int idx, int depth)
{
    struct field fields[FIELDS_MAX];
    int top = lua_gettop(L);
    int n = collect_fields(L, idx, true, fields);
    akt_buf_putc(b, '{');
    for (int i = 0; i < n && akt_log_room(b); i++) {
        if (i)
            akt_buf_putc(b, ',');
        akt_log_json_string(b, fields[i].key, fields[i].len, KEY_MAX);
        akt_buf_putc(b, ':');
        lua_pushvalue(L, fields[i].slot);
        lua_rawget(L, idx);
        put_json(L, b, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
    akt_buf_putc(b, '}');
    lua_settop(L, top);
}

/* A value as JSON, in both formats. */
static void put_json(lua_State *L, struct akt_buf *b, int idx, int depth)
{
    size_t len;
    luaL_checkstack(L, 8, "log");
    if (is_plain(L, idx) && depth < DEPTH_MAX) {
        if (lua_rawlen(L, idx) > 0)
            put_list(L, b, idx, depth + 1);
        else
            put_map(L, b, idx, depth + 1);
    } else if (lua_type(L, idx) == LUA_TNUMBER &&
               isfinite(lua_tonumber(L, idx))) {
        put_number(L, b, idx);
    } else if (lua_type(L, idx) == LUA_TBOOLEAN) {
        akt_buf_puts(b, lua_toboolean(L, idx) ? "true" : "false");
    } else {
        bool deep = is_plain(L, idx);
        const char *s = push_text(L, idx, &len);
        if (deep)
            s = "...", len = 3;
        akt_log_json_string(b, s, len,
                            akt_log_room(b) < AKT_LOG_STRING ? akt_log_room(b)
                                                             : AKT_LOG_STRING);
        lua_pop(L, 1);
    }
}

/* The value of a field. */
static void put_value(lua_State *L, struct akt_buf *b, int idx)
{
    size_t len;
    switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
        put_number(L, b, idx);
        return;
    case LUA_TBOOLEAN:
        akt_buf_puts(b, lua_toboolean(L, idx) ? "true" : "false");
        return;
    case LUA_TTABLE:
        if (is_plain(L, idx)) {
            put_json(L, b, idx, 0);
            return;
        }
    }
    const char *s = push_text(L, idx, &len);
    akt_log_add_value(b, s, len);
    lua_pop(L, 1);
}

/* ---- fields ---- */

/* The line has these keys already. */
static bool is_taken(const struct field *f)
{
    static const char *const words[] = {"time",  "level", "actor", "kind",
                                        "trace", "text",  NULL};
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == f->len && memcmp(words[i], f->key, f->len) == 0)
            return true;
    return false;
}

static void put_field(lua_State *L, struct akt_buf *b, const struct field *f)
{
    char taken[16];
    int n = 0;
    if (akt_log_format() == AKT_LOG_JSON && is_taken(f))
        n = snprintf(taken, sizeof taken, "_%s", f->key);
    if (!akt_log_add_key(b, n ? taken : f->key, n ? (size_t)n : f->len))
        return;
    lua_pushvalue(L, f->slot);
    lua_rawget(L, 1);
    put_value(L, b, lua_gettop(L));
    lua_pop(L, 1);
}

static void put_fields(lua_State *L, struct akt_buf *b)
{
    struct field fields[FIELDS_MAX];
    int n = collect_fields(L, 1, false, fields);
    for (int i = 0; i < n; i++)
        put_field(L, b, &fields[i]);
}

/* ---- a line ---- */

/* Pushes the values at 1, 2, ... of a table, or the entry itself, as one
 * string; *first gets the length of the first one. */
static const char *push_entry(lua_State *L, size_t *len, size_t *first)
{
    const char *s = "";
    if (!is_plain(L, 1)) {
        s = push_text(L, 1, len);
        *first = *len;
        return s;
    }
    *first = 0;
    lua_pushliteral(L, "");
    lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
    for (lua_Integer i = 1; i <= n && i <= FIELDS_MAX; i++) {
        lua_pushstring(L, i > 1 ? " " : "");
        lua_rawgeti(L, 1, i);
        push_text(L, lua_gettop(L), len);
        if (i == 1)
            *first = *len;
        lua_remove(L, -2);
        lua_concat(L, 3);
    }
    return lua_tolstring(L, -1, len);
}

static void fill_head(lua_State *L, struct akt_log_head *head)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_actor *a = iso->current;
    head->wall_ns = akt_world_wall_ns(iso->node->world);
    head->actor = akt_pid_text(L, a->self);
    head->kind = akt_actor_kind(a)->name;
    head->trace = akt_cause_trace(iso, a);
}

/* Called protected: (entry, light userdata of a buffer, level). Leaves the
 * buffer empty when the line is one too many. */
static int build_line(lua_State *L)
{
    struct akt_buf *b = lua_touserdata(L, 2);
    struct akt_log_head head = {
        .level = (enum akt_log_level)lua_tointeger(L, 3),
    };
    size_t first;
    luaL_checkstack(L, 16, "log");
    fill_head(L, &head);
    head.text = push_entry(L, &head.text_len, &first);
    if (is_limited(L) && !akt_log_repeat_pass(&head, head.text, first))
        return 0;
    akt_log_begin(b, &head);
    if (is_plain(L, 1))
        put_fields(L, b);
    akt_log_end(b);
    return 0;
}

static int l_log(lua_State *L)
{
    lua_Integer level = lua_tointeger(L, lua_upvalueindex(1));
    if (!is_wanted(L, (enum akt_log_level)level) ||
        akt_lua_of(L)->node->definition)
        return 0;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    struct akt_buf b = AKT_BUF_INIT;
    lua_pushcfunction(L, build_line);
    lua_insert(L, 1);
    lua_pushlightuserdata(L, &b);
    lua_pushinteger(L, level);
    int status = lua_pcall(L, 3, 0, 0);
    struct akt_capture *capture = akt_captured(akt_lua_of(L)->node);
    if (status == LUA_OK && b.len && capture)
        akt_capture_add(capture, b.data, b.len);
    else if (status == LUA_OK && b.len)
        akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
    return status == LUA_OK ? 0 : lua_error(L);
}

/* ---- akt.log.level ---- */

/* The kind at idx, by its table or name; number 0: there is none. */
static struct akt_metric_kind *check_kind(lua_State *L, int idx)
{
    struct akt_metrics *m = akt_lua_of(L)->node->node->metrics;
    const struct akt_lua_kind *k = akt_kind_at(L, idx);
    const char *name = k ? k->name : luaL_checkstring(L, idx);
    /* acquire: pairs with the release in akt_metrics_kind */
    uint32_t len = atomic_load_explicit(&m->kinds_len, memory_order_acquire);
    for (uint32_t i = 1; i < len; i++)
        if (strcmp(m->kinds[i].name, name) == 0)
            return &m->kinds[i];
    akt_error_raise(L, "not_found", "there is no kind \"%s\"", name);
}

static int push_level(lua_State *L, int level)
{
    if (level < 0)
        lua_pushnil(L);
    else
        lua_pushstring(L, akt_log_level_name((enum akt_log_level)level));
    return 1;
}

static int kind_level(lua_State *L)
{
    struct akt_metric_kind *k = check_kind(L, 2);
    int old = atomic_load_explicit(&k->log_level, memory_order_relaxed);
    if (!lua_isnil(L, 1)) {
        bool none = lua_isboolean(L, 1) && !lua_toboolean(L, 1);
        int level = none ? -1 : (int)check_level(L, 1);
        atomic_store_explicit(&k->log_level, level, memory_order_relaxed);
    }
    return push_level(L, old);
}

/* akt.log.level(level?, kind?) -> what it was; false: the kind has none */
static int l_level(lua_State *L)
{
    lua_settop(L, 2);
    if (!lua_isnil(L, 2))
        return kind_level(L);
    int old = (int)node_level(L);
    if (!lua_isnil(L, 1))
        set_node_level(L, check_level(L, 1));
    return push_level(L, old);
}

void akt_lib_log_open(lua_State *L, int akt)
{
    lua_createtable(L, 0, AKT_LOG_LEVELS + 1);
    for (int i = 0; i < AKT_LOG_LEVELS; i++) {
        lua_pushinteger(L, i);
        lua_pushcclosure(L, l_log, 1);
        lua_setfield(L, -2, akt_log_level_name((enum akt_log_level)i));
    }
    lua_pushcfunction(L, l_level);
    lua_setfield(L, -2, "level");
    lua_setfield(L, akt, "log");
}
