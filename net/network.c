/* SPDX-License-Identifier: MIT */
#include "net/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/network_impl.h"
#include "vm/base/alloc.h"
#include "vm/base/hash.h"
#include "vm/send.h"

#define TICK_MS 100

/* ---- nodes ---- */

/* 0 and ~0 are no keys, and there are names whose hash that is. */
static uint64_t map_key(uint64_t h)
{
    return h + 1 < 2 ? 1 : h;
}

uint64_t akt_network_key(const char *name, size_t len)
{
    return map_key(akt_hash(AKT_HASH_INIT, name, len));
}

uint64_t akt_network_identity(const struct akt_wire_node *who)
{
    uint64_t h = akt_hash(AKT_HASH_INIT, who->name, strlen(who->name));
    return map_key(akt_hash(h, &who->incarnation, sizeof who->incarnation));
}

/* No node's name has the mark. */
static bool is_client(const char *name)
{
    return strchr(name, AKT_CLIENT_MARK) != NULL;
}

struct akt_peer *akt_network_peer(struct akt_network *n, uint32_t index)
{
    if (index < 2 || index > AKT_NODES_MAX)
        return NULL;
    /* acquire: pairs with the release in akt_network_add */
    return atomic_load_explicit(&n->peers[index], memory_order_acquire);
}

static const struct akt_link_ops link_ops;

struct akt_peer *akt_network_add(struct akt_network *n,
                                 const struct akt_wire_node *who)
{
    uint16_t len = akt_network_len(n);
    if (len >= AKT_NODES_MAX)
        return NULL;
    struct akt_peer *p = akt_calloc(sizeof *p);
    p->who = *who;
    p->who.index = (uint16_t)(len + 1);
    p->link.node = n->node;
    p->link.network = n;
    p->link.ops = &link_ops;
    p->link.index = p->who.index;
    /* relaxed: written under the lock */
    p->link.holds = !atomic_load_explicit(&n->serves, memory_order_relaxed);
    p->client = p->link.client = is_client(who->name);
    p->link.inbox = &n->inbox;
    akt_link_init(&p->link);
    /* release: pairs with the acquire in akt_network_peer */
    atomic_store_explicit(&n->peers[p->who.index], p, memory_order_release);
    /* release: pairs with the acquire in akt_network_len */
    atomic_store_explicit(&n->len, p->who.index, memory_order_release);
    return p;
}

/* Under the lock. */
static struct akt_peer *make_peer(struct akt_network *n,
                                  const struct akt_wire_node *who)
{
    bool client = is_client(who->name);
    struct akt_peer *p =
        client ? akt_clients_add(n, who) : akt_network_add(n, who);
    if (!p)
        return NULL;
    akt_map_put(&n->by_identity, akt_network_identity(who), p->who.index);
    p->met = client;
    n->heard += !client;
    return p;
}

/* Under the lock. A new one if there is none and it may; NULL: there are too
 * many. */
static struct akt_peer *find_peer(struct akt_network *n,
                                  const struct akt_wire_node *who, bool may)
{
    uint64_t index;
    if (!akt_map_get(&n->by_identity, akt_network_identity(who), &index))
        return may ? make_peer(n, who) : NULL;
    struct akt_peer *p = akt_network_peer(n, (uint32_t)index);
    bool same = strcmp(p->who.name, who->name) == 0 &&
                p->who.incarnation == who->incarnation;
    return same ? p : NULL;
}

/* What others say of its address counts until it has said it itself. */
struct akt_peer *akt_network_hear(struct akt_network *n,
                                  const struct akt_wire_node *who)
{
    pthread_mutex_lock(&n->lock);
    bool full = n->heard == AKT_HEARD_MAX;
    struct akt_peer *p = find_peer(n, who, !full);
    if (p && !p->met && who->address[0])
        strcpy(p->who.address, who->address);
    pthread_mutex_unlock(&n->lock);
    return p;
}

