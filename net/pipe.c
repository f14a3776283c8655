/* SPDX-License-Identifier: MIT
 *
 * net/pipe.c: connections of the network: from the greeting to the end. They
 * are made on the network's thread. A socket is read in the loop of one worker,
 * so that a message is handled where it was read, and written by whoever has
 * something to say, under the lock of its link.
 */
#include <stdio.h>
#include <string.h>

#include "net/network_impl.h"
#include "vm/base/alloc.h"

#define BUFFER (256u << 10)
#define READS 8            /* of one socket in a row */
#define ALONE_NS 900000000 /* for one that can only come back by itself */

/* [loop]: the worker whose loop has it. */
struct akt_socket {
    struct akt_pipe pipe; /* first */
    struct akt_network *network;
    struct akt_peer *peer;
    struct akt_channel *channel;
    struct akt_worker *worker;
    pthread_mutex_t io; /* the channel's; inside of the link's lock */
    uv_poll_t poll;     /* [loop] */
    bool polls;         /* [loop] it is open */
    bool stopped;       /* [loop] before it was started */
    _Atomic bool wants_out;
    _Atomic bool closed;            /* by its link */
    struct akt_socket *next, *prev; /* under the network's lock */
};

/* ---- the end ---- */

static void free_socket(struct akt_socket *s)
{
    struct akt_network *n = s->network;
    pthread_mutex_lock(&n->lock);
    if (s->prev)
        s->prev->next = s->next;
    else
        n->sockets = s->next;
    if (s->next)
        s->next->prev = s->prev;
    pthread_mutex_unlock(&n->lock);
    akt_channel_destroy(s->channel);
    pthread_mutex_destroy(&s->io);
    akt_free(s, sizeof *s);
}

static void forget_socket(void *ctx)
{
    free_socket(ctx);
}

/* Calls that were meant for it stand in front. */
static void on_poll_closed(uv_handle_t *handle)
{
    struct akt_socket *s = handle->data;
    akt_worker_call(s->worker, forget_socket, s);
}

/* [loop] */
static void stop_socket(void *ctx)
{
    struct akt_socket *s = ctx;
    if (s->polls)
        uv_close((uv_handle_t *)&s->poll, on_poll_closed);
    s->stopped = !s->polls;
    s->polls = false;
}

static void close_socket(struct akt_pipe *p)
{
    struct akt_socket *s = (struct akt_socket *)(void *)p;
    /* relaxed: an early look; the link does not know it any more */
    bool was = atomic_exchange_explicit(&s->closed, true, memory_order_relaxed);
    if (!was)
        akt_worker_call(s->worker, stop_socket, s);
}

/* The workers have left their loops. */
void akt_network_free_sockets(struct akt_network *n)
{
    for (struct akt_socket *s = n->sockets; s; s = s->next)
        stop_socket(s);
    for (uint32_t i = 0; i < n->node->workers_len; i++)
        uv_run(&n->node->workers[i].loop, UV_RUN_NOWAIT);
    while (n->sockets)
        free_socket(n->sockets);
    for (uint32_t i = 0; i < n->node->workers_len; i++)
        if (n->buffers[i])
            akt_free(n->buffers[i], BUFFER);
}

/* ---- writing ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void arm(struct akt_socket *s)
{
    /* relaxed: set under the link's lock, which the next write takes too */
    bool out = atomic_load_explicit(&s->wants_out, memory_order_relaxed);
    if (s->polls)
        uv_poll_start(&s->poll, UV_READABLE | (out ? UV_WRITABLE : 0), on_poll);
}

static void arm_later(void *ctx)
{
    arm(ctx);
}

static void want_out(struct akt_socket *s)
{
    /* relaxed: arm_later runs behind this, by the queue of the thread */
    if (!atomic_exchange_explicit(&s->wants_out, true, memory_order_relaxed))
        akt_worker_call(s->worker, arm_later, s);
}

