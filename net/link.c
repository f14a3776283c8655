/* SPDX-License-Identifier: MIT */
#include "net/link_impl.h"

#include <string.h>

#include "net/tunnel.h"
#include "vm/base/alloc.h"
#include "vm/send.h"

#define PIECES 64 /* of one write */
/* Bytes that do not wait for the end of a visit. */
#define FLUSH_AT (64 << 10)
/* Bytes that are written under the lock in a row: others have something to say
 * too. */
#define WRITE_AT_ONCE (512 << 10)

static uint64_t now_of(const struct akt_link *l)
{
    return akt_world_mono_ns(l->node->world);
}

void akt_link_init(struct akt_link *l)
{
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->read_lock, NULL);
}

/* A token: the link's index, the bytes that came in front of a body (a name),
 * and which session it came by: what is released later must not be counted in
 * the next one. */
#define TOKEN_FRONT 16
#define TOKEN_SESSION 28
#define FRONT_MAX ((1u << (TOKEN_SESSION - TOKEN_FRONT)) - 1)
#define SESSION_MASK ((1ull << (62 - TOKEN_SESSION)) - 1)

static uint64_t token_of(const struct akt_link *l, uint64_t session,
                         uint32_t front)
{
    return l->index | (uint64_t)(front & FRONT_MAX) << TOKEN_FRONT |
           (session & SESSION_MASK) << TOKEN_SESSION;
}

/* ---- lists of blocks ---- */

static void free_list(struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_msg_free(m);
        m = next;
    }
}

/* Each with its code. */
static void bounce_list(struct akt_link *l, struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        enum akt_code why = (enum akt_code)m->code;
        m->code = 0;
        akt_bounce(l->node, NULL, m, why);
        m = next;
    }
}

void akt_link_fini(struct akt_link *l)
{
    if (l->pipe)
        l->pipe->close(l->pipe);
    akt_session_destroy(l->session);
    free_list(akt_link_take_lines(l));
    free_list(l->arrived_first);
    akt_link_free_held(l);
    akt_free(l->names, l->names_len * sizeof *l->names);
    pthread_mutex_destroy(&l->read_lock);
    pthread_mutex_destroy(&l->lock);
}

/* ---- what comes; under the lock ---- */

static void on_pong(void *ctx, uint64_t said)
{
    struct akt_link *l = ctx;
    if (said <= l->heard_ns)
        l->stats.round_trip_ns = l->heard_ns - said;
}

static void on_bye(void *ctx, const char *why, size_t len)
{
    struct akt_link *l = ctx;
    (void)why;
    (void)len;
    l->bye = true;
}

/* ---- out; under the lock ---- */

static void tell_nodes(struct akt_link *l)
{
    struct akt_wire_node n;
    struct akt_buf b = AKT_BUF_INIT;
    for (; l->ops->tell(l, (uint16_t)(l->told + 1), &n); l->told++) {
        b.len = 0;
        akt_wire_put_node(&n, &b);
        akt_session_send_node(l->session, b.data, b.len);
    }
    akt_buf_fini(&b);
}

void akt_link_put(struct akt_link *l, struct akt_msg *m)
{
    char head[AKT_WIRE_HEAD_MAX];
    tell_nodes(l);
    struct akt_parcel p = {.head = head};
    p.head_len = akt_wire_head(m, m->deadline_ns ? now_of(l) : 0, head);
    p.key = m->sender.bits;
    p.m = akt_wire_body(m);
    akt_session_send(l->session, &p);
}

/* ---- connections; under the lock ---- */

static void wait_for_pipe(struct akt_link *l, uint64_t ns)
{
    l->state = AKT_LINK_WAITING;
    l->until_ns = now_of(l) + ns;
    l->ops->dial(l);
}

/* The pipe has broken; the session waits for the next one. */
static void drop_pipe(struct akt_link *l, uint64_t ns)
{
    struct akt_pipe *p = l->pipe;
    if (!p)
        return;
    l->pipe = NULL;
    p->close(p);
    wait_for_pipe(l, ns);
}

