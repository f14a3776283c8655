/* SPDX-License-Identifier: MIT */
#include "vm/link_world.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/world.h"

enum what { OPENED, BYTES, CLOSED, CAST };

/* Something on its way from one node to another. */
struct packet {
    struct akt_later later; /* first */
    struct akt_link_world *net;
    struct packet *next, *prev; /* of its direction */
    uint32_t from, to;
    uint32_t life; /* of the connection, when it was sent */
    enum what what;
    size_t len;
    char bytes[];
};

/* One direction. */
struct way {
    struct akt_link_faults faults;
    struct packet *first, *last;
    uint64_t last_ns; /* when the last one of the connection arrives */
    size_t bytes;     /* of the connection, on their way */
};

/* Both directions of a pair share it. */
struct pair {
    uint32_t life;    /* counts; odd: open or being opened */
    uint32_t open[2]; /* the life that this end has heard of; 0: closed */
};

struct akt_link_world {
    struct akt_world *world;
    uint32_t nodes;
    struct akt_link_end *ends;
    bool *joined;
    struct way *ways;   /* from * nodes + to */
    struct pair *pairs; /* less * nodes + greater */
    struct akt_link_stats stats;
};

static struct way *way_of(struct akt_link_world *n, uint32_t from, uint32_t to)
{
    return &n->ways[from * n->nodes + to];
}

static struct pair *pair_of(struct akt_link_world *n, uint32_t a, uint32_t b)
{
    return a < b ? &n->pairs[a * n->nodes + b] : &n->pairs[b * n->nodes + a];
}

/* ---- packets ---- */

static void fire(struct akt_later *self);

static void schedule(struct packet *p, uint64_t at_ns)
{
    const struct way *w = way_of(p->net, p->from, p->to);
    if (w->faults.cut)
        akt_world_cancel(p->net->world, &p->later); /* until it is healed */
    else
        akt_world_at(p->net->world, &p->later, at_ns);
}

static uint64_t draw_delay(struct akt_link_world *n, const struct way *w)
{
    const struct akt_link_faults *f = &w->faults;
    uint64_t spread = f->most_ns > f->least_ns ? f->most_ns - f->least_ns : 0;
    return f->least_ns + akt_random_below(&n->world->random, spread + 1);
}

static bool happens(struct akt_link_world *n, double share)
{
    return share > 0 && akt_random_double(&n->world->random) < share;
}

static void link_packet(struct way *w, struct packet *p)
{
    p->prev = w->last;
    *(w->last ? &w->last->next : &w->first) = p;
    w->last = p;
}

static void free_packet(struct packet *p)
{
    struct way *w = way_of(p->net, p->from, p->to);
    *(p->prev ? &p->prev->next : &w->first) = p->next;
    *(p->next ? &p->next->prev : &w->last) = p->prev;
    if (p->what == BYTES)
        w->bytes -= p->len;
    akt_world_cancel(p->net->world, &p->later);
    akt_free(p, sizeof *p + p->len);
}

static struct packet *new_packet(struct akt_link_world *n, uint32_t from,
                                 uint32_t to, enum what what, size_t len)
{
    struct packet *p = akt_calloc(sizeof *p + len);
    p->net = n;
    p->from = from;
    p->to = to;
    p->what = what;
    p->life = pair_of(n, from, to)->life;
    p->len = len;
    p->later.fire = fire;
    link_packet(way_of(n, from, to), p);
    return p;
}

/* In order with all of the connection. */
static void send_in_order(struct akt_link_world *n, struct packet *p)
{
    struct way *w = way_of(n, p->from, p->to);
    uint64_t at_ns = n->world->now_ns + draw_delay(n, w);
    w->last_ns = at_ns > w->last_ns ? at_ns : w->last_ns;
    schedule(p, w->last_ns);
}

/* ---- the life of a connection ---- */

/* What is on its way in this direction is gone. */
static void drop_connection(struct akt_link_world *n, uint32_t from,
                            uint32_t to)
{
    struct way *w = way_of(n, from, to);
    for (struct packet *p = w->first, *next; p; p = next) {
        next = p->next;
        if (p->what == BYTES || p->what == OPENED)
            free_packet(p);
    }
}

