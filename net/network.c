/* SPDX-License-Identifier: MIT */
#include "net/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/listen.h"
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

static uint64_t hash_of(const char *name, uint64_t incarnation)
{
    uint64_t h = akt_hash(AKT_HASH_INIT, name, strlen(name));
    return map_key(akt_hash(h, &incarnation, sizeof incarnation));
}

struct akt_peer *akt_network_peer(struct akt_network *n, uint32_t index)
{
    if (index < 2 || index > AKT_NODES_MAX)
        return NULL;
    /* acquire: pairs with the release in add_peer */
    return atomic_load_explicit(&n->peers[index], memory_order_acquire);
}

static const struct akt_link_ops link_ops;

/* Under the lock. */
static struct akt_peer *add_peer(struct akt_network *n,
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
    akt_link_init(&p->link);
    akt_map_put(&n->by_identity, hash_of(who->name, who->incarnation),
                p->who.index);
    /* release: pairs with the acquire in akt_network_peer */
    atomic_store_explicit(&n->peers[p->who.index], p, memory_order_release);
    /* release: pairs with the acquire in akt_network_len */
    atomic_store_explicit(&n->len, p->who.index, memory_order_release);
    return p;
}

/* Under the lock. A new one if there is none; NULL: there are too many. */
static struct akt_peer *find_peer(struct akt_network *n,
                                  const struct akt_wire_node *who)
{
    uint64_t index;
    if (!akt_map_get(&n->by_identity, hash_of(who->name, who->incarnation),
                     &index))
        return add_peer(n, who);
    struct akt_peer *p = akt_network_peer(n, (uint32_t)index);
    bool same = strcmp(p->who.name, who->name) == 0 &&
                p->who.incarnation == who->incarnation;
    if (same && who->address[0])
        strcpy(p->who.address, who->address);
    return same ? p : NULL;
}

struct akt_peer *akt_network_meet(struct akt_network *n,
                                  const struct akt_wire_node *who)
{
    pthread_mutex_lock(&n->lock);
    struct akt_peer *p = find_peer(n, who);
    pthread_mutex_unlock(&n->lock);
    return p;
}

uint16_t akt_network_len(struct akt_network *n)
{
    /* acquire: pairs with the release in add_peer */
    return (uint16_t)atomic_load_explicit(&n->len, memory_order_acquire);
}

/* ---- what links ask ---- */

static void dial(struct akt_link *l)
{
    struct akt_network *n = l->network;
    struct akt_peer *p = (struct akt_peer *)(void *)l;
    /* seq_cst: pairs with the exchange in akt_network_dial_wanted; the tick
     * sees it in any case */
    if (!atomic_exchange_explicit(&p->wanted, true, memory_order_seq_cst))
        akt_listen_run(n->listen, akt_network_dial_wanted, n);
}

static uint16_t learn(struct akt_link *l, const struct akt_wire_node *who)
{
    struct akt_network *n = l->network;
    if (strcmp(who->name, n->name) == 0 && who->incarnation == n->incarnation)
        return AKT_PID_NODE_SELF;
    struct akt_peer *p = akt_network_meet(n, who);
    return p ? p->who.index : 0;
}

static bool tell(struct akt_link *l, uint16_t index, struct akt_wire_node *out)
{
    struct akt_network *n = l->network;
    struct akt_peer *p = akt_network_peer(n, index);
    if (!p)
        return false;
    pthread_mutex_lock(&n->lock);
    *out = p->who;
    pthread_mutex_unlock(&n->lock);
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

static struct akt_link *link_to(struct akt_remote *r, akt_pid to)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    struct akt_peer *p = akt_network_peer(n, akt_pid_node(to));
    return p ? &p->link : NULL;
}

static void remote_post(struct akt_remote *r, struct akt_isolate *from,
                        struct akt_msg *m)
{
    struct akt_link *l = link_to(r, m->target);
    struct akt_network *n = (struct akt_network *)(void *)r;
    if (l)
        akt_link_post(l, from, m);
    else
        akt_bounce(n->node, from, m, AKT_NOCONNECTION);
}

static enum akt_code remote_send(struct akt_remote *r, struct akt_isolate *iso,
                                 struct akt_msg *m)
{
    struct akt_link *l = link_to(r, m->target);
    if (l)
        return akt_link_send(l, iso, m);
    akt_bounce(iso->node, iso, m, AKT_NOCONNECTION);
    return AKT_NOCONNECTION;
}

