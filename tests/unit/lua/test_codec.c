/* SPDX-License-Identifier: MIT
 *
 * Tests of lua/codec.h: the bytes of each kind of value, what is refused at
 * either end and with which words, and every limit from both sides.
 */
#include "lua/codec.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/secret.h"

static lua_State *L;
static struct akt_buf out;
static struct akt_codec_error err;

/* An allocator that gives no new memory while `starved` is set. */
static bool starved;

static void *allocate(void *ud, void *p, size_t old, size_t new)
{
    (void)ud;
    if (new == 0) {
        free(p);
        return NULL;
    }
    if (starved && (!p || new > old))
        return NULL;
    return realloc(p, new);
}

/* For the scripts below: light(hex) makes a light userdata of 64 bits. */
static int make_light(lua_State *l)
{
    uint64_t bits = strtoull(luaL_checkstring(l, 1), NULL, 16);
    lua_pushlightuserdata(l, (void *)(uintptr_t)bits);
    return 1;
}

static int make_full(lua_State *l)
{
    lua_newuserdatauv(l, 8, 0);
    return 1;
}

static const char prelude[] =
    "function nest(n) local t = {} for i = 2, n do t = {t} end return t end\n"
    "function nest_key(n)\n"
    "  local t = {} for i = 2, n do t = {[t] = 1} end return t end\n"
    "function equal(a, b)\n"
    "  if type(a) ~= 'table' or type(b) ~= 'table' then\n"
    "    return math.type(a) == math.type(b) and (a == b or a ~= a and b ~= "
    "b)\n"
    "  end\n"
    "  for k, v in next, a do if not equal(v, rawget(b, k)) then\n"
    "    return false end end\n"
    "  for k in next, b do if rawget(a, k) == nil then return false end end\n"
    "  return true\n"
    "end\n";

static void setup(void)
{
    starved = false;
    L = lua_newstate(allocate, NULL);
    luaL_openlibs(L);
    lua_register(L, "light", make_light);
    lua_register(L, "full", make_full);
    ck_assert_int_eq(luaL_dostring(L, prelude), LUA_OK);
    akt_buf_init(&out);
}

static void teardown(void)
{
    lua_close(L);
    akt_buf_fini(&out);
}

/* Clears the stack and pushes what the script returns. */
static int eval(const char *src)
{
    lua_settop(L, 0);
    if (luaL_dostring(L, src) != LUA_OK)
        ck_abort_msg("%s: %s", src, lua_tostring(L, -1));
    return lua_gettop(L);
}

static int encode_all(void)
{
    int top = lua_gettop(L);
    int result = akt_codec_encode(L, 1, top, &out, &err);
    ck_assert_int_eq(lua_gettop(L), top);
    return result;
}

static void encode(const char *src)
{
    eval(src);
    out.len = 0;
    if (encode_all())
        ck_abort_msg("%s: %s", src, err.text);
}

static void assert_hex(const char *src, const char *hex)
{
    struct akt_buf got = AKT_BUF_INIT;
    for (size_t i = 0; i < out.len; i++)
        akt_buf_printf(&got, "%02x", (unsigned char)out.data[i]);
    if (strcmp(akt_buf_cstr(&got), hex))
        ck_abort_msg("%s: %s instead of %s", src, got.data, hex);
    akt_buf_fini(&got);
}

static size_t from_hex(const char *hex, char *bytes)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        sscanf(hex + 2 * i, "%2x", &byte);
        bytes[i] = (char)byte;
    }
    return n;
}

/* Decodes from a block of exactly that size, so that a sanitizer sees a read
 * behind it. */
static int decode(const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    if (len)
        memcpy(copy, bytes, len);
    int top = lua_gettop(L);
    int count = akt_codec_decode(L, copy, len);
    ck_assert_int_eq(lua_gettop(L), count < 0 ? top : top + count);
    free(copy);
    return count;
}

static int decode_hex(const char *hex)
{
    char bytes[512];
    return decode(bytes, from_hex(hex, bytes));
}

static ptrdiff_t skip_hex(const char *hex)
{
    char bytes[512];
    return akt_codec_skip(bytes, from_hex(hex, bytes));
}

