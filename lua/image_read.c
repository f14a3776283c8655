/* SPDX-License-Identifier: MIT */
#include "lua/image_impl.h"

#include <assert.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/secret.h"

/* Slots that loading needs: the object list, the root, an object that is
 * being filled, a key and a value, and some for lua_load. */
#define STACK_SLOTS 12

/* Errors may jump out of a reader at any call into Lua, so it owns nothing:
 * all it has made is on the stack or in the list at `objects`. */
struct reader {
    lua_State *L;
    const struct akt_image_names *names;
    const unsigned char *at;
    const unsigned char *end;
    int objects; /* list of objects; number i at index i + 1 */
    int into;    /* the table that becomes object 0, or 0: make one */
};

static const void *get_bytes(struct reader *r, size_t n)
{
    assert((size_t)(r->end - r->at) >= n);
    const void *p = r->at;
    r->at += n;
    return p;
}

static unsigned char get_byte(struct reader *r)
{
    return *(const unsigned char *)get_bytes(r, 1);
}

static uint64_t get_varint(struct reader *r)
{
    uint64_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        unsigned char b = get_byte(r);
        n |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return n;
    }
}

static const char *get_string(struct reader *r, size_t *len)
{
    *len = get_varint(r);
    return get_bytes(r, *len);
}

static lua_Integer get_integer(struct reader *r)
{
    uint64_t n = get_varint(r);
    return (lua_Integer)(n >> 1 ^ (0 - (n & 1)));
}

static void push_float(struct reader *r)
{
    lua_Number n;
    memcpy(&n, get_bytes(r, sizeof n), sizeof n);
    lua_pushnumber(r->L, n);
}

static void push_pointer(struct reader *r)
{
    void *p;
    memcpy(&p, get_bytes(r, sizeof p), sizeof p);
    lua_pushlightuserdata(r->L, p);
}

static void push_string(struct reader *r)
{
    size_t len;
    const char *s = get_string(r, &len);
    lua_pushlstring(r->L, s, len);
}

static void push_object(struct reader *r, uint64_t id)
{
    lua_rawgeti(r->L, r->objects, (lua_Integer)id + 1);
}

static void push_value(struct reader *r)
{
    switch (get_byte(r)) {
    case IMAGE_NIL:
        lua_pushnil(r->L);
        break;
    case IMAGE_FALSE:
        lua_pushboolean(r->L, 0);
        break;
    case IMAGE_TRUE:
        lua_pushboolean(r->L, 1);
        break;
    case IMAGE_INTEGER:
        lua_pushinteger(r->L, get_integer(r));
        break;
    case IMAGE_FLOAT:
        push_float(r);
        break;
    case IMAGE_STRING:
        push_string(r);
        break;
    case IMAGE_POINTER:
        push_pointer(r);
        break;
    case IMAGE_OBJECT:
        push_object(r, get_varint(r));
        break;
    default:
        assert(!"an image with an unknown tag");
    }
}

/* ---- heads: create ---- */

static void create_table(struct reader *r, uint64_t id)
{
    int narray = (int)get_varint(r);
    int nhash = (int)get_varint(r);
    if (id == 0 && r->into)
        lua_pushvalue(r->L, r->into);
    else
        lua_createtable(r->L, narray, nhash);
}

struct chunk {
    const char *data;
    size_t len;
};

static const char *next_chunk(lua_State *L, void *ctx, size_t *len)
{
    (void)L;
    struct chunk *c = ctx;
    *len = c->len;
    c->len = 0;
    return *len ? c->data : NULL;
}

static void create_function(struct reader *r)
{
    struct chunk c;
    c.data = get_string(r, &c.len);
    if (lua_load(r->L, next_chunk, &c, "=image", "b") != LUA_OK)
        lua_error(r->L);
}

