/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/fuzz_session.c: a session between a hostile peer and a node that
 * sends. The input is a list of what happens: raw bytes are fed, or frames
 * with a head that is right, in parts of any length; messages are sent, bytes
 * written in part, connections resumed. Nothing crashes, memory grows with
 * what came and what was sent, and nothing is written after a refusal.
 */
#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#include "net/frame.h"
#include "net/session.h"
#include "vm/base/alloc.h"
#include "vm/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is kept whatever happens: zstd's rooms, a chunk or two, pools. */
#define FIXED_BYTES (1 << 20)
#define FRAME_ROOM 8192
#define PADDING 4500 /* more than the shortest of the long messages */

struct fuzz {
    const uint8_t *p, *end; /* of the input */
    struct akt_session *s;
    uint64_t fed, sent, held[AKT_CREDITS], held_bytes[AKT_CREDITS];
    int longs; /* messages that were sent; more of them only take time */
    bool compress, broken, saw_bye;
};

static uint32_t next(struct fuzz *z)
{
    return z->p < z->end ? *z->p++ : 0;
}

/* ---- events ---- */

static unsigned sink; /* that is read, ASan sees */

static void release_all(struct fuzz *z)
{
    for (int i = 0; i < AKT_CREDITS; i++) {
        akt_session_release(z->s, (enum akt_credit)i, z->held[i],
                            z->held_bytes[i]);
        z->held[i] = z->held_bytes[i] = 0;
    }
}

static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    struct fuzz *z = ctx;
    assert(!z->saw_bye);
    for (size_t i = 0; i < head_len; i++)
        sink += (uint8_t)head[i];
    if (body_len > 0)
        sink += (uint8_t)body[0] + (uint8_t)body[body_len - 1];
    z->held[akt_credit_of(body_len)]++;
    z->held_bytes[akt_credit_of(body_len)] += body_len;
    if (head_len == 1) /* an event may send, and release */
        akt_session_send(z->s, &(struct akt_parcel){head, 1, NULL, body_len});
    if (head_len == 2) {
        release_all(z);
    }
}

static void on_block(void *ctx, const char *head, size_t head_len,
                     struct akt_msg *m)
{
    on_message(ctx, head, head_len, m->body, m->size);
    akt_msg_free(m);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    struct fuzz *z = ctx;
    assert(!z->saw_bye && len > 0);
    return bytes[len - 1] != '!';
}

static void on_credit(void *ctx)
{
    const struct fuzz *z = ctx;
    assert(akt_session_has_credit(z->s, AKT_CREDIT_SHORT) ||
           akt_session_has_credit(z->s, AKT_CREDIT_LONG));
}

static void on_pong(void *ctx, uint64_t said)
{
    assert(said < 256); /* only what we have said */
}

static void on_bye(void *ctx, const char *why, size_t len)
{
    struct fuzz *z = ctx;
    assert(!z->saw_bye);
    z->saw_bye = true;
    for (size_t i = 0; i < len; i++)
        sink += (uint8_t)why[i];
}

/* ---- what happens ---- */

/* In a block of its own, so that nothing behind it can be read. */
static void feed(struct fuzz *z, const char *p, size_t len, size_t part)
{
    while (len > 0) {
        size_t n = part > 0 && part < len ? part : len;
        char *copy = malloc(n);
        memcpy(copy, p, n);
        const char *why = akt_session_feed(z->s, copy, n);
        free(copy);
        assert(!z->broken || why);
        z->broken = why != NULL;
        z->fed += n;
        p += n;
        len -= n;
    }
}

static size_t take(struct fuzz *z, char *out, size_t len)
{
    size_t left = (size_t)(z->end - z->p);
    len = len < left ? len : left;
    memcpy(out, z->p, len);
    z->p += len;
    return len;
}

static void feed_raw(struct fuzz *z)
{
    char bytes[256];
    size_t part = next(z), len = take(z, bytes, next(z));
    feed(z, bytes, len, part);
}

static size_t pack(char *out, const char *p, size_t len)
{
    static ZSTD_CCtx *ctx; /* one for all inputs: it is long */
    if (!ctx)
        ctx = ZSTD_createCCtx();
    return ZSTD_compressCCtx(ctx, out, FRAME_ROOM - AKT_FRAME_HEAD, p, len, 1);
}