static uint32_t *open_at(struct akt_link_world *n, uint32_t at, uint32_t other)
{
    return &pair_of(n, at, other)->open[at > other];
}

/* Not when it speaks to a life of which the end is on its way to it. */
static bool may_send(struct akt_link_world *n, uint32_t from, uint32_t to)
{
    uint32_t life = pair_of(n, from, to)->life;
    return (life & 1) && *open_at(n, from, to) == life;
}

/* The end of a life is told to `at`, behind what is on its way to it. */
static void tell_closed(struct akt_link_world *n, uint32_t at, uint32_t other)
{
    send_in_order(n, new_packet(n, other, at, CLOSED, 0));
}

/* Both directions end, by a fault. */
static void break_pair(struct akt_link_world *n, uint32_t a, uint32_t b)
{
    struct pair *pair = pair_of(n, a, b);
    if (!(pair->life & 1))
        return;
    drop_connection(n, a, b);
    drop_connection(n, b, a);
    tell_closed(n, a, b);
    tell_closed(n, b, a);
    pair->life++;
    n->stats.broken++;
}

void akt_link_world_open(struct akt_link_world *n, uint32_t from, uint32_t to)
{
    struct pair *pair = pair_of(n, from, to);
    if (pair->life & 1)
        return;
    pair->life++;
    send_in_order(n, new_packet(n, from, to, OPENED, 0));
    send_in_order(n, new_packet(n, to, from, OPENED, 0));
    if (!n->joined[to])
        break_pair(n, from, to);
}

/* What was sent before still arrives. */
void akt_link_world_close(struct akt_link_world *n, uint32_t from, uint32_t to)
{
    struct pair *pair = pair_of(n, from, to);
    if (!(pair->life & 1))
        return;
    drop_connection(n, to, from);
    tell_closed(n, to, from);
    *open_at(n, from, to) = 0;
    pair->life++;
}

/* ---- sending ---- */

bool akt_link_world_send(struct akt_link_world *n, uint32_t from, uint32_t to,
                         const char *p, size_t len)
{
    struct way *w = way_of(n, from, to);
    if (!may_send(n, from, to) || w->bytes + len > AKT_LINK_BUFFER)
        return false;
    n->stats.sent++;
    if (happens(n, w->faults.loss)) {
        n->stats.lost++;
        break_pair(n, from, to);
        return true; /* who sends cannot know */
    }
    struct packet *packet = new_packet(n, from, to, BYTES, len);
    memcpy(packet->bytes, p, len);
    w->bytes += len;
    send_in_order(n, packet);
    return true;
}

static void cast_one(struct akt_link_world *n, uint32_t from, uint32_t to,
                     const char *p, size_t len)
{
    struct packet *packet = new_packet(n, from, to, CAST, len);
    memcpy(packet->bytes, p, len);
    schedule(packet, n->world->now_ns + draw_delay(n, way_of(n, from, to)));
}

void akt_link_world_cast(struct akt_link_world *n, uint32_t from, uint32_t to,
                         const char *p, size_t len)
{
    const struct way *w = way_of(n, from, to);
    n->stats.sent++;
    if (w->faults.cut || happens(n, w->faults.loss)) {
        n->stats.lost++;
        return;
    }
    cast_one(n, from, to, p, len);
    if (happens(n, w->faults.doubling)) {
        n->stats.doubled++;
        cast_one(n, from, to, p, len);
    }
}

/* ---- arriving ---- */

static void arrive(struct akt_link_world *n, const struct packet *p)
{
    const struct akt_link_end *end = &n->ends[p->to];
    uint32_t *open = open_at(n, p->to, p->from);
    n->stats.arrived++;
    switch (p->what) {
    case OPENED:
        *open = p->life;
        end->on_open(end->ctx, p->from);
        break;
    case BYTES:
        end->on_bytes(end->ctx, p->from, p->bytes, p->len);
        break;
    case CLOSED:
        *open = 0;
        end->on_closed(end->ctx, p->from);
        break;
    case CAST:
        end->on_cast(end->ctx, p->from, p->bytes, p->len);
        break;
    }
}

