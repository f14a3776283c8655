/* SPDX-License-Identifier: MIT
 *
 * lua/contract_read.c: Kind.accepts, from what a script wrote to C data.
 *
 *     accepts = { TAG = { TYPE, ..., returns = TYPE or { TYPE, ... } }, ... }
 *     TYPE    = "name|name[]|...?"  or  { field = TYPE, ... }
 *
 * What is being made hangs on a userdata, so that an error frees it.
 */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/contract.h"
#include "lua/contract_impl.h"
#include "lua/error.h"
#include "lua/options.h"
#include "vm/base/alloc.h"

#define WORD 32 /* a longer one is the name of nothing */

static const char *const names[] = {"any",   "nil",    "boolean", "integer",
                                    "float", "number", "string",  "table",
                                    "pid",   "ref",    "secret",  NULL};
static const unsigned bits[] = {
    AKT_T_ANY,     AKT_T_NIL,   AKT_T_BOOLEAN,
    AKT_T_INTEGER, AKT_T_FLOAT, AKT_T_INTEGER | AKT_T_FLOAT,
    AKT_T_STRING,  AKT_T_TABLE, AKT_T_PID,
    AKT_T_REF,     AKT_T_SECRET};

/* Where in the contract something is wrong. */
struct reader {
    lua_State *L;
    const char *kind;
    char where[160];
    int depth;
};

#define FAIL(r, fmt, ...)                                                   \
    akt_error_raise((r)->L, "bad_contract", "kind \"%s\": accepts%s: " fmt, \
                    (r)->kind, (r)->where, __VA_ARGS__)

/* ---- one type from text ---- */

static void skip_spaces(const char **s)
{
    while (**s == ' ')
        ++*s;
}

static void read_word(const char **s, char word[WORD])
{
    size_t n = 0;
    skip_spaces(s);
    while ((**s >= 'a' && **s <= 'z') || **s == '_') {
        if (n < WORD - 1)
            word[n++] = **s;
        ++*s;
    }
    word[n] = 0;
    skip_spaces(s);
}

static unsigned bits_of(struct reader *r, const char *word, const char *text)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0)
            return bits[i];
    const char *near = *word ? akt_options_nearest(word, names) : NULL;
    if (strcmp(word, "function") == 0 || strcmp(word, "thread") == 0 ||
        strcmp(word, "userdata") == 0)
        FAIL(r, "\"%.60s\": a %s cannot be in a message", text, word);
    if (near)
        FAIL(r, "\"%.60s\": there is no type \"%s\"; did you mean \"%s\"?",
             text, word, near);
    FAIL(r,
         "\"%.60s\": there is no type \"%s\"; there are any, nil, boolean, "
         "integer, float, number, string, table, pid, ref, secret, and "
         "TYPE[], TYPE?, TYPE|TYPE, TYPE...",
         text, word);
}

/* Behind `type`: one more array around it. */
static void wrap(struct akt_type *type, const char *text, size_t len)
{
    struct akt_type *item = akt_calloc(sizeof *item);
    item->bits = type->bits;
    item->items = type->items;
    item->text = akt_alloc(len + 1);
    memcpy(item->text, text, len);
    item->text[len] = 0;
    /* freed as a string: its length is that of the text */
    type->bits = 0;
    type->items = item;
}

/* name[][] into *one, which hangs on what is being made. */
static void read_one(struct reader *r, const char **s, const char *text,
                     struct akt_type *one)
{
    char word[WORD];
    const char *from = *s;
    read_word(s, word);
    one->bits = bits_of(r, word, text);
    while ((*s)[0] == '[' && (*s)[1] == ']') {
        if (one->bits & AKT_T_NIL && one->bits != AKT_T_ANY)
            FAIL(r, "\"%.60s\": an array holds no nil", text);
        wrap(one, from, (size_t)(*s - from));
        *s += 2;
        skip_spaces(s);
    }
}

static void add_items(struct akt_type *t, struct akt_type *items)
{
    struct akt_type **at = &t->items;
    while (*at)
        at = &(*at)->next;
    *at = items;
}

