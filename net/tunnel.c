/* SPDX-License-Identifier: MIT */
#include "net/tunnel.h"

#include <string.h>

#include "net/frame.h"
#include "vm/base/alloc.h"

#define HEAD 7 /* without what is granted */

size_t akt_tunnel_put(const struct akt_tunnel_frame *f,
                      char head[AKT_TUNNEL_HEAD_MAX])
{
    head[0] = (char)AKT_TUNNEL;
    head[1] = (char)f->step;
    head[2] = f->answers;
    akt_put32(head + 3, f->id);
    if (f->step != AKT_TUNNEL_GRANT)
        return HEAD;
    akt_put32(head + HEAD, f->granted);
    return AKT_TUNNEL_HEAD_MAX;
}

/* Whether the frame is one that its side may say, with a body as it has. */
static bool is_sound(const struct akt_tunnel_frame *f)
{
    switch (f->step) {
    case AKT_TUNNEL_OPEN:
    case AKT_TUNNEL_END:
        return !f->answers && f->len == 0;
    case AKT_TUNNEL_BYTES:
        return f->len > 0 && f->len <= AKT_TUNNEL_DATA;
    case AKT_TUNNEL_GRANT:
        return f->granted > 0 && f->granted <= AKT_TUNNEL_WINDOW && f->len == 0;
    case AKT_TUNNEL_CLOSE:
        return f->len <= AKT_TUNNEL_WHY;
    }
    return false;
}

bool akt_tunnel_get(const char *head, size_t len, struct akt_tunnel_frame *f)
{
    if (len < HEAD || (uint8_t)head[0] != AKT_TUNNEL || (uint8_t)head[2] > 1)
        return false;
    f->step = (enum akt_tunnel_step)(uint8_t)head[1];
    f->answers = head[2];
    f->id = akt_get32(head + 3);
    bool grants = f->step == AKT_TUNNEL_GRANT;
    if (len != (grants ? AKT_TUNNEL_HEAD_MAX : HEAD))
        return false;
    f->granted = grants ? akt_get32(head + HEAD) : 0;
    return is_sound(f);
}

/* ---- the inbox ---- */

void akt_tunnel_inbox_init(struct akt_tunnel_inbox *in)
{
    memset(in, 0, sizeof *in);
    pthread_mutex_init(&in->lock, NULL);
}

void akt_tunnel_item_free(struct akt_tunnel_item *item)
{
    akt_free(item, sizeof *item + item->frame.len);
}

struct akt_tunnel_item *akt_tunnel_inbox_take(struct akt_tunnel_inbox *in)
{
    pthread_mutex_lock(&in->lock);
    struct akt_tunnel_item *item = in->first;
    if (item)
        in->first = item->next;
    pthread_mutex_unlock(&in->lock);
    return item;
}

static void drop_all(struct akt_tunnel_inbox *in)
{
    for (struct akt_tunnel_item *i; (i = akt_tunnel_inbox_take(in));)
        akt_tunnel_item_free(i);
}

void akt_tunnel_inbox_attach(struct akt_tunnel_inbox *in,
                             void (*wake)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&in->lock);
    in->wake = wake;
    in->ctx = ctx;
    pthread_mutex_unlock(&in->lock);
    if (!wake)
        drop_all(in);
}

bool akt_tunnel_inbox_push(struct akt_tunnel_inbox *in,
                           const struct akt_tunnel_item *item)
{
    size_t len = item->frame.len;
    struct akt_tunnel_item *i = akt_alloc(sizeof *i + len);
    *i = *item;
    i->next = NULL;
    if (len)
        memcpy(i->bytes, item->frame.bytes, len);
    i->frame.bytes = i->bytes;
    pthread_mutex_lock(&in->lock);
    bool taken = in->wake != NULL;
    if (taken) {
        *(in->first ? &in->last->next : &in->first) = i;
        in->last = i;
        in->wake(in->ctx);
    }
    pthread_mutex_unlock(&in->lock);
    if (!taken)
        akt_tunnel_item_free(i);
    return taken;
}

void akt_tunnel_inbox_fini(struct akt_tunnel_inbox *in)
{
    drop_all(in);
    pthread_mutex_destroy(&in->lock);
}
