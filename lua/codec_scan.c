/* SPDX-License-Identifier: MIT */
#include "lua/codec.h"

#include <math.h>
#include <string.h>

#include "lua/codec_impl.h"

/* The same depth, and so the same refusals, as in codec_decode.c. */
#define MSGPACK_EMBED_STACK_SIZE AKT_CODEC_DEPTH_MAX
#include <msgpack/unpack.h>
#include <msgpack/unpack_define.h>

/* What msgpack-c's reader keeps for each value: whether it may be a key. */
typedef bool note;
#define KEY true
#define NO_KEY false

/* The reader wants an argument for its functions; these need none. */
struct scan {
    int secrets;                           /* around what is being looked at */
    const struct akt_codec_rename *rename; /* NULL: pids stay as they are */
};

/* From here to the template: what msgpack-c's reader calls. The functions
 * refuse what those of codec_decode.c refuse, and do nothing else. */
static inline note scan_root(struct scan *s)
{
    (void)s;
    return KEY;
}

#define SCAN_SIMPLE(name, result)                          \
    static inline int scan_##name(struct scan *s, note *o) \
    {                                                      \
        (void)s;                                           \
        *o = (result);                                     \
        return 0;                                          \
    }
SCAN_SIMPLE(nil, NO_KEY)
SCAN_SIMPLE(true, KEY)
SCAN_SIMPLE(false, KEY)

#define SCAN_FIXED(name, type, result, good)                       \
    static inline int scan_##name(struct scan *s, type v, note *o) \
    {                                                              \
        (void)s;                                                   \
        (void)v;                                                   \
        *o = (result);                                             \
        return (good) ? 0 : -1;                                    \
    }
SCAN_FIXED(uint8, uint8_t, KEY, true)
SCAN_FIXED(uint16, uint16_t, KEY, true)
SCAN_FIXED(uint32, uint32_t, KEY, true)
SCAN_FIXED(uint64, uint64_t, KEY, v <= INT64_MAX)
SCAN_FIXED(int8, int8_t, KEY, true)
SCAN_FIXED(int16, int16_t, KEY, true)
SCAN_FIXED(int32, int32_t, KEY, true)
SCAN_FIXED(int64, int64_t, KEY, true)
SCAN_FIXED(float, float, !isnan(v), true)
SCAN_FIXED(double, double, !isnan(v), true)
SCAN_FIXED(array, unsigned, KEY, true)
SCAN_FIXED(map, unsigned, KEY, true)

static inline int scan_str(struct scan *s, const char *base, const char *p,
                           unsigned len, note *o)
{
    (void)s;
    (void)base;
    (void)p;
    (void)len;
    *o = KEY;
    return 0;
}

static inline int scan_bin(struct scan *s, const char *base, const char *p,
                           unsigned len, note *o)
{
    return scan_str(s, base, p, len, o);
}

static int scan_secret(struct scan *s, const char *bytes, size_t len);

/* The bytes are those of akt_codec_import, which may be written. */
static bool rename_pid(struct scan *s, const char *body, uint64_t bits)
{
    const struct akt_codec_rename *r = s->rename;
    uint64_t index = r->rename(r->ctx, (uint16_t)(bits >> 48));
    bits = (bits & (UINT64_MAX >> 16)) | index << 48;
    akt_codec_store64((unsigned char *)(uintptr_t)body, bits);
    return index != 0;
}

static inline int scan_ext(struct scan *s, const char *base, const char *p,
                           unsigned len, note *o)
{
    uint64_t bits;
    (void)base;
    *o = KEY;
    if (akt_codec_ext_is_secret(p, len))
        return scan_secret(s, p + 1, len - 1);
    if (!akt_codec_ext_load(p, len, &bits))
        return -1;
    return !s->rename || bits >> 63 || rename_pid(s, p + 1, bits) ? 0 : -1;
}

static inline int scan_array_item(struct scan *s, note *array, note item)
{
    (void)s;
    (void)array;
    (void)item;
    return 0;
}

static inline int scan_map_item(struct scan *s, note *map, note key, note value)
{
    (void)s;
    (void)map;
    (void)value;
    return key == NO_KEY ? -1 : 0;
}

#define msgpack_unpack_struct(name) struct scan##name
#define msgpack_unpack_func(type, name) static inline type scan##name
#define msgpack_unpack_callback(name) scan##name
#define msgpack_unpack_object note
#define msgpack_unpack_user struct scan
#include <msgpack/unpack_template.h>

static int scan_secret(struct scan *s, const char *bytes, size_t len)
{
    struct scan_context ctx;
    size_t off = 0;
    if (s->secrets == AKT_CODEC_SECRETS_MAX)
        return -1;
    ctx.user = *s;
    ctx.user.secrets++;
    scan_init(&ctx);
    return scan_execute(&ctx, bytes, len, &off) == 1 && off == len ? 0 : -1;
}

ptrdiff_t akt_codec_skip(const char *bytes, size_t len)
{
    struct scan_context ctx;
    size_t off = 0;
    ctx.user = (struct scan){0};
    scan_init(&ctx);
    return scan_execute(&ctx, bytes, len, &off) == 1 ? (ptrdiff_t)off : -1;
}

bool akt_codec_import(char *bytes, size_t len,
                      const struct akt_codec_rename *rename)
{
    struct scan_context ctx;
    int values = 0;
    if (len > AKT_CODEC_RUN_MAX)
        return false;
    for (size_t at = 0; at < len; values++) {
        size_t off = 0;
        ctx.user = (struct scan){.rename = rename};
        scan_init(&ctx);
        if (values == AKT_CODEC_VALUES_MAX ||
            scan_execute(&ctx, bytes + at, len - at, &off) != 1)
            return false;
        at += off;
    }
    return true;
}

/* How many bytes of a length follow the first byte of a string; -1 when the
 * byte begins something else. */
static int length_size(unsigned char first)
{
    if (first >= 0xa0 && first < 0xc0)
        return 0;
    return first >= 0xd9 && first <= 0xdb ? 1 << (first - 0xd9) : -1;
}

size_t akt_codec_tag(const char *bytes, size_t len, const char **tag,
                     size_t *tag_len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    int size = len ? length_size(p[0]) : -1;
    if (size < 0 || len - 1 < (size_t)size)
        return 0;
    size_t n = size ? 0 : p[0] & 0x1f;
    for (int i = 1; i <= size; i++)
        n = n << 8 | p[i];
    size_t head = 1 + (size_t)size;
    if (n > len - head)
        return 0;
    *tag = bytes + head;
    *tag_len = n;
    return head + n;
}
