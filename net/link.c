/* SPDX-License-Identifier: MIT */
#include "net/link.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/names.h"
#include "vm/send.h"

#define PIECES 64 /* of one write */
/* Bytes that do not wait for the end of a visit. */
#define FLUSH_AT (64 << 10)

static uint64_t now_of(const struct akt_link *l)
{
    return akt_world_mono_ns(&l->node->world);
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

static void append(struct akt_msg **first, struct akt_msg **last,
                   struct akt_msg *m)
{
    m->next = NULL;
    if (*first)
        (*last)->next = m;
    else
        *first = m;
    *last = m;
}

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
    free_list(l->wait_first);
    free_list(l->arrived_first);
    akt_free(l->names, l->names_len * sizeof *l->names);
    pthread_mutex_destroy(&l->read_lock);
    pthread_mutex_destroy(&l->lock);
}

/* ---- what comes; under the lock ---- */

static uint16_t rename_index(void *ctx, uint16_t index)
{
    struct akt_link *l = ctx;
    if (index == AKT_PID_NODE_SELF)
        return l->index;
    return index < l->names_len ? l->names[index] : 0;
}

static bool rename_pid(struct akt_link *l, akt_pid *pid)
{
    if (akt_pid_is_none(*pid))
        return true;
    uint64_t index = rename_index(l, (uint16_t)akt_pid_node(*pid));
    pid->bits = (pid->bits & (UINT64_MAX >> 16)) | index << 48;
    return index != 0;
}

/* What is run as values by the host, with its pids. */
static bool import_body(struct akt_link *l, struct akt_msg *m)
{
    struct akt_link_rename rename = {rename_index, l};
    if (m->flags & AKT_MSG_REASON) {
        struct akt_reason *r = akt_msg_reason(m);
        return l->ops->import(l, r->bytes, r->len, &rename);
    }
    bool values = m->type == AKT_MSG_USER || m->type == AKT_MSG_REPLY;
    return !values || l->ops->import(l, m->body, m->size, &rename);
}

static void find_name(struct akt_link *l, struct akt_msg *m,
                      const struct akt_wire_in *in)
{
    char name[AKT_NAME_MAX + 1];
    memcpy(name, in->name, in->name_len);
    name[in->name_len] = 0;
    m->target = akt_names_find(l->node->names, name);
}

static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    struct akt_link *l = ctx;
    struct akt_wire_in in = {.head = head,
                             .head_len = head_len,
                             .body = body,
                             .body_len = body_len,
                             .now_ns = l->heard_ns};
    struct akt_msg *m = akt_wire_read(&in);
    bool good = m && rename_pid(l, &m->sender) && import_body(l, m);
    if (!good) {
        akt_session_release(l->session, 1, body_len);
        l->stats.refused_bodies++;
        akt_msg_free(m);
        return;
    }
    if (!rename_pid(l, &m->origin)) /* only shown */
        m->origin = AKT_PID_NONE;
    if (in.name)
        find_name(l, m, &in);
    m->stamp = (uint32_t)(body_len - m->size); /* taken back by deliver */
    /* relaxed: a time, exact to a tick */
    m->sent_tick = atomic_load_explicit(&l->node->tick, memory_order_relaxed);
    append(&l->arrived_first, &l->arrived_last, m);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    struct akt_link *l = ctx;
    struct akt_wire_node n;
    if (!akt_wire_get_node(bytes, len, &n) || n.index > AKT_NODES_MAX)
        return false;
    uint16_t here = l->ops->learn(l, &n);
    if (!here)
        return false;
    if (n.index >= l->names_len) {
        uint32_t more = n.index + 16u;
        l->names = akt_resize(l->names, l->names_len * sizeof *l->names,
                              more * sizeof *l->names);
        memset(l->names + l->names_len, 0,
               (more - l->names_len) * sizeof *l->names);
        l->names_len = more;
    }
    l->names[n.index] = here;
    return true;
}

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

static void put(struct akt_link *l, struct akt_msg *m)
{
    char head[AKT_WIRE_HEAD_MAX];
    tell_nodes(l);
    struct akt_parcel p = {.head = head};
    p.head_len = akt_wire_head(m, m->deadline_ns ? now_of(l) : 0, head);
    p.key = m->sender.bits;
    p.m = akt_wire_body(m);
    akt_session_send(l->session, &p);
}

