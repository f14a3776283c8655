/* SPDX-License-Identifier: MIT */
#include "net/session_impl.h"

#include "vm/base/alloc.h"
#include "vm/message.h"

#define COPY_MAX 4096 /* longer bodies are written from their block */
#define PACK_MIN 512  /* shorter payloads are not worth the effort */
/* Fragments that are put in line at once: a small message waits for so many. */
#define AHEAD_BYTES (2 * AKT_FRAGMENT)

/* A sequenced frame: what stands in front, and the part of a body. */
struct outgoing {
    uint8_t type, lane;
    uint16_t flags;
    const char *front; /* of the payload */
    size_t front_len;
    const char *body;
    size_t body_len;
    struct akt_msg *m; /* freed when the frame has gone; NULL: not ours */
    bool shared;       /* frames in front of it refer to m, too */
};

/* ---- frames into the send buffer ---- */

static char *put_head(struct akt_session *s, char *p, const struct outgoing *o,
                      size_t payload)
{
    akt_frame_put(p, &(struct akt_frame){.len = (uint32_t)payload,
                                         .type = o->type,
                                         .lane = o->lane,
                                         .flags = o->flags,
                                         .seq = (uint32_t)(s->out.last + 1)});
    return p + AKT_FRAME_HEAD;
}

static size_t put_copied(struct akt_session *s, const struct outgoing *o)
{
    size_t payload = o->front_len + o->body_len;
    char *p = akt_sendbuf_reserve(&s->out, AKT_FRAME_HEAD + payload);
    p = put_head(s, p, o, payload);
    memcpy(p, o->front, o->front_len);
    if (o->body_len)
        memcpy(p + o->front_len, o->body, o->body_len);
    akt_sendbuf_commit(&s->out, AKT_FRAME_HEAD + payload);
    if (o->shared && o->m) /* it must stay as long as they do */
        akt_sendbuf_add_part(&s->out,
                             &(struct akt_sendbuf_part){NULL, 0, o->m});
    else
        akt_msg_free(o->m);
    return AKT_FRAME_HEAD + payload;
}

static size_t put_by_reference(struct akt_session *s, const struct outgoing *o)
{
    size_t n = AKT_FRAME_HEAD + o->front_len;
    char *p = akt_sendbuf_reserve(&s->out, n);
    p = put_head(s, p, o, o->front_len + o->body_len);
    memcpy(p, o->front, o->front_len);
    akt_sendbuf_commit(&s->out, n);
    akt_sendbuf_add_part(
        &s->out, &(struct akt_sendbuf_part){o->body, o->body_len, o->m});
    return n + o->body_len;
}

/* False: it is not smaller. */
static bool try_packed(struct akt_session *s, const struct outgoing *o,
                       size_t *size)
{
    struct akt_pair packed;
    struct akt_pair raw = {o->front, o->body, o->front_len, o->body_len};
    if (!akt_session_pack(s, &raw, &packed))
        return false;
    struct outgoing p = *o;
    p.flags |= AKT_FRAME_ZSTD;
    p.front = packed.a;
    p.front_len = packed.a_len;
    p.body_len = 0;
    *size = put_copied(s, &p);
    return true;
}

/* Returns the size of the frame. */
static size_t put_frame(struct akt_session *s, const struct outgoing *o)
{
    size_t size;
    if (s->packs && o->front_len + o->body_len > PACK_MIN &&
        try_packed(s, o, &size))
        return size;
    if (o->body_len > COPY_MAX)
        return put_by_reference(s, o);
    return put_copied(s, o);
}

static size_t put_whole(struct akt_session *s, const struct akt_parcel *p,
                        enum akt_frame_lane lane)
{
    char front[1 + AKT_HEAD_MAX];
    front[0] = (char)p->head_len;
    if (p->head_len) /* head may be NULL */
        memcpy(front + 1, p->head, p->head_len);
    struct outgoing o = {.type = AKT_FRAME_MESSAGE,
                         .lane = (uint8_t)lane,
                         .front = front,
                         .front_len = 1 + p->head_len,
                         .m = p->m};
    if (p->m) {
        o.body = p->m->body;
        o.body_len = p->m->size;
    }
    return put_frame(s, &o);
}

