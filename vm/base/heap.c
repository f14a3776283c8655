/* SPDX-License-Identifier: MIT */
#include "vm/base/heap.h"

#include <stddef.h>

#include "vm/base/alloc.h"

#define WAYS 4

void akt_heap_init(struct akt_heap *h)
{
    *h = (struct akt_heap){0};
}

void akt_heap_fini(struct akt_heap *h)
{
    akt_free(h->slots, h->cap * sizeof *h->slots);
    akt_heap_init(h);
}

static bool before(struct akt_heap_slot a, struct akt_heap_slot b)
{
    return a.key != b.key ? a.key < b.key : a.node->seq < b.node->seq;
}

static void put(struct akt_heap *h, uint32_t i, struct akt_heap_slot s)
{
    h->slots[i] = s;
    s.node->index = i + 1;
}

static void sift_up(struct akt_heap *h, uint32_t i, struct akt_heap_slot s)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / WAYS;
        if (!before(s, h->slots[parent]))
            break;
        put(h, i, h->slots[parent]);
        i = parent;
    }
    put(h, i, s);
}

static uint32_t first_child(const struct akt_heap *h, uint32_t i)
{
    uint32_t best = WAYS * i + 1;
    uint32_t end = h->len - best < WAYS ? h->len : best + WAYS;
    for (uint32_t child = best + 1; child < end; child++)
        if (before(h->slots[child], h->slots[best]))
            best = child;
    return best;
}

static void sift_down(struct akt_heap *h, uint32_t i, struct akt_heap_slot s)
{
    while (WAYS * (uint64_t)i + 1 < h->len) {
        uint32_t child = first_child(h, i);
        if (!before(h->slots[child], s))
            break;
        put(h, i, h->slots[child]);
        i = child;
    }
    put(h, i, s);
}

void akt_heap_push(struct akt_heap *h, struct akt_heap_node *n, uint64_t key)
{
    if (h->len == h->cap) {
        uint32_t cap = h->cap ? h->cap * 2 : 16;
        h->slots = akt_resize(h->slots, h->cap * sizeof *h->slots,
                              cap * sizeof *h->slots);
        h->cap = cap;
    }
    n->key = key;
    n->seq = h->seq++;
    sift_up(h, h->len++, (struct akt_heap_slot){key, n});
}

void akt_heap_remove(struct akt_heap *h, struct akt_heap_node *n)
{
    uint32_t i = n->index - 1;
    struct akt_heap_slot last = h->slots[--h->len];
    n->index = 0;
    if (last.node == n)
        return;
    if (i > 0 && before(last, h->slots[(i - 1) / WAYS]))
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}
