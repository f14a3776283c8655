/* SPDX-License-Identifier: MIT */
#include "lua/codec.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lua/codec_impl.h"
#include "lua/lib_shared.h"
#include "lua/secret.h"

/* What an error shows of a long string key, and of a long path. */
#define KEY_SHOWN_MAX 32
#define PATH_SHOWN_MAX 160
/* One step of a path: each byte of a key may become \xNN; brackets, quotes,
 * dots and the final zero come on top. */
#define STEP_MAX (4 * KEY_SHOWN_MAX + 16)

/* Lua slots that walking one table needs: a key and its value. */
#define TABLE_SLOTS 2

/* The longest head of a value, or a whole number. */
#define HEAD_MAX 9
/* Strings up to this length have their length in their first byte. */
#define SHORT_MAX 31

struct encoder {
    lua_State *L;
    struct akt_buf *out;
    size_t len_max; /* what out->len may not pass */
    int secrets;    /* around the value being written */
    /* The rest is written by fail() and behind it only. */
    const char *code;
    const char *why;
    bool path_cut;
    size_t path_at; /* the path fills its array from the end */
    char path[PATH_SHOWN_MAX];
};

static inline int encode_value(struct encoder *e, int idx, int depth);

__attribute__((cold, noinline)) static int
fail(struct encoder *e, const char *code, const char *why)
{
    e->code = code;
    e->why = why;
    e->path_cut = false;
    e->path_at = PATH_SHOWN_MAX;
    return -1;
}

/* The failing value is found first and the tables around it as the recursion
 * returns, so the path grows to the left. What does not fit is the part near
 * the root: the steps near the value tell more. */
static void path_prepend(struct encoder *e, const char *step)
{
    size_t len = strlen(step);
    if (e->path_cut || len > e->path_at) {
        e->path_cut = true;
        return;
    }
    e->path_at -= len;
    memcpy(e->path + e->path_at, step, len);
}

/* Writes the key as Lua source would, on one line. A key that is cut ends at
 * a character, not inside its UTF-8 bytes. */
static void format_string_step(char *step, const char *s, size_t len)
{
    size_t shown = len;
    if (len > KEY_SHOWN_MAX) {
        shown = KEY_SHOWN_MAX;
        while (shown > 0 && ((unsigned char)s[shown] & 0xc0) == 0x80)
            shown--;
    }
    char *p = step + sprintf(step, "[\"");
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == 0x7f)
            p += sprintf(p, "\\x%02x", c);
        else if (c == '"' || c == '\\')
            p += sprintf(p, "\\%c", c);
        else
            *p++ = (char)c;
    }
    sprintf(p, "%s\"]", shown < len ? "..." : "");
}

__attribute__((cold, noinline)) static int add_index_step(struct encoder *e,
                                                          lua_Integer i)
{
    char step[STEP_MAX];
    snprintf(step, sizeof step, "[%lld]", (long long)i);
    path_prepend(e, step);
    return -1;
}

/* Adds the step to the field whose key is at `idx`. */
__attribute__((cold, noinline)) static int add_key_step(struct encoder *e,
                                                        int idx)
{
    char step[STEP_MAX];
    size_t len;
    const char *s;
    switch (lua_type(e->L, idx)) {
    case LUA_TNUMBER:
        if (lua_isinteger(e->L, idx))
            return add_index_step(e, lua_tointeger(e->L, idx));
        snprintf(step, sizeof step, "[%.14g]", lua_tonumber(e->L, idx));
        break;
    case LUA_TSTRING:
        s = lua_tolstring(e->L, idx, &len);
        format_string_step(step, s, len);
        break;
    case LUA_TBOOLEAN:
        snprintf(step, sizeof step, "[%s]",
                 lua_toboolean(e->L, idx) ? "true" : "false");
        break;
    default:
        snprintf(step, sizeof step, "[a %s]",
                 lua_islightuserdata(e->L, idx) ? "pid" : "table");
    }
    path_prepend(e, step);
    return -1;
}

static int too_large(struct encoder *e)
{
    return fail(e, "too_large", "the message is over 64 MiB");
}

/* Writes `first` and the lower 1 << log bytes of n. */
static inline void put_head(struct akt_buf *out, unsigned first, unsigned log,
                            uint64_t n)
{
    unsigned char *p = (unsigned char *)akt_buf_reserve(out, HEAD_MAX);
    p[0] = (unsigned char)first;
    akt_codec_store64(p + 1, n << (64 - (8u << log)));
    out->len += 1 + ((size_t)1 << log);
}

/* The log of how many bytes, up to 8, a number takes. */
static inline unsigned log_size(uint64_t n)
{
    return n < 1u << 8 ? 0 : n < 1u << 16 ? 1 : n < 1ull << 32 ? 2 : 3;
}

__attribute__((noinline)) static int put_wide(struct akt_buf *out,
                                              lua_Integer i)
{
    /* -128 takes as many bytes as 255 */
    unsigned log = log_size(i < 0 ? ~(uint64_t)i << 1 : (uint64_t)i);
    put_head(out, (i < 0 ? 0xd0 : 0xcc) + log, log, (uint64_t)i);
    return 0;
}

