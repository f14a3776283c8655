/* SPDX-License-Identifier: MIT */
#include "net/listen_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/message.h"

#define ACCEPTS 64 /* at a time; the others have their turn, too */

struct akt_post {
    struct akt_post *next;
    void (*f)(void *ctx);
    void *ctx;
};

struct akt_listen_timer {
    uv_timer_t timer;
    struct akt_listen *l;
    struct akt_listen_timer *next, *prev;
    void (*f)(void *ctx);
    void *ctx;
};

/* ---- functions from outside ---- */

void akt_listen_run(struct akt_listen *l, void (*f)(void *ctx), void *ctx)
{
    struct akt_post *p = akt_alloc(sizeof *p);
    *p = (struct akt_post){NULL, f, ctx};
    pthread_mutex_lock(&l->lock);
    *l->posts_end = p;
    l->posts_end = &p->next;
    /* under the lock: behind it the listener may be gone */
    uv_async_send(&l->wakeup);
    pthread_mutex_unlock(&l->lock);
}

/* What was there when it begins; what they add has another wakeup. */
static bool run_posts(struct akt_listen *l)
{
    pthread_mutex_lock(&l->lock);
    struct akt_post *p = l->posts;
    bool any = p != NULL;
    l->posts = NULL;
    l->posts_end = &l->posts;
    pthread_mutex_unlock(&l->lock);
    for (struct akt_post *next; p; p = next) {
        next = p->next;
        p->f(p->ctx);
        akt_free(p, sizeof *p);
    }
    return any;
}

/* ---- timers ---- */

static void on_timer_closed(uv_handle_t *handle)
{
    akt_free(handle->data, sizeof(struct akt_listen_timer));
}

void akt_listen_cancel(struct akt_listen_timer *t)
{
    *(t->prev ? &t->prev->next : &t->l->timers) = t->next;
    if (t->next)
        t->next->prev = t->prev;
    uv_close((uv_handle_t *)&t->timer, on_timer_closed);
}

static void on_time(uv_timer_t *timer)
{
    struct akt_listen_timer *t = timer->data;
    void (*f)(void *) = t->f;
    void *ctx = t->ctx;
    akt_listen_cancel(t);
    f(ctx);
}

struct akt_listen_timer *akt_listen_after(struct akt_listen *l, uint64_t ms,
                                          void (*f)(void *ctx), void *ctx)
{
    struct akt_listen_timer *t = akt_calloc(sizeof *t);
    t->l = l;
    t->f = f;
    t->ctx = ctx;
    t->next = l->timers;
    if (t->next)
        t->next->prev = t;
    l->timers = t;
    uv_timer_init(&l->loop, &t->timer);
    t->timer.data = t;
    /* the loop's clock stands still while it works */
    uv_update_time(&l->loop);
    uv_timer_start(&t->timer, on_time, ms, 0);
    return t;
}

/* ---- accepting ---- */

/* Without a descriptor nobody could be turned away, and the socket would stay
 * readable for ever. */
static void turn_away(struct akt_listen *l)
{
    akt_half_shed(l);
    close(l->reserve);
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        akt_listen_count(&l->counters.accepted);
        akt_listen_count(&l->counters.refused[AKT_REFUSED_LIMIT]);
    }
    l->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_listening(uv_poll_t *poll, int status, int events)
{
    struct akt_listen *l = poll->data;
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            akt_half_accept(l, fd);
        else if (errno == EMFILE || errno == ENFILE)
            return turn_away(l);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

/* ---- the thread ---- */

static void on_handle(uv_handle_t *handle, void *ctx)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct akt_listen *l)
{
    akt_half_close_all(l);
    while (l->timers)
        akt_listen_cancel(l->timers);
    if (l->started && l->events->on_stop)
        l->events->on_stop(l->events->ctx);
    /* what on_stop may have begun */
    akt_half_close_all(l);
    while (l->timers)
        akt_listen_cancel(l->timers);
    uv_walk(&l->loop, on_handle, NULL);
}

static void on_wakeup(uv_async_t *wakeup)
{
    struct akt_listen *l = wakeup->data;
    pthread_mutex_lock(&l->lock);
    bool stopping = l->stopping;
    pthread_mutex_unlock(&l->lock);
    /* what was posted before the end comes before on_stop */
    run_posts(l);
    if (stopping)
        stop(l);
}

static void *net_main(void *arg)
{
    struct akt_listen *l = arg;
    uv_run(&l->loop, UV_RUN_DEFAULT);
    while (run_posts(l))
        ;
    akt_msg_pool_release();
    return NULL;
}

/* ---- listening ---- */

static bool say(char *text, size_t len, const char *what, const char *why)
{
    snprintf(text, len, "%s: %s", what, why);
    return false;
}

/* A socket that listens, or -1 and errno. */
static int listen_at(const struct addrinfo *a)
{
    int one = 1, zero = 0;
    int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
        listen(fd, AKT_HALF_OPEN_MAX) == 0)
        return fd;
    int e = errno;
    close(fd);
    errno = e;
    return -1;
}

