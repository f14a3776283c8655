/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/gates.h"
#include "vm/metrics.h"

#define S 1000000000ull

static struct akt_metrics *metrics;
static struct akt_gates *g;
static int64_t before;

static void setup(void)
{
    before = akt_alloc_total();
    metrics = akt_metrics_create(1);
    g = akt_gates_create(metrics);
}

static void teardown(void)
{
    akt_gates_destroy(g);
    akt_metrics_destroy(metrics);
    ck_assert_int_eq(akt_alloc_total(), before);
}

static struct akt_gate_spec spec_of(const char *name)
{
    return (struct akt_gate_spec){.type = AKT_GATE_BREAKER,
                                  .name = name,
                                  .breaker = {.failures = 0.5,
                                              .calls = 1,
                                              .half_open = 1,
                                              .window_ns = S,
                                              .open_ns = S},
                                  .limiter = {10, 10}};
}

static uint64_t open_gate(const struct akt_gate_spec *spec)
{
    uint64_t id = 0;
    ck_assert_int_eq(akt_gates_open(g, spec, S, &id), AKT_GATE_OK);
    return id;
}

static bool is_there(uint64_t id)
{
    struct akt_gate *gate = akt_gate_hold(g, id, AKT_GATE_BREAKER);
    if (gate)
        akt_gate_release(gate);
    return gate;
}

START_TEST(a_number_finds_its_gate)
{
    setup();
    struct akt_gate_spec spec = spec_of(NULL);
    uint64_t a = open_gate(&spec), b = open_gate(&spec);
    ck_assert_uint_ne(a, b);
    ck_assert(a >> 63);
    ck_assert(is_there(a) && is_there(b));
    ck_assert_ptr_null(akt_gate_hold(g, a, AKT_GATE_LIMITER));
    ck_assert(!is_there(0) && !is_there(UINT64_MAX) && !is_there(a + 64));
    teardown();
}
END_TEST

START_TEST(a_number_is_not_used_again)
{
    setup();
    struct akt_gate_spec spec = spec_of(NULL);
    uint64_t old = open_gate(&spec);
    akt_gates_end(g, old);
    for (int i = 0; i < 1000; i++) {
        uint64_t id = open_gate(&spec);
        ck_assert(!is_there(old));
        ck_assert(is_there(id));
        akt_gates_end(g, id);
    }
    teardown();
}
END_TEST

START_TEST(those_of_an_actor_end_together)
{
    setup();
    struct akt_gate_spec spec = spec_of(NULL);
    uint64_t ids[3];
    for (int i = 0; i < 3; i++)
        spec.next_owned = ids[i] = open_gate(&spec);
    spec.next_owned = 0;
    uint64_t other = open_gate(&spec);
    akt_gates_end(g, ids[2]);
    for (int i = 0; i < 3; i++)
        ck_assert(!is_there(ids[i]));
    ck_assert(is_there(other));
    teardown();
}
END_TEST

START_TEST(a_name_finds_it_again)
{
    setup();
    struct akt_gate_spec spec = spec_of("db");
    uint64_t id = open_gate(&spec), other;
    ck_assert_uint_eq(open_gate(&spec), id);
    spec.breaker.calls = 7;
    ck_assert_int_eq(akt_gates_open(g, &spec, S, &other), AKT_GATE_OTHER);
    spec.only_name = true;
    ck_assert_uint_eq(open_gate(&spec), id);
    spec.type = AKT_GATE_LIMITER; /* another world */
    spec.only_name = false;
    ck_assert_uint_ne(open_gate(&spec), id);
    teardown();
}
END_TEST

START_TEST(there_is_an_end_to_them)
{
    setup();
    struct akt_gate_spec spec = spec_of(NULL);
    uint64_t last = 0;
    for (uint32_t i = 0; i < AKT_GATES_MAX; i++)
        last = open_gate(&spec);
    uint64_t id;
    ck_assert_int_eq(akt_gates_open(g, &spec, S, &id), AKT_GATE_FULL);
    akt_gates_end(g, last);
    ck_assert_uint_ne(open_gate(&spec), last);
    teardown();
}
END_TEST

static int freed;

static void count_freed(void *p)
{
    (void)p;
    freed++;
}

START_TEST(what_is_kept_with_it_is_freed_with_it)
{
    setup();
    struct akt_gate_spec spec = spec_of(NULL);
    uint64_t id = open_gate(&spec);
    struct akt_gate_data data = {&freed, count_freed};
    struct akt_gate *gate = akt_gate_hold(g, id, AKT_GATE_BREAKER);
    akt_gate_keep(gate, data);
    akt_gate_keep(gate, data);
    akt_gate_release(gate);
    ck_assert_int_eq(freed, 1);
    akt_gates_end(g, id);
    ck_assert_int_eq(freed, 2);
    teardown();
}
END_TEST

CHECK_MAIN("gates", a_number_finds_its_gate, a_number_is_not_used_again,
           those_of_an_actor_end_together, a_name_finds_it_again,
           there_is_an_end_to_them, what_is_kept_with_it_is_freed_with_it)
