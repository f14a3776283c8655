/* SPDX-License-Identifier: MIT */
#include "lua/lib_shared.h"

#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/registry.h"
#include "lua/sim_state.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

/* Registry: the metatables. Those of the whole have a finalizer. */
enum meta { TABLE_ROOT, TABLE_PART, TEXT_ROOT, TEXT_PART, METAS };

struct view {
    const struct akt_shared *s;
    union {
        const struct akt_shared_table *table;
        const char *text;
    };
    size_t len; /* of a text */
};

/* -1: it is no view. */
static int meta_of(lua_State *L, int idx)
{
    int found = -1;
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
        return -1;
    for (int i = 0; i < METAS && found < 0; i++) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEW(i));
        if (lua_rawequal(L, -1, -2))
            found = i;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

bool akt_is_shared(lua_State *L, int idx)
{
    return meta_of(L, idx) >= 0;
}

/* ---- pushing values ---- */

/* A view inside of the one at `parent`. */
static struct view *push_part(lua_State *L, int parent, enum meta which)
{
    parent = lua_absindex(L, parent);
    const struct view *from = lua_touserdata(L, parent);
    struct view *v = lua_newuserdatauv(L, sizeof *v, 1);
    v->s = from->s;
    v->len = 0;
    if (lua_getiuservalue(L, parent, 1) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushvalue(L, parent); /* it is the whole */
    }
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEW(which));
    lua_setmetatable(L, -2);
    return v;
}

static void push_string(lua_State *L, int parent,
                        const struct akt_shared_value *x)
{
    size_t len;
    const struct view *v = lua_touserdata(L, parent);
    const char *text = akt_shared_string(v->s, x, &len);
    if (len <= AKT_SHARED_TEXT) {
        lua_pushlstring(L, text, len);
        return;
    }
    struct view *part = push_part(L, parent, TEXT_PART);
    part->text = text;
    part->len = len;
}

static void push_value(lua_State *L, int parent,
                       const struct akt_shared_value *x)
{
    const struct view *v = lua_touserdata(L, parent);
    switch (x ? x->type : AKT_SHARED_NIL) {
    case AKT_SHARED_FALSE:
    case AKT_SHARED_TRUE:
        lua_pushboolean(L, x->type == AKT_SHARED_TRUE);
        break;
    case AKT_SHARED_INTEGER:
        lua_pushinteger(L, x->integer);
        break;
    case AKT_SHARED_FLOAT:
        lua_pushnumber(L, x->number);
        break;
    case AKT_SHARED_SHORT:
    case AKT_SHARED_LONG:
        push_string(L, parent, x);
        break;
    case AKT_SHARED_POINTER:
        lua_pushlightuserdata(L, (void *)(uintptr_t)x->bits);
        break;
    case AKT_SHARED_TABLE:
        push_part(L, parent, TABLE_PART)->table = akt_shared_table(v->s, x);
        break;
    default:
        lua_pushnil(L);
    }
}

/* ---- tables ---- */

static bool read_number(lua_State *L, int idx, struct akt_shared_value *key)
{
    int is_integer;
    key->integer = lua_tointegerx(L, idx, &is_integer);
    key->type = AKT_SHARED_INTEGER;
    if (is_integer)
        return true;
    key->type = AKT_SHARED_FLOAT;
    key->number = lua_tonumber(L, idx);
    return !isnan(key->number);
}

static const struct akt_shared_value *find(lua_State *L, const struct view *v,
                                           int idx)
{
    struct akt_shared_value key = {.head = {0}};
    size_t len;
    const char *text;
    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
        text = lua_tolstring(L, idx, &len);
        return akt_shared_find_string(v->s, v->table, text, len);
    case LUA_TNUMBER:
        if (!read_number(L, idx, &key))
            return NULL;
        break;
    case LUA_TBOOLEAN:
        key.type = lua_toboolean(L, idx) ? AKT_SHARED_TRUE : AKT_SHARED_FALSE;
        break;
    case LUA_TLIGHTUSERDATA:
        key.type = AKT_SHARED_POINTER;
        key.bits = (uintptr_t)lua_touserdata(L, idx);
        break;
    default:
        return NULL;
    }
    return akt_shared_find(v->s, v->table, &key);
}