static ssize_t write_socket(struct akt_pipe *p, const struct iovec *v, int n)
{
    struct akt_socket *s = (struct akt_socket *)(void *)p;
    pthread_mutex_lock(&s->io);
    ssize_t done = akt_channel_write(s->channel, v, n);
    bool more = done == 0 || akt_channel_wants_write(s->channel);
    pthread_mutex_unlock(&s->io);
    if (more)
        want_out(s);
    return done;
}

static void on_writable(struct akt_socket *s)
{
    atomic_store_explicit(&s->wants_out, false, memory_order_relaxed);
    arm(s);
    struct iovec none = {NULL, 0};
    pthread_mutex_lock(&s->io);
    akt_channel_write(s->channel, &none, 0); /* what TLS has kept */
    bool more = akt_channel_wants_write(s->channel);
    pthread_mutex_unlock(&s->io);
    if (more)
        want_out(s);
    else
        akt_link_output(&s->peer->link, &s->pipe);
}

/* ---- reading ---- */

/* How long to wait for another connection: forever one can be made, or none
 * comes. */
static uint64_t patience(struct akt_socket *s)
{
    pthread_mutex_lock(&s->network->lock);
    bool reachable = s->peer->who.address[0] != 0;
    pthread_mutex_unlock(&s->network->lock);
    return reachable || s->pipe.opener ? AKT_LINK_RESUME_NS : ALONE_NS;
}

static char *buffer_of(struct akt_socket *s)
{
    char **buffer = &s->network->buffers[s->worker->index];
    if (!*buffer)
        *buffer = akt_alloc(BUFFER);
    return *buffer;
}

/* *more: there may be more, and the socket does not say so. */
static ssize_t read_some(struct akt_socket *s, char *buffer, bool *more)
{
    pthread_mutex_lock(&s->io);
    ssize_t n = akt_channel_read(s->channel, buffer, BUFFER);
    *more = n == BUFFER || (n > 0 && akt_channel_has_pending(s->channel));
    bool out = n >= 0 && akt_channel_wants_write(s->channel);
    pthread_mutex_unlock(&s->io);
    if (out)
        want_out(s);
    return n;
}

static bool is_closed(const struct akt_socket *s)
{
    return atomic_load_explicit(&s->closed, memory_order_relaxed);
}

static void read_socket(void *ctx)
{
    struct akt_socket *s = ctx;
    char *buffer = buffer_of(s);
    bool more = true;
    for (int i = 0; i < READS && more && !is_closed(s); i++) {
        ssize_t n = read_some(s, buffer, &more);
        if (n < 0)
            akt_link_broke(&s->peer->link, &s->pipe, patience(s));
        if (n <= 0)
            return;
        s->worker->polls = true;
        akt_link_input(&s->peer->link, &s->pipe, buffer, (size_t)n);
    }
    if (more && !is_closed(s))
        akt_worker_call(s->worker, read_socket, s);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct akt_socket *s = poll->data;
    if (status < 0) {
        akt_link_broke(&s->peer->link, &s->pipe, patience(s));
        return;
    }
    if (events & UV_WRITABLE)
        on_writable(s);
    if (events & UV_READABLE)
        read_socket(s);
}

/* ---- greeted ---- */

static struct akt_socket *new_socket(struct akt_network *n, struct akt_peer *p,
                                     const struct akt_greeting *g)
{
    struct akt_socket *s = akt_calloc(sizeof *s);
    s->pipe = (struct akt_pipe){write_socket, close_socket, g->opener};
    s->network = n;
    s->peer = p;
    s->channel = g->channel;
    s->worker = &n->node->workers[p->who.index % n->node->workers_len];
    s->poll.data = s;
    pthread_mutex_init(&s->io, NULL);
    pthread_mutex_lock(&n->lock);
    s->next = n->sockets;
    if (s->next)
        s->next->prev = s;
    n->sockets = s;
    pthread_mutex_unlock(&n->lock);
    return s;
}

