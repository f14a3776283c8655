/* SPDX-License-Identifier: MIT */
#include "vm/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "vm/node.h"

#define EXT_PID 1
#define EXT_REF 2
#define EXT_SECRET 3

/* ---- strings ---- */

static bool follows(const unsigned char *s, size_t len, size_t n)
{
    if (len <= n)
        return false;
    for (size_t i = 1; i <= n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return false;
    return true;
}

/* The bytes of the character at s; 0: it is none (RFC 3629). */
static size_t utf8(const unsigned char *s, size_t len)
{
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        return follows(s, len, 1) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        bool ok = follows(s, len, 2) && !(s[0] == 0xe0 && s[1] < 0xa0) &&
                  !(s[0] == 0xed && s[1] > 0x9f);
        return ok ? 3 : 0;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        bool ok = follows(s, len, 3) && !(s[0] == 0xf0 && s[1] < 0x90) &&
                  !(s[0] == 0xf4 && s[1] > 0x8f);
        return ok ? 4 : 0;
    }
    return 0;
}

static void add_char(struct akt_buf *b, unsigned char c)
{
    if (c == '"' || c == '\\')
        akt_buf_printf(b, "\\%c", c);
    else if (c == '\n')
        akt_buf_puts(b, "\\n");
    else if (c == '\t')
        akt_buf_puts(b, "\\t");
    else if (c == 0) /* which some readers of JSON refuse */
        akt_buf_puts(b, "\\\\x00");
    else if (c < ' ' || c == 127)
        akt_buf_printf(b, "\\u%04x", c);
    else
        akt_buf_putc(b, (char)c);
}

static void add_text(struct akt_buf *b, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t i = 0; i < len;) {
        size_t n = utf8(s + i, len - i);
        if (n == 0)
            akt_buf_printf(b, "\\\\x%02x", s[i]);
        else if (n == 1)
            add_char(b, s[i]);
        else
            akt_buf_add(b, s + i, n);
        i += n ? n : 1;
    }
}

void akt_show_string(struct akt_buf *b, const char *bytes, size_t len)
{
    akt_buf_putc(b, '"');
    add_text(b, bytes, len);
    akt_buf_putc(b, '"');
}

void akt_show_key(struct akt_buf *b, const char *key)
{
    if (b->len && b->data[b->len - 1] != '{')
        akt_buf_putc(b, ',');
    akt_show_string(b, key, strlen(key));
    akt_buf_putc(b, ':');
}

void akt_show_field(struct akt_buf *b, const char *key, const char *text)
{
    akt_show_key(b, key);
    if (text)
        akt_show_string(b, text, strlen(text));
    else
        akt_buf_puts(b, "null");
}

void akt_show_number(struct akt_buf *b, const char *key, uint64_t n)
{
    akt_show_key(b, key);
    akt_buf_printf(b, "%" PRIu64, n);
}

void akt_show_pid(struct akt_buf *b, const char *key, struct akt_node *node,
                  akt_pid pid)
{
    char text[128];
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    snprintf(text, sizeof text, "<%s#%" PRIu64 ">",
             a ? akt_actor_kind(a)->name : "", akt_pid_serial(pid));
    akt_show_field(b, key, akt_pid_is_none(pid) ? NULL : text);
}

/* ---- values ---- */

struct reader {
    struct akt_buf *out;
    const unsigned char *p, *end;
    size_t stop; /* of out->len: enough has been written */
    bool over;   /* nothing more can be read, or is wanted */
};

static void value(struct reader *r, int depth);

static void give_up(struct reader *r)
{
    akt_buf_puts(r->out, "\"...\"");
    r->over = true;
}

static size_t left(const struct reader *r)
{
    return (size_t)(r->end - r->p);
}

/* A big-endian number of n bytes; the caller has looked whether it is there.
 */
static uint64_t number(struct reader *r, size_t n)
{
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++)
        x = x << 8 | *r->p++;
    return x;
}

static void add_double(struct akt_buf *b, double d)
{
    if (isnan(d))
        akt_buf_puts(b, "\"nan\"");
    else if (isinf(d))
        akt_buf_puts(b, d > 0 ? "\"inf\"" : "\"-inf\"");
    else
        akt_buf_printf(b, "%.17g", d);
}

static void add_float(struct reader *r, size_t n)
{
    uint64_t bits = number(r, n);
    if (n == 8) {
        double d;
        memcpy(&d, &bits, sizeof d);
        add_double(r->out, d);
    } else {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        add_double(r->out, (double)f);
    }
}

static void add_signed(struct reader *r, size_t n)
{
    unsigned unused = (unsigned)(64 - 8 * n);
    int64_t x = (int64_t)(number(r, n) << unused) >> unused;
    akt_buf_printf(r->out, "%" PRId64, x);
}

static void add_string(struct reader *r, uint64_t n)
{
    bool whole = n <= left(r);
    size_t have = whole ? (size_t)n : left(r);
    size_t shown = have < AKT_SHOW_STRING ? have : AKT_SHOW_STRING;
    akt_buf_putc(r->out, '"');
    add_text(r->out, (const char *)r->p, shown);
    if (shown < n)
        akt_buf_puts(r->out, "...");
    akt_buf_putc(r->out, '"');
    r->p += have;
    r->over |= !whole;
}

