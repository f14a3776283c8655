/* SPDX-License-Identifier: MIT */
#include "cli/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/pack.h"

/* ---- JSON to MessagePack ---- */

static void put_head(struct akt_buf *b, uint8_t type, size_t len)
{
    akt_buf_putc(b, (char)type); /* with 32 bits of length */
    for (int shift = 24; shift >= 0; shift -= 8)
        akt_buf_putc(b, (char)(len >> shift));
}

static void put_integer(struct akt_buf *b, json_int_t n)
{
    if (n >= 0) {
        akt_pack_number(b, (uint64_t)n);
        return;
    }
    akt_buf_putc(b, (char)0xd3);
    for (int shift = 56; shift >= 0; shift -= 8)
        akt_buf_putc(b, (char)((uint64_t)n >> shift));
}

static bool put_value(struct akt_buf *b, json_t *v, int depth);

static bool put_array(struct akt_buf *b, json_t *v, int depth)
{
    size_t i;
    json_t *item;
    bool ok = true;
    put_head(b, 0xdd, json_array_size(v));
    json_array_foreach(v, i, item) ok = ok && put_value(b, item, depth + 1);
    return ok;
}

static bool put_object(struct akt_buf *b, json_t *v, int depth)
{
    const char *key;
    json_t *item;
    bool ok = true;
    put_head(b, 0xdf, json_object_size(v));
    json_object_foreach(v, key, item)
    {
        akt_pack_string(b, key, strlen(key));
        ok = ok && put_value(b, item, depth + 1);
    }
    return ok;
}

static bool put_value(struct akt_buf *b, json_t *v, int depth)
{
    if (depth > CLI_VALUES_DEPTH)
        return false;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return put_object(b, v, depth);
    case JSON_ARRAY:
        return put_array(b, v, depth);
    case JSON_STRING:
        akt_pack_string(b, json_string_value(v), json_string_length(v));
        return true;
    case JSON_INTEGER:
        put_integer(b, json_integer_value(v));
        return true;
    case JSON_REAL:
        akt_pack_double(b, json_real_value(v));
        return true;
    case JSON_NULL:
        akt_buf_putc(b, (char)0xc0);
        return true;
    default:
        akt_pack_bool(b, json_is_true(v));
        return true;
    }
}

bool cli_pack_word(struct akt_buf *b, const char *word)
{
    json_t *v = json_loads(word, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!v) {
        akt_pack_string(b, word, strlen(word));
        return true;
    }
    bool ok = put_value(b, v, 0);
    json_decref(v);
    return ok;
}

/* ---- MessagePack to JSON ---- */

/* A number of `n` bytes, big endian; false: it is not there. */
static bool take(struct cli_run *r, int n, uint64_t *out)
{
    *out = 0;
    if (r->end - r->p < n)
        return false;
    while (n--)
        *out = *out << 8 | (uint8_t)*r->p++;
    return true;
}

static json_t *text_of(struct cli_run *r, uint64_t len)
{
    if ((uint64_t)(r->end - r->p) < len)
        return NULL;
    const char *s = r->p;
    r->p += len;
    json_t *v = json_stringn(s, len);
    if (v)
        return v;
    char *plain = malloc(len + 1);
    for (uint64_t i = 0; plain && i < len; i++)
        plain[i] = (uint8_t)s[i] < 0x80 ? s[i] : '?';
    v = plain ? json_stringn(plain, len) : NULL;
    free(plain);
    return v;
}

static json_t *value_of(struct cli_run *r, int depth);

static json_t *array_of(struct cli_run *r, uint64_t len, int depth)
{
    json_t *list = json_array();
    for (; len; len--) {
        json_t *item = value_of(r, depth + 1);
        if (!item) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, item);
    }
    return list;
}

static bool put_entry(json_t *map, json_t *key, json_t *item)
{
    char *text = NULL;
    if (key && item && !json_is_string(key))
        text = json_dumps(key, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *name = text ? text : json_string_value(key);
    bool ok = key && item && name && json_object_set(map, name, item) == 0;
    free(text);
    json_decref(key);
    json_decref(item);
    return ok;
}

static json_t *object_of(struct cli_run *r, uint64_t len, int depth)
{
    json_t *map = json_object();
    for (; len; len--) {
        json_t *key = value_of(r, depth + 1);
        json_t *item = key ? value_of(r, depth + 1) : NULL;
        if (!put_entry(map, key, item)) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

static json_t *ext_of(struct cli_run *r, uint64_t len)
{
    uint64_t type;
    if (!take(r, 1, &type) || (uint64_t)(r->end - r->p) < len)
        return NULL;
    r->p += len;
    return json_string(type == 1 ? "<pid>" : type == 2 ? "<ref>" : "<ext>");
}

static json_t *real_of(uint64_t bits, bool is_double)
{
    uint32_t low = (uint32_t)bits;
    float single;
    double x;
    memcpy(&x, &bits, sizeof x);
    memcpy(&single, &low, sizeof single);
    if (!is_double)
        x = (double)single;
    return isfinite(x) ? json_real(x) : json_null();
}

/* 0xc0 to 0xdf: what has bytes of its own in front. */
static json_t *long_of(struct cli_run *r, uint8_t t, int depth)
{
    static const uint8_t bytes[32] = {
        [0x04] = 1, [0x05] = 2, [0x06] = 4, [0x07] = 1, [0x08] = 2, [0x09] = 4,
        [0x0a] = 4, [0x0b] = 8, [0x0c] = 1, [0x0d] = 2, [0x0e] = 4, [0x0f] = 8,
        [0x10] = 1, [0x11] = 2, [0x12] = 4, [0x13] = 8, [0x19] = 1, [0x1a] = 2,
        [0x1b] = 4, [0x1c] = 2, [0x1d] = 4, [0x1e] = 2, [0x1f] = 4};
    uint64_t n;
    int width = bytes[t - 0xc0];
    if (!take(r, width, &n))
        return NULL;
    if (t <= 0xc3)
        return t == 0xc0 ? json_null() : t == 0xc1 ? NULL : json_boolean(t & 1);
    if (t <= 0xc6 || (t >= 0xd9 && t <= 0xdb))
        return text_of(r, n);
    if (t <= 0xc9)
        return ext_of(r, n);
    if (t <= 0xcb)
        return real_of(n, t == 0xcb);
    if (t <= 0xcf)
        return n > INT64_MAX ? json_real((double)n)
                             : json_integer((json_int_t)n);
    if (t <= 0xd3) { /* the sign is that of its own width */
        int shift = 64 - 8 * width;
        return json_integer((json_int_t)(n << shift) >> shift);
    }
    if (t <= 0xd8)
        return ext_of(r, 1ull << (t - 0xd4));
    return t <= 0xdd ? array_of(r, n, depth) : object_of(r, n, depth);
}

static json_t *value_of(struct cli_run *r, int depth)
{
    uint64_t t;
    if (depth > CLI_VALUES_DEPTH || !take(r, 1, &t))
        return NULL;
    if (t < 0x80)
        return json_integer((json_int_t)t);
    if (t < 0x90)
        return object_of(r, t & 0xf, depth);
    if (t < 0xa0)
        return array_of(r, t & 0xf, depth);
    if (t < 0xc0)
        return text_of(r, t & 0x1f);
    if (t < 0xe0)
        return long_of(r, (uint8_t)t, depth);
    return json_integer((int8_t)t);
}

json_t *cli_next_value(struct cli_run *r)
{
    return r->p == r->end ? NULL : value_of(r, 0);
}
