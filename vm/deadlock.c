/* SPDX-License-Identifier: MIT */
#include "vm/deadlock.h"

#include "vm/base/alloc.h"
#include "vm/tape.h"

/* An edge: the slot waited for, whether what is asked passes the handlers that
 * wait there, the number of the wait. */
#define SEQ_BITS 37
#define SEQ_MASK ((1ull << SEQ_BITS) - 1)
#define PASSES (1ull << SEQ_BITS)
#define SLOT_SHIFT (SEQ_BITS + 1)

static uint64_t word(uint32_t slot, uint64_t ask)
{
    /* the serial part of a pending's id stands above its index bits */
    return (uint64_t)slot << SLOT_SHIFT | ((ask >> 24) & SEQ_MASK);
}

static uint64_t edge_of(akt_pid target, uint64_t ask)
{
    return word(akt_pid_slot(target), ask);
}

/* A wait by who waits; no two in a node are the same. */
static uint64_t wait_of(akt_pid who, uint64_t ask)
{
    return word(akt_pid_slot(who), ask);
}

static uint64_t read_edge(const struct akt_actor *a)
{
    /* seq_cst: pairs with the store in publish; of two waiters that close a
     * circle at once, one sees the other's edge */
    return atomic_load_explicit(&a->edge, memory_order_seq_cst);
}

/* ---- side edges ---- */

void akt_sides_init(struct akt_sides *s)
{
    pthread_mutex_init(&s->lock, NULL);
    akt_map_init(&s->edges);
    akt_map_init(&s->requests);
    atomic_init(&s->len, 0);
}

void akt_sides_fini(struct akt_sides *s)
{
    akt_map_fini(&s->edges);
    akt_map_fini(&s->requests);
    pthread_mutex_destroy(&s->lock);
}

static bool any_sides(struct akt_sides *s)
{
    /* seq_cst: pairs with the addition in put_side; who sees none has published
     * its own edge before the other one walks */
    return atomic_load_explicit(&s->len, memory_order_seq_cst) != 0;
}

/* The edge of the strand that handles what this wait is for; 0: none. */
static uint64_t side_of(struct akt_sides *s, uint64_t wait)
{
    uint64_t edge = 0;
    if (!any_sides(s))
        return 0;
    pthread_mutex_lock(&s->lock);
    akt_map_get(&s->edges, wait, &edge);
    pthread_mutex_unlock(&s->lock);
    return edge;
}

static void put_side(struct akt_sides *s, uint64_t request, uint64_t wait,
                     uint64_t edge)
{
    atomic_fetch_add_explicit(&s->len, 1, memory_order_seq_cst);
    pthread_mutex_lock(&s->lock);
    akt_map_put(&s->edges, request, edge);
    akt_map_put(&s->requests, wait, request);
    pthread_mutex_unlock(&s->lock);
}

/* `edge` 0: the wait is over; else it is for another one now. */
static void change_side(struct akt_sides *s, uint64_t wait, uint64_t edge)
{
    uint64_t request;
    if (!any_sides(s))
        return;
    pthread_mutex_lock(&s->lock);
    bool found = akt_map_get(&s->requests, wait, &request);
    if (found && edge) {
        akt_map_put(&s->edges, request, edge);
    } else if (found) {
        akt_map_remove(&s->edges, request);
        akt_map_remove(&s->requests, wait);
        atomic_fetch_sub_explicit(&s->len, 1, memory_order_seq_cst);
    }
    pthread_mutex_unlock(&s->lock);
}

void akt_edge_clear_side(struct akt_node *node, const struct akt_actor *a,
                         uint64_t ask)
{
    change_side(&node->sides, wait_of(a->self, ask), 0);
}

/* ---- the walk ---- */

/* `from`: the edge is a side edge, of who handles that wait. */
struct hop {
    struct akt_actor *actor;
    uint64_t edge, from;
};

static bool unchanged(struct akt_node *node, const struct hop *hops, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t now = hops[i].from ? side_of(&node->sides, hops[i].from)
                                    : read_edge(hops[i].actor);
        if (now != hops[i].edge)
            return false;
    }
    return true;
}

static struct akt_actor *follow(struct akt_node *node, uint64_t edge)
{
    uint32_t slot = (uint32_t)(edge >> SLOT_SHIFT);
    return akt_actor_slot(node->actors,
                          akt_pid_make(AKT_PID_NODE_SELF, slot, 0));
}

/* `own`: the wait that a's strand handles; 0: none. `claims`: a as a whole
 * waits, so coming back to it in whatever way closes a circle. */