/* False: the pipe is broken. */
static bool write_some(struct akt_link *l)
{
    struct iovec v[PIECES];
    int n;
    size_t written = 0;
    if (l->offered)
        return true;
    l->spoke = true;
    while ((n = akt_session_fill(l->session, v, PIECES)) > 0) {
        if (written >= WRITE_AT_ONCE) {
            l->pipe->again(l->pipe);
            return true;
        }
        ssize_t done = l->pipe->write(l->pipe, v, n);
        if (done <= 0)
            return done == 0;
        akt_session_wrote(l->session, (size_t)done);
        written += (size_t)done;
    }
    return true;
}

void akt_link_write_now(struct akt_link *l)
{
    if (l->state == AKT_LINK_UP && !write_some(l))
        drop_pipe(l, AKT_LINK_RESUME_NS);
}

/* What is sent is written at the end of the visit, or at once where there is
 * none. */
static void write_later(struct akt_link *l, struct akt_isolate *from)
{
    if (l->state != AKT_LINK_UP)
        return;
    if (!from || akt_session_queued(l->session) >= FLUSH_AT) {
        akt_link_write_now(l);
    } else if (!l->dirty) {
        l->dirty = true;
        l->next_dirty = from->worker->unsent;
        from->worker->unsent = l;
    }
}

static void open_session(struct akt_link *l)
{
    struct akt_session_config c = {.events = &l->events};
    l->events = (struct akt_session_events){.ctx = l,
                                            .on_message = akt_link_on_message,
                                            .on_node = akt_link_on_node,
                                            .on_credit = akt_link_let_in,
                                            .on_pong = on_pong,
                                            .on_bye = on_bye,
                                            .on_block = akt_link_on_block};
    l->session = akt_session_create(&c);
    l->session_id = 0;
    l->tunnels_over = false;
    l->told = AKT_PID_NODE_SELF;
    l->stats.sessions++;
    l->epoch++;
}

/* Whether there is a session for m, or one can be. */
static bool has_session(struct akt_link *l, const struct akt_msg *m)
{
    struct akt_wire_node n;
    if (l->client && (m->target.bits & AKT_ACTOR_BITS) != l->only)
        return false;
    if (l->state != AKT_LINK_IDLE)
        return true;
    if (l->ending || l->replaced || now_of(l) < l->until_ns ||
        !l->ops->tell(l, l->index, &n) || !n.address[0])
        return false;
    open_session(l);
    wait_for_pipe(l, AKT_LINK_DIAL_NS);
    return true;
}

/* The session ends: what it had to say is lost, and counted. */
static void end_session(struct akt_link *l)
{
    struct akt_session_stats s;
    struct akt_msg *next, *m;
    akt_session_read(l->session, &s);
    l->stats.lost_messages += s.unsure_messages;
    akt_link_count(&l->stats.session, &s);
    akt_session_destroy(l->session);
    l->session = NULL;
    l->session_id = 0;
    l->offered = false;
    l->state = AKT_LINK_IDLE;
    l->until_ns = now_of(l) + AKT_LINK_REST_NS;
    for (m = akt_link_take_lines(l); m; m = next) {
        next = m->next;
        akt_link_drop(l, m, AKT_NOCONNECTION);
    }
    l->stats.waiting = 0;
    l->learned = 0;
    l->only = 0;
    akt_free(l->names, l->names_len * sizeof *l->names);
    l->names = NULL;
    l->names_len = 0;
    if (l->pipe)
        l->pipe->close(l->pipe);
    l->pipe = NULL;
}

static void lose(struct akt_link *l)
{
    if (l->state == AKT_LINK_IDLE)
        return;
    end_session(l);
    l->gone = true;
}

/* ---- behind the lock ---- */

struct freed {
    uint64_t messages, bytes; /* of bodies */
};

static void count_freed(struct freed freed[AKT_CREDITS], size_t body_len)
{
    enum akt_credit kind = akt_credit_of(body_len);
    freed[kind].messages++;
    freed[kind].bytes += body_len;
}

/* What was collected; taken under the lock. */
struct collected {
    struct akt_msg *arrived, *own, *bounced;
    uint64_t session; /* by which it arrived: its epoch */
    bool gone;
};