/* ---- the bulk lane ---- */

/* 0 and ~0 are no keys of a map. Two that are one are only kept in order. */
static uint64_t map_key(uint64_t key)
{
    return key + 1 < 2 ? 1 : key;
}

static void count_key(struct akt_bulk_queue *q, uint64_t key, int change)
{
    uint64_t n = 0;
    key = map_key(key);
    (void)akt_map_get(&q->keys, key, &n);
    n = change > 0 ? n + 1 : n - 1;
    if (n > 0)
        akt_map_put(&q->keys, key, n);
    else
        akt_map_remove(&q->keys, key);
}

static void bulk_add(struct akt_bulk_queue *q, const struct akt_parcel *p)
{
    struct akt_bulk *e = akt_alloc(sizeof *e + p->head_len);
    *e = (struct akt_bulk){
        .m = p->m, .key = p->key, .head_len = (uint8_t)p->head_len};
    if (p->head_len)
        memcpy(e->head, p->head, p->head_len);
    if (q->last)
        q->last->next = e;
    else
        q->first = e;
    q->last = e;
    q->len++;
    q->bytes += p->m ? p->m->size : 0;
    count_key(q, p->key, 1);
}

static void bulk_drop_first(struct akt_bulk_queue *q)
{
    struct akt_bulk *e = q->first;
    q->first = e->next;
    if (!q->first)
        q->last = NULL;
    q->len--;
    count_key(q, e->key, -1);
    akt_free(e, sizeof *e + e->head_len);
}

static bool goes_to_bulk(struct akt_session *s, const struct akt_parcel *p)
{
    uint64_t n;
    if (p->m && p->m->size > AKT_WHOLE_MAX)
        return true;
    return s->bulk.len && akt_map_get(&s->bulk.keys, map_key(p->key), &n);
}

/* In the first fragment: total length, length of head, head. */
static size_t put_first(char *front, const struct akt_bulk *e)
{
    akt_put32(front, e->m->size);
    front[4] = (char)e->head_len;
    memcpy(front + 5, e->head, e->head_len);
    return 5 + (size_t)e->head_len;
}

static void put_fragment(struct akt_session *s, struct akt_bulk *e)
{
    char front[5 + AKT_HEAD_MAX];
    uint32_t left = e->m->size - e->done;
    struct outgoing o = {.type = AKT_FRAME_FRAGMENT,
                         .lane = AKT_LANE_BULK,
                         .front = front,
                         .body = e->m->body + e->done,
                         .body_len = left < AKT_FRAGMENT ? left : AKT_FRAGMENT};
    if (e->done == 0) {
        o.flags = AKT_FRAME_FIRST;
        o.front_len = put_first(front, e);
    }
    e->done += (uint32_t)o.body_len;
    s->bulk.bytes -= o.body_len;
    if (e->done == e->m->size) {
        o.m = e->m;
        o.shared = true;
        e->m = NULL;
    }
    put_frame(s, &o);
}

/* Puts the next frame of the bulk lane in line. */
static void bulk_step(struct akt_session *s)
{
    struct akt_bulk *e = s->bulk.first;
    if (e->m && e->m->size > AKT_WHOLE_MAX) {
        put_fragment(s, e);
        if (!e->m)
            bulk_drop_first(&s->bulk);
        return;
    }
    struct akt_parcel p = {e->head, e->head_len, e->m, e->key};
    s->bulk.bytes -= e->m ? e->m->size : 0;
    put_whole(s, &p, AKT_LANE_BULK);
    bulk_drop_first(&s->bulk);
}

/* ---- sending ---- */

bool akt_session_has_credit(const struct akt_session *s, enum akt_credit kind)
{
    return s->sent.bytes[kind] - s->released.bytes[kind] < AKT_CREDIT_BYTES &&
           s->sent.messages - s->released.messages < AKT_CREDIT_MESSAGES;
}

