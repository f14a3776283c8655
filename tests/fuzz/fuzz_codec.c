/* SPDX-License-Identifier: MIT
 *
 * Fuzzes lua/codec.h with bytes as they could come from another node.
 *
 * Whatever the bytes are, decode and skip must agree on whether they are a
 * run. What decodes must encode again, to the very bytes msgpack-c's packer
 * makes of the same values, and those must decode to the same values, also with
 * the strings of the runs before.
 *
 * The order in which lua_next walks a table depends on how it was built, so
 * the values are compared in a canonical form and not as bytes.
 */
#include "lua/codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>
#include <msgpack.h>

#include "lua/word.h"
#include "tests/fuzz/check.h"

/* A string that is the same for equal values and for no others. */
static const char canonical[] =
    "local function canonical(v)\n"
    "  local t = math.type(v) or type(v)\n"
    "  if t == 'float' then\n"
    "    return v ~= v and 'nan' or 'f' .. string.pack('>d', v)\n"
    "  elseif t == 'string' then return 's' .. string.pack('>s4', v)\n"
    "  elseif t ~= 'table' then return t:sub(1, 1) .. tostring(v) .. ';' end\n"
    "  local fields = {}\n"
    "  for k, x in next, v do\n"
    "    fields[#fields + 1] = canonical(k) .. canonical(x)\n"
    "  end\n"
    "  table.sort(fields)\n"
    "  return '{' .. #fields .. ':' .. table.concat(fields) .. '}'\n"
    "end\n"
    "return canonical\n";

static int canonical_ref;
static struct akt_words words; /* as long as the state */

static lua_State *open_state(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    CHECK(luaL_dostring(L, canonical) == LUA_OK);
    canonical_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return L;
}

static void reference_value(lua_State *L, int idx, msgpack_packer *pk);

static void reference_table(lua_State *L, int idx, msgpack_packer *pk)
{
    lua_Integer count = 0;
    int is_array;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        count++;
    is_array = count > 0;
    for (lua_Integer i = 1; i <= count; i++) {
        is_array &= lua_rawgeti(L, idx, i) != LUA_TNIL;
        lua_pop(L, 1);
    }
    if (is_array)
        msgpack_pack_array(pk, (size_t)count);
    else
        msgpack_pack_map(pk, (size_t)count);
    for (lua_Integer i = 1; is_array && i <= count; i++) {
        lua_rawgeti(L, idx, i);
        reference_value(L, lua_gettop(L), pk);
        lua_pop(L, 1);
    }
    if (is_array)
        return;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
        reference_value(L, lua_gettop(L) - 1, pk);
        reference_value(L, lua_gettop(L), pk);
    }
}

static void reference_light(uint64_t bits, msgpack_packer *pk)
{
    char body[8];
    for (int i = 0; i < 8; i++)
        body[i] = (char)(bits >> (56 - 8 * i));
    msgpack_pack_ext_with_body(pk, body, 8, bits >> 63 ? 2 : 1);
}

/* The value as msgpack-c's own packer writes it. */
static void reference_value(lua_State *L, int idx, msgpack_packer *pk)
{
    size_t len;
    const char *s;
    luaL_checkstack(L, 8, NULL);
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
        msgpack_pack_nil(pk);
        return;
    case LUA_TBOOLEAN:
        if (lua_toboolean(L, idx))
            msgpack_pack_true(pk);
        else
            msgpack_pack_false(pk);
        return;
    case LUA_TNUMBER:
        if (lua_isinteger(L, idx))
            msgpack_pack_int64(pk, lua_tointeger(L, idx));
        else
            msgpack_pack_double(pk, lua_tonumber(L, idx));
        return;
    case LUA_TSTRING:
        s = lua_tolstring(L, idx, &len);
        msgpack_pack_str_with_body(pk, s, len);
        return;
    case LUA_TLIGHTUSERDATA:
        reference_light((uint64_t)(uintptr_t)lua_touserdata(L, idx), pk);
        return;
    default:
        CHECK(lua_istable(L, idx));
        reference_table(L, idx, pk);
    }
}

static void check_reference(lua_State *L, int first, int last,
                            const struct akt_buf *out)
{
    msgpack_sbuffer buffer;
    msgpack_packer pk;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer_init(&pk, &buffer, msgpack_sbuffer_write);
    for (int i = first; i <= last; i++)
        reference_value(L, i, &pk);
    CHECK(buffer.size == out->len);
    CHECK(!buffer.size || !memcmp(buffer.data, out->data, out->len));
    msgpack_sbuffer_destroy(&buffer);
}

/* How many values skip finds, or -1. */
static int count_by_skip(const char *bytes, size_t len)
{
    int count = 0;
    for (size_t at = 0; at < len; count++) {
        ptrdiff_t n = akt_codec_skip(bytes + at, len - at);
        if (n < 0)
            return -1;
        CHECK(n > 0 && (size_t)n <= len - at);
        at += (size_t)n;
    }
    return count > AKT_CODEC_VALUES_MAX ? -1 : count;
}

static void check_tag(lua_State *L, const char *bytes, size_t len, int count)
{
    const char *tag;
    size_t tag_len;
    size_t n = akt_codec_tag(bytes, len, &tag, &tag_len);
    if (n > 0) {
        CHECK(akt_codec_skip(bytes, len) == (ptrdiff_t)n);
        CHECK(tag + tag_len == bytes + n);
    }
    if (n > 0 && count > 0) {
        size_t string_len;
        const char *s = lua_tolstring(L, 1, &string_len);
        CHECK(lua_type(L, 1) == LUA_TSTRING && string_len == tag_len);
        CHECK(!tag_len || !memcmp(s, tag, tag_len));
    }
}

/* Replaces the value on top by its canonical form. */
static void canonicalize(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, canonical_ref);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
}

static void check_same(lua_State *L, int a, int b)
{
    lua_pushvalue(L, a);
    canonicalize(L);
    lua_pushvalue(L, b);
    canonicalize(L);
    CHECK(lua_rawequal(L, -1, -2));
    lua_pop(L, 2);
}

struct input {
    const char *bytes;
    size_t len;
    struct akt_buf out;
};

static int check_input(lua_State *L)
{
    struct input *in = lua_touserdata(L, 1);
    struct akt_codec_error err;
    lua_settop(L, 0);
    int count = akt_codec_decode(L, in->bytes, in->len);
    CHECK(lua_gettop(L) == (count < 0 ? 0 : count));
    CHECK(count == count_by_skip(in->bytes, in->len));
    check_tag(L, in->bytes, in->len, count);
    if (count < 0)
        return 0;
    CHECK(akt_codec_encode(L, 1, count, &in->out, &err) == 0);
    CHECK(lua_gettop(L) == count);
    check_reference(L, 1, count, &in->out);
    CHECK(akt_codec_decode_words(L, &words, in->out.data, in->out.len) ==
          count);
    luaL_checkstack(L, 8, NULL);
    for (int i = 1; i <= count; i++)
        check_same(L, i, count + i);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lua_State *L;
    struct input in = {(const char *)data, size, AKT_BUF_INIT};
    if (!L)
        L = open_state();
    lua_pushcfunction(L, check_input);
    lua_pushlightuserdata(L, &in);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != LUA_OK)
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    CHECK(status == LUA_OK);
    akt_buf_fini(&in.out);
    return 0;
}