/* Of it what needs no order. */
static struct collected collect_told(struct akt_link *l)
{
    struct collected c = {.own = l->own_first, .bounced = l->bounced_first};
    l->own_first = l->bounced_first = NULL;
    return c;
}

static struct collected collect(struct akt_link *l)
{
    struct collected c = {l->arrived_first, l->own_first, l->bounced_first, 0,
                          l->gone};
    l->arrived_first = l->own_first = l->bounced_first = NULL;
    l->gone = false;
    return c;
}

static void release(struct akt_link *l, uint64_t session,
                    const struct freed freed[AKT_CREDITS])
{
    pthread_mutex_lock(&l->lock);
    if (l->session && ((l->epoch ^ session) & SESSION_MASK) == 0) {
        for (int i = 0; i < AKT_CREDITS; i++)
            akt_session_release(l->session, (enum akt_credit)i,
                                freed[i].messages, freed[i].bytes);
        akt_link_write_now(l);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Posts what came; what is released at once goes back as credit. */
static void arrive(struct akt_link *l, const struct collected *c)
{
    struct freed freed[AKT_CREDITS] = {{0, 0}, {0, 0}};
    struct akt_msg *m = c->arrived;
    while (m) {
        struct akt_msg *next = m->next;
        uint32_t more = m->stamp, size = m->size;
        m->stamp = 0;
        if (akt_remote_arrive(l->node, m, token_of(l, c->session, more)))
            count_freed(freed, (uint32_t)(size + more));
        m = next;
    }
    if (freed[AKT_CREDIT_SHORT].messages + freed[AKT_CREDIT_LONG].messages)
        release(l, c->session, freed);
}

static void post_list(struct akt_link *l, struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_post(l->node, NULL, m);
        m = next;
    }
}

/* Under the read lock, unless there is nothing but `bounced`. */
static void deliver(struct akt_link *l, const struct collected *c)
{
    arrive(l, c);
    post_list(l, c->own);
    bounce_list(l, c->bounced);
    if (!c->gone)
        return;
    akt_link_tunnels_gone(l, c->session);
    akt_remote_gone(l->node, l->index);
}

/* Locks, and what comes behind them. */
static void begin(struct akt_link *l)
{
    pthread_mutex_lock(&l->read_lock);
    pthread_mutex_lock(&l->lock);
}

static void finish_of(struct akt_link *l, uint64_t epoch)
{
    struct collected c = collect(l);
    c.session = epoch;
    pthread_mutex_unlock(&l->lock);
    deliver(l, &c);
    pthread_mutex_unlock(&l->read_lock);
}

static void finish(struct akt_link *l)
{
    finish_of(l, l->epoch);
}

/* ---- the machine's side ---- */

void akt_link_post(struct akt_link *l, struct akt_isolate *from,
                   struct akt_msg *m)
{
    pthread_mutex_lock(&l->lock);
    bool may = has_session(l, m);
    if (may) {
        akt_link_put(l, m);
        write_later(l, from);
    }
    pthread_mutex_unlock(&l->lock);
    if (!may)
        akt_bounce(l->node, from, m, AKT_NOCONNECTION);
}

enum akt_code akt_link_send(struct akt_link *l, struct akt_isolate *iso,
                            struct akt_msg *m)
{
    pthread_mutex_lock(&l->lock);
    bool may = has_session(l, m);
    bool full = may && akt_link_must_wait(l, m);
    if (may && !full) {
        akt_link_put(l, m);
        write_later(l, iso);
    }
    pthread_mutex_unlock(&l->lock);
    if (may)
        return full ? AKT_OVERLOADED : AKT_OK;
    akt_bounce(l->node, iso, m, AKT_NOCONNECTION);
    return AKT_NOCONNECTION;
}

void akt_link_wait(struct akt_link *l, struct akt_isolate *iso,
                   struct akt_msg *m)
{
    pthread_mutex_lock(&l->lock);
    struct collected c = {0};
    bool may = has_session(l, m);
    if (may) {
        akt_link_wait_in_line(l, m);
        l->stats.waiting++;
        akt_link_let_in(l); /* credit may have come since it was refused */
        c = collect_told(l);
        write_later(l, NULL); /* else no credit may ever come */
    }
    pthread_mutex_unlock(&l->lock);
    post_list(l, c.own);
    bounce_list(l, c.bounced);
    if (!may)
        akt_bounce(l->node, iso, m, AKT_NOCONNECTION);
}

void akt_link_flush(struct akt_worker *w)
{
    struct akt_link *l = w->unsent;
    w->unsent = NULL;
    while (l) {
        pthread_mutex_lock(&l->lock);
        struct akt_link *next = l->next_dirty;
        l->dirty = false;
        akt_link_write_now(l);
        pthread_mutex_unlock(&l->lock);
        l = next;
    }
}

void akt_link_released(struct akt_link *l, uint64_t token, uint32_t size)
{
    struct freed freed[AKT_CREDITS] = {{0, 0}, {0, 0}};
    count_freed(freed, size + (size_t)(token >> TOKEN_FRONT & FRONT_MAX));
    release(l, token >> TOKEN_SESSION, freed);
}

/* ---- the connection's side ---- */

void akt_link_hold(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    drop_pipe(l, AKT_LINK_RESUME_NS);
    pthread_mutex_unlock(&l->lock);
}

void akt_link_describe(struct akt_link *l, uint64_t *session,
                       uint64_t *received)
{
    pthread_mutex_lock(&l->lock);
    *session = l->session ? l->session_id : 0;
    *received = *session ? akt_session_received(l->session) : 0;
    pthread_mutex_unlock(&l->lock);
}

static bool can_resume(const struct akt_link *l, uint64_t session,
                       uint64_t received)
{
    return session && l->session && l->session_id == session &&
           akt_session_can_resume(l->session, received);
}

bool akt_link_can_resume(struct akt_link *l, uint64_t session,
                         uint64_t received)
{
    pthread_mutex_lock(&l->lock);
    bool can = can_resume(l, session, received);
    pthread_mutex_unlock(&l->lock);
    return can;
}

/* The connection there was is not used any more. A session that cannot go on is
 * over, and what was there before is gone before anything of the next one
 * comes. One that had no connection yet goes on in this one. */
static void end_last(struct akt_link *l, const struct akt_link_greeting *g)
{
    begin(l);
    if (l->pipe)
        l->pipe->close(l->pipe);
    l->pipe = NULL;
    if (l->session)
        l->state = AKT_LINK_WAITING;
    bool goes_on = g->resumes ? can_resume(l, g->session, g->received)
                              : !l->session_id || l->offered;
    if (!goes_on)
        lose(l);
    finish(l);
}

/* False: what it resumes is over; the other side sees that too. */
static bool begin_session(struct akt_link *l, const struct akt_link_greeting *g)
{
    if (g->resumes) {
        bool can = can_resume(l, g->session, g->received);
        if (can)
            akt_session_resume(l->session, g->received);
        l->offered = false;
        return can;
    }
    l->replaced = false;
    if (!l->session)
        open_session(l);
    akt_session_set_zstd(l->session, g->zstd, g->compress);
    l->session_id = g->session;
    l->offered = !g->pipe->opener;
    if (g->pipe->opener)
        akt_session_ping(l->session, now_of(l));
    return true;
}

/* Its end, or nonsense. */
static void look_at_end(struct akt_link *l)
{
    l->stats.refused_sessions += l->broken != NULL;
    if (l->bye || l->broken)
        lose(l);
}

static void use_pipe(struct akt_link *l, const struct akt_link_greeting *g)
{
    l->pipe = g->pipe;
    l->roles = g->roles;
    l->state = AKT_LINK_UP;
    l->bye = false;
    l->broken = NULL;
    l->stats.connections++;
    l->heard_ns = l->said_ns = now_of(l);
    if (g->rest_len) {
        l->offered = false;
        l->broken = akt_session_feed(l->session, g->rest, g->rest_len);
        look_at_end(l);
    }
    akt_link_write_now(l);
}

void akt_link_up(struct akt_link *l, const struct akt_link_greeting *g)
{
    end_last(l, g);
    begin(l);
    if (begin_session(l, g))
        use_pipe(l, g);
    else
        g->pipe->close(g->pipe);
    finish(l);
}

void akt_link_input(struct akt_link *l, struct akt_pipe *p, const char *bytes,
                    size_t len)
{
    begin(l);
    if (l->pipe == p) {
        l->heard_ns = now_of(l);
        l->offered = false;
        l->broken = akt_session_feed(l->session, bytes, len);
        look_at_end(l);
        akt_link_write_now(l);
    }
    finish(l);
}

void akt_link_output(struct akt_link *l, struct akt_pipe *p)
{
    pthread_mutex_lock(&l->lock);
    if (l->pipe == p)
        akt_link_write_now(l);
    pthread_mutex_unlock(&l->lock);
}

void akt_link_broke(struct akt_link *l, struct akt_pipe *p, uint64_t ns)
{
    pthread_mutex_lock(&l->lock);
    if (l->pipe == p)
        drop_pipe(l, ns);
    pthread_mutex_unlock(&l->lock);
}

void akt_link_lose(struct akt_link *l)
{
    begin(l);
    lose(l);
    finish(l);
}

void akt_link_replace(struct akt_link *l)
{
    begin(l);
    l->replaced = true;
    lose(l);
    finish(l);
}

void akt_link_give_up(struct akt_link *l)
{
    begin(l);
    if (l->state == AKT_LINK_WAITING)
        lose(l);
    finish(l);
}

/* Each with the credit of its session, in order. */
void akt_link_serve(struct akt_link *l)
{
    for (bool more = true; more;) {
        begin(l);
        uint64_t epoch = akt_link_let_go(l);
        more = l->holds = l->held_first != NULL;
        finish_of(l, epoch);
    }
}

void akt_link_bye(struct akt_link *l)
{
    begin(l);
    l->ending = true;
    if (l->state == AKT_LINK_UP) {
        akt_session_bye(l->session, "the node ends");
        akt_link_write_now(l);
    }
    finish(l);
}

void akt_link_poke(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->state == AKT_LINK_UP) {
        akt_session_ping(l->session, now_of(l));
        akt_link_write_now(l);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Whether to look for another way: TCP tries ever more seldom, after 6 s it
 * would say nothing before the session is lost. Only where one can be found. */
static bool is_doubtful(struct akt_link *l, uint64_t now_ns)
{
    struct akt_wire_node n;
    return now_ns > l->heard_ns + AKT_LINK_DOUBT_NS &&
           l->ops->tell(l, l->index, &n) && n.address[0];
}

static void look_at_time(struct akt_link *l, uint64_t now_ns)
{
    bool late = l->state == AKT_LINK_WAITING && now_ns >= l->until_ns;
    /* this node itself: what came meanwhile is to be read first */
    bool was_away = now_ns > l->looked_ns + AKT_LINK_PING_NS;
    l->looked_ns = now_ns;
    if (late)
        lose(l);
    if (l->state != AKT_LINK_UP)
        return;
    if (now_ns > l->heard_ns + AKT_LINK_SILENT_NS) {
        lose(l);
        return;
    }
    if (!was_away && is_doubtful(l, now_ns)) {
        drop_pipe(l, l->heard_ns + AKT_LINK_SILENT_NS - now_ns);
        return;
    }
    if (l->spoke)
        l->said_ns = now_ns;
    l->spoke = false;
    if (now_ns >= l->said_ns + AKT_LINK_PING_NS)
        akt_session_ping(l->session, now_ns);
    akt_link_write_now(l);
}

size_t akt_link_tick(struct akt_link *l, uint64_t now_ns)
{
    begin(l);
    akt_link_drop_late(l, now_ns);
    look_at_time(l, now_ns);
    size_t queued = l->session ? akt_session_queued(l->session) : 0;
    finish(l);
    return queued;
}

/* Under the read lock: what told of its end has run. */
bool akt_link_forget(struct akt_link *l, struct akt_link_stats *was)
{
    begin(l);
    bool gone = l->state == AKT_LINK_IDLE;
    if (gone) {
        *was = l->stats;
        memset(&l->stats, 0, sizeof l->stats);
        l->replaced = false;
    }
    finish(l);
    return gone;
}