static uint32_t walk(struct akt_node *node, struct hop at, uint64_t own,
                     bool claims, akt_pid chain[AKT_CHAIN_MAX])
{
    struct hop hops[AKT_CHAIN_MAX];
    struct akt_actor *a = at.actor;
    uint32_t slot = akt_pid_slot(a->self);
    for (uint32_t n = 0; n < AKT_CHAIN_MAX && at.actor && at.edge; n++) {
        uint64_t wait = (uint64_t)slot << SLOT_SHIFT | (at.edge & SEQ_MASK);
        hops[n] = at;
        chain[n].bits =
            atomic_load_explicit(&at.actor->pid, memory_order_relaxed);
        if (own && wait == own)
            return unchanged(node, hops, n + 1) ? n + 1 : 0;
        bool passes = at.edge & PASSES;
        slot = (uint32_t)(at.edge >> SLOT_SHIFT);
        at.actor = follow(node, at.edge);
        at.edge = side_of(&node->sides, wait);
        at.from = at.edge ? wait : 0;
        if (at.edge || passes)
            continue;
        if (claims && at.actor == a)
            return unchanged(node, hops, n + 1) ? n + 1 : 0;
        at.edge = at.actor ? read_edge(at.actor) : 0;
    }
    return 0;
}

/* What others wait for is not on a tape, but what was found. */
static uint32_t taped(uint32_t n, akt_pid chain[AKT_CHAIN_MAX])
{
    if (!akt_input_rare(n > 0))
        return 0;
    n = (uint32_t)akt_input(n);
    for (uint32_t i = 0; i < n && i < AKT_CHAIN_MAX; i++)
        chain[i].bits = akt_input(chain[i].bits);
    return n < AKT_CHAIN_MAX ? n : AKT_CHAIN_MAX;
}

uint32_t akt_edge_publish_wait(struct akt_node *node, struct akt_actor *a,
                               const struct akt_edge_wait *w,
                               akt_pid chain[AKT_CHAIN_MAX])
{
    if (akt_pid_node(w->target) != AKT_PID_NODE_SELF)
        return 0; /* a circle over nodes ends by its deadlines */
    uint64_t edge = edge_of(w->target, w->ask) | (w->passes ? PASSES : 0);
    bool asked = w->request && akt_pid_node(w->asker) == AKT_PID_NODE_SELF;
    uint64_t own = asked ? wait_of(w->asker, w->request) : 0;
    if (own)
        put_side(&node->sides, own, wait_of(a->self, w->ask), edge);
    if (w->claims)
        atomic_store_explicit(&a->edge, edge, memory_order_seq_cst);
    struct hop first = {a, edge, w->claims ? 0 : own};
    return taped(walk(node, first, own, w->claims, chain), chain);
}

uint32_t akt_edge_publish(struct akt_node *node, struct akt_actor *a,
                          akt_pid target, uint64_t ask,
                          akt_pid chain[AKT_CHAIN_MAX])
{
    struct akt_edge_wait w = {.target = target, .ask = ask, .claims = true};
    return akt_edge_publish_wait(node, a, &w, chain);
}

void akt_edge_clear(struct akt_actor *a)
{
    /* relaxed: a walker that still sees it reads it again */
    atomic_store_explicit(&a->edge, 0, memory_order_relaxed);
}

/* Changes the asker's edge if it is this one. */
static void change(struct akt_node *node, akt_pid asker, uint64_t edge,
                   uint64_t to)
{
    struct akt_actor *a = akt_actor_slot(node->actors, asker);
    /* relaxed read: the common case is an asker with no edge, or ours */
    uint64_t now = a ? atomic_load_explicit(&a->edge, memory_order_relaxed) : 0;
    if (now && (now & ~PASSES) == edge)
        atomic_compare_exchange_strong_explicit(
            &a->edge, &now, to, memory_order_seq_cst, memory_order_relaxed);
}

void akt_edge_settle(struct akt_node *node, akt_pid asker, akt_pid target,
                     uint64_t ask)
{
    if (akt_pid_node(asker) != AKT_PID_NODE_SELF)
        return; /* its own node knows whom it waits for */
    change_side(&node->sides, wait_of(asker, ask), 0);
    change(node, asker, edge_of(target, ask), 0);
}

void akt_edge_move(struct akt_node *node, akt_pid asker, uint64_t ask,
                   akt_pid from, akt_pid to)
{
    if (akt_pid_node(to) != AKT_PID_NODE_SELF) {
        akt_edge_settle(node, asker, from, ask);
        return;
    }
    if (akt_pid_node(asker) != AKT_PID_NODE_SELF)
        return;
    change_side(&node->sides, wait_of(asker, ask), edge_of(to, ask));
    change(node, asker, edge_of(from, ask), edge_of(to, ask));
}

bool akt_edge_is(const struct akt_actor *a, akt_pid target)
{
    uint64_t edge = atomic_load_explicit(&a->edge, memory_order_relaxed);
    return edge && (edge >> SLOT_SHIFT) == akt_pid_slot(target);
}
