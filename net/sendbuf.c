/* SPDX-License-Identifier: MIT */
#include "net/sendbuf.h"

#include "net/frame.h"
#include "vm/base/alloc.h"
#include "vm/message.h"

/* ---- chunks ---- */

static void free_chunk(struct akt_sendbuf_chunk *c)
{
    if (c)
        akt_free(c, sizeof *c + c->cap);
}

static struct akt_sendbuf_chunk *new_chunk(struct akt_sendbuf *b, size_t n)
{
    struct akt_sendbuf_chunk *c = b->spare;
    if (c && n <= c->cap) {
        b->spare = NULL;
    } else {
        size_t cap = n > AKT_SENDBUF_CHUNK ? n : AKT_SENDBUF_CHUNK;
        c = akt_alloc(sizeof *c + cap);
        c->cap = (uint32_t)cap;
    }
    c->used = 0;
    c->refs = 1;
    return c;
}

static void unref_chunk(struct akt_sendbuf *b, struct akt_sendbuf_chunk *c)
{
    if (!c || --c->refs > 0)
        return;
    if (!b->spare && c->cap == AKT_SENDBUF_CHUNK)
        b->spare = c;
    else
        free_chunk(c);
}

/* ---- appending ---- */

static struct akt_sendbuf_seg *add_seg(struct akt_sendbuf *b)
{
    struct akt_sendbuf_seg *g = b->spare_seg;
    if (!g)
        g = akt_alloc(sizeof *g);
    b->spare_seg = NULL;
    *g = (struct akt_sendbuf_seg){0};
    if (b->tail)
        b->tail->next = g;
    else
        b->head = g;
    b->tail = g;
    if (!b->at)
        b->at = g; /* off and frame are 0 then */
    return g;
}

void akt_sendbuf_open(struct akt_sendbuf *b, size_t n)
{
    if (!b->chunk || b->chunk->cap - b->chunk->used < n) {
        unref_chunk(b, b->chunk);
        b->chunk = new_chunk(b, n);
    }
    struct akt_sendbuf_seg *g = add_seg(b);
    g->chunk = b->chunk;
    g->chunk->refs++;
    g->p = g->chunk->bytes + g->chunk->used;
    g->first = b->last + 1;
    b->open = g;
}

void akt_sendbuf_add_part(struct akt_sendbuf *b,
                          const struct akt_sendbuf_part *part)
{
    struct akt_sendbuf_seg *g = add_seg(b);
    g->m = part->m;
    g->p = part->p;
    g->len = (uint32_t)part->len;
    g->first = g->last = b->last;
    b->open = NULL;
    b->end += part->len;
}

/* ---- writing ---- */

/* Over the end of a segment that nothing is appended to any more. */
static void step_over(struct akt_sendbuf *b)
{
    while (b->at && b->off == b->at->len && b->at->next) {
        b->at = b->at->next;
        b->off = b->frame = 0;
    }
}

/* Moves `frame` to the last frame that does not begin behind `off`. */
static uint32_t frame_at(const struct akt_sendbuf *b)
{
    uint64_t begin = b->frame, next;
    while (begin < b->off &&
           (next = begin + akt_frame_size(b->at->p + begin), next <= b->off))
        begin = next;
    return (uint32_t)begin;
}

size_t akt_sendbuf_rest(struct akt_sendbuf *b)
{
    step_over(b);
    if (!b->at)
        return 0;
    if (!b->at->chunk)
        return b->at->len - b->off;
    b->frame = frame_at(b);
    if (b->frame == b->off)
        return 0;
    uint64_t end = b->frame + akt_frame_size(b->at->p + b->frame);
    return (size_t)(end - b->off); /* with the part behind it: B2 */
}

struct akt_sendbuf_place akt_sendbuf_place(const struct akt_sendbuf *b)
{
    return (struct akt_sendbuf_place){b->at, b->off};
}

int akt_sendbuf_gather(struct akt_sendbuf *b, struct akt_sendbuf_place *from,
                       size_t bytes, struct iovec *v, int max)
{
    int n = 0;
    while (from->at && bytes > 0 && n < max) {
        const struct akt_sendbuf_seg *g = from->at;
        size_t left = g->len - from->off;
        if (left == 0) {
            if (!g->next)
                break;
            *from = (struct akt_sendbuf_place){g->next, 0};
            continue;
        }
        size_t take = left < bytes ? left : bytes;
        v[n++] = (struct iovec){(void *)(uintptr_t)(g->p + from->off), take};
        from->off += (uint32_t)take;
        bytes -= take;
        if (b->given < g->last)
            b->given = g->last;
    }
    return n;
}