static void read_union(struct reader *r, const char *text, struct akt_type *t)
{
    const char *s = text;
    for (;;) {
        struct akt_type one = {0};
        read_one(r, &s, text, &one);
        bool again = t->bits & one.bits ||
                     (one.items && t->bits & AKT_T_TABLE) ||
                     (one.bits & AKT_T_TABLE && t->items);
        t->bits |= one.bits;
        add_items(t, one.items);
        if (again)
            FAIL(r, "\"%.60s\": one of these contains another", text);
        if (*s != '|')
            break;
        s++;
    }
    if (*s == '?') {
        if (t->bits & AKT_T_NIL)
            FAIL(r, "\"%.60s\": it is nil already, without the ?", text);
        t->bits |= AKT_T_NIL;
        s++;
    }
    if (*s)
        FAIL(r,
             "\"%.60s\": a type is like integer, string?, integer[], "
             "integer|nil",
             text);
}

/* ---- types from tables ---- */

static void read_type(struct reader *r, int idx, struct akt_type *t);

static void enter(struct reader *r, const char *fmt, const char *name, int n)
{
    size_t len = strlen(r->where);
    if (name)
        snprintf(r->where + len, sizeof r->where - len, fmt, name);
    else
        snprintf(r->where + len, sizeof r->where - len, fmt, n);
    if (++r->depth > AKT_CONTRACT_DEPTH)
        FAIL(r, "deeper than %d tables", AKT_CONTRACT_DEPTH);
}

static void leave(struct reader *r, size_t where)
{
    r->where[where] = 0;
    r->depth--;
}

static void read_fields(struct reader *r, int idx, struct akt_type *t)
{
    lua_State *L = r->L;
    t->text = akt_strdup("table");
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            FAIL(r, "%s", "fields have names; an array is like \"integer[]\"");
        size_t where = strlen(r->where);
        enter(r, ".%.40s", lua_tostring(L, -2), 0);
        struct akt_field *f = akt_calloc(sizeof *f);
        f->next = t->fields;
        t->fields = f;
        f->name = akt_strdup(lua_tostring(L, -2));
        f->type = akt_calloc(sizeof *f->type);
        read_type(r, lua_gettop(L), f->type);
        leave(r, where);
        lua_pop(L, 1);
    }
    if (!t->fields)
        FAIL(r, "%s", "a table without fields; any table is \"table\"");
}

static void read_type(struct reader *r, int idx, struct akt_type *t)
{
    luaL_checkstack(r->L, 8, "accepts");
    if (lua_type(r->L, idx) == LUA_TSTRING) {
        t->text = akt_strdup(lua_tostring(r->L, idx));
        read_union(r, t->text, t);
    } else if (lua_istable(r->L, idx)) {
        read_fields(r, idx, t);
    } else {
        FAIL(r, "a type is a string or a table of fields, not a %s",
             luaL_typename(r->L, idx));
    }
}

/* ---- lists of types ---- */

/* "integer..." -> "integer", "..." -> "any"; the string on top is replaced. */
static bool take_dots(lua_State *L)
{
    size_t len;
    const char *s =
        lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
    if (!s || len < 3 || strcmp(s + len - 3, "...") != 0)
        return false;
    if (len == 3)
        lua_pushliteral(L, "any");
    else
        lua_pushlstring(L, s, len - 3);
    lua_replace(L, -2);
    return true;
}

static void check_order(struct reader *r, const struct akt_types *list,
                        bool *optional)
{
    const struct akt_type *t = list->types;
    while (t->next)
        t = t->next;
    bool may_lack = strchr(t->text, '?') != NULL;
    if (*optional && !may_lack && !list->variadic)
        FAIL(r, "%s",
             "it must be there, so those before it cannot be left out: write "
             "TYPE|nil instead of TYPE?");
    *optional |= may_lack;
}

/* The list part of the table at idx. */
static void read_list(struct reader *r, int idx, const char *what,
                      struct akt_types *list)
{
    lua_State *L = r->L;
    struct akt_type **end = &list->types;
    bool optional = false;
    int n = (int)lua_rawlen(L, idx);
    for (int i = 1; i <= n; i++) {
        size_t where = strlen(r->where);
        enter(r, what, NULL, i);
        lua_rawgeti(L, idx, i);
        if (list->variadic)
            FAIL(r, "%s", "nothing comes behind \"...\"");
        list->variadic = take_dots(L);
        *end = akt_calloc(sizeof **end);
        list->len++;
        read_type(r, lua_gettop(L), *end);
        check_order(r, list, &optional);
        end = &(*end)->next;
        leave(r, where);
        lua_pop(L, 1);
    }
}

