/* SPDX-License-Identifier: MIT
 *
 * lua/class.c: the copy of a kind that an isolate makes from its image.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

static int take_callback(lua_State *L, int table, const char *key)
{
    lua_pushstring(L, key);
    if (lua_rawget(L, table) == LUA_TFUNCTION)
        return luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pop(L, 1);
    return LUA_NOREF;
}

/* Kind.mailbox.priority */
static int take_priority(lua_State *L, int table)
{
    int ref = LUA_NOREF;
    lua_pushliteral(L, "mailbox");
    if (lua_rawget(L, table) == LUA_TTABLE)
        ref = take_callback(L, lua_gettop(L), "priority");
    lua_pop(L, 1);
    return ref;
}

static void grow_classes(struct akt_lua *h, uint32_t id)
{
    uint32_t len = h->classes_len ? h->classes_len * 2 : 8;
    while (len <= id)
        len *= 2;
    h->classes = akt_resize(h->classes, h->classes_len * sizeof *h->classes,
                            len * sizeof *h->classes);
    memset(h->classes + h->classes_len, 0,
           (len - h->classes_len) * sizeof *h->classes);
    h->classes_len = len;
}

/* The handlers in the table on top, as long as there is room. */
static void cache_handlers(lua_State *L, struct akt_class *c)
{
    c->handlers_len = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        size_t len = 0;
        const char *tag =
            lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;
        struct akt_handler *h = &c->handlers[c->handlers_len];
        bool fits = c->handlers_len < AKT_HANDLERS && tag &&
                    akt_word_fits(len) && lua_isfunction(L, -1);
        if (fits) {
            h->tag = akt_word_of(tag, len);
            h->ref = luaL_ref(L, LUA_REGISTRYINDEX);
            c->handlers_len++;
        } else {
            lua_pop(L, 1);
        }
    }
}

/* Of a version that no actor has any more. */
static void drop_class(lua_State *L, struct akt_class *c)
{
    const int refs[] = {
        c->on,          c->table,      c->meta,         c->init, c->terminate,
        c->pre_restart, c->unknown,    c->post_restart, c->down, c->restarted,
        c->exit,        c->upgrade,    c->idle,         c->wake, c->health,
        c->priority,    c->overloaded, c->recovered};
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        luaL_unref(L, LUA_REGISTRYINDEX, refs[i]);
    for (uint32_t i = 0; i < c->handlers_len; i++)
        luaL_unref(L, LUA_REGISTRYINDEX, c->handlers[i].ref);
    memset(c, 0, sizeof *c);
}

static struct akt_image *take_image(struct akt_lua *h, lua_State *L,
                                    struct akt_lua_version *v)
{
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    struct akt_image *image = v->image ? akt_image_ref(v->image) : NULL;
    pthread_mutex_unlock(&h->node->lock);
    if (!image)
        akt_error_raise(L, "not_found", "this version of kind %s is gone",
                        v->kind.name);
    return image;
}

static void fill_class(lua_State *L, int table, struct akt_class *c)
{
    c->init = take_callback(L, table, "init");
    c->terminate = take_callback(L, table, "terminate");
    c->pre_restart = take_callback(L, table, "pre_restart");
    c->post_restart = take_callback(L, table, "post_restart");
    c->unknown = take_callback(L, table, "unknown");
    c->down = take_callback(L, table, "down");
    c->restarted = take_callback(L, table, "restarted");
    c->exit = take_callback(L, table, "exit");
    c->upgrade = take_callback(L, table, "upgrade");
    c->overloaded = take_callback(L, table, "overloaded");
    c->recovered = take_callback(L, table, "recovered");
    c->priority = take_priority(L, table);
    c->idle = take_callback(L, table, "idle");
    c->wake = take_callback(L, table, "wake");
    c->health = take_callback(L, table, "health");
    lua_pushliteral(L, "on");
    lua_rawget(L, table);
    cache_handlers(L, c);
    c->on = luaL_ref(L, LUA_REGISTRYINDEX);
}

static int make_meta(lua_State *L, int table, const char *name)
{
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, table);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Called protected: (the class's table, image, version). */
static int build_class(lua_State *L)
{
    const struct akt_lua_version *v = lua_touserdata(L, 3);
    akt_image_load_into(L, lua_touserdata(L, 2), &akt_kind_names, 1);
    /* loading may have moved it */
    struct akt_class *c = &akt_lua_of(L)->classes[v->id];
    c->meta = make_meta(L, 1, v->kind.name);
    fill_class(L, 1, c);
    return 0;
}

/* The table is entered before it is filled, so kinds may name one another. */
static void make_class(struct akt_lua *h, lua_State *L,
                       struct akt_lua_version *v)
{
    luaL_checkstack(L, 20, "kind");
    akt_modules_sync(h, L);
    if (h->classes[v->id].serial)
        drop_class(L, &h->classes[v->id]);
    lua_newtable(L);
    int table = lua_gettop(L);
    akt_kind_set_metatable(L, v->family);
    lua_pushvalue(L, table);
    h->classes[v->id].table = luaL_ref(L, LUA_REGISTRYINDEX);
    /* nothing may raise while the image is held */
    struct akt_image *image = take_image(h, L, v);
    h->classes[v->id].serial = v->serial;
    lua_pushcfunction(L, build_class);
    lua_pushvalue(L, table);
    lua_pushlightuserdata(L, image);
    lua_pushlightuserdata(L, v);
    int status = lua_pcall(L, 3, 0, 0);
    akt_image_unref(image);
    if (status != LUA_OK) {
        struct akt_class *c = &h->classes[v->id];
        luaL_unref(L, LUA_REGISTRYINDEX, c->table);
        memset(c, 0, sizeof *c);
        lua_error(L);
    }
    lua_settop(L, table - 1);
}

/* Out of line: each turn asks for a class, which is there but for once. */
__attribute__((noinline)) static struct akt_class *
class_made(struct akt_lua *h, lua_State *L, struct akt_lua_version *v)
{
    if (v->id >= h->classes_len)
        grow_classes(h, v->id);
    if (h->classes[v->id].serial != v->serial)
        make_class(h, L, v);
    return &h->classes[v->id];
}

struct akt_class *akt_class_of(struct akt_lua *h, lua_State *L,
                               const struct akt_kind *kind)
{
    struct akt_lua_version *v = kind->data;
    if (v->id < h->classes_len && h->classes[v->id].serial == v->serial)
        return &h->classes[v->id];
    return class_made(h, L, v);
}
