/* SPDX-License-Identifier: MIT
 *
 * net/sim_net.c: connections of simulated nodes: opened, greeted as half.c
 * does it, and then pipes.
 */
#include "net/sim_net.h"

#include <stdio.h>
#include <string.h>

#include "net/network_impl.h"
#include "vm/base/alloc.h"
#include "vm/sim.h"

#define MS 1000000ull
#define PAUSED_NS (10 * MS) /* between two looks whether it goes on */
#define LIMIT_NS (AKT_HALF_OPEN_MS * MS)
#define PIECE (64u << 10) /* of one write */

struct site;

struct akt_sim_net {
    struct akt_world *world;
    struct akt_link_world *links;
    uint32_t places;
    struct site **sites; /* by place; NULL: nobody is there */
};

/* Something to be called. */
struct call {
    struct akt_later later; /* first */
    struct site *site;
    struct call *next, *prev;
    void (*f)(void *ctx);
    void *ctx;
};

enum stage { OPENING, HEARING, TAKEN, CLOSED };

struct plug {
    struct akt_pipe pipe;   /* first */
    struct akt_later limit; /* OPENING, HEARING: ends it; CLOSED: frees it */
    struct site *site;
    struct plug *next, *prev;
    struct akt_peer *peer; /* TAKEN */
    uint32_t conn;         /* 0: there is nobody to connect to */
    uint32_t other;        /* place */
    enum stage stage;
    bool stuck;           /* the link has more to write */
    bool nobody;          /* opener: is there */
    struct akt_buf heard; /* HEARING */
    void *token;          /* opener */
    char name[AKT_NODE_NAME_MAX + 1];
};

/* The transport of one node. */
struct site {
    struct akt_transport transport; /* first */
    struct akt_sim_net *net;
    uint32_t place;
    bool paused, silent;
    char address[AKT_ADDRESS_MAX + 1];
    struct call *calls;
    struct plug *plugs;
    struct akt_map by_conn;
    struct akt_listen_stats stats;
};

struct greeting {
    struct akt_greeting g; /* first */
    struct plug *plug;
};

static struct site *site_of(const struct akt_transport *t)
{
    return (struct site *)(uintptr_t)t;
}

static const struct akt_listen_events *events_of(const struct plug *p)
{
    return &p->site->transport.network->events;
}

static struct plug *find_plug(struct site *s, uint32_t conn)
{
    uint64_t at = 0;
    bool is = s && akt_map_get(&s->by_conn, conn, &at);
    return is ? (struct plug *)(uintptr_t)at : NULL;
}

/* ---- the clockwork ---- */

static void at(struct site *s, struct akt_later *what, uint64_t ns)
{
    akt_world_at(s->net->world, what, s->net->world->now_ns + ns);
}

/* True: the node is stopped, and it will be asked again. */
static bool is_put_off(struct site *s, struct akt_later *what)
{
    if (s->paused)
        at(s, what, PAUSED_NS);
    return s->paused;
}

static void free_call(struct call *c)
{
    *(c->prev ? &c->prev->next : &c->site->calls) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    akt_world_cancel(c->site->net->world, &c->later);
    akt_free(c, sizeof *c);
}

static void fire_call(struct akt_later *self)
{
    struct call *c = (struct call *)(void *)self;
    void (*f)(void *ctx) = c->f;
    void *ctx = c->ctx;
    if (is_put_off(c->site, self))
        return;
    free_call(c);
    f(ctx);
}

static void after(struct akt_transport *t, uint64_t ms, void (*f)(void *ctx),
                  void *ctx)
{
    struct site *s = site_of(t);
    struct call *c = akt_calloc(sizeof *c);
    c->later.fire = fire_call;
    c->later.idle = true;
    c->site = s;
    c->f = f;
    c->ctx = ctx;
    c->next = s->calls;
    if (c->next)
        c->next->prev = c;
    s->calls = c;
    at(s, &c->later, ms * MS);
}

static void run(struct akt_transport *t, void (*f)(void *ctx), void *ctx)
{
    after(t, 0, f, ctx);
}

/* ---- plugs ---- */

static void free_plug(struct plug *p)
{
    struct site *s = p->site;
    *(p->prev ? &p->prev->next : &s->plugs) = p->next;
    if (p->next)
        p->next->prev = p->prev;
    akt_map_remove(&s->by_conn, p->conn);
    akt_world_cancel(s->net->world, &p->limit);
    akt_buf_fini(&p->heard);
    akt_free(p, sizeof *p);
}

/* Freed a moment later: the caller may be in the middle of it. */
static void close_plug(struct plug *p)
{
    if (p->stage == CLOSED)
        return;
    if (p->conn)
        akt_link_world_close(p->site->net->links, p->site->place, p->conn);
    p->stage = CLOSED;
    at(p->site, &p->limit, 0);
}

