/* SPDX-License-Identifier: MIT */
#include "lua/codec.h"

#include <math.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/codec_impl.h"
#include "lua/secret.h"

/* msgpack-c's reader keeps its open tables in an array of this size, and
 * refuses a table that does not fit. */
#define MSGPACK_EMBED_STACK_SIZE AKT_CODEC_DEPTH_MAX
#include <msgpack/unpack.h>
#include <msgpack/unpack_define.h>

/* Stack slots that are made ready at once for the values of a run; with the
 * slots of a call they still fit in the stack a coroutine starts with. */
#define VALUES_STEP 16
/* Slots that reading one table needs: the table, a key, a value. */
#define TABLE_SLOTS 3

/* msgpack-c's reader keeps one of these for each value it has read; the value
 * itself is on the Lua stack. It says how many items an array has so far, or
 * that the value cannot be the key of a table; otherwise it is 0. */
typedef uint32_t note;
#define NO_KEY UINT32_MAX

struct reader {
    lua_State *L;
    /* Every item takes a byte or more, so all tables of a run together can
     * announce no more items than the run has bytes. What is left of that
     * bounds the room made for the next table. */
    size_t items_left;
    int secrets; /* around what is being read */
};

/* From here to the template: what msgpack-c's reader calls. Each function
 * pushes one value or stores the topmost in the table below it; a negative
 * result ends the reading. */
static inline note read_root(struct reader *r)
{
    (void)r;
    return 0;
}

static inline int read_integer(struct reader *r, lua_Integer i, note *o)
{
    lua_pushinteger(r->L, i);
    *o = 0;
    return 0;
}

#define READ_INTEGER(name, type)                                     \
    static inline int read_##name(struct reader *r, type i, note *o) \
    {                                                                \
        return read_integer(r, i, o);                                \
    }
READ_INTEGER(uint8, uint8_t)
READ_INTEGER(uint16, uint16_t)
READ_INTEGER(uint32, uint32_t)
READ_INTEGER(int8, int8_t)
READ_INTEGER(int16, int16_t)
READ_INTEGER(int32, int32_t)
READ_INTEGER(int64, int64_t)

/* What no Lua integer can hold is refused: a float would be another value. */
static inline int read_uint64(struct reader *r, uint64_t i, note *o)
{
    return i > INT64_MAX ? -1 : read_integer(r, (lua_Integer)i, o);
}

static inline int read_double(struct reader *r, double d, note *o)
{
    lua_pushnumber(r->L, d);
    *o = isnan(d) ? NO_KEY : 0;
    return 0;
}

static inline int read_float(struct reader *r, float d, note *o)
{
    return read_double(r, (double)d, o);
}

static inline int read_nil(struct reader *r, note *o)
{
    lua_pushnil(r->L);
    *o = NO_KEY;
    return 0;
}

static inline int read_true(struct reader *r, note *o)
{
    lua_pushboolean(r->L, 1);
    *o = 0;
    return 0;
}

static inline int read_false(struct reader *r, note *o)
{
    lua_pushboolean(r->L, 0);
    *o = 0;
    return 0;
}

/* `p` is no valid address when `len` is 0; Lua does not look at it then. */
static inline int read_str(struct reader *r, const char *base, const char *p,
                           unsigned len, note *o)
{
    (void)base;
    lua_pushlstring(r->L, p, len);
    *o = 0;
    return 0;
}

static inline int read_bin(struct reader *r, const char *base, const char *p,
                           unsigned len, note *o)
{
    return read_str(r, base, p, len, o);
}

static int read_secret(struct reader *r, const char *bytes, size_t len);

static inline int read_ext(struct reader *r, const char *base, const char *p,
                           unsigned len, note *o)
{
    uint64_t bits;
    (void)base;
    if (akt_codec_ext_is_secret(p, len)) {
        *o = 0;
        return read_secret(r, p + 1, len - 1);
    }
    if (!akt_codec_ext_load(p, len, &bits))
        return -1;
    lua_pushlightuserdata(r->L, (void *)(uintptr_t)bits);
    *o = 0;
    return 0;
}

static inline int announce(struct reader *r, size_t items)
{
    if (items > r->items_left)
        return -1;
    r->items_left -= items;
    luaL_checkstack(r->L, TABLE_SLOTS, NULL);
    return 0;
}

static inline int read_array(struct reader *r, unsigned n, note *o)
{
    if (announce(r, n))
        return -1;
    lua_createtable(r->L, (int)n, 0);
    *o = 0;
    return 0;
}

static inline int read_array_item(struct reader *r, note *array, note item)
{
    (void)item;
    *array += 1;
    lua_rawseti(r->L, -2, (lua_Integer)*array);
    return 0;
}

static inline int read_map(struct reader *r, unsigned n, note *o)
{
    if (announce(r, n))
        return -1;
    lua_createtable(r->L, 0, (int)n);
    *o = 0;
    return 0;
}

static inline int read_map_item(struct reader *r, note *map, note key,
                                note value)
{
    (void)map;
    (void)value;
    if (key == NO_KEY)
        return -1;
    lua_rawset(r->L, -3);
    return 0;
}

#define msgpack_unpack_struct(name) struct read##name
#define msgpack_unpack_func(type, name) static inline type read##name
#define msgpack_unpack_callback(name) read##name
#define msgpack_unpack_object note
#define msgpack_unpack_user struct reader
#include <msgpack/unpack_template.h>

/* The one value inside, by a reader of its own. */
static int read_secret(struct reader *r, const char *bytes, size_t len)
{
    struct read_context ctx;
    size_t off = 0;
    if (r->secrets == AKT_CODEC_SECRETS_MAX)
        return -1;
    luaL_checkstack(r->L, VALUES_STEP, NULL);
    ctx.user.L = r->L;
    ctx.user.items_left = len;
    ctx.user.secrets = r->secrets + 1;
    read_init(&ctx);
    if (read_execute(&ctx, bytes, len, &off) != 1 || off != len)
        return -1;
    akt_secret_wrap(r->L);
    return 0;
}

int akt_codec_decode(lua_State *L, const char *bytes, size_t len)
{
    struct read_context ctx;
    int top = lua_gettop(L);
    int count = 0;
    size_t off = 0;
    if (len > AKT_CODEC_RUN_MAX)
        return -1;
    ctx.user.L = L;
    ctx.user.items_left = len;
    ctx.user.secrets = 0;
    for (; off < len; count++) {
        if (count % VALUES_STEP == 0)
            luaL_checkstack(L, VALUES_STEP, NULL);
        read_init(&ctx);
        if (count == AKT_CODEC_VALUES_MAX ||
            read_execute(&ctx, bytes, len, &off) != 1) {
            lua_settop(L, top);
            return -1;
        }
    }
    return count;
}
