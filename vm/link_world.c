/* SPDX-License-Identifier: MIT */
#include "vm/link_world.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/map.h"
#include "vm/world.h"

enum what { OPENED, BYTES, CLOSED, CAST };

/* A connection; side 0 has opened it. */
struct conn {
    struct conn *next, *prev; /* of all */
    uint32_t id;
    uint32_t ends[2];
    bool alive;          /* nobody has closed it, and nothing has broken it */
    bool open[2];        /* this side has heard of it, and not of its end */
    bool gone[2];        /* its node has left: it hears nothing */
    bool mute[2];        /* ... and nobody is told */
    uint64_t last_ns[2]; /* when the last one sent by this side arrives */
    size_t bytes[2];     /* sent by this side, on their way */
    uint32_t packets;
};

/* Something on its way from one node to another. */
struct packet {
    struct akt_later later; /* first */
    struct akt_link_world *net;
    struct packet *next, *prev; /* of its direction */
    uint32_t from, to;
    struct conn *conn; /* NULL: CAST */
    int side;          /* that sent it */
    enum what what;
    size_t len;
    char bytes[];
};

/* One direction of a pair. */
struct way {
    struct akt_link_faults faults;
    struct packet *first, *last;
};

struct akt_link_world {
    struct akt_world *world;
    uint32_t nodes;
    struct akt_link_end *ends;
    bool *joined, *silent, *paused;
    struct way *ways; /* from * nodes + to */
    struct conn *conns;
    struct akt_map by_id;
    uint32_t last_id;
    struct akt_link_world_stats stats;
};

static struct way *way_of(struct akt_link_world *n, uint32_t from, uint32_t to)
{
    return &n->ways[from * n->nodes + to];
}

/* ---- connections ---- */

static struct conn *find_conn(struct akt_link_world *n, uint32_t id)
{
    uint64_t at = 0;
    return akt_map_get(&n->by_id, id, &at) ? (struct conn *)(uintptr_t)at
                                           : NULL;
}

static int side_of(const struct conn *c, uint32_t node)
{
    return c->ends[1] == node;
}

static struct conn *new_conn(struct akt_link_world *n, uint32_t from,
                             uint32_t to)
{
    struct conn *c = akt_calloc(sizeof *c);
    c->id = ++n->last_id;
    c->ends[0] = from;
    c->ends[1] = to;
    c->alive = true;
    c->next = n->conns;
    if (c->next)
        c->next->prev = c;
    n->conns = c;
    akt_map_put(&n->by_id, c->id, (uint64_t)(uintptr_t)c);
    return c;
}

static void free_conn(struct akt_link_world *n, struct conn *c)
{
    *(c->prev ? &c->prev->next : &n->conns) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    akt_map_remove(&n->by_id, c->id);
    akt_free(c, sizeof *c);
}

/* Nobody will speak of it any more. */
static void settle(struct akt_link_world *n, struct conn *c)
{
    if (!c->alive && !c->packets && !c->open[0] && !c->open[1])
        free_conn(n, c);
}

/* ---- packets ---- */

static void fire(struct akt_later *self);

static bool is_held(const struct packet *p)
{
    return way_of(p->net, p->from, p->to)->faults.cut || p->net->paused[p->to];
}

static void schedule(struct packet *p, uint64_t at_ns)
{
    if (is_held(p))
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
        p->conn->bytes[p->side] -= p->len;
    if (p->conn)
        p->conn->packets--;
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
    p->len = len;
    p->later.fire = fire;
    p->later.idle = true;
    link_packet(way_of(n, from, to), p);
    return p;
}

/* From one side of a connection to the other, in order. */
static struct packet *send_from(struct akt_link_world *n, struct conn *c,
                                int side, enum what what, size_t len)
{
    uint32_t from = c->ends[side], to = c->ends[!side];
    struct packet *p = new_packet(n, from, to, what, len);
    uint64_t at_ns = n->world->now_ns + draw_delay(n, way_of(n, from, to));
    p->conn = c;
    p->side = side;
    c->packets++;
    if (at_ns > c->last_ns[side])
        c->last_ns[side] = at_ns;
    schedule(p, c->last_ns[side]);
    return p;
}