/* A sender that waits hears that its message is on its way. */
static void answer_waiter(struct akt_link *l, struct akt_msg *m)
{
    uint64_t id = akt_msg_ack_of(m)->id;
    if (!id)
        return; /* an ask: its answer is all it waits for */
    struct akt_msg *ok = akt_msg_new(AKT_MSG_REPLY, 0);
    ok->target = m->sender;
    ok->sender = m->target;
    ok->ask = id;
    append(&l->own_first, &l->own_last, ok);
}

/* One that gave up was told so: its message is not sent any more. */
static bool gave_up(const struct akt_link *l, struct akt_msg *m)
{
    struct akt_msg_ack *ack = akt_msg_ack_of(m);
    if (!ack->deadline_ns || ack->deadline_ns > now_of(l))
        return false;
    if (ack->id)
        ack->id = m->ask = 0;
    return true;
}

static void drop(struct akt_link *l, struct akt_msg *m, enum akt_code why)
{
    m->code = (uint8_t)why;
    append(&l->bounced_first, &l->bounced_last, m);
}

static void let_waiters_in(struct akt_link *l)
{
    struct akt_msg *m;
    while ((m = l->wait_first)) {
        bool late = gave_up(l, m);
        if (!late && !akt_session_has_credit(l->session, m->size))
            return;
        l->wait_first = m->next;
        l->stats.waiting--;
        if (late) {
            drop(l, m, AKT_OVERLOADED);
        } else {
            answer_waiter(l, m);
            put(l, m);
        }
    }
}

static void on_credit(void *ctx)
{
    let_waiters_in(ctx);
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
    if (l->offered)
        return true;
    l->spoke = true;
    while ((n = akt_session_fill(l->session, v, PIECES)) > 0) {
        ssize_t done = l->pipe->write(l->pipe, v, n);
        if (done <= 0)
            return done == 0;
        akt_session_wrote(l->session, (size_t)done);
    }
    return true;
}

static void write_now(struct akt_link *l)
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
        write_now(l);
    } else if (!l->dirty) {
        l->dirty = true;
        l->next_dirty = from->worker->unsent;
        from->worker->unsent = l;
    }
}

static void open_session(struct akt_link *l)
{
    struct akt_session_config c = {.compress = l->compress,
                                   .events = &l->events};
    l->events = (struct akt_session_events){.ctx = l,
                                            .on_message = on_message,
                                            .on_node = on_node,
                                            .on_credit = on_credit,
                                            .on_pong = on_pong,
                                            .on_bye = on_bye};
    l->session = akt_session_create(&c);
    l->session_id = 0;
    l->told = AKT_PID_NODE_SELF;
    if (l->names)
        memset(l->names, 0, l->names_len * sizeof *l->names);
    l->stats.sessions++;
}

