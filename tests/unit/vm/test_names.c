/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/names.h"

static akt_pid pid(uint32_t n)
{
    return akt_pid_make(1, n, 0);
}

START_TEST(a_name_belongs_to_the_first)
{
    struct akt_names *n = akt_names_create();
    ck_assert(akt_pid_is_none(akt_names_find(n, "db")));
    ck_assert(akt_names_put(n, "db", pid(1)));
    ck_assert(!akt_names_put(n, "db", pid(2)));
    ck_assert(!akt_names_put(n, "db", pid(1)));
    ck_assert(akt_pid_eq(akt_names_find(n, "db"), pid(1)));
    ck_assert(akt_pid_is_none(akt_names_find(n, "d")));
    akt_names_destroy(n);
}
END_TEST

START_TEST(only_its_owner_gives_it_up)
{
    struct akt_names *n = akt_names_create();
    akt_names_put(n, "db", pid(1));
    ck_assert(!akt_names_remove(n, "db", pid(2)));
    ck_assert(!akt_names_remove(n, "no", pid(1)));
    ck_assert(akt_names_remove(n, "db", pid(1)));
    ck_assert(!akt_names_remove(n, "db", pid(1)));
    ck_assert(akt_names_put(n, "db", pid(2)));
    ck_assert(akt_pid_eq(akt_names_find(n, "db"), pid(2)));
    akt_names_destroy(n);
}
END_TEST

START_TEST(many_names_are_found)
{
    int64_t before = akt_alloc_total();
    struct akt_names *n = akt_names_create();
    char name[32];
    for (uint32_t i = 1; i <= 5000; i++) {
        snprintf(name, sizeof name, "worker-%u", i);
        ck_assert(akt_names_put(n, name, pid(i)));
    }
    for (uint32_t i = 2; i <= 5000; i += 2) {
        snprintf(name, sizeof name, "worker-%u", i);
        ck_assert(akt_names_remove(n, name, pid(i)));
    }
    for (uint32_t i = 1; i <= 5000; i++) {
        snprintf(name, sizeof name, "worker-%u", i);
        akt_pid want = i % 2 ? pid(i) : AKT_PID_NONE;
        ck_assert(akt_pid_eq(akt_names_find(n, name), want));
    }
    akt_names_destroy(n);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

static void count(void *ctx, const char *name, akt_pid p)
{
    uint32_t *seen = ctx;
    ck_assert_int_eq(name[0], 'n');
    seen[akt_pid_slot(p)]++;
}

START_TEST(a_walk_meets_all_in_pieces)
{
    struct akt_names *n = akt_names_create();
    uint32_t seen[1001] = {0}, cursor = 0, pieces = 1;
    char name[16];
    for (uint32_t i = 1; i <= 1000; i++) {
        snprintf(name, sizeof name, "n%u", i);
        akt_names_put(n, name, pid(i));
    }
    while (akt_names_walk(n, &cursor, 64, count, seen))
        pieces++;
    ck_assert_uint_gt(pieces, 5);
    for (uint32_t i = 1; i <= 1000; i++)
        ck_assert_uint_eq(seen[i], 1);
    akt_names_destroy(n);
}
END_TEST

CHECK_MAIN("names", a_name_belongs_to_the_first, only_its_owner_gives_it_up,
           many_names_are_found, a_walk_meets_all_in_pieces)
