/* SPDX-License-Identifier: MIT
 *
 * Half-open connections: from the socket to on_greeted. See net/listen.h.
 *
 *     accepted             SHAKING -> HEARING -> (taken) or CLOSING
 *     opener    FINDING -> SHAKING -> HEARING -> (taken)
 *
 * CLOSING: the other side is told why, and what it still says is thrown away
 * for a moment; closed at once, the reset would take back what it was told.
 */
#include "net/listen_impl.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"

#define SWEEP_MS 50
#define CLOSING_MS 1000
#define CONNECT_MS 2000 /* then anew: TCP would try ever more seldom */
#define TEXT 320

enum stage { FINDING, SHAKING, HEARING, CLOSING };

/* Outlives its half until libuv has let go of it. */
struct watch {
    uv_poll_t poll;
    struct half *half; /* NULL: gone */
    int events;
};

/* Of one that we open. */
struct target {
    void *token;
    char name[AKT_NODE_NAME_MAX + 1]; /* "": any */
    struct akt_address address;
    struct akt_lookup *lookup; /* while FINDING */
    struct addrinfo *list, *next;
    uint64_t each_ms;  /* for one address */
    uint64_t until_ms; /* this address */
    enum akt_refusal why;
    bool refused;    /* at an address nobody listens ... */
    bool reached;    /* ... and with another something else is wrong */
    char text[TEXT]; /* why the last address failed */
};

struct half {
    struct akt_listen *l;
    struct half_queue *in;
    struct half *next, *prev;
    enum stage stage;
    uint64_t until_ms;
    struct akt_channel *channel; /* NULL: FINDING */
    struct watch *watch;
    struct target *target; /* NULL: accepted */
    struct akt_buf heard;  /* of a frame that is not whole */
    char from[AKT_ADDRESS_TEXT];
};

/* ---- queues ---- */

static void show_half_open(struct akt_listen *l)
{
    /* relaxed: a number for people */
    atomic_store_explicit(&l->counters.half_open,
                          l->waiting.len + l->shaking.len + l->closing.len,
                          memory_order_relaxed);
}

static void leave(struct half *h)
{
    struct half_queue *q = h->in;
    if (!q)
        return;
    *(h->prev ? &h->prev->next : &q->first) = h->next;
    *(h->next ? &h->next->prev : &q->last) = h->prev;
    q->len--;
    h->in = NULL;
    h->next = h->prev = NULL;
    show_half_open(h->l);
}

static void on_sweep(uv_timer_t *timer)
{
    akt_half_sweep(timer->data);
}

static void enter(struct half *h, struct half_queue *q)
{
    leave(h);
    h->in = q;
    h->prev = q->last;
    *(q->last ? &q->last->next : &q->first) = h;
    q->last = h;
    q->len++;
    show_half_open(h->l);
    if (!uv_is_active((uv_handle_t *)&h->l->sweep))
        uv_timer_start(&h->l->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
}

/* ---- watching the socket ---- */

static void step(struct half *h);

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    if (w->half)
        step(w->half);
}

static void on_unwatched(uv_handle_t *handle)
{
    akt_free(handle->data, sizeof(struct watch));
}

static void unwatch(struct half *h)
{
    if (!h->watch)
        return;
    h->watch->half = NULL;
    uv_close((uv_handle_t *)&h->watch->poll, on_unwatched);
    h->watch = NULL;
}

static bool make_watch(struct half *h)
{
    struct watch *w = akt_calloc(sizeof *w);
    if (uv_poll_init(&h->l->loop, &w->poll, akt_channel_fd(h->channel)) != 0) {
        akt_free(w, sizeof *w);
        return false;
    }
    w->poll.data = w;
    w->half = h;
    h->watch = w;
    return true;
}

/* What cannot be watched is closed when its time is over. */
static void watch(struct half *h, int events)
{
    if (!h->watch && !make_watch(h))
        return;
    if (h->watch->events == events)
        return;
    h->watch->events = events;
    uv_poll_start(&h->watch->poll, events, on_event);
}

/* ---- the end of one ---- */

static void free_target(struct target *t)
{
    if (!t)
        return;
    if (t->lookup)
        akt_lookup_cancel(t->lookup);
    if (t->list)
        freeaddrinfo(t->list);
    akt_free(t, sizeof *t);
}