static void create_named(struct reader *r)
{
    size_t len;
    const char *name = get_string(r, &len);
    if (!r->names)
        luaL_error(r->L, "nobody knows what the name '%s' stands for", name);
    int top = lua_gettop(r->L);
    r->names->resolve(r->L, name, len, r->names->ctx);
    assert(lua_gettop(r->L) == top + 1);
    (void)top;
}

static void create_object(struct reader *r, uint64_t id)
{
    switch (get_byte(r)) {
    case IMAGE_TABLE:
        create_table(r, id);
        break;
    case IMAGE_FUNCTION:
        create_function(r);
        break;
    case IMAGE_NAME:
        create_named(r);
        break;
    case IMAGE_SECRET:
        lua_pushnil(r->L);
        akt_secret_wrap(r->L);
        break;
    default:
        assert(!"an image with an unknown object");
    }
    lua_rawseti(r->L, r->objects, (lua_Integer)id + 1);
}

/* ---- bodies: fill ---- */

/* The object is on top of the stack, here and below. The metatable comes
 * last, so that it finds the table complete. */
static void fill_table(struct reader *r)
{
    lua_State *L = r->L;
    lua_Integer narray = (lua_Integer)get_varint(r);
    uint64_t nhash = get_varint(r);
    push_value(r);
    lua_insert(L, -2); /* metatable below, table on top */
    for (lua_Integer i = 1; i <= narray; i++) {
        push_value(r);
        lua_rawseti(L, -2, i);
    }
    for (; nhash > 0; nhash--) {
        push_value(r);
        push_value(r);
        lua_rawset(L, -3);
    }
    lua_insert(L, -2);
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        lua_setmetatable(L, -2);
}

static void fill_upvalue(struct reader *r, int index)
{
    if (get_byte(r) == IMAGE_OWN) {
        push_value(r);
        lua_setupvalue(r->L, -2, index);
        return;
    }
    push_object(r, get_varint(r));
    int owners = (int)get_varint(r);
    lua_upvaluejoin(r->L, -2, index, -1, owners);
    lua_pop(r->L, 1);
}

static void fill_function(struct reader *r)
{
    int n = (int)get_varint(r);
    for (int i = 1; i <= n; i++)
        fill_upvalue(r, i);
}

static void fill_object(struct reader *r, uint64_t id)
{
    push_object(r, id);
    switch (get_byte(r)) {
    case IMAGE_TABLE:
        fill_table(r);
        break;
    case IMAGE_FUNCTION:
        fill_function(r);
        break;
    case IMAGE_NAME:
        break;
    case IMAGE_SECRET:
        push_value(r);
        akt_secret_set(r->L, -2);
        break;
    default:
        assert(!"an image with an unknown body");
    }
    lua_pop(r->L, 1);
}

/* Pushes the copy. */
static void load(lua_State *L, const struct akt_image *image,
                 const struct akt_image_names *names, int into)
{
    luaL_checkstack(L, STACK_SLOTS, "no room to load a code image");
    struct reader r = {.L = L, .names = names, .into = into};
    r.at = image->bytes;
    r.end = image->bytes + image->len;
    uint64_t count = get_varint(&r);
    lua_createtable(L, (int)count, 0);
    r.objects = lua_gettop(L);
    for (uint64_t id = 0; id < count; id++)
        create_object(&r, id);
    push_value(&r);
    for (uint64_t id = 0; id < count; id++)
        fill_object(&r, id);
    assert(r.at == r.end);
    lua_remove(L, r.objects);
}

void akt_image_load(lua_State *L, const struct akt_image *image,
                    const struct akt_image_names *names)
{
    load(L, image, names, 0);
}

void akt_image_load_into(lua_State *L, const struct akt_image *image,
                         const struct akt_image_names *names, int idx)
{
    int into = lua_absindex(L, idx);
    load(L, image, names, into);
    assert(lua_rawequal(L, -1, into)); /* its root was an unnamed table */
    lua_pop(L, 1);
}