static int table_index(lua_State *L)
{
    push_value(L, 1, find(L, lua_touserdata(L, 1), 2));
    return 1;
}

static int table_len(lua_State *L)
{
    const struct view *v = lua_touserdata(L, 1);
    lua_pushinteger(L, v->table->border);
    return 1;
}

static int refuse_newindex(lua_State *L)
{
    return akt_error_raise(L, "read_only",
                           "shared data is read-only; akt.shared(name, data) "
                           "replaces it as a whole");
}

/* The view is upvalue 1, how far it has got is 2. */
static int next_entry(lua_State *L)
{
    const struct view *v = lua_touserdata(L, lua_upvalueindex(1));
    uint32_t i = (uint32_t)lua_tointeger(L, lua_upvalueindex(2));
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_replace(L, lua_upvalueindex(2));
    lua_pushvalue(L, lua_upvalueindex(1));
    int parent = lua_gettop(L);
    if (i < v->table->array_len) {
        lua_pushinteger(L, (lua_Integer)i + 1);
        push_value(L, parent, akt_shared_item(v->table, i));
        return 2;
    }
    i -= v->table->array_len;
    if (i >= v->table->map_len)
        return 0;
    const struct akt_shared_entry *e = akt_shared_entry(v->table, i);
    push_value(L, parent, &e->key);
    push_value(L, parent, &e->value);
    return 2;
}

static int table_pairs(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_entry, 2);
    return 1;
}

/* Two views of the same table are equal. */
static int table_eq(lua_State *L)
{
    int a = meta_of(L, 1), b = meta_of(L, 2);
    const struct view *v = lua_touserdata(L, 1), *w = lua_touserdata(L, 2);
    bool tables = (a == TABLE_ROOT || a == TABLE_PART) &&
                  (b == TABLE_ROOT || b == TABLE_PART);
    lua_pushboolean(L, tables && v->table == w->table);
    return 1;
}

/* The same for views of the same table; simulated: this view's own place. */
static int table_tostring(lua_State *L)
{
    const struct view *v = lua_touserdata(L, 1);
    bool repeatable = akt_lua_of(L)->repeatable;
    lua_pushfstring(L, "<shared table %p>",
                    repeatable ? akt_sim_pointer(L, 1) : v->table);
    return 1;
}

static int root_gc(lua_State *L)
{
    struct view *v = lua_touserdata(L, 1);
    akt_shared_unref((struct akt_shared *)(uintptr_t)v->s);
    v->s = NULL;
    return 0;
}

/* ---- long strings ---- */

static const struct view *check_text(lua_State *L)
{
    int meta = meta_of(L, 1);
    if (meta != TEXT_ROOT && meta != TEXT_PART)
        akt_error_arg(L, 1, "a shared string expected, got %s",
                      luaL_typename(L, 1));
    return lua_touserdata(L, 1);
}

/* As in Lua: from 1 on, negative ones from the end; clipped. */
static size_t position(lua_Integer i, size_t len)
{
    if (i >= 0)
        return (size_t)i;
    lua_Unsigned back = 0u - (lua_Unsigned)i;
    return back > len ? 0 : len - (size_t)back + 1;
}

static bool range(lua_State *L, size_t len, size_t *from, size_t *to)
{
    *from = position(luaL_checkinteger(L, 2), len);
    lua_Integer j = luaL_optinteger(L, 3, -1);
    *to = position(j, len);
    if (*from == 0)
        *from = 1;
    if (*to > len)
        *to = len;
    return *from <= *to;
}

static int text_sub(lua_State *L)
{
    size_t from, to;
    const struct view *v = check_text(L);
    if (range(L, v->len, &from, &to))
        lua_pushlstring(L, v->text + from - 1, to - from + 1);
    else
        lua_pushliteral(L, "");
    return 1;
}