static void drop_channel(struct half *h)
{
    unwatch(h);
    akt_channel_destroy(h->channel);
    h->channel = NULL;
}

static void drop(struct half *h)
{
    leave(h);
    drop_channel(h);
    free_target(h->target);
    akt_buf_fini(&h->heard);
    akt_free(h, sizeof *h);
}

/* All of it, or nothing more: a fresh connection has room for a frame. */
static void say(struct akt_channel *c, struct akt_buf *frame)
{
    struct iovec v = {frame->data, frame->len};
    if (akt_channel_write(c, &v, 1) != (ssize_t)frame->len)
        shutdown(akt_channel_fd(c), SHUT_RDWR);
    akt_buf_fini(frame);
}

static void linger(struct half *h)
{
    uint64_t until_ms = uv_now(&h->l->loop) + CLOSING_MS;
    h->stage = CLOSING;
    h->until_ms = until_ms < h->until_ms ? until_ms : h->until_ms;
    shutdown(akt_channel_fd(h->channel), SHUT_WR);
    akt_buf_fini(&h->heard);
    enter(h, &h->l->closing);
    watch(h, UV_READABLE);
    if (h->in->len > AKT_SHAKING_MAX)
        drop(h->in->first);
}

/* One that was accepted; `h` may be gone afterwards. */
static void refuse(struct half *h, enum akt_refusal why, const char *text)
{
    const struct akt_listen_events *e = h->l->events;
    struct akt_buf frame = AKT_BUF_INIT;
    akt_listen_count(&h->l->counters.refused[why]);
    if (e->on_refused)
        e->on_refused(e->ctx, h->from, why, text);
    if (akt_channel_state(h->channel) == AKT_CHANNEL_OPEN) {
        akt_hello_write_refusal(why, &frame);
        say(h->channel, &frame);
        akt_channel_end(h->channel);
    }
    if (why == AKT_REFUSED_SLOW || why == AKT_REFUSED_LIMIT)
        drop(h);
    else
        linger(h);
}

/* One that we opened; `h` is gone afterwards. */
static void fail_open(struct half *h, enum akt_refusal why, const char *text)
{
    const struct akt_listen_events *e = h->l->events;
    struct akt_listen_counters *n = &h->l->counters;
    const struct target *t = h->target;
    void *token = t->token;
    char kept[TEXT];
    struct akt_listen_failure f = {why, t->refused && !t->reached, kept};
    snprintf(kept, sizeof kept, "%s", text);
    akt_listen_count(why == AKT_REFUSED_NONE ? &n->failed : &n->refused[why]);
    drop(h);
    e->on_failed(e->ctx, token, &f);
}

static void end(struct half *h, enum akt_refusal why, const char *text)
{
    if (h->target)
        fail_open(h, why, text);
    else
        refuse(h, why, text);
}

/* ---- hello ---- */

static bool may_be_plain(const struct akt_listen *l, int fd)
{
    return l->tls || l->plain || akt_socket_is_loopback(fd);
}

static void say_hello(struct half *h)
{
    const struct akt_listen_events *e = h->l->events;
    struct akt_hello mine = {0};
    struct akt_buf frame = AKT_BUF_INIT;
    e->on_hello(e->ctx, h->target->token, h->channel, &mine);
    akt_hello_write(&mine, false, &frame);
    say(h->channel, &frame);
}

void akt_greeting_answer(const struct akt_greeting *g,
                         const struct akt_hello *mine)
{
    struct akt_buf frame = AKT_BUF_INIT;
    akt_hello_write(mine, true, &frame);
    say(g->channel, &frame);
}

/* What is wrong with it, for people. */
static void explain(enum akt_refusal why, const struct akt_hello *theirs,
                    char text[TEXT])
{
    if (why == AKT_REFUSED_VERSION)
        snprintf(text, TEXT, "it speaks version %u to %u of the protocol",
                 theirs->version_min, theirs->version_max);
    else if (why == AKT_REFUSED_CLUSTER)
        snprintf(text, TEXT, "it is of the cluster '%s'", theirs->cluster);
    else
        snprintf(text, TEXT, "it has the name '%s'", theirs->name);
}

