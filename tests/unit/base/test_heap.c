/* SPDX-License-Identifier: MIT */
#include "vm/base/heap.h"

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"

#define MANY 1000

/* Every node knows its place, and no parent is behind its child. */
static void verify(const struct akt_heap *h)
{
    for (uint32_t i = 0; i < h->len; i++) {
        const struct akt_heap_node *n = h->slots[i].node;
        const struct akt_heap_node *parent = h->slots[(i - (i > 0)) / 4].node;
        ck_assert(n->index == i + 1 && n->key == h->slots[i].key);
        ck_assert(parent->key < n->key ||
                  (parent->key == n->key && parent->seq <= n->seq));
    }
}

static struct akt_heap_node *pop(struct akt_heap *h)
{
    struct akt_heap_node *n = akt_heap_first(h);
    akt_heap_remove(h, n);
    verify(h);
    return n;
}

START_TEST(empty_has_no_first)
{
    struct akt_heap h;
    akt_heap_init(&h);
    ck_assert_ptr_null(akt_heap_first(&h));
    akt_heap_fini(&h);
}
END_TEST

START_TEST(smallest_key_first)
{
    static const uint64_t keys[] = {5, 1, UINT64_MAX, 0, 3};
    static const uint64_t sorted[] = {0, 1, 3, 5, UINT64_MAX};
    struct akt_heap_node nodes[5] = {0};
    struct akt_heap h;
    akt_heap_init(&h);
    for (int i = 0; i < 5; i++)
        akt_heap_push(&h, &nodes[i], keys[i]);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(pop(&h)->key, sorted[i]);
    ck_assert_ptr_null(akt_heap_first(&h));
    akt_heap_fini(&h);
}
END_TEST

START_TEST(equal_keys_leave_in_the_order_they_came)
{
    struct akt_heap_node nodes[MANY] = {0};
    struct akt_heap h;
    akt_heap_init(&h);
    for (int i = 0; i < MANY; i++)
        akt_heap_push(&h, &nodes[i], 7);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(pop(&h), &nodes[i]);
    akt_heap_fini(&h);
}
END_TEST

START_TEST(a_node_knows_whether_it_is_in_a_heap)
{
    struct akt_heap_node a = {0}, b = {0};
    struct akt_heap h;
    akt_heap_init(&h);
    ck_assert(!akt_heap_has(&a));
    akt_heap_push(&h, &a, 1);
    akt_heap_push(&h, &b, 2);
    ck_assert(akt_heap_has(&a) && akt_heap_has(&b));
    akt_heap_remove(&h, &a);
    ck_assert(!akt_heap_has(&a) && akt_heap_has(&b));
    akt_heap_push(&h, &a, 3);
    ck_assert_ptr_eq(pop(&h), &b);
    ck_assert_ptr_eq(pop(&h), &a);
    akt_heap_fini(&h);
}
END_TEST

/* Random pushes and removals of any node; the rest comes out in order. */
START_TEST(any_node_can_be_removed)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct akt_heap_node nodes[MANY] = {0};
        struct akt_random r;
        struct akt_heap h;
        akt_random_seed(&r, seed);
        akt_heap_init(&h);
        for (int i = 0; i < 5 * MANY; i++) {
            struct akt_heap_node *n = &nodes[akt_random_below(&r, MANY)];
            if (akt_heap_has(n))
                akt_heap_remove(&h, n);
            else
                akt_heap_push(&h, n, akt_random_below(&r, 100));
        }
        verify(&h);
        uint64_t key = 0, seq = 0;
        while (akt_heap_first(&h)) {
            struct akt_heap_node *n = akt_heap_first(&h);
            akt_heap_remove(&h, n);
            ck_assert_msg(key < n->key || (key == n->key && seq <= n->seq),
                          "out of order with seed %u", (unsigned)seed);
            key = n->key;
            seq = n->seq;
        }
        for (int i = 0; i < MANY; i++)
            ck_assert(!akt_heap_has(&nodes[i]));
        akt_heap_fini(&h);
    }
}
END_TEST

START_TEST(fini_gives_all_memory_back)
{
    int64_t before = akt_alloc_total();
    struct akt_heap_node nodes[MANY] = {0};
    struct akt_heap h;
    akt_heap_init(&h);
    for (int i = 0; i < MANY; i++)
        akt_heap_push(&h, &nodes[i], (uint64_t)i);
    akt_heap_fini(&h);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

CHECK_MAIN("heap", empty_has_no_first, smallest_key_first,
           equal_keys_leave_in_the_order_they_came,
           a_node_knows_whether_it_is_in_a_heap, any_node_can_be_removed,
           fini_gives_all_memory_back)