static void read_returns(struct reader *r, int idx, struct akt_signature *s)
{
    lua_State *L = r->L;
    size_t where = strlen(r->where);
    s->has_returns = true;
    if (lua_istable(L, idx) && lua_rawlen(L, idx) > 0) {
        read_list(r, idx, ": result %d", &s->returns);
        return;
    }
    enter(r, "%s", ": returns", 0);
    s->returns.variadic = take_dots(L);
    s->returns.len = 1;
    s->returns.types = akt_calloc(sizeof *s->returns.types);
    read_type(r, idx, s->returns.types);
    leave(r, where);
}

/* Keys that are no places: only `returns`. */
static void read_keys(struct reader *r, int idx, struct akt_signature *s)
{
    lua_State *L = r->L;
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        const char *key =
            lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        if (key && strcmp(key, "returns") == 0)
            read_returns(r, lua_gettop(L), s);
        else if (i < 1 || i > n)
            FAIL(r,
                 "it has no \"%s\"; a message is { TYPE, ..., returns = TYPE }",
                 key ? key : luaL_typename(L, -2));
        lua_pop(L, 1);
    }
}

/* ---- the whole ---- */

/* A tag that no handler has is a mistake, unless `unknown` takes all. */
static void check_tag(struct reader *r, int kind, const char *tag)
{
    lua_State *L = r->L;
    const char *tags[AKT_CONTRACT_TAGS + 1] = {NULL};
    int n = 0;
    lua_pushliteral(L, "unknown");
    bool takes_all = lua_rawget(L, kind) != LUA_TNIL;
    lua_pushliteral(L, "on");
    lua_rawget(L, kind);
    lua_pushstring(L, tag);
    bool known = takes_all || lua_rawget(L, -2) != LUA_TNIL;
    if (known)
        return;
    lua_pop(L, 1);
    lua_pushnil(L);
    while (n < AKT_CONTRACT_TAGS && lua_next(L, -2)) {
        tags[n++] = lua_tostring(L, -2); /* lives as long as its table */
        lua_pop(L, 1);
    }
    const char *near = akt_options_nearest(tag, tags);
    if (near)
        FAIL(r, "there is no handler on.%.40s; did you mean \"%s\"?", tag,
             near);
    FAIL(r, "there is no handler on.%.40s", tag);
}

static void read_signature(struct reader *r, struct akt_contract *c)
{
    lua_State *L = r->L;
    int idx = lua_gettop(L);
    struct akt_signature *s = akt_calloc(sizeof *s);
    s->next = c->signatures;
    c->signatures = s;
    s->tag = akt_strdup(lua_tolstring(L, idx - 1, &s->tag_len));
    enter(r, ".%.40s", s->tag, 0);
    if (!lua_istable(L, idx))
        FAIL(r, "a table { TYPE, ..., returns = TYPE } is expected, not a %s",
             luaL_typename(L, idx));
    read_list(r, idx, ": argument %d", &s->args);
    read_keys(r, idx, s);
    leave(r, 0);
}

static int box_gc(lua_State *L)
{
    struct akt_contract **box = lua_touserdata(L, 1);
    akt_contract_unref(*box);
    *box = NULL;
    return 0;
}

static struct akt_contract **push_box(lua_State *L, const char *kind)
{
    struct akt_contract **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (luaL_newmetatable(L, "akt.contract")) {
        lua_pushcfunction(L, box_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *box = akt_calloc(sizeof **box);
    atomic_init(&(*box)->refs, 1);
    (*box)->kind = akt_strdup(kind);
    return box;
}

struct akt_contract *akt_contract_read(lua_State *L, int idx, const char *kind)
{
    struct reader r = {.L = L, .kind = kind};
    int top = lua_gettop(L);
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 16, "accepts");
    lua_pushliteral(L, "accepts");
    int type = lua_rawget(L, idx);
    if (type == LUA_TNIL) {
        lua_settop(L, top);
        return NULL;
    }
    if (type != LUA_TTABLE)
        FAIL(&r, "a table is expected, not a %s", lua_typename(L, type));
    struct akt_contract **box = push_box(L, kind);
    lua_pushnil(L);
    while (lua_next(L, top + 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            FAIL(&r, "a tag is a string, not a %s", luaL_typename(L, -2));
        int at = lua_gettop(L);
        check_tag(&r, idx, lua_tostring(L, -2));
        lua_settop(L, at);
        read_signature(&r, *box);
        lua_settop(L, at - 1);
    }
    struct akt_contract *c = *box;
    *box = NULL;
    lua_settop(L, top);
    return c;
}