/* [loop] TLS may have bytes that the socket does not show. */
static void start_socket(void *ctx)
{
    struct akt_socket *s = ctx;
    if (s->stopped) {
        akt_worker_call(s->worker, forget_socket, s);
        return;
    }
    uv_poll_init(&s->worker->loop, &s->poll, akt_channel_fd(s->channel));
    s->poll.data = s;
    s->polls = true;
    arm(s);
    read_socket(s);
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

static void introduce(struct akt_network *n, struct akt_hello *h)
{
    memset(h, 0, sizeof *h);
    h->version_min = AKT_PROTOCOL_MIN;
    h->version_max = AKT_PROTOCOL_MAX;
    h->features = AKT_FEATURE_ZSTD;
    h->incarnation = n->incarnation;
    snprintf(h->cluster, sizeof h->cluster, "%s", n->cluster);
    snprintf(h->name, sizeof h->name, "%s", n->name);
    snprintf(h->address, sizeof h->address, "%s",
             akt_listen_address(n->listen));
}

static void on_hello(void *ctx, void *token, struct akt_hello *mine)
{
    struct akt_network *n = ctx;
    struct akt_dial *d = token;
    introduce(n, mine);
    if (!d)
        return;
    struct akt_peer *p =
        d->peer ? d->peer : akt_network_named(n, d->name, strlen(d->name));
    if (p)
        akt_link_describe(&p->link, &mine->session, &mine->received);
}

/* Answers one that was accepted. */
static bool answer(struct akt_network *n, struct akt_peer *p,
                   const struct akt_greeting *g, struct akt_link_greeting *up)
{
    struct akt_hello mine;
    uint64_t session;
    introduce(n, &mine);
    up->resumes =
        akt_link_can_resume(&p->link, g->theirs->session, g->theirs->received);
    akt_link_describe(&p->link, &session, &mine.received);
    up->session = up->resumes ? session : akt_world_random(&n->node->world) | 1;
    up->received = g->theirs->received;
    mine.session = up->session;
    mine.resumes = up->resumes;
    akt_greeting_answer(g, &mine);
    return true;
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
        return true;
    akt_link_lose(&p->link); /* what is missing is gone: a new session */
    return false;
}

static enum akt_refusal greet(struct akt_network *n, struct akt_peer *p,
                              const struct akt_greeting *g)
{
    struct akt_link_greeting up = {.compress = g->features & AKT_FEATURE_ZSTD &&
                                               !is_loopback(g->from)};
    if (!g->opener && is_duplicate(n, p))
        return AKT_REFUSED_DUPLICATE;
    take_name(n, p);
    akt_link_hold(&p->link);
    if (!(g->opener ? accept_answer(p, g, &up) : answer(n, p, g, &up)))
        return AKT_REFUSED_PROTOCOL;
    struct akt_socket *s = new_socket(n, p, g);
    up.pipe = &s->pipe;
    up.rest = g->rest;
    up.rest_len = g->rest_len;
    akt_link_up(&p->link, &up);
    /* behind that: the link would not know whose bytes they are */
    akt_worker_call(s->worker, start_socket, s);
    note_linked(n, p);
    return AKT_REFUSED_NONE;
}

static enum akt_refusal on_greeted(void *ctx, const struct akt_greeting *g)
{
    struct akt_network *n = ctx;
    const struct akt_hello *h = g->theirs;
    const char *identity = akt_channel_identity(g->channel);
    struct akt_wire_node who = {.incarnation = h->incarnation};
    snprintf(who.name, sizeof who.name, "%s", h->name);
    snprintf(who.address, sizeof who.address, "%s", h->address);
    enum akt_refusal why = AKT_REFUSED_IDENTITY;
    if (!identity || akt_hello_is_of(h->name, identity)) {
        struct akt_peer *p = akt_network_meet(n, &who);
        why = p ? greet(n, p, g) : AKT_REFUSED_LIMIT;
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

static void on_failed(void *ctx, void *token, enum akt_refusal why,
                      const char *text)
{
    struct akt_dial *d = token;
    struct akt_network *n = ctx;
    /* nobody listens there: the process is gone, and will not come back */
    bool gone = why == AKT_REFUSED_NONE && strstr(text, "refused");
    struct akt_peer *p =
        d->peer ? d->peer : akt_network_named(n, d->name, strlen(d->name));
    akt_dial_done(d, false);
    if (why != AKT_REFUSED_DUPLICATE)
        notice(d, text);
    if (p && gone)
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