static void assert_equal(const char *src, int a, int b)
{
    lua_getglobal(L, "equal");
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    if (!lua_toboolean(L, -1))
        ck_abort_msg("%s: value %d came back as another", src, a);
    lua_pop(L, 1);
}

/* Encodes what the script returns, and expects the same values back. */
static void assert_round_trip(const char *src)
{
    encode(src);
    int n = lua_gettop(L);
    ck_assert_int_eq(decode(out.data, out.len), n);
    for (int i = 1; i <= n; i++)
        assert_equal(src, i, n + i);
}

static const struct {
    const char *src;
    const char *hex;
} bytes_of[] = {
    {"return", ""},
    {"return 'inc', 1", "a3696e6301"},
    {"return nil, true, false", "c0c3c2"},
    {"return 0, 127, 128, 255, 256", "007fcc80ccffcd0100"},
    {"return 65535, 65536, 0xffffffff", "cdffffce00010000ceffffffff"},
    {"return 0x100000000", "cf0000000100000000"},
    {"return math.maxinteger", "cf7fffffffffffffff"},
    {"return -1, -32, -33, -128, -129", "ffe0d0dfd080d1ff7f"},
    {"return -32768, -32769", "d18000d2ffff7fff"},
    {"return -0x80000000, -0x80000001", "d280000000d3ffffffff7fffffff"},
    {"return math.mininteger", "d38000000000000000"},
    {"return 1.0", "cb3ff0000000000000"},
    {"return -0.0, 1/0", "cb8000000000000000cb7ff0000000000000"},
    {"return '', '1'", "a0a131"},
    {"return '\\0\\xff\\n'", "a300ff0a"},
    {"return {}", "80"},
    {"return {1, 2.0, 'a'}", "9301cb4000000000000000a161"},
    {"return {a = {}}", "81a16180"},
    {"return {[0] = 1}", "810001"},
    {"return {[1.5] = {true}}", "81cb3ff800000000000091c3"},
    {"return {[true] = 1}", "81c301"},
    {"return {[{}] = 1}", "818001"},
    {"return setmetatable({5}, {__len = error, __index = error,"
     " __pairs = error})",
     "9105"},
    {"return light '0001000000400002'", "d7010001000000400002"},
    {"return light '7fffffffffffffff'", "d7017fffffffffffffff"},
    {"return light '8000000000000001'", "d7028000000000000001"},
    {"return {[light '0001000000000000'] = 1}", "81d701000100000000000001"},
};

START_TEST(bytes_are_those_of_messagepack)
{
    encode(bytes_of[_i].src);
    int n = lua_gettop(L);
    assert_hex(bytes_of[_i].src, bytes_of[_i].hex);
    ck_assert_int_eq(decode(out.data, out.len), n);
    /* What was decoded has the same bytes again. */
    out.len = 0;
    ck_assert_int_eq(akt_codec_encode(L, n + 1, 2 * n, &out, &err), 0);
    assert_hex(bytes_of[_i].src, bytes_of[_i].hex);
}
END_TEST

static const struct {
    const char *src;
    const char *head;
} heads[] = {
    {"return ('x'):rep(31)", "bf"},
    {"return ('x'):rep(32)", "d920"},
    {"return ('x'):rep(255)", "d9ff"},
    {"return ('x'):rep(256)", "da0100"},
    {"return ('x'):rep(65535)", "daffff"},
    {"return ('x'):rep(65536)", "db00010000"},
    {"local t = {} for i = 1, 15 do t[i] = i end return t", "9f"},
    {"local t = {} for i = 1, 16 do t[i] = i end return t", "dc0010"},
    {"local t = {} for i = 1, 65535 do t[i] = 0 end return t", "dcffff"},
    {"local t = {} for i = 1, 65536 do t[i] = 0 end return t", "dd00010000"},
    {"local t = {} for i = 1, 15 do t['k' .. i] = i end return t", "8f"},
    {"local t = {} for i = 1, 16 do t['k' .. i] = i end return t", "de0010"},
    {"local t = {} for i = 0, 65534 do t[-i] = 'v' end return t", "deffff"},
    {"local t = {} for i = 0, 65535 do t[-i] = 'v' end return t", "df00010000"},
    {"return {[1] = 'a', [2] = 'b', [3] = 'c'}", "93"}, /* in the hash part */
    {"local t = {} for i = 20, 1, -1 do t[i] = i end return t", "dc0014"},
    {"return {1, nil, 3}", "82"},
    {"return {1, nil, 3, x = 1}", "83"}, /* as many keys as the length */
    {"return {1, nil, 3, ['2'] = 1}", "83"},
    {"return {1, nil, 3, [2.5] = 1}", "83"},
    {"return {1, nil, 3, [10] = 1}", "83"},
    {"return {1, 2, x = 3}", "83"},
    {"return {[2] = 1}", "81"},
};