/* ---- the life of a connection ---- */

/* What this side has sent and has not arrived is gone. */
static void drop_sent(struct akt_link_world *n, struct conn *c, int side)
{
    struct way *w = way_of(n, c->ends[side], c->ends[!side]);
    for (struct packet *p = w->first, *next; p; p = next) {
        next = p->next;
        if (p->conn == c)
            free_packet(p);
    }
}

/* A reset: both are told. */
static void break_conn(struct akt_link_world *n, struct conn *c)
{
    if (!c->alive)
        return;
    c->alive = false;
    n->stats.broken++;
    for (int side = 0; side < 2; side++) {
        drop_sent(n, c, side);
        send_from(n, c, side, CLOSED, 0);
    }
}

uint32_t akt_link_world_open(struct akt_link_world *n, uint32_t from,
                             uint32_t to)
{
    struct conn *c = new_conn(n, from, to);
    c->open[0] = true; /* so that its end is told */
    if (n->joined[to])
        send_from(n, c, 0, OPENED, 0);
    else if (!n->silent[to])
        break_conn(n, c);
    else
        c->gone[1] = c->mute[1] = true;
    return c->id;
}

/* What was sent before still arrives. */
void akt_link_world_close(struct akt_link_world *n, uint32_t at, uint32_t conn)
{
    struct conn *c = find_conn(n, conn);
    int side = c ? side_of(c, at) : 0;
    if (!c || !c->open[side])
        return;
    c->open[side] = false;
    drop_sent(n, c, !side);
    if (c->alive && !c->mute[!side])
        send_from(n, c, side, CLOSED, 0);
    c->alive = false;
    settle(n, c);
}

/* ---- sending ---- */

bool akt_link_world_send(struct akt_link_world *n, uint32_t at, uint32_t conn,
                         const char *p, size_t len)
{
    struct conn *c = find_conn(n, conn);
    int side = c ? side_of(c, at) : 0;
    if (!c || !c->open[side] || c->bytes[side] + len > AKT_LINK_BUFFER)
        return false;
    n->stats.sent++;
    if (!c->alive || c->gone[!side]) { /* who sends cannot know */
        n->stats.lost++;
        if (n->joined[c->ends[!side]])
            break_conn(n, c);
        return true;
    }
    if (happens(n, way_of(n, at, c->ends[!side])->faults.loss)) {
        n->stats.lost++;
        break_conn(n, c);
        return true;
    }
    c->bytes[side] += len;
    memcpy(send_from(n, c, side, BYTES, len)->bytes, p, len);
    return true;
}

