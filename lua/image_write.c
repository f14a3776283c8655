/* SPDX-License-Identifier: MIT */
#include "lua/image_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/bytecode.h"
#include "vm/base/alloc.h"
#include "vm/base/hash.h"

/*
 * A writer runs inside a protected call, because almost everything in Lua may
 * raise a memory error: akt_image_make owns the buffers, and refuse() ends
 * the work by raising as well. Its stack, below what functions use:
 */
enum {
    SLOT_WRITER = 1,
    SLOT_VALUE,
    SLOT_IDS,     /* object -> number */
    SLOT_OBJECTS, /* number + 1 -> object */
    SLOT_CELLS,   /* id of a captured variable -> its owner */
    SLOT_KEYS,    /* the keys of the table being written, see struct key */
    SLOT_LAST = SLOT_KEYS,
};
#define STACK_SLOTS (SLOT_LAST + 16)

/* A function has at most 255 upvalues: the owner of a captured variable is
 * its number, shifted by this, and the index there. */
#define UPVALUE_BITS 8

/* In which order the keys of a table are written. */
enum key_rank {
    RANK_INTEGER,
    RANK_FLOAT,
    RANK_STRING,
    RANK_BOOLEAN, /* false is 0, true 1, in v.integer */
    RANK_POINTER, /* by address, which a pid is */
    RANK_OBJECT,  /* as lua_next met them */
};

struct key {
    enum key_rank rank;
    uint32_t slot; /* where it is in SLOT_KEYS */
    union {
        lua_Integer integer;
        lua_Number number;
        uintptr_t pointer;
        struct {
            const char *data; /* alive as long as the table has the key */
            size_t len;
        } string;
    } v;
};

struct writer {
    lua_State *L;
    const struct akt_image_names *names;
    struct akt_image_error *err;
    struct akt_buf count; /* the parts of the image */
    struct akt_buf heads;
    struct akt_buf bodies;
    struct akt_buf scratch; /* a name or a dump, until its size is known */
    uint32_t *parents;      /* of each object: who referred to it first */
    uint32_t object_count;
    uint32_t object_cap;
    uint32_t current; /* the object being written; or IMAGE_NO_PARENT */
    struct key *keys;
    uint32_t key_count;
    uint32_t key_cap;
    uint64_t code_hash; /* of functions and names; the rest is in bodies */
};

/* ---- bytes ---- */

static void put_varint(struct akt_buf *b, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        akt_buf_putc(b, (char)(n | 0x80));
    akt_buf_putc(b, (char)n);
}

static void put_sized(struct akt_buf *b, const char *data, size_t len)
{
    put_varint(b, len);
    akt_buf_add(b, data, len);
}

static void put_number(struct akt_buf *b, lua_State *L, int idx)
{
    if (lua_isinteger(L, idx)) {
        uint64_t n = (uint64_t)lua_tointeger(L, idx);
        akt_buf_putc(b, IMAGE_INTEGER);
        put_varint(b, n << 1 ^ (0 - (n >> 63)));
    } else {
        lua_Number n = lua_tonumber(L, idx);
        akt_buf_putc(b, IMAGE_FLOAT);
        akt_buf_add(b, &n, sizeof n);
    }
}

static void put_string(struct akt_buf *b, lua_State *L, int idx)
{
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    akt_buf_putc(b, IMAGE_STRING);
    put_sized(b, s, len);
}

static void put_pointer(struct akt_buf *b, lua_State *L, int idx)
{
    void *p = lua_touserdata(L, idx);
    akt_buf_putc(b, IMAGE_POINTER);
    akt_buf_add(b, &p, sizeof p);
}

/* Ends the work: object `id` cannot travel. */
static _Noreturn void refuse(struct writer *w, uint32_t id)
{
    w->scratch.len = 0;
    akt_image_explain(w->L, SLOT_OBJECTS, w->parents, id, &w->scratch);
    snprintf(w->err->text, sizeof w->err->text, "%s",
             akt_buf_cstr(&w->scratch));
    lua_pushnil(w->L); /* the text is in err already */
    lua_error(w->L);
    abort(); /* not reached; lua_error does not say so to the compiler */
}