static int text_byte(lua_State *L)
{
    size_t from, to;
    const struct view *v = check_text(L);
    lua_Integer i = luaL_optinteger(L, 2, 1);
    lua_settop(L, 3);
    lua_pushinteger(L, i);
    lua_replace(L, 2);
    if (lua_isnil(L, 3)) {
        lua_pushinteger(L, i);
        lua_replace(L, 3);
    }
    if (!range(L, v->len, &from, &to))
        return 0;
    if (to - from >= 1000)
        akt_error_arg(L, 3, "at most 1000 bytes at once");
    luaL_checkstack(L, (int)(to - from) + 1, "byte");
    for (size_t k = from; k <= to; k++)
        lua_pushinteger(L, (unsigned char)v->text[k - 1]);
    return (int)(to - from) + 1;
}

/* text:find(s, init): plain, no pattern */
static int text_find(lua_State *L)
{
    size_t len;
    const struct view *v = check_text(L);
    const char *s = luaL_checklstring(L, 2, &len);
    size_t init = position(luaL_optinteger(L, 3, 1), v->len);
    if (lua_gettop(L) > 3 && !lua_toboolean(L, 4))
        akt_error_arg(L, 4, "only plain texts are found, no patterns");
    if (init == 0)
        init = 1;
    const char *at = init > v->len + 1 ? NULL
                                       : memmem(v->text + init - 1,
                                                v->len - init + 1, s, len);
    if (!at) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, at - v->text + 1);
    lua_pushinteger(L, at - v->text + (lua_Integer)len);
    return 2;
}

static int text_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_text(L)->len);
    return 1;
}

static int text_tostring(lua_State *L)
{
    const struct view *v = check_text(L);
    lua_pushlstring(L, v->text, v->len);
    return 1;
}

static int text_eq(lua_State *L)
{
    int b = meta_of(L, 2);
    const struct view *v = check_text(L), *w = lua_touserdata(L, 2);
    lua_pushboolean(L, (b == TEXT_ROOT || b == TEXT_PART) && v->len == w->len &&
                           memcmp(v->text, w->text, v->len) == 0);
    return 1;
}

/* ---- metatables ---- */

static void push_meta(lua_State *L, enum meta which)
{
    static const luaL_Reg table_meta[] = {
        {"__index", table_index},       {"__len", table_len},
        {"__pairs", table_pairs},       {"__eq", table_eq},
        {"__tostring", table_tostring}, {NULL, NULL}};
    static const luaL_Reg text_meta[] = {{"__len", text_len},
                                         {"__eq", text_eq},
                                         {"__tostring", text_tostring},
                                         {NULL, NULL}};
    static const luaL_Reg text_methods[] = {{"sub", text_sub},
                                            {"byte", text_byte},
                                            {"find", text_find},
                                            {"len", text_len},
                                            {NULL, NULL}};
    bool text = which == TEXT_ROOT || which == TEXT_PART;
    lua_createtable(L, 0, 9);
    luaL_setfuncs(L, text ? text_meta : table_meta, 0);
    if (text) {
        luaL_newlib(L, text_methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pushcfunction(L, refuse_newindex);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, text ? "shared string" : "shared table");
    lua_setfield(L, -2, "__name");
    if (which == TABLE_ROOT || which == TEXT_ROOT) {
        lua_pushcfunction(L, root_gc);
        lua_setfield(L, -2, "__gc");
    }
}

/* At the first use: few isolates look at shared data. */
static void make_metas(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEWS) == LUA_TNIL) {
        for (int i = 0; i < METAS; i++) {
            push_meta(L, (enum meta)i);
            lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEW(i));
        }
        lua_newtable(L);
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "v");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEWS);
    }
    lua_pop(L, 1);
}

/* ---- names ---- */

static const char *check_name(lua_State *L)
{
    size_t len = 0;
    const char *name =
        lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : "";
    if (len == 0 || len > AKT_SHARED_NAME_MAX || strlen(name) != len)
        akt_error_arg(L, 1, "a name of 1 to %d bytes expected",
                      AKT_SHARED_NAME_MAX);
    return name;
}

/* Room for the view is made first: from there on nothing raises. */
static int view_of(lua_State *L, const char *name)
{
    struct akt_shareds *r = &akt_lua_of(L)->node->shareds;
    luaL_checkstack(L, 8, "shared");
    struct view *v = lua_newuserdatauv(L, sizeof *v, 1);
    v->s = NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEW(TABLE_ROOT));
    lua_setmetatable(L, -2);
    struct akt_shared *s = akt_shareds_get(r, name);
    v->s = s;
    if (!s)
        return 0;
    v->table = akt_shared_table(s, &s->root);
    if (s->root.type != AKT_SHARED_TABLE) {
        v->text = akt_shared_string(s, &s->root, &v->len);
        lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEW(TEXT_ROOT));
        lua_setmetatable(L, -2);
    }
    return 1;
}