size_t akt_link_world_sent(struct akt_link_world *n, uint32_t at, uint32_t conn)
{
    struct conn *c = find_conn(n, conn);
    return c ? c->bytes[side_of(c, at)] : 0;
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

static void arrive_conn(struct akt_link_world *n, const struct packet *p)
{
    const struct akt_link_end *end = &n->ends[p->to];
    struct conn *c = p->conn;
    uint32_t id = c->id;
    bool was_open = c->open[!p->side];
    if (p->what == OPENED) {
        c->open[!p->side] = true;
        if (p->side == 0)
            send_from(n, c, 1, OPENED, 0);
        end->on_open(end->ctx, p->from, id);
    } else if (p->what == BYTES) {
        end->on_bytes(end->ctx, id, p->bytes, p->len);
    } else {
        c->open[!p->side] = false;
        if (was_open)
            end->on_closed(end->ctx, id);
    }
}

/* Off the way first, with its bytes: whoever hears of it may do anything. */
static void fire(struct akt_later *self)
{
    struct packet *p = (struct packet *)self;
    struct akt_link_world *n = p->net;
    struct conn *c = p->conn;
    struct packet *copy = akt_alloc(sizeof *p + p->len);
    memcpy(copy, p, sizeof *p + p->len);
    free_packet(p);
    uint32_t id = c ? c->id : 0;
    if (c && !c->gone[!copy->side]) {
        n->stats.arrived++;
        arrive_conn(n, copy);
    } else if (!c && n->joined[copy->to]) {
        const struct akt_link_end *end = &n->ends[copy->to];
        n->stats.arrived++;
        end->on_cast(end->ctx, copy->from, copy->bytes, copy->len);
    }
    if (id && (c = find_conn(n, id)))
        settle(n, c);
    akt_free(copy, sizeof *copy + copy->len);
}

/* ---- faults ---- */

/* What waited goes on, in order. */
static void resume(struct akt_link_world *n, struct way *w)
{
    for (struct packet *p = w->first; p; p = p->next)
        if (!akt_heap_has(&p->later.node) && !is_held(p))
            akt_world_at(n->world, &p->later, n->world->now_ns);
}

static void hold(struct akt_link_world *n, struct way *w)
{
    for (struct packet *p = w->first, *next; p; p = next) {
        next = p->next;
        if (p->what == CAST && w->faults.cut) {
            n->stats.lost++;
            free_packet(p);
        } else {
            akt_world_cancel(n->world, &p->later);
        }
    }
}

void akt_link_world_pause(struct akt_link_world *n, uint32_t node, bool pause)
{
    n->paused[node] = pause;
    for (uint32_t i = 0; i < n->nodes; i++)
        (pause ? hold : resume)(n, way_of(n, i, node));
}

void akt_link_world_set(struct akt_link_world *n, uint32_t from, uint32_t to,
                        const struct akt_link_faults *faults)
{
    struct way *w = way_of(n, from, to);
    bool was_cut = w->faults.cut;
    w->faults = *faults;
    if (faults->cut && !was_cut)
        hold(n, w);
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
                         struct akt_link_world_stats *out)
{
    *out = n->stats;
}

/* ---- nodes ---- */

void akt_link_world_join(struct akt_link_world *n, uint32_t node,
                         const struct akt_link_end *end)
{
    n->ends[node] = *end;
    n->joined[node] = true;
    n->silent[node] = n->paused[node] = false;
}

/* Its node is gone: this side hears nothing more. */
static void abandon(struct akt_link_world *n, struct conn *c, int side,
                    bool silently)
{
    c->gone[side] = true;
    c->open[side] = false;
    if (silently) {
        c->mute[side] = true;
        drop_sent(n, c, side);
        drop_sent(n, c, !side);
        c->alive &= c->open[!side];
    } else {
        break_conn(n, c);
    }
    settle(n, c);
}

void akt_link_world_leave(struct akt_link_world *n, uint32_t node,
                          bool silently)
{
    n->joined[node] = false;
    n->silent[node] = silently;
    for (struct conn *c = n->conns, *next; c; c = next) {
        next = c->next;
        int side = side_of(c, node);
        if (c->ends[side] == node && !c->gone[side])
            abandon(n, c, side, silently);
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
    n->silent = akt_calloc(nodes * sizeof *n->silent);
    n->paused = akt_calloc(nodes * sizeof *n->paused);
    n->ways = akt_calloc(nodes * nodes * sizeof *n->ways);
    akt_map_init(&n->by_id);
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
    while (n->conns)
        free_conn(n, n->conns);
    akt_map_fini(&n->by_id);
    akt_free(n->ways, nodes * nodes * sizeof *n->ways);
    akt_free(n->paused, nodes * sizeof *n->paused);
    akt_free(n->silent, nodes * sizeof *n->silent);
    akt_free(n->joined, nodes * sizeof *n->joined);
    akt_free(n->ends, nodes * sizeof *n->ends);
    akt_free(n, sizeof *n);
}