/* Off the way first, with its bytes: whoever hears of it may do anything. */
static void fire(struct akt_later *self)
{
    struct packet *p = (struct packet *)self;
    struct akt_link_world *n = p->net;
    struct packet *copy = akt_alloc(sizeof *p + p->len);
    memcpy(copy, p, sizeof *p + p->len);
    free_packet(p);
    if (n->joined[copy->to])
        arrive(n, copy);
    akt_free(copy, sizeof *copy + copy->len);
}

/* ---- faults ---- */

/* What waited for it to be healed goes on, in order. */
static void resume(struct akt_link_world *n, struct way *w)
{
    for (struct packet *p = w->first; p; p = p->next)
        if (!akt_heap_has(&p->later.node))
            akt_world_at(n->world, &p->later, n->world->now_ns);
}

static void pause(struct akt_link_world *n, struct way *w)
{
    for (struct packet *p = w->first, *next; p; p = next) {
        next = p->next;
        if (p->what == CAST) {
            n->stats.lost++;
            free_packet(p);
        } else {
            akt_world_cancel(n->world, &p->later);
        }
    }
}

void akt_link_world_set(struct akt_link_world *n, uint32_t from, uint32_t to,
                        const struct akt_link_faults *faults)
{
    struct way *w = way_of(n, from, to);
    bool was_cut = w->faults.cut;
    w->faults = *faults;
    if (faults->cut && !was_cut)
        pause(n, w);
    else if (!faults->cut && was_cut)
        resume(n, w);
}

static void set_cut(struct akt_link_world *n, uint32_t from, uint32_t to,
                    bool cut)
{
    struct akt_link_faults faults = way_of(n, from, to)->faults;
    faults.cut = cut;
    akt_link_world_set(n, from, to, &faults);
}

void akt_link_world_cut(struct akt_link_world *n, uint64_t these,
                        uint64_t those, bool cut)
{
    for (uint32_t a = 0; a < n->nodes; a++)
        for (uint32_t b = 0; b < n->nodes; b++)
            if (a != b && these >> a & 1 && those >> b & 1) {
                set_cut(n, a, b, cut);
                set_cut(n, b, a, cut);
            }
}

void akt_link_world_read(const struct akt_link_world *n,
                         struct akt_link_stats *out)
{
    *out = n->stats;
}

/* ---- nodes ---- */

void akt_link_world_join(struct akt_link_world *n, uint32_t node,
                         const struct akt_link_end *end)
{
    n->ends[node] = *end;
    n->joined[node] = true;
}

void akt_link_world_leave(struct akt_link_world *n, uint32_t node)
{
    n->joined[node] = false;
    for (uint32_t i = 0; i < n->nodes; i++) {
        if (i == node)
            continue;
        break_pair(n, node, i);
        *open_at(n, node, i) = 0;
    }
}

struct akt_link_world *akt_link_world_create(struct akt_world *world,
                                             uint32_t nodes)
{
    struct akt_link_world *n = akt_calloc(sizeof *n);
    n->world = world;
    n->nodes = nodes;
    n->ends = akt_calloc(nodes * sizeof *n->ends);
    n->joined = akt_calloc(nodes * sizeof *n->joined);
    n->ways = akt_calloc(nodes * nodes * sizeof *n->ways);
    n->pairs = akt_calloc(nodes * nodes * sizeof *n->pairs);
    return n;
}

void akt_link_world_destroy(struct akt_link_world *n)
{
    if (!n)
        return;
    uint32_t nodes = n->nodes;
    for (uint32_t i = 0; i < nodes * nodes; i++)
        while (n->ways[i].first)
            free_packet(n->ways[i].first);
    akt_free(n->pairs, nodes * nodes * sizeof *n->pairs);
    akt_free(n->ways, nodes * nodes * sizeof *n->ways);
    akt_free(n->joined, nodes * sizeof *n->joined);
    akt_free(n->ends, nodes * sizeof *n->ends);
    akt_free(n, sizeof *n);
}
