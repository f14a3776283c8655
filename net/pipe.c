/* SPDX-License-Identifier: MIT
 *
 * net/pipe.c: which session a connection that was greeted belongs to. All of
 * it is on the network's thread; what a connection is, the transport knows.
 */
#include <stdio.h>
#include <string.h>

#include "net/network_impl.h"

#define ALONE_NS 900000000 /* for one that can only come back by itself */

uint64_t akt_peer_patience(struct akt_network *n, struct akt_peer *p,
                           bool opener)
{
    pthread_mutex_lock(&n->lock);
    bool reachable = p->who.address[0] != 0;
    pthread_mutex_unlock(&n->lock);
    return reachable || opener ? AKT_LINK_RESUME_NS : ALONE_NS;
}

static bool is_loopback(const char *from)
{
    return strncmp(from, "127.", 4) == 0 || strncmp(from, "[::1]", 5) == 0;
}

/* N2: of two that open at once, the one of the smaller name stays. */
static bool is_duplicate(struct akt_network *n, struct akt_peer *p)
{
    bool own = p->dial.busy || akt_link_is_opener(&p->link);
    for (uint32_t i = 0; i < n->dials_len; i++)
        own |= n->dials[i].busy && strcmp(n->dials[i].name, p->who.name) == 0;
    if (!own || strcmp(n->name, p->who.name) > 0)
        return false;
    akt_link_poke(&p->link); /* should it be dead, that is seen now */
    return true;
}

/* A newer incarnation is there: the older one is not. */
static void take_name(struct akt_network *n, struct akt_peer *p)
{
    uint64_t key = akt_network_key(p->who.name, strlen(p->who.name));
    struct akt_peer *old =
        akt_network_named(n, p->who.name, strlen(p->who.name));
    pthread_mutex_lock(&n->lock);
    akt_map_put(&n->by_name, key, p->who.index);
    if (old)
        old->older = true;
    p->older = false;
    pthread_mutex_unlock(&n->lock);
    if (old && old != p)
        akt_link_replace(&old->link);
}