/* A client listens nowhere, whatever it says. */
struct akt_peer *akt_network_meet(struct akt_network *n,
                                  const struct akt_wire_node *who)
{
    pthread_mutex_lock(&n->lock);
    struct akt_peer *p = find_peer(n, who, true);
    if (p) {
        strcpy(p->who.address, p->client ? "" : who->address);
        n->heard -= !p->met;
        p->met = true;
    }
    pthread_mutex_unlock(&n->lock);
    if (p && p->client)
        akt_clients_keep(n, p);
    return p;
}

uint16_t akt_network_len(struct akt_network *n)
{
    /* acquire: pairs with the release in akt_network_add */
    return (uint16_t)atomic_load_explicit(&n->len, memory_order_acquire);
}

/* ---- what links ask ---- */

static void dial(struct akt_link *l)
{
    struct akt_network *n = l->network;
    struct akt_peer *p = (struct akt_peer *)(void *)l;
    /* seq_cst: pairs with the exchange in akt_network_dial_wanted; the tick
     * sees it in any case */
    if (atomic_exchange_explicit(&p->wanted, true, memory_order_seq_cst))
        return;
    pthread_mutex_lock(&n->lock);
    if (!n->stopped)
        n->transport->ops->run(n->transport, akt_network_dial_wanted, n);
    pthread_mutex_unlock(&n->lock);
}

static uint16_t learn(struct akt_link *l, const struct akt_wire_node *who)
{
    struct akt_network *n = l->network;
    if (strcmp(who->name, n->name) == 0 && who->incarnation == n->incarnation)
        return AKT_PID_NODE_SELF;
    if (is_client(who->name))
        return AKT_NODE_NOBODY;
    struct akt_peer *p = akt_network_hear(n, who);
    return p ? p->who.index : AKT_NODE_NOBODY;
}

/* Whom nobody can reach through us costs others no index. */
static const struct akt_wire_node nobody = {.name = {AKT_CLIENT_MARK}};

static bool tell(struct akt_link *l, uint16_t index, struct akt_wire_node *out)
{
    struct akt_network *n = l->network;
    struct akt_peer *p = akt_network_peer(n, index);
    if (!p)
        return false;
    pthread_mutex_lock(&n->lock);
    *out = p->client || p->older ? nobody : p->who;
    pthread_mutex_unlock(&n->lock);
    out->index = index;
    return true;
}

static bool import(struct akt_link *l, char *bytes, size_t len,
                   const struct akt_link_rename *r)
{
    struct akt_network *n = l->network;
    return n->import(bytes, len, r->rename, r->ctx);
}

static const struct akt_link_ops link_ops = {dial, import, learn, tell};

/* ---- what the machine asks ---- */

/* The ask of a client goes no further: nobody but us could answer it. */
static bool is_unanswerable(struct akt_network *n, const struct akt_msg *m)
{
    uint32_t asker = akt_pid_node(m->sender);
    if (!m->ask || m->type != AKT_MSG_USER || !akt_pid_is_remote(m->sender))
        return false;
    struct akt_peer *p = akt_network_peer(n, asker);
    return (!p || p->client) && asker != akt_pid_node(m->target);
}

static struct akt_link *link_for(struct akt_remote *r, const struct akt_msg *m)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    struct akt_peer *p = akt_network_peer(n, akt_pid_node(m->target));
    return p && !is_unanswerable(n, m) ? &p->link : NULL;
}

static void remote_post(struct akt_remote *r, struct akt_isolate *from,
                        struct akt_msg *m)
{
    struct akt_link *l = link_for(r, m);
    struct akt_network *n = (struct akt_network *)(void *)r;
    if (l)
        akt_link_post(l, from, m);
    else
        akt_bounce(n->node, from, m, AKT_NOCONNECTION);
}