START_TEST(heads_are_the_shortest_and_tables_come_back)
{
    assert_round_trip(heads[_i].src);
    out.len = strlen(heads[_i].head) / 2;
    assert_hex(heads[_i].src, heads[_i].head);
}
END_TEST

START_TEST(many_kinds_of_values_come_back)
{
    assert_round_trip("return 0/0, -(0/0), 1/0, -1/0, 5e-324, 2^53, 1, 1.0");
    assert_round_trip("return {{{1}, {}}, {a = {b = {c = 'd'}}}}, 'x'");
    assert_round_trip("local t = {} for i = 1, 40 do"
                      " t['k' .. i] = {i, tostring(i), i / 3,"
                      " [light '0001000000000001'] = light 'f000000000000000'}"
                      " end return t");
    assert_round_trip("local t = {} for i = 1, 250 do t[i] = i end"
                      " return table.unpack(t)");
    assert_round_trip("return 'a', nil, nil");
}
END_TEST

START_TEST(numbers_keep_their_subtype)
{
    encode("return 1, 1.0, {1, 1.0}");
    ck_assert_int_eq(decode(out.data, out.len), 3);
    ck_assert(lua_isinteger(L, 4));
    ck_assert(!lua_isinteger(L, 5));
    lua_rawgeti(L, 6, 1);
    ck_assert(lua_isinteger(L, -1));
    lua_rawgeti(L, 6, 2);
    ck_assert(!lua_isinteger(L, -1));
}
END_TEST

START_TEST(encode_appends_the_values_it_was_given)
{
    eval("return 1, 2, 3, 4");
    akt_buf_puts(&out, "head");
    ck_assert_int_eq(akt_codec_encode(L, 2, 3, &out, &err), 0);
    ck_assert_mem_eq(out.data, "head\2\3", 6);
    ck_assert_uint_eq(out.len, 6);
    ck_assert_int_eq(akt_codec_encode(L, 3, 2, &out, &err), 0);
    ck_assert_uint_eq(out.len, 6);
}
END_TEST

static const struct {
    const char *src;
    const char *code;
    const char *text;
} refused[] = {
    {"return 1, print", "bad_message", "argument 2: a function cannot be sent"},
    {"return 1, {a = {1, 2, print}}", "bad_message",
     "argument 2: [\"a\"][3]: a function cannot be sent"},
    {"return {coroutine.create(print)}", "bad_message",
     "argument 1: [1]: a coroutine cannot be sent"},
    {"return {x = full()}", "bad_message",
     "argument 1: [\"x\"]: a userdata cannot be sent"},
    {"return light '0000ffffffffffff'", "bad_message",
     "argument 1: this light userdata is not a pid"},
    {"return light '0'", "bad_message",
     "argument 1: this light userdata is not a pid"},
    {"return {a = {[print] = 1}}", "bad_message",
     "argument 1: [\"a\"]{key}: a function cannot be sent"},
    {"return {a = {[{b = print}] = 1}}", "bad_message",
     "argument 1: [\"a\"]{key}[\"b\"]: a function cannot be sent"},
    {"return {[-1] = {[1.5] = {[true] = {[false] = print}}}}", "bad_message",
     "argument 1: [-1][1.5][true][false]: a function cannot be sent"},
    {"return {[light '0001000000000001'] = {[{}] = print}}", "bad_message",
     "argument 1: [a pid][a table]: a function cannot be sent"},
    {"return {['a\"\\\\\\n\\x7f'] = print}", "bad_message",
     "argument 1: [\"a\\\"\\\\\\x0a\\x7f\"]: a function cannot be sent"},
    {"return {[('k'):rep(40)] = print}", "bad_message",
     "argument 1: [\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\"]:"
     " a function cannot be sent"},
    {"return {[('k'):rep(31) .. '\\u{fc}'] = print}", "bad_message",
     "argument 1: [\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\"]:"
     " a function cannot be sent"},
    {"return nest(65)", "bad_message",
     "argument 1: ...[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]"
     "[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]"
     "[1][1][1][1][1][1][1][1][1][1]: nested deeper than 64 levels (or a"
     " cycle)"},
    {"return ('x'):rep(64 * 1024 * 1024 - 4)", "too_large",
     "argument 1: the message is over 64 MiB"},
    {"return {('x'):rep(64 * 1024 * 1024 + 1)}", "too_large",
     "argument 1: [1]: the message is over 64 MiB"},
    {"local t = {} for i = 1, 251 do t[i] = 1 end return table.unpack(t)",
     "too_large", "more than 250 values; put them in a table"},
};

