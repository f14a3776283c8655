/* SPDX-License-Identifier: MIT */
#include "vm/pack.h"

#define EXT_PID 1 /* as in lua/codec_impl.h */

static void big_endian(struct akt_buf *b, uint64_t n, int bytes)
{
    while (bytes-- > 0)
        akt_buf_putc(b, (char)(n >> 8 * bytes));
}

void akt_pack_string(struct akt_buf *b, const char *s, size_t len)
{
    if (len < 32) {
        akt_buf_putc(b, (char)(0xa0 | len));
    } else if (len < 256) {
        akt_buf_putc(b, (char)0xd9);
        big_endian(b, len, 1);
    } else {
        akt_buf_putc(b, (char)0xdb);
        big_endian(b, len, 4);
    }
    akt_buf_add(b, s, len);
}

void akt_pack_number(struct akt_buf *b, uint64_t n)
{
    if (n < 128) {
        akt_buf_putc(b, (char)n);
    } else if (n <= UINT32_MAX) {
        akt_buf_putc(b, (char)0xce);
        big_endian(b, n, 4);
    } else {
        akt_buf_putc(b, (char)0xcf);
        big_endian(b, n, 8);
    }
}

void akt_pack_double(struct akt_buf *b, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    akt_buf_putc(b, (char)0xcb);
    big_endian(b, bits, 8);
}

void akt_pack_bool(struct akt_buf *b, bool on)
{
    akt_buf_putc(b, (char)(on ? 0xc3 : 0xc2));
}

void akt_pack_pid(struct akt_buf *b, akt_pid pid)
{
    if (akt_pid_is_none(pid)) {
        akt_buf_putc(b, (char)0xc0);
        return;
    }
    akt_buf_putc(b, (char)0xd7);
    akt_buf_putc(b, EXT_PID);
    big_endian(b, pid.bits, 8);
}

/* ---- maps ---- */

struct akt_pack_map akt_pack_map_begin(struct akt_buf *b)
{
    struct akt_pack_map m = {.b = b, .at = b->len};
    akt_buf_add(b, "\xde\0\0", 3);
    return m;
}

void akt_pack_key(struct akt_pack_map *m, const char *key)
{
    m->len++;
    akt_pack_string(m->b, key, strlen(key));
}

void akt_pack_map_end(struct akt_pack_map *m)
{
    m->b->data[m->at + 1] = (char)(m->len >> 8);
    m->b->data[m->at + 2] = (char)m->len;
}

void akt_pack_field(struct akt_pack_map *m, const char *key, const char *text)
{
    if (!text)
        return;
    akt_pack_key(m, key);
    akt_pack_string(m->b, text, strlen(text));
}

void akt_pack_field_number(struct akt_pack_map *m, const char *key, uint64_t n)
{
    akt_pack_key(m, key);
    akt_pack_number(m->b, n);
}

void akt_pack_field_pid(struct akt_pack_map *m, const char *key, akt_pid pid)
{
    if (akt_pid_is_none(pid))
        return;
    akt_pack_key(m, key);
    akt_pack_pid(m->b, pid);
}

/* ---- values of others ---- */

/* What a value begins with says: bytes of the head, bytes of the body behind
 * it, values inside. */
struct head {
    size_t head, body;
    uint64_t values;
};

static uint64_t read_number(const unsigned char *p, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | p[i];
    return n;
}

/* 0xc4 to 0xdf: a length of 1, 2 or 4 bytes, or a body of fixed size. */
static bool read_long(const unsigned char *p, size_t len, struct head *h)
{
    static const unsigned char fixed[] = {4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
    static const unsigned char lengths[] = {1, 2, 4, 1, 2, 4};
    static const unsigned char more[] = {1, 2, 4, 2, 4, 2, 4};
    unsigned c = p[0];
    if (c >= 0xca && c <= 0xd3) {
        *h = (struct head){1, fixed[c - 0xca], 0};
        return true;
    }
    if (c >= 0xd4 && c <= 0xd8) {
        *h = (struct head){2, (size_t)1 << (c - 0xd4), 0};
        return true;
    }
    size_t n = c < 0xca ? lengths[c - 0xc4] : more[c - 0xd9];
    if (len < 1 + n)
        return false;
    uint64_t count = read_number(p + 1, n);
    bool ext = c >= 0xc7 && c <= 0xc9;
    if (c >= 0xdc)
        *h = (struct head){1 + n, 0, c >= 0xde ? count * 2 : count};
    else
        *h = (struct head){1 + n + ext, (size_t)count, 0};
    return true;
}

static bool read_head(const unsigned char *p, size_t len, struct head *h)
{
    unsigned c = p[0];
    *h = (struct head){1, 0, 0};
    if (c >= 0x80 && c <= 0x8f)
        h->values = 2 * (c & 15);
    else if (c >= 0x90 && c <= 0x9f)
        h->values = c & 15;
    else if (c >= 0xa0 && c <= 0xbf)
        h->body = c & 31;
    else if (c == 0xc1)
        return false;
    else if (c >= 0xc4 && c <= 0xdf)
        return read_long(p, len, h);
    return true;
}

size_t akt_pack_skip(const char *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t at = 0;
    uint64_t left = 1; /* values, each of at least a byte */
    struct head h;
    while (left > 0) {
        if (at >= len || left > len - at || !read_head(p + at, len - at, &h))
            return 0;
        at += h.head;
        if (at > len || h.body > len - at)
            return 0;
        at += h.body;
        left += h.values - 1;
    }
    return at;
}

bool akt_pack_array_of(struct akt_buf *b, const char *bytes, size_t len,
                       size_t max)
{
    size_t used = 0, n, at = b->len;
    uint16_t count = 0;
    akt_buf_add(b, "\xdc\0\0", 3);
    while (used < len && (n = akt_pack_skip(bytes + used, len - used)) &&
           used + n <= max && count < UINT16_MAX) {
        used += n;
        count++;
    }
    akt_buf_add(b, bytes, used);
    b->data[at + 1] = (char)(count >> 8);
    b->data[at + 2] = (char)count;
    return used == len;
}