static enum akt_code remote_send(struct akt_remote *r, struct akt_isolate *iso,
                                 struct akt_msg *m)
{
    struct akt_link *l = link_for(r, m);
    if (l)
        return akt_link_send(l, iso, m);
    akt_bounce(iso->node, iso, m, AKT_NOCONNECTION);
    return AKT_NOCONNECTION;
}

static void remote_wait(struct akt_remote *r, struct akt_isolate *iso,
                        struct akt_msg *m)
{
    struct akt_link *l = link_for(r, m);
    if (l)
        akt_link_wait(l, iso, m);
    else
        akt_bounce(iso->node, iso, m, AKT_NOCONNECTION);
}

static void remote_flush(struct akt_remote *r, struct akt_worker *w)
{
    (void)r;
    akt_link_flush(w);
}

static void remote_released(struct akt_remote *r, uint64_t token, uint32_t size)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    struct akt_peer *p = akt_network_peer(n, (uint32_t)(token & 0xffff));
    if (p)
        akt_link_released(&p->link, token, size);
}

static bool remote_name(struct akt_remote *r, uint32_t index, char *out,
                        size_t len)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    struct akt_peer *p = akt_network_peer(n, index);
    if (!p)
        return false;
    pthread_mutex_lock(&n->lock);
    snprintf(out, len, "%s", p->who.name);
    pthread_mutex_unlock(&n->lock);
    return true;
}

static void remote_stand_in(struct akt_remote *r, struct akt_worker *stuck)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    n->transport->ops->stand_in(n->transport, stuck);
}

/* ---- start and end ---- */

/* What waits to be written, of all links. */
struct queues {
    size_t all, longest;
    struct akt_peer *of; /* the longest */
};

static void add_queue(struct queues *q, struct akt_peer *p, size_t bytes)
{
    q->all += bytes;
    if (bytes <= q->longest)
        return;
    q->longest = bytes;
    q->of = p;
}

/* One at a time: the next tick sees what that was worth. */
static void shed(struct akt_network *n, const struct queues *q)
{
    size_t most = n->node->config.memory_bytes / AKT_QUEUES_SHARE;
    if (most < AKT_QUEUES_LEAST)
        most = AKT_QUEUES_LEAST;
    if (q->longest <= AKT_QUEUE_MAX && q->all <= most)
        return;
    akt_link_lose(&q->of->link);
    atomic_fetch_add_explicit(&n->overfull, 1, memory_order_relaxed);
    akt_notice_overfull(n, q->of->who.name);
}

/* Nodes that are met later hold nothing any more. */
static void serve_all(void *ctx)
{
    struct akt_network *n = ctx;
    for (uint32_t i = 2; i <= akt_network_len(n); i++)
        akt_link_serve(&akt_network_peer(n, i)->link);
}

void akt_network_serve(struct akt_network *n)
{
    /* relaxed: who sees it late comes to the lock */
    if (atomic_load_explicit(&n->serves, memory_order_relaxed))
        return;
    pthread_mutex_lock(&n->lock);
    bool did = atomic_exchange_explicit(&n->serves, true, memory_order_relaxed);
    pthread_mutex_unlock(&n->lock);
    if (!did)
        n->transport->ops->run(n->transport, serve_all, n);
}

static void look_held(struct akt_network *n, uint64_t now_ns)
{
    pthread_mutex_lock(&n->lock);
    bool late = n->serve_by_ns && now_ns >= n->serve_by_ns;
    pthread_mutex_unlock(&n->lock);
    if (late)
        akt_network_serve(n);
}

static void tick(void *ctx)
{
    struct akt_network *n = ctx;
    struct queues queues = {0};
    uint64_t now_ns = akt_world_mono_ns(n->node->world);
    for (uint32_t i = 2; i <= akt_network_len(n); i++) {
        struct akt_peer *p = akt_network_peer(n, i);
        add_queue(&queues, p, akt_link_tick(&p->link, now_ns));
        if (p->client)
            akt_clients_look(n, p);
    }
    shed(n, &queues);
    look_held(n, now_ns);
    akt_network_dial_all(n, now_ns);
    n->transport->ops->after(n->transport, TICK_MS, tick, n);
}