/* ---- values ---- */

static uint32_t add_object(struct writer *w)
{
    if (w->object_count == w->object_cap) {
        uint32_t cap = w->object_cap ? w->object_cap * 2 : 32;
        w->parents = akt_resize(w->parents, w->object_cap * sizeof(uint32_t),
                                cap * sizeof(uint32_t));
        w->object_cap = cap;
    }
    w->parents[w->object_count] = w->current;
    return w->object_count++;
}

/* The number of the object at `idx`; a new one is written later. */
static uint32_t object_id(struct writer *w, int idx)
{
    lua_State *L = w->L;
    idx = lua_absindex(L, idx);
    lua_pushvalue(L, idx);
    if (lua_rawget(L, SLOT_IDS) == LUA_TNUMBER) {
        uint32_t known = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
        return known;
    }
    lua_pop(L, 1);
    uint32_t id = add_object(w);
    lua_pushvalue(L, idx);
    lua_rawseti(L, SLOT_OBJECTS, (lua_Integer)id + 1);
    lua_pushvalue(L, idx);
    lua_pushinteger(L, id);
    lua_rawset(L, SLOT_IDS);
    return id;
}

static void put_value(struct writer *w, int idx)
{
    struct akt_buf *b = &w->bodies;
    switch (lua_type(w->L, idx)) {
    case LUA_TNIL:
        akt_buf_putc(b, IMAGE_NIL);
        break;
    case LUA_TBOOLEAN:
        akt_buf_putc(b, lua_toboolean(w->L, idx) ? IMAGE_TRUE : IMAGE_FALSE);
        break;
    case LUA_TNUMBER:
        put_number(b, w->L, idx);
        break;
    case LUA_TSTRING:
        put_string(b, w->L, idx);
        break;
    case LUA_TLIGHTUSERDATA:
        put_pointer(b, w->L, idx);
        break;
    default:
        akt_buf_putc(b, IMAGE_OBJECT);
        put_varint(b, object_id(w, idx));
    }
}

/* ---- tables: the object is on top of the stack ---- */

/* How many of the elements 1, 2, 3, ... are there. */
static lua_Integer array_len(lua_State *L)
{
    for (lua_Integer n = 0;; n++) {
        int type = lua_rawgeti(L, -1, n + 1);
        lua_pop(L, 1);
        if (type == LUA_TNIL)
            return n;
    }
}

/* Room for the next key. */
static struct key *next_key(struct writer *w)
{
    if (w->key_count == w->key_cap) {
        uint32_t cap = w->key_cap ? w->key_cap * 2 : 32;
        w->keys = akt_resize(w->keys, w->key_cap * sizeof *w->keys,
                             cap * sizeof *w->keys);
        w->key_cap = cap;
    }
    return &w->keys[w->key_count];
}

static void set_rank(lua_State *L, struct key *k)
{
    switch (lua_type(L, -1)) {
    case LUA_TNUMBER:
        k->rank = lua_isinteger(L, -1) ? RANK_INTEGER : RANK_FLOAT;
        if (k->rank == RANK_INTEGER)
            k->v.integer = lua_tointeger(L, -1);
        else
            k->v.number = lua_tonumber(L, -1);
        break;
    case LUA_TSTRING:
        k->rank = RANK_STRING;
        k->v.string.data = lua_tolstring(L, -1, &k->v.string.len);
        break;
    case LUA_TBOOLEAN:
        k->rank = RANK_BOOLEAN;
        k->v.integer = lua_toboolean(L, -1);
        break;
    case LUA_TLIGHTUSERDATA:
        k->rank = RANK_POINTER;
        k->v.pointer = (uintptr_t)lua_touserdata(L, -1);
        break;
    default:
        k->rank = RANK_OBJECT;
    }
}