START_TEST(refuses_what_cannot_be_sent_and_says_where)
{
    eval(refused[_i].src);
    akt_buf_puts(&out, "abc");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_uint_eq(out.len, 3);
    ck_assert_str_eq(err.code, refused[_i].code);
    ck_assert_str_eq(err.text, refused[_i].text);
    size_t where = strncmp(err.text, "argument ", 9) ? 0 : 12;
    ck_assert_uint_eq(err.where_len, where);
    ck_assert_int_eq(err.index, where ? err.text[9] - '0' : 0);
}
END_TEST

START_TEST(refuses_cycles)
{
    eval("local t = {} t.a, t.b = t, t return t");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "(or a cycle)"));
    eval("local t = {} t[t] = t return t");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "{key}{key}: nested"));
}
END_TEST

START_TEST(nests_to_the_limit_at_both_ends)
{
    char bytes[AKT_CODEC_DEPTH_MAX + 1];
    assert_round_trip("return nest(64)");
    encode("return nest_key(64)");
    ck_assert_int_eq(decode(out.data, out.len), 1);
    eval("return nest_key(65)");
    ck_assert_int_eq(encode_all(), -1);
    memset(bytes, 0x91, sizeof bytes);
    bytes[AKT_CODEC_DEPTH_MAX - 1] = (char)0x90;
    ck_assert_int_eq(decode(bytes, AKT_CODEC_DEPTH_MAX), 1);
    ck_assert_int_eq(akt_codec_skip(bytes, AKT_CODEC_DEPTH_MAX),
                     AKT_CODEC_DEPTH_MAX);
    bytes[AKT_CODEC_DEPTH_MAX - 1] = (char)0x91;
    bytes[AKT_CODEC_DEPTH_MAX] = (char)0x90;
    ck_assert_int_eq(decode(bytes, sizeof bytes), -1);
    ck_assert_int_eq(akt_codec_skip(bytes, sizeof bytes), -1);
}
END_TEST

START_TEST(a_run_may_be_64_mib)
{
    encode("return ('x'):rep(64 * 1024 * 1024 - 5)");
    ck_assert_uint_eq(out.len, AKT_CODEC_RUN_MAX);
    ck_assert_int_eq(akt_codec_decode(L, out.data, out.len), 1);
    ck_assert(lua_rawequal(L, 1, 2));
    /* The limit is that of the run, not that of each value or the buffer. */
    eval("return ('x'):rep(64 * 1024 * 1024 - 5), 1");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_str_eq(err.text, "argument 2: the message is over 64 MiB");
    ck_assert_uint_eq(out.len, AKT_CODEC_RUN_MAX);
    akt_buf_putc(&out, 1);
    ck_assert_int_eq(akt_codec_decode(L, out.data, out.len), -1);
}
END_TEST