static bool read_dials(struct akt_network *n,
                       const struct akt_network_config *c)
{
    for (uint32_t i = 0; c->connect && c->connect[i]; i++) {
        const char *at = strchr(c->connect[i], '@');
        if (!at || n->dials_len == AKT_PEERS_MAX)
            return false;
        struct akt_dial *d = &n->dials[n->dials_len++];
        d->network = n;
        snprintf(d->name, sizeof d->name, "%.*s", (int)(at - c->connect[i]),
                 c->connect[i]);
        snprintf(d->address, sizeof d->address, "%s", at + 1);
    }
    return true;
}

static struct akt_network *make(struct akt_node *node,
                                const struct akt_network_config *c)
{
    struct akt_network *n = akt_calloc(sizeof *n);
    pthread_condattr_t attr;
    n->node = node;
    n->import = c->import;
    n->name = node->config.name;
    n->cluster = c->cluster ? c->cluster : "aktvm";
    n->advertise = c->advertise;
    atomic_init(&n->serves, !c->holds);
    n->incarnation =
        c->incarnation ? c->incarnation : akt_world_random(node->world) | 1;
    n->peers = akt_calloc((AKT_NODES_MAX + 1) * sizeof *n->peers);
    atomic_init(&n->len, AKT_PID_NODE_SELF);
    akt_tunnel_inbox_init(&n->inbox);
    akt_map_init(&n->by_identity);
    akt_map_init(&n->by_name);
    pthread_mutex_init(&n->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&n->changed, &attr);
    pthread_condattr_destroy(&attr);
    n->remote = (struct akt_remote){.post = remote_post,
                                    .send = remote_send,
                                    .wait = remote_wait,
                                    .flush = remote_flush,
                                    .released = remote_released,
                                    .stand_in = remote_stand_in,
                                    .name = remote_name,
                                    .metrics = akt_network_metrics};
    return n;
}

static void destroy(struct akt_network *n)
{
    for (uint32_t i = 2; i <= akt_network_len(n); i++) {
        struct akt_peer *p = akt_network_peer(n, i);
        akt_link_fini(&p->link);
        akt_free(p, sizeof *p);
    }
    akt_tunnel_inbox_fini(&n->inbox);
    if (n->transport)
        n->transport->ops->destroy(n->transport);
    akt_map_fini(&n->by_identity);
    akt_map_fini(&n->by_name);
    akt_free(n->peers, (AKT_NODES_MAX + 1) * sizeof *n->peers);
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->lock);
    akt_free(n, sizeof *n);
}

static bool open_transport(struct akt_network *n,
                           const struct akt_network_config *c, char *text,
                           size_t text_len)
{
    akt_network_events(n);
    n->transport = c->transport ? c->transport
                                : akt_transport_sockets(n, c, text, text_len);
    if (n->transport)
        n->transport->network = n;
    return n->transport != NULL;
}

struct akt_network *akt_network_start(struct akt_node *node,
                                      const struct akt_network_config *c,
                                      char *text, size_t text_len)
{
    struct akt_network *n = make(node, c);
    if (!read_dials(n, c) || !open_transport(n, c, text, text_len)) {
        destroy(n);
        return NULL;
    }
    /* the two top bits say that it is a ref */
    node->ref_mask = akt_world_random(node->world) >> 2;
    node->remote = &n->remote;
    if (n->transport->is_real)
        akt_node_hold(node);
    n->transport->ops->start(n->transport);
    n->transport->ops->run(n->transport, tick, n);
    return n;
}

