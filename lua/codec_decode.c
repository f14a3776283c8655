/* SPDX-License-Identifier: MIT */
#include "lua/codec.h"

#include <math.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/codec_impl.h"
#include "lua/secret.h"
#include "lua/word.h"

/* Stack slots that are made ready at once for the values of a run; with the
 * slots of a call they still fit in the stack a coroutine starts with. */
#define VALUES_STEP 16
/* Slots that reading one table needs: the table, a key, a value, and one more
 * for a string that is remembered. */
#define TABLE_SLOTS 4

/* What has been pushed. A key is what may be the key of a table. */
enum got { BAD = -1, KEY, NO_KEY };

struct reader {
    lua_State *L;
    struct akt_words *words; /* or NULL */
    const char *p;
    const char *end;
    /* Every item takes a byte or more, so all tables of a run together can
     * announce no more items than the run has bytes. What is left of that
     * bounds the room made for the next table. */
    size_t items_left;
    int secrets; /* around what is being read */
};

/* Not inline: what is read most, short strings, small integers and truth
 * values, needs few registers then. */
#define RARE __attribute__((noinline)) static

static inline enum got read_value(struct reader *r, int depth);

static inline size_t left(const struct reader *r)
{
    return (size_t)(r->end - r->p);
}

/* The next `size` bytes, 1, 2, 4 or 8, as a number. */
static inline bool read_number(struct reader *r, size_t size, uint64_t *out)
{
    if (left(r) < size)
        return false;
    const unsigned char *p = (const unsigned char *)r->p;
    r->p += size;
    if (size == 1)
        *out = p[0];
    else if (size == 2)
        *out = (uint64_t)p[0] << 8 | p[1];
    else if (size == 4)
        *out = (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 |
               (uint64_t)p[2] << 8 | p[3];
    else
        *out = akt_codec_load64(p);
    return true;
}

static inline enum got push_integer(struct reader *r, lua_Integer i)
{
    lua_pushinteger(r->L, i);
    return KEY;
}

/* What no Lua integer can hold is refused: a float would be another value. */
RARE enum got read_unsigned(struct reader *r, size_t size)
{
    uint64_t n;
    if (!read_number(r, size, &n) || n > INT64_MAX)
        return BAD;
    return push_integer(r, (lua_Integer)n);
}

RARE enum got read_signed(struct reader *r, size_t size)
{
    uint64_t n;
    if (!read_number(r, size, &n))
        return BAD;
    unsigned unused = (unsigned)(64 - 8 * size);
    return push_integer(r, (lua_Integer)(n << unused) >> unused);
}

static enum got push_float(struct reader *r, double d)
{
    lua_pushnumber(r->L, d);
    return isnan(d) ? NO_KEY : KEY;
}

RARE enum got read_float(struct reader *r)
{
    uint64_t n;
    float f;
    if (!read_number(r, 4, &n))
        return BAD;
    uint32_t bits = (uint32_t)n;
    memcpy(&f, &bits, sizeof f);
    return push_float(r, (double)f);
}

RARE enum got read_double(struct reader *r)
{
    double d;
    if (left(r) < 8)
        return BAD;
    uint64_t bits = akt_codec_load64((const unsigned char *)r->p);
    r->p += 8;
    memcpy(&d, &bits, sizeof d);
    return push_float(r, d);
}

static inline enum got read_string(struct reader *r, size_t len)
{
    if (left(r) < len)
        return BAD;
    if (r->words)
        akt_words_push(r->L, r->words, r->p, len);
    else
        lua_pushlstring(r->L, r->p, len);
    r->p += len;
    return KEY;
}

/* One whose length takes `size` bytes. */
RARE enum got read_long_string(struct reader *r, size_t size)
{
    uint64_t len;
    return read_number(r, size, &len) ? read_string(r, len) : BAD;
}

static bool begin_table(struct reader *r, size_t items, int depth)
{
    if (depth >= AKT_CODEC_DEPTH_MAX || items > r->items_left)
        return false;
    r->items_left -= items;
    luaL_checkstack(r->L, TABLE_SLOTS, NULL);
    return true;
}

RARE enum got read_array(struct reader *r, size_t n, int depth)
{
    if (!begin_table(r, n, depth))
        return BAD;
    lua_createtable(r->L, (int)n, 0);
    for (size_t i = 1; i <= n; i++) {
        if (read_value(r, depth + 1) == BAD)
            return BAD;
        lua_rawseti(r->L, -2, (lua_Integer)i);
    }
    return KEY;
}

RARE enum got read_map(struct reader *r, size_t n, int depth)
{
    if (!begin_table(r, n, depth))
        return BAD;
    lua_createtable(r->L, 0, (int)n);
    for (size_t i = 0; i < n; i++) {
        if (read_value(r, depth + 1) != KEY || read_value(r, depth + 1) == BAD)
            return BAD;
        lua_rawset(r->L, -3);
    }
    return KEY;
}

static enum got read_secret(struct reader *r, const char *bytes, size_t len);

/* With a body of `len` bytes behind the byte of its type. */
RARE enum got read_ext(struct reader *r, size_t len)
{
    uint64_t bits;
    const char *p = r->p;
    if (left(r) < 1 + len)
        return BAD;
    r->p += 1 + len;
    if (akt_codec_ext_is_secret(p, 1 + len))
        return read_secret(r, p + 1, len);
    if (!akt_codec_ext_load(p, 1 + len, &bits))
        return BAD;
    lua_pushlightuserdata(r->L, (void *)(uintptr_t)bits);
    return KEY;
}

/* One whose length takes `size` bytes. */
RARE enum got read_long_ext(struct reader *r, size_t size)
{
    uint64_t len;
    return read_number(r, size, &len) ? read_ext(r, len) : BAD;
}

RARE enum got read_long_table(struct reader *r, unsigned first, int depth)
{
    uint64_t n;
    if (!read_number(r, first & 1 ? 4 : 2, &n))
        return BAD;
    return first < 0xde ? read_array(r, n, depth) : read_map(r, n, depth);
}

static inline enum got read_nil(struct reader *r)
{
    lua_pushnil(r->L);
    return NO_KEY;
}

static inline enum got read_boolean(struct reader *r, bool b)
{
    lua_pushboolean(r->L, b);
    return KEY;
}

/* What begins with a byte from 0xc0 to 0xdf. */
RARE enum got read_headed(struct reader *r, unsigned first, int depth)
{
    switch (first) {
    case 0xc0:
        return read_nil(r);
    case 0xc2:
    case 0xc3:
        return read_boolean(r, first & 1);
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return read_long_string(r, (size_t)1 << (first - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
        return read_long_ext(r, (size_t)1 << (first - 0xc7));
    case 0xca:
        return read_float(r);
    case 0xcb:
        return read_double(r);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return read_unsigned(r, (size_t)1 << (first - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return read_signed(r, (size_t)1 << (first - 0xd0));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return read_ext(r, (size_t)1 << (first - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
        return read_long_string(r, (size_t)1 << (first - 0xd9));
    case 0xc1:
        return BAD;
    default:
        return read_long_table(r, first, depth);
    }
}

RARE enum got read_small_table(struct reader *r, unsigned first, int depth)
{
    return first >= 0x90 ? read_array(r, first & 0xf, depth)
                         : read_map(r, first & 0xf, depth);
}

/* Pushes one value; `depth`: the tables around it. What is pushed when it is
 * BAD, the caller of all removes. */
static inline enum got read_value(struct reader *r, int depth)
{
    if (r->p == r->end)
        return BAD;
    unsigned first = (unsigned char)*r->p++;
    if (first < 0x80)
        return push_integer(r, first);
    if (first >= 0xe0)
        return push_integer(r, (lua_Integer)first - 0x100);
    if (first >= 0xc0)
        return read_headed(r, first, depth);
    if (first >= 0xa0)
        return read_string(r, first & 0x1f);
    return read_small_table(r, first, depth);
}

/* The one value inside, by a reader of its own. */
static enum got read_secret(struct reader *r, const char *bytes, size_t len)
{
    struct reader inner = {.L = r->L,
                           .words = r->words,
                           .p = bytes,
                           .end = bytes + len,
                           .items_left = len,
                           .secrets = r->secrets + 1};
    if (r->secrets == AKT_CODEC_SECRETS_MAX)
        return BAD;
    luaL_checkstack(r->L, VALUES_STEP, NULL);
    if (read_value(&inner, 0) == BAD || left(&inner))
        return BAD;
    akt_secret_wrap(r->L);
    return KEY;
}

int akt_codec_decode(lua_State *L, const char *bytes, size_t len)
{
    return akt_codec_decode_words(L, NULL, bytes, len);
}

int akt_codec_decode_words(lua_State *L, struct akt_words *words,
                           const char *bytes, size_t len)
{
    if (!len)
        return 0;
    if (len > AKT_CODEC_RUN_MAX)
        return -1;
    struct reader r = {.L = L,
                       .words = words,
                       .p = bytes,
                       .end = bytes + len,
                       .items_left = len};
    int top = lua_gettop(L);
    for (int count = 0;; count++) {
        if (r.p == r.end)
            return count;
        if (count % VALUES_STEP == 0)
            luaL_checkstack(L, VALUES_STEP + 1, NULL);
        if (count == AKT_CODEC_VALUES_MAX || read_value(&r, 0) == BAD)
            break;
    }
    lua_settop(L, top);
    return -1;
}