/* The key on top of the stack joins the list. */
static void add_key(struct writer *w)
{
    struct key *k = next_key(w);
    set_rank(w->L, k);
    k->slot = ++w->key_count;
    lua_pushvalue(w->L, -1);
    lua_rawseti(w->L, SLOT_KEYS, k->slot);
}

static int compare_strings(const struct key *a, const struct key *b)
{
    size_t la = a->v.string.len, lb = b->v.string.len;
    int order = memcmp(a->v.string.data, b->v.string.data, la < lb ? la : lb);
    return order ? order : (la > lb) - (la < lb);
}

#define ORDER(field) ((a->field > b->field) - (a->field < b->field))

static int compare_keys(const void *pa, const void *pb)
{
    const struct key *a = pa, *b = pb;
    if (a->rank != b->rank)
        return ORDER(rank);
    switch (a->rank) {
    case RANK_INTEGER:
    case RANK_BOOLEAN:
        return ORDER(v.integer);
    case RANK_FLOAT:
        return ORDER(v.number);
    case RANK_STRING:
        return compare_strings(a, b);
    case RANK_POINTER:
        return ORDER(v.pointer);
    default:
        return ORDER(slot);
    }
}

/* All keys but the first `narray` integers, sorted, go to w->keys. */
static void collect_keys(struct writer *w, lua_Integer narray)
{
    lua_State *L = w->L;
    w->key_count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        lua_Integer n = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (n < 1 || n > narray)
            add_key(w);
    }
    if (w->key_count)
        qsort(w->keys, w->key_count, sizeof *w->keys, compare_keys);
}

static void put_sizes(struct akt_buf *b, lua_Integer narray, uint32_t nhash)
{
    akt_buf_putc(b, IMAGE_TABLE);
    put_varint(b, (uint64_t)narray);
    put_varint(b, nhash);
}

static void put_metatable(struct writer *w)
{
    if (!lua_getmetatable(w->L, -1))
        lua_pushnil(w->L);
    put_value(w, -1);
    lua_pop(w->L, 1);
}

static void put_table(struct writer *w)
{
    lua_State *L = w->L;
    lua_Integer narray = array_len(L);
    collect_keys(w, narray);
    put_sizes(&w->heads, narray, w->key_count);
    put_sizes(&w->bodies, narray, w->key_count);
    put_metatable(w);
    for (lua_Integer i = 1; i <= narray; i++) {
        lua_rawgeti(L, -1, i);
        put_value(w, -1);
        lua_pop(L, 1);
    }
    for (uint32_t i = 0; i < w->key_count; i++) {
        lua_rawgeti(L, SLOT_KEYS, w->keys[i].slot);
        put_value(w, -1);
        lua_rawget(L, -2);
        put_value(w, -1);
        lua_pop(L, 1);
    }
}

/* ---- functions: the object is on top of the stack ---- */

/* Upvalue `index`, whose value is on top, is the first function's that has
 * it; the others join that one's. */
static void put_upvalue(struct writer *w, int index)
{
    lua_State *L = w->L;
    void *cell = lua_upvalueid(L, -2, index);
    if (lua_rawgetp(L, SLOT_CELLS, cell) == LUA_TNUMBER) {
        uint64_t owner = (uint64_t)lua_tointeger(L, -1);
        akt_buf_putc(&w->bodies, IMAGE_JOINED);
        put_varint(&w->bodies, owner >> UPVALUE_BITS);
        put_varint(&w->bodies, owner & ((1u << UPVALUE_BITS) - 1));
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_pushinteger(L, (lua_Integer)w->current << UPVALUE_BITS | index);
    lua_rawsetp(L, SLOT_CELLS, cell);
    akt_buf_putc(&w->bodies, IMAGE_OWN);
    put_value(w, -1);
}

static void put_function(struct writer *w)
{
    lua_State *L = w->L;
    w->scratch.len = 0;
    if (!akt_bytecode_dump(L, -1, &w->scratch))
        refuse(w, w->current);
    akt_buf_putc(&w->heads, IMAGE_FUNCTION);
    put_sized(&w->heads, w->scratch.data, w->scratch.len);
    uint64_t hash = akt_bytecode_hash(w->scratch.data, w->scratch.len);
    w->code_hash = akt_hash(w->code_hash, &hash, sizeof hash);
    lua_Debug ar;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">u", &ar);
    akt_buf_putc(&w->bodies, IMAGE_FUNCTION);
    put_varint(&w->bodies, ar.nups);
    for (int i = 1; i <= ar.nups; i++) {
        lua_getupvalue(L, -1, i);
        put_upvalue(w, i);
        lua_pop(L, 1);
    }
}