/* The checks that need no knowledge of other connections. */
static enum akt_refusal judge(struct half *h, const struct akt_hello *theirs,
                              struct akt_greeting *g, char text[TEXT])
{
    const struct akt_listen_events *e = h->l->events;
    struct akt_hello mine = {0};
    e->on_hello(e->ctx, NULL, h->channel, &mine); /* only who we are */
    enum akt_refusal why =
        akt_hello_judge(&mine, theirs, &g->version, &g->features);
    if (!why && h->target && h->target->name[0] &&
        strcmp(h->target->name, theirs->name) != 0)
        why = AKT_REFUSED_NAME;
    explain(why, theirs, text);
    if (why || !g->identity || akt_hello_is_of(theirs->name, g->identity))
        return why;
    snprintf(text, TEXT, "it says '%s' and has the certificate of '%s'",
             theirs->name, g->identity);
    return AKT_REFUSED_IDENTITY;
}

/* Hands it over; `h` may be gone afterwards. */
static void hand_over(struct half *h, struct akt_greeting *g)
{
    const struct akt_listen_events *e = h->l->events;
    leave(h);
    unwatch(h); /* who takes it may watch it at once */
    enum akt_refusal why = e->on_greeted(e->ctx, g);
    if (why == AKT_REFUSED_NONE) {
        akt_listen_count(&h->l->counters.greeted);
        h->channel = NULL;
        drop(h);
    } else if (h->target) {
        akt_listen_count(&h->l->counters.refused[why]);
        drop(h);
    } else {
        refuse(h, why, akt_refusal_name(why));
    }
}

static void greet(struct half *h, struct akt_greeting *g)
{
    char text[TEXT];
    enum akt_refusal why = judge(h, g->theirs, g, text);
    if (why)
        end(h, why, text);
    else
        hand_over(h, g);
}

static void be_denied(struct half *h, enum akt_refusal why)
{
    const struct akt_listen_events *e = h->l->events;
    void *token = h->target->token;
    char text[TEXT];
    snprintf(text, sizeof text, "the other side refused: %s",
             why ? akt_refusal_name(why) : "for a reason not known here");
    akt_listen_count(&h->l->counters.denied[why]);
    drop(h);
    e->on_failed(e->ctx, token, &(struct akt_listen_failure){why, false, text});
}

/* `p` has a frame that is whole, or is none; `h` may be gone afterwards. */
static void decide(struct half *h, const struct akt_hello_read *r,
                   const char *p, size_t len)
{
    struct akt_greeting g = {.channel = h->channel,
                             .theirs = &r->hello,
                             .identity = akt_channel_identity(h->channel),
                             .opener = h->target != NULL,
                             .token = h->target ? h->target->token : NULL,
                             .rest = p + r->len,
                             .rest_len = len - r->len,
                             .from = h->from};
    if (r->kind == (h->target ? AKT_HELLO_ANSWERED : AKT_HELLO_ASKED))
        greet(h, &g);
    else if (r->kind == AKT_HELLO_REFUSED && h->target)
        be_denied(h, r->why);
    else
        end(h, AKT_REFUSED_BAD_HELLO, "what it says is no hello of aktvm");
}

static void lost(struct half *h)
{
    bool failed = akt_channel_state(h->channel) == AKT_CHANNEL_FAILED;
    const char *text =
        failed ? akt_channel_error(h->channel) : "closed without an answer";
    if (h->target)
        fail_open(h, failed && h->l->tls ? AKT_REFUSED_TLS : AKT_REFUSED_NONE,
                  text);
    else
        refuse(h, AKT_REFUSED_BAD_HELLO, failed ? text : "closed in its hello");
}

static void await_more(struct half *h)
{
    if (akt_channel_wants_write(h->channel))
        akt_channel_write(h->channel, NULL, 0);
    watch(h, UV_READABLE |
                 (akt_channel_wants_write(h->channel) ? UV_WRITABLE : 0));
}

/* Reads no more than may belong to the hello and one frame's beginning. */
static void hear(struct half *h)
{
    char p[AKT_HELLO_MAX];
    size_t len = h->heard.len;
    if (len)
        memcpy(p, h->heard.data, len);
    for (;;) {
        ssize_t n = akt_channel_read(h->channel, p + len, sizeof p - len);
        if (n < 0)
            return lost(h);
        if (n == 0)
            break;
        len += (size_t)n;
        struct akt_hello_read r = akt_hello_read(p, len);
        if (r.kind == AKT_HELLO_MORE && len == sizeof p)
            r.kind = AKT_HELLO_BAD;
        if (r.kind != AKT_HELLO_MORE)
            return decide(h, &r, p, len);
    }
    h->heard.len = 0;
    akt_buf_add(&h->heard, p, len);
    await_more(h);
}

