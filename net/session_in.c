/* SPDX-License-Identifier: MIT */
#include "net/session_impl.h"

#include "vm/base/alloc.h"
#include "vm/message.h"

/* When what came is acknowledged at once. */
#define ACK_BYTES (64u << 10)
#define ACK_FRAMES 256
/* When what was released is told at once: a quarter of the credit. */
#define SAY_BYTES (AKT_CREDIT_BYTES / 4)
#define SAY_MESSAGES (AKT_CREDIT_MESSAGES / 4)
#define GROWTH 8u /* of the block of a long message */

/* ---- messages ---- */

static void count_message(struct akt_session *s, size_t body_len)
{
    s->in.messages++;
    s->in.bytes[akt_credit_of(body_len)] += body_len;
    s->stats.messages_in++;
}

static const char *take_message(struct akt_session *s, const char *p,
                                size_t len)
{
    size_t head_len = len ? (uint8_t)p[0] : 0;
    if (len < 1 + head_len)
        return "head";
    const char *head = p + 1, *body = head + head_len;
    size_t body_len = len - 1 - head_len;
    count_message(s, body_len);
    s->events->on_message(s->events->ctx, head, head_len, body, body_len);
    return NULL;
}

/* Length of the whole message and its head; *p and *len go behind them. */
static const char *begin_whole(struct akt_whole *w, const char **p, size_t *len)
{
    if (w->total > 0 || *len < 5)
        return "fragment";
    uint32_t total = akt_get32(*p);
    size_t head_len = (uint8_t)(*p)[4];
    if (total < AKT_MSG_RESIZE_MIN || total > AKT_MESSAGE_MAX)
        return "length";
    if (*len < 5 + head_len)
        return "head";
    w->total = total;
    w->head_len = (uint8_t)head_len;
    memcpy(w->head, *p + 5, head_len);
    *p += 5 + head_len;
    *len -= 5 + head_len;
    return NULL;
}

/* The block grows with what came, not with what was announced; in so large
 * steps that no single copy of it takes long. */
static void add_piece(struct akt_whole *w, const char *p, uint32_t len)
{
    uint32_t need = w->len + len;
    uint32_t room = w->m ? w->m->size * GROWTH : AKT_WHOLE_MAX;
    if (room < need)
        room = need;
    if (room > w->total)
        room = w->total;
    if (!w->m)
        w->m = akt_msg_new(AKT_MSG_USER, room);
    else if (w->m->size < need)
        w->m = akt_msg_resize(w->m, room);
    memcpy(w->m->body + w->len, p, len);
    w->len = need;
}

static void deliver_whole(struct akt_session *s)
{
    const struct akt_session_events *ev = s->events;
    struct akt_whole *w = &s->whole;
    struct akt_msg *m = w->m; /* its size is `total` by now */
    w->m = NULL;
    w->len = w->total = 0;
    count_message(s, m->size);
    if (ev->on_block) {
        ev->on_block(ev->ctx, w->head, w->head_len, m);
        return;
    }
    ev->on_message(ev->ctx, w->head, w->head_len, m->body, m->size);
    akt_msg_free(m);
}

static const char *take_fragment(struct akt_session *s, bool first,
                                 const char *p, size_t len)
{
    struct akt_whole *w = &s->whole;
    if (first) {
        const char *why = begin_whole(w, &p, &len);
        if (why)
            return why;
    }
    if (len == 0 || len > w->total - w->len) /* also when none was begun */
        return "fragment";
    add_piece(w, p, (uint32_t)len);
    if (w->len == w->total)
        deliver_whole(s);
    return NULL;
}

static const char *take_node(struct akt_session *s, const char *p, size_t len)
{
    return s->events->on_node(s->events->ctx, p, len) ? NULL : "node";
}

/* ---- control frames ---- */

/* Neither less than before nor more than there is. */
static bool is_between(uint64_t v, uint64_t before, uint64_t all)
{
    return v >= before && v <= all;
}

static const char *take_ack(struct akt_session *s, const char *p)
{
    struct akt_totals ack = {
        akt_get64(p), akt_get64(p + 8), {akt_get64(p + 16), akt_get64(p + 24)}};
    const struct akt_totals *before = &s->released;
    bool more = false, had[AKT_CREDITS];
    if (!is_between(ack.messages, before->messages, s->sent.messages))
        return "credit";
    for (int i = 0; i < AKT_CREDITS; i++) {
        had[i] = akt_session_has_credit(s, (enum akt_credit)i);
        if (!is_between(ack.bytes[i], before->bytes[i], s->sent.bytes[i]))
            return "credit";
    }
    if (!akt_sendbuf_ack(&s->out, ack.frames))
        return "ack";
    s->released = ack;
    for (int i = 0; i < AKT_CREDITS; i++)
        more |= !had[i] && akt_session_has_credit(s, (enum akt_credit)i);
    if (more)
        s->events->on_credit(s->events->ctx);
    return NULL;
}

/* Only the last one is answered: many of them make no queue. */
static void take_ping(struct akt_session *s, const char *p)
{
    s->control.pong = akt_get64(p);
    s->control.pong_due = true;
    s->trim_due = true;
}