static void add_ext(struct reader *r, uint64_t n)
{
    if (left(r) < n + 1) {
        give_up(r);
        return;
    }
    int type = *r->p++;
    if (n == 8 && type == EXT_PID)
        akt_buf_printf(r->out, "\"<#%" PRIu64 ">\"",
                       akt_pid_serial((akt_pid){number(r, 8)}));
    else if (n == 8 && type == EXT_REF)
        akt_buf_printf(r->out, "\"<ref %" PRIx64 ">\"", number(r, 8));
    else {
        if (type == EXT_SECRET)
            akt_buf_puts(r->out, "\"<secret>\"");
        else
            akt_buf_printf(r->out, "\"<ext %d>\"", type);
        r->p += n;
    }
}

static void add_array(struct reader *r, uint64_t n, int depth)
{
    akt_buf_putc(r->out, '[');
    for (uint64_t i = 0; i < n && !r->over; i++) {
        if (i)
            akt_buf_putc(r->out, ',');
        if (r->out->len < r->stop)
            value(r, depth + 1);
        else
            give_up(r);
    }
    akt_buf_putc(r->out, ']');
}

/* A key is a string: whatever else it is becomes the text of that. */
static void add_key(struct reader *r, int depth)
{
    struct akt_buf *out = r->out, key = AKT_BUF_INIT;
    size_t stop = r->stop;
    r->out = &key;
    r->stop = AKT_SHOW_STRING;
    value(r, depth + 1);
    r->out = out;
    r->stop = stop;
    if (key.data[0] == '"')
        akt_buf_add(out, key.data, key.len);
    else
        akt_show_string(out, key.data, key.len);
    akt_buf_fini(&key);
}

static void add_map(struct reader *r, uint64_t n, int depth)
{
    akt_buf_putc(r->out, '{');
    for (uint64_t i = 0; i < n && !r->over; i++) {
        if (i)
            akt_buf_putc(r->out, ',');
        if (r->out->len < r->stop)
            add_key(r, depth);
        else
            give_up(r);
        akt_buf_putc(r->out, ':');
        if (r->over)
            give_up(r);
        else
            value(r, depth + 1);
    }
    akt_buf_putc(r->out, '}');
}

static void add_table(struct reader *r, uint64_t n, bool map, int depth)
{
    if (depth >= AKT_SHOW_DEPTH)
        give_up(r); /* what follows cannot be told apart from what is in it */
    else if (map)
        add_map(r, n, depth);
    else
        add_array(r, n, depth);
}

/* What has its length or value in 1, 2, 4 or 8 bytes behind the first. */
static void sized(struct reader *r, unsigned first, int depth)
{
    static const uint8_t width[32] = {
        0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 4, 8, 1, 2, 4, 8, /* c0 .. cf */
        1, 2, 4, 8, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4, /* d0 .. df */
    };
    size_t n = width[first - 0xc0];
    if (left(r) < n) {
        give_up(r);
        return;
    }
    if (first == 0xca || first == 0xcb)
        add_float(r, n);
    else if (first >= 0xd0 && first <= 0xd3)
        add_signed(r, n);
    else if (first >= 0xcc && first <= 0xcf)
        akt_buf_printf(r->out, "%" PRIu64, number(r, n));
    else if (first >= 0xd4 && first <= 0xd8)
        add_ext(r, 1ull << (first - 0xd4));
    else if (first >= 0xc7 && first <= 0xc9)
        add_ext(r, number(r, n));
    else if (first >= 0xdc)
        add_table(r, number(r, n), first >= 0xde, depth);
    else
        add_string(r, number(r, n)); /* str and bin */
}

static void value(struct reader *r, int depth)
{
    if (r->p == r->end) {
        give_up(r);
        return;
    }
    unsigned first = *r->p++;
    if (first < 0x80)
        akt_buf_printf(r->out, "%u", first);
    else if (first < 0x90)
        add_table(r, first & 15, true, depth);
    else if (first < 0xa0)
        add_table(r, first & 15, false, depth);
    else if (first < 0xc0)
        add_string(r, first & 31);
    else if (first >= 0xe0)
        akt_buf_printf(r->out, "%d", (int)first - 256);
    else if (first == 0xc0 || first == 0xc1)
        akt_buf_puts(r->out, "null");
    else if (first == 0xc2 || first == 0xc3)
        akt_buf_puts(r->out, first == 0xc3 ? "true" : "false");
    else
        sized(r, first, depth);
}

static struct reader reader(struct akt_buf *b, const char *bytes, size_t len,
                            size_t max)
{
    const unsigned char *p = (const unsigned char *)bytes;
    return (struct reader){b, p, p + len, b->len + max, false};
}

void akt_show_values(struct akt_buf *b, const char *bytes, size_t len,
                     size_t max)
{
    struct reader r = reader(b, bytes, len, max);
    akt_buf_putc(b, '[');
    for (bool first = true; r.p < r.end && !r.over; first = false) {
        if (!first)
            akt_buf_putc(b, ',');
        if (b->len < r.stop)
            value(&r, 0);
        else
            give_up(&r);
    }
    akt_buf_putc(b, ']');
}

void akt_show_value(struct akt_buf *b, const char *bytes, size_t len,
                    size_t max)
{
    struct reader r = reader(b, bytes, len, max);
    if (len)
        value(&r, 0);
    else
        akt_buf_puts(b, "null");
}