/* ---- the handshake ---- */

static void note_failed(struct target *t, bool refused)
{
    t->refused |= refused;
    t->reached |= !refused;
}

static void connect_next(struct half *h);

static void on_unshaken(struct half *h)
{
    struct target *t = h->target;
    if (!t)
        return refuse(h, AKT_REFUSED_TLS, akt_channel_error(h->channel));
    t->reached |= akt_channel_is_connected(h->channel);
    if (akt_channel_is_connected(h->channel))
        return fail_open(h, h->l->tls ? AKT_REFUSED_TLS : AKT_REFUSED_NONE,
                         akt_channel_error(h->channel));
    snprintf(t->text, sizeof t->text, "%s: %s", h->from,
             akt_channel_error(h->channel));
    note_failed(t, akt_channel_is_refused(h->channel));
    drop_channel(h);
    connect_next(h);
}

/* Behind its first record it costs more, so fewer of these may be there. */
static void begin_shaking(struct half *h)
{
    struct akt_listen *l = h->l;
    if (h->in != &l->waiting || !akt_channel_has_begun(h->channel))
        return;
    enter(h, &l->shaking);
    if (l->shaking.len > AKT_SHAKING_MAX)
        refuse(l->shaking.first, AKT_REFUSED_LIMIT, "too many handshakes");
}

static void on_shaken(struct half *h)
{
    if (!may_be_plain(h->l, akt_channel_fd(h->channel)))
        return end(h, AKT_REFUSED_TLS, "plain text is for loopback only");
    h->stage = HEARING;
    if (h->target) {
        h->target->reached = true;
        say_hello(h);
    }
    hear(h);
}

static void shake(struct half *h)
{
    enum akt_channel_state state = akt_channel_shake(h->channel);
    begin_shaking(h);
    if (state == AKT_CHANNEL_OPEN)
        on_shaken(h);
    else if (state == AKT_CHANNEL_WANTS_READ)
        watch(h, UV_READABLE);
    else if (state == AKT_CHANNEL_WANTS_WRITE)
        watch(h, UV_WRITABLE);
    else
        on_unshaken(h);
}