/* After so many bytes of whole frames one fragment gets its turn. */
static void take_turns(struct akt_session *s, size_t size)
{
    s->bulk.turn += (uint32_t)size;
    if (s->bulk.turn < AKT_FRAGMENT)
        return;
    s->bulk.turn = 0;
    bulk_step(s);
}

void akt_session_send(struct akt_session *s, const struct akt_parcel *p)
{
    assert(p->head_len <= AKT_HEAD_MAX);
    if (s->broken || s->control.bye) {
        akt_msg_free(p->m);
        return;
    }
    s->sent.messages++;
    if (p->m)
        s->sent.bytes[akt_credit_of(p->m->size)] += p->m->size;
    if (goes_to_bulk(s, p)) {
        bulk_add(&s->bulk, p);
        return;
    }
    size_t size = put_whole(s, p, AKT_LANE_NORMAL);
    if (s->bulk.len)
        take_turns(s, size);
}

void akt_session_send_node(struct akt_session *s, const char *bytes, size_t len)
{
    assert(len > 0 && len <= AKT_NODE_MAX);
    if (s->broken || s->control.bye)
        return;
    struct outgoing o = {.type = AKT_FRAME_NODE,
                         .lane = AKT_LANE_NORMAL,
                         .front = bytes,
                         .front_len = len};
    put_copied(s, &o); /* never packed: akt_frame_check */
}

void akt_session_ping(struct akt_session *s, uint64_t say)
{
    s->control.ping = say;
    s->control.ping_due = s->control.pinging = true;
    s->trim_due = true;
}

void akt_session_bye(struct akt_session *s, const char *why)
{
    struct akt_control *c = &s->control;
    if (c->bye)
        return;
    size_t len = strlen(why);
    c->bye = true;
    c->why_len = (uint8_t)(len < AKT_BYE_MAX ? len : AKT_BYE_MAX);
    memcpy(c->why, why, c->why_len);
}

/* ---- control frames ---- */

static char *put_control(struct akt_control *c, enum akt_frame_type type,
                         size_t len)
{
    char *p = c->bytes + c->len;
    akt_frame_put(
        p, &(struct akt_frame){.len = (uint32_t)len, .type = (uint8_t)type});
    c->len += (uint32_t)(AKT_FRAME_HEAD + len);
    return p + AKT_FRAME_HEAD;
}

static void put_ack(struct akt_session *s)
{
    struct akt_control *c = &s->control;
    char *p = put_control(c, AKT_FRAME_ACK, AKT_ACK_BYTES);
    c->said = s->freed;
    c->said.frames = s->in.frames;
    akt_put64(p, c->said.frames);
    akt_put64(p + 8, c->said.messages);
    akt_put64(p + 16, c->said.bytes[AKT_CREDIT_SHORT]);
    akt_put64(p + 24, c->said.bytes[AKT_CREDIT_LONG]);
    c->ack_due = false;
    s->in_bytes_said = s->stats.bytes_in;
    s->stats.frames_out++;
}

static bool ack_is_new(const struct akt_session *s)
{
    const struct akt_totals *said = &s->control.said;
    return s->in.frames != said->frames ||
           s->freed.messages != said->messages ||
           memcmp(s->freed.bytes, said->bytes, sizeof said->bytes) != 0;
}

static void put_ping(struct akt_session *s, bool answer)
{
    struct akt_control *c = &s->control;
    char *p = put_control(c, answer ? AKT_FRAME_PONG : AKT_FRAME_PING,
                          AKT_PING_BYTES);
    akt_put64(p, answer ? c->pong : c->ping);
    if (answer)
        c->pong_due = false;
    else
        c->ping_due = false;
    s->stats.frames_out++;
}

static void put_bye(struct akt_session *s)
{
    struct akt_control *c = &s->control;
    memcpy(put_control(c, AKT_FRAME_BYE, c->why_len), c->why, c->why_len);
    c->bye_out = true;
    s->stats.frames_out++;
}

static bool has_more_messages(const struct akt_session *s)
{
    return s->bulk.len || akt_sendbuf_unwritten(&s->out) > 0;
}

