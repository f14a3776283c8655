/* SPDX-License-Identifier: MIT
 *
 * net/socket.c: the transport of real nodes. Connections are made on the
 * network's thread. A socket is read in the loop of one worker, so that a
 * message is handled where it was read, and written by whoever has something to
 * say, under the lock of its link. While that worker stays in a turn another
 * one reads its sockets, and writes what they could not take.
 */
#include "net/network_impl.h"
#include "vm/base/alloc.h"

#define BUFFER (256u << 10)
#define READS 8 /* of one socket in a row */

/* For a worker that is stuck. */
struct stand_in {
    struct sockets *all;      /* [ticker] */
    struct akt_worker *stuck; /* [ticker] */
    _Atomic bool asked;       /* one of the others */
};

struct sockets {
    struct akt_transport transport; /* first */
    struct akt_listen *listen;
    struct akt_tls *tls;
    pthread_mutex_t lock;
    struct akt_socket *first;       /* under the lock */
    char *buffers[AKT_WORKERS_MAX]; /* of the worker with this index */
    struct stand_in stand_ins[AKT_WORKERS_MAX]; /* likewise */
};

/* [loop]: the worker whose loop has it. */
struct akt_socket {
    struct akt_pipe pipe; /* first */
    struct sockets *all;
    struct akt_peer *peer;
    struct akt_channel *channel;
    struct akt_worker *worker;
    pthread_mutex_t io; /* the channel's; inside of the link's lock */
    /* Whoever reads it; before the link's locks. No other thread frees it
     * while it holds this. */
    pthread_mutex_t reading;
    _Atomic bool greeted; /* its link knows it */
    uv_poll_t poll;       /* [loop] */
    bool polls;           /* [loop] it is open */
    bool stopped;         /* [loop] before it was started */
    _Atomic bool wants_out;
    _Atomic bool closed;            /* by its link */
    struct akt_socket *next, *prev; /* under the lock of all */
};

/* ---- the end ---- */