/* Throws away what comes, until the other side closes too. */
static void drain(struct half *h)
{
    char p[4096];
    ssize_t n = recv(akt_channel_fd(h->channel), p, sizeof p, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        drop(h);
}

static void step(struct half *h)
{
    if (h->stage == SHAKING)
        shake(h);
    else if (h->stage == HEARING)
        hear(h);
    else
        drain(h);
}

static struct half *new_half(struct akt_listen *l)
{
    struct half *h = akt_calloc(sizeof *h);
    h->l = l;
    h->until_ms = uv_now(&l->loop) + l->limit_ms;
    return h;
}

/* ---- accepting ---- */

void akt_half_accept(struct akt_listen *l, int fd)
{
    struct half *h = new_half(l);
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    int one = 1;
    akt_listen_count(&l->counters.accepted);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    getpeername(fd, (struct sockaddr *)&a, &len);
    akt_address_show((struct sockaddr *)&a, h->from);
    h->channel = akt_channel_create(fd, l->tls, false);
    h->stage = SHAKING;
    enter(h, &l->waiting);
    if (l->waiting.len > l->half_open_max)
        akt_half_shed(l);
    step(h);
}

void akt_half_shed(struct akt_listen *l)
{
    if (l->waiting.first)
        refuse(l->waiting.first, AKT_REFUSED_LIMIT, "too many say nothing");
}

/* ---- connecting ---- */

/* False: the target's text says why not. */
static bool open_to(struct half *h, const struct addrinfo *a)
{
    struct akt_listen *l = h->l;
    struct target *t = h->target;
    int one = 1;
    akt_address_show(a->ai_addr, h->from);
    t->why = AKT_REFUSED_NONE;
    if (!l->tls && !l->plain && !akt_address_is_loopback(a->ai_addr)) {
        t->why = AKT_REFUSED_TLS;
        snprintf(t->text, TEXT, "%s: plain text is for loopback only", h->from);
        note_failed(t, false);
        return false;
    }
    int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fd < 0 ||
        (connect(fd, a->ai_addr, a->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        note_failed(t, errno == ECONNREFUSED);
        snprintf(t->text, TEXT, "%s: cannot connect: %s", h->from,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    h->channel = akt_channel_create(fd, l->tls, true);
    return true;
}

/* The next address that lets itself be tried; `h` may be gone afterwards. */
static void connect_next(struct half *h)
{
    struct target *t = h->target;
    while (t->next) {
        const struct addrinfo *a = t->next;
        t->next = a->ai_next;
        if (!open_to(h, a))
            continue;
        h->stage = SHAKING;
        t->until_ms = uv_now(&h->l->loop) + t->each_ms;
        watch(h, UV_WRITABLE);
        return;
    }
    fail_open(h, t->why, t->text);
}

static void on_found(void *ctx, struct addrinfo *list, const char *why)
{
    struct half *h = ctx;
    struct target *t = h->target;
    unsigned n = 0;
    t->lookup = NULL;
    t->list = t->next = list;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        n++;
    t->each_ms = n ? h->l->limit_ms / n : 0;
    if (t->each_ms > CONNECT_MS)
        t->each_ms = CONNECT_MS;
    if (!t->text[0])
        snprintf(t->text, sizeof t->text, "%s: %s", t->address.host, why);
    connect_next(h);
}

void akt_listen_connect(struct akt_listen *l, const struct akt_listen_target *c)
{
    struct half *h = new_half(l);
    struct target *t = h->target = akt_calloc(sizeof *t);
    akt_listen_count(&l->counters.connects);
    t->token = c->token;
    snprintf(t->name, sizeof t->name, "%s", c->name ? c->name : "");
    if (!akt_address_parse(c->address, &t->address) || !t->address.host[0]) {
        t->address = (struct akt_address){0};
        snprintf(t->text, sizeof t->text, "'%.99s' is no HOST:PORT",
                 c->address);
    }
    enter(h, &l->opening);
    t->lookup = akt_lookup_start(l, &t->address, on_found, h);
}

/* ---- time ---- */

static void sweep(struct half *h, uint64_t now_ms)
{
    struct target *t = h->target;
    bool next = t && h->stage == SHAKING && t->until_ms <= now_ms &&
                h->until_ms > now_ms && !akt_channel_is_connected(h->channel);
    if (next) {
        note_failed(t, false);
        drop_channel(h);
        if (!t->next)
            t->next = t->list;
        connect_next(h);
    } else if (h->until_ms > now_ms)
        return;
    else if (h->stage == CLOSING)
        drop(h);
    else if (!t)
        refuse(h, AKT_REFUSED_SLOW, "it has not said who it is in time");
    else {
        char text[TEXT];
        note_failed(t, false);
        snprintf(text, sizeof text, "%s: no answer in %u ms",
                 h->from[0] ? h->from : t->address.host, h->l->limit_ms);
        fail_open(h, AKT_REFUSED_NONE, text);
    }
}

static void sweep_all(struct half_queue *q, uint64_t now_ms)
{
    for (struct half *h = q->first, *next; h; h = next) {
        next = h->next;
        sweep(h, now_ms);
    }
}

void akt_half_sweep(struct akt_listen *l)
{
    uint64_t now_ms = uv_now(&l->loop);
    /* all of them have the same time, so that it ends in their order */
    while (l->waiting.first && l->waiting.first->until_ms <= now_ms)
        sweep(l->waiting.first, now_ms);
    sweep_all(&l->shaking, now_ms);
    sweep_all(&l->closing, now_ms);
    sweep_all(&l->opening, now_ms);
    if (!l->waiting.len && !l->shaking.len && !l->closing.len &&
        !l->opening.len)
        uv_timer_stop(&l->sweep);
}

static void drop_all(struct half_queue *q)
{
    while (q->first)
        drop(q->first);
}

void akt_half_close_all(struct akt_listen *l)
{
    drop_all(&l->waiting);
    drop_all(&l->shaking);
    drop_all(&l->closing);
    drop_all(&l->opening);
}
