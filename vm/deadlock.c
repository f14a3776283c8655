/* SPDX-License-Identifier: MIT */
#include "vm/deadlock.h"

#define SEQ_BITS 38
#define SEQ_MASK ((1ull << SEQ_BITS) - 1)

static uint64_t edge_of(akt_pid target, uint64_t ask)
{
    /* the serial part of a pending's id stands above its index bits */
    return (uint64_t)akt_pid_slot(target) << SEQ_BITS |
           ((ask >> 24) & SEQ_MASK);
}

static uint64_t read_edge(const struct akt_actor *a)
{
    /* seq_cst: pairs with the store in publish; of two waiters that close a
     * circle at once, one sees the other's edge */
    return atomic_load_explicit(&a->edge, memory_order_seq_cst);
}

struct hop {
    struct akt_actor *actor;
    uint64_t edge;
};

static bool unchanged(const struct hop *hops, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (read_edge(hops[i].actor) != hops[i].edge)
            return false;
    return true;
}

static struct akt_actor *follow(struct akt_node *node, uint64_t edge)
{
    uint32_t slot = (uint32_t)(edge >> SEQ_BITS);
    return akt_actor_slot(node->actors,
                          akt_pid_make(AKT_PID_NODE_SELF, slot, 0));
}

uint32_t akt_edge_publish(struct akt_node *node, struct akt_actor *a,
                          akt_pid target, uint64_t ask,
                          akt_pid chain[AKT_CHAIN_MAX])
{
    struct hop hops[AKT_CHAIN_MAX];
    uint64_t edge = edge_of(target, ask);
    atomic_store_explicit(&a->edge, edge, memory_order_seq_cst);
    struct akt_actor *at = a;
    for (uint32_t n = 0; n < AKT_CHAIN_MAX && at && edge; n++) {
        hops[n] = (struct hop){at, edge};
        chain[n].bits = atomic_load_explicit(&at->pid, memory_order_relaxed);
        at = follow(node, edge);
        if (at == a)
            return unchanged(hops, n + 1) ? n + 1 : 0;
        edge = at ? read_edge(at) : 0;
    }
    return 0;
}

uint32_t akt_edge_closes(struct akt_node *node, struct akt_actor *a,
                         akt_pid target, akt_pid chain[AKT_CHAIN_MAX])
{
    struct hop hops[AKT_CHAIN_MAX];
    struct akt_actor *at = akt_actor_slot(node->actors, target);
    chain[0] = a->self;
    for (uint32_t n = 1; n < AKT_CHAIN_MAX && at; n++) {
        uint64_t edge = read_edge(at);
        chain[n].bits = atomic_load_explicit(&at->pid, memory_order_relaxed);
        hops[n - 1] = (struct hop){at, edge};
        for (const struct akt_msg *m = a->current; m && edge; m = m->next)
            if (m->ask && edge == edge_of(a->self, m->ask))
                return unchanged(hops, n) ? n + 1 : 0;
        at = edge ? follow(node, edge) : NULL;
    }
    return 0;
}

void akt_edge_clear(struct akt_actor *a)
{
    /* relaxed: a walker that still sees it reads it again */
    atomic_store_explicit(&a->edge, 0, memory_order_relaxed);
}

void akt_edge_settle(struct akt_node *node, akt_pid asker, akt_pid target,
                     uint64_t ask)
{
    struct akt_actor *a = akt_actor_slot(node->actors, asker);
    uint64_t edge = edge_of(target, ask);
    /* relaxed read: the common case is an asker with no edge, or ours */
    if (a && atomic_load_explicit(&a->edge, memory_order_relaxed) == edge)
        atomic_compare_exchange_strong_explicit(
            &a->edge, &edge, 0, memory_order_seq_cst, memory_order_relaxed);
}

void akt_edge_move(struct akt_node *node, akt_pid asker, uint64_t ask,
                   akt_pid from, akt_pid to)
{
    struct akt_actor *a = akt_actor_slot(node->actors, asker);
    uint64_t edge = edge_of(from, ask);
    if (a)
        atomic_compare_exchange_strong_explicit(
            &a->edge, &edge, edge_of(to, ask), memory_order_seq_cst,
            memory_order_relaxed);
}

bool akt_edge_is(const struct akt_actor *a, akt_pid target)
{
    uint64_t edge = atomic_load_explicit(&a->edge, memory_order_relaxed);
    return edge && (edge >> SEQ_BITS) == akt_pid_slot(target);
}
