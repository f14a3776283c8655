/* SPDX-License-Identifier: MIT
 *
 * vm/base/heap.h: a heap of nodes that live in other structures, smallest key
 * first, with removal of any node in O(log n). Nodes with equal keys leave in
 * the order they came (`seq`), so that timers are fair.
 *
 * Each node has four children, whose keys stand in the array itself: of a
 * million timers, which fit into no cache, a step down reads one line.
 *
 * Ownership: the heap owns its array, never the nodes.
 */
#ifndef AKT_BASE_HEAP_H
#define AKT_BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct akt_heap_node {
    uint64_t key;
    uint64_t seq;
    uint32_t index; /* position + 1; 0: in no heap */
};

struct akt_heap_slot {
    uint64_t key;
    struct akt_heap_node *node;
};

struct akt_heap {
    struct akt_heap_slot *slots;
    uint32_t len;
    uint32_t cap;
    uint64_t seq;
};

void akt_heap_init(struct akt_heap *h);
void akt_heap_fini(struct akt_heap *h);
void akt_heap_push(struct akt_heap *h, struct akt_heap_node *n, uint64_t key);
void akt_heap_remove(struct akt_heap *h, struct akt_heap_node *n);

static inline struct akt_heap_node *akt_heap_first(const struct akt_heap *h)
{
    return h->len ? h->slots[0].node : (struct akt_heap_node *)0;
}

static inline bool akt_heap_has(const struct akt_heap_node *n)
{
    return n->index != 0;
}

#endif