/* How many bytes of the send buffer may be written now. */
static size_t window(const struct akt_session *s)
{
    uint64_t kept = s->out.written - s->out.freed;
    return kept < AKT_RETAIN_BYTES ? (size_t)(AKT_RETAIN_BYTES - kept) : 0;
}

static bool may_write_messages(const struct akt_session *s)
{
    return has_more_messages(s) && window(s) > 0;
}

static bool bye_is_due(const struct akt_session *s)
{
    return s->control.bye && !s->control.bye_out && !has_more_messages(s);
}

/* Something is written anyway: what else there is to say goes along. */
static void put_controls(struct akt_session *s)
{
    struct akt_control *c = &s->control;
    c->len = c->done = 0;
    bool bye = bye_is_due(s);
    if (c->bye_out)
        return;
    if (c->ack_due || (ack_is_new(s) && (c->ping_due || c->pong_due || bye ||
                                         may_write_messages(s))))
        put_ack(s);
    if (c->pong_due)
        put_ping(s, true);
    if (c->ping_due)
        put_ping(s, false);
    if (bye)
        put_bye(s);
}

/* ---- writing ---- */

bool akt_session_has_output(const struct akt_session *s)
{
    const struct akt_control *c = &s->control;
    if (s->broken)
        return false;
    if (c->done < c->len)
        return true;
    return !c->bye_out && (c->ack_due || c->ping_due || c->pong_due ||
                           may_write_messages(s) || bye_is_due(s));
}

static int gather_messages(struct akt_session *s, struct iovec *v, int max,
                           struct akt_sendbuf_place *from)
{
    size_t bytes = window(s);
    bytes = bytes > s->control.before ? bytes - s->control.before : 0;
    return akt_sendbuf_gather(&s->out, from, bytes, v, max);
}

/* So much, also of what gets shorter when it is packed: that takes time. */
static void put_bulk(struct akt_session *s)
{
    uint64_t before = s->bulk.bytes;
    while (s->bulk.len && akt_sendbuf_unwritten(&s->out) < AHEAD_BYTES &&
           before - s->bulk.bytes < AHEAD_BYTES)
        bulk_step(s);
}

int akt_session_fill(struct akt_session *s, struct iovec *v, int max)
{
    struct akt_control *c = &s->control;
    if (s->broken || max <= 0)
        return 0;
    if (s->trim_due)
        akt_session_trim(s);
    put_bulk(s);
    if (c->done == c->len)
        put_controls(s);
    struct akt_sendbuf_place from = akt_sendbuf_place(&s->out);
    c->before = 0;
    int n = 0;
    if (c->done < c->len) {
        if (c->done == 0) /* else one of ours has been begun */
            c->before = akt_sendbuf_rest(&s->out);
        from = akt_sendbuf_place(&s->out);
        n = akt_sendbuf_gather(&s->out, &from, c->before, v, max);
        if (n < max)
            v[n++] = (struct iovec){c->bytes + c->done, c->len - c->done};
    }
    return n + gather_messages(s, v + n, max - n, &from);
}

void akt_session_wrote(struct akt_session *s, size_t bytes)
{
    struct akt_control *c = &s->control;
    s->stats.bytes_out += bytes;
    size_t n = bytes < c->before ? bytes : c->before;
    akt_sendbuf_wrote(&s->out, n);
    c->before -= n;
    bytes -= n;
    n = bytes < c->len - c->done ? bytes : c->len - c->done;
    c->done += (uint32_t)n;
    akt_sendbuf_wrote(&s->out, bytes - n);
}

void akt_session_say_again(struct akt_session *s)
{
    struct akt_control *c = &s->control;
    c->len = c->done = 0;
    c->before = 0;
    c->ack_due = ack_is_new(s) || c->said.frames > 0;
    c->ping_due = c->pinging;
    c->pong_due = false;
    c->bye_out = false;
}

void akt_session_fini_out(struct akt_session *s)
{
    while (s->bulk.first) {
        akt_msg_free(s->bulk.first->m);
        bulk_drop_first(&s->bulk);
    }
    akt_map_fini(&s->bulk.keys);
    akt_sendbuf_fini(&s->out);
}