static ssize_t write_pipe(struct akt_pipe *pipe, const struct iovec *v, int n)
{
    struct plug *p = (struct plug *)(void *)pipe;
    struct akt_link_world *links = p->site->net->links;
    size_t sent = akt_link_world_sent(links, p->site->place, p->conn), done = 0;
    p->stuck = sent >= AKT_SIM_NET_WINDOW;
    if (p->stage == CLOSED || p->stuck)
        return p->stuck ? 0 : -1;
    size_t room = AKT_SIM_NET_WINDOW - sent;
    room = room < PIECE ? room : PIECE;
    char *bytes = akt_alloc(PIECE);
    for (int i = 0; i < n && done < room; i++) {
        size_t len = v[i].iov_len < room - done ? v[i].iov_len : room - done;
        memcpy(bytes + done, v[i].iov_base, len);
        done += len;
    }
    bool open =
        akt_link_world_send(links, p->site->place, p->conn, bytes, done);
    akt_free(bytes, PIECE);
    return open ? (ssize_t)done : -1;
}

/* When some of what is on its way has arrived. */
static void write_again(struct akt_pipe *pipe)
{
    ((struct plug *)(void *)pipe)->stuck = true;
}

static void close_pipe(struct akt_pipe *pipe)
{
    close_plug((struct plug *)(void *)pipe);
}

static void on_limit(struct akt_later *self);

static struct plug *new_plug(struct site *s, bool opener, uint32_t other)
{
    struct plug *p = akt_calloc(sizeof *p);
    p->pipe = (struct akt_pipe){write_pipe, write_again, close_pipe, opener};
    p->limit.fire = on_limit;
    p->limit.idle = true;
    p->site = s;
    p->other = other;
    akt_buf_init(&p->heard);
    p->next = s->plugs;
    if (p->next)
        p->next->prev = p;
    s->plugs = p;
    at(s, &p->limit, LIMIT_NS);
    return p;
}

static void name_conn(struct plug *p, uint32_t conn)
{
    p->conn = conn;
    akt_map_put(&p->site->by_conn, conn, (uint64_t)(uintptr_t)p);
}

static void say(struct plug *p, struct akt_buf *frame)
{
    akt_link_world_send(p->site->net->links, p->site->place, p->conn,
                        frame->data, frame->len);
    akt_buf_fini(frame);
}

/* ---- what comes to nothing ---- */

static void fail_open(struct plug *p, enum akt_refusal why, const char *text)
{
    const struct akt_listen_events *e = events_of(p);
    struct akt_listen_stats *n = &p->site->stats;
    why == AKT_REFUSED_NONE ? n->failed++ : n->refused[why]++;
    close_plug(p);
    e->on_failed(e->ctx, p->token,
                 &(struct akt_listen_failure){why, p->nobody, text});
}

static void refuse(struct plug *p, enum akt_refusal why, const char *text)
{
    const struct akt_listen_events *e = events_of(p);
    struct akt_buf frame = AKT_BUF_INIT;
    char from[AKT_ADDRESS_MAX + 1];
    p->site->stats.refused[why]++;
    akt_sim_net_address(p->other, from);
    e->on_refused(e->ctx, from, why, text);
    akt_hello_write_refusal(why, &frame);
    say(p, &frame);
    close_plug(p);
}

static void end(struct plug *p, enum akt_refusal why, const char *text)
{
    if (p->pipe.opener)
        fail_open(p, why, text);
    else
        refuse(p, why, text);
}

static void on_limit(struct akt_later *self)
{
    struct plug *p =
        (struct plug *)(void *)((char *)self - offsetof(struct plug, limit));
    if (p->stage == CLOSED)
        free_plug(p);
    else if (!is_put_off(p->site, self))
        end(p, p->pipe.opener ? AKT_REFUSED_NONE : AKT_REFUSED_SLOW,
            p->conn ? "nothing was heard in time" : "there is no such place");
}

/* ---- hello ---- */

static void say_hello(struct plug *p)
{
    const struct akt_listen_events *e = events_of(p);
    struct akt_hello mine = {0};
    struct akt_buf frame = AKT_BUF_INIT;
    e->on_hello(e->ctx, p->token, NULL, &mine);
    akt_hello_write(&mine, false, &frame);
    say(p, &frame);
}

static void answer(const struct akt_greeting *g, const struct akt_hello *mine)
{
    struct akt_buf frame = AKT_BUF_INIT;
    akt_hello_write(mine, true, &frame);
    say(((const struct greeting *)(const void *)g)->plug, &frame);
}