static inline int encode_integer(struct encoder *e, lua_Integer i)
{
    if (i < -32 || i >= 128)
        return put_wide(e->out, i);
    akt_buf_putc(e->out, (char)i);
    return 0;
}

static inline int encode_number(struct encoder *e, int idx)
{
    if (lua_isinteger(e->L, idx))
        return encode_integer(e, lua_tointeger(e->L, idx));
    double d = lua_tonumber(e->L, idx);
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put_head(e->out, 0xcb, 3, bits);
    return 0;
}

/* Up to SHORT_MAX bytes, without a call. */
static inline void copy_short(char *to, const char *from, size_t len)
{
    if (len >= 16) {
        memcpy(to, from, 16);
        memcpy(to + len - 16, from + len - 16, 16);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
    }
}

__attribute__((noinline)) static int put_long_string(struct akt_buf *out,
                                                     const char *s, size_t len)
{
    unsigned log = log_size(len);
    put_head(out, 0xd9 + log, log, len);
    akt_buf_add(out, s, len);
    return 0;
}

static inline int encode_string(struct encoder *e, int idx)
{
    size_t len;
    const char *s = lua_tolstring(e->L, idx, &len);
    /* Before it is copied: a string may be much larger than a message. */
    if (len > e->len_max - e->out->len)
        return too_large(e);
    if (len <= SHORT_MAX) {
        /* The head and the body with one look at the room. */
        char *p = akt_buf_reserve(e->out, len + 1);
        p[0] = (char)(0xa0 | len);
        copy_short(p + 1, s, len);
        e->out->len += len + 1;
        return 0;
    }
    return put_long_string(e->out, s, len);
}

static void put_array(struct akt_buf *out, size_t n)
{
    if (n < 16)
        akt_buf_putc(out, (char)(0x90 | n));
    else if (n < 65536)
        put_head(out, 0xdc, 1, n);
    else
        put_head(out, 0xdd, 2, n);
}

static int encode_light(struct encoder *e, int idx)
{
    uint64_t bits = (uint64_t)(uintptr_t)lua_touserdata(e->L, idx);
    enum akt_codec_ext type = akt_codec_ext_of(bits);
    if (type == AKT_CODEC_EXT_NONE)
        return fail(e, "bad_message", "this light userdata is not a pid");
    akt_buf_putc(e->out, (char)0xd7);
    put_head(e->out, type, 3, bits);
    return 0;
}

/* Whether the keys of the table are exactly 1..n, n being its raw length. A
 * length is only a border: behind it, and in holes before it, anything may
 * be. So every key is looked at; distinct keys within 1..n whose number is n
 * are all of them. */
static bool is_sequence(lua_State *L, int idx, lua_Integer n)
{
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (key < 1 || key > n) {
            lua_pop(L, 2);
            return false;
        }
        count++;
        lua_pop(L, 1);
    }
    return count == n;
}

static int encode_array(struct encoder *e, int idx, lua_Integer n, int depth)
{
    lua_State *L = e->L;
    int item = lua_gettop(L) + 1;
    put_array(e->out, (size_t)n);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, i);
        if (encode_value(e, item, depth))
            return add_index_step(e, i);
        lua_pop(L, 1);
    }
    return 0;
}

/* Writes the head of the map whose items begin one byte behind `start`.
 * Only the walk tells how many items a table has, and walking twice costs
 * more than moving the items of the maps, few, that need a longer head. */
static void finish_map(struct akt_buf *out, size_t start, size_t count)
{
    size_t more = count < 16 ? 0 : count < 65536 ? 2 : 4;
    size_t end = out->len + more;
    if (more) {
        char *items = akt_buf_reserve(out, more) - (out->len - start - 1);
        memmove(items + more, items, out->len - start - 1);
    }
    char *head = out->data + start;
    head[0] = (char)(!more ? 0x80 | count : more == 2 ? 0xde : 0xdf);
    for (size_t i = 1; i <= more; i++)
        head[i] = (char)(count >> 8 * (more - i));
    out->len = end;
}

static int encode_map(struct encoder *e, int idx, int depth)
{
    lua_State *L = e->L;
    size_t start = e->out->len;
    size_t count = 0;
    int key = lua_gettop(L) + 1;
    akt_buf_putc(e->out, 0);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (encode_value(e, key, depth)) {
            path_prepend(e, "{key}");
            return -1;
        }
        if (encode_value(e, key + 1, depth))
            return add_key_step(e, key);
        count++;
        lua_pop(L, 1);
    }
    finish_map(e->out, start, count);
    return 0;
}

/* `depth`: how many tables are around this one. Leaves what it pushed on the
 * stack when it fails; akt_codec_encode removes it. */