START_TEST(a_table_sent_many_times_over_ends_at_the_limit)
{
    eval("local t = ('x'):rep(1000) for i = 1, 40 do t = {t, t} end return t");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_str_eq(err.code, "too_large");
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(a_string_over_the_limit_is_not_copied_first)
{
    eval("return ('x'):rep(64 * 1024 * 1024 + 1)");
    ck_assert_int_eq(encode_all(), -1);
    ck_assert_uint_lt(out.cap, 1024);
}
END_TEST

START_TEST(a_run_may_have_250_values)
{
    char bytes[AKT_CODEC_VALUES_MAX + 1] = {0};
    ck_assert_int_eq(decode(bytes, AKT_CODEC_VALUES_MAX), AKT_CODEC_VALUES_MAX);
    ck_assert_int_eq(decode(bytes, AKT_CODEC_VALUES_MAX + 1), -1);
}
END_TEST

START_TEST(encode_needs_no_memory_but_stack_and_buffer)
{
    eval("return 'inc', {1, {2, a = {x = 'y'}}, 3.5}");
    lua_gc(L, LUA_GCSTOP);
    starved = true;
    ck_assert_int_eq(encode_all(), 0);
    /* Fill the stack: now a table finds no room to be walked in. */
    while (lua_checkstack(L, 1))
        lua_pushnil(L);
    int top = lua_gettop(L);
    size_t len = out.len;
    ck_assert_int_eq(akt_codec_encode(L, 1, 2, &out, &err), -1);
    starved = false;
    ck_assert_int_eq(lua_gettop(L), top);
    ck_assert_uint_eq(out.len, len);
    ck_assert_str_eq(err.code, "too_large");
    ck_assert_str_eq(err.text, "argument 2: no room on the Lua stack");
}
END_TEST

static int decode_protected(lua_State *l)
{
    lua_pushinteger(l, akt_codec_decode(l, out.data, out.len));
    return 1;
}

START_TEST(decode_without_memory_raises)
{
    encode("return {1, 2, 3}");
    lua_pushcfunction(L, decode_protected);
    starved = true;
    int status = lua_pcall(L, 0, 1, 0);
    starved = false;
    ck_assert_int_eq(status, LUA_ERRMEM);
}
END_TEST

static const struct {
    const char *hex;
    const char *src;
} accepted[] = {
    {"", "return"},
    {"c400c403616263", "return '', 'abc'"}, /* bin is read as a string */
    {"c50001ffc600000001ff", "return '\\xff', '\\xff'"},
    {"d900da0000db00000000", "return '', '', ''"},
    {"cc01cd0001ce00000001cf0000000000000001", "return 1, 1, 1, 1"},
    {"d0ffd1ffffd2ffffffffd3ffffffffffffffff", "return -1, -1, -1, -1"},
    {"ca3fc00000", "return 1.5"},
    {"90dc0000dd00000000", "return {}, {}, {}"},
    {"80de0000df00000000", "return {}, {}, {}"},
    {"dc0001c3dd00000001c3", "return {true}, {true}"},
    {"de00010102df000000010102", "return {2}, {2}"},
    {"93c001c0", "return {nil, 1}"},
    {"8101c0", "return {}"},
    {"8201020103", "return {3}"}, /* the last one counts */
    {"81cb3ff00000000000000a", "return {[1] = 10}"},
    {"c708010001000000000002", "return light '0001000000000002'"},
};

START_TEST(decode_reads_every_form_of_messagepack)
{
    int n = eval(accepted[_i].src);
    ck_assert_int_eq(decode_hex(accepted[_i].hex), n);
    for (int i = 1; i <= n; i++)
        assert_equal(accepted[_i].src, i, n + i);
}
END_TEST

static const char *malformed[] = {
    "c1", /* means nothing */
    "a1", /* ends inside */
    "a361",
    "d9",
    "d90261",
    "da00",
    "dbffffffff61",
    "c4",
    "c6ffffffff",
    "cc",
    "cd01",
    "cf00000000000000",
    "cb000000000000",
    "ca0000",
    "91",
    "9201",
    "dc00",
    "dcffff01",
    "ddffffffff01", /* room for 2^32 items of one byte */
    "dfffffffff0101",
    "81",
    "8101",
    "de0001",
    "df",
    "ddffffffffddffffffffddffffffff",
    "cf8000000000000000", /* no Lua integer */
    "cfffffffffffffffff",
    "81c001",                 /* nil as a key */
    "81cb7ff800000000000001", /* NaN as a key */
    "81ca7fc0000001",
    "9181c001",
    "d4010a", /* an ext of another size */
    "d50101ff",
    "d601ffffffff",
    "d80100010000000000000001000000000000",
    "d7000001000000000000", /* an ext of another type */
    "d7030001000000000000", /* a secret holds one value */
    "c70003",
    "c70103c1",
    "c7020391",
    "c7060381d4010a",
    "d7ff0001000000000000",
    "d7010000ffffffffffff", /* a pid without a node */
    "d7018001000000000000", /* a ref that says it is a pid */
    "d7020001000000000000", /* a pid that says it is a ref */
    "d70100010000000000",
    "c70001",
    "c800000100",
    "c9ffffffff01", /* the size and the type wrap to 0 */
    "c9ffffffff010001000000000001",
};

START_TEST(refuses_malformed_bytes)
{
    const char *hex = malformed[_i];
    ck_assert_msg(skip_hex(hex) == -1, "%s", hex);
    ck_assert_msg(decode_hex(hex) == -1, "%s", hex);
    /* Also behind good values, and inside a table. */
    char more[600];
    snprintf(more, sizeof more, "0193a16103%s", hex);
    ck_assert_msg(decode_hex(more) == -1, "%s", more);
}
END_TEST

START_TEST(hostile_counts_reserve_no_memory)
{
    /* Arrays within arrays, each said to have as many items as there are
     * bytes: together they would take 64 times that. */
    size_t len = 1024 * 1024;
    char *bytes = calloc(1, len);
    for (size_t i = 0; i < AKT_CODEC_DEPTH_MAX; i++)
        memcpy(bytes + 5 * i, "\xdd\x00\x0f\x00\x00", 5);
    int before = lua_gc(L, LUA_GCCOUNT);
    lua_gc(L, LUA_GCSTOP);
    ck_assert_int_eq(decode(bytes, len), -1);
    ck_assert_int_lt(lua_gc(L, LUA_GCCOUNT) - before, 17 * 1024);
    free(bytes);
}
END_TEST

START_TEST(no_prefix_of_a_value_is_a_value)
{
    encode("return {'a', 1.5, 300, {x = light '0001000000000001',"
           " [2] = ('y'):rep(300)}, {true, -70000, {}}}");
    for (size_t len = 1; len < out.len; len++) {
        ck_assert_int_eq(decode(out.data, len), -1);
        ck_assert_int_eq(akt_codec_skip(out.data, len), -1);
    }
    ck_assert_int_eq(decode(out.data, 0), 0);
    ck_assert_int_eq(akt_codec_skip(out.data, 0), -1);
}
END_TEST

START_TEST(skip_tells_where_the_next_value_is)
{
    ck_assert_int_eq(skip_hex("0102"), 1);
    ck_assert_int_eq(skip_hex("a3696e6301"), 4);
    ck_assert_int_eq(skip_hex("82a161920102c0"), -1);
    ck_assert_int_eq(skip_hex("81a161920102c0"), 6);
    ck_assert_int_eq(skip_hex("d7010001000000000001c0"), 10);
    ck_assert_int_eq(skip_hex("c700"), -1);
    ck_assert_int_eq(skip_hex("dc00029090c0"), 5);
}
END_TEST

static const struct {
    const char *hex;
    size_t size; /* 0: the first value is no string */
    size_t len;
} tags[] = {
    {"a3696e6301", 4, 3},   {"a0", 1, 0},
    {"d902616201", 4, 2},   {"da0001610203", 4, 1},
    {"db0000000161", 6, 1}, {"", 0, 0},
    {"01", 0, 0},           {"c40161", 0, 0},
    {"c0", 0, 0},           {"91a161", 0, 0},
    {"d9", 0, 0},           {"d90261", 0, 0},
    {"da00", 0, 0},         {"dbffffffff6162", 0, 0},
};

START_TEST(tag_is_the_string_in_front)
{
    char bytes[64];
    size_t n = from_hex(tags[_i].hex, bytes);
    const char *tag = NULL;
    size_t tag_len = 99;
    ck_assert_uint_eq(akt_codec_tag(bytes, n, &tag, &tag_len), tags[_i].size);
    if (tags[_i].size) {
        ck_assert_ptr_eq(tag, bytes + tags[_i].size - tags[_i].len);
        ck_assert_uint_eq(tag_len, tags[_i].len);
    } else {
        ck_assert_ptr_null(tag);
        ck_assert_uint_eq(tag_len, 99);
    }
}
END_TEST

/* n secrets around nil: c7 is an ext of one byte of length. */
static size_t nested_secrets(int n, char *bytes)
{
    size_t len = 0;
    for (int i = n; i > 0; i--) {
        bytes[len++] = (char)0xc7;
        bytes[len++] = (char)(1 + 3 * (i - 1));
        bytes[len++] = 3;
    }
    bytes[len++] = (char)0xc0;
    return len;
}

START_TEST(secrets_nest_to_a_limit)
{
    char bytes[64];
    size_t len = nested_secrets(8, bytes);
    ck_assert_int_eq(akt_codec_decode(L, bytes, len), 1);
    ck_assert_int_eq(akt_codec_skip(bytes, len), (int)len);
    luaL_tolstring(L, -1, NULL);
    ck_assert_str_eq(lua_tostring(L, -1), "<secret>");
    lua_pop(L, 1);
    out.len = 0;
    ck_assert_int_eq(
        akt_codec_encode(L, lua_gettop(L), lua_gettop(L), &out, &err), 0);
    ck_assert_int_eq(akt_codec_skip(out.data, out.len), (int)out.len);
    akt_secret_wrap(L);
    ck_assert_int_eq(
        akt_codec_encode(L, lua_gettop(L), lua_gettop(L), &out, &err), -1);
    len = nested_secrets(9, bytes);
    ck_assert_int_eq(akt_codec_decode(L, bytes, len), -1);
    ck_assert_int_eq(akt_codec_skip(bytes, len), -1);
}
END_TEST

START_TEST(works_on_a_coroutine_that_has_just_been_made)
{
    lua_State *co = lua_newthread(L);
    char bytes[200] = {0};
    ck_assert_int_eq(akt_codec_decode(co, bytes, sizeof bytes), 200);
    ck_assert_int_eq(lua_gettop(co), 200);
    ck_assert_int_eq(akt_codec_encode(co, 1, 200, &out, &err), 0);
    ck_assert_mem_eq(out.data, bytes, sizeof bytes);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    TCase *tcase = tcase_create("codec");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60); /* copies of 64 MiB under a sanitizer */
    tcase_add_loop_test(tcase, bytes_are_those_of_messagepack, 0,
                        COUNT(bytes_of));
    tcase_add_loop_test(tcase, heads_are_the_shortest_and_tables_come_back, 0,
                        COUNT(heads));
    tcase_add_test(tcase, many_kinds_of_values_come_back);
    tcase_add_test(tcase, numbers_keep_their_subtype);
    tcase_add_test(tcase, encode_appends_the_values_it_was_given);
    tcase_add_loop_test(tcase, refuses_what_cannot_be_sent_and_says_where, 0,
                        COUNT(refused));
    tcase_add_test(tcase, refuses_cycles);
    tcase_add_test(tcase, nests_to_the_limit_at_both_ends);
    tcase_add_test(tcase, a_run_may_be_64_mib);
    tcase_add_test(tcase, a_table_sent_many_times_over_ends_at_the_limit);
    tcase_add_test(tcase, a_string_over_the_limit_is_not_copied_first);
    tcase_add_test(tcase, a_run_may_have_250_values);
    tcase_add_test(tcase, encode_needs_no_memory_but_stack_and_buffer);
    tcase_add_test(tcase, decode_without_memory_raises);
    tcase_add_loop_test(tcase, decode_reads_every_form_of_messagepack, 0,
                        COUNT(accepted));
    tcase_add_loop_test(tcase, refuses_malformed_bytes, 0, COUNT(malformed));
    tcase_add_test(tcase, hostile_counts_reserve_no_memory);
    tcase_add_test(tcase, no_prefix_of_a_value_is_a_value);
    tcase_add_test(tcase, skip_tells_where_the_next_value_is);
    tcase_add_loop_test(tcase, tag_is_the_string_in_front, 0, COUNT(tags));
    tcase_add_test(tcase, secrets_nest_to_a_limit);
    tcase_add_test(tcase, works_on_a_coroutine_that_has_just_been_made);
    Suite *suite = suite_create("codec");
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