static enum akt_refusal judge(struct plug *p, struct akt_greeting *g)
{
    const struct akt_listen_events *e = events_of(p);
    struct akt_hello mine = {0};
    e->on_hello(e->ctx, NULL, NULL, &mine);
    enum akt_refusal why =
        akt_hello_judge(&mine, g->theirs, &g->version, &g->features);
    bool other = p->name[0] && strcmp(p->name, g->theirs->name) != 0;
    return why || !other ? why : AKT_REFUSED_NAME;
}

static struct akt_pipe *take(struct akt_transport *t, struct akt_peer *peer,
                             const struct akt_greeting *g)
{
    struct plug *p = ((const struct greeting *)(const void *)g)->plug;
    p->stage = TAKEN;
    p->peer = peer;
    akt_world_cancel(site_of(t)->net->world, &p->limit);
    return &p->pipe;
}

static void begin(struct akt_pipe *pipe)
{
    (void)pipe; /* what comes is heard in any case */
}

static void hand_over(struct plug *p, struct akt_greeting *g)
{
    const struct akt_listen_events *e = events_of(p);
    enum akt_refusal why = e->on_greeted(e->ctx, g);
    if (why == AKT_REFUSED_NONE)
        p->site->stats.greeted++;
    else if (!p->pipe.opener)
        refuse(p, why, akt_refusal_name(why));
    else
        close_plug(p);
    if (why && p->pipe.opener)
        p->site->stats.refused[why]++;
}

static void greet(struct plug *p, const struct akt_hello_read *r)
{
    char from[AKT_ADDRESS_MAX + 1];
    akt_sim_net_address(p->other, from);
    struct greeting g = {.g = {.theirs = &r->hello,
                               .opener = p->pipe.opener,
                               .token = p->token,
                               .rest = p->heard.data + r->len,
                               .rest_len = p->heard.len - r->len,
                               .from = from},
                         .plug = p};
    enum akt_refusal why = judge(p, &g.g);
    if (why)
        end(p, why, akt_refusal_name(why));
    else
        hand_over(p, &g.g);
}

static void be_denied(struct plug *p, enum akt_refusal why)
{
    const struct akt_listen_events *e = events_of(p);
    p->site->stats.denied[why]++;
    close_plug(p);
    e->on_failed(
        e->ctx, p->token,
        &(struct akt_listen_failure){why, false, akt_refusal_name(why)});
}

static void hear(struct plug *p, const char *bytes, size_t len)
{
    akt_buf_add(&p->heard, bytes, len);
    struct akt_hello_read r = akt_hello_read(p->heard.data, p->heard.len);
    if (r.kind == AKT_HELLO_MORE)
        return;
    if (r.kind == (p->pipe.opener ? AKT_HELLO_ANSWERED : AKT_HELLO_ASKED))
        greet(p, &r);
    else if (r.kind == AKT_HELLO_REFUSED && p->pipe.opener)
        be_denied(p, r.why);
    else
        end(p, AKT_REFUSED_BAD_HELLO, "what it says is no hello");
}

/* ---- what arrives ---- */

static void on_open(void *ctx, uint32_t from, uint32_t conn)
{
    struct site *s = ctx;
    struct plug *p = find_plug(s, conn);
    if (p && p->stage == CLOSED)
        return;
    if (!p) {
        p = new_plug(s, false, from);
        name_conn(p, conn);
        s->stats.accepted++;
    }
    p->stage = HEARING;
    if (p->pipe.opener)
        say_hello(p);
}

static void write_more(struct plug *p)
{
    if (!p || !p->stuck || p->stage != TAKEN || p->site->paused)
        return;
    p->stuck = false;
    akt_link_output(&p->peer->link, &p->pipe);
}

static void on_bytes(void *ctx, uint32_t conn, const char *bytes, size_t len)
{
    struct site *s = ctx;
    struct plug *p = find_plug(s, conn);
    if (!p || p->stage == CLOSED)
        return;
    uint32_t other = p->other;
    if (p->stage == TAKEN)
        akt_link_input(&p->peer->link, &p->pipe, bytes, len);
    else
        hear(p, bytes, len);
    write_more(find_plug(s->net->sites[other], conn));
}

static void on_closed(void *ctx, uint32_t conn)
{
    struct site *s = ctx;
    struct plug *p = find_plug(s, conn);
    if (!p || p->stage == CLOSED)
        return;
    if (p->stage == TAKEN)
        akt_link_broke(
            &p->peer->link, &p->pipe,
            akt_peer_patience(s->transport.network, p->peer, p->pipe.opener));
    else if ((p->nobody = p->stage == OPENING))
        end(p, AKT_REFUSED_NONE, "connection refused");
    else
        end(p, p->pipe.opener ? AKT_REFUSED_NONE : AKT_REFUSED_BAD_HELLO,
            "closed without an answer");
}