/* The first of the addresses that can be had. NULL, or why there is none. */
static const char *listen_on(struct akt_listen *l, const char *host,
                             const char *port)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *list;
    int e = getaddrinfo(host, port, &hints, &list);
    if (e)
        return gai_strerror(e);
    for (const struct addrinfo *a = list; a && l->fd < 0; a = a->ai_next)
        l->fd = listen_at(a);
    e = errno;
    freeaddrinfo(list);
    return l->fd < 0 ? strerror(e) : NULL;
}

/* Plain text to others is a mistake that is better told at once. */
static bool check_plain(struct akt_listen *l, char *text, size_t len)
{
    struct sockaddr_storage a = {0};
    socklen_t a_len = sizeof a;
    getsockname(l->fd, (struct sockaddr *)&a, &a_len);
    akt_address_show((struct sockaddr *)&a, l->address);
    l->anywhere = akt_address_is_any((struct sockaddr *)&a);
    return l->tls || l->plain ||
           akt_address_is_loopback((struct sockaddr *)&a) ||
           say(text, len, l->address,
               "plain text is for loopback only; others need TLS");
}

static bool begin_listening(struct akt_listen *l, const char *address,
                            char *text, size_t len)
{
    struct akt_address a;
    if (!akt_address_parse(address, &a))
        return say(text, len, address, "is no HOST:PORT");
    /* of all: IPv4 too, if there is IPv6 */
    const char *why = listen_on(l, a.host[0] ? a.host : "::", a.port);
    if (why && !a.host[0])
        why = listen_on(l, "0.0.0.0", a.port);
    if (why)
        return say(text, len, address, why);
    if (!check_plain(l, text, len))
        return false;
    uv_poll_init(&l->loop, &l->listening, l->fd);
    l->listening.data = l;
    return uv_poll_start(&l->listening, UV_READABLE, on_listening) == 0;
}

/* ---- create, destroy ---- */

struct akt_listen *akt_listen_create(const struct akt_listen_config *c,
                                     char *text, size_t text_len)
{
    struct akt_listen *l = akt_calloc(sizeof *l);
    l->tls = c->tls;
    l->plain = c->plain;
    l->limit_ms = c->limit_ms ? c->limit_ms : AKT_HALF_OPEN_MS;
    l->half_open_max = c->half_open_max ? c->half_open_max : AKT_HALF_OPEN_MAX;
    l->events = c->events;
    l->fd = -1;
    l->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    l->posts_end = &l->posts;
    pthread_mutex_init(&l->lock, NULL);
    uv_loop_init(&l->loop);
    uv_async_init(&l->loop, &l->wakeup, on_wakeup);
    uv_timer_init(&l->loop, &l->sweep);
    l->wakeup.data = l->sweep.data = l;
    if (!c->address || begin_listening(l, c->address, text, text_len))
        return l;
    akt_listen_destroy(l);
    return NULL;
}

void akt_listen_start(struct akt_listen *l)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the others */
    int e = pthread_create(&l->thread, NULL, net_main, l);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (e) {
        fprintf(stderr, "aktvm: no thread for the network: %s\n", strerror(e));
        abort();
    }
    l->started = true;
}

void akt_listen_destroy(struct akt_listen *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    uv_async_send(&l->wakeup);
    pthread_mutex_unlock(&l->lock);
    if (l->started)
        pthread_join(l->thread, NULL);
    else
        net_main(l);
    uv_loop_close(&l->loop);
    if (l->fd >= 0)
        close(l->fd);
    if (l->reserve >= 0)
        close(l->reserve);
    pthread_mutex_destroy(&l->lock);
    akt_free(l, sizeof *l);
}

/* ---- what it is ---- */

const char *akt_listen_address(const struct akt_listen *l)
{
    return l->address;
}

void akt_listen_show(const struct akt_listen *l, const struct akt_channel *c,
                     char out[AKT_ADDRESS_MAX + 1])
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    char here[AKT_ADDRESS_TEXT];
    strcpy(out, l->address);
    if (!l->anywhere ||
        getsockname(akt_channel_fd(c), (struct sockaddr *)&a, &len) != 0)
        return;
    akt_address_show((struct sockaddr *)&a, here);
    *strrchr(here, ':') = 0; /* its port is that of the connection */
    snprintf(out, AKT_ADDRESS_MAX + 1, "%s%s", here, strrchr(l->address, ':'));
}

uv_loop_t *akt_listen_loop(struct akt_listen *l)
{
    return &l->loop;
}

/* relaxed: numbers for people, of one writer */
static uint64_t get(_Atomic uint64_t *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

void akt_listen_read(struct akt_listen *l, struct akt_listen_stats *out)
{
    struct akt_listen_counters *n = &l->counters;
    *out = (struct akt_listen_stats){.accepted = get(&n->accepted),
                                     .connects = get(&n->connects),
                                     .greeted = get(&n->greeted),
                                     .failed = get(&n->failed),
                                     .half_open = get(&n->half_open)};
    for (int i = 0; i < AKT_REFUSAL_COUNT; i++) {
        out->refused[i] = get(&n->refused[i]);
        out->denied[i] = get(&n->denied[i]);
    }
}