/* ---- objects ---- */

static bool put_name(struct writer *w)
{
    w->scratch.len = 0;
    if (!w->names || lua_type(w->L, -1) == LUA_TTHREAD ||
        !w->names->name_of(w->L, lua_gettop(w->L), &w->scratch, w->names->ctx))
        return false;
    akt_buf_putc(&w->heads, IMAGE_NAME);
    put_sized(&w->heads, w->scratch.data, w->scratch.len);
    w->code_hash = akt_hash(w->code_hash, w->scratch.data, w->scratch.len);
    akt_buf_putc(&w->bodies, IMAGE_NAME);
    return true;
}

static void put_object(struct writer *w)
{
    lua_rawgeti(w->L, SLOT_OBJECTS, (lua_Integer)w->current + 1);
    if (!put_name(w)) {
        if (lua_type(w->L, -1) == LUA_TTABLE)
            put_table(w);
        else if (lua_type(w->L, -1) == LUA_TFUNCTION)
            put_function(w);
        else
            refuse(w, w->current);
    }
    lua_pop(w->L, 1);
}

/* Arguments: the writer, the value. */
static int write_image(lua_State *L)
{
    struct writer *w = lua_touserdata(L, SLOT_WRITER);
    luaL_checkstack(L, STACK_SLOTS, NULL);
    while (lua_gettop(L) < SLOT_LAST)
        lua_newtable(L);
    w->current = IMAGE_NO_PARENT;
    put_value(w, SLOT_VALUE);
    for (w->current = 0; w->current < w->object_count; w->current++)
        put_object(w);
    put_varint(&w->count, w->object_count);
    return 0;
}

/* ---- the caller's side ---- */

/* An error is on top of the stack; refuse() leaves nil there. */
static void explain_error(lua_State *L, struct akt_image_error *err)
{
    if (lua_isnil(L, -1))
        return;
    /* Not lua_tostring: converting a number may raise. */
    const char *text = "a value could not be named";
    if (lua_type(L, -1) == LUA_TSTRING)
        text = lua_tostring(L, -1);
    snprintf(err->text, sizeof err->text, "%s", text);
}

static void writer_fini(struct writer *w)
{
    akt_buf_fini(&w->count);
    akt_buf_fini(&w->heads);
    akt_buf_fini(&w->bodies);
    akt_buf_fini(&w->scratch);
    akt_free(w->parents, w->object_cap * sizeof *w->parents);
    akt_free(w->keys, w->key_cap * sizeof *w->keys);
}

struct akt_image *akt_image_make(lua_State *L, int idx,
                                 const struct akt_image_names *names,
                                 struct akt_image_error *err)
{
    struct writer w = {
        .L = L, .names = names, .err = err, .code_hash = AKT_HASH_INIT};
    struct akt_image *image = NULL;
    idx = lua_absindex(L, idx);
    if (!lua_checkstack(L, 3)) {
        snprintf(err->text, sizeof err->text, "no room on the Lua stack");
        return NULL;
    }
    lua_pushcfunction(L, write_image);
    lua_pushlightuserdata(L, &w);
    lua_pushvalue(L, idx);
    if (lua_pcall(L, 2, 0, 0) == LUA_OK) {
        uint64_t code = akt_hash(w.code_hash, w.bodies.data, w.bodies.len);
        image = akt_image_create(&w.count, &w.heads, &w.bodies, code);
    } else {
        explain_error(L, err);
        lua_pop(L, 1);
    }
    writer_fini(&w);
    return image;
}