/* A head that fits, but for some bits of the flags. */
static void feed_frame(struct fuzz *z, bool packed)
{
    static const uint8_t types[] = {
        AKT_FRAME_MESSAGE, AKT_FRAME_FRAGMENT, AKT_FRAME_NODE, AKT_FRAME_ACK,
        AKT_FRAME_PING,    AKT_FRAME_PONG,     AKT_FRAME_BYE,  AKT_FRAME_FIRST};
    static const uint8_t lanes[] = {1, 2, 1, 0, 0, 0, 0, 0};
    char frame[FRAME_ROOM], payload[256];
    uint32_t kind = next(z) % 8, flags = next(z), part = next(z);
    size_t len = take(z, payload, next(z));
    struct akt_frame f = {.len = (uint32_t)len,
                          .type = types[kind],
                          .lane = lanes[kind],
                          .flags = flags & 3};
    if (kind < 3)
        f.seq = (uint32_t)akt_session_received(z->s) + 1 + (flags >> 7);
    if (packed) {
        size_t n = pack(frame + AKT_FRAME_HEAD, payload, len);
        assert(!ZSTD_isError(n));
        f.len = (uint32_t)n;
        f.flags |= AKT_FRAME_ZSTD;
    } else {
        memcpy(frame + AKT_FRAME_HEAD, payload, len);
        memset(frame + AKT_FRAME_HEAD + len, 0, PADDING);
        if (flags & 32)
            f.len += PADDING;
    }
    size_t all = AKT_FRAME_HEAD + f.len;
    f.len += flags >> 6 & 1; /* the next frame is a part of it */
    akt_frame_put(frame, &f);
    feed(z, frame, all, part);
}

static void send_message(struct fuzz *z)
{
    char head[16];
    uint32_t size = next(z), key = next(z);
    if (z->compress)
        ; /* what we pack ourselves takes longer than all the rest */
    else if (size >= 250 && z->longs++ < 2)
        size = AKT_WHOLE_MAX + (size - 249) * 1000;
    else if (size >= 128)
        size *= 40; /* over what is copied, mostly */
    size_t head_len = take(z, head, next(z) % sizeof head);
    struct akt_msg *m = size ? akt_msg_new(AKT_MSG_USER, size) : NULL;
    if (m) {
        m->body[0] = 1; /* long ones are not looked at here */
        m->body[size - 1] = 2;
        if (size < 5000)
            memset(m->body, (int)key, size);
        else if (key & 1)
            memset(m->body + 4000, 3, 1000);
        z->sent += size;
    }
    z->sent += 300;
    akt_session_send(z->s, &(struct akt_parcel){head, head_len, m, key % 4});
}

static void write_some(struct fuzz *z)
{
    struct iovec v[8];
    bool has = akt_session_has_output(z->s);
    int n = akt_session_fill(z->s, v, 1 + (int)(next(z) % 8));
    size_t all = 0, part = next(z);
    assert(has == (n > 0) && (!z->broken || n == 0));
    for (int i = 0; i < n; i++) {
        const char *p = v[i].iov_base;
        assert(v[i].iov_len > 0);
        sink += (uint8_t)p[0] + (uint8_t)p[v[i].iov_len - 1];
        all += v[i].iov_len;
    }
    part = part < 128 ? part : part * part * 16; /* most of the long ones */
    if (part && part < all)
        all = part;
    akt_session_wrote(z->s, all);
}

static void resume(struct fuzz *z)
{
    uint64_t received = next(z);
    if (akt_session_can_resume(z->s, received))
        akt_session_resume(z->s, received);
}

static void say(struct fuzz *z)
{
    char node[4];
    uint32_t what = next(z);
    if (what < 128)
        akt_session_ping(z->s, what);
    else if (what < 240)
        akt_session_send_node(z->s, node, 1 + take(z, node, 3));
    else
        akt_session_bye(z->s, "the end");
}

static void step(struct fuzz *z)
{
    switch (next(z) % 8) {
    case 0:
        feed_raw(z);
        break;
    case 1:
    case 2:
        feed_frame(z, false);
        break;
    case 3:
        feed_frame(z, true);
        break;
    case 4:
        send_message(z);
        break;
    case 5:
        write_some(z);
        break;
    case 6:
        resume(z);
        break;
    default:
        say(z);
        break;
    }
}

static void check(const struct fuzz *z, int64_t before)
{
    struct akt_session_stats st;
    akt_session_read(z->s, &st);
    assert(st.unacked_bytes <= AKT_RETAIN_BYTES + AKT_FRAME_MAX);
    assert(akt_alloc_total() - before <
           (int64_t)(FIXED_BYTES + 3 * z->fed + 2 * z->sent));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz z = {.p = data, .end = data + size};
    uint32_t mode = next(&z);
    z.compress = mode % 8 == 1;
    struct akt_session_events events = {&z,
                                        on_message,
                                        on_node,
                                        on_credit,
                                        on_pong,
                                        on_bye,
                                        mode & 2 ? on_block : NULL};
    int64_t before = akt_alloc_total();
    z.s = akt_session_create(&(struct akt_session_config){z.compress, &events});
    while (z.p < z.end) {
        step(&z);
        check(&z, before);
    }
    akt_session_destroy(z.s);
    return 0;
}
