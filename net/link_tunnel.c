/* SPDX-License-Identifier: MIT
 *
 * net/link_tunnel.c: the link's part of tunnels (net/tunnel.h): what comes is
 * handed to the admin thread, as long as that keeps up.
 */
#include "net/link_impl.h"

#include <string.h>

#include "net/tunnel.h"
#include "vm/base/alloc.h"

/* Bytes that wait to be written: whoever has us answer does not read. */
#define UNREAD_MAX (64u << 20)

/* ---- out; under the lock ---- */

static bool may_send(const struct akt_link *l)
{
    return l->session && !l->ending && !l->tunnels_over &&
           akt_session_queued(l->session) < UNREAD_MAX;
}

static void put(struct akt_link *l, const struct akt_tunnel_frame *f)
{
    char head[AKT_TUNNEL_HEAD_MAX];
    struct akt_parcel p = {.head = head, .key = AKT_TUNNEL};
    p.head_len = akt_tunnel_put(f, head);
    if (f->len) {
        p.m = akt_msg_new(AKT_MSG_USER, f->len);
        memcpy(p.m->body, f->bytes, f->len);
    }
    akt_session_send(l->session, &p);
}

/* ---- in ---- */

static struct akt_tunnel_item item_of(const struct akt_link *l,
                                      uint64_t session)
{
    return (struct akt_tunnel_item){.link = l->index, .session = session};
}

void akt_link_tunnels_gone(struct akt_link *l, uint64_t session)
{
    struct akt_tunnel_item gone = item_of(l, session);
    gone.gone = true;
    if (l->inbox)
        akt_tunnel_inbox_push(l->inbox, &gone);
}

/* Nothing of this session is said or taken any more. */
static void end_tunnels(struct akt_link *l)
{
    if (!l->tunnels_over)
        akt_link_tunnels_gone(l, l->epoch);
    l->tunnels_over = true;
}

static void refuse(struct akt_link *l)
{
    l->stats.refused_bodies++;
    end_tunnels(l);
}

static void answer_off(struct akt_link *l, const struct akt_tunnel_frame *f)
{
    struct akt_tunnel_frame off = {.step = AKT_TUNNEL_CLOSE,
                                   .answers = true,
                                   .id = f->id,
                                   .bytes = "off",
                                   .len = 3};
    if (f->step == AKT_TUNNEL_OPEN)
        put(l, &off);
}

static void take(struct akt_link *l, const struct akt_tunnel_frame *f)
{
    struct akt_tunnel_item item = item_of(l, l->epoch);
    uint32_t cost = akt_tunnel_cost(f);
    item.frame = *f;
    /* relaxed: a sum, exact by itself */
    uint32_t queued = atomic_fetch_add_explicit(&l->tunnel_queued, cost,
                                                memory_order_relaxed);
    if (queued + cost > AKT_TUNNEL_QUEUE || !may_send(l)) {
        akt_link_tunnel_taken(l, f);
        refuse(l);
    } else if (!l->inbox || !akt_tunnel_inbox_push(l->inbox, &item)) {
        akt_link_tunnel_taken(l, f);
        answer_off(l, f);
    }
}

void akt_link_on_tunnel(struct akt_link *l, const struct akt_wire_in *in)
{
    struct akt_tunnel_frame f = {.bytes = in->body, .len = in->body_len};
    akt_session_release(l->session, akt_credit_of(f.len), 1, f.len);
    if (!l->tunnels_over && akt_tunnel_get(in->head, in->head_len, &f))
        take(l, &f);
    else
        refuse(l);
}

bool akt_link_tell(struct akt_link *l, uint64_t *session,
                   const struct akt_tunnel_frame *f)
{
    pthread_mutex_lock(&l->lock);
    bool same = l->session && (!*session || *session == l->epoch);
    bool may = same && may_send(l);
    if (may) {
        *session = l->epoch;
        put(l, f);
        akt_link_write_now(l);
    } else if (same) {
        end_tunnels(l); /* one without this frame would make no sense */
    }
    pthread_mutex_unlock(&l->lock);
    return may;
}

void akt_link_tunnel_taken(struct akt_link *l, const struct akt_tunnel_frame *f)
{
    /* relaxed: as above */
    atomic_fetch_sub_explicit(&l->tunnel_queued, akt_tunnel_cost(f),
                              memory_order_relaxed);
}

/* ---- who is there ---- */

unsigned akt_link_roles(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    unsigned roles = l->roles;
    pthread_mutex_unlock(&l->lock);
    return roles;
}

void akt_link_denied(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    l->stats.denied++;
    pthread_mutex_unlock(&l->lock);
}