static int encode_table(struct encoder *e, int idx, int depth)
{
    if (depth >= AKT_CODEC_DEPTH_MAX)
        return fail(e, "bad_message",
                    "nested deeper than 64 levels (or a cycle)");
    if (!lua_checkstack(e->L, TABLE_SLOTS))
        return fail(e, "too_large", "no room on the Lua stack");
    lua_Integer n = (lua_Integer)lua_rawlen(e->L, idx);
    if (n > 0 && is_sequence(e->L, idx, n))
        return encode_array(e, idx, n, depth + 1);
    return encode_map(e, idx, depth + 1);
}

/* The length is put in when it is known; five bytes hold any. */
static int encode_secret(struct encoder *e, int idx, int depth)
{
    if (e->secrets == AKT_CODEC_SECRETS_MAX)
        return fail(e, "bad_message", "secrets nested deeper than 8");
    if (!lua_checkstack(e->L, TABLE_SLOTS))
        return fail(e, "too_large", "no room on the Lua stack");
    size_t start = e->out->len;
    akt_buf_add(e->out, "\xc9\0\0\0\0\3", 6);
    e->secrets++;
    akt_secret_reveal(e->L, idx);
    if (encode_value(e, lua_gettop(e->L), depth + 1)) {
        path_prepend(e, "{secret}");
        return -1;
    }
    lua_pop(e->L, 1);
    e->secrets--;
    uint32_t len = (uint32_t)(e->out->len - start - 6);
    for (int i = 0; i < 4; i++)
        e->out->data[start + 1 + (size_t)i] = (char)(len >> (24 - 8 * i));
    return 0;
}

static int encode_other(struct encoder *e, int idx, int depth)
{
    switch (lua_type(e->L, idx)) {
    case LUA_TFUNCTION:
        return fail(e, "bad_message", "a function cannot be sent");
    case LUA_TTHREAD:
        return fail(e, "bad_message", "a coroutine cannot be sent");
    default:
        if (akt_is_secret(e->L, idx))
            return encode_secret(e, idx, depth);
        if (akt_is_shared(e->L, idx))
            return fail(e, "bad_message",
                        "a view of shared data cannot be sent; send its "
                        "name, or akt.shared_copy(view)");
        return fail(e, "bad_message", "a userdata cannot be sent");
    }
}

/* Not inline: what is sent most needs few registers then. */
__attribute__((noinline)) static int encode_rare(struct encoder *e, int idx,
                                                 int depth, int type)
{
    switch (type) {
    case LUA_TTABLE:
        return encode_table(e, idx, depth);
    case LUA_TLIGHTUSERDATA:
        return encode_light(e, idx);
    case LUA_TNIL:
        akt_buf_putc(e->out, (char)0xc0);
        return 0;
    default:
        return encode_other(e, idx, depth);
    }
}

static inline int encode_any(struct encoder *e, int idx, int depth)
{
    int type = lua_type(e->L, idx);
    if (type == LUA_TSTRING)
        return encode_string(e, idx);
    if (type == LUA_TNUMBER)
        return encode_number(e, idx);
    if (type != LUA_TBOOLEAN)
        return encode_rare(e, idx, depth, type);
    akt_buf_putc(e->out, lua_toboolean(e->L, idx) ? (char)0xc3 : (char)0xc2);
    return 0;
}

/* Every value ends with a look at the limit, so a small table that holds the
 * same table many times over cannot become an endless message. */
static inline int encode_value(struct encoder *e, int idx, int depth)
{
    if (encode_any(e, idx, depth))
        return -1;
    return e->out->len <= e->len_max ? 0 : too_large(e);
}

/* The stack index is what a script calls the number of the argument. */
__attribute__((cold, noinline)) static void
explain(const struct encoder *e, int index, struct akt_codec_error *err)
{
    int path_len = (int)(PATH_SHOWN_MAX - e->path_at);
    err->code = e->code;
    err->index = index;
    err->where_len =
        (size_t)snprintf(err->text, sizeof err->text, "argument %d: ", index);
    snprintf(err->text + err->where_len, sizeof err->text - err->where_len,
             "%s%.*s%s%s", e->path_cut ? "..." : "", path_len,
             e->path + e->path_at, path_len ? ": " : "", e->why);
}

__attribute__((cold, noinline)) static int
refuse_count(struct akt_codec_error *err)
{
    err->code = "too_large";
    err->index = 0;
    err->where_len = 0;
    snprintf(err->text, sizeof err->text,
             "more than %d values; put them in a table", AKT_CODEC_VALUES_MAX);
    return -1;
}

int akt_codec_encode(lua_State *L, int first, int last, struct akt_buf *out,
                     struct akt_codec_error *err)
{
    if (last - first >= AKT_CODEC_VALUES_MAX)
        return refuse_count(err);
    struct encoder e;
    int top = lua_gettop(L);
    size_t start = out->len;
    e.L = L;
    e.out = out;
    e.len_max = start + AKT_CODEC_RUN_MAX;
    e.secrets = 0;
    for (int i = first; i <= last; i++) {
        if (encode_value(&e, i, 0)) {
            explain(&e, i, err);
            out->len = start;
            lua_settop(L, top);
            return -1;
        }
    }
    return 0;
}