static void free_socket(struct akt_socket *s)
{
    struct sockets *all = s->all;
    pthread_mutex_lock(&s->reading); /* one that stands in may have it */
    pthread_mutex_lock(&all->lock);
    if (s->prev)
        s->prev->next = s->next;
    else
        all->first = s->next;
    if (s->next)
        s->next->prev = s->prev;
    pthread_mutex_unlock(&all->lock);
    pthread_mutex_unlock(&s->reading);
    akt_channel_destroy(s->channel);
    pthread_mutex_destroy(&s->reading);
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

static void write_again(struct akt_pipe *p)
{
    want_out((struct akt_socket *)(void *)p);
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

/* [any] */
static void write_more(struct akt_socket *s)
{
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

static void on_writable(struct akt_socket *s)
{
    atomic_store_explicit(&s->wants_out, false, memory_order_relaxed);
    arm(s);
    write_more(s);
}

/* ---- reading ---- */

/* How long to wait for another connection: forever one can be made, or none
 * comes. */
static uint64_t patience(struct akt_socket *s)
{
    return akt_peer_patience(s->all->transport.network, s->peer,
                             s->pipe.opener);
}

static char *buffer_of(struct sockets *all, const struct akt_worker *w)
{
    char **buffer = &all->buffers[w->index];
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

/* [worker] Under s->reading. True: there may be more. */
static bool read_held(struct akt_socket *s)
{
    struct akt_worker *w = akt_worker_self();
    if (!w)
        return false; /* the workers have ended */
    char *buffer = buffer_of(s->all, w);
    bool more = true;
    for (int i = 0; i < READS && more && !is_closed(s); i++) {
        ssize_t n = read_some(s, buffer, &more);
        if (n < 0)
            akt_link_broke(&s->peer->link, &s->pipe, patience(s));
        if (n <= 0)
            return false;
        w->polls = true;
        akt_link_input(&s->peer->link, &s->pipe, buffer, (size_t)n);
    }
    return more && !is_closed(s);
}

static void read_socket(void *ctx)
{
    struct akt_socket *s = ctx;
    pthread_mutex_lock(&s->reading);
    bool more = read_held(s);
    pthread_mutex_unlock(&s->reading);
    if (more)
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

/* ---- standing in ---- */

/* The first behind s (NULL: of all) that this worker has and nobody reads; it
 * is held, so it stays on the list. */
static struct akt_socket *hold_next(struct sockets *all, struct akt_socket *s,
                                    const struct akt_worker *stuck)
{
    pthread_mutex_lock(&all->lock);
    for (s = s ? s->next : all->first; s; s = s->next)
        /* acquire: pairs with the release in begin_socket */
        if (s->worker == stuck && !is_closed(s) &&
            atomic_load_explicit(&s->greeted, memory_order_acquire) &&
            pthread_mutex_trylock(&s->reading) == 0)
            break;
    pthread_mutex_unlock(&all->lock);
    return s;
}

static void stand_in_for(struct akt_socket *s)
{
    /* relaxed: if it is missed, the next tick looks again */
    if (atomic_load_explicit(&s->wants_out, memory_order_relaxed))
        write_more(s); /* its own loop looks once more, later */
    read_held(s);
}

/* [worker] Another one than the stuck one. */
static void stand_in(void *ctx)
{
    struct stand_in *in = ctx;
    struct akt_socket *s = hold_next(in->all, NULL, in->stuck);
    while (s) {
        stand_in_for(s);
        struct akt_socket *next = hold_next(in->all, s, in->stuck);
        pthread_mutex_unlock(&s->reading);
        s = next;
    }
    /* release: pairs with the exchange in ask_stand_in */
    atomic_store_explicit(&in->asked, false, memory_order_release);
}

/* One that is not stuck itself, or NULL. */
static struct akt_worker *find_other(const struct akt_worker *stuck)
{
    struct akt_node *node = stuck->node;
    for (uint32_t i = 1; i < node->workers_len; i++) {
        struct akt_worker *w =
            &node->workers[(stuck->index + i) % node->workers_len];
        /* relaxed: written by this thread */
        if (!atomic_load_explicit(&w->stuck, memory_order_relaxed))
            return w;
    }
    return NULL;
}

static void ask_stand_in(struct akt_transport *t, struct akt_worker *stuck)
{
    struct sockets *all = (struct sockets *)(void *)t;
    struct stand_in *in = &all->stand_ins[stuck->index];
    struct akt_worker *other = find_other(stuck);
    /* acquire: pairs with the release in stand_in */
    if (!other ||
        atomic_exchange_explicit(&in->asked, true, memory_order_acquire))
        return;
    in->all = all;
    in->stuck = stuck;
    akt_worker_call(other, stand_in, in);
}

/* ---- greeted ---- */

static struct akt_pipe *new_socket(struct akt_transport *t, struct akt_peer *p,
                                   const struct akt_greeting *g)
{
    struct sockets *all = (struct sockets *)(void *)t;
    struct akt_node *node = t->network->node;
    struct akt_socket *s = akt_calloc(sizeof *s);
    s->pipe =
        (struct akt_pipe){write_socket, write_again, close_socket, g->opener};
    s->all = all;
    s->peer = p;
    s->channel = g->channel;
    s->worker = &node->workers[p->who.index % node->workers_len];
    s->poll.data = s;
    pthread_mutex_init(&s->io, NULL);
    pthread_mutex_init(&s->reading, NULL);
    pthread_mutex_lock(&all->lock);
    s->next = all->first;
    if (s->next)
        s->next->prev = s;
    all->first = s;
    pthread_mutex_unlock(&all->lock);
    return &s->pipe;
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

static void begin_socket(struct akt_pipe *p)
{
    struct akt_socket *s = (struct akt_socket *)(void *)p;
    /* release: pairs with the acquire in hold_next */
    atomic_store_explicit(&s->greeted, true, memory_order_release);
    akt_worker_call(s->worker, start_socket, s);
}

/* ---- the transport ---- */

static struct akt_listen *listen_of(const struct akt_transport *t)
{
    return ((const struct sockets *)(const void *)t)->listen;
}

static void start(struct akt_transport *t)
{
    akt_listen_start(listen_of(t));
}

static void stop(struct akt_transport *t)
{
    struct sockets *all = (struct sockets *)(void *)t;
    akt_listen_destroy(all->listen);
    all->listen = NULL;
}

/* The workers have left their loops. */
static void destroy(struct akt_transport *t)
{
    struct sockets *all = (struct sockets *)(void *)t;
    struct akt_node *node = t->network->node;
    for (struct akt_socket *s = all->first; s; s = s->next)
        stop_socket(s);
    for (uint32_t i = 0; i < node->workers_len; i++)
        uv_run(&node->workers[i].loop, UV_RUN_NOWAIT);
    while (all->first)
        free_socket(all->first);
    for (uint32_t i = 0; i < node->workers_len; i++)
        if (all->buffers[i])
            akt_free(all->buffers[i], BUFFER);
    akt_tls_destroy(all->tls);
    pthread_mutex_destroy(&all->lock);
    akt_free(all, sizeof *all);
}

static const char *address(const struct akt_transport *t)
{
    return akt_listen_address(listen_of(t));
}

static void show(const struct akt_transport *t, const struct akt_channel *c,
                 char *out)
{
    akt_listen_show(listen_of(t), c, out);
}

static void read_stats(struct akt_transport *t, struct akt_listen_stats *out)
{
    akt_listen_read(listen_of(t), out);
}

static void run(struct akt_transport *t, void (*f)(void *ctx), void *ctx)
{
    akt_listen_run(listen_of(t), f, ctx);
}

static void after(struct akt_transport *t, uint64_t ms, void (*f)(void *ctx),
                  void *ctx)
{
    akt_listen_after(listen_of(t), ms, f, ctx);
}

static void connect_to(struct akt_transport *t,
                       const struct akt_listen_target *to)
{
    akt_listen_connect(listen_of(t), to);
}

static const struct akt_transport_ops ops = {.start = start,
                                             .stop = stop,
                                             .destroy = destroy,
                                             .address = address,
                                             .show = show,
                                             .stand_in = ask_stand_in,
                                             .read = read_stats,
                                             .run = run,
                                             .after = after,
                                             .connect = connect_to,
                                             .answer = akt_greeting_answer,
                                             .pipe = new_socket,
                                             .begin = begin_socket};

struct akt_transport *akt_transport_sockets(struct akt_network *n,
                                            const struct akt_network_config *c,
                                            char *text, size_t text_len)
{
    struct sockets *all = akt_calloc(sizeof *all);
    bool secure = c->tls.secret || c->tls.cert;
    all->transport = (struct akt_transport){&ops, n, true};
    pthread_mutex_init(&all->lock, NULL);
    all->tls = secure ? akt_tls_create(&c->tls, text, text_len) : NULL;
    struct akt_listen_config lc = {.address = c->listen,
                                   .tls = all->tls,
                                   .plain = c->plain,
                                   .events = &n->events};
    if (!secure || all->tls)
        all->listen = akt_listen_create(&lc, text, text_len);
    if (all->listen)
        return &all->transport;
    destroy(&all->transport);
    return NULL;
}