static void note_linked(struct akt_network *n, const struct akt_peer *p)
{
    pthread_mutex_lock(&n->lock);
    for (uint32_t i = 0; i < n->dials_len; i++)
        if (strcmp(n->dials[i].name, p->who.name) == 0)
            n->dials[i].linked_once = true;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

static void introduce(struct akt_network *n, const struct akt_channel *c,
                      struct akt_hello *h)
{
    memset(h, 0, sizeof *h);
    h->version_min = AKT_PROTOCOL_MIN;
    h->version_max = AKT_PROTOCOL_MAX;
    h->features = AKT_FEATURE_ZSTD;
    h->incarnation = n->incarnation;
    snprintf(h->cluster, sizeof h->cluster, "%s", n->cluster);
    snprintf(h->name, sizeof h->name, "%s", n->name);
    if (n->advertise)
        snprintf(h->address, sizeof h->address, "%s", n->advertise);
    else
        n->transport->ops->show(n->transport, c, h->address);
}

static void on_hello(void *ctx, void *token, const struct akt_channel *c,
                     struct akt_hello *mine)
{
    struct akt_network *n = ctx;
    struct akt_dial *d = token;
    introduce(n, c, mine);
    if (!d)
        return;
    /* not that of d->peer: if another incarnation has its name it is that one
     * that answers, and a hello without its session would end it */
    struct akt_peer *p = akt_network_named(n, d->name, strlen(d->name));
    if (p)
        akt_link_describe(&p->link, &mine->session, &mine->received);
    d->told = mine->received;
}

/* Answers one that was accepted. */
static bool answer(struct akt_network *n, struct akt_peer *p,
                   const struct akt_greeting *g, struct akt_link_greeting *up)
{
    struct akt_hello mine;
    uint64_t session;
    introduce(n, g->channel, &mine);
    up->resumes =
        akt_link_can_resume(&p->link, g->theirs->session, g->theirs->received);
    akt_link_describe(&p->link, &session, &mine.received);
    up->session = up->resumes ? session : akt_world_random(n->node->world) | 1;
    up->received = g->theirs->received;
    mine.session = up->session;
    mine.resumes = up->resumes;
    n->transport->ops->answer(g, &mine);
    return true;
}

/* Whether what our hello said is not true any more: another connection has
 * come and brought frames since. They would come again by this one. */
static bool is_stale(struct akt_peer *p, const struct akt_dial *d)
{
    uint64_t session, received;
    akt_link_describe(&p->link, &session, &received);
    return received != d->told;
}

/* What the other side has said, to one that was opened here. */
static bool accept_answer(struct akt_peer *p, const struct akt_greeting *g,
                          struct akt_link_greeting *up)
{
    up->session = g->theirs->session;
    up->resumes = g->theirs->resumes;
    up->received = g->theirs->received;
    if (!up->resumes ||
        akt_link_can_resume(&p->link, up->session, up->received))
        return !up->resumes || !is_stale(p, g->token);
    akt_link_lose(&p->link); /* what is missing is gone: a new session */
    return false;
}

static uint8_t roles_of(const struct akt_channel *c)
{
    if (!c || akt_channel_has_role(c, "admin"))
        return AKT_ROLES_ALL;
    return akt_channel_has_role(c, "observer") ? AKT_ROLE_OBSERVER : 0;
}

static enum akt_refusal greet(struct akt_network *n, struct akt_peer *p,
                              const struct akt_greeting *g)
{
    struct akt_link_greeting up = {
        .zstd = g->features & AKT_FEATURE_ZSTD,
        .compress = !is_loopback(g->from), /* the other end may see it as not */
        .roles = roles_of(g->channel),
    };
    if (!g->opener && is_duplicate(n, p))
        return AKT_REFUSED_DUPLICATE;
    take_name(n, p);
    akt_link_hold(&p->link);
    if (!(g->opener ? accept_answer(p, g, &up) : answer(n, p, g, &up)))
        return AKT_REFUSED_PROTOCOL;
    up.pipe = n->transport->ops->pipe(n->transport, p, g);
    up.rest = g->rest;
    up.rest_len = g->rest_len;
    akt_link_up(&p->link, &up);
    /* behind that: the link would not know whose bytes they are */
    n->transport->ops->begin(up.pipe);
    note_linked(n, p);
    return AKT_REFUSED_NONE;
}

/* Somebody else answers there: who was meant is no more. */
static void note_other(const struct akt_dial *d, const struct akt_peer *p)
{
    if (d && d->peer && d->peer != p)
        akt_link_replace(&d->peer->link);
}

static enum akt_refusal on_greeted(void *ctx, const struct akt_greeting *g)
{
    struct akt_network *n = ctx;
    const struct akt_hello *h = g->theirs;
    struct akt_wire_node who = {.incarnation = h->incarnation};
    snprintf(who.name, sizeof who.name, "%s", h->name);
    snprintf(who.address, sizeof who.address, "%s", h->address);
    enum akt_refusal why = AKT_REFUSED_IDENTITY;
    if (!g->identity || akt_hello_is_of(h->name, g->identity)) {
        struct akt_peer *p = akt_network_meet(n, &who);
        why = p ? greet(n, p, g) : AKT_REFUSED_LIMIT;
        note_other(g->token, p);
    }
    if (g->token)
        akt_dial_done(g->token, why == AKT_REFUSED_NONE);
    return why;
}

static void notice(struct akt_dial *d, const char *why)
{
    char address[AKT_ADDRESS_MAX + 1];
    pthread_mutex_lock(&d->network->lock);
    strcpy(address, d->peer ? d->peer->who.address : d->address);
    pthread_mutex_unlock(&d->network->lock);
    akt_notice_failed(d, address, why);
}

static void on_failed(void *ctx, void *token,
                      const struct akt_listen_failure *f)
{
    struct akt_dial *d = token;
    struct akt_network *n = ctx;
    struct akt_peer *p =
        d->peer ? d->peer : akt_network_named(n, d->name, strlen(d->name));
    akt_dial_done(d, false);
    if (f->why != AKT_REFUSED_DUPLICATE)
        notice(d, f->text);
    /* nobody listens there: the process is gone, and will not come back */
    if (p && f->nobody)
        akt_link_give_up(&p->link);
}

static void on_refused(void *ctx, const char *from, enum akt_refusal why,
                       const char *text)
{
    akt_notice_refused(ctx, from, why, text);
}

void akt_network_events(struct akt_network *n)
{
    n->events = (struct akt_listen_events){.ctx = n,
                                           .on_hello = on_hello,
                                           .on_greeted = on_greeted,
                                           .on_failed = on_failed,
                                           .on_refused = on_refused};
}