static void remote_wait(struct akt_remote *r, struct akt_isolate *iso,
                        struct akt_msg *m)
{
    struct akt_link *l = link_to(r, m->target);
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
    if (p)
        snprintf(out, len, "%s", p->who.name);
    return p != NULL;
}

/* ---- start and end ---- */

static void tick(void *ctx)
{
    struct akt_network *n = ctx;
    uint64_t now_ns = akt_world_mono_ns(&n->node->world);
    for (uint32_t i = 2; i <= akt_network_len(n); i++)
        akt_link_tick(&akt_network_peer(n, i)->link, now_ns);
    akt_network_dial_all(n, now_ns);
    akt_listen_after(n->listen, TICK_MS, tick, n);
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
    n->incarnation = akt_world_random(&node->world) | 1;
    n->peers = akt_calloc((AKT_NODES_MAX + 1) * sizeof *n->peers);
    atomic_init(&n->len, AKT_PID_NODE_SELF);
    akt_map_init(&n->by_identity);
    akt_map_init(&n->by_name);
    pthread_mutex_init(&n->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&n->changed, &attr);
    pthread_condattr_destroy(&attr);
    n->remote = (struct akt_remote){remote_post,  remote_send,     remote_wait,
                                    remote_flush, remote_released, remote_name};
    return n;
}

static void destroy(struct akt_network *n)
{
    for (uint32_t i = 2; i <= akt_network_len(n); i++) {
        struct akt_peer *p = akt_network_peer(n, i);
        akt_link_fini(&p->link);
        akt_free(p, sizeof *p);
    }
    akt_network_free_sockets(n);
    akt_map_fini(&n->by_identity);
    akt_map_fini(&n->by_name);
    akt_free(n->peers, (AKT_NODES_MAX + 1) * sizeof *n->peers);
    akt_tls_destroy(n->tls);
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->lock);
    akt_free(n, sizeof *n);
}

static bool open_sockets(struct akt_network *n,
                         const struct akt_network_config *c, char *text,
                         size_t text_len)
{
    bool secure = c->tls.secret || c->tls.cert;
    if (secure && !(n->tls = akt_tls_create(&c->tls, text, text_len)))
        return false;
    akt_network_events(n);
    struct akt_listen_config lc = {.address = c->listen,
                                   .tls = n->tls,
                                   .plain = c->plain,
                                   .events = &n->events};
    n->listen = akt_listen_create(&lc, text, text_len);
    return n->listen != NULL;
}

struct akt_network *akt_network_start(struct akt_node *node,
                                      const struct akt_network_config *c,
                                      char *text, size_t text_len)
{
    struct akt_network *n = make(node, c);
    if (!read_dials(n, c) || !open_sockets(n, c, text, text_len)) {
        destroy(n);
        return NULL;
    }
    /* the two top bits say that it is a ref */
    node->ref_mask = akt_world_random(&node->world) >> 2;
    node->remote = &n->remote;
    akt_node_hold(node);
    akt_listen_start(n->listen);
    akt_listen_run(n->listen, tick, n);
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
    pthread_mutex_unlock(&n->lock);
    return all;
}

void akt_network_stop(struct akt_network *n)
{
    if (!n)
        return;
    for (uint32_t i = 2; i <= akt_network_len(n); i++)
        akt_link_bye(&akt_network_peer(n, i)->link);
    akt_listen_destroy(n->listen);
    n->node->remote = NULL;
    akt_node_release(n->node);
    destroy(n);
}

const char *akt_network_address(const struct akt_network *n)
{
    return akt_listen_address(n->listen);
}

struct akt_peer *akt_network_named(struct akt_network *n, const char *name,
                                   size_t len)
{
    uint64_t index = 0;
    pthread_mutex_lock(&n->lock);
    bool found = akt_map_get(&n->by_name, akt_network_key(name, len), &index);
    pthread_mutex_unlock(&n->lock);
    struct akt_peer *p = found ? akt_network_peer(n, (uint32_t)index) : NULL;
    bool same =
        p && strlen(p->who.name) == len && memcmp(p->who.name, name, len) == 0;
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

uint64_t akt_network_refused(struct akt_network *n, enum akt_refusal why)
{
    struct akt_listen_stats s;
    akt_listen_read(n->listen, &s);
    return s.refused[why];
}