/* The view this isolate has already, if that is still the newest data. */
static bool push_cached(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEWS);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) == LUA_TUSERDATA) {
        const struct view *v = lua_touserdata(L, -1);
        /* relaxed: see put_locked in shared.c */
        if (!atomic_load_explicit(&v->s->replaced, memory_order_relaxed))
            return true;
    }
    lua_pop(L, 2);
    return false;
}

static int look_up(lua_State *L)
{
    if (push_cached(L))
        return 1;
    if (!view_of(L, lua_tostring(L, 1)))
        return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_VIEWS);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return 1;
}

/* Bytes that the node may still use. */
static size_t room(const struct akt_node *node)
{
    int64_t left = (int64_t)node->config.memory_bytes - akt_alloc_total();
    return left > 0 ? (size_t)left : 0;
}

static struct akt_shared *build(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_node *node = h->iso->node;
    struct akt_codec_error err;
    struct akt_shared_error why;
    struct akt_buf bytes = AKT_BUF_INIT;
    if (akt_codec_encode(L, 2, 2, &bytes, &err) != 0) {
        akt_buf_fini(&bytes);
        akt_error_raise(L, err.code, "shared: %s", err.text + err.where_len);
    }
    struct akt_shared *s = akt_shared_build(
        bytes.data, bytes.len, akt_input(akt_world_random(node->world)),
        room(node), &why);
    akt_buf_fini(&bytes);
    if (!s)
        akt_error_raise(L, why.code, "shared: %s", why.text);
    return s;
}

static int publish(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    int type = lua_type(L, 2);
    if (type != LUA_TTABLE && type != LUA_TSTRING && !akt_is_shared(L, 2))
        akt_error_arg(L, 2, "a table or a string expected, got %s",
                      luaL_typename(L, 2));
    akt_check_effect(L, "shared");
    akt_check_room(L, "shared");
    const char *name = lua_tostring(L, 1);
    if (!akt_shareds_put(&h->node->shareds, name, build(L)))
        akt_error_raise(L, "limit",
                        "shared: there are %d names, which is the limit",
                        AKT_SHARED_NAMES_MAX);
    return look_up(L);
}

/* akt.shared(name) -> view or nil; akt.shared(name, data) -> view */
static int l_shared(lua_State *L)
{
    int n = lua_gettop(L);
    check_name(L);
    make_metas(L);
    if (n == 1) {
        int found = look_up(L);
        if (!found)
            lua_pushnil(L);
        return 1;
    }
    return publish(L);
}

/* akt.unshare(name) -> whether there was one */
static int l_unshare(lua_State *L)
{
    struct akt_shareds *r = &akt_lua_of(L)->node->shareds;
    const char *name = check_name(L);
    akt_check_effect(L, "unshare");
    struct akt_shared *s = akt_shareds_get(r, name);
    akt_shareds_put(r, name, NULL);
    akt_shared_unref(s);
    lua_pushboolean(L, s != NULL);
    return 1;
}

/* kind(value) -> "table", "text" or nil; bytes of the data */
static int l_shared_kind(lua_State *L)
{
    int meta = meta_of(L, 1);
    if (meta < 0)
        return 0;
    const struct view *v = lua_touserdata(L, 1);
    lua_pushstring(L,
                   meta == TABLE_ROOT || meta == TABLE_PART ? "table" : "text");
    lua_pushinteger(L, (lua_Integer)(sizeof *v->s + v->s->size));
    return 2;
}

const luaL_Reg akt_lib_shared[] = {{"kind", l_shared_kind}, {NULL, NULL}};

void akt_lib_shared_open(lua_State *L, int akt)
{
    lua_pushcfunction(L, l_shared);
    lua_setfield(L, akt, "shared");
    lua_pushcfunction(L, l_unshare);
    lua_setfield(L, akt, "unshare");
}
