/* SPDX-License-Identifier: MIT */
#include "vm/base/heap.h"

#include <stddef.h>

#include "vm/base/alloc.h"

void akt_heap_init(struct akt_heap *h)
{
    *h = (struct akt_heap){0};
}

void akt_heap_fini(struct akt_heap *h)
{
    akt_free(h->nodes, h->cap * sizeof *h->nodes);
    akt_heap_init(h);
}

static bool before(const struct akt_heap_node *a, const struct akt_heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->seq < b->seq;
}

static void put(struct akt_heap *h, uint32_t i, struct akt_heap_node *n)
{
    h->nodes[i] = n;
    n->index = i + 1;
}

static void sift_up(struct akt_heap *h, uint32_t i, struct akt_heap_node *n)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / 2;
        if (!before(n, h->nodes[parent]))
            break;
        put(h, i, h->nodes[parent]);
        i = parent;
    }
    put(h, i, n);
}

static void sift_down(struct akt_heap *h, uint32_t i, struct akt_heap_node *n)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= h->len)
            break;
        if (child + 1 < h->len && before(h->nodes[child + 1], h->nodes[child]))
            child++;
        if (!before(h->nodes[child], n))
            break;
        put(h, i, h->nodes[child]);
        i = child;
    }
    put(h, i, n);
}

void akt_heap_push(struct akt_heap *h, struct akt_heap_node *n, uint64_t key)
{
    if (h->len == h->cap) {
        uint32_t cap = h->cap ? h->cap * 2 : 16;
        h->nodes = akt_resize(h->nodes, h->cap * sizeof *h->nodes,
                              cap * sizeof *h->nodes);
        h->cap = cap;
    }
    n->key = key;
    n->seq = h->seq++;
    sift_up(h, h->len++, n);
}

void akt_heap_remove(struct akt_heap *h, struct akt_heap_node *n)
{
    uint32_t i = n->index - 1;
    struct akt_heap_node *last = h->nodes[--h->len];
    n->index = 0;
    if (last == n)
        return;
    if (i > 0 && before(last, h->nodes[(i - 1) / 2]))
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}