static void take_pong(struct akt_session *s, const char *p)
{
    uint64_t said = akt_get64(p);
    if (!s->control.pinging || said != s->control.ping)
        return; /* an older one, or none of ours */
    s->control.pinging = false;
    s->events->on_pong(s->events->ctx, said);
}

static const char *take_control(struct akt_session *s,
                                const struct akt_frame *f, const char *p)
{
    switch (f->type) {
    case AKT_FRAME_ACK:
        return take_ack(s, p);
    case AKT_FRAME_PING:
        take_ping(s, p);
        return NULL;
    case AKT_FRAME_PONG:
        take_pong(s, p);
        return NULL;
    default:
        s->bye_in = true;
        s->events->on_bye(s->events->ctx, p, f->len);
        return NULL;
    }
}

/* ---- frames ---- */

static const char *take_payload(struct akt_session *s,
                                const struct akt_frame *f, const char *p)
{
    size_t len = f->len;
    if (f->flags & AKT_FRAME_ZSTD) {
        const char *raw;
        const char *why = akt_session_unpack(s, p, &len, &raw);
        if (why)
            return why;
        p = raw;
    }
    switch (f->type) {
    case AKT_FRAME_MESSAGE:
        return take_message(s, p, len);
    case AKT_FRAME_FRAGMENT:
        return take_fragment(s, f->flags & AKT_FRAME_FIRST, p, len);
    default:
        return take_node(s, p, len);
    }
}

static const char *check(const struct akt_session *s, const struct akt_frame *f)
{
    if (s->bye_in)
        return "ended";
    if ((f->flags & AKT_FRAME_ZSTD) && !s->compress)
        return "flags";
    return akt_frame_check(f);
}

/* A whole frame whose head was checked. */
static const char *take_frame(struct akt_session *s, const struct akt_frame *f,
                              const char *payload)
{
    s->stats.frames_in++;
    if (!akt_frame_is_sequenced(f->type))
        return take_control(s, f, payload);
    if (f->seq != (uint32_t)(s->in.frames + 1))
        return "sequence";
    s->in.frames++;
    return take_payload(s, f, payload);
}

/* Whole frames, where they stand; *p and *len become what is left. */
static const char *take_frames(struct akt_session *s, const char **p,
                               size_t *len)
{
    while (*len >= AKT_FRAME_HEAD) {
        struct akt_frame f = akt_frame_get(*p);
        const char *why = check(s, &f);
        if (why)
            return why;
        size_t size = AKT_FRAME_HEAD + (size_t)f.len;
        if (*len < size)
            return NULL;
        why = take_frame(s, &f, *p + AKT_FRAME_HEAD);
        if (why)
            return why;
        *p += size;
        *len -= size;
    }
    return NULL;
}

/* What the frame that was cut off lacks, or its head. */
static size_t lacking(const struct akt_buf *cut)
{
    if (cut->len < AKT_FRAME_HEAD)
        return AKT_FRAME_HEAD - cut->len;
    return (size_t)akt_frame_size(cut->data) - cut->len;
}

/* Goes on with the frame that was cut off, until it is taken or the bytes are
 * used up. */
static const char *take_cut(struct akt_session *s, const char **p, size_t *len)
{
    while (s->cut.len > 0 && *len > 0) {
        size_t n = lacking(&s->cut);
        if (n > *len)
            n = *len;
        akt_buf_add(&s->cut, *p, n);
        *p += n;
        *len -= n;
        size_t left = s->cut.len;
        const char *q = s->cut.data;
        const char *why = take_frames(s, &q, &left);
        if (why)
            return why;
        s->cut.len = left; /* all of it, or nothing */
    }
    return NULL;
}

static void ack_if_due(struct akt_session *s)
{
    const struct akt_totals *said = &s->control.said;
    if (s->in.frames - said->frames >= ACK_FRAMES ||
        (s->in.frames != said->frames &&
         s->stats.bytes_in - s->in_bytes_said >= ACK_BYTES) ||
        s->freed.messages - said->messages >= SAY_MESSAGES ||
        s->freed.bytes[AKT_CREDIT_SHORT] - said->bytes[AKT_CREDIT_SHORT] >=
            SAY_BYTES ||
        s->freed.bytes[AKT_CREDIT_LONG] - said->bytes[AKT_CREDIT_LONG] >=
            SAY_BYTES)
        s->control.ack_due = true;
}

const char *akt_session_feed(struct akt_session *s, const char *p, size_t len)
{
    if (s->broken)
        return s->broken;
    s->stats.bytes_in += len;
    const char *why = take_cut(s, &p, &len);
    if (!why)
        why = take_frames(s, &p, &len);
    if (why) {
        s->broken = why;
        return why;
    }
    akt_buf_add(&s->cut, p, len);
    ack_if_due(s);
    return NULL;
}

void akt_session_release(struct akt_session *s, enum akt_credit kind,
                         uint64_t messages, uint64_t bytes)
{
    s->freed.messages += messages;
    s->freed.bytes[kind] += bytes;
    assert(s->freed.messages <= s->in.messages);
    assert(s->freed.bytes[kind] <= s->in.bytes[kind]);
    ack_if_due(s);
}

uint64_t akt_session_received(const struct akt_session *s)
{
    return s->in.frames;
}

void akt_session_fini_in(struct akt_session *s)
{
    akt_msg_free(s->whole.m);
    akt_buf_fini(&s->cut);
}