/* Under the lock. */
static bool all_linked(const struct akt_network *n)
{
    uint32_t linked = 0;
    for (uint32_t i = 0; i < n->dials_len; i++)
        linked += n->dials[i].linked_once;
    return linked == n->dials_len;
}

bool akt_network_wait(struct akt_network *n, uint32_t ms)
{
    struct timespec until;
    int failed = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&n->lock);
    while (!all_linked(n) && !failed)
        failed = pthread_cond_timedwait(&n->changed, &n->lock, &until);
    bool all = all_linked(n);
    n->serve_by_ns = akt_world_mono_ns(n->node->world) + AKT_HOLD_NS;
    pthread_mutex_unlock(&n->lock);
    return all;
}

static void say_goodbye(struct akt_network *n)
{
    for (uint32_t i = 2; i <= akt_network_len(n); i++)
        akt_link_bye(&akt_network_peer(n, i)->link);
}

void akt_network_drop(struct akt_network *n)
{
    struct akt_listen_stats s;
    pthread_mutex_lock(&n->lock);
    n->transport->ops->read(n->transport, &s);
    memcpy(n->refused, s.refused, sizeof n->refused);
    n->stopped = true;
    pthread_mutex_unlock(&n->lock);
    n->transport->ops->stop(n->transport);
    if (n->transport->is_real)
        akt_node_release(n->node);
}

void akt_network_stop(struct akt_network *n)
{
    if (!n)
        return;
    say_goodbye(n);
    akt_network_drop(n);
    say_goodbye(n); /* to those that were linked meanwhile */
}

void akt_network_destroy(struct akt_network *n)
{
    if (!n)
        return;
    n->node->remote = NULL;
    destroy(n);
}

const char *akt_network_address(const struct akt_network *n)
{
    return n->advertise ? n->advertise
                        : n->transport->ops->address(n->transport);
}

struct akt_peer *akt_network_named(struct akt_network *n, const char *name,
                                   size_t len)
{
    uint64_t index = 0;
    pthread_mutex_lock(&n->lock);
    bool found = akt_map_get(&n->by_name, akt_network_key(name, len), &index);
    struct akt_peer *p = found ? akt_network_peer(n, (uint32_t)index) : NULL;
    bool same =
        p && strlen(p->who.name) == len && memcmp(p->who.name, name, len) == 0;
    pthread_mutex_unlock(&n->lock);
    return same ? p : NULL;
}

uint16_t akt_network_find(struct akt_network *n, const char *name, size_t len)
{
    struct akt_peer *p = akt_network_named(n, name, len);
    return p && akt_link_state(&p->link) != AKT_LINK_IDLE ? p->who.index : 0;
}

bool akt_network_read(struct akt_network *n, uint16_t index,
                      struct akt_network_node *out)
{
    struct akt_peer *p = akt_network_peer(n, index);
    if (!p)
        return false;
    pthread_mutex_lock(&n->lock);
    snprintf(out->name, sizeof out->name, "%s", p->who.name);
    snprintf(out->address, sizeof out->address, "%s", p->who.address);
    out->incarnation = p->who.incarnation;
    pthread_mutex_unlock(&n->lock);
    akt_link_read(&p->link, &out->link);
    return true;
}

void akt_network_past_clients(struct akt_network *n, struct akt_link_stats *out)
{
    pthread_mutex_lock(&n->lock);
    *out = n->clients.past;
    pthread_mutex_unlock(&n->lock);
}

uint64_t akt_network_overfull(struct akt_network *n)
{
    return atomic_load_explicit(&n->overfull, memory_order_relaxed);
}

uint64_t akt_network_refused(struct akt_network *n, enum akt_refusal why)
{
    struct akt_listen_stats s;
    pthread_mutex_lock(&n->lock);
    uint64_t refused = n->refused[why];
    if (!n->stopped) {
        n->transport->ops->read(n->transport, &s);
        refused = s.refused[why];
    }
    pthread_mutex_unlock(&n->lock);
    return refused;
}