/* Whether there is a session, or one can be. */
static bool has_session(struct akt_link *l)
{
    struct akt_wire_node n;
    if (l->state != AKT_LINK_IDLE)
        return true;
    if (l->replaced || now_of(l) < l->until_ns ||
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
    struct akt_msg *m;
    akt_session_read(l->session, &s);
    l->stats.lost_messages += s.unsure_messages;
    akt_session_destroy(l->session);
    l->session = NULL;
    l->session_id = 0;
    l->offered = false;
    l->state = AKT_LINK_IDLE;
    l->until_ns = now_of(l) + AKT_LINK_REST_NS;
    while ((m = l->wait_first)) {
        l->wait_first = m->next;
        drop(l, m, AKT_NOCONNECTION);
    }
    l->stats.waiting = 0;
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

/* What was collected; taken under the lock. */
struct collected {
    struct akt_msg *arrived, *own, *bounced;
    uint64_t session; /* by which it arrived */
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
    struct collected c = {l->arrived_first, l->own_first, l->bounced_first,
                          l->stats.sessions, l->gone};
    l->arrived_first = l->own_first = l->bounced_first = NULL;
    l->gone = false;
    return c;
}

static void release(struct akt_link *l, uint64_t session,
                    const struct freed *freed)
{
    pthread_mutex_lock(&l->lock);
    if (l->session && ((l->stats.sessions ^ session) & SESSION_MASK) == 0) {
        akt_session_release(l->session, freed->messages, freed->bytes);
        write_now(l);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Posts what came; what is released at once goes back as credit. */
static void arrive(struct akt_link *l, const struct collected *c)
{
    struct freed freed = {0, 0};
    struct akt_msg *m = c->arrived;
    while (m) {
        struct akt_msg *next = m->next;
        uint32_t more = m->stamp, size = m->size;
        m->stamp = 0;
        if (akt_remote_arrive(l->node, m, token_of(l, c->session, more))) {
            freed.messages++;
            freed.bytes += (uint32_t)(size + more);
        }
        m = next;
    }
    if (freed.messages)
        release(l, c->session, &freed);
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
    if (c->gone)
        akt_remote_gone(l->node, l->index);
}

/* Locks, and what comes behind them. */
static void begin(struct akt_link *l)
{
    pthread_mutex_lock(&l->read_lock);
    pthread_mutex_lock(&l->lock);
}

static void finish(struct akt_link *l)
{
    struct collected c = collect(l);
    pthread_mutex_unlock(&l->lock);
    deliver(l, &c);
    pthread_mutex_unlock(&l->read_lock);
}

/* ---- the machine's side ---- */

void akt_link_post(struct akt_link *l, struct akt_isolate *from,
                   struct akt_msg *m)
{
    pthread_mutex_lock(&l->lock);
    bool may = has_session(l);
    if (may) {
        put(l, m);
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
    bool may = has_session(l);
    bool full =
        may && (l->wait_first || !akt_session_has_credit(l->session, m->size));
    if (may && !full) {
        put(l, m);
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
    bool may = has_session(l);
    if (may) {
        append(&l->wait_first, &l->wait_last, m);
        l->stats.waiting++;
        let_waiters_in(l); /* credit may have come since it was refused */
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
        write_now(l);
        pthread_mutex_unlock(&l->lock);
        l = next;
    }
}

void akt_link_released(struct akt_link *l, uint64_t token, uint32_t size)
{
    struct freed freed = {1, size + (token >> TOKEN_FRONT & FRONT_MAX)};
    release(l, token >> TOKEN_SESSION, &freed);
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
    l->compress = g->compress;
    l->replaced = false;
    if (!l->session)
        open_session(l);
    l->session_id = g->session;
    l->offered = !g->pipe->opener;
    if (g->pipe->opener)
        akt_session_ping(l->session, now_of(l));
    return true;
}

/* Its end, or nonsense. */
static void look_at_end(struct akt_link *l)
{
    if (l->bye || l->broken)
        lose(l);
}

static void use_pipe(struct akt_link *l, const struct akt_link_greeting *g)
{
    l->pipe = g->pipe;
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
    write_now(l);
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
        write_now(l);
    }
    finish(l);
}

void akt_link_output(struct akt_link *l, struct akt_pipe *p)
{
    pthread_mutex_lock(&l->lock);
    if (l->pipe == p)
        write_now(l);
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

void akt_link_bye(struct akt_link *l)
{
    begin(l);
    if (l->state == AKT_LINK_UP) {
        akt_session_bye(l->session, "the node ends");
        write_now(l);
    }
    finish(l);
}

void akt_link_poke(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->state == AKT_LINK_UP) {
        akt_session_ping(l->session, now_of(l));
        write_now(l);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Senders that gave up must not keep their messages here. */
static void drop_late(struct akt_link *l)
{
    struct akt_msg *m;
    while ((m = l->wait_first) && gave_up(l, m)) {
        l->wait_first = m->next;
        l->stats.waiting--;
        drop(l, m, AKT_OVERLOADED);
    }
}

/* What needs no credit, or is for one that does not read, has an end too. */
static bool is_too_much(const struct akt_link *l)
{
    return l->session && akt_session_queued(l->session) > AKT_LINK_QUEUE_MAX;
}

static void look_at_time(struct akt_link *l, uint64_t now_ns)
{
    bool late = l->state == AKT_LINK_WAITING && now_ns >= l->until_ns;
    if (late || is_too_much(l))
        lose(l);
    if (l->state != AKT_LINK_UP)
        return;
    if (now_ns > l->heard_ns + AKT_LINK_SILENT_NS) {
        lose(l);
        return;
    }
    if (l->spoke)
        l->said_ns = now_ns;
    l->spoke = false;
    if (now_ns >= l->said_ns + AKT_LINK_PING_NS)
        akt_session_ping(l->session, now_ns);
    write_now(l);
}

void akt_link_tick(struct akt_link *l, uint64_t now_ns)
{
    begin(l);
    drop_late(l);
    look_at_time(l, now_ns);
    finish(l);
}
