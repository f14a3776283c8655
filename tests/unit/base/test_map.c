/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/map.h"
#include "vm/base/random.h"

START_TEST(puts_gets_and_removes)
{
    struct akt_map m;
    uint64_t value = 0;
    akt_map_init(&m);
    ck_assert(!akt_map_get(&m, 5, &value));
    ck_assert(!akt_map_remove(&m, 5));
    ck_assert(akt_map_put(&m, 5, 50));
    ck_assert(!akt_map_put(&m, 5, 51));
    ck_assert(akt_map_get(&m, 5, &value));
    ck_assert_uint_eq(value, 51);
    ck_assert(akt_map_get(&m, 5, NULL));
    ck_assert_uint_eq(m.len, 1);
    ck_assert(akt_map_remove(&m, 5));
    ck_assert(!akt_map_remove(&m, 5));
    ck_assert(!akt_map_get(&m, 5, &value));
    ck_assert_uint_eq(m.len, 0);
    akt_map_fini(&m);
}
END_TEST

/* Against an array, with keys that meet again and again. */
START_TEST(does_what_an_array_does)
{
    enum { KEYS = 300 };
    uint64_t want[KEYS + 1];
    bool there[KEYS + 1];
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct akt_random r;
        struct akt_map m;
        uint32_t len = 0;
        akt_random_seed(&r, seed);
        akt_map_init(&m);
        memset(there, 0, sizeof there);
        for (int i = 0; i < 20000; i++) {
            uint64_t key = 1 + akt_random_below(&r, KEYS);
            uint64_t spread = key << (seed % 3 * 22); /* like pids, like refs */
            if (akt_random_below(&r, 5) < 3) {
                ck_assert(akt_map_put(&m, spread, (uint64_t)i) == !there[key]);
                len += !there[key];
                there[key] = true;
                want[key] = (uint64_t)i;
            } else {
                ck_assert(akt_map_remove(&m, spread) == there[key]);
                len -= there[key];
                there[key] = false;
            }
            ck_assert_uint_eq(m.len, len);
            ck_assert_uint_le(m.used * 4, m.cap * 3);
        }
        for (uint64_t key = 1; key <= KEYS; key++) {
            uint64_t value = 0;
            ck_assert(akt_map_get(&m, key << (seed % 3 * 22), &value) ==
                      there[key]);
            if (there[key])
                ck_assert_uint_eq(value, want[key]);
        }
        /* 300 keys never need more than this */
        ck_assert_uint_le(m.cap, 1024);
        akt_map_fini(&m);
    }
}
END_TEST

START_TEST(a_walk_may_remove_what_it_visits)
{
    struct akt_map m;
    akt_map_init(&m);
    uint64_t sum = 0, seen = 0;
    for (uint64_t key = 1; key <= 1000; key++) {
        akt_map_put(&m, key * 7919, key);
        sum += key;
    }
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&m, &cursor))) {
        seen += e->value;
        ck_assert(akt_map_remove(&m, e->key));
    }
    ck_assert_uint_eq(seen, sum);
    ck_assert_uint_eq(m.len, 0);
    cursor = 0;
    ck_assert_ptr_null(akt_map_next(&m, &cursor));
    akt_map_fini(&m);
}
END_TEST

START_TEST(fini_gives_all_back)
{
    int64_t before = akt_alloc_total();
    struct akt_map m;
    akt_map_init(&m);
    for (uint64_t key = 1; key <= 5000; key++)
        akt_map_put(&m, key, key);
    akt_map_fini(&m);
    ck_assert_int_eq(akt_alloc_total(), before);
    akt_map_fini(&m); /* and may be called on an empty one */
}
END_TEST

CHECK_MAIN("map", puts_gets_and_removes, does_what_an_array_does,
           a_walk_may_remove_what_it_visits, fini_gives_all_back)