/* One is kept: in a dialogue each message is acknowledged by the next. */
static void free_seg(struct akt_sendbuf *b, struct akt_sendbuf_seg *g)
{
    if (b->open == g)
        b->open = NULL;
    unref_chunk(b, g->chunk);
    akt_msg_free(g->m);
    if (b->spare_seg)
        akt_free(g, sizeof *g);
    else
        b->spare_seg = g;
}

/* Whether nothing of the first segment has to be written, now or again. */
static bool first_is_done(const struct akt_sendbuf *b)
{
    const struct akt_sendbuf_seg *g = b->head;
    return g && g->last <= b->acked && (g != b->at || b->off == g->len);
}

static void free_acked(struct akt_sendbuf *b)
{
    while (first_is_done(b)) {
        struct akt_sendbuf_seg *g = b->head;
        b->head = g->next;
        if (b->at == g) {
            b->at = g->next;
            b->off = b->frame = 0;
        }
        if (!b->head)
            b->tail = NULL;
        b->freed += g->len;
        free_seg(b, g);
    }
    if (!b->head && b->chunk)
        b->chunk->used = 0; /* no segment is in it */
}

void akt_sendbuf_wrote(struct akt_sendbuf *b, size_t n)
{
    b->written += n;
    while (n > 0) {
        step_over(b);
        assert(b->at && b->off < b->at->len);
        size_t left = b->at->len - b->off, take = left < n ? left : n;
        b->off += (uint32_t)take;
        n -= take;
    }
    step_over(b);
    free_acked(b); /* what was acknowledged before we knew it is written */
}

uint64_t akt_sendbuf_frame(const struct akt_sendbuf *b)
{
    if (!b->at)
        return b->last + 1;
    const struct akt_sendbuf_seg *g = b->at;
    if (!g->chunk)
        return g->last + (b->off == g->len);
    uint32_t begin = frame_at(b);
    if (begin >= g->len)
        return g->last + 1;
    /* the low 32 bits stand in the frame; a segment has fewer frames */
    return g->first + (akt_get32(g->p + begin + 8) - (uint32_t)g->first);
}

/* ---- what the other side has ---- */

bool akt_sendbuf_ack(struct akt_sendbuf *b, uint64_t frame)
{
    if (frame < b->acked || frame > b->given)
        return false;
    b->acked = frame;
    free_acked(b);
    return true;
}

static bool begins_in(const struct akt_sendbuf_seg *g, uint64_t frame)
{
    return g->chunk && g->first <= frame && frame <= g->last;
}

/* To where it begins, in a segment in which it does. */
static void seek_in(struct akt_sendbuf *b, uint64_t frame)
{
    for (uint64_t k = b->at->first; k < frame; k++)
        b->off += (uint32_t)akt_frame_size(b->at->p + b->off);
    b->frame = b->off;
    b->written += b->off;
}

void akt_sendbuf_seek(struct akt_sendbuf *b, uint64_t frame)
{
    assert(frame >= b->acked && frame <= b->given);
    b->acked = frame;
    b->at = b->head;
    b->off = b->frame = 0;
    b->written = b->freed;
    while (b->at && !begins_in(b->at, frame + 1)) {
        b->written += b->at->len;
        b->at = b->at->next;
    }
    if (b->at) {
        seek_in(b, frame + 1);
    } else if (b->tail) { /* there is nothing to write again */
        b->at = b->tail;
        b->off = b->frame = b->at->len;
    }
    free_acked(b);
}

void akt_sendbuf_trim(struct akt_sendbuf *b)
{
    free_chunk(b->spare);
    b->spare = NULL;
    akt_free(b->spare_seg, sizeof *b->spare_seg);
    b->spare_seg = NULL;
    if (b->head)
        return;
    free_chunk(b->chunk);
    b->chunk = NULL;
}

void akt_sendbuf_fini(struct akt_sendbuf *b)
{
    while (b->head) {
        struct akt_sendbuf_seg *next = b->head->next;
        free_seg(b, b->head);
        b->head = next;
    }

    akt_sendbuf_trim(b);
    *b = (struct akt_sendbuf){0};
}