static void on_cast(void *ctx, uint32_t from, const char *bytes, size_t len)
{
    (void)ctx, (void)from, (void)bytes, (void)len; /* nobody does */
}

/* ---- the transport ---- */

static void start(struct akt_transport *t)
{
    struct site *s = site_of(t);
    s->net->sites[s->place] = s;
    akt_link_world_join(s->net->links, s->place,
                        &(struct akt_link_end){.ctx = s,
                                               .on_open = on_open,
                                               .on_bytes = on_bytes,
                                               .on_closed = on_closed,
                                               .on_cast = on_cast});
}

/* What was said before arrives, unless the host is gone with it. */
static void stop(struct akt_transport *t)
{
    struct site *s = site_of(t);
    for (struct plug *p = s->plugs; p && !s->silent; p = p->next)
        close_plug(p);
    akt_link_world_leave(s->net->links, s->place, s->silent);
    s->net->sites[s->place] = NULL;
    while (s->calls)
        free_call(s->calls);
}

static void destroy(struct akt_transport *t)
{
    struct site *s = site_of(t);
    while (s->plugs)
        free_plug(s->plugs);
    akt_map_fini(&s->by_conn);
    akt_free(s, sizeof *s);
}

static const char *address(const struct akt_transport *t)
{
    return site_of(t)->address;
}

static void show(const struct akt_transport *t, const struct akt_channel *c,
                 char *out)
{
    (void)c;
    strcpy(out, site_of(t)->address);
}

/* There is one thread, and it is not stuck. */
static void stand_in(struct akt_transport *t, struct akt_worker *stuck)
{
    (void)t, (void)stuck;
}

static void read_stats(struct akt_transport *t, struct akt_listen_stats *out)
{
    *out = site_of(t)->stats;
}

static void connect_to(struct akt_transport *t,
                       const struct akt_listen_target *to)
{
    struct site *s = site_of(t);
    unsigned place = 0;
    bool is = sscanf(to->address, "place-%u:1", &place) == 1 && place > 0 &&
              place <= s->net->places;
    struct plug *p = new_plug(s, true, place - 1);
    p->token = to->token;
    snprintf(p->name, sizeof p->name, "%s", to->name ? to->name : "");
    s->stats.connects++;
    if (is)
        name_conn(p, akt_link_world_open(s->net->links, s->place, place - 1));
    else
        at(s, &p->limit, 0);
}

static const struct akt_transport_ops ops = {.start = start,
                                             .stop = stop,
                                             .destroy = destroy,
                                             .address = address,
                                             .show = show,
                                             .stand_in = stand_in,
                                             .read = read_stats,
                                             .run = run,
                                             .after = after,
                                             .connect = connect_to,
                                             .answer = answer,
                                             .pipe = take,
                                             .begin = begin};

/* ---- places ---- */

struct akt_sim_net *akt_sim_net_create(struct akt_world *world, uint32_t places)
{
    struct akt_sim_net *s = akt_calloc(sizeof *s);
    s->world = world;
    s->places = places;
    s->links = akt_link_world_create(world, places);
    s->sites = akt_calloc(places * sizeof(struct site *));
    return s;
}

void akt_sim_net_destroy(struct akt_sim_net *s)
{
    if (!s)
        return;
    akt_link_world_destroy(s->links);
    akt_free(s->sites, s->places * sizeof(struct site *));
    akt_free(s, sizeof *s);
}

struct akt_link_world *akt_sim_net_links(struct akt_sim_net *s)
{
    return s->links;
}

void akt_sim_net_address(uint32_t place, char *out)
{
    snprintf(out, AKT_ADDRESS_MAX + 1, "place-%u:1", place + 1);
}

struct akt_transport *akt_sim_net_transport(struct akt_sim_net *net,
                                            uint32_t place)
{
    struct site *s = akt_calloc(sizeof *s);
    s->transport.ops = &ops;
    s->net = net;
    s->place = place;
    akt_sim_net_address(place, s->address);
    akt_map_init(&s->by_conn);
    return &s->transport;
}

void akt_sim_net_pause(struct akt_sim_net *net, uint32_t place, bool pause)
{
    struct site *s = net->sites[place];
    if (!s)
        return;
    s->paused = pause;
    akt_sim_pause(s->transport.network->node, pause);
    akt_link_world_pause(net->links, place, pause);
    for (struct plug *p = s->plugs; p; p = p->next)
        write_more(p);
}

void akt_sim_net_cut_off(struct akt_sim_net *net, uint32_t place)
{
    if (net->sites[place])
        net->sites[place]->silent = true;
}
